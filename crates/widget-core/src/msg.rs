//! Everything that can happen to the widget.

use eloquent_types::{
    chat::StreamEvent,
    config::AgentConfig,
    conversation::{ConversationList, ConversationView, Rating},
    identify::IdentifyResponse,
    problem::ProblemCode,
};

use crate::{
    command::{CallId, Command},
    effect::Stored,
    ticket::Ticket,
    timer::TimerId,
    token::IdentityToken,
};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The shell stands and runs effects from here on. What was asked for earlier was kept and is
    /// done now, in order.
    Start,
    /// The page called a command.
    Command {
        /// Under which number its promise waits.
        call: CallId,
        /// What is asked for.
        command: Command,
    },
    /// The visitor did something.
    Ui(UiEvent),
    /// The answer to [`Effect::LoadConfig`](crate::Effect::LoadConfig).
    Config {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<AgentConfig, TransportError>,
    },
    /// The answer to [`Effect::Identify`](crate::Effect::Identify).
    Identify {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<IdentifyResponse, TransportError>,
    },
    /// The answer to [`Effect::GetToken`](crate::Effect::GetToken).
    Token {
        /// The effect's ticket.
        ticket: Ticket,
        /// What the page gave; none where it failed or gave no string.
        token: Option<IdentityToken>,
    },
    /// The answer to [`Effect::FetchConversation`](crate::Effect::FetchConversation).
    Conversation {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<ConversationView, TransportError>,
    },
    /// The answer to [`Effect::ListConversations`](crate::Effect::ListConversations).
    Conversations {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<ConversationList, TransportError>,
    },
    /// An event of a stream that [`Effect::OpenStream`](crate::Effect::OpenStream) or
    /// [`Effect::ResumeStream`](crate::Effect::ResumeStream) opened.
    Stream {
        /// The effect's ticket.
        ticket: Ticket,
        /// The frame's `id`, from which the stream can be resumed.
        id: Option<String>,
        /// The event.
        event: StreamEvent,
    },
    /// The server has answered a request for a stream, or the stream has brought something, be it no
    /// more than a sign of life.
    StreamAlive {
        /// The effect's ticket.
        ticket: Ticket,
    },
    /// A stream is over, or could not be opened. Comes once per stream, and never after
    /// [`Effect::AbortStream`](crate::Effect::AbortStream).
    StreamEnded {
        /// The effect's ticket.
        ticket: Ticket,
        /// `Ok` where the server closed it in order.
        result: Result<(), TransportError>,
    },
    /// The answer to [`Effect::SendFeedback`](crate::Effect::SendFeedback).
    Feedback {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<(), TransportError>,
    },
    /// The answer to [`Effect::RequestHandover`](crate::Effect::RequestHandover).
    Handover {
        /// The effect's ticket.
        ticket: Ticket,
        /// What came of it.
        result: Result<(), TransportError>,
    },
    /// The answer to [`Effect::LoadWords`](crate::Effect::LoadWords).
    Words {
        /// The effect's language.
        locale: &'static str,
        /// The words, in the order of the file; none where they could not be had.
        words: Option<Vec<String>>,
    },
    /// The tab came into sight or went out of it.
    Visibility {
        /// Whether nobody sees it now.
        hidden: bool,
    },
    /// A timer's time is up.
    Timer(TimerId),
    /// Another tab of this browser logged its visitor out.
    LoggedOutElsewhere,
    /// Another tab of this browser has changed what the storage holds.
    StoredElsewhere(Stored),
    /// The machine may have slept: timers may be late, and streams dead.
    Woken,
    /// The page is back from the browser's cache of pages left, where it heard of no logout, with what
    /// the storage holds by now.
    Returned(Stored),
    /// The browser says that it is connected again.
    Online,
    /// The browser says that it is not connected.
    Offline,
}

/// What the visitor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UiEvent {
    /// The launcher was pressed.
    LauncherPressed,
    /// The panel's close button was pressed.
    ClosePressed,
    /// Escape was pressed inside the panel.
    EscapePressed,
    /// The composer's text changed.
    DraftChanged(String),
    /// The composer's text is to be sent.
    Submitted(String),
    /// The running answer is to be stopped.
    StopPressed,
    /// The message whose [`Bubble::key`](crate::Bubble::key) this is, or its answer, is to be tried again.
    RetryPressed(u32),
    /// The starter of this index was chosen.
    StarterChosen(usize),
    /// A new conversation is wanted.
    NewConversationPressed,
    /// The banner's button, where it has one, was pressed.
    BannerPressed,
    /// The answer of this [`Bubble::key`](crate::Bubble::key) was rated.
    Rated(u32, Rating),
    /// The suggestion of this index was chosen.
    SuggestionChosen(usize),
    /// The list of conversations is wanted, or the way back from it.
    HistoryPressed,
    /// The conversation of this index in the list was chosen.
    ConversationChosen(usize),
    /// A person is wanted.
    HandoverPressed,
    /// Sounds are wanted, or no longer.
    SoundPressed,
    /// The list was scrolled near its beginning.
    ReachedTop,
    /// The list was scrolled near its end; there may be more below it.
    ReachedEnd,
    /// The list was scrolled away from its end.
    LeftEnd,
    /// The newest messages are wanted.
    LatestPressed,
    /// What stands beside the launcher was pressed: the chat is wanted.
    PreviewPressed,
    /// What stands beside the launcher is to go.
    PreviewDismissed,
    /// A link was followed.
    LinkPressed {
        /// Where to.
        url: String,
        /// The [`Bubble::key`](crate::Bubble::key) of the message in which it stood.
        key: Option<u32>,
    },
}

/// Why a request has no answer that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No response: no connection, blocked, broken off.
    Unreachable,
    /// A problem, by its code.
    Refused {
        /// What was wrong.
        code: ProblemCode,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// A response that is not of the API's form.
    Unexpected,
}

impl TransportError {
    /// Whether the same request can succeed later.
    pub(crate) fn is_passing(self) -> bool {
        match self {
            Self::Unreachable | Self::Unexpected => true,
            Self::Refused { code, .. } => {
                matches!(code, ProblemCode::RateLimited | ProblemCode::ServerBusy | ProblemCode::Internal)
            }
        }
    }

    /// Whether there is no such conversation, for this visitor.
    pub(crate) fn is_not_found(self) -> bool {
        matches!(self, Self::Refused { code: ProblemCode::ConversationNotFound, .. })
    }

    /// What the page is told.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "network_error",
            Self::Refused { code, .. } => code.as_str(),
            Self::Unexpected => "unexpected_response",
        }
    }
}
