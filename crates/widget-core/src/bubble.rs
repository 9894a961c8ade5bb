//! One message as it is drawn.

use eloquent_types::{
    conversation::{Role, Source},
    id::MessageId,
    rich::Block,
    time::Timestamp,
};

/// One message in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bubble {
    /// The same for as long as the bubble is in the list, and never another's.
    pub key: u32,
    /// Grows with every change of anything below.
    pub revision: u32,
    /// Who wrote it.
    pub author: Role,
    /// What it says.
    pub content: Content,
    /// How far it is.
    pub state: BubbleState,
    /// Where the answer is from.
    pub sources: Vec<Source>,
    /// Whether the visitor's identity was verified when this was written.
    pub verified: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// Its id at the server, once it is known.
    pub(crate) message: Option<MessageId>,
}

/// What a bubble says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A visitor's message: plain text, its line breaks and spaces kept.
    Plain(String),
    /// An answer.
    Rich(Vec<Piece>),
}

/// One block of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The same number at the same index means the same block.
    pub revision: u32,
    /// The block.
    pub block: Block,
}

/// How far a bubble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BubbleState {
    /// The visitor's message is on its way.
    Sending,
    /// The visitor's message could not be sent.
    NotSent {
        /// Why, in the visitor's language.
        reason: &'static str,
        /// Whether to draw a button that tries again.
        can_retry: bool,
    },
    /// The answer is being written.
    Streaming,
    /// It is whole; a visitor's message: the server has it.
    Complete,
    /// The visitor stopped the answer.
    Stopped,
    /// The answer ended badly; its text so far stands.
    Failed {
        /// Why, in the visitor's language.
        reason: &'static str,
        /// Whether to draw a button that asks again.
        can_retry: bool,
    },
}
