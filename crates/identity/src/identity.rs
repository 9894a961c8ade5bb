//! The proof that a token identified somebody at an agent.

use std::fmt;

use eloquent_types::{
    claims::Claims,
    id::{AgentId, KeyId},
    text::UserId,
    time::Timestamp,
};

/// Who a visitor of an agent is, proved by a token that this agent's key signed. Only
/// [`Verifier::verify`](crate::Verifier::verify) makes one. Its `Debug` shows ids only.
#[derive(Clone, PartialEq)]
pub struct VerifiedIdentity {
    pub(crate) agent: AgentId,
    pub(crate) key: KeyId,
    pub(crate) user_id: UserId,
    pub(crate) email: Option<String>,
    pub(crate) claims: Claims,
    pub(crate) issued_at: Option<f64>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl VerifiedIdentity {
    /// The agent at which the visitor is identified, and nowhere else.
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// The site's own id of the user, byte for byte as signed.
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// The claim `email`, where it is a string; as signed, not checked to be an address.
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The token's other claims, without `iat`, `exp`, `nbf`, `user_id` and `email`.
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The key that verified the token.
    pub const fn key_id(&self) -> KeyId {
        self.key
    }

    /// The claim `iat` as signed, in seconds since the Unix epoch: always finite, otherwise any number.
    pub const fn issued_at(&self) -> Option<f64> {
        self.issued_at
    }

    /// The claim `exp`, rounded down to milliseconds and clamped to the years 1970 to 9999. The
    /// tolerance for clock skew is not in it.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedIdentity")
            .field("agent", &self.agent)
            .field("user_id", &self.user_id)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
