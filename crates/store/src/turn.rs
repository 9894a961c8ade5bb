//! A turn: a visitor's question, and the answer as it is written.

use std::collections::BTreeMap;

use eloquent_types::{
    chat::{FinishReason, Page, PageEvent},
    conversation::{MessageState, Role, Source},
    id::{ConversationId, MessageId},
    text::MessageText,
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    column::{Col, Json},
    error::StoreError,
    message::{self, MessageRecord},
    store::{Reader, Writer},
    takeover::ConversationStatus,
    visitor::{SessionHash, Visitor, owned},
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
    /// What the page says has happened since the last question, the oldest first: never verified.
    pub events: Vec<PageEvent>,
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
    /// The answer; none where a person has taken over.
    pub answer: Option<MessageRef>,
    /// `false` if the question was kept before, and nothing was added.
    pub fresh: bool,
}

impl Posted {
    /// The answer, for those that write it.
    pub fn answer_ref(&self) -> Option<AnswerRef> {
        self.answer.map(|answer| AnswerRef { conversation: self.conversation, message: answer.id })
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

/// How an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerEnd {
    /// How far it came; no end if it is [`MessageState::Streaming`].
    pub state: MessageState,
    /// Why it ended.
    pub finish_reason: Option<FinishReason>,
    /// Where it is from.
    pub sources: Vec<Source>,
    /// What the visitor may want to ask next.
    pub suggestions: Vec<String>,
}

impl AnswerEnd {
    /// An end without sources and suggestions.
    #[must_use]
    pub const fn of(state: MessageState, finish_reason: Option<FinishReason>) -> Self {
        Self { state, finish_reason, sources: Vec::new(), suggestions: Vec::new() }
    }
}

/// How many of the things that pages say have happened are kept with a conversation: the newest.
pub const PAGE_EVENTS_MAX: usize = 20;

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
    /// The turn that the question of this client id began in one of the visitor's own conversations.
    pub fn posted(&self, visitor: &Visitor, client_id: &str) -> Result<Option<Posted>, StoreError> {
        let (agent, session, session_profile, verified) = visitor.owner();
        self.row(FIND_POSTED, (agent, session, session_profile, verified, client_id), read_posted)
    }

    /// What was said in the conversation before this answer, its question included, the oldest first;
    /// of a long conversation the newest 200 messages. Changes of status were not said, and are not in it.
    pub fn history(&self, answer: &AnswerRef) -> Result<Vec<MessageRecord>, StoreError> {
        let sql = concat!(
            "SELECT * FROM (SELECT ",
            message::columns!(),
            "FROM message m WHERE m.conversation_id = ?1 AND m.role <> 'status' AND m.seq <
                (SELECT seq FROM message WHERE id = ?2 AND conversation_id = ?1)
             ORDER BY m.seq DESC LIMIT 200) ORDER BY seq"
        );
        self.rows(sql, params![Col(answer.conversation), Col(answer.message)], message::read)
    }

    /// What pages say has happened, as it is kept with a conversation, the oldest first: never verified.
    pub fn page_events(&self, conversation: ConversationId) -> Result<Vec<PageEvent>, StoreError> {
        let sql = "SELECT page_events FROM conversation WHERE id = ?1";
        let found = self.row(sql, [Col(conversation)], |row| row.get::<_, Json<_>>(0))?;
        Ok(found.map(|events| events.0).unwrap_or_default())
    }
}

impl Writer<'_> {
    /// Keeps a question and opens its answer, which is empty and streaming, in the visitor's own
    /// conversation or a new one. Where a person has taken over, no answer is opened; one that was done is
    /// open again. Without a live session ([`SessionNeed::Always`] gives one) it is
    /// [`StoreError::NoSession`].
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
        if !self.has_live_session(visitor)? {
            return Err(StoreError::NoSession.into());
        }
        let mut posted = self.posted(visitor, &question.client_id)?;
        if posted.is_none()
            && question.conversation.is_none()
            && self.take_over(visitor, &question.client_id)?
        {
            posted = self.posted(visitor, &question.client_id)?;
        }
        if let Some(posted) = posted {
            self.take_part(visitor, posted.conversation)?;
            return Ok(posted);
        }
        let conversation = match question.conversation {
            Some(id) if self.conversation_of(visitor, id)?.is_some() => id,
            Some(_) => return Err(PostError::ConversationNotFound),
            None => self.create_conversation(visitor, question)?,
        };
        self.take_part(visitor, conversation)?;
        self.keep_hints(visitor, &question.attributes, question.now)?;
        Ok(self.add_turn(visitor, conversation, question)?)
    }

    /// Appends to an answer. `false`, and nothing is appended, if it is not streaming.
    pub fn append_text(&self, answer: &AnswerRef, text: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE message SET text = text || ?3
            WHERE id = ?1 AND conversation_id = ?2 AND state = 'streaming'";
        Ok(self.change(sql, params![Col(answer.message), Col(answer.conversation), text])? > 0)
    }

    /// Keeps the context that the agent saw for this answer.
    pub fn record_context(&self, answer: &AnswerRef, context: &str) -> Result<(), StoreError> {
        let sql = "UPDATE message SET context = ?3 WHERE id = ?1 AND conversation_id = ?2 AND role = 'agent'";
        self.change(sql, params![Col(answer.message), Col(answer.conversation), context]).map(drop)
    }

    /// Ends an answer. `false`, and nothing changes, if it is not streaming (the first end stays), or if
    /// the end is none.
    pub fn finish_answer(
        &self,
        answer: &AnswerRef,
        end: &AnswerEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if end.state == MessageState::Streaming {
            return Ok(false);
        }
        let sql = "UPDATE message SET state = ?3, finish_reason = ?4, sources = ?5, suggestions = ?6, finished_at = ?7
            WHERE id = ?1 AND conversation_id = ?2 AND state = 'streaming'";
        let (id, conversation) = (Col(answer.message), Col(answer.conversation));
        let (state, reason) = (Col(end.state), end.finish_reason.map(Col));
        let (sources, suggestions) = (Json(&end.sources), Json(&end.suggestions));
        let params = params![id, conversation, state, reason, sources, suggestions, Col(now)];
        Ok(self.change(sql, params)? > 0)
    }

    /// Marks every answer that is still streaming as interrupted, and tells how many there were. For
    /// the start, when nobody is writing any.
    pub fn interrupt_streaming(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE message SET state = 'interrupted', finished_at = ?1 WHERE state = 'streaming'";
        Ok(self.change(sql, [Col(now)])? as u64)
    }
}

/// A client id in the visitor's own conversations. (The answer is the agent's message behind the question,
/// if there is one: both were added at once.)
pub(crate) const FIND_POSTED: &str = concat!(
    "SELECT c.id, q.id, q.seq, a.id, a.seq FROM message q
     JOIN conversation c ON c.id = q.conversation_id
     LEFT JOIN message a ON a.conversation_id = q.conversation_id AND a.seq = q.seq + 1 AND a.role = 'agent'
     WHERE q.client_id = ?5 AND ",
    owned!(),
    "ORDER BY q.id DESC LIMIT 1"
);

/// A client id as the first of an anonymous conversation whose session was never presented.
pub(crate) const FIND_LOST: &str = "SELECT c.id, s.hash FROM message q
    JOIN conversation c ON c.id = q.conversation_id
    JOIN visitor_session s ON s.hash = c.session
    WHERE q.client_id = ?1 AND q.seq = 1 AND +c.agent_id = ?2 AND c.profile_id IS NULL
        AND s.profile_id IS NULL AND s.confirmed = 0 AND s.hash <> ?3
    ORDER BY q.id DESC LIMIT 1";

/// The longest title, in characters.
const TITLE_MAX_CHARS: usize = 80;

/// The beginning of a text in one line; `…` where it was cut.
fn title_of(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_MAX_CHARS) {
        Some(_) => line.chars().take(TITLE_MAX_CHARS - 1).chain(['…']).collect(),
        None => line,
    }
}

impl Writer<'_> {
    fn has_live_session(&self, visitor: &Visitor) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM visitor_session WHERE hash = ?2 AND agent_id = ?1 AND profile_id IS ?3";
        let (agent, session, profile, _) = visitor.owner();
        Ok(self.row(sql, (agent, session, profile), |_| Ok(()))?.is_some())
    }

    /// Gives a conversation whose first response was lost to the new session of the visitor who asks
    /// again, and tells whether there is one. The client id is the proof: it is unguessable, and nobody
    /// has yet come back with the session that the lost response held.
    fn take_over(&self, visitor: &Visitor, client_id: &str) -> Result<bool, StoreError> {
        let (true, None, Some(session)) = (visitor.session_issued, visitor.verified, visitor.session) else {
            return Ok(false);
        };
        let found = self.row(FIND_LOST, params![client_id, Col(visitor.agent), session.0], |row| {
            Ok((row.get::<_, Col<ConversationId>>(0)?, SessionHash(row.get(1)?)))
        })?;
        let Some((conversation, lost)) = found else { return Ok(false) };
        let sql = "UPDATE conversation SET session = ?2 WHERE id = ?1";
        self.change(sql, params![conversation, session.0])?;
        self.change("DELETE FROM visitor_session WHERE hash = ?1", [lost.0])?;
        Ok(true)
    }

    /// A verified visitor's own conversation has their profile, and their session took part in it.
    fn take_part(&self, visitor: &Visitor, conversation: ConversationId) -> Result<(), StoreError> {
        let (Some(profile), Some(session)) = (visitor.verified, visitor.session) else { return Ok(()) };
        let sql = "UPDATE conversation SET profile_id = ?2 WHERE id = ?1 AND profile_id IS NULL";
        self.change(sql, params![Col(conversation), Col(profile)])?;
        let sql = "INSERT OR IGNORE INTO session_conversation (session, conversation_id) VALUES (?1, ?2)";
        self.change(sql, params![session.0, Col(conversation)]).map(drop)
    }

    fn create_conversation(
        &self,
        visitor: &Visitor,
        question: &Question,
    ) -> Result<ConversationId, StoreError> {
        let sql =
            "INSERT INTO conversation (id, agent_id, profile_id, session, title, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
        let (agent, session, _, verified) = visitor.owner();
        let title = title_of(question.text.as_str());
        let id = question.new_conversation;
        self.change(sql, (Col(id), agent, verified, session, title, Col(question.now)))?;
        Ok(id)
    }

    /// The number of the conversation's newest message; 0 where there is none.
    pub(crate) fn last_seq(&self, conversation: ConversationId) -> Result<u32, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM message WHERE conversation_id = ?1";
        Ok(self.row(sql, [Col(conversation)], |row| row.get(0))?.unwrap_or_default())
    }

    /// Keeps the newest of what pages say has happened.
    fn keep_page_events(&self, conversation: ConversationId, new: &[PageEvent]) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        let mut events = self.page_events(conversation)?;
        events.extend_from_slice(new);
        events.drain(..events.len().saturating_sub(PAGE_EVENTS_MAX));
        let sql = "UPDATE conversation SET page_events = ?2 WHERE id = ?1";
        self.change(sql, params![Col(conversation), Json(&events)]).map(drop)
    }

    /// Adds the question, and the answer to come, unless a person has taken over.
    fn add_turn(
        &self,
        visitor: &Visitor,
        conversation: ConversationId,
        question: &Question,
    ) -> Result<Posted, StoreError> {
        let asked = MessageRef { id: question.id, seq: self.last_seq(conversation)? + 1 };
        let is_taken_over = self.standing(conversation)?.status == ConversationStatus::Assigned;
        let answer = (!is_taken_over).then_some(MessageRef { id: question.answer_id, seq: asked.seq + 1 });
        let sql = "INSERT INTO message (id, conversation_id, seq, role, text, verified, state, client_id,
                page_url, page_title, locale, attributes, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        self.change(
            sql,
            params![
                Col(asked.id),
                Col(conversation),
                asked.seq,
                Col(Role::Visitor),
                question.text.as_str(),
                visitor.verified.is_some(),
                Col(MessageState::Complete),
                question.client_id,
                question.page.as_ref().map(|page| &page.url),
                question.page.as_ref().map(|page| &page.title),
                question.locale,
                Json(&question.attributes),
                Col(question.now),
            ],
        )?;
        if let Some(answer) = answer {
            let sql =
                "INSERT INTO message (id, conversation_id, seq, role, text, verified, state, created_at)
                VALUES (?1, ?2, ?3, 'agent', '', 0, 'streaming', ?4)";
            self.change(sql, params![Col(answer.id), Col(conversation), answer.seq, Col(question.now)])?;
        }
        let sql = "UPDATE conversation SET updated_at = max(updated_at, ?2),
                unread = unread OR status IN ('waiting', 'assigned'),
                status = CASE status WHEN 'resolved' THEN 'open' ELSE status END
            WHERE id = ?1";
        self.change(sql, params![Col(conversation), Col(question.now)])?;
        self.keep_page_events(conversation, &question.events)?;
        Ok(Posted { conversation, question: asked, answer, fresh: true })
    }
}

fn read_posted(row: &Row<'_>) -> rusqlite::Result<Posted> {
    let answer = match row.get::<_, Option<Col<_>>>(3)? {
        Some(id) => Some(MessageRef { id: id.0, seq: row.get(4)? }),
        None => None,
    };
    Ok(Posted {
        conversation: row.get::<_, Col<_>>(0)?.0,
        question: MessageRef { id: row.get::<_, Col<_>>(1)?.0, seq: row.get(2)? },
        answer,
        fresh: false,
    })
}
