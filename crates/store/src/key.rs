//! Identity keys: the secrets with which a site signs its tokens, sealed at rest.

use std::fmt;

use eloquent_identity::{Key, Secret};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};

use crate::{
    agent::AgentScope,
    error::StoreError,
    store::{Reader, Writer},
};

/// What can be shown of a key: never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its id, which a token's `kid` can name.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// The secret's last four characters.
    pub last_four: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a token signed with it last identified somebody.
    pub last_used_at: Option<Timestamp>,
    /// How many times one did.
    pub use_count: u64,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be created.
pub struct NewKey<'s> {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// Its secret.
    pub secret: &'s Secret,
    /// 24 bytes of a cryptographic random source, used for this key alone.
    pub nonce: [u8; 24],
    /// The time.
    pub now: Timestamp,
}

impl fmt::Debug for NewKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// The agent's keys, revoked ones too, the oldest first.
    pub fn keys(&self, scope: &AgentScope) -> Result<Vec<KeyInfo>, StoreError> {
        let _ = scope;
        todo!()
    }

    /// The agent's keys with their secrets, revoked ones included and marked, for verifying a token.
    /// [`StoreError::Sealed`] if one of them does not open.
    pub fn verification_keys(&self, agent: AgentId) -> Result<Vec<Key>, StoreError> {
        let _ = agent;
        todo!()
    }
}

impl Writer<'_> {
    /// Creates a key; its secret is kept sealed only.
    pub fn create_key(&self, scope: &AgentScope, new: &NewKey<'_>) -> Result<(), StoreError> {
        let _ = (scope, new);
        todo!()
    }

    /// Revokes a key from the next request on. `false` if the agent has no such key or it was revoked
    /// before (the time of the first revocation stays).
    pub fn revoke_key(&self, scope: &AgentScope, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (scope, id, now);
        todo!()
    }
}
