//! Profiles: what an agent knows of a verified user, as the company's members see it.
//!
//! A claim stands in one place, `profile_claim`, with the token that gave it. What pages say without
//! proof stands apart from it, in `profile_hint`, and is never mixed in.

mod details;
mod history;
mod keep;
mod search;

pub use details::{ClaimRecord, Hint, ProfileDetails, TokenTime};
pub use history::{HISTORY_MAX, ProfileChange, ProfileChangeKind};
pub use search::ProfileFilter;

use eloquent_types::{claims::Claims, id::ProfileId, text::UserId, time::Timestamp};

use rusqlite::{Params, Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
    visitor::Visitor,
};
use history::{Cause, Change};

/// A verified user at one agent. The same user at two agents has two.
#[derive(Clone, PartialEq)]
pub struct Profile {
    /// Its id.
    pub id: ProfileId,
    /// The site's id of the user, byte for byte as it was signed.
    pub user_id: UserId,
    /// The last email address that a token gave.
    pub email: Option<String>,
    /// The claims of the newest token, without those that the agent's policy drops.
    pub claims: Claims,
    /// Whether the profile is blocked: its tokens identify nobody.
    pub blocked: bool,
    /// When the user was first verified.
    pub created_at: Timestamp,
    /// When email or claims last changed.
    pub updated_at: Timestamp,
    /// When the user was last verified.
    pub last_seen_at: Timestamp,
    /// The newest `iat` that a token gave, in seconds. A token with an older one changes nothing.
    pub newest_issued_at: Option<f64>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("id", &self.id)
            .field("blocked", &self.blocked)
            .finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// One of the agent's profiles; `None` for another agent's and for an unknown one.
    pub fn profile(&self, scope: &AgentScope, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let sql = "SELECT * FROM profile WHERE id = ?1 AND agent_id = ?2";
        self.profile_where(sql, params![Col(id), Col(scope.agent)])
    }

    /// The agent's profile of this user, compared byte for byte.
    pub fn profile_by_user_id(
        &self,
        scope: &AgentScope,
        user_id: &UserId,
    ) -> Result<Option<Profile>, StoreError> {
        let sql = "SELECT * FROM profile WHERE agent_id = ?1 AND user_id = ?2";
        self.profile_where(sql, params![Col(scope.agent), user_id.as_str()])
    }

    /// The visitor's profile, if a valid identity came with this very request.
    pub fn profile_of_visitor(&self, visitor: &Visitor) -> Result<Option<Profile>, StoreError> {
        let sql = "SELECT * FROM profile WHERE id = ?1 AND agent_id = ?2 AND blocked = 0";
        self.profile_where(sql, params![visitor.verified.map(Col), Col(visitor.agent)])
    }

    fn profile_where(&self, sql: &str, params: impl Params) -> Result<Option<Profile>, StoreError> {
        let found = self.row(sql, params, read)?;
        found.map(|profile| self.with_claims(profile)).transpose()
    }

    fn with_claims(&self, profile: Profile) -> Result<Profile, StoreError> {
        // By rows, not by SQLite's JSON functions: those end a name at its first NUL.
        let sql = "SELECT name, value FROM profile_claim WHERE profile_id = ?1";
        let claims = self.rows(sql, [Col(profile.id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Profile { claims: Claims::from_json_values(claims), ..profile })
    }
}

impl Writer<'_> {
    /// Blocks a profile, or lifts the block, and notes who did it (`actor`). What is as it should be
    /// already stays without a new note. `false` if the agent has no such profile.
    pub fn set_profile_blocked(
        &self,
        scope: &AgentScope,
        id: ProfileId,
        blocked: bool,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT blocked FROM profile WHERE id = ?1 AND agent_id = ?2";
        let found: Option<bool> = self.row(sql, params![Col(id), Col(scope.agent)], |row| row.get(0))?;
        let Some(was) = found else { return Ok(false) };
        if was != blocked {
            self.change("UPDATE profile SET blocked = ?2 WHERE id = ?1", params![Col(id), blocked])?;
            let change = if blocked { Change::Blocked } else { Change::Unblocked };
            self.note(id, now, Cause::Member(actor), &[change])?;
        }
        Ok(true)
    }
}

/// The profile of a row, its claims still to be read ([`Reader::with_claims`]).
fn read(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        id: row.get::<_, Col<_>>("id")?.0,
        user_id: row.get::<_, Col<_>>("user_id")?.0,
        email: row.get("email")?,
        claims: Claims::default(),
        blocked: row.get("blocked")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        updated_at: row.get::<_, Col<_>>("updated_at")?.0,
        last_seen_at: row.get::<_, Col<_>>("last_seen_at")?.0,
        newest_issued_at: row.get("newest_issued_at")?,
    })
}
