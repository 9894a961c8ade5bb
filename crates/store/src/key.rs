//! Identity keys: the secrets with which a site signs its tokens, sealed at rest.

use std::fmt;

use eloquent_identity::{Key, Secret};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    seal::Place,
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
        let sql = "SELECT * FROM identity_key WHERE agent_id = ?1 ORDER BY id";
        self.rows(sql, [Col(scope.agent)], read)
    }

    /// The agent's keys with their secrets, revoked ones included and marked, for verifying a token.
    /// [`StoreError::Sealed`] if one of them does not open.
    pub fn verification_keys(&self, agent: AgentId) -> Result<Vec<Key>, StoreError> {
        let sql = "SELECT id, nonce, sealed, revoked_at IS NOT NULL FROM identity_key
            WHERE agent_id = ?1 ORDER BY id";
        let sealed = self.rows(sql, [Col(agent)], |row| {
            let id: KeyId = row.get::<_, Col<_>>(0)?.0;
            Ok((id, row.get::<_, [u8; 24]>(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, bool>(3)?))
        })?;
        let opened = sealed.into_iter().map(|(id, nonce, sealed, revoked)| {
            let plain = self.vault.open(place(agent, id), nonce, &sealed)?;
            let text = std::str::from_utf8(&plain).map_err(|_| StoreError::Sealed)?;
            let secret = Secret::parse(text).map_err(|_| StoreError::Sealed)?;
            Ok(Key { id, secret, revoked })
        });
        opened.collect()
    }
}

impl Writer<'_> {
    /// Creates a key; its secret is kept sealed only.
    pub fn create_key(&self, scope: &AgentScope, new: &NewKey<'_>) -> Result<(), StoreError> {
        let sealed =
            self.vault.seal(place(scope.agent, new.id), new.nonce, new.secret.expose().as_bytes())?;
        let sql = "INSERT INTO identity_key (id, agent_id, name, last_four, nonce, sealed, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let last_four = new.secret.last_four();
        self.change(
            sql,
            params![Col(new.id), Col(scope.agent), new.name, last_four, new.nonce, sealed, Col(new.now)],
        )
        .map(drop)
    }

    /// Revokes a key from the next request on. `false` if the agent has no such key or it was revoked
    /// before (the time of the first revocation stays).
    pub fn revoke_key(&self, scope: &AgentScope, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE identity_key SET revoked_at = ?3
            WHERE id = ?1 AND agent_id = ?2 AND revoked_at IS NULL";
        Ok(self.change(sql, params![Col(id), Col(scope.agent), Col(now)])? > 0)
    }
}

const fn place(agent: AgentId, key: KeyId) -> Place {
    Place { table: "identity_key", agent: agent.as_u128(), row: key.as_u128() }
}

fn read(row: &Row<'_>) -> rusqlite::Result<KeyInfo> {
    Ok(KeyInfo {
        id: row.get::<_, Col<_>>("id")?.0,
        name: row.get("name")?,
        last_four: row.get("last_four")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        last_used_at: row.get::<_, Option<Col<_>>>("last_used_at")?.map(|time| time.0),
        use_count: row.get::<_, i64>("use_count")?.unsigned_abs(),
        revoked_at: row.get::<_, Option<Col<_>>>("revoked_at")?.map(|time| time.0),
    })
}
