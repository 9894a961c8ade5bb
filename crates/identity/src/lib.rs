//! Verifies identity tokens: the only maker of a [`VerifiedIdentity`].
//!
//! Synchronous and pure: no HTTP, no async, no SQL, no clock, no random numbers, no input or output.
//! The time, the keys and the policy are passed in; what comes out is a proof or a [`Rejection`].
//! Whether a profile is blocked is not decided here (only its owner, the store, knows), but its
//! [`Rejection::Blocked`] stands here with the others, so that every refusal reads alike.
//!
//! A token is taken apart before anything is fetched for it ([`Candidate::read`]), then judged under the
//! agent's keys ([`Verifier::judge`]), or both at once ([`Verifier::verify`]). [`Verifier::inspect`] is for
//! a person who wants to know why: every check, and the likely mistake.
//!
//! Invariants:
//! - Nothing of a token's payload is used or told before its HMAC has verified.
//! - `HS256` is the only algorithm that exists here; no header member selects, fetches or embeds a key.
//! - A secret or a token shows itself only through `expose`, and is wiped from memory when dropped.
//! - There is no cache of verdicts: a revoked key stops verifying with the next call.
//! - Any text is judged in bounded time: at most 8,192 bytes are looked into, in one pass, with one HMAC
//!   for each active key.
//!
//! `cargo bench -p eloquent-identity` prints what a verdict costs beside the bare HMAC of the same bytes
//! (two to three times as much with one key, less with more), and what the worst texts cost.

mod candidate;
mod check;
mod hs256;
mod identity;
mod inspection;
mod json;
mod judgement;
mod mistake;
mod payload;
mod policy;
mod rejection;
mod secret;
mod sign;
mod token;
mod verifier;

pub use candidate::Candidate;
pub use check::Check;
pub use identity::VerifiedIdentity;
pub use inspection::{Inspection, Outcome, Step};
pub use judgement::{Judgement, Signed};
pub use mistake::{Advice, SecretUse, Suspicion};
pub use policy::{Key, OtherKey, Policy};
pub use rejection::{Rejection, TimeClaim};
pub use secret::{InvalidSecret, Secret};
pub use sign::{SignError, sign};
pub use token::{TOKEN_MAX_BYTES, Token};
pub use verifier::Verifier;
