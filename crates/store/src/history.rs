//! A visitor's conversations by pages: of the list, and of one conversation's messages.

use eloquent_types::{
    conversation::ConversationSummary,
    id::{ConversationId, MessageId},
};
use rusqlite::params;

use crate::{
    column::Col,
    error::StoreError,
    message::{self, MessageRecord},
    store::Reader,
    takeover::Standing,
    visitor::{Visitor, owned, read_summary},
};

/// A page of a conversation's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The conversation.
    pub conversation: ConversationSummary,
    /// Where it stands.
    pub standing: Standing,
    /// The messages, the oldest first.
    pub messages: Vec<MessageRecord>,
    /// The place of an answer before these that is still being written, if there is one.
    pub streaming_before: Option<u32>,
}

impl HistoryPage {
    /// Whether there are messages before the first of these. (They are numbered without gaps.)
    pub fn has_earlier(&self) -> bool {
        self.messages.first().is_some_and(|first| first.seq > 1)
    }
}

/// Why there is no page.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PageError {
    /// The visitor has no such conversation: it is somebody else's, or there is none.
    #[error("the visitor has no such conversation")]
    ConversationNotFound,
    /// The page is to end before something that is not there, or is not the visitor's.
    #[error("there is nothing of this id to end before")]
    UnknownBefore,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const MESSAGES: &str = concat!(
    "SELECT ",
    message::columns!(),
    "FROM message m WHERE m.conversation_id = ?1 AND m.seq < ?2 ORDER BY m.seq DESC LIMIT ?3"
);

/// (The `+` keeps the conversation's rows from being what is walked through: of all answers that are being
/// written there are few.)
const STREAMING: &str = "SELECT min(m.seq) FROM message m
    WHERE m.state = 'streaming' AND +m.conversation_id = ?1 AND m.seq < ?2";

const LIST: &str = concat!(
    "SELECT c.id, c.title, c.created_at, c.updated_at FROM conversation c WHERE ",
    owned!(),
    "AND (?5 IS NULL OR (c.updated_at, c.id) < (?5, ?6))
     ORDER BY c.updated_at DESC, c.id DESC LIMIT ?7"
);

impl Reader<'_> {
    /// The newest `limit` messages of one of the visitor's conversations, or those before one of them.
    pub fn history_page(
        &self,
        visitor: &Visitor,
        id: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<HistoryPage, PageError> {
        let conversation = self.conversation_of(visitor, id)?.ok_or(PageError::ConversationNotFound)?;
        let end: u32 = match before {
            None => u32::MAX,
            Some(message) => {
                let sql = "SELECT seq FROM message WHERE id = ?1 AND conversation_id = ?2";
                let seq = self.row(sql, params![Col(message), Col(id)], |row| row.get(0))?;
                seq.ok_or(PageError::UnknownBefore)?
            }
        };
        let mut messages = self.rows(MESSAGES, params![Col(id), end, limit], message::read)?;
        messages.reverse();
        let first = messages.first().map_or(end, |first| first.seq);
        let streaming_before = self.row(STREAMING, params![Col(id), first], |row| row.get(0))?.flatten();
        Ok(HistoryPage { conversation, standing: self.standing(id)?, messages, streaming_before })
    }

    /// The visitor's conversations, the one with the newest message first: `limit` of them, from the first
    /// on or behind one of them.
    pub fn conversations_page(
        &self,
        visitor: &Visitor,
        before: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ConversationSummary>, PageError> {
        let behind = match before {
            None => None,
            Some(id) => Some(self.conversation_of(visitor, id)?.ok_or(PageError::UnknownBefore)?),
        };
        let (agent, session, session_profile, verified) = visitor.owner();
        let at = behind.as_ref().map(|last| Col(last.updated_at));
        let id = behind.as_ref().map(|last| Col(last.id));
        Ok(self.rows(LIST, (agent, session, session_profile, verified, at, id, limit), read_summary)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::query_plan::steps;

    #[test]
    fn a_page_is_looked_up_by_its_end() {
        let messages = steps(super::MESSAGES);
        assert_eq!(messages.len(), 1, "no sorting: {messages:?}");
        assert!(messages[0].starts_with("SEARCH m USING INDEX"), "{messages:?}");
        assert!(messages[0].contains("conversation_id=? AND seq<?"), "{messages:?}");
        let streaming = steps(super::STREAMING);
        assert!(streaming[0].contains("message_streaming"), "{streaming:?}");
        for step in steps(super::LIST) {
            assert!(!step.starts_with("SCAN") && !step.contains("_by_agent"), "{step}");
        }
    }
}
