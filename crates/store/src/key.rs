//! Identity keys: the secrets with which a site signs its tokens, sealed at rest.
//!
//! A key is active until it is revoked or until the time at which it retires; from then on it counts as
//! revoked, for good. Several are active at once, so that a rotation interrupts nobody.

use std::{fmt, time::Duration};

use eloquent_identity::{Key, OtherKey, Secret};
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

/// How many keys of an agent are active at once at most: each of them is tried on a token that names none.
pub const ACTIVE_KEYS_MAX: usize = 10;

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
    /// When it retires or retired: from then on it counts as revoked. `None` if no time was chosen.
    pub retires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl KeyInfo {
    /// Whether tokens signed with it identify at `now`: it is neither revoked nor retired.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.retires_at.is_none_or(|time| now < time)
    }

    /// Since when it has identified nobody: its last use, or its creation if it was never used.
    pub fn idle_since(&self) -> Timestamp {
        self.last_used_at.unwrap_or(self.created_at)
    }

    /// Whether revoking it should interrupt nobody: it is active, and unused for at least `idle`.
    pub fn is_safe_to_revoke(&self, now: Timestamp, idle: Duration) -> bool {
        self.is_active(now) && now.since(self.idle_since()) >= idle
    }
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

/// Why a key was not created or rotated.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyError {
    /// The agent would have more than [`ACTIVE_KEYS_MAX`] active keys.
    #[error("an agent has at most {ACTIVE_KEYS_MAX} active keys: revoke one first")]
    TooManyActive,
    /// The agent has no key of the old one's id.
    #[error("the agent has no key with this id")]
    NotFound,
    /// The old key is revoked or has retired: there is nothing to rotate.
    #[error("the key is not active any more")]
    NotActive,
    /// The store failed; [`StoreError::Conflict`] if there is a key of the new one's id already.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reader<'_> {
    /// The agent's keys, revoked ones too, the oldest first.
    pub fn keys(&self, scope: &AgentScope) -> Result<Vec<KeyInfo>, StoreError> {
        let sql = "SELECT * FROM identity_key WHERE agent_id = ?1 ORDER BY id";
        self.rows(sql, [Col(scope.agent)], read)
    }

    /// The agent's keys with their secrets, for verifying a token at `now`: revoked and retired ones are
    /// included and marked. [`StoreError::Sealed`] if one of them does not open.
    pub fn verification_keys(&self, agent: AgentId, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        let sql =
            "SELECT id, agent_id, nonce, sealed, revoked_at IS NOT NULL OR coalesce(retires_at <= ?2, 0)
            FROM identity_key WHERE agent_id = ?1 ORDER BY id";
        let sealed = self.rows(sql, params![Col(agent), Col(now)], read_sealed)?;
        sealed.iter().map(|key| self.open_key(key)).collect()
    }

    /// The active keys of the company's other agents, the agents in the order of their ids: only to tell
    /// that a token was signed for one of them. [`StoreError::Sealed`] if one of them does not open.
    pub fn other_keys(&self, scope: &AgentScope, now: Timestamp) -> Result<Vec<OtherKey>, StoreError> {
        let sql = "SELECT k.id, k.agent_id, k.nonce, k.sealed, 0, a.name
            FROM agent a JOIN identity_key k ON k.agent_id = a.id
            WHERE a.company_id = ?1 AND a.id <> ?2 AND k.revoked_at IS NULL
                AND (k.retires_at IS NULL OR k.retires_at > ?3)
            ORDER BY a.id, k.id";
        let (company, agent) = (Col(scope.company), Col(scope.agent));
        let sealed = self.rows(sql, params![company, agent, Col(now)], |row| {
            Ok((read_sealed(row)?, row.get::<_, String>(5)?))
        })?;
        let opened = sealed.into_iter().map(|(key, agent_name)| {
            Ok(OtherKey { agent: key.agent, agent_name, key: self.open_key(&key)? })
        });
        opened.collect()
    }

    fn open_key(&self, key: &SealedKey) -> Result<Key, StoreError> {
        let plain = self.open_sealed(place(key.agent, key.id), key.nonce, &key.sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| StoreError::Sealed)?;
        let secret = Secret::parse(text).map_err(|_| StoreError::Sealed)?;
        Ok(Key { id: key.id, secret, revoked: key.revoked })
    }

    /// How many of the agent's keys are active at `now`, `except` left out.
    fn active_keys(
        &self,
        agent: AgentId,
        except: Option<KeyId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM identity_key WHERE agent_id = ?1 AND id IS NOT ?2
            AND revoked_at IS NULL AND (retires_at IS NULL OR retires_at > ?3)";
        let count: Option<i64> =
            self.row(sql, params![Col(agent), except.map(Col), Col(now)], |row| row.get(0))?;
        Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
    }
}

impl Writer<'_> {
    /// Creates a key; its secret is kept sealed only.
    pub fn create_key(&self, scope: &AgentScope, new: &NewKey<'_>) -> Result<(), KeyError> {
        if self.active_keys(scope.agent, None, new.now)? >= ACTIVE_KEYS_MAX {
            return Err(KeyError::TooManyActive);
        }
        Ok(self.insert_key(scope, new)?)
    }

    /// Creates a key in place of `old`, which stays active until `retires_at`; without that, until it is
    /// revoked, or until it retires if a time was chosen before.
    ///
    /// The old key's time to retire may be `new.now` or earlier: then only the new one is active.
    pub fn rotate_key(
        &self,
        scope: &AgentScope,
        old: KeyId,
        new: &NewKey<'_>,
        retires_at: Option<Timestamp>,
    ) -> Result<(), KeyError> {
        let info = self.key(scope, old)?.ok_or(KeyError::NotFound)?;
        if !info.is_active(new.now) {
            return Err(KeyError::NotActive);
        }
        let old_stays = retires_at.is_none_or(|time| new.now < time);
        let kept = self.active_keys(scope.agent, Some(old), new.now)? + usize::from(old_stays);
        if kept >= ACTIVE_KEYS_MAX {
            return Err(KeyError::TooManyActive);
        }
        self.insert_key(scope, new)?;
        if retires_at.is_some() {
            self.set_key_retirement(scope, old, retires_at, new.now)?;
        }
        Ok(())
    }

    /// Chooses the time at which a key retires, or takes the choice back. `false`, and nothing is changed,
    /// if the agent has no such key or it is not active at `now`: what has ended does not come back.
    pub fn set_key_retirement(
        &self,
        scope: &AgentScope,
        id: KeyId,
        retires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE identity_key SET retires_at = ?3 WHERE id = ?1 AND agent_id = ?2
            AND revoked_at IS NULL AND (retires_at IS NULL OR retires_at > ?4)";
        let params = params![Col(id), Col(scope.agent), retires_at.map(Col), Col(now)];
        Ok(self.change(sql, params)? > 0)
    }

    /// Revokes a key from the next request on. `false` if the agent has no such key or it was revoked
    /// before (the time of the first revocation stays).
    pub fn revoke_key(&self, scope: &AgentScope, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE identity_key SET revoked_at = ?3
            WHERE id = ?1 AND agent_id = ?2 AND revoked_at IS NULL";
        Ok(self.change(sql, params![Col(id), Col(scope.agent), Col(now)])? > 0)
    }

    /// Counts a use: a token signed with the key has identified somebody at this time. Whoever is admitted
    /// is counted there.
    pub fn count_key_use(&self, agent: AgentId, id: KeyId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE identity_key
            SET last_used_at = max(coalesce(last_used_at, ?3), ?3), use_count = use_count + 1
            WHERE id = ?1 AND agent_id = ?2";
        self.change(sql, params![Col(id), Col(agent), Col(now)]).map(drop)
    }

    fn key(&self, scope: &AgentScope, id: KeyId) -> Result<Option<KeyInfo>, StoreError> {
        let sql = "SELECT * FROM identity_key WHERE id = ?1 AND agent_id = ?2";
        self.row(sql, params![Col(id), Col(scope.agent)], read)
    }

    fn insert_key(&self, scope: &AgentScope, new: &NewKey<'_>) -> Result<(), StoreError> {
        let sealed = self.seal(place(scope.agent, new.id), new.nonce, new.secret.expose().as_bytes())?;
        let sql = "INSERT INTO identity_key (id, agent_id, name, last_four, nonce, sealed, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let last_four = new.secret.last_four();
        self.change(
            sql,
            params![Col(new.id), Col(scope.agent), new.name, last_four, new.nonce, sealed, Col(new.now)],
        )
        .map(drop)
    }
}

/// A key as it stands in its row.
struct SealedKey {
    id: KeyId,
    agent: AgentId,
    nonce: [u8; 24],
    sealed: Vec<u8>,
    revoked: bool,
}

/// From the columns id, agent, nonce, sealed, and whether it counts as revoked.
fn read_sealed(row: &Row<'_>) -> rusqlite::Result<SealedKey> {
    Ok(SealedKey {
        id: row.get::<_, Col<_>>(0)?.0,
        agent: row.get::<_, Col<_>>(1)?.0,
        nonce: row.get(2)?,
        sealed: row.get(3)?,
        revoked: row.get(4)?,
    })
}

pub(crate) const fn place(agent: AgentId, key: KeyId) -> Place {
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
        retires_at: row.get::<_, Option<Col<_>>>("retires_at")?.map(|time| time.0),
        revoked_at: row.get::<_, Option<Col<_>>>("revoked_at")?.map(|time| time.0),
    })
}
