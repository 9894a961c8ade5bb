//! Profiles: what an agent knows of a verified user, as the company's members see it.

use eloquent_types::{claims::Claims, id::ProfileId, text::UserId, time::Timestamp};

use rusqlite::{Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
    visitor::Visitor,
};

/// A verified user at one agent. The same user at two agents has two.
#[derive(Clone, PartialEq)]
pub struct Profile {
    /// Its id.
    pub id: ProfileId,
    /// The site's id of the user, byte for byte as it was signed.
    pub user_id: UserId,
    /// The last email address that a token gave.
    pub email: Option<String>,
    /// The claims of the newest token.
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
    /// The agent's profiles, the last seen first. `search` keeps those whose user id, email or claims
    /// hold the text, without regard to ASCII case.
    pub fn profiles(
        &self,
        scope: &AgentScope,
        search: Option<&str>,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<Profile>, StoreError> {
        // A claim's text is JSON within JSON: its quotes are escaped twice. Plain words are found.
        let sql = "SELECT * FROM profile WHERE agent_id = ?1 AND (?2 IS NULL
                OR instr(lower(user_id), lower(?2)) OR instr(lower(email), lower(?2))
                OR instr(lower(claims), lower(?2)))
            ORDER BY last_seen_at DESC, id DESC LIMIT ?3 OFFSET ?4";
        self.rows(sql, params![Col(scope.agent), search, limit, offset], read)
    }

    /// One of the agent's profiles; `None` for another agent's and for an unknown one.
    pub fn profile(&self, scope: &AgentScope, id: ProfileId) -> Result<Option<Profile>, StoreError> {
        let sql = "SELECT * FROM profile WHERE id = ?1 AND agent_id = ?2";
        self.row(sql, params![Col(id), Col(scope.agent)], read)
    }

    /// The visitor's profile, if a valid identity came with this very request.
    pub fn profile_of_visitor(&self, visitor: &Visitor) -> Result<Option<Profile>, StoreError> {
        let sql = "SELECT * FROM profile WHERE id = ?1 AND agent_id = ?2 AND blocked = 0";
        self.row(sql, params![visitor.verified.map(Col), Col(visitor.agent)], read)
    }
}

impl Writer<'_> {
    /// Blocks a profile, or lifts the block. `false` if the agent has no such profile.
    pub fn set_profile_blocked(
        &self,
        scope: &AgentScope,
        id: ProfileId,
        blocked: bool,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE profile SET blocked = ?3 WHERE id = ?1 AND agent_id = ?2";
        Ok(self.change(sql, params![Col(id), Col(scope.agent), blocked])? > 0)
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        id: row.get::<_, Col<_>>("id")?.0,
        user_id: row.get::<_, Col<_>>("user_id")?.0,
        email: row.get("email")?,
        claims: row.get::<_, Col<_>>("claims")?.0,
        blocked: row.get("blocked")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        updated_at: row.get::<_, Col<_>>("updated_at")?.0,
        last_seen_at: row.get::<_, Col<_>>("last_seen_at")?.0,
        newest_issued_at: row.get("newest_issued_at")?,
    })
}
