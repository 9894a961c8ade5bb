//! Admission: what a request's session and identity make of its visitor, in one transaction.

use eloquent_identity::VerifiedIdentity;
use eloquent_types::{id::ProfileId, time::Timestamp};

use rusqlite::params;

use crate::{
    column::Col,
    error::StoreError,
    store::Writer,
    visitor::{Caller, LiveSession, SessionHash, Visitor},
};

/// What was minted for a request in advance, and is used only where it is needed.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// The hash of a new session's token. The token is to be handed out only if
    /// [`Admission::session_issued`].
    pub session: SessionHash,
    /// The id of a new profile.
    pub profile: ProfileId,
    /// The time.
    pub now: Timestamp,
}

/// When a visitor without a live session gets one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionNeed {
    /// Always: for a chat message.
    Always,
    /// Only with a verified identity: for `identify`.
    OnlyIfVerified,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// The visitor.
    pub visitor: Visitor,
    /// Whether [`Fresh::session`] is now the visitor's session, in place of the one presented if any.
    pub session_issued: bool,
    /// What became of the identity.
    pub identity: Admitted,
}

/// What became of a request's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// None was given.
    Anonymous,
    /// Its profile is blocked: nothing of it was used.
    Blocked,
    /// It holds for this request.
    Verified {
        /// The profile.
        profile: ProfileId,
        /// Whether the session presented belonged to another profile.
        switched_user: bool,
        /// Whether a conversation without a profile now belongs to this one.
        claimed_conversation: bool,
    },
}

impl Writer<'_> {
    /// Admits a request.
    ///
    /// With an identity: its profile is created or updated (email kept when the token has none, claims
    /// replaced whole; a token older than the newest one seen changes neither), the key's use is
    /// counted, and the visitor has a session bound to the profile. Unless the presented session is
    /// already that, it is replaced by a new one; conversations without a profile that were made under
    /// it are claimed if it was anonymous or the profile's own, and left behind if it was another
    /// profile's.
    ///
    /// Without one, or with a blocked profile: a live session stays as it is, and a new anonymous one
    /// is made where `need` asks for it. A session that is unknown, ended or of another agent counts as
    /// none.
    pub fn admit(&self, caller: &Caller, fresh: &Fresh, need: SessionNeed) -> Result<Admission, StoreError> {
        let presented = self.live_session(caller)?;
        if let Some(session) = &presented {
            let sql = "UPDATE visitor_session SET confirmed = 1, last_seen_at = ?2 WHERE hash = ?1";
            self.change(sql, params![session.hash.0, Col(fresh.now)])?;
        }
        let Some(proof) = &caller.proof else {
            return self.admit_unverified(caller, fresh, need, presented, Admitted::Anonymous);
        };
        if proof.agent() != caller.agent {
            return Err(StoreError::WrongAgent);
        }
        match self.keep_profile(proof, fresh)? {
            Some(profile) => self.admit_verified(caller, fresh, presented, profile),
            None => self.admit_unverified(caller, fresh, need, presented, Admitted::Blocked),
        }
    }

    fn admit_unverified(
        &self,
        caller: &Caller,
        fresh: &Fresh,
        need: SessionNeed,
        presented: Option<LiveSession>,
        identity: Admitted,
    ) -> Result<Admission, StoreError> {
        let session_issued = presented.is_none() && need == SessionNeed::Always;
        if session_issued {
            self.create_session(caller, fresh, None)?;
        }
        let issued = session_issued.then_some(fresh.session);
        let visitor = Visitor {
            agent: caller.agent,
            session: presented.map(|session| session.hash).or(issued),
            session_profile: presented.and_then(|session| session.profile),
            verified: None,
            verified_until: None,
            session_issued,
            unconfirmed: false,
        };
        Ok(Admission { visitor, session_issued, identity })
    }

    fn admit_verified(
        &self,
        caller: &Caller,
        fresh: &Fresh,
        presented: Option<LiveSession>,
        profile: ProfileId,
    ) -> Result<Admission, StoreError> {
        let own = presented.filter(|session| session.profile == Some(profile));
        let session = own.map_or(fresh.session, |session| session.hash);
        if own.is_none() {
            self.create_session(caller, fresh, Some(profile))?;
        }
        let of_another =
            presented.is_some_and(|session| session.profile.is_some_and(|owner| owner != profile));
        let mut claimed_conversation = false;
        if let Some(old) = presented {
            if !of_another {
                claimed_conversation = self.claim(old.hash, session, profile)?;
            }
            if own.is_none() {
                self.change("DELETE FROM visitor_session WHERE hash = ?1", [old.hash.0])?;
            }
        }
        let visitor = Visitor {
            agent: caller.agent,
            session: Some(session),
            session_profile: Some(profile),
            verified: Some(profile),
            verified_until: caller.proof.as_ref().and_then(VerifiedIdentity::expires_at),
            session_issued: own.is_none(),
            unconfirmed: false,
        };
        let identity = Admitted::Verified { profile, switched_user: of_another, claimed_conversation };
        Ok(Admission { visitor, session_issued: own.is_none(), identity })
    }

    fn create_session(
        &self,
        caller: &Caller,
        fresh: &Fresh,
        profile: Option<ProfileId>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO visitor_session (hash, agent_id, profile_id, created_at, last_seen_at)
            VALUES (?1, ?2, ?3, ?4, ?4)";
        let (hash, agent) = (fresh.session.0, Col(caller.agent));
        self.change(sql, params![hash, agent, profile.map(Col), Col(fresh.now)]).map(drop)
    }

    /// Gives the profile every conversation without one that was made under the session `from`, and
    /// tells whether there was any.
    fn claim(&self, from: SessionHash, to: SessionHash, profile: ProfileId) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO session_conversation (session, conversation_id)
            SELECT ?2, id FROM conversation WHERE session = ?1 AND profile_id IS NULL";
        self.change(sql, params![from.0, to.0])?;
        let sql = "UPDATE conversation SET profile_id = ?3, session = ?2
            WHERE session = ?1 AND profile_id IS NULL";
        Ok(self.change(sql, params![from.0, to.0, Col(profile)])? > 0)
    }
}
