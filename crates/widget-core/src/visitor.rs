//! All that belongs to one visitor, in one place, so that forgetting the visitor is replacing it.

use eloquent_types::{
    id::ConversationId, identify::Identified, session::SessionToken, text::UserId, time::Timestamp,
};

use crate::{
    command::CallId,
    history::History,
    renewal::{Renewal, Term},
    thread::Thread,
    ticket::Ticket,
    token::{Credentials, IdentityToken},
    track::Tracked,
};

/// The visitor of this page.
#[derive(Debug, PartialEq)]
pub(crate) struct Visitor {
    pub(crate) session: Option<SessionToken>,
    pub(crate) identity: Identity,
    pub(crate) identifying: Option<Identifying>,
    /// How fresh tokens come.
    pub(crate) renewal: Renewal,
    /// The token that the page gave last, good or bad: what the linter is to look at.
    pub(crate) given: Option<IdentityToken>,
    /// What the page tells of the visitor, unverified.
    pub(crate) hints: Vec<(String, String)>,
    /// What the page says has happened since the last message.
    pub(crate) tracked: Tracked,
    pub(crate) open: bool,
    pub(crate) unread: u32,
    pub(crate) draft: String,
    /// What was typed in other conversations.
    pub(crate) drafts: Vec<(Option<ConversationId>, String)>,
    /// The list of conversations, while it is on screen.
    pub(crate) list: Option<History>,
    /// Whether a message that comes is to be heard.
    pub(crate) sound: bool,
    /// Why the draft was not taken, until it changes.
    pub(crate) notice: Option<&'static str>,
    /// Whether the visitor has done anything: before, nothing is stored.
    pub(crate) acted: bool,
    pub(crate) thread: Thread,
}

/// Who the visitor is.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Identity {
    /// Nobody in particular.
    #[default]
    Anonymous,
    /// The server verified the token.
    Verified {
        token: IdentityToken,
        who: Identified,
        /// None where the token does not expire, or the server did not say what time it is.
        term: Option<Term>,
    },
    /// The token is no longer good; the session is still this user's, so it stays out of storage.
    Lapsed { user: UserId },
}

impl Identity {
    /// The user to whom session and conversation belong.
    pub(crate) fn user(&self) -> Option<&UserId> {
        match self {
            Self::Anonymous => None,
            Self::Verified { who, .. } => Some(&who.user_id),
            Self::Lapsed { user } => Some(user),
        }
    }

    /// When the token that is held expires, if it does.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Verified { who, .. } => who.expires_at,
            Self::Anonymous | Self::Lapsed { .. } => None,
        }
    }
}

/// A token that the server is asked about: a call of `identify` that has no result yet, or what the
/// page's `getToken` gave.
#[derive(Debug, PartialEq)]
pub(crate) struct Identifying {
    /// None where nobody waits for a result.
    pub(crate) call: Option<CallId>,
    pub(crate) token: IdentityToken,
    /// None while it waits for a message on its way: the server has to know the session first.
    pub(crate) ticket: Option<Ticket>,
}

impl Default for Visitor {
    /// Copied from one place: built member by member, it would cost more than it holds.
    fn default() -> Self {
        Self::NOBODY
    }
}

impl Visitor {
    /// Nobody in particular, who has done nothing.
    pub(crate) const NOBODY: Self = Self {
        session: None,
        identity: Identity::Anonymous,
        identifying: None,
        renewal: Renewal::NONE,
        given: None,
        hints: Vec::new(),
        tracked: Tracked::NOTHING,
        open: false,
        unread: 0,
        draft: String::new(),
        drafts: Vec::new(),
        list: None,
        sound: false,
        notice: None,
        acted: false,
        thread: Thread::EMPTY,
    };

    pub(crate) fn token(&self) -> Option<&IdentityToken> {
        match &self.identity {
            Identity::Verified { token, .. } => Some(token),
            Identity::Anonymous | Identity::Lapsed { .. } => None,
        }
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { session: self.session.clone(), token: self.token().cloned() }
    }
}
