//! The proof that a token identified somebody at an agent.

use std::{fmt, sync::OnceLock};

use eloquent_types::{
    claims::Claims,
    id::{AgentId, KeyId},
    text::UserId,
    time::Timestamp,
};

use crate::payload::Payload;

/// Who a visitor of an agent is, proved by a token that this agent's key signed. Only
/// [`Verifier::verify`](crate::Verifier::verify) makes one. Its `Debug` shows ids only.
///
/// Whoever holds one can read it:
///
/// ```
/// fn greet(who: &eloquent_identity::VerifiedIdentity) -> String {
///     format!("Hello {}", who.user_id().as_str())
/// }
/// ```
///
/// Nobody else can make one. Not by writing its fields, which are private:
///
/// ```compile_fail,E0451
/// fn copy(who: eloquent_identity::VerifiedIdentity) -> eloquent_identity::VerifiedIdentity {
///     eloquent_identity::VerifiedIdentity { email: None, ..who }
/// }
/// ```
///
/// ```
/// fn copy(policy: eloquent_identity::Policy) -> eloquent_identity::Policy {
///     eloquent_identity::Policy { max_lifetime: None, ..policy }
/// }
/// ```
///
/// Not by changing one:
///
/// ```compile_fail,E0616
/// fn rename(mut who: eloquent_identity::VerifiedIdentity, other: eloquent_identity::VerifiedIdentity) {
///     who.user_id = other.user_id().clone();
/// }
/// ```
///
/// ```
/// fn rename(mut who: eloquent_identity::VerifiedIdentity, other: eloquent_identity::VerifiedIdentity) {
///     who = other.clone();
/// }
/// ```
///
/// Not out of nothing:
///
/// ```compile_fail,E0277
/// fn needs<T: Default>() {}
/// needs::<eloquent_identity::VerifiedIdentity>();
/// ```
///
/// ```
/// fn needs<T: Default>() {}
/// needs::<eloquent_identity::Policy>();
/// ```
///
/// Not from JSON:
///
/// ```compile_fail,E0277
/// let _ = serde_json::from_str::<eloquent_identity::VerifiedIdentity>("{}");
/// ```
///
/// ```
/// let _ = serde_json::from_str::<eloquent_types::text::UserId>("{}");
/// ```
///
/// Not from parts or from a token that nobody has verified:
///
/// ```compile_fail,E0277
/// fn needs<T: From<eloquent_identity::Token>>() {}
/// needs::<eloquent_identity::VerifiedIdentity>();
/// ```
///
/// ```
/// fn needs<T: From<eloquent_identity::Token>>() {}
/// needs::<eloquent_identity::Token>();
/// ```
#[derive(Clone)]
pub struct VerifiedIdentity {
    pub(crate) agent: AgentId,
    pub(crate) user_id: UserId,
    pub(crate) email: Option<String>,
    pub(crate) issued_at: Option<f64>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) payload: Payload,
    /// Taken from the payload when they are first asked for: a verdict alone does not need them.
    pub(crate) claims: OnceLock<Claims>,
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
    pub fn claims(&self) -> &Claims {
        self.claims.get_or_init(|| self.payload.claims())
    }

    /// The key that verified the token.
    pub const fn key_id(&self) -> KeyId {
        self.payload.key()
    }

    /// The claim `iat` as signed, in seconds since the Unix epoch: always finite, otherwise any number.
    pub const fn issued_at(&self) -> Option<f64> {
        self.issued_at
    }

    /// The claim `exp`, rounded to milliseconds and clamped to the years 1970 to 9999. The
    /// tolerance for clock skew is not in it.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

/// Equal where everything that can be read is.
impl PartialEq for VerifiedIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.agent == other.agent
            && self.key_id() == other.key_id()
            && self.user_id == other.user_id
            && self.email == other.email
            && self.issued_at == other.issued_at
            && self.expires_at == other.expires_at
            && self.claims() == other.claims()
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedIdentity")
            .field("agent", &self.agent)
            .field("user_id", &self.user_id)
            .field("key", &self.key_id())
            .finish_non_exhaustive()
    }
}
