//! The conversation on screen: its bubbles, what waits to be sent, and the one line to the server.
//!
//! The server's conversation is a log, and the cursor a place in it. Invariants: what stands before
//! [`Thread::logged`] is what the log holds up to the cursor, in its order, and what was given up between;
//! behind it is what the log has not told yet. The window is within the bubbles.

use eloquent_types::{
    conversation::Role,
    id::{ConversationId, MessageId},
    text::MessageText,
    time::Timestamp,
};

use crate::{
    bubble::{Bubble, BubbleState},
    command::CallId,
    feedback::RatingFlight,
    ticket::Ticket,
    window::Window,
};

/// The conversation on screen.
#[derive(Debug, PartialEq)]
pub(crate) struct Thread {
    pub(crate) id: Option<ConversationId>,
    pub(crate) bubbles: Vec<Bubble>,
    /// How many of the bubbles, from the first one, have their place in the log.
    pub(crate) logged: usize,
    pub(crate) window: Window,
    /// The last event that was heard: where the log is read on.
    pub(crate) cursor: Option<String>,
    /// Messages that the server has not accepted, in the order in which they go out.
    pub(crate) outbox: Vec<Outgoing>,
    /// Messages that were given up, until they are tried again.
    pub(crate) unsent: Vec<Outgoing>,
    pub(crate) line: Line,
    /// How often the stream broke since something was heard.
    pub(crate) breaks: u32,
    /// The message of this tab's whose answer is awaited.
    pub(crate) question: Option<Question>,
    /// The answer that the log is in the middle of.
    pub(crate) writing: Option<MessageId>,
    /// How many of its blocks were said to who cannot see them.
    pub(crate) said: usize,
    /// An earlier conversation that is being fetched.
    pub(crate) fetch: Option<Fetch>,
    /// What could not be fetched.
    pub(crate) missed: Option<Target>,
    /// A new conversation was asked for: no earlier one is to be restored.
    pub(crate) fresh: bool,
    /// What the visitor may want to ask next.
    pub(crate) suggestions: Vec<String>,
    /// Who answers.
    pub(crate) care: Care,
    /// A person is being asked for.
    pub(crate) handover: Option<Ticket>,
    /// Ratings on their way.
    pub(crate) ratings: Vec<RatingFlight>,
}

impl Default for Thread {
    /// Copied from one place: built member by member, it would cost more than it holds.
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Who answers in a conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Care {
    /// The agent.
    #[default]
    Agent,
    /// The agent, until somebody of the company comes, who was asked for.
    Waiting,
    /// This person of the company.
    Operator(Option<String>),
    /// The agent, should anything more be asked: a person has marked the conversation as resolved.
    Resolved,
}

/// A message on its way.
#[derive(Debug, PartialEq)]
pub(crate) struct Outgoing {
    pub(crate) key: u32,
    /// The same in every attempt, so that the server adds the message once.
    pub(crate) id: String,
    pub(crate) text: MessageText,
    pub(crate) call: Option<CallId>,
    pub(crate) attempts: u32,
    /// Whether it was sent again into a new conversation.
    pub(crate) reopened: bool,
}

/// A message of this tab's whose answer is awaited.
#[derive(Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) outgoing: Outgoing,
    /// Its id, until the log has come to it: answers before that are others'.
    pub(crate) ahead: Option<MessageId>,
}

/// The line to the server. That it is one value is why there is at most one stream.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Line {
    /// No stream.
    #[default]
    Idle,
    /// The outbox's first message was posted and is not accepted yet.
    Sending { ticket: Ticket, since: Timestamp },
    /// No stream: a pause before it is tried again.
    Pausing,
    /// A stream of the conversation's events.
    Open {
        ticket: Ticket,
        /// When the server was last heard of.
        since: Timestamp,
        /// Whether it has answered at all.
        heard: bool,
    },
}

/// A fetch of what the server knows.
#[derive(Debug, PartialEq)]
pub(crate) struct Fetch {
    pub(crate) target: Target,
    pub(crate) step: Step,
    pub(crate) attempts: u32,
}

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The newest conversation, whichever that is.
    Newest,
    /// This one.
    Conversation(ConversationId),
}

/// How far a fetch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To be asked for as soon as nothing stands in the way.
    Due,
    /// Asked for.
    Asked(Ticket),
    /// A pause before it is asked for again.
    Pausing,
}

impl Line {
    /// The open stream, if there is one.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Sending { ticket, .. } | Self::Open { ticket, .. } => Some(*ticket),
            Self::Idle | Self::Pausing => None,
        }
    }
}

impl Fetch {
    pub(crate) fn due(target: Target) -> Self {
        Self { target, step: Step::Due, attempts: 0 }
    }

    /// Whether this is what was asked for.
    pub(crate) fn is_asked(&self, ticket: Ticket) -> bool {
        self.step == Step::Asked(ticket)
    }
}

impl Thread {
    /// No conversation.
    pub(crate) const EMPTY: Self = Self {
        id: None,
        bubbles: Vec::new(),
        logged: 0,
        window: Window::START,
        cursor: None,
        outbox: Vec::new(),
        unsent: Vec::new(),
        line: Line::Idle,
        breaks: 0,
        question: None,
        writing: None,
        said: 0,
        fetch: None,
        missed: None,
        fresh: false,
        suggestions: Vec::new(),
        care: Care::Agent,
        handover: None,
        ratings: Vec::new(),
    };

    /// Whether an answer is awaited.
    pub(crate) fn is_answering(&self) -> bool {
        self.question.is_some() || self.writing.is_some()
    }

    /// The message that was to go out next.
    pub(crate) fn take_first(&mut self) -> Option<Outgoing> {
        if self.outbox.is_empty() { None } else { Some(self.outbox.remove(0)) }
    }

    /// Where the message of the server's stands.
    pub(crate) fn place_of(&self, message: MessageId) -> Option<usize> {
        self.bubbles.iter().rposition(|bubble| bubble.message == Some(message))
    }

    /// The bubble of a message of the server's.
    pub(crate) fn bubble_of(&mut self, message: MessageId) -> Option<&mut Bubble> {
        self.place_of(message).map(|at| &mut self.bubbles[at])
    }

    pub(crate) fn bubble(&mut self, key: u32) -> Option<&mut Bubble> {
        self.bubbles.iter_mut().rev().find(|bubble| bubble.key == key)
    }

    /// Adds what the log holds next.
    pub(crate) fn log(&mut self, bubble: Bubble) {
        let at = self.logged.min(self.bubbles.len());
        self.bubbles.insert(at, bubble);
        self.logged = at + 1;
        self.window.grown(self.bubbles.len());
    }

    /// The log has come to what stands there.
    pub(crate) fn reach(&mut self, at: usize) {
        self.logged = self.logged.max(at + 1);
    }

    /// Adds a message that the log does not know.
    pub(crate) fn add(&mut self, bubble: Bubble) {
        self.bubbles.push(bubble);
        self.window.show_end(self.bubbles.len());
    }

    /// Takes one bubble away.
    pub(crate) fn remove(&mut self, at: usize) -> Bubble {
        self.logged -= usize::from(at < self.logged);
        self.window.removed(at);
        self.bubbles.remove(at)
    }

    /// Puts these in place of all but what still waits to be sent.
    pub(crate) fn replace_known(&mut self, mut known: Vec<Bubble>) {
        self.logged = known.len();
        self.bubbles.retain(is_pending);
        known.append(&mut self.bubbles);
        self.bubbles = known;
        self.window = Window::START;
        self.window.show_end(self.bubbles.len());
    }
}

/// Whether the server has not got this message.
pub(crate) fn is_pending(bubble: &Bubble) -> bool {
    bubble.author == Role::Visitor
        && matches!(bubble.state, BubbleState::Sending | BubbleState::Waiting | BubbleState::NotSent { .. })
}
