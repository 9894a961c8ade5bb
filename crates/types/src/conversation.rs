//! Conversations and messages as their visitor reads them (contract §4).

use serde::{Deserialize, Serialize};

use crate::{
    id::{ConversationId, MessageId},
    rich::{Block, Href},
    time::Timestamp,
};

/// `GET …/conversations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationList {
    /// The visitor's conversations, the one with the newest message first.
    pub conversations: Vec<ConversationSummary>,
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationSummary {
    /// The conversation.
    pub id: ConversationId,
    /// The beginning of its first message.
    pub title: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When its newest message was added.
    pub updated_at: Timestamp,
}

/// `GET …/conversations/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationView {
    /// The conversation.
    pub id: ConversationId,
    /// When it began.
    pub created_at: Timestamp,
    /// Its messages, the oldest first.
    pub messages: Vec<MessageView>,
    /// Where `…/events?after=` goes on from what is here: an answer that is being written continues
    /// exactly behind the text that this view holds of it.
    pub cursor: String,
    /// Whether the conversation has messages before the first of these.
    #[serde(default)]
    pub earlier: bool,
    /// Whether the conversation was marked as resolved, and nothing was written since.
    #[serde(default)]
    pub resolved: bool,
    /// The member of the company who has taken the conversation over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// The message.
    pub id: MessageId,
    /// Who wrote it.
    pub role: Role,
    /// The text: plain for a visitor's message, Markdown for the others; empty with `format=blocks`
    /// where `blocks` is given instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The text as blocks, with `format=blocks`, for all but a visitor's messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Vec<Block>>,
    /// Whether the visitor's identity was verified when this was written.
    #[serde(default)]
    pub verified: bool,
    /// How far it is.
    pub state: MessageState,
    /// Where the answer is from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What the visitor may want to ask next, at most three questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// What the visitor thought of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Who wrote it, or whom the change is about, by name; of operators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The visitor.
    Visitor,
    /// The agent.
    Agent,
    /// A member of the company.
    Operator,
    /// Nobody: the conversation's status changed. `text` is the [`StatusKind`](crate::chat::StatusKind)'s
    /// name.
    Status,
}

/// What a visitor thought of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

impl Rating {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// `POST …/conversations/{id}/feedback`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackRequest {
    /// The answer.
    pub message_id: MessageId,
    /// What the visitor thought of it. A second one takes the first one's place.
    pub rating: Rating,
    /// In the visitor's own words, at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It is being written.
    Streaming,
    /// It is whole.
    Complete,
    /// The visitor stopped it; the text so far is kept.
    Stopped,
    /// The server ended in the middle of it; the text so far is kept.
    Interrupted,
    /// The agent failed; the text so far is kept.
    Failed,
}

/// Where an answer is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The article's title.
    pub title: String,
    /// Its address, if it can be read somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Href>,
}
