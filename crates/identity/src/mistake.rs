//! The likely mistake behind a token that failed a check, or that passed one and will surprise later.
//!
//! These are guesses for the person who signs tokens, made by an inspection alone. No verdict depends
//! on them, and none of those that are made before the signature held tells anything of the payload.

use crate::TimeClaim;

mod algorithm;
mod form;
mod payload;
mod signature;
mod words;

pub(crate) use algorithm::suspect as algorithm;
pub(crate) use form::suspect as form;
pub(crate) use payload::{
    advise_on_times, advise_on_user_id, suspect_lifetime, suspect_times, suspect_user_id,
};
pub(crate) use signature::{advise as advise_on_kid, suspect as signature};

/// What probably went wrong in a check that failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Suspicion {
    /// `Bearer` stands before the token.
    Bearer,
    /// The token is in quotes.
    Quoted,
    /// White space is before, after or within the token.
    WhiteSpace,
    /// The token is percent-encoded.
    UrlEncoded,
    /// It has the five parts of an encrypted token.
    Encrypted,
    /// It has fewer parts than a token, but starts like one.
    Cut,
    /// A template was not filled in.
    Template,
    /// What a language writes for nothing: `undefined`, `null`, …
    Nothing(&'static str),
    /// A promise, written as text.
    Promise,
    /// An object, written as text.
    Object,
    /// The JSON around the token was passed along with it.
    Json,
    /// A page, where the token's server should have answered.
    Html,
    /// It is a secret, not a token.
    SecretInstead,
    /// There is `=` after a part.
    Padded,
    /// A part has `+` or `/`.
    StandardAlphabet,
    /// The algorithm is one with a key pair; its name.
    KeyPair(String),
    /// HMAC with another hash; its name.
    OtherHash(String),
    /// The token is not signed.
    Unsigned,
    /// `HS256` in another spelling.
    Spelling,
    /// The identifier of XML signatures for HMAC-SHA-256, which .NET calls `HmacSha256Signature`.
    XmlName,
    /// The header has no `alg`.
    NoAlgorithm,
    /// A key of another agent of the company signed.
    OtherAgent {
        /// That agent's name.
        name: String,
    },
    /// `kid` names a key of another agent of the company, which did not sign either.
    OtherAgentNamed {
        /// That agent's name.
        name: String,
    },
    /// A revoked key signed, which `kid` does not name.
    RevokedKey,
    /// An active key signed, but `kid` names another key of the agent.
    WrongKid,
    /// The secret was not used as it is shown.
    Secret(SecretUse),
    /// The MAC is written in hexadecimal.
    HexMac,
    /// The MAC has another length than 32 bytes; how many it has.
    MacLength(usize),
    /// It has just expired, or the signer's clock is behind.
    JustExpired {
        /// How long ago it expired, in seconds.
        ago: f64,
        /// From `iat` to `exp`, in seconds.
        lifetime: f64,
    },
    /// The signer's clock is behind by whole half hours: a time zone.
    ClockBehind {
        /// By how much, in seconds.
        seconds: f64,
    },
    /// The signer's clock is ahead.
    ClockAhead {
        /// By how much, in seconds.
        seconds: f64,
    },
    /// `exp` is not after `iat`.
    EndsBeforeItBegins,
    /// It lives longer than the agent allows.
    LongLife {
        /// How long it lives, in seconds.
        lifetime: f64,
        /// The longest life that is allowed, in seconds.
        allowed: f64,
    },
    /// The id stands under this name.
    Misnamed(&'static str),
    /// The `user_id` is inside of this claim.
    Nested(String),
    /// The `user_id` is empty or white space alone.
    EmptyUserId,
    /// The `user_id` is too long; its characters.
    LongUserId(usize),
    /// The `user_id` has a control character; which.
    ControlInUserId(char),
}

/// How a secret was used that was not used as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretUse {
    /// Without `elq_`.
    WithoutPrefix,
    /// Decoded from base64 or base64url, with `elq_` or without.
    DecodedBase64,
    /// Decoded from hexadecimal.
    DecodedHex,
    /// Encoded in base64.
    EncodedBase64,
    /// In quotes.
    Quoted,
    /// With white space or a line end around it.
    Spaced,
    /// With the variable's name and `=` before it.
    EnvLine,
    /// In UTF-16.
    Utf16,
    /// The key's id in its place.
    KeyId,
    /// Nothing in its place, or what a language writes for nothing.
    Nothing,
}

/// What is odd about a check that passed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// The claim is so large that it must be in milliseconds.
    InMilliseconds(TimeClaim),
    /// `iat` is in the future: the signer's clock is ahead.
    ClockAhead {
        /// By how much, in seconds.
        seconds: f64,
    },
    /// The token never expires.
    NeverExpires,
    /// `kid` names no key of the agent, and is ignored.
    UnknownKid,
    /// `kid` names a key of another agent of the company, and is ignored.
    KidOfOtherAgent {
        /// That agent's name.
        name: String,
    },
    /// The `user_id` has white space around it, which counts.
    SpacedUserId,
}
