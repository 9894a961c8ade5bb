//! Which claims an agent's profiles hold, for whoever decides what becomes of them.

use rusqlite::params;

use crate::{agent::AgentScope, column::Col, error::StoreError, store::Reader};

/// A claim's name, and how many of the agent's profiles hold such a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimCount {
    /// The name; `email` for the email address.
    pub name: String,
    /// How many profiles.
    pub profiles: u64,
}

const COUNT: &str = "SELECT name, count(*) FROM profile_claim WHERE agent_id = ?1
    GROUP BY name ORDER BY count(*) DESC, name LIMIT ?2";

const COUNT_EMAILS: &str = "SELECT count(*) FROM profile WHERE agent_id = ?1 AND email IS NOT NULL";

impl Reader<'_> {
    /// The email address, and then the claims that most profiles hold, at most `limit` of them: a site may
    /// sign any number of names.
    pub fn claim_counts(&self, scope: &AgentScope, limit: u32) -> Result<Vec<ClaimCount>, StoreError> {
        let emails: i64 = self.row(COUNT_EMAILS, [Col(scope.agent)], |row| row.get(0))?.unwrap_or_default();
        let mut counts = vec![ClaimCount { name: "email".to_owned(), profiles: emails.unsigned_abs() }];
        counts.extend(self.rows(COUNT, params![Col(scope.agent), limit], |row| {
            Ok(ClaimCount { name: row.get(0)?, profiles: row.get::<_, i64>(1)?.unsigned_abs() })
        })?);
        Ok(counts)
    }
}
