//! What visitors think of answers.

use eloquent_types::{
    conversation::Rating,
    id::{ConversationId, MessageId},
    time::Timestamp,
};
use rusqlite::params;

use crate::{column::Col, error::StoreError, store::Writer, visitor::Visitor};

/// A visitor's opinion of an answer.
#[derive(Clone)]
pub struct NewRating {
    /// The conversation in which the answer stands.
    pub conversation: ConversationId,
    /// The answer.
    pub message: MessageId,
    /// What they thought of it.
    pub rating: Rating,
    /// In their own words.
    pub comment: Option<String>,
    /// The time.
    pub now: Timestamp,
}

impl std::fmt::Debug for NewRating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRating").field("message", &self.message).finish_non_exhaustive()
    }
}

/// Why a rating was not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RatingError {
    /// The visitor has no such conversation: it is somebody else's, or there is none.
    #[error("the visitor has no such conversation")]
    ConversationNotFound,
    /// The conversation has no answer of this id.
    #[error("the conversation has no such answer")]
    NotAnAnswer,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Writer<'_> {
    /// Keeps what the visitor thinks of an answer of the agent in one of their own conversations, in place
    /// of what they thought before.
    pub fn rate(&self, visitor: &Visitor, new: &NewRating) -> Result<(), RatingError> {
        if self.conversation_of(visitor, new.conversation)?.is_none() {
            return Err(RatingError::ConversationNotFound);
        }
        let sql = "UPDATE message SET rating = ?3, rating_comment = ?4, rated_at = ?5
            WHERE id = ?1 AND conversation_id = ?2 AND role = 'agent'";
        let (message, conversation) = (Col(new.message), Col(new.conversation));
        let changed =
            self.change(sql, params![message, conversation, Col(new.rating), new.comment, Col(new.now)])?;
        if changed == 0 { Err(RatingError::NotAnAnswer) } else { Ok(()) }
    }
}
