//! A conversation, as members see it.

use std::collections::BTreeMap;

use eloquent_store::{ConversationRecord, ConversationRow, MessageRecord};
use eloquent_types::{
    chat::{Page, PageEvent},
    conversation::{MessageState, Rating, Role, Source},
    id::{ConversationId, MessageId, ProfileId},
    text::UserId,
    time::Timestamp,
};
use serde::Serialize;

/// A conversation without its messages.
#[derive(Clone, Serialize)]
pub struct ConversationView {
    id: ConversationId,
    title: String,
    status: &'static str,
    operator: Option<String>,
    unread: bool,
    profile: Option<OwnerView>,
    message_count: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The verified user whose conversation it is.
#[derive(Clone, Serialize)]
struct OwnerView {
    id: ProfileId,
    user_id: UserId,
    email: Option<String>,
}

impl From<ConversationRow> for ConversationView {
    fn from(row: ConversationRow) -> Self {
        let owner = |(id, user_id, email)| OwnerView { id, user_id, email };
        Self {
            id: row.id,
            title: row.title,
            status: row.standing.status.as_str(),
            operator: row.standing.operator,
            unread: row.unread,
            profile: row.profile.map(owner),
            message_count: row.message_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A conversation with its messages, the oldest first. `page_events` and each message's `attributes` are
/// what pages said, without proof.
#[derive(Clone, Serialize)]
pub struct TranscriptView {
    #[serde(flatten)]
    conversation: ConversationView,
    page_events: Vec<PageEvent>,
    messages: Vec<MessageView>,
}

impl From<ConversationRecord> for TranscriptView {
    fn from(record: ConversationRecord) -> Self {
        Self {
            conversation: record.row.into(),
            page_events: record.page_events,
            messages: record.messages.into_iter().map(MessageView::from).collect(),
        }
    }
}

/// A message with all that belongs to it.
#[derive(Clone, Serialize)]
pub struct MessageView {
    id: MessageId,
    role: Role,
    text: String,
    author: Option<String>,
    verified: bool,
    state: MessageState,
    sources: Vec<Source>,
    suggestions: Vec<String>,
    rating: Option<Rating>,
    rating_comment: Option<String>,
    page: Option<Page>,
    attributes: BTreeMap<String, String>,
    context: Option<String>,
    created_at: Timestamp,
}

impl From<MessageRecord> for MessageView {
    fn from(message: MessageRecord) -> Self {
        Self {
            id: message.id,
            role: message.role,
            text: message.text,
            author: message.author,
            verified: message.verified,
            state: message.state,
            sources: message.sources,
            suggestions: message.suggestions,
            rating: message.rating,
            rating_comment: message.rating_comment,
            page: message.page,
            attributes: message.attributes,
            context: message.context,
            created_at: message.created_at,
        }
    }
}
