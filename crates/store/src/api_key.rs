//! Keys of the administration API: what a company's programs act with.
//!
//! A secret is never here, only its SHA-256: it has 256 random bits, so that nothing slower is needed.

use eloquent_types::{id::ApiKeyId, time::Timestamp};

use rusqlite::{Row, params};

use crate::{
    column::Col,
    company::CompanyScope,
    error::StoreError,
    store::{Reader, Writer},
};

/// For how long a use is not noted anew: what is shown is when a key was last used, not how often.
const TOUCH_MILLIS: i64 = 60_000;

/// What can be shown of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyInfo {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// The secret's last four characters.
    pub last_four: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last used, to the minute; `None` if never.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be created.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// The SHA-256 of its secret.
    pub hash: [u8; 32],
    /// The secret's last four characters.
    pub last_four: String,
    /// The time.
    pub now: Timestamp,
}

impl Reader<'_> {
    /// The company's keys, revoked ones too, the oldest first.
    pub fn api_keys(&self, scope: &CompanyScope) -> Result<Vec<ApiKeyInfo>, StoreError> {
        self.rows("SELECT * FROM api_key WHERE company_id = ?1 ORDER BY id", [Col(scope.company)], read)
    }

    /// What the bearer of the secret with this SHA-256 reaches. `None` for an unknown and a revoked key.
    pub fn company_of_api_key(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<(CompanyScope, ApiKeyInfo)>, StoreError> {
        let sql = "SELECT * FROM api_key WHERE hash = ?1 AND revoked_at IS NULL";
        self.row(sql, [hash], |row| {
            Ok((CompanyScope { company: row.get::<_, Col<_>>("company_id")?.0 }, read(row)?))
        })
    }
}

impl Writer<'_> {
    /// Creates a key. [`StoreError::Conflict`] if there is one of its id or of its secret.
    pub fn create_api_key(&self, scope: &CompanyScope, new: &NewApiKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_key (id, company_id, name, hash, last_four, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (id, company) = (Col(new.id), Col(scope.company));
        self.change(sql, params![id, company, new.name, new.hash, new.last_four, Col(new.now)]).map(drop)
    }

    /// Revokes a key from the next request on. `false` if the company has no such key or it was revoked
    /// before (the time of the first revocation stays).
    pub fn revoke_api_key(
        &self,
        scope: &CompanyScope,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE api_key SET revoked_at = ?3
            WHERE id = ?1 AND company_id = ?2 AND revoked_at IS NULL";
        Ok(self.change(sql, params![Col(id), Col(scope.company), Col(now)])? > 0)
    }

    /// Notes that a key was used; of many uses within a minute, the first one.
    pub fn touch_api_key(&self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE api_key SET last_used_at = ?2
            WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at <= ?2 - ?3)";
        self.change(sql, params![Col(id), Col(now), TOUCH_MILLIS]).map(drop)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ApiKeyInfo> {
    Ok(ApiKeyInfo {
        id: row.get::<_, Col<_>>("id")?.0,
        name: row.get("name")?,
        last_four: row.get("last_four")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        last_used_at: row.get::<_, Option<Col<_>>>("last_used_at")?.map(|time| time.0),
        revoked_at: row.get::<_, Option<Col<_>>>("revoked_at")?.map(|time| time.0),
    })
}
