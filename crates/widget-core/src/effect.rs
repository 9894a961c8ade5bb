//! What the shell is to do.

use eloquent_types::{
    chat::ChatRequest,
    conversation::FeedbackRequest,
    id::{ConversationId, MessageId},
    session::SessionToken,
};

use crate::{
    command::{CallId, CommandResult},
    event::Event,
    ticket::Ticket,
    timer::TimerId,
    token::{Credentials, IdentityToken},
};

/// One thing to do. Run them in order, after the state is no longer borrowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// `GET …/config`, answered by [`Msg::Config`](crate::Msg::Config).
    LoadConfig {
        /// Comes back with the answer.
        ticket: Ticket,
    },
    /// `POST …/identify`, answered by [`Msg::Identify`](crate::Msg::Identify).
    Identify {
        /// Comes back with the answer.
        ticket: Ticket,
        /// For the body.
        token: IdentityToken,
        /// For the header.
        session: Option<SessionToken>,
    },
    /// Asks the function that came with a call of `identify` for a fresh token, answered by
    /// [`Msg::Token`](crate::Msg::Token), however it fails.
    GetToken {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The call that the function came with.
        call: CallId,
    },
    /// The function that came with this call of `identify` is asked no more.
    DropGetToken(CallId),
    /// `POST …/chat`: [`Msg::Stream`](crate::Msg::Stream) for each event, then
    /// [`Msg::StreamEnded`](crate::Msg::StreamEnded).
    OpenStream {
        /// Comes back with each event.
        ticket: Ticket,
        /// The body.
        request: Box<ChatRequest>,
        /// For the header.
        session: Option<SessionToken>,
    },
    /// `GET …/conversations/{id}/events?format=blocks` with `Last-Event-ID` or `?after=`: messages as
    /// for [`Effect::OpenStream`].
    ResumeStream {
        /// Comes back with each event.
        ticket: Ticket,
        /// The conversation.
        conversation: ConversationId,
        /// The id of the last event that was heard.
        after: String,
        /// For the headers.
        credentials: Credentials,
    },
    /// Closes the stream; nothing more is to be heard of it. No error if it is over already.
    AbortStream {
        /// The stream's ticket.
        ticket: Ticket,
    },
    /// `GET …/conversations/{id}?format=blocks`, answered by [`Msg::Conversation`](crate::Msg::Conversation).
    FetchConversation {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The conversation.
        conversation: ConversationId,
        /// The message before which the page of messages ends; the newest page without.
        before: Option<MessageId>,
        /// For the headers.
        credentials: Credentials,
    },
    /// `GET …/conversations`, answered by [`Msg::Conversations`](crate::Msg::Conversations).
    ListConversations {
        /// Comes back with the answer.
        ticket: Ticket,
        /// For the headers.
        credentials: Credentials,
    },
    /// `POST …/conversations/{id}/stop`. The answer's stream tells what comes of it.
    StopAnswer {
        /// The conversation.
        conversation: ConversationId,
        /// For the headers.
        credentials: Credentials,
    },
    /// `POST …/conversations/{id}/feedback`, answered by [`Msg::Feedback`](crate::Msg::Feedback).
    SendFeedback {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The conversation.
        conversation: ConversationId,
        /// The body.
        request: FeedbackRequest,
        /// For the headers.
        credentials: Credentials,
    },
    /// `POST …/conversations/{id}/handover`, answered by [`Msg::Handover`](crate::Msg::Handover).
    RequestHandover {
        /// Comes back with the answer.
        ticket: Ticket,
        /// The conversation.
        conversation: ConversationId,
        /// For the headers.
        credentials: Credentials,
    },
    /// Fetches the words of a language, answered by [`Msg::Words`](crate::Msg::Words).
    LoadWords {
        /// One of the languages that there are words in.
        locale: &'static str,
    },
    /// Puts the number of unread messages before the document's title; 0 gives the title back.
    Title {
        /// How many.
        unread: u32,
    },
    /// Makes the sound of a message that came.
    Chime,
    /// `DELETE …/session`. Nobody waits for the answer (`keepalive`).
    EndSession {
        /// For the headers.
        credentials: Credentials,
    },
    /// Writes this to the browser's storage, in place of what is there.
    Store(Stored),
    /// Removes all that this agent's widget has in the browser's storage.
    ClearStorage,
    /// Tells this browser's other tabs, which then get [`Msg::LoggedOutElsewhere`](crate::Msg::LoggedOutElsewhere).
    BroadcastLogout,
    /// Starts a timer, answered by [`Msg::Timer`](crate::Msg::Timer).
    StartTimer {
        /// Comes back when the time is up.
        timer: TimerId,
        /// After how many milliseconds.
        millis: u32,
    },
    /// Stops a timer. No error if it is over already.
    CancelTimer(TimerId),
    /// Resolves a command's promise.
    Resolve {
        /// Which one.
        call: CallId,
        /// With what.
        result: CommandResult,
    },
    /// Tells the page's listeners.
    Emit(Event),
    /// One warning in the console, for the site's developer.
    Warn(String),
    /// Loads the linter, which is told of every call from then on, or lets go of it.
    Lint {
        /// Whether it is to be there.
        on: bool,
        /// The token that the page gave last, for the linter to look at first.
        token: Option<IdentityToken>,
    },
    /// Moves the keyboard's focus, once the view is drawn.
    Focus(FocusTarget),
    /// Has a screen reader say this when it is idle, in place of what it was last told to say. Empty
    /// when a conversation leaves the screen, so that nothing said of it stays in the page.
    Announce(String),
    /// Removes everything that the widget put into the page. The last effect there is.
    Unmount,
}

/// Where the keyboard's focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusTarget {
    /// The text field.
    Composer,
    /// The launcher's button.
    Launcher,
}

/// What the browser keeps from one page to the next: of anonymous visitors only, and nothing before
/// the visitor's first action. An identified visitor's session is never in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The anonymous session.
    pub session: Option<SessionToken>,
    /// The anonymous session's conversation.
    pub conversation: Option<ConversationId>,
    /// Whether the panel was open.
    pub open: bool,
    /// Whether the visitor wants to hear that a message came.
    pub sound: bool,
}
