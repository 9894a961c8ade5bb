//! Conversations as the company's members see them.

use eloquent_types::{
    chat::PageEvent,
    id::{ConversationId, ProfileId},
    text::UserId,
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    message::{self, MessageRecord},
    store::Reader,
    takeover::{ConversationStatus, Standing},
};

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
    /// Where it stands between the agent and people.
    pub standing: Standing,
    /// Whether a person is waited for and has not answered.
    pub unread: bool,
    /// How many messages it has, changes of status and an answer that is being written included.
    pub message_count: u32,
    /// When it began.
    pub created_at: Timestamp,
    /// When its newest message was added.
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
    /// What pages say has happened, the oldest first: never verified.
    pub page_events: Vec<PageEvent>,
}

/// In which order conversations come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConversationOrder {
    /// The one with the newest message first.
    #[default]
    Newest,
    /// Those in which a person is waited for first; then as [`Self::Newest`].
    Unread,
}

/// What an operator works through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConversationQueue {
    /// Only those with this status.
    pub status: Option<ConversationStatus>,
    /// Only those of this profile.
    pub profile: Option<ProfileId>,
    /// The order.
    pub order: ConversationOrder,
    /// How many.
    pub limit: u32,
    /// Behind how many.
    pub offset: u32,
}

macro_rules! select {
    () => {
        "SELECT c.id, c.title, c.created_at, c.updated_at, c.profile_id, p.user_id, p.email,
            c.status, c.operator, c.unread,
            (SELECT count(*) FROM message m WHERE m.conversation_id = c.id) AS message_count
         FROM conversation c LEFT JOIN profile p ON p.id = c.profile_id "
    };
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
        let sql = concat!(
            select!(),
            "WHERE c.agent_id = ?1 AND (?2 IS NULL OR c.profile_id = ?2)
             ORDER BY c.updated_at DESC, c.id DESC LIMIT ?3 OFFSET ?4"
        );
        self.rows(sql, params![Col(scope.agent), filter.profile.map(Col), limit, offset], read)
    }

    /// The agent's conversations as operators work through them.
    pub fn conversation_queue(
        &self,
        scope: &AgentScope,
        queue: &ConversationQueue,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let sql = match (queue.status, queue.order) {
            (Some(_), ConversationOrder::Newest) => QUEUE_OF_STATUS,
            (Some(_), ConversationOrder::Unread) => QUEUE_OF_STATUS_UNREAD,
            (None, ConversationOrder::Newest) => QUEUE,
            (None, ConversationOrder::Unread) => QUEUE_UNREAD,
        };
        let (status, profile) = (queue.status.map(Col), queue.profile.map(Col));
        self.rows(sql, params![Col(scope.agent), profile, queue.limit, queue.offset, status], read)
    }

    /// One of the agent's conversations; `None` for another agent's and for an unknown one.
    pub fn conversation(
        &self,
        scope: &AgentScope,
        id: ConversationId,
    ) -> Result<Option<ConversationRecord>, StoreError> {
        let sql = concat!(select!(), "WHERE c.id = ?1 AND c.agent_id = ?2");
        let Some(row) = self.row(sql, params![Col(id), Col(scope.agent)], read)? else {
            return Ok(None);
        };
        let sql = concat!(
            "SELECT ",
            message::columns!(with context),
            "FROM message m WHERE m.conversation_id = ?1 ORDER BY m.seq"
        );
        let messages = self.rows(sql, [Col(id)], message::read)?;
        Ok(Some(ConversationRecord { row, messages, page_events: self.page_events(id)? }))
    }
}

macro_rules! queue {
    ($status:literal, $order:literal) => {
        concat!(
            select!(),
            "WHERE c.agent_id = ?1 AND (?2 IS NULL OR c.profile_id = ?2) AND ",
            $status,
            " ORDER BY ",
            $order,
            "c.updated_at DESC, c.id DESC LIMIT ?3 OFFSET ?4"
        )
    };
}

const QUEUE: &str = queue!("?5 IS NULL", "");
const QUEUE_UNREAD: &str = queue!("?5 IS NULL", "c.unread DESC, ");
const QUEUE_OF_STATUS: &str = queue!("c.status = ?5", "");
const QUEUE_OF_STATUS_UNREAD: &str = queue!("c.status = ?5", "c.unread DESC, ");

fn read(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    let profile: Option<Col<ProfileId>> = row.get("profile_id")?;
    let profile = match profile {
        Some(id) => Some((id.0, row.get::<_, Col<UserId>>("user_id")?.0, row.get("email")?)),
        None => None,
    };
    Ok(ConversationRow {
        id: row.get::<_, Col<_>>("id")?.0,
        profile,
        title: row.get("title")?,
        standing: Standing { status: row.get::<_, Col<_>>("status")?.0, operator: row.get("operator")? },
        unread: row.get("unread")?,
        message_count: row.get("message_count")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        updated_at: row.get::<_, Col<_>>("updated_at")?.0,
    })
}

#[cfg(test)]
mod tests {
    use crate::query_plan::steps;

    #[test]
    fn a_queue_comes_in_its_order_without_sorting_everything() {
        for (sql, index) in [
            (super::QUEUE, "conversation_by_agent"),
            (super::QUEUE_UNREAD, "conversation_by_need"),
            (super::QUEUE_OF_STATUS, "conversation_by_status"),
        ] {
            let steps = steps(sql);
            assert!(steps[0].contains(index), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("USE TEMP B-TREE FOR ORDER BY")), "{steps:?}");
        }
    }
}
