// Writes the golden vectors: `npm install && npm run generate`. See README.md.

import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

import {
  CLAIMS, FOREIGN, HEADER, KEY, NOW, REVOKED, SECOND,
  byJose, byJsonwebtoken, byKeyPair, claims, encode, header, mac, mint, rawClaim,
} from "./mint.mjs";

/** What the usual token proves. */
const IDENTITY = {
  user_id: "42", email: "ada@example.com", claims: { plan: '"pro"' }, key: KEY.id, issued_at: NOW - 60, expires_at: NOW + 3600,
};

/** What a token proves that has a user_id and nothing else. */
const BARE = { email: null, claims: {}, issued_at: null, expires_at: null };

const refused = (code) => (name, source, token, extra = {}) => ({ name, source, token, ...extra, expect: { code } });
const identified = (name, source, token, changes = {}, extra = {}) => ({
  name, source, token, ...extra, expect: { identity: { ...IDENTITY, ...changes } },
});

const malformed = refused("token_malformed");
const algorithm = refused("alg_not_allowed");
const forged = refused("signature_invalid");
const revoked = refused("key_revoked");
const invalid = refused("claims_invalid");
const expired = refused("token_expired");
const early = refused("token_not_yet_valid");
const long = refused("lifetime_too_long");

/** Sources of what no specification says: rules of this product (its documentation's chapter on identity). */
const OWN = {
  order: "own rule: the order of the checks",
  revocation: "own rule: a revoked key identifies nobody",
  rotation: "own rule: several keys are active at once",
  enabled: "own rule: the switch of company and agent",
  lifetime: "own rule: the longest lifetime of a token",
  userId: "own rule: user_id",
  email: "own rule: email",
  claims: "own rule: the claims of a profile",
};
/** The secret is the HMAC's key as it is shown, in UTF-8. */
const KEY_BYTES = "RFC 7518 §3.2";

const GOOD = mint();
const [head, body, signature] = GOOD.split(".");
/** Signs these two parts, whatever they are. */
const seal = (first, second) => `${first}.${second}.${encode(mac(`${first}.${second}`))}`;
const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
const sized = (length) => {
  // Three bytes of payload are four of the token; the header takes what is missing to a multiple of four.
  for (const pad of ["", "x", "xx", "xxx"]) {
    const size = (count) => mint({ ...CLAIMS, pad: "x".repeat(count) }, { ...HEADER, pad });
    let count = Math.floor(((length - 400) * 3) / 4);
    while (size(count).length < length) count += 1;
    if (size(count).length === length) return size(count);
  }
  throw new Error(`no token of ${length} bytes`);
};
/** The last character with one of the bits set that carry nothing. */
const trailingBit = (part) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (part.length % 4 === 0) throw new Error("no spare bits");
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) | 1];
};
/** White space before the object, so that its encoding has spare bits. */
const spare = (text) => encode([text, ` ${text}`].find((candidate) => Buffer.byteLength(candidate) % 3));
const spareHead = spare(JSON.stringify(HEADER));
const spareBody = spare(JSON.stringify(CLAIMS));

const form = [
  refused("token_missing")("empty", "RFC 7519 §7.2", ""),
  refused("token_too_large")("8,193 bytes", "RFC 8725 §3.11", sized(8193)),
  ...[
    ["no dot", "RFC 7519 §7.2", head + body + signature],
    ["two parts", "RFC 7515 §7.1", `${head}.${body}`],
    ["four parts", "RFC 7515 §7.1", `${GOOD}.${signature}`],
    ["five parts, as a JWE", "RFC 7516 §7.1", `${head}.${body}.${signature}.${body}.${signature}`],
    ["only dots", "CVE-2025-30204", ".".repeat(8000)],
    ["two dots", "RFC 7515 §7.1", ".."],
    ["leading dot", "RFC 7515 §7.1", `.${GOOD}`],
    ["trailing dot", "RFC 7515 §7.1", `${GOOD}.`],
    ["empty header", "RFC 7515 §7.1", seal("", body)],
    ["empty payload (detached content)", "RFC 7515 appendix F", seal(head, "")],
    ["empty signature", "CVE-2020-28042", `${head}.${body}.`],
    ["text", "RFC 7519 §7.2", "[object Object]"],
    ["JSON text in quotes", "RFC 7519 §7.2", `"${GOOD}"`],
    ["Bearer before it", "RFC 6750 §2.1", `Bearer ${GOOD}`],
    ["a space before it", "RFC 7515 §2", ` ${GOOD}`],
    ["a line feed after it", "RFC 7515 §2", `${GOOD}\n`],
    ["a tab within it", "RFC 7515 §2", `${head}.\t${body}.${signature}`],
    ["a byte order mark before it", "RFC 7515 §2", `\ufeff${GOOD}`],
    ["a no-break space after it", "RFC 7515 §2", `${GOOD}\u00a0`],
    ["two tokens with a comma between", "RFC 9110 §5.3", `${GOOD},${GOOD}`],
    ["an unencoded header, also signed", "RFC 7515 §7.1", seal(JSON.stringify(HEADER), body)],
    ["a null character after it", "RFC 7515 §2", `${GOOD}\0`],
    ["a line break in a part, also signed", "RFC 7515 §2", seal(head, `${body.slice(0, 8)}\r\n${body.slice(8)}`)],
    ["padding after the signature", "RFC 7515 §2", `${GOOD}=`],
    ["padding after header and payload, also signed", "RFC 7515 §2", seal(`${spareHead}=`, `${spareBody}=`)],
    ["standard alphabet, also signed", "RFC 7515 §2", seal(head, encode('{"user_id":"42","a":"ÿÿ>>>???"}').replaceAll("-", "+").replaceAll("_", "/"))],
    ["standard alphabet in the signature", "RFC 7515 §2", (() => {
      for (let count = 0; ; count += 1) {
        const token = claims({ count });
        const [, , last] = token.split(".");
        if (/[-_]/.test(last)) return token.slice(0, -last.length) + last.replaceAll("-", "+").replaceAll("_", "/");
      }
    })()],
    ["percent encoding", "RFC 7515 §2", GOOD.replaceAll(".", "%2E")],
    ["fullwidth letters", "RFC 7515 §2", `${head.replace("e", "ｅ")}.${body}.${signature}`],
    ["trailing bits set in the signature", "RFC 4648 §3.5", `${head}.${body}.${trailingBit(signature)}`],
    ["trailing bits set in the header, also signed", "RFC 4648 §3.5", seal(trailingBit(spareHead), body)],
    ["trailing bits set in the payload, also signed", "RFC 4648 §3.5", seal(head, trailingBit(spareBody))],
    ["a part of 4n+1 characters, also signed", "RFC 4648 §4", seal(head, `${encode('{"a":12}  ').slice(0, 12)}A`)],
    ["JSON serialization, flattened", "RFC 7515 §7.2.2, rfc8725bis §3.14", JSON.stringify({ protected: head, payload: body, signature })],
    ["JSON serialization, general", "RFC 7515 §7.2.1, rfc8725bis §3.14", JSON.stringify({ payload: body, signatures: [{ protected: head, signature }] })],
    ["JSON and compact form in one", "CVE-2022-39227, rfc8725bis §3.14", `{"  ${head}.${encode('{"user_id":"1"}')}.":"","protected":"${head}","payload":"${body}","signature":"${signature}"}`],
  ].map((row) => malformed(...row)),
  ...[
    ["header is an array", "RFC 7515 §4", '["HS256"]'],
    ["header is a string", "RFC 7515 §4", '"HS256"'],
    ["header is null", "RFC 7515 §4", "null"],
    ["header is no JSON", "RFC 7515 §4", "{alg:HS256}"],
    ["header has a second object", "RFC 8259 §2", '{"alg":"HS256"}{}'],
    ["header has alg twice", "RFC 7515 §4", '{"alg":"none","alg":"HS256"}'],
    ["header has alg twice, once escaped", "RFC 7515 §4", '{"alg":"HS256","\\u0061lg":"none"}'],
    ["header has a duplicate in a nested object", "RFC 7515 §4", '{"alg":"HS256","x":{"a":1,"a":2}}'],
    ["header is not UTF-8", "RFC 7515 §4", Buffer.from('{"alg":"HS256","x":"\xff"}', "latin1")],
    ["header has a byte order mark", "RFC 8259 §8.1", `\ufeff${JSON.stringify(HEADER)}`],
    ["header has a lone surrogate", "RFC 8259 §8.2", '{"alg":"HS256","x":"\\ud800"}'],
    ["header is too deep", "RFC 8259 §9", `{"alg":"HS256","x":${nested(1000)}}`],
  ].map(([name, source, text]) => malformed(name, source, mint(CLAIMS, text))),
  ...[
    ["payload is an array", "RFC 7519 §7.2", '[{"user_id":"42"}]'],
    ["payload is JSON text of JSON", "RFC 7519 §7.2", JSON.stringify(JSON.stringify(CLAIMS))],
    ["payload is null", "RFC 7519 §7.2", "null"],
    ["payload is text", "RFC 7519 §7.2", "user_id=42"],
    ["payload is a nested JWT", "RFC 7519 §5.2", GOOD],
    ["payload is empty text", "RFC 7519 §7.2", " "],
    ["payload is compressed", "RFC 7516 §4.1.3", deflateRawSync(JSON.stringify(CLAIMS))],
    ["payload has user_id twice", "RFC 7519 §4", '{"user_id":"42","user_id":"1"}'],
    ["payload has user_id twice, once escaped", "RFC 7519 §4", '{"user_id":"42","user\\u005fid":"1"}'],
    ["payload has a duplicate in an array", "RFC 7519 §4", '{"user_id":"42","a":[{"b":1,"b":1}]}'],
    ["payload is not UTF-8", "RFC 7519 §7.2", Buffer.from('{"user_id":"M\xfcller"}', "latin1")],
    ["payload has surrogates in UTF-8", "RFC 3629 §3", Buffer.from('{"user_id":"\xed\xa0\x80"}', "latin1")],
    ["payload has an overlong encoding", "RFC 3629 §3", Buffer.from('{"user_id":"\xc0\xb1"}', "latin1")],
    ["user_id is a lone high surrogate", "RFC 8259 §8.2", '{"user_id":"\\ud83d"}'],
    ["user_id is a lone low surrogate", "RFC 8259 §8.2", '{"user_id":"a\\ude00"}'],
    ["a claim's name is a lone surrogate", "RFC 8259 §8.2", '{"user_id":"42","\\udfff":1}'],
    ["payload is too deep by one", "RFC 8259 §9", `{"user_id":"42","x":${nested(32)}}`],
    ["payload is arrays to the limit", "RFC 8259 §9", `{"user_id":"42","x":${nested(2900)}}`],
    ["payload is brackets that never close", "RFC 8259 §9", `{"user_id":"42","x":${"[".repeat(5900)}`],
    ["payload is objects to the limit", "RFC 8259 §9", `{"a":`.repeat(980) + "1" + "}".repeat(980)],
    ["a number in hexadecimal", "RFC 8259 §6", '{"user_id":"42","exp":0x6553f100}'],
    ["a number that begins with a plus", "RFC 8259 §6", '{"user_id":"42","exp":+1}'],
    ["a string in single quotes", "RFC 8259 §7", "{'user_id':'42'}"],
    ["an unknown escape", "RFC 8259 §7", '{"user_id":"4\\x32"}'],
    ["an escape cut short", "RFC 8259 §7", '{"user_id":"42","a":"\\u00"}'],
    ["a high surrogate before an ordinary escape", "RFC 8259 §8.2", '{"user_id":"42","a":"\\ud83d\\n"}'],
    ["two high surrogates", "RFC 8259 §8.2", '{"user_id":"42","a":"\\ud83d\\ud83d"}'],
    ["a character beyond Unicode", "RFC 3629 §3", Buffer.from('{"user_id":"\xf4\x90\x80\x80"}', "latin1")],
    ["text after the object", "RFC 8259 §2", '{"user_id":"42"}x'],
    ["NaN", "RFC 8259 §6", '{"user_id":"42","exp":NaN}'],
    ["Infinity", "RFC 8259 §6", '{"user_id":"42","exp":Infinity}'],
    ["a leading zero", "RFC 8259 §6", '{"user_id":"42","exp":01}'],
    ["a trailing comma", "RFC 8259 §4", '{"user_id":"42",}'],
    ["a comment", "RFC 8259 §2", '{"user_id":"42"/**/}'],
    ["a control character in a string", "RFC 8259 §7", '{"user_id":"4\n2"}'],
  ].map(([name, source, text]) => malformed(name, source, mint(text))),
  ...[["exp"], ["b64"], [], null, "exp", false, {}].map((crit) =>
    malformed(`crit is ${JSON.stringify(crit)}`, "RFC 7515 §4.1.11, RFC 8725 §3.10", header({ crit, exp: NOW + 3600 })),
  ),
  malformed("b64 is false and critical, the payload unencoded", "RFC 7797 §6", (() => {
    const first = encode(JSON.stringify({ ...HEADER, b64: false, crit: ["b64"] }));
    const text = JSON.stringify(CLAIMS);
    return `${first}.${text}.${encode(mac(`${first}.${text}`))}`;
  })()),
  malformed("payload is compressed, and zip says so", "RFC 7516 §4.1.3, CVE-2024-33664", mint(deflateRawSync(JSON.stringify(CLAIMS)), { ...HEADER, zip: "DEF" })),
  malformed("b64 is false and not critical, the payload unencoded", "RFC 7797 §6", (() => {
    const first = encode(JSON.stringify({ ...HEADER, b64: false }));
    const text = JSON.stringify(CLAIMS);
    return `${first}.${text}.${encode(mac(`${first}.${text}`))}`;
  })()),
  malformed("b64 is false and critical, the payload encoded", "RFC 7797 §6", header({ b64: false, crit: ["b64"] })),
];

const algorithms = [
  ...["none", "None", "NONE", "nOnE"].map((alg) =>
    algorithm(`alg is ${alg}, no signature`, "CVE-2015-9235, RFC 7519 §6", header({ alg }).replace(/[^.]*$/, "")),
  ),
  algorithm("alg is none, signed all the same", "RFC 8725 §3.2", header({ alg: "none" })),
  ...["hs256", "Hs256", "HS256 ", " HS256", "HS256\0", "HS-256", "HS25", "HS2560", "", "S256", "ＨＳ256"].map((alg) =>
    algorithm(`alg is ${JSON.stringify(alg)}`, "RFC 7515 §4.1.1, rfc8725bis §3.1", header({ alg })),
  ),
  ...[["HS256"], { alg: "HS256" }, null, true, 256].map((alg) =>
    algorithm(`alg is ${JSON.stringify(alg)}`, "RFC 7515 §4.1.1", header({ alg })),
  ),
  ...["none ", " none", "none\0", "NONE\n"].map((alg) =>
    algorithm(`alg is ${JSON.stringify(alg)}, no signature`, "CVE-2015-9235, rfc8725bis §3.1", header({ alg }).replace(/[^.]*$/, "")),
  ),
  algorithm("alg is none, the signature of another token", "RFC 8725 §2.1", header({ alg: "none" }).replace(/[^.]*$/, signature)),
  algorithm("no alg, but one in the payload", "RFC 7515 §4.1.1", mint({ ...CLAIMS, alg: "HS256" }, { typ: "JWT" })),
  algorithm("alg within an inner object", "RFC 7515 §4.1.1", mint(CLAIMS, { header: { alg: "HS256" } })),
  algorithm("alg is none twice over: in an array", "CVE-2015-9235", header({ alg: ["none", "HS256"] })),
  algorithm("enc as in an encrypted token", "RFC 7516 §4.1.1", header({ alg: "dir", enc: "A256GCM" })),
  algorithm("no alg", "RFC 7515 §4.1.1", mint(CLAIMS, { typ: "JWT" })),
  algorithm("ALG in capitals", "RFC 7515 §4", mint(CLAIMS, { ALG: "HS256" })),
  ...["HS384", "HS512"].map((alg) => {
    const input = `${encode(JSON.stringify({ ...HEADER, alg }))}.${body}`;
    return algorithm(`alg is ${alg}, rightly signed`, "RFC 8725 §3.1", `${input}.${encode(mac(input, KEY.secret, alg.replace("HS", "sha")))}`);
  }),
  ...["RS256", "PS256", "ES256", "EdDSA", "ES256K", "RSA-OAEP", "dir", "A128KW", "PBES2-HS256+A128KW"].map((alg) =>
    algorithm(`alg is ${alg}, signed by HMAC with the secret`, "CVE-2016-5431, CVE-2016-10555, CVE-2024-33663, RFC 8725 §2.1", header({ alg })),
  ),
  algorithm("RS256 by a stranger whose key is in the header", "CVE-2018-0114", byKeyPair("RS256")),
  algorithm("ES256 by a stranger whose key is in the header", "CVE-2018-0114", byKeyPair("ES256")),
  algorithm("ES256 with r and s of zero", "CVE-2022-21449", `${encode('{"alg":"ES256"}')}.${body}.${encode(Buffer.alloc(64))}`),
  algorithm("none and crit: alg comes first", OWN.order, header({ alg: "none", crit: ["exp"] })),
];

const octets = { kty: "oct", k: encode("the stranger's own key"), alg: "HS256", kid: KEY.id };
const flipped = `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
const signatures = [
  forged("another secret", "RFC 7515 §5.2", mint(CLAIMS, HEADER, "elq_".padEnd(47, "Z"))),
  forged("the empty secret", "CVE-2026-45363, CVE-2026-44351", mint(CLAIMS, HEADER, "")),
  forged("another agent's key", "RFC 8725 §3.8", mint(CLAIMS, HEADER, FOREIGN.secret)),
  forged("another agent's key, named by kid", "RFC 8725 §3.8", header({ kid: FOREIGN.id }, FOREIGN.secret)),
  forged("the secret without elq_", KEY_BYTES, mint(CLAIMS, HEADER, KEY.secret.slice(4))),
  forged("the secret decoded from base64", KEY_BYTES, mint(CLAIMS, HEADER, Buffer.from(KEY.secret.slice(4), "base64url"))),
  forged("the whole secret decoded from base64", KEY_BYTES, mint(CLAIMS, HEADER, Buffer.from(KEY.secret, "base64url"))),
  forged("the secret with a line end", KEY_BYTES, mint(CLAIMS, HEADER, `${KEY.secret}\n`)),
  forged("the secret in quotes", KEY_BYTES, mint(CLAIMS, HEADER, `"${KEY.secret}"`)),
  forged("the secret in lower case", KEY_BYTES, mint(CLAIMS, HEADER, KEY.secret.toLowerCase())),
  forged("the key's id as secret", KEY_BYTES, mint(CLAIMS, HEADER, KEY.id)),
  forged("first character of the MAC changed", "RFC 7515 §5.2", `${head}.${body}.${flipped}`),
  forged("the MAC cut to 16 bytes", "RFC 2104 §5", `${head}.${body}.${encode(mac(`${head}.${body}`).subarray(0, 16))}`),
  forged("the MAC cut to 1 byte", "RFC 2104 §5", `${head}.${body}.${encode(mac(`${head}.${body}`).subarray(0, 1))}`),
  forged("the MAC with a byte more", "RFC 7515 §5.2", `${head}.${body}.${encode(Buffer.concat([mac(`${head}.${body}`), Buffer.alloc(1)]))}`),
  forged("the MAC in hexadecimal", "RFC 7515 §5.2", `${head}.${body}.${mac(`${head}.${body}`).toString("hex")}`),
  forged("the MAC encoded twice", "RFC 7515 §5.2", `${head}.${body}.${encode(signature)}`),
  forged("HMAC-SHA-512 under alg HS256", "RFC 7518 §3.2", `${head}.${body}.${encode(mac(`${head}.${body}`, KEY.secret, "sha512"))}`),
  forged("the MAC of the payload alone", "RFC 7515 §5.1", `${head}.${body}.${encode(mac(body))}`),
  forged("the MAC of the decoded parts", "RFC 7515 §5.1", `${head}.${body}.${encode(mac(`${JSON.stringify(HEADER)}.${JSON.stringify(CLAIMS)}`))}`),
  forged("a MAC of zeros", "RFC 7515 §5.2", `${head}.${body}.${encode(Buffer.alloc(32))}`),
  forged("the payload of another user", "RFC 7515 §5.2", `${head}.${encode(JSON.stringify({ ...CLAIMS, user_id: "1" }))}.${signature}`),
  forged("the same payload written differently", "RFC 7515 §5.2", `${head}.${encode(JSON.stringify(CLAIMS, null, 1))}.${signature}`),
  forged("the header of another token", "RFC 7515 §5.2", `${encode('{"alg":"HS256"}')}.${body}.${signature}`),
  forged("header and payload exchanged with their neighbour", "RFC 7515 §5.2", `${body}.${head}.${signature}`.replace(body, encode('{"alg":"HS256"}'))),
  forged("bad in every other way: the signature comes first", OWN.order, mint({ exp: "never", user_id: 1 }, HEADER, "x")),
  forged("expired, but forged: nothing of the payload is told", OWN.order, mint({ ...CLAIMS, exp: 1 }, HEADER, "x")),
  ...["../../../dev/null", "/proc/sys/kernel/randomize_va_space", "' UNION SELECT '' -- ", "https://stranger.example/key", "", "|whoami"].map((kid) =>
    forged(`kid is ${JSON.stringify(kid)}, signed with the empty key`, "RFC 8725 §3.10", header({ kid }, "")),
  ),
  ...[["../../../dev/null"], [KEY.id], { id: KEY.id }, null, 0].map((kid) =>
    forged(`kid is ${JSON.stringify(kid)}, signed with the empty key`, "RFC 8725 §3.10", header({ kid }, "")),
  ),
  forged("kid names the key, signed with the kid's own text", "RFC 8725 §3.10", header({ kid: KEY.id }, KEY.id)),
  forged("kid fills the token, signed with the empty key", "RFC 8725 §3.10", header({ kid: "../".repeat(1900) }, "")),
  forged("kid ends with a null character after the key's id, signed with the empty key", "RFC 8725 §3.10", header({ kid: `${KEY.id}\0` }, "")),
  ...[
    ["jwk", octets], ["jwk", [octets]], ["jwk", JSON.stringify(octets)], ["jku", "https://stranger.example/jwks"],
    ["jku", "file:///dev/null"], ["jku", "http://169.254.169.254/"], ["x5u", "https://stranger.example/x"],
    ["x5c", ["AAAA"]], ["x5t", "AAAA"], ["x5t#S256", "AAAA"], ["k", octets.k], ["keys", [octets]],
  ].map(([name, value]) =>
    forged(`${name} in the header is ${JSON.stringify(value).slice(0, 40)}`, "CVE-2018-0114, RFC 8725 §3.10", header({ [name]: value }, "the stranger's own key")),
  ),
  forged("b64 is false, the MAC over the unencoded payload", "RFC 7797 §3", (() => {
    const first = encode(JSON.stringify({ ...HEADER, b64: false }));
    return `${first}.${body}.${encode(mac(`${first}.${JSON.stringify(CLAIMS)}`))}`;
  })()),
  forged("signed with a public key as text", "CVE-2017-11424, CVE-2022-29217", mint(CLAIMS, HEADER, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")),
  forged("signed with a secret that everybody has", "RFC 8725 §3.5, CVE-2019-20933", mint(CLAIMS, HEADER, "secret")),
  forged("signed with a null character", "RFC 2104 §2", mint(CLAIMS, HEADER, "\0")),
  forged("signed with the word undefined", KEY_BYTES, mint(CLAIMS, HEADER, "undefined")),
  forged("kid names an active key, another active key signed", "RFC 7515 §4.1.4", header({ kid: KEY.id }, SECOND.secret), { keys: ["active", "second"] }),
  forged("a revoked key, not named", OWN.revocation, mint(CLAIMS, HEADER, REVOKED.secret), { keys: ["active", "revoked"] }),
  forged("a revoked key, an unknown one named", OWN.revocation, header({ kid: "key" }, REVOKED.secret), { keys: ["active", "revoked"] }),
  revoked("a revoked key, named", OWN.revocation, header({ kid: REVOKED.id }, REVOKED.secret), { keys: ["active", "revoked"] }),
  revoked("a revoked key is named, an active one signed", OWN.revocation, header({ kid: REVOKED.id }), { keys: ["active", "revoked"] }),
  revoked("a revoked key is named, the revoked one comes first", OWN.revocation, header({ kid: REVOKED.id }), { keys: ["revoked", "active"] }),
  refused("identity_not_configured")("no key at all", "CVE-2026-45363", GOOD, { keys: [] }),
  refused("identity_not_configured")("no key at all, signed with the empty key", "CVE-2026-45363", mint(CLAIMS, HEADER, ""), { keys: [] }),
  refused("identity_not_configured")("only a revoked key, which signed", OWN.revocation, header({ kid: REVOKED.id }, REVOKED.secret), { keys: ["revoked"] }),
  refused("identity_disabled")("switched off", OWN.enabled, GOOD, { policy: { enabled: false } }),
  refused("identity_disabled")("switched off, no key, forged", OWN.order, mint(CLAIMS, HEADER, ""), { keys: [], policy: { enabled: false } }),
  algorithm("switched off, wrong algorithm: alg comes first", OWN.order, header({ alg: "HS512" }), { policy: { enabled: false } }),
];

const times = [
  ...["exp", "nbf", "iat"].flatMap((name) =>
    ['"1700003600"', '"never"', "null", "[1700003600]", "{}", "true", "1e400", "-1e400", "9".repeat(400)].map((text) =>
      invalid(`${name} is ${text.slice(0, 20)}`, "RFC 7519 §2, CVE-2026-25537", rawClaim(name, text)),
    ),
  ),
  invalid("exp is just beyond the largest float", "RFC 8259 §6", rawClaim("exp", "1.797693134862315808e308")),
  invalid("a claim's digits are beyond a float", "RFC 8259 §6", rawClaim("score", "7".repeat(310))),
  invalid("a claim is -1e99999999999999999999", "RFC 8259 §6", rawClaim("score", "-1e99999999999999999999")),
  invalid("a claim is 1e400", "RFC 8259 §6", rawClaim("score", "1e400")),
  invalid("a nested claim is -1e400", "RFC 8259 §6", rawClaim("scores", '{"a":[0,-1e400]}')),
  invalid("exp is text and user_id is missing: exp comes first", OWN.order, mint({ exp: "1" })),
  expired("exp is past by an hour", "RFC 7519 §4.1.4", claims({ exp: NOW - 3600 })),
  expired("exp is past by the tolerance exactly", "RFC 7519 §4.1.4", claims({ exp: NOW - 10 })),
  expired("exp is now, no tolerance", "RFC 7519 §4.1.4", claims({ exp: NOW }), { policy: { clock_skew: 0 } }),
  expired("exp is a duration", "RFC 7519 §2", claims({ exp: 3600 })),
  ...["0", "-0", "-1", "-1e300", "-0.5", "1e-400", "0e400", "0.1"].map((exp) => expired(`exp is ${exp}`, "RFC 7519 §2", rawClaim("exp", exp))),
  expired("exp is past and nbf is text: exp comes first", OWN.order, claims({ exp: 1, nbf: "x" })),
  expired("exp is past and user_id is missing: exp comes first", OWN.order, claims({ exp: 1, user_id: undefined })),
  early("nbf is in an hour", "RFC 7519 §4.1.5", claims({ nbf: NOW + 3600 })),
  early("nbf is later than the tolerance by a millisecond", "RFC 7519 §4.1.5", claims({ nbf: NOW + 10.001 })),
  early("nbf is in a second, no tolerance", "RFC 7519 §4.1.5", claims({ nbf: NOW + 1 }), { policy: { clock_skew: 0 } }),
  early("nbf is in milliseconds", "RFC 7519 §2", claims({ nbf: NOW * 1000 })),
  early("nbf is 1e300", "RFC 7519 §2", rawClaim("nbf", "1e300")),
  long("a second too long", OWN.lifetime, claims({ exp: NOW - 60 + 3601 }), { policy: { max_lifetime: 3600 } }),
  long("no exp", OWN.lifetime, claims({ exp: undefined }), { policy: { max_lifetime: 3600 } }),
  long("exp in milliseconds", "RFC 7519 §2", claims({ exp: NOW * 1000 }), { policy: { max_lifetime: 3600 } }),
  long("iat in the future hides nothing", OWN.lifetime, claims({ iat: NOW + 86_400, exp: NOW + 86_400 }), { policy: { max_lifetime: 3600 } }),
  long("no iat, too long from now", OWN.lifetime, claims({ iat: undefined, exp: NOW + 3611 }), { policy: { max_lifetime: 3600 } }),
  long("too long and user_id is missing: the lifetime comes first", OWN.order, claims({ user_id: undefined, exp: NOW + 7200 }), { policy: { max_lifetime: 3600 } }),
];

const users = [
  refused("user_id_missing")("no user_id", OWN.userId, claims({ user_id: undefined })),
  refused("user_id_missing")("the empty object", OWN.userId, mint({})),
  ...["sub", "id", "uid", "userId", "User_id", "user_id "].map((name) =>
    refused("user_id_missing")(`only ${JSON.stringify(name)}`, OWN.userId, claims({ user_id: undefined, [name]: "42" })),
  ),
  ...[42, 0, null, true, false, ["42"], { id: "42" }].map((user_id) =>
    refused("user_id_not_string")(`user_id is ${JSON.stringify(user_id)}`, OWN.userId, claims({ user_id })),
  ),
  refused("user_id_not_string")("user_id is an integer beyond 64 bits", OWN.userId, mint('{"user_id":123456789012345678901234567890}')),
  ...[
    ["empty", ""], ["a space", " "], ["white space of all kinds", "\u00a0\u2003\u3000\t"], ["a null character", "42\0"],
    ["a line feed", "4\n2"], ["a delete character", "42\u007f"], ["a C1 control character", "4\u00852"],
    ["a tab alone", "\t"], ["line and paragraph separators alone", "\u2028\u2029"], ["a bell", "4\u00072"],
    ["256 characters", "x".repeat(256)], ["256 characters with an escape", "\"".repeat(256)], ["256 emoji", "😀".repeat(256)],
  ].map(([name, user_id]) => refused("user_id_invalid")(`user_id is ${name}`, OWN.userId, claims({ user_id }))),
];

const LONGEST = sized(8192);
const payloadOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const BIG = "123456789012345678901234567890.10";
const accepted = [
  identified("by npm jsonwebtoken", "npm jsonwebtoken 9.0.3", byJsonwebtoken(CLAIMS)),
  identified("by npm jose", "npm jose 6.2.17", await byJose(CLAIMS)),
  identified("by npm jsonwebtoken with keyid", "npm jsonwebtoken 9.0.3", byJsonwebtoken(CLAIMS, { keyid: SECOND.id }, SECOND.secret), { key: SECOND.id }, { keys: ["active", "second"] }),
  identified("by npm jose with kid", "npm jose 6.2.17", await byJose(CLAIMS, { alg: "HS256", kid: KEY.id })),
  identified("by hand", "RFC 7515 §3.1", GOOD),
  identified("the second of two active keys, not named", OWN.rotation, mint(CLAIMS, HEADER, SECOND.secret), { key: SECOND.id }, { keys: ["active", "second"] }),
  identified("the first of two active keys, not named", OWN.rotation, GOOD, {}, { keys: ["active", "second"] }),
  identified("an active key behind a revoked one", OWN.rotation, GOOD, {}, { keys: ["revoked", "active"] }),
  ...["unknown", "../../../dev/null", "' OR 1=1 -- ", "https://stranger.example/", "", FOREIGN.id, KEY.id.toUpperCase(), ` ${KEY.id}`, ["a"], [KEY.id], null, 1, {}].map((kid) =>
    identified(`kid is ${JSON.stringify(kid)}, which names nothing`, "RFC 7515 §4.1.4", header({ kid })),
  ),
  identified("jwk, jku, x5u and x5c are not read", "RFC 8725 §3.10", header({ jwk: octets, jku: "https://stranger.example/", x5u: 1, x5c: null })),
  identified("unknown header members are ignored", "RFC 7515 §4", header({ typ: "at+jwt", cty: null, b64: false, zip: "DEF", x: [{}, 1e99] })),
  identified("no typ", "RFC 7519 §5.1", mint(CLAIMS, { alg: "HS256" })),
  identified("alg written with escapes", "RFC 8259 §7", mint(CLAIMS, '{ "\\u0061lg" : "HS\\u003256" }\n')),
  identified("8,192 bytes", "RFC 8725 §3.11", LONGEST, { claims: { plan: '"pro"', pad: JSON.stringify(payloadOf(LONGEST).pad) } }),
  identified("white space and escapes in the payload", "RFC 8259 §2", mint(`\n{ "user\\u005fid" : "4\\u0032", "email": "ada\\u0040example.com",\t"plan":"\\u0070ro", "iat": ${NOW - 60}, "exp":${NOW + 3600} }\r\n`)),
  identified("only user_id", OWN.userId, mint({ user_id: "42" }), BARE),
  identified("aud, iss, sub and jti are claims like any other", "RFC 7519 §4.1", claims({ aud: ["x"], iss: "y", sub: "1", jti: "" }), { claims: { plan: '"pro"', aud: '["x"]', iss: '"y"', sub: '"1"', jti: '""' } }),
  identified("numbers keep their digits", "RFC 8259 §6", mint(`{"user_id":"42","n":${BIG},"i":9007199254740993,"z":-0,"e":[1E+2,{"b":1.0}]}`), { ...BARE, claims: { n: BIG, i: "9007199254740993", z: "-0", e: '[1E+2,{"b":1.0}]' } }),
  identified("claims of every kind and name", OWN.claims, mint('{"user_id":"42","":null,"__proto__":{"a":true},"<b>":[],"a\\nb":"\\u0000\\u2028<","EXP":"x","Email":"x"}'), { ...BARE, claims: { "": "null", ["__proto__"]: '{"a":true}', "<b>": "[]", "a\nb": '"\\u0000\u2028<"', EXP: '"x"', Email: '"x"' } }),
  identified("32 levels", "RFC 8259 §9", mint(`{"user_id":"42","x":${nested(31)}}`), { ...BARE, claims: { x: nested(31) } }),
  ...[null, 1, ["ada@example.com"], {}, true].map((email) => identified(`email is ${JSON.stringify(email)}, which is none`, OWN.email, claims({ email }), { email: null })),
  identified("email is empty", OWN.email, claims({ email: "" }), { email: "" }),
  ...[
    ["255 characters", "x".repeat(255)], ["255 emoji", "😀".repeat(255)], ["space around it", " 42 "], ["upper case", "ABC"],
    ["a composed letter", "\u00e9"], ["a decomposed letter", "e\u0301"], ["a zero-width character", "4\u200b2"], ["a zero-width character alone", "\u200b"], ["a private-use character", "\ue000"],
    ["right-to-left override", "\u202e42"], ["markup and SQL", "<b>'; DROP TABLE profiles; --"], ["a number's text", "007"],
  ].map(([name, user_id]) => identified(`user_id is ${name}`, OWN.userId, claims({ user_id }), { user_id })),
  identified("exp is past by less than the tolerance", "RFC 7519 §4.1.4", claims({ exp: NOW - 9.999 }), { expires_at: NOW - 9.999 }),
  identified("exp is a fraction", "RFC 7519 §2", claims({ exp: NOW + 0.25 }), { expires_at: NOW + 0.25 }),
  identified("exp is written with an exponent", "RFC 8259 §6", rawClaim("exp", "1.7000036e9"), { ...BARE, expires_at: NOW + 3600 }),
  identified("exp is in milliseconds, which is far away", "RFC 7519 §2", claims({ exp: NOW * 1000 }), { expires_at: 253_402_300_799.999 }),
  identified("exp is 1e300", "RFC 7519 §2", rawClaim("exp", "1e300"), { ...BARE, expires_at: 253_402_300_799.999 }),
  identified("a claim is the largest float", "RFC 8259 §6", rawClaim("score", "1.7976931348623157e308"), { ...BARE, claims: { score: "1.7976931348623157e308" } }),
  identified("a claim is zero to the utmost", "RFC 8259 §6", rawClaim("score", "0e99999999999999999999"), { ...BARE, claims: { score: "0e99999999999999999999" } }),
  identified("kid fills the token, which names nothing", "RFC 8725 §3.10", header({ kid: "../".repeat(1900) })),
  identified("nbf is a fraction", "RFC 7519 §2", claims({ nbf: NOW + 9.5 })),
  identified("exp is 1e308", "RFC 7519 §2", rawClaim("exp", "1e308"), { ...BARE, expires_at: 253_402_300_799.999 }),
  identified("nbf is now plus the tolerance", "RFC 7519 §4.1.5", claims({ nbf: NOW + 10 })),
  identified("nbf is -1e300", "RFC 7519 §2", rawClaim("nbf", "-1e300"), BARE),
  identified("iat is in the future", "RFC 7519 §4.1.6", claims({ iat: NOW + 86_400 }), { issued_at: NOW + 86_400 }),
  identified("iat is negative, with a fraction", "RFC 7519 §2", claims({ iat: -1.5 }), { issued_at: -1.5 }),
  identified("iat is 1e300", "RFC 7519 §2", rawClaim("iat", "1e300"), { ...BARE, issued_at: 1e300 }),
  identified("the longest lifetime exactly", OWN.lifetime, claims({ exp: NOW - 60 + 3600 }), { expires_at: NOW + 3540 }, { policy: { max_lifetime: 3600 } }),
  identified("a site's clock ahead by the tolerance", OWN.lifetime, claims({ iat: NOW + 10, exp: NOW + 3610 }), { issued_at: NOW + 10, expires_at: NOW + 3610 }, { policy: { max_lifetime: 3600 } }),
];

for (const [file, vectors] of Object.entries({ form, algorithms, signatures, times, users, accepted })) {
  const names = vectors.map((vector) => vector.name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const unsourced = vectors.filter((vector) => !vector.source).map((vector) => vector.name);
  if (unsourced.length) throw new Error(`${file}: no source: ${unsourced}`);
  if (twice.length) throw new Error(`${file}: ${twice} stands twice`);
  const keys = { active: KEY, second: SECOND, revoked: REVOKED };
  writeFileSync(new URL(`${file}.json`, import.meta.url), `${JSON.stringify({ now: NOW, keys, vectors }, null, 1)}\n`);
  console.log(`${file}.json: ${vectors.length} vectors`);
}
