//! People in conversations: a visitor asks for one, a member of the company takes over, writes, and gives
//! the conversation back.
//!
//! Each change of a conversation's status is a row of its log, with a number of its own: whoever follows the
//! conversation resumes behind it like behind a message, and misses none.

use eloquent_types::{
    chat::StatusKind,
    conversation::{MessageState, Role},
    id::{ConversationId, MessageId},
    time::Timestamp,
};
use rusqlite::params;

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
    visitor::Visitor,
};

/// Where a conversation stands between the agent and people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConversationStatus {
    /// The agent answers.
    #[default]
    Open,
    /// The visitor asked for a person; until one takes over, the agent answers.
    Waiting,
    /// A person has taken over; the agent is silent.
    Assigned,
    /// A person has marked it as done; with the visitor's next message it is open again.
    Resolved,
}

impl ConversationStatus {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Open, Self::Waiting, Self::Assigned, Self::Resolved];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Assigned => "assigned",
            Self::Resolved => "resolved",
        }
    }

    /// The one of this name, which is compared exactly.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A conversation's status, and who has taken it over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: ConversationStatus,
    /// The operator's name; of an assigned conversation alone.
    pub operator: Option<String>,
}

/// What an operator writes.
#[derive(Clone)]
pub struct Reply {
    /// The message's id.
    pub id: MessageId,
    /// The id of a change of status, used if there is one.
    pub status_id: MessageId,
    /// The operator's name.
    pub author: String,
    /// Markdown.
    pub text: String,
    /// The time.
    pub now: Timestamp,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A row of a conversation's log that no visitor wrote and no agent.
struct Entry<'a> {
    id: MessageId,
    role: Role,
    text: &'a str,
    author: Option<&'a str>,
    now: Timestamp,
}

impl Reader<'_> {
    /// Where the conversation stands; open if there is none.
    pub(crate) fn standing(&self, conversation: ConversationId) -> Result<Standing, StoreError> {
        let sql = "SELECT status, operator FROM conversation WHERE id = ?1";
        let found = self.row(sql, [Col(conversation)], |row| {
            Ok(Standing { status: row.get::<_, Col<_>>(0)?.0, operator: row.get(1)? })
        })?;
        Ok(found.unwrap_or_default())
    }

    fn has_conversation(&self, scope: &AgentScope, id: ConversationId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM conversation WHERE id = ?1 AND agent_id = ?2";
        Ok(self.row(sql, params![Col(id), Col(scope.agent)], |_| Ok(()))?.is_some())
    }
}

impl Writer<'_> {
    /// Notes that the visitor wants a person in one of their own conversations, with a row of this id.
    /// Nothing is added where one is waited for already or has taken over. `None` for somebody else's
    /// conversation and for an unknown one.
    pub fn request_handover(
        &self,
        visitor: &Visitor,
        conversation: ConversationId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Option<()>, StoreError> {
        if self.conversation_of(visitor, conversation)?.is_none() {
            return Ok(None);
        }
        let standing = self.standing(conversation)?;
        if matches!(standing.status, ConversationStatus::Open | ConversationStatus::Resolved) {
            let waiting = Standing { status: ConversationStatus::Waiting, operator: None };
            self.set_standing(conversation, &waiting, true)?;
            self.add_status(conversation, StatusKind::Waiting, None, id, now)?;
        }
        Ok(Some(()))
    }

    /// Gives one of the agent's conversations to this operator, with a row of this id; nothing is added
    /// where they have it already. `None` for another agent's and for an unknown one.
    pub fn assign(
        &self,
        scope: &AgentScope,
        conversation: ConversationId,
        operator: &str,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Option<()>, StoreError> {
        if !self.has_conversation(scope, conversation)? {
            return Ok(None);
        }
        let assigned = Standing { status: ConversationStatus::Assigned, operator: Some(operator.to_owned()) };
        if self.standing(conversation)? != assigned {
            self.set_standing(conversation, &assigned, false)?;
            self.add_status(conversation, StatusKind::Assigned, Some(operator), id, now)?;
        }
        Ok(Some(()))
    }

    /// Marks one of the agent's conversations as done by this operator, with a row of this id; nothing is
    /// added where it is done already. `None` for another agent's and for an unknown one.
    pub fn resolve(
        &self,
        scope: &AgentScope,
        conversation: ConversationId,
        operator: &str,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Option<()>, StoreError> {
        if !self.has_conversation(scope, conversation)? {
            return Ok(None);
        }
        if self.standing(conversation)?.status != ConversationStatus::Resolved {
            let resolved = Standing { status: ConversationStatus::Resolved, operator: None };
            self.set_standing(conversation, &resolved, false)?;
            self.add_status(conversation, StatusKind::Resolved, Some(operator), id, now)?;
        }
        Ok(Some(()))
    }

    /// Adds an operator's message to one of the agent's conversations, and gives its place. Whoever replies
    /// where a person is waited for has taken over; elsewhere a reply leaves the status as it is. `None` for
    /// another agent's conversation and for an unknown one.
    pub fn reply(
        &self,
        scope: &AgentScope,
        conversation: ConversationId,
        reply: &Reply,
    ) -> Result<Option<u32>, StoreError> {
        let Reply { id, status_id, author, text, now } = reply;
        if !self.has_conversation(scope, conversation)? {
            return Ok(None);
        }
        if self.standing(conversation)?.status == ConversationStatus::Waiting {
            self.assign(scope, conversation, author, *status_id, *now)?;
        }
        self.change("UPDATE conversation SET unread = 0 WHERE id = ?1", [Col(conversation)])?;
        let author = Some(author.as_str());
        let entry = Entry { id: *id, role: Role::Operator, text, author, now: *now };
        self.add_entry(conversation, &entry).map(Some)
    }

    fn set_standing(
        &self,
        conversation: ConversationId,
        standing: &Standing,
        unread: bool,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE conversation SET status = ?2, operator = ?3, unread = ?4 WHERE id = ?1";
        let Standing { status, operator } = standing;
        self.change(sql, params![Col(conversation), Col(*status), operator, unread]).map(drop)
    }

    fn add_status(
        &self,
        conversation: ConversationId,
        kind: StatusKind,
        operator: Option<&str>,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = Entry { id, role: Role::Status, text: kind.as_str(), author: operator, now };
        self.add_entry(conversation, &entry).map(drop)
    }

    fn add_entry(&self, conversation: ConversationId, entry: &Entry<'_>) -> Result<u32, StoreError> {
        let seq = self.last_seq(conversation)? + 1;
        let sql =
            "INSERT INTO message (id, conversation_id, seq, role, text, verified, state, author, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8)";
        self.change(
            sql,
            params![
                Col(entry.id),
                Col(conversation),
                seq,
                Col(entry.role),
                entry.text,
                Col(MessageState::Complete),
                entry.author,
                Col(entry.now),
            ],
        )?;
        let sql = "UPDATE conversation SET updated_at = max(updated_at, ?2) WHERE id = ?1";
        self.change(sql, params![Col(conversation), Col(entry.now)])?;
        Ok(seq)
    }
}
