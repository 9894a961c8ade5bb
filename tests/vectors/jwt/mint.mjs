// The keys of the vectors, and the ways to mint a token with them: two JWT libraries where they agree
// to do it, and bytes put together by hand where they rightly do not.

import { createHmac, generateKeyPairSync, sign as signWithKeyPair } from "node:crypto";

import { SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";

/** The moment at which every vector is judged unless it says otherwise, in seconds. */
export const NOW = 1_700_000_000;

const secret = (letter) => `elq_${letter.repeat(43)}`;

/** An active key, a second active one, a revoked one, and one of another agent. */
export const KEY = { id: "key_01h2xcejqtf2nbrexx3vqjhp41", secret: secret("A"), revoked: false };
export const SECOND = { id: "key_01h2xcejqtf2nbrexx3vqjhp42", secret: secret("B"), revoked: false };
export const REVOKED = { id: "key_01h2xcejqtf2nbrexx3vqjhp43", secret: secret("C"), revoked: true };
export const FOREIGN = { id: "key_01h2xcejqtf2nbrexx3vqjhp44", secret: secret("D"), revoked: false };

export const HEADER = { alg: "HS256", typ: "JWT" };
export const CLAIMS = { user_id: "42", email: "ada@example.com", plan: "pro", iat: NOW - 60, exp: NOW + 3600 };

export const encode = (bytes) => Buffer.from(bytes).toString("base64url");
const json = (value) => (typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value));

/** The MAC of a signing input; any key, any hash. */
export const mac = (input, key = KEY.secret, hash = "sha256") => createHmac(hash, key).update(input).digest();

/** Signs the bytes as they are; objects are written as JSON, text and buffers taken literally. */
export function mint(payload = CLAIMS, header = HEADER, key = KEY.secret) {
  const input = `${encode(json(header))}.${encode(json(payload))}`;
  return `${input}.${encode(mac(input, key))}`;
}

/** The usual claims with some changed; `undefined` leaves one out. */
export const claims = (changes) => mint({ ...CLAIMS, ...changes });

/** A user_id and one other claim, whose value is written as given, JSON or not. */
export const rawClaim = (name, text) => mint(`{"user_id":"42","${name}":${text}}`);

/** The usual header with some changes. */
export const header = (changes, key) => mint(CLAIMS, { ...HEADER, ...changes }, key);

export const byJsonwebtoken = (payload, options = {}, key = KEY.secret) =>
  jsonwebtoken.sign(payload, key, { algorithm: "HS256", ...options });

export const byJose = (payload, protectedHeader = HEADER, key = KEY.secret) =>
  new SignJWT(payload).setProtectedHeader(protectedHeader).sign(new TextEncoder().encode(key));

/** A token that a stranger signed with a key pair of their own, whose public half is in the header. */
export function byKeyPair(alg) {
  const pair =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = pair.publicKey.export({ format: "jwk" });
  const input = `${encode(json({ ...HEADER, alg, jwk }))}.${encode(json(CLAIMS))}`;
  const key = { key: pair.privateKey, dsaEncoding: "ieee-p1363" };
  const signature = signWithKeyPair("sha256", Buffer.from(input), key);
  return `${input}.${encode(signature)}`;
}
