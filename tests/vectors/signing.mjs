// Writes signing.json: for each customer, the signing input as each language's library spells it, and
// the signature that Node's own HMAC makes of it. `node signing.mjs` gives the same file each time.

import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";

/** The moment at which the tokens are judged; they expire an hour later. In seconds. */
const NOW = 1_700_000_000;

/** Public: never use it elsewhere. */
const SECRET = `elq_${"S".repeat(43)}`;

const customer = (title, changes = {}) => ({
  title,
  customer: { id: "cust_ada", email: "ada@okafor.example", name: "Ada Okafor", plan: "Enterprise", ...changes },
});

const CUSTOMERS = [
  customer("as most are"),
  customer("an id of digits stays a string", { id: "42" }),
  customer("an id that nobody may trim, fold or compose", { id: " CUST u\u0308nder/1 " }),
  customer("quotes, backslashes and markup", { name: `Robert "Bob" O'Neill \\ </script> & {"role":"admin"}` }),
  customer("what a form escapes", { name: "a+b=c&d%20e;f", email: "ada+shop@okafor.example" }),
  customer("letters beyond ASCII", { name: "Zoë Łukasz Müller 名前 مرحبا", plan: "Équipe" }),
  customer("emoji, joined ones too", { name: "👩🏽‍💻 Grace 🎉 e\u0301" }),
  customer("control characters and line separators", { name: "tab\tline\nreturn\r\u0001\u007f\u2028\u2029end" }),
  customer("an empty plan", { plan: "" }),
  customer("a very long name", { name: "Ann Example ".repeat(150).trim() }),
];

const EXP = NOW + 3600;
const HEADER = '{"alg":"HS256","typ":"JWT"}';
const json = JSON.stringify;
const hex = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
const ascii = (text, from = "\u007f") => text.replace(new RegExp(`[${from}-\uffff]`, "g"), hex);
const claims = ({ id, email, name, plan }) => ({ user_id: id, email, name, plan });
const sorted = (members) => Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Header and payload as the example of the language has them written. */
const LANGUAGES = {
  node: (user) => [HEADER, json({ ...claims(user), iat: NOW, exp: EXP })],
  python: (user) => [HEADER, ascii(json({ ...claims(user), exp: EXP }))],
  ruby: (user) => ['{"alg":"HS256"}', json({ ...claims(user), exp: EXP })],
  php: (user) => [HEADER, ascii(json({ ...claims(user), exp: EXP }), "\u0080").replaceAll("/", "\\/")],
  go: (user) => [HEADER, json(sorted({ ...claims(user), exp: EXP })).replace(/[<>&\u2028\u2029]/g, hex)],
  java: (user) => [HEADER, ascii(json({ ...claims(user), exp: EXP })).replace(/\\([tnr"\\])/g, (_, char) =>
    hex({ t: "\t", n: "\n", r: "\r" }[char] ?? char))],
  csharp: (user) => [HEADER, json({ exp: EXP, ...claims(user), iat: NOW, nbf: NOW })],
  rust: (user) => ['{"typ":"JWT","alg":"HS256"}', json(sorted({ ...claims(user), exp: EXP }))],
};

const encode = (text) => Buffer.from(text).toString("base64url");

const vectors = Object.entries(LANGUAGES).flatMap(([language, spell]) =>
  CUSTOMERS.map(({ title, customer }) => {
    const signing_input = spell(customer).map(encode).join(".");
    const signature = createHmac("sha256", SECRET).update(signing_input).digest("base64url");
    return { language, customer: title, signing_input, signature };
  }),
);

const file = { now: NOW, secret: SECRET, customers: CUSTOMERS, vectors };
writeFileSync(new URL("signing.json", import.meta.url), `${JSON.stringify(file, null, 1)}\n`);
