//! What came of judging a token: the verdict, and what was signed whatever the verdict is.

use std::fmt;

use eloquent_types::{id::KeyId, text::UserId};

use crate::{Rejection, VerifiedIdentity};

/// The verdict on a token, with what its signature vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The proof, or why there is none.
    pub outcome: Result<VerifiedIdentity, Rejection>,
    /// What was signed: only there where the signature held under an active key, and then whether or
    /// not the token identifies somebody.
    pub signed: Option<Signed>,
}

/// What an active key signed. It identifies nobody: the token may have expired, or worse. Its `Debug`
/// does not show the `user_id`.
#[derive(Clone, PartialEq)]
pub struct Signed {
    /// The key that signed.
    pub key: KeyId,
    /// `iat` as signed, in seconds since 1970, where it is a finite number.
    pub issued_at: Option<f64>,
    /// `nbf` likewise.
    pub not_before: Option<f64>,
    /// `exp` likewise.
    pub expires_at: Option<f64>,
    /// `user_id`, where it keeps its rules.
    pub user_id: Option<UserId>,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("key", &self.key)
            .field("issued_at", &self.issued_at)
            .field("not_before", &self.not_before)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
