//! Conversations as the company's members see them.

use eloquent_types::{
    id::{ConversationId, ProfileId},
    text::UserId,
    time::Timestamp,
};

use crate::{agent::AgentScope, error::StoreError, message::MessageRecord, store::Reader};

/// Which conversations to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only those of this profile.
    pub profile: Option<ProfileId>,
}

/// One conversation of the list.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// Its id.
    pub id: ConversationId,
    /// The verified user that it belongs to: profile, user id, email.
    pub profile: Option<(ProfileId, UserId, Option<String>)>,
    /// The beginning of its first message.
    pub title: String,
    /// How many messages it has, an answer that is being written included.
    pub message_count: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// When its newest message was added or finished.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ConversationRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConversationRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One conversation with its messages, the oldest first, each answer with the context that the agent
/// saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationRecord {
    /// The conversation.
    pub row: ConversationRow,
    /// Its messages.
    pub messages: Vec<MessageRecord>,
}

impl Reader<'_> {
    /// The agent's conversations, the one with the newest message first.
    pub fn conversations(
        &self,
        scope: &AgentScope,
        filter: &ConversationFilter,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let _ = (scope, filter, limit, offset);
        todo!()
    }

    /// One of the agent's conversations; `None` for another agent's and for an unknown one.
    pub fn conversation(
        &self,
        scope: &AgentScope,
        id: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let _ = (scope, id);
        todo!()
    }
}
