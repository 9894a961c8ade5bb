//! Messages as they are kept.

use std::collections::BTreeMap;

use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::{MessageState, Rating, Role, Source},
    id::MessageId,
    time::Timestamp,
};
use rusqlite::Row;

use crate::column::{Col, Json};

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
    /// Whether a valid identity came with it. Only a visitor's message can be verified.
    pub verified: bool,
    /// How far it is.
    pub state: MessageState,
    /// Why an answer ended.
    pub finish_reason: Option<FinishReason>,
    /// Where an answer is from.
    pub sources: Vec<Source>,
    /// What the visitor may want to ask after an answer.
    pub suggestions: Vec<String>,
    /// What the visitor thought of an answer.
    pub rating: Option<Rating>,
    /// The same in the visitor's own words. Only for the company's members: always `None` in what a visitor
    /// or the agent reads.
    pub rating_comment: Option<String>,
    /// The operator's name: who wrote it, or whom the change of status is about.
    pub author: Option<String>,
    /// The context that the agent saw. Only for the company's members: always `None` in what a visitor
    /// or the agent reads.
    pub context: Option<String>,
    /// What the page said along with a visitor's message, without proof. Only for the company's members:
    /// always empty in what a visitor or the agent reads.
    pub attributes: BTreeMap<String, String>,
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

/// The columns of `message m` that [`read`] reads, without and with what only members see.
macro_rules! columns {
    () => {
        "m.id, m.seq, m.role, m.text, m.verified, m.state, m.finish_reason, m.sources, m.client_id,
         m.created_at, m.page_url, m.page_title, m.suggestions, m.rating, m.author,
         NULL AS rating_comment, NULL AS context, NULL AS attributes "
    };
    (with context) => {
        "m.id, m.seq, m.role, m.text, m.verified, m.state, m.finish_reason, m.sources, m.client_id,
         m.created_at, m.page_url, m.page_title, m.suggestions, m.rating, m.author,
         m.rating_comment, m.context, m.attributes "
    };
}
pub(crate) use columns;

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<MessageRecord> {
    let title: Option<String> = row.get("page_title")?;
    let page = row.get::<_, Option<String>>("page_url")?;
    Ok(MessageRecord {
        id: row.get::<_, Col<_>>("id")?.0,
        seq: row.get("seq")?,
        role: row.get::<_, Col<_>>("role")?.0,
        text: row.get("text")?,
        verified: row.get("verified")?,
        state: row.get::<_, Col<_>>("state")?.0,
        finish_reason: row.get::<_, Option<Col<_>>>("finish_reason")?.map(|reason| reason.0),
        sources: row.get::<_, Json<_>>("sources")?.0,
        suggestions: row.get::<_, Json<_>>("suggestions")?.0,
        rating: row.get::<_, Option<Col<_>>>("rating")?.map(|rating| rating.0),
        rating_comment: row.get("rating_comment")?,
        author: row.get("author")?,
        context: row.get("context")?,
        attributes: row.get::<_, Option<Json<_>>>("attributes")?.map(|it| it.0).unwrap_or_default(),
        client_id: row.get("client_id")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        page: page.map(|url| Page { url, title: title.unwrap_or_default() }),
    })
}
