//! Visitors: the bearers of a session, of a verified identity, or of both, and what they own.

use eloquent_identity::VerifiedIdentity;
use eloquent_types::{
    conversation::ConversationSummary,
    id::{AgentId, ConversationId, ProfileId},
    session::SessionToken,
};
use sha2::{Digest, Sha256};

use crate::{
    error::StoreError,
    message::MessageRecord,
    store::{Reader, Writer},
};

/// The SHA-256 of a session's token: the only form in which the store ever sees one.
#[derive(Clone, Copy, PartialEq, Eq)]
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

impl Reader<'_> {
    /// The visitor behind a request that only reads: creates and changes nothing. An identity counts
    /// if its user has a profile that is not blocked. A session of another profile than the identity's
    /// is left aside.
    pub fn visitor(&self, caller: &Caller) -> Result<Visitor, StoreError> {
        let _ = caller;
        todo!()
    }

    /// The visitor's conversations, the one with the newest message first, at most 100.
    pub fn conversations_of(&self, visitor: &Visitor) -> Result<Vec<ConversationSummary>, StoreError> {
        let _ = visitor;
        todo!()
    }

    /// One of the visitor's conversations; `None` for somebody else's and for an unknown one.
    pub fn conversation_of(
        &self,
        visitor: &Visitor,
        id: ConversationId,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        let _ = (visitor, id);
        todo!()
    }

    /// The messages from `from_seq` on, in order. `None` if the conversation is somebody else's, or
    /// unknown, or the visitor's session has ended since the visitor was looked up.
    pub fn messages_from(
        &self,
        visitor: &Visitor,
        id: ConversationId,
        from_seq: u32,
    ) -> Result<Option<Vec<MessageRecord>>, StoreError> {
        let _ = (visitor, id, from_seq);
        todo!()
    }
}

impl Writer<'_> {
    /// Notes that the session has come back to us, and so has reached its visitor.
    pub fn confirm_session(&self, visitor: &Visitor) -> Result<(), StoreError> {
        let _ = visitor;
        todo!()
    }

    /// Ends the visitor's session, if there is one. Conversations of an anonymous session are
    /// unreachable from then on; those of a profile need a valid identity.
    pub fn end_session(&self, visitor: &Visitor) -> Result<(), StoreError> {
        let _ = visitor;
        todo!()
    }
}
