//! Visitors: the bearers of a session, of a verified identity, or of both, and what they own.

use std::time::Duration;

use eloquent_identity::VerifiedIdentity;
use eloquent_types::{
    conversation::ConversationSummary,
    id::{AgentId, ConversationId, ProfileId},
    session::SessionToken,
    time::Timestamp,
};
use rusqlite::{Row, ToSql, params};
use sha2::{Digest, Sha256};

use crate::{
    column::Col,
    error::StoreError,
    message::{self, MessageRecord},
    store::{Reader, Writer},
};

/// The SHA-256 of a session's token: the only form in which the store ever sees one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionHash(pub(crate) [u8; 32]);

impl SessionHash {
    /// The hash of this token. (256 random bits need no salt and no slow hash.)
    pub fn of(token: &SessionToken) -> Self {
        Self(Sha256::digest(token.expose()).into())
    }
}

impl std::fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionHash(…)")
    }
}

/// Who a request says it is from.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The agent that it is for.
    pub agent: AgentId,
    /// The session that it presents, known or not.
    pub session: Option<SessionHash>,
    /// The identity that was verified for it. One that was verified for another agent is an error
    /// ([`StoreError::WrongAgent`]).
    pub proof: Option<VerifiedIdentity>,
}

/// The owner that every query for conversations takes: an agent, a live session if there is one, and
/// the profile that was verified with this request if there is one. Only the store makes it, by
/// `Writer::admit` and [`Reader::visitor`].
///
/// It is worth no more than what stands behind it: once its session has ended, it owns nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub(crate) agent: AgentId,
    /// A session that was live when this was made.
    pub(crate) session: Option<SessionHash>,
    /// The profile to which the session is bound.
    pub(crate) session_profile: Option<ProfileId>,
    /// The profile that was verified with this request.
    pub(crate) verified: Option<ProfileId>,
    /// When the token that verified it expires, if it does.
    pub(crate) verified_until: Option<Timestamp>,
    /// Whether the session was issued in this request.
    pub(crate) session_issued: bool,
    /// Whether the session has never been presented to a writing request since it was issued.
    pub(crate) unconfirmed: bool,
}

impl Visitor {
    /// The agent.
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// The profile that was verified with this request.
    pub const fn verified_profile(&self) -> Option<ProfileId> {
        self.verified
    }

    /// Takes the verified profile away if its token has expired at `now`, for those that go on reading
    /// after their request: from then on the visitor owns what the session alone owns. `clock_skew` is the
    /// tolerance with which the token was verified.
    pub fn expire(&mut self, now: Timestamp, clock_skew: Duration) {
        if self.verified_until.is_some_and(|until| until + clock_skew <= now) {
            self.verified = None;
        }
    }

    /// Whether there is a live session.
    pub const fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Whether the session was presented for the first time since it was issued, by a request that
    /// could not write that down: [`Writer::confirm_session`] should be called.
    pub const fn is_unconfirmed(&self) -> bool {
        self.unconfirmed
    }
}

/// The owner rule, the only one: which conversations `c` are the visitor's. The parameters `?1` to `?4`
/// are [`Visitor::owner`]'s.
///
/// Of the same agent, while the visitor's session (if there was one) lives and is still bound as it was;
/// and without a profile under that session, or of the profile verified with this request, or of the
/// session's profile if the session took part while verified.
///
/// The `+` keeps the agent from being what rows are looked for by: an agent has them by the thousands, a
/// visitor a handful.
macro_rules! owned {
    () => {
        "+c.agent_id = ?1
         AND (?2 IS NULL OR EXISTS (SELECT 1 FROM visitor_session s
            WHERE s.hash = ?2 AND s.agent_id = ?1 AND s.profile_id IS ?3))
         AND ((c.profile_id IS NULL AND c.session = ?2)
            OR (c.profile_id = ?4 AND EXISTS (SELECT 1 FROM profile p
                WHERE p.id = ?4 AND p.agent_id = ?1 AND p.blocked = 0))
            OR (c.profile_id = ?3 AND EXISTS (SELECT 1 FROM session_conversation t
                WHERE t.session = ?2 AND t.conversation_id = c.id))) "
    };
}
pub(crate) use owned;

const LIST: &str = concat!(
    "SELECT c.id, c.title, c.created_at, c.updated_at FROM conversation c WHERE ",
    owned!(),
    "ORDER BY c.updated_at DESC, c.id DESC LIMIT 100"
);

/// A session that is there, as it stands.
#[derive(Clone, Copy)]
pub(crate) struct LiveSession {
    pub(crate) hash: SessionHash,
    pub(crate) profile: Option<ProfileId>,
    pub(crate) confirmed: bool,
}

impl Visitor {
    /// The parameters of the owner rule, in order.
    pub(crate) fn owner(&self) -> (impl ToSql, impl ToSql, impl ToSql, impl ToSql) {
        let session = self.session.map(|session| session.0);
        (Col(self.agent), session, self.session_profile.map(Col), self.verified.map(Col))
    }
}

impl Reader<'_> {
    /// The session that the caller presents, if it is one of the agent's.
    pub(crate) fn live_session(&self, caller: &Caller) -> Result<Option<LiveSession>, StoreError> {
        let Some(hash) = caller.session else { return Ok(None) };
        let sql = "SELECT profile_id, confirmed FROM visitor_session WHERE hash = ?1 AND agent_id = ?2";
        self.row(sql, params![hash.0, Col(caller.agent)], |row| {
            let profile: Option<Col<ProfileId>> = row.get(0)?;
            Ok(LiveSession { hash, profile: profile.map(|id| id.0), confirmed: row.get(1)? })
        })
    }

    /// The visitor behind a request that only reads: creates and changes nothing. An identity counts
    /// if its user has a profile that is not blocked. A session of another profile than the identity's
    /// is left aside.
    pub fn visitor(&self, caller: &Caller) -> Result<Visitor, StoreError> {
        let presented = self.live_session(caller)?;
        let profile = match &caller.proof {
            Some(proof) => Some(self.profile_of_proof(caller.agent, proof)?),
            None => None,
        };
        let (session, verified) = match profile {
            None | Some(KnownProfile::Blocked) => (presented, None),
            // The identity is good, only its profile is yet to be made: a session of anybody else is
            // not its bearer's.
            Some(KnownProfile::None) => (presented.filter(|session| session.profile.is_none()), None),
            Some(KnownProfile::Is(id)) => {
                let own = |session: &LiveSession| session.profile.is_none_or(|profile| profile == id);
                (presented.filter(own), Some(id))
            }
        };
        Ok(Visitor {
            agent: caller.agent,
            session: session.map(|session| session.hash),
            session_profile: session.and_then(|session| session.profile),
            verified,
            verified_until: caller.proof.as_ref().and_then(VerifiedIdentity::expires_at),
            session_issued: false,
            unconfirmed: session.is_some_and(|session| !session.confirmed),
        })
    }

    /// Whether the profile of the identity that the caller presents is blocked, so that nothing of it
    /// counts.
    pub fn is_blocked(&self, caller: &Caller) -> Result<bool, StoreError> {
        let Some(proof) = &caller.proof else { return Ok(false) };
        Ok(matches!(self.profile_of_proof(caller.agent, proof)?, KnownProfile::Blocked))
    }

    /// The visitor's conversations, the one with the newest message first, at most 100.
    pub fn conversations_of(&self, visitor: &Visitor) -> Result<Vec<ConversationSummary>, StoreError> {
        self.rows(LIST, visitor.owner(), read_summary)
    }

    /// One of the visitor's conversations; `None` for somebody else's and for an unknown one.
    pub fn conversation_of(
        &self,
        visitor: &Visitor,
        id: ConversationId,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        let sql = concat!(
            "SELECT c.id, c.title, c.created_at, c.updated_at FROM conversation c WHERE c.id = ?5 AND ",
            owned!()
        );
        let (agent, session, session_profile, verified) = visitor.owner();
        self.row(sql, (agent, session, session_profile, verified, Col(id)), read_summary)
    }

    /// The messages from `from_seq` on, in order. `None` if the conversation is somebody else's, or
    /// unknown, or the visitor's session has ended since the visitor was looked up.
    pub fn messages_from(
        &self,
        visitor: &Visitor,
        id: ConversationId,
        from_seq: u32,
    ) -> Result<Option<Vec<MessageRecord>>, StoreError> {
        if self.conversation_of(visitor, id)?.is_none() {
            return Ok(None);
        }
        let sql = concat!(
            "SELECT ",
            message::columns!(),
            "FROM message m WHERE m.conversation_id = ?1 AND m.seq >= ?2 ORDER BY m.seq"
        );
        self.rows(sql, params![Col(id), from_seq], message::read).map(Some)
    }
}

/// What is known of an identity's profile.
enum KnownProfile {
    None,
    Blocked,
    Is(ProfileId),
}

impl Reader<'_> {
    fn profile_of_proof(&self, agent: AgentId, proof: &VerifiedIdentity) -> Result<KnownProfile, StoreError> {
        if proof.agent() != agent {
            return Err(StoreError::WrongAgent);
        }
        let sql = "SELECT id, blocked FROM profile WHERE agent_id = ?1 AND user_id = ?2";
        let found = self.row(sql, params![Col(agent), proof.user_id().as_str()], |row| {
            let id: Col<ProfileId> = row.get(0)?;
            Ok(if row.get(1)? { KnownProfile::Blocked } else { KnownProfile::Is(id.0) })
        })?;
        Ok(found.unwrap_or(KnownProfile::None))
    }
}

impl Writer<'_> {
    /// Notes that the session has come back to us, and so has reached its visitor.
    pub fn confirm_session(&self, visitor: &Visitor) -> Result<(), StoreError> {
        let sql = "UPDATE visitor_session SET confirmed = 1 WHERE hash = ?1 AND agent_id = ?2";
        self.change(sql, params![visitor.session.map(|session| session.0), Col(visitor.agent)]).map(drop)
    }

    /// Ends the visitor's session, if there is one. Conversations of an anonymous session are
    /// unreachable from then on; those of a profile need a valid identity.
    pub fn end_session(&self, visitor: &Visitor) -> Result<(), StoreError> {
        let sql = "DELETE FROM visitor_session WHERE hash = ?1 AND agent_id = ?2";
        self.change(sql, params![visitor.session.map(|session| session.0), Col(visitor.agent)]).map(drop)
    }
}

pub(crate) fn read_summary(row: &Row<'_>) -> rusqlite::Result<ConversationSummary> {
    Ok(ConversationSummary {
        id: row.get::<_, Col<_>>("id")?.0,
        title: row.get("title")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        updated_at: row.get::<_, Col<_>>("updated_at")?.0,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use crate::{migration, seal::MasterKey, seal::Vault, turn};

    /// The steps by which SQLite would run a query.
    fn plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nothing = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
        statement.query_map(nothing, |row| row.get("detail")).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn no_visitors_query_walks_through_everybodys_rows() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
        let connection = migration::open(&dir.path().join("eloquent.db"), &vault).unwrap();
        for sql in [super::LIST, turn::FIND_POSTED, turn::FIND_LOST] {
            let steps = plan(&connection, sql);
            assert!(steps.len() > 1, "{sql}");
            for step in &steps {
                assert!(!step.starts_with("SCAN") && !step.contains("_by_agent"), "{step} in {sql}");
            }
        }
    }
}
