//! Messages as they are kept.

use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::{MessageState, Role, Source},
    id::MessageId,
    time::Timestamp,
};

/// A message.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its id.
    pub id: MessageId,
    /// Its place in the conversation, from 1 on without gaps.
    pub seq: u32,
    /// Who wrote it.
    pub role: Role,
    /// The text: plain for a visitor's message, Markdown for the others.
    pub text: String,
    /// Whether a valid identity came with it. Of an answer: with its question.
    pub verified: bool,
    /// How far it is.
    pub state: MessageState,
    /// Why an answer ended.
    pub finish_reason: Option<FinishReason>,
    /// Where an answer is from.
    pub sources: Vec<Source>,
    /// The context that the agent saw. Only for the company's members: always `None` in what a visitor
    /// or the agent reads.
    pub context: Option<String>,
    /// The id under which the visitor's client sent it.
    pub client_id: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// The page on which it was written.
    pub page: Option<Page>,
}

impl std::fmt::Debug for MessageRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRecord")
            .field("id", &self.id)
            .field("seq", &self.seq)
            .field("role", &self.role)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
