//! The conversation on screen: its bubbles, what waits to be sent, and the one line to the server.

use std::collections::VecDeque;

use eloquent_types::{
    conversation::Role,
    id::{ConversationId, MessageId},
    text::MessageText,
};

use crate::{
    bubble::{Bubble, BubbleState},
    command::CallId,
    ticket::Ticket,
};

/// The conversation on screen.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Thread {
    pub(crate) id: Option<ConversationId>,
    pub(crate) bubbles: Vec<Bubble>,
    /// Messages that the server has not accepted, in the order in which they go out.
    pub(crate) outbox: VecDeque<Outgoing>,
    /// Messages that were given up, until they are tried again.
    pub(crate) unsent: Vec<Outgoing>,
    pub(crate) line: Line,
    /// An earlier conversation that is being fetched.
    pub(crate) fetch: Option<Fetch>,
    /// What could not be fetched.
    pub(crate) missed: Option<Target>,
    /// A new conversation was asked for: no earlier one is to be restored.
    pub(crate) fresh: bool,
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

/// The line to the server. That it is one value is why there is at most one stream.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Line {
    /// No stream.
    #[default]
    Idle,
    /// The outbox's first message was posted and is not accepted yet.
    Sending { ticket: Ticket },
    /// No stream: a pause before the outbox's first message is tried again.
    Pausing,
    /// A stream from which an answer is awaited.
    Answering { ticket: Ticket, turn: Turn },
    /// No stream: a pause before the answer's is taken up again.
    Broken { turn: Turn },
}

/// An answer that is awaited.
#[derive(Debug, PartialEq)]
pub(crate) struct Turn {
    /// The last event that was heard.
    pub(crate) cursor: Option<String>,
    /// The answer, once it has begun.
    pub(crate) answer: Option<MessageId>,
    /// The question, if it was asked from this page.
    pub(crate) question: Option<Outgoing>,
    /// How often the stream broke since something was heard.
    pub(crate) attempts: u32,
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
            Self::Sending { ticket } | Self::Answering { ticket, .. } => Some(*ticket),
            Self::Idle | Self::Pausing | Self::Broken { .. } => None,
        }
    }

    /// The awaited answer, if there is one.
    pub(crate) fn turn(&mut self) -> Option<&mut Turn> {
        match self {
            Self::Answering { turn, .. } | Self::Broken { turn } => Some(turn),
            Self::Idle | Self::Sending { .. } | Self::Pausing => None,
        }
    }

    /// Whether an answer is awaited.
    pub(crate) fn is_answering(&self) -> bool {
        matches!(self, Self::Answering { .. } | Self::Broken { .. })
    }
}

impl Fetch {
    pub(crate) fn due(target: Target) -> Self {
        Self { target, step: Step::Due, attempts: 0 }
    }
}

impl Thread {
    /// The bubble of a message of the server's.
    pub(crate) fn bubble_of(&mut self, message: MessageId) -> Option<&mut Bubble> {
        self.bubbles.iter_mut().rev().find(|bubble| bubble.message == Some(message))
    }

    pub(crate) fn bubble(&mut self, key: u32) -> Option<&mut Bubble> {
        self.bubbles.iter_mut().rev().find(|bubble| bubble.key == key)
    }

    /// Adds what the server has, above what it has not.
    pub(crate) fn insert(&mut self, bubble: Bubble) {
        let pending = self.bubbles.iter().rev().take_while(|bubble| is_pending(bubble)).count();
        self.bubbles.insert(self.bubbles.len() - pending, bubble);
    }

    /// Takes everything off the screen but what still waits to be sent.
    pub(crate) fn drop_known(&mut self) {
        self.bubbles.retain(is_pending);
    }
}

/// Whether the server has not got this message.
pub(crate) fn is_pending(bubble: &Bubble) -> bool {
    bubble.author == Role::Visitor
        && matches!(bubble.state, BubbleState::Sending | BubbleState::NotSent { .. })
}
