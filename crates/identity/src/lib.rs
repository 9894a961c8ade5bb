//! Verifies identity tokens: the only maker of a [`VerifiedIdentity`].
//!
//! Synchronous and pure: no HTTP, no async, no SQL, no clock, no random numbers, no input or output.
//! The time, the keys and the policy are passed in; what comes out is a proof or a [`Rejection`].
//! Whether a profile is blocked is not decided here (only its owner, the store, knows), but its
//! [`Rejection::Blocked`] stands here with the others, so that every refusal reads alike.
//!
//! Invariants:
//! - Nothing of a token's payload is used or told before its HMAC has verified.
//! - `HS256` is the only algorithm that exists here; no header member selects, fetches or embeds a key.
//! - A secret or a token shows itself only through `expose`, and is wiped from memory when dropped.
//! - There is no cache of verdicts: a revoked key stops verifying with the next call.

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
