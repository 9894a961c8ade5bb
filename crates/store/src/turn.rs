//! A turn: a visitor's question, and the answer as it is written.

use std::collections::BTreeMap;

use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::{MessageState, Source},
    id::{ConversationId, MessageId},
    text::MessageText,
    time::Timestamp,
};

use crate::{
    error::StoreError,
    message::MessageRecord,
    store::{Reader, Writer},
    visitor::Visitor,
};

/// A question to be kept.
#[derive(Clone)]
pub struct Question {
    /// The conversation that it continues; a new one without.
    pub conversation: Option<ConversationId>,
    /// The id of a new conversation, used only if one is opened.
    pub new_conversation: ConversationId,
    /// The question's id.
    pub id: MessageId,
    /// The id of the answer to come.
    pub answer_id: MessageId,
    /// The id under which the client sent it: the same one again adds nothing.
    pub client_id: String,
    /// The text.
    pub text: MessageText,
    /// The page on which it was written.
    pub page: Option<Page>,
    /// The visitor's language (BCP 47).
    pub locale: Option<String>,
    /// Hints from the page: never verified.
    pub attributes: BTreeMap<String, String>,
    /// The time.
    pub now: Timestamp,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question")
            .field("conversation", &self.conversation)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A question that is kept, and the answer that was opened for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The conversation.
    pub conversation: ConversationId,
    /// The question.
    pub question: MessageRef,
    /// The answer.
    pub answer: MessageRef,
    /// `false` if the question was kept before, and nothing was added.
    pub fresh: bool,
}

impl Posted {
    /// The answer, for those that write it.
    pub const fn answer_ref(&self) -> AnswerRef {
        AnswerRef { conversation: self.conversation, message: self.answer.id }
    }
}

/// A message by id and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// Its id.
    pub id: MessageId,
    /// Its place in the conversation.
    pub seq: u32,
}

/// An answer, for those that write it. Names a message; gives no visitor a right to anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerRef {
    /// The conversation.
    pub conversation: ConversationId,
    /// The answer.
    pub message: MessageId,
}

/// Why a question was not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PostError {
    /// The visitor has no such conversation: it is somebody else's, or there is none.
    #[error("the visitor has no such conversation")]
    ConversationNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reader<'_> {
    /// What was said in the conversation before this answer, its question included, the oldest first;
    /// of a long conversation the newest 200 messages.
    pub fn history(&self, answer: &AnswerRef) -> Result<Vec<MessageRecord>, StoreError> {
        let _ = answer;
        todo!()
    }
}

impl Writer<'_> {
    /// Keeps a question and opens its answer, which is empty and streaming, in the visitor's own
    /// conversation or a new one. The visitor must have a session ([`SessionNeed::Always`]).
    ///
    /// A `client_id` that is already in a conversation of the visitor's own adds nothing and gives what
    /// is there; the texts are not compared. The same holds where the visitor's session is new and the
    /// question is the first of a conversation whose session was never heard of again: its visitor
    /// asks once more because the first response was lost, and takes the conversation over.
    ///
    /// A verified visitor's own conversation that has no profile yet gets theirs.
    ///
    /// [`SessionNeed::Always`]: crate::SessionNeed::Always
    pub fn post_question(&self, visitor: &Visitor, question: &Question) -> Result<Posted, PostError> {
        let _ = (visitor, question);
        todo!()
    }

    /// Appends to an answer. `false`, and nothing is appended, if it is not streaming.
    pub fn append_text(&self, answer: &AnswerRef, text: &str) -> Result<bool, StoreError> {
        let _ = (answer, text);
        todo!()
    }

    /// Keeps the context that the agent saw for this answer.
    pub fn record_context(&self, answer: &AnswerRef, context: &str) -> Result<(), StoreError> {
        let _ = (answer, context);
        todo!()
    }

    /// Ends an answer. `false`, and nothing changes, if it is not streaming: the first end stays.
    pub fn finish_answer(
        &self,
        answer: &AnswerRef,
        state: MessageState,
        finish_reason: Option<FinishReason>,
        sources: &[Source],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let _ = (answer, state, finish_reason, sources, now);
        todo!()
    }

    /// Marks every answer that is still streaming as interrupted, and tells how many there were. For
    /// the start, when nobody is writing any.
    pub fn interrupt_streaming(&self, now: Timestamp) -> Result<u64, StoreError> {
        let _ = now;
        todo!()
    }
}
