//! Admission: what a request's session and identity make of its visitor, in one transaction.

use eloquent_types::{id::ProfileId, time::Timestamp};

use crate::{
    error::StoreError,
    store::Writer,
    visitor::{Caller, SessionHash, Visitor},
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
        let _ = (caller, fresh, need);
        todo!()
    }
}
