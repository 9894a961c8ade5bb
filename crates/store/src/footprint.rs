//! How much is kept of a person, for whoever is about to erase it.
//!
//! What belongs to a person is said in [`crate::export`].

use eloquent_types::id::ProfileId;
use rusqlite::params;

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    export::{attempts_of_profile, conversations_of_profile},
    store::Reader,
};

/// What is kept of a person besides the profile, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// How many conversations.
    pub conversations: u64,
    /// How many messages in them.
    pub messages: u64,
    /// How many attempts to be identified.
    pub attempts: u64,
    /// How many sessions that live.
    pub sessions: u64,
}

const COUNT: &str = concat!(
    "SELECT (SELECT count(*) FROM conversation WHERE ",
    conversations_of_profile!(),
    "), (SELECT count(*) FROM message WHERE conversation_id IN (SELECT id FROM conversation WHERE ",
    conversations_of_profile!(),
    ")), (SELECT count(*) FROM identity_attempt WHERE ",
    attempts_of_profile!(),
    "), (SELECT count(*) FROM visitor_session WHERE profile_id = ?1)"
);

const COUNT_SESSIONS: &str = "SELECT count(*) FROM visitor_session s JOIN profile p ON p.id = s.profile_id
    WHERE p.id = ?1 AND p.agent_id = ?2";

impl Reader<'_> {
    /// How many sessions of this profile live; zero for another agent's profile and for an unknown one.
    pub fn profile_sessions(&self, scope: &AgentScope, id: ProfileId) -> Result<u64, StoreError> {
        let count = self.row(COUNT_SESSIONS, params![Col(id), Col(scope.agent)], |row| row.get(0))?;
        Ok(count.map_or(0, i64::unsigned_abs))
    }

    /// What an erasure of this profile would take with it; `None` for another agent's and for an unknown
    /// one. Looks through all of the agent's attempts.
    pub fn profile_footprint(
        &self,
        scope: &AgentScope,
        id: ProfileId,
    ) -> Result<Option<Footprint>, StoreError> {
        if self.profile(scope, id)?.is_none() {
            return Ok(None);
        }
        self.row(COUNT, [Col(id)], |row| {
            let count = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
            Ok(Footprint {
                conversations: count(0)?,
                messages: count(1)?,
                attempts: count(2)?,
                sessions: count(3)?,
            })
        })
    }
}
