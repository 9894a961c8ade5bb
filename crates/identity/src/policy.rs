//! What the agent's owner decided about identity: its keys, and how tokens are judged.

use std::time::Duration;

use eloquent_types::id::{AgentId, KeyId};

use crate::Secret;

/// A key of the agent, active or revoked.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its id, which a token may name as `kid`.
    pub id: KeyId,
    /// What signs. The secret of a revoked key identifies nobody.
    pub secret: Secret,
    /// Whether the key was revoked. A revoked key is kept, so that a token that names it gets a verdict
    /// that says so.
    pub revoked: bool,
}

/// An active key of another agent of the same company. It verifies nothing: an inspection tries it only
/// to tell that the wrong agent's key was used.
#[derive(Clone, Debug)]
pub struct OtherKey {
    /// Whose key it is.
    pub agent: AgentId,
    /// That agent's name.
    pub agent_name: String,
    /// The key.
    pub key: Key,
}

/// How an agent judges tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether identity verification is on, for the company and for the agent.
    pub enabled: bool,
    /// The longest lifetime of a token: from `iat` (or, if that is later or missing, from now) to `exp`.
    /// With a limit, a token without `exp` is refused. Off by default.
    pub max_lifetime: Option<Duration>,
    /// How far the site's clock may be off. 10 s by default.
    pub clock_skew: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { enabled: true, max_lifetime: None, clock_skew: Duration::from_secs(10) }
    }
}
