//! The log of attempts to be identified: what answers "why was this visitor not identified?".
//!
//! A token is never kept. What it claimed is kept only where it was signed with a key of the agent.
//!
//! Invariants: of each kind (rejected, identified, identified reads) an agent has at most [`ATTEMPTS_MAX`]
//! attempts, the newest ones, so that no flood of one kind drives out another; and none that was older than [`ATTEMPTS_MAX_AGE`] when one was last recorded or a chat request counted, at any agent (of very
//! many that are, the last ones go with those that follow).

use std::time::Duration;

use eloquent_identity::{Rejection, Signed};
use eloquent_types::{
    id::{AgentId, ConversationId, ProfileId},
    identify::IdentityCode,
    text::UserId,
    time::Timestamp,
};

use rusqlite::{Row, params, types::Type};

use crate::{
    agent::{AgentScope, Enforcement},
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
};

/// For how long attempts are kept.
pub const ATTEMPTS_MAX_AGE: Duration = Duration::from_hours(30 * 24);

/// How many attempts of one agent are kept of each kind: rejected ones, those that identified somebody by
/// `identify` or with a chat message, and those that identified a reader.
pub const ATTEMPTS_MAX: u64 = 10_000;

/// How many characters of an origin are kept.
const ORIGIN_MAX_CHARS: usize = 255;

/// What the log is held to.
struct Bounds {
    /// How many attempts of an agent, of each kind.
    count: u64,
    /// How old.
    age: Duration,
    /// How many that are too old go with one that is recorded: after a long silence, nobody waits for all
    /// of them to go.
    aged_at_once: u32,
}

const BOUNDS: Bounds = Bounds { count: ATTEMPTS_MAX, age: ATTEMPTS_MAX_AGE, aged_at_once: 1000 };

/// Where a token came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// `identify`.
    Identify,
    /// A chat message.
    Chat,
    /// A request that only reads: conversations, a stream.
    Read,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Self; 3] = [Self::Identify, Self::Chat, Self::Read];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Chat => "chat",
            Self::Read => "read",
        }
    }

    /// The surface of this name, which is compared exactly.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.as_str() == name)
    }
}

/// An attempt to be recorded.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    /// The agent that was asked.
    pub agent: AgentId,
    /// The time.
    pub at: Timestamp,
    /// Where the token came in.
    pub surface: Surface,
    /// What became of it.
    pub verdict: Result<(), Rejection>,
    /// What was set for the agent.
    pub enforcement: Enforcement,
    /// What was signed; only there where the signature held.
    pub signed: Option<Signed>,
    /// The origin of the page, as the browser told; kept up to 255 characters.
    pub origin: Option<String>,
    /// The conversation that the request was about. One that is not the agent's is left out.
    pub conversation: Option<ConversationId>,
    /// The profile that was identified. Without one, the one whose user id was signed; one that is not the
    /// agent's is left out.
    pub profile: Option<ProfileId>,
}

/// An attempt that was recorded.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its number, which rises within the agent while the log has any of them.
    pub id: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Where the token came in.
    pub surface: Surface,
    /// What became of it.
    pub verdict: Result<(), Rejection>,
    /// What was set for the agent at that time.
    pub enforcement: Enforcement,
    /// What was signed; only there where the signature held.
    pub signed: Option<Signed>,
    /// The origin of the page, if it was told.
    pub origin: Option<String>,
    /// The conversation that the request was about.
    pub conversation: Option<ConversationId>,
    /// The profile whose user id was signed.
    pub profile: Option<ProfileId>,
}

impl Attempt {
    /// How old the token was, in seconds to the millisecond: from `iat` to the attempt, zero if `iat` was
    /// in the future. `None` without a signed `iat`.
    pub fn token_age(&self) -> Option<f64> {
        let issued_at = self.signed.as_ref()?.issued_at?;
        Some(to_millis(self.at.as_secs_f64() - issued_at).max(0.0))
    }

    /// By how many seconds, to the millisecond, the signer's clock is seen ahead of ours: how far the later
    /// one of `iat` and `nbf` was in the future. `None` if none of them was.
    pub fn clock_difference(&self) -> Option<f64> {
        let signed = self.signed.as_ref()?;
        let times = [signed.issued_at, signed.not_before].into_iter().flatten();
        let ahead = times.map(|time| to_millis(time - self.at.as_secs_f64()));
        ahead.filter(|ahead| *ahead > 0.0).reduce(f64::max)
    }

    /// Whether `require` would have refused what `report` let pass: a chat message that was not identified.
    pub const fn would_be_refused(&self) -> bool {
        matches!((self.surface, self.enforcement, self.verdict), (Surface::Chat, Enforcement::Report, Err(_)))
    }
}

/// Our clock is no more exact, and the difference of two times since 1970 has digits that mean nothing.
fn to_millis(secs: f64) -> f64 {
    let millis = secs * 1000.0;
    if millis.is_finite() { millis.round() / 1000.0 } else { secs }
}

/// Which attempts are asked for. The default is the newest 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Only those with this outcome.
    pub outcome: Option<OutcomeFilter>,
    /// Only those of this surface.
    pub surface: Option<Surface>,
    /// Only those about this conversation.
    pub conversation: Option<ConversationId>,
    /// Only those of this profile.
    pub profile: Option<ProfileId>,
    /// Only those before this number: the next page begins after the last [`Attempt::id`] of one.
    pub before: Option<u64>,
    /// How many at most.
    pub limit: u32,
}

impl Default for AttemptFilter {
    fn default() -> Self {
        Self { outcome: None, surface: None, conversation: None, profile: None, before: None, limit: 50 }
    }
}

/// An outcome to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// The visitor was identified.
    Identified,
    /// The visitor was not.
    Rejected,
    /// The visitor was not, for this reason.
    Code(IdentityCode),
}

/// The newest first, by one of the indexes; the parameters are the same.
macro_rules! select {
    ($index:literal, $by:literal) => {
        concat!(
            "SELECT t.* FROM identity_attempt t ",
            $index,
            " WHERE t.agent_id = ?1 AND ",
            $by,
            " AND t.id < ?4 AND (?5 IS NULL OR t.surface = ?5) AND (?6 IS NULL OR t.code = ?6)
              AND (?7 = 0 OR t.code <> 'ok') ORDER BY t.id DESC LIMIT ?8"
        )
    };
}

const BY_AGENT: &str = select!("", "?2 IS NULL AND ?3 IS NULL");
const BY_CONVERSATION: &str = select!(
    "INDEXED BY identity_attempt_by_conversation",
    "t.conversation_id = ?2 AND (?3 IS NULL OR t.profile_id = ?3)"
);
const BY_PROFILE: &str =
    select!("INDEXED BY identity_attempt_by_profile", "?2 IS NULL AND t.profile_id = ?3");

const NEXT_ID: &str = "SELECT coalesce(max(id), 0) + 1 FROM identity_attempt WHERE agent_id = ?1";
const NEXT_PLACE: &str =
    "SELECT coalesce(max(place), 0) + 1 FROM identity_attempt WHERE agent_id = ?1 AND kind = ?2";
const DROP_BEYOND: &str = "DELETE FROM identity_attempt WHERE agent_id = ?1 AND kind = ?2 AND place <= ?3";
/// Of all agents: where nothing is too old, this is one look into an index.
const DROP_AGED: &str = "DELETE FROM identity_attempt WHERE (agent_id, id) IN
    (SELECT agent_id, id FROM identity_attempt WHERE at < ?1 ORDER BY at LIMIT ?2)";

impl Reader<'_> {
    /// The agent's attempts that the filter lets through, the newest first.
    pub fn attempts(&self, scope: &AgentScope, filter: &AttemptFilter) -> Result<Vec<Attempt>, StoreError> {
        let sql = match (filter.conversation, filter.profile) {
            (None, None) => BY_AGENT,
            (Some(_), _) => BY_CONVERSATION,
            (None, Some(_)) => BY_PROFILE,
        };
        let code = match filter.outcome {
            None | Some(OutcomeFilter::Rejected) => None,
            Some(OutcomeFilter::Identified) => Some(Ok(())),
            Some(OutcomeFilter::Code(code)) => Some(Err(code)),
        };
        let params = params![
            Col(scope.agent),
            filter.conversation.map(Col),
            filter.profile.map(Col),
            filter.before.map_or(i64::MAX, |id| i64::try_from(id).unwrap_or(i64::MAX)),
            filter.surface.map(Col),
            code.map(Col),
            filter.outcome == Some(OutcomeFilter::Rejected),
            filter.limit,
        ];
        self.rows(sql, params, read)
    }
}

impl Writer<'_> {
    /// Records an attempt, and drops what is beyond the bounds of the log.
    pub fn record_attempt(&self, new: &NewAttempt) -> Result<(), StoreError> {
        self.record_within(&BOUNDS, new)
    }

    fn record_within(&self, bounds: &Bounds, new: &NewAttempt) -> Result<(), StoreError> {
        let (agent, kind) = (new.agent, kind(new));
        let id: i64 = self.row(NEXT_ID, [Col(agent)], |row| row.get(0))?.unwrap_or(1);
        let place: i64 = self.row(NEXT_PLACE, params![Col(agent), kind], |row| row.get(0))?.unwrap_or(1);
        self.insert_attempt(id, kind, place, new)?;
        self.change(DROP_BEYOND, params![Col(agent), kind, place.saturating_sub_unsigned(bounds.count)])?;
        self.drop_aged_within(bounds, new.at)
    }

    /// Drops what is too old of all agents' logs.
    pub(crate) fn drop_aged_attempts(&self, now: Timestamp) -> Result<(), StoreError> {
        self.drop_aged_within(&BOUNDS, now)
    }

    fn drop_aged_within(&self, bounds: &Bounds, now: Timestamp) -> Result<(), StoreError> {
        let age = i64::try_from(bounds.age.as_millis()).unwrap_or(i64::MAX);
        self.change(DROP_AGED, params![now.as_millis() - age, bounds.aged_at_once]).map(drop)
    }

    fn insert_attempt(&self, id: i64, kind: u8, place: i64, new: &NewAttempt) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO identity_attempt (agent_id, id, at, surface, code, reason, enforcement, origin,
                key_id, issued_at, not_before, expires_at, user_id, conversation_id, profile_id, kind, place)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                (SELECT id FROM conversation WHERE id = ?14 AND agent_id = ?1),
                CASE WHEN ?15 IS NULL THEN (SELECT id FROM profile WHERE agent_id = ?1 AND user_id = ?13)
                    ELSE (SELECT id FROM profile WHERE id = ?15 AND agent_id = ?1) END, ?16, ?17)";
        let signed = new.signed.as_ref();
        let params = params![
            Col(new.agent),
            id,
            Col(new.at),
            Col(new.surface),
            Col(new.verdict.map_err(Rejection::code)),
            new.verdict.err().map(Rejection::name),
            Col(new.enforcement),
            new.origin.as_deref().map(cut_origin),
            signed.map(|signed| Col(signed.key)),
            signed.and_then(|signed| signed.issued_at),
            signed.and_then(|signed| signed.not_before),
            signed.and_then(|signed| signed.expires_at),
            signed.and_then(|signed| signed.user_id.as_ref()).map(UserId::as_str),
            new.conversation.map(Col),
            new.profile.map(Col),
            kind,
            place,
        ];
        self.change(sql, params).map(drop)
    }
}

/// The kind of an attempt, as it is numbered in the table. A page that is open reads often, also by opening
/// its stream again; that must not drive out who was identified, and neither of them who was not.
const fn kind(new: &NewAttempt) -> u8 {
    match (&new.verdict, new.surface) {
        (Err(_), _) => 0,
        (Ok(()), Surface::Identify | Surface::Chat) => 1,
        (Ok(()), Surface::Read) => 2,
    }
}

/// As much of an origin as is kept: whoever sends a request chooses what it says.
pub(crate) fn cut_origin(origin: &str) -> &str {
    origin.char_indices().nth(ORIGIN_MAX_CHARS).map_or(origin, |(end, _)| &origin[..end])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        id: row.get::<_, i64>("id")?.unsigned_abs(),
        at: row.get::<_, Col<_>>("at")?.0,
        surface: row.get::<_, Col<_>>("surface")?.0,
        verdict: read_verdict(row)?,
        enforcement: row.get::<_, Col<_>>("enforcement")?.0,
        signed: read_signed(row)?,
        origin: row.get("origin")?,
        conversation: row.get::<_, Option<Col<_>>>("conversation_id")?.map(|id| id.0),
        profile: row.get::<_, Option<Col<_>>>("profile_id")?.map(|id| id.0),
    })
}

/// A reason that this program does not know (an older one wrote it) is read as the first of its code.
fn read_verdict(row: &Row<'_>) -> rusqlite::Result<Result<(), Rejection>> {
    let Err(code) = row.get::<_, Col<Result<(), IdentityCode>>>("code")?.0 else { return Ok(Ok(())) };
    let reason: Option<String> = row.get("reason")?;
    let known = reason.and_then(|name| Rejection::from_name(&name));
    let first = || Rejection::ALL.into_iter().find(|rejection| rejection.code() == code);
    known.filter(|rejection| rejection.code() == code).or_else(first).map(Err).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, "a code without a rejection".into())
    })
}

fn read_signed(row: &Row<'_>) -> rusqlite::Result<Option<Signed>> {
    let Some(key) = row.get::<_, Option<Col<_>>>("key_id")? else { return Ok(None) };
    Ok(Some(Signed {
        key: key.0,
        issued_at: row.get("issued_at")?,
        not_before: row.get("not_before")?,
        expires_at: row.get("expires_at")?,
        user_id: row.get::<_, Option<Col<_>>>("user_id")?.map(|id| id.0),
    }))
}

#[cfg(test)]
mod tests;
