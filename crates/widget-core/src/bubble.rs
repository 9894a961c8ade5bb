//! One message as it is drawn.

use eloquent_types::{
    chat::StatusKind,
    conversation::{Rating, Role, Source},
    id::MessageId,
    rich::{Block, Inline, plain_text},
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
    /// Who wrote it, by name, if that is known: an operator.
    pub author_name: Option<String>,
    /// What the visitor thought of it.
    pub rating: Option<Rating>,
    /// Whether it can be rated.
    pub can_rate: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// Its id at the server, once it is known.
    pub(crate) message: Option<MessageId>,
    /// What the button does, if there is one.
    pub(crate) on_retry: OnRetry,
}

/// What trying again means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRetry {
    /// The message is sent, or its question asked, once more.
    Send,
    /// The conversation is fetched: the server may have the rest of the answer.
    Fetch,
}

/// What a bubble says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A visitor's message: plain text, its line breaks and spaces kept.
    Plain(String),
    /// An answer.
    Rich(Vec<Piece>),
    /// No message: the conversation's status changed.
    Status(StatusKind),
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
    /// The same, and there has been no connection for a while: it goes out when there is one.
    Waiting,
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

impl Bubble {
    /// A whole message that nothing more is known of.
    #[inline(never)]
    pub(crate) fn new(key: u32, author: Role, content: Content, created_at: Timestamp) -> Self {
        Self {
            key,
            revision: key,
            author,
            content,
            state: BubbleState::Complete,
            sources: Vec::new(),
            verified: false,
            author_name: None,
            rating: None,
            can_rate: false,
            created_at,
            message: None,
            on_retry: OnRetry::Send,
        }
    }

    /// The blocks from index `from` on become these. The server sends what has changed; what is as it was
    /// all the same, whoever draws it finds so.
    #[inline(never)]
    pub(crate) fn splice(&mut self, from: u32, blocks: Vec<Block>, revision: u32) {
        let pieces = match &mut self.content {
            Content::Rich(pieces) => pieces,
            Content::Plain(_) | Content::Status(_) => return,
        };
        // A gap cannot come from a server in order; what follows it is kept all the same.
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(pieces.len());
        pieces.truncate(from);
        for block in blocks {
            pieces.push(Piece { revision, block });
        }
        self.revision = revision;
    }

    /// Appends text to the last paragraph.
    #[inline(never)]
    pub(crate) fn append(&mut self, text: String, revision: u32) {
        let pieces = match &mut self.content {
            Content::Rich(pieces) => pieces,
            Content::Plain(_) | Content::Status(_) => return,
        };
        if let Some(Piece { block: Block::Paragraph(inlines), revision: piece }) = pieces.last_mut() {
            inlines.push(Inline::Text(text));
            *piece = revision;
        } else {
            let block = Block::Paragraph(vec![Inline::Text(text)]);
            pieces.push(Piece { revision, block });
        }
        self.revision = revision;
    }

    /// Whether it is of the kind that can be rated: a whole answer of the agent's.
    pub(crate) fn is_ratable(&self) -> bool {
        self.author == Role::Agent && self.state == BubbleState::Complete && self.message.is_some()
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.content {
            Content::Plain(text) => text.is_empty(),
            Content::Status(_) => false,
            Content::Rich(pieces) => pieces.is_empty(),
        }
    }

    /// The text without its form.
    pub(crate) fn plain_text(&self) -> String {
        self.plain_text_of(0, usize::MAX)
    }

    /// The same of some of the blocks.
    pub(crate) fn plain_text_of(&self, from: usize, to: usize) -> String {
        match &self.content {
            Content::Plain(text) => text.clone(),
            Content::Status(_) => String::new(),
            Content::Rich(pieces) => {
                let mut out = String::new();
                for piece in pieces.get(from..to.min(pieces.len())).unwrap_or_default() {
                    let text = plain_text(std::slice::from_ref(&piece.block));
                    if !out.is_empty() && !text.is_empty() {
                        out.push('\n');
                    }
                    out.push_str(&text);
                }
                out
            }
        }
    }
}
