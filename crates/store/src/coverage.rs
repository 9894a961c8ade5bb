//! How many chat requests came with a valid identity: what `require` would refuse, before it does.
//!
//! Counted by the hour, the page's origin, the verdict's code and the enforcement that was set. Which
//! requests they were is not kept here.
//!
//! Invariants: what was counted stays counted until it is [`COVERAGE_MAX_AGE`] old; an agent has a bounded
//! number of rows, whatever origins are sent.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use eloquent_types::{id::AgentId, identify::IdentityCode, time::Timestamp};

use rusqlite::params;

use crate::{
    agent::{AgentScope, Enforcement},
    attempt,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
};

/// For how long counts are kept.
pub const COVERAGE_MAX_AGE: Duration = Duration::from_hours(31 * 24);

/// How many origins of one agent are told apart within an hour.
pub const ORIGINS_MAX: usize = 50;

/// The origin under which the requests of all further ones are counted.
pub const OTHER_ORIGINS: &str = "(others)";

const HOUR_MILLIS: i64 = 3_600_000;

/// Chat requests that have everything here in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageRow {
    /// The origin of their pages, cut at 255 characters; [`OTHER_ORIGINS`] for those beyond
    /// [`ORIGINS_MAX`], `None` where none was sent.
    pub origin: Option<String>,
    /// Why they were not identified; `None` if they were.
    pub code: Option<IdentityCode>,
    /// What was set at their time.
    pub enforcement: Enforcement,
    /// How many there were.
    pub requests: u64,
}

/// An agent's chat requests of some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Each combination that occurred, by origin, code and enforcement.
    pub rows: Vec<CoverageRow>,
}

/// The chat requests from the pages of one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginCoverage {
    /// The origin, as in [`CoverageRow`].
    pub origin: Option<String>,
    /// How many requests there were.
    pub requests: u64,
    /// How many of them were identified.
    pub identified: u64,
}

impl Coverage {
    /// How many requests there were.
    pub fn total(&self) -> u64 {
        self.rows.iter().map(|row| row.requests).sum()
    }

    /// How many of them were identified.
    pub fn identified(&self) -> u64 {
        self.rows.iter().filter(|row| row.code.is_none()).map(|row| row.requests).sum()
    }

    /// The part of the requests that were identified, from 0 to 1; `None` if there were none.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    pub fn share(&self) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| self.identified() as f64 / total as f64)
    }

    /// By origin, the one with the most requests first.
    pub fn by_origin(&self) -> Vec<OriginCoverage> {
        let mut origins: BTreeMap<Option<&str>, (u64, u64)> = BTreeMap::new();
        for row in &self.rows {
            let (requests, identified) = origins.entry(row.origin.as_deref()).or_default();
            *requests += row.requests;
            *identified += if row.code.is_none() { row.requests } else { 0 };
        }
        let mut origins: Vec<_> = origins
            .into_iter()
            .map(|(origin, (requests, identified))| OriginCoverage {
                origin: origin.map(str::to_owned),
                requests,
                identified,
            })
            .collect();
        origins.sort_by_key(|origin| Reverse(origin.requests));
        origins
    }

    /// By code (`None`: identified), the one with the most requests first.
    pub fn by_code(&self) -> Vec<(Option<IdentityCode>, u64)> {
        let mut codes: BTreeMap<Option<IdentityCode>, u64> = BTreeMap::new();
        for row in &self.rows {
            *codes.entry(row.code).or_default() += row.requests;
        }
        let mut codes: Vec<_> = codes.into_iter().collect();
        codes.sort_by_key(|(_, requests)| Reverse(*requests));
        codes
    }
}

const SUMS: &str = "SELECT origin, code, enforcement, sum(requests) FROM identity_coverage
    WHERE agent_id = ?1 AND hour BETWEEN ?2 AND ?3
    GROUP BY origin, code, enforcement ORDER BY origin, code, enforcement";
const IS_KNOWN: &str = "SELECT 1 FROM identity_coverage WHERE agent_id = ?1 AND hour = ?2 AND origin = ?3";
const KNOWN_ORIGINS: &str = "SELECT count(DISTINCT origin) FROM identity_coverage
    WHERE agent_id = ?1 AND hour = ?2 AND origin NOT IN ('', ?3)";
const DROP_OLD: &str = "DELETE FROM identity_coverage WHERE agent_id = ?1 AND hour < ?2";

impl Reader<'_> {
    /// The agent's chat requests from `since` to `now`, in whole hours (UTC): the hour in which `since`
    /// falls is counted from its beginning.
    pub fn coverage(
        &self,
        scope: &AgentScope,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Coverage, StoreError> {
        let rows = self.rows(SUMS, params![Col(scope.agent), hour(since), hour(now)], |row| {
            let origin: String = row.get(0)?;
            Ok(CoverageRow {
                origin: (!origin.is_empty()).then_some(origin),
                code: row.get::<_, Col<Result<(), IdentityCode>>>(1)?.0.err(),
                enforcement: row.get::<_, Col<_>>(2)?.0,
                requests: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        Ok(Coverage { rows })
    }
}

impl Writer<'_> {
    /// Counts a chat request: from a page of this origin, identified or not (one without a token is
    /// [`IdentityCode::TokenMissing`]), under what is enforced. Drops what is too old of the agent's counts,
    /// and of the log of attempts: also where no more tokens come in, none is kept longer than it says.
    pub fn count_chat(
        &self,
        agent: AgentId,
        at: Timestamp,
        origin: Option<&str>,
        verdict: Result<(), IdentityCode>,
        enforcement: Enforcement,
    ) -> Result<(), StoreError> {
        let hour = hour(at);
        let origin = self.counted_origin(agent, hour, attempt::cut_origin(origin.unwrap_or_default()))?;
        let sql = "INSERT INTO identity_coverage (agent_id, hour, origin, code, enforcement, requests)
            VALUES (?1, ?2, ?3, ?4, ?5, 1) ON CONFLICT DO UPDATE SET requests = requests + 1";
        self.change(sql, params![Col(agent), hour, origin, Col(verdict), Col(enforcement)])?;
        self.change(DROP_OLD, params![Col(agent), oldest_hour(at)])?;
        self.drop_aged_attempts(at)
    }

    /// The name under which a request of this origin is counted.
    fn counted_origin<'o>(&self, agent: AgentId, hour: i64, origin: &'o str) -> Result<&'o str, StoreError> {
        if origin.is_empty() {
            return Ok(origin);
        }
        if self.row(IS_KNOWN, params![Col(agent), hour, origin], |_| Ok(()))?.is_some() {
            return Ok(origin);
        }
        let known: Option<i64> =
            self.row(KNOWN_ORIGINS, params![Col(agent), hour, OTHER_ORIGINS], |row| row.get(0))?;
        let full = usize::try_from(known.unwrap_or(0)).unwrap_or(usize::MAX) >= ORIGINS_MAX;
        Ok(if full { OTHER_ORIGINS } else { origin })
    }
}

const fn hour(time: Timestamp) -> i64 {
    time.as_millis() / HOUR_MILLIS
}

/// The first hour that is kept at this time.
fn oldest_hour(now: Timestamp) -> i64 {
    hour(now) - i64::try_from(COVERAGE_MAX_AGE.as_millis()).unwrap_or(i64::MAX) / HOUR_MILLIS
}

#[cfg(test)]
mod tests {
    use crate::query_plan;

    #[test]
    fn no_count_walks_through_other_rows_than_its_own() {
        let hours = "identity_coverage USING PRIMARY KEY (agent_id=? AND hour";
        for (sql, expected) in [
            (super::SUMS, format!("SEARCH {hours}>? AND hour<?)")),
            (super::IS_KNOWN, format!("SEARCH {hours}=? AND origin=?)")),
            (super::KNOWN_ORIGINS, format!("SEARCH {hours}=?)")),
            (super::DROP_OLD, format!("SEARCH {hours}<?)")),
        ] {
            assert!(query_plan::steps(sql).contains(&expected), "{:?}", query_plan::steps(sql));
        }
    }
}
