//! Everything that is kept about one person, to be handed out to them.
//!
//! What belongs to the person is said here once, for the export and for the erasure: the profile with
//! claims, hints and history; the conversations of the profile, and those without one that were begun
//! under a session bound to it (after a token had expired); the attempts to be identified as this user;
//! the sessions.
//!
//! What is deliberately not in it: anything of anybody else (nor who blocked the person), the hashes of sessions, and figures in
//! which nobody can be told from another.

use std::collections::BTreeMap;

use eloquent_types::{
    chat::{FinishReason, PageEvent},
    conversation::{MessageState, Rating, Role, Source},
    id::{AgentId, ConversationId, KeyId, MessageId, ProfileId},
    text::UserId,
    time::Timestamp,
};
use rusqlite::{Row, params};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    agent::AgentScope,
    column::{Col, Json},
    error::StoreError,
    profile::{ClaimRecord, Hint, ProfileChange, ProfileChangeKind, TokenTime},
    store::Reader,
};

/// Everything that is kept about one person at one agent. Its JSON (`serde`) is in `snake_case`, with
/// times in RFC 3339; a claim's value stands in it as it was signed.
#[derive(Clone, Serialize)]
pub struct ProfileExport {
    agent_id: AgentId,
    profile: ProfileView,
    claims: Vec<ClaimView>,
    hints: Vec<HintView>,
    history: Vec<ChangeView>,
    conversations: Vec<ConversationView>,
    identity_attempts: Vec<AttemptView>,
    sessions: Vec<SessionView>,
}

impl std::fmt::Debug for ProfileExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileExport").field("profile", &self.profile.id).finish_non_exhaustive()
    }
}

#[derive(Clone, Serialize)]
struct ProfileView {
    id: ProfileId,
    user_id: UserId,
    email: Option<String>,
    email_from: Option<TokenTimeView>,
    blocked: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_seen_at: Timestamp,
    newest_issued_at: Option<f64>,
}

/// `issued_at` in seconds, as signed.
#[derive(Clone, Serialize)]
struct TokenTimeView {
    issued_at: Option<f64>,
    received_at: Timestamp,
}

#[derive(Clone, Serialize)]
struct ClaimView {
    name: String,
    value: Box<RawValue>,
    #[serde(flatten)]
    from: TokenTimeView,
}

#[derive(Clone, Serialize)]
struct HintView {
    name: String,
    value: String,
    received_at: Timestamp,
}

#[derive(Clone, Serialize)]
struct ChangeView {
    at: Timestamp,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    old: Option<Box<RawValue>>,
    new: Option<Box<RawValue>>,
    key_id: Option<KeyId>,
    issued_at: Option<f64>,
}

#[derive(Clone, Serialize)]
struct ConversationView {
    id: ConversationId,
    title: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    status: String,
    operator: Option<String>,
    page_events: Vec<PageEvent>,
    messages: Vec<MessageView>,
}

#[derive(Clone, Serialize)]
struct MessageView {
    id: MessageId,
    seq: u32,
    role: Role,
    text: String,
    verified: bool,
    state: MessageState,
    finish_reason: Option<FinishReason>,
    sources: Vec<Source>,
    context: Option<String>,
    client_id: Option<String>,
    page_url: Option<String>,
    page_title: Option<String>,
    locale: Option<String>,
    attributes: BTreeMap<String, String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    author: Option<String>,
    suggestions: Vec<String>,
    rating: Option<Rating>,
    rating_comment: Option<String>,
    rated_at: Option<Timestamp>,
}

#[derive(Clone, Serialize)]
struct AttemptView {
    at: Timestamp,
    surface: String,
    code: String,
    reason: Option<String>,
    enforcement: String,
    origin: Option<String>,
    key_id: Option<KeyId>,
    issued_at: Option<f64>,
    not_before: Option<f64>,
    expires_at: Option<f64>,
    user_id: Option<String>,
    conversation_id: Option<ConversationId>,
}

#[derive(Clone, Serialize)]
struct SessionView {
    created_at: Timestamp,
    last_seen_at: Timestamp,
}

/// Which rows of `conversation` are the person's (`?1`: the profile).
macro_rules! conversations_of_profile {
    () => {
        "(profile_id = ?1 OR (profile_id IS NULL AND session IN
            (SELECT s.hash FROM visitor_session s WHERE s.profile_id = ?1))) "
    };
}
pub(crate) use conversations_of_profile;

/// Which rows of `identity_attempt` are the person's (`?1`: the profile).
macro_rules! attempts_of_profile {
    () => {
        concat!(
            "(profile_id = ?1
              OR (agent_id, user_id) = (SELECT p.agent_id, p.user_id FROM profile p WHERE p.id = ?1)
              OR (user_id IS NULL AND conversation_id IN (SELECT id FROM conversation WHERE ",
            crate::export::conversations_of_profile!(),
            "))) "
        )
    };
}
pub(crate) use attempts_of_profile;

impl Reader<'_> {
    /// Everything that is kept about the person behind one of the agent's profiles; `None` for another
    /// agent's and for an unknown one.
    ///
    /// What was written without a valid token in a session that has ended is known to nobody as theirs,
    /// and so is not in it.
    pub fn export_profile(
        &self,
        scope: &AgentScope,
        id: ProfileId,
    ) -> Result<Option<ProfileExport>, StoreError> {
        let Some(profile) = self.profile(scope, id)? else { return Ok(None) };
        let claims = self.claim_records(id)?.into_iter().map(ClaimView::of).collect::<Result<_, _>>()?;
        let history = self.profile_history(scope, id, None, u32::MAX)?;
        let conversations = self.exported_conversations(id)?;
        let mut identity_attempts = self.exported_attempts(id)?;
        for attempt in &mut identity_attempts {
            // A token can come along with the id of somebody else's conversation.
            let own = |asked: &ConversationId| conversations.iter().any(|it| it.id == *asked);
            attempt.conversation_id = attempt.conversation_id.filter(own);
        }
        Ok(Some(ProfileExport {
            agent_id: scope.agent,
            profile: ProfileView {
                id,
                user_id: profile.user_id,
                email: profile.email,
                email_from: self.email_from(id)?.map(TokenTimeView::of),
                blocked: profile.blocked,
                created_at: profile.created_at,
                updated_at: profile.updated_at,
                last_seen_at: profile.last_seen_at,
                newest_issued_at: profile.newest_issued_at,
            },
            claims,
            hints: self.hints(id)?.into_iter().map(HintView::of).collect(),
            history: history.into_iter().map(ChangeView::of).collect::<Result<_, _>>()?,
            conversations,
            identity_attempts,
            sessions: self.exported_sessions(id)?,
        }))
    }

    fn exported_conversations(&self, profile: ProfileId) -> Result<Vec<ConversationView>, StoreError> {
        let sql = concat!(
            "SELECT id, title, created_at, updated_at, status, operator, page_events FROM conversation WHERE ",
            conversations_of_profile!(),
            "ORDER BY id"
        );
        let mut conversations = self.rows(sql, [Col(profile)], |row| {
            Ok(ConversationView {
                id: row.get::<_, Col<_>>("id")?.0,
                title: row.get("title")?,
                created_at: row.get::<_, Col<_>>("created_at")?.0,
                updated_at: row.get::<_, Col<_>>("updated_at")?.0,
                status: row.get("status")?,
                operator: row.get("operator")?,
                page_events: row.get::<_, Json<_>>("page_events")?.0,
                messages: Vec::new(),
            })
        })?;
        for conversation in &mut conversations {
            let sql = "SELECT * FROM message WHERE conversation_id = ?1 ORDER BY seq";
            conversation.messages = self.rows(sql, [Col(conversation.id)], read_message)?;
        }
        Ok(conversations)
    }

    fn exported_attempts(&self, profile: ProfileId) -> Result<Vec<AttemptView>, StoreError> {
        let sql = concat!("SELECT * FROM identity_attempt WHERE ", attempts_of_profile!(), "ORDER BY id");
        self.rows(sql, params![Col(profile)], read_attempt)
    }

    fn exported_sessions(&self, profile: ProfileId) -> Result<Vec<SessionView>, StoreError> {
        let sql = "SELECT created_at, last_seen_at FROM visitor_session WHERE profile_id = ?1
            ORDER BY created_at, last_seen_at";
        self.rows(sql, [Col(profile)], |row| {
            Ok(SessionView {
                created_at: row.get::<_, Col<_>>(0)?.0,
                last_seen_at: row.get::<_, Col<_>>(1)?.0,
            })
        })
    }
}

impl TokenTimeView {
    fn of(time: TokenTime) -> Self {
        Self { issued_at: time.issued_at, received_at: time.received_at }
    }
}

impl ClaimView {
    fn of(claim: ClaimRecord) -> Result<Self, StoreError> {
        Ok(Self { name: claim.name, value: json(claim.value)?, from: TokenTimeView::of(claim.from) })
    }
}

impl HintView {
    fn of(hint: Hint) -> Self {
        Self { name: hint.name, value: hint.value, received_at: hint.received_at }
    }
}

impl ChangeView {
    fn of(change: ProfileChange) -> Result<Self, StoreError> {
        let kind = change.kind.name();
        let (name, old, new) = match change.kind {
            ProfileChangeKind::Claim { name, old, new } => {
                (Some(name), old.map(json).transpose()?, new.map(json).transpose()?)
            }
            ProfileChangeKind::Email { old, new } => {
                (None, old.map(json_string).transpose()?, new.map(json_string).transpose()?)
            }
            ProfileChangeKind::Created | ProfileChangeKind::Blocked | ProfileChangeKind::Unblocked => {
                (None, None, None)
            }
        };
        Ok(Self {
            at: change.at,
            kind,
            name,
            old,
            new,
            key_id: change.from.map(|(key, _)| key),
            issued_at: change.from.and_then(|(_, issued_at)| issued_at),
        })
    }
}

fn json(text: String) -> Result<Box<RawValue>, StoreError> {
    RawValue::from_string(text).map_err(unreadable)
}

fn json_string(text: String) -> Result<Box<RawValue>, StoreError> {
    json(serde_json::Value::from(text).to_string())
}

fn unreadable(error: serde_json::Error) -> StoreError {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into()).into()
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<MessageView> {
    let attributes: Option<Json<_>> = row.get("attributes")?;
    Ok(MessageView {
        id: row.get::<_, Col<_>>("id")?.0,
        seq: row.get("seq")?,
        role: row.get::<_, Col<_>>("role")?.0,
        text: row.get("text")?,
        verified: row.get("verified")?,
        state: row.get::<_, Col<_>>("state")?.0,
        finish_reason: row.get::<_, Option<Col<_>>>("finish_reason")?.map(|reason| reason.0),
        sources: row.get::<_, Json<_>>("sources")?.0,
        context: row.get("context")?,
        client_id: row.get("client_id")?,
        page_url: row.get("page_url")?,
        page_title: row.get("page_title")?,
        locale: row.get("locale")?,
        attributes: attributes.map(|attributes| attributes.0).unwrap_or_default(),
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        finished_at: row.get::<_, Option<Col<_>>>("finished_at")?.map(|at| at.0),
        author: row.get("author")?,
        suggestions: row.get::<_, Json<_>>("suggestions")?.0,
        rating: row.get::<_, Option<Col<_>>>("rating")?.map(|rating| rating.0),
        rating_comment: row.get("rating_comment")?,
        rated_at: row.get::<_, Option<Col<_>>>("rated_at")?.map(|at| at.0),
    })
}

fn read_attempt(row: &Row<'_>) -> rusqlite::Result<AttemptView> {
    Ok(AttemptView {
        at: row.get::<_, Col<_>>("at")?.0,
        surface: row.get("surface")?,
        code: row.get("code")?,
        reason: row.get("reason")?,
        enforcement: row.get("enforcement")?,
        origin: row.get("origin")?,
        key_id: row.get::<_, Option<Col<_>>>("key_id")?.map(|id| id.0),
        issued_at: row.get("issued_at")?,
        not_before: row.get("not_before")?,
        expires_at: row.get("expires_at")?,
        user_id: row.get("user_id")?,
        conversation_id: row.get::<_, Option<Col<_>>>("conversation_id")?.map(|id| id.0),
    })
}

#[cfg(test)]
mod tests {
    use crate::query_plan::steps;

    #[test]
    fn a_persons_rows_are_looked_up() {
        for sql in [
            concat!("SELECT * FROM conversation WHERE ", conversations_of_profile!()),
            concat!("DELETE FROM conversation WHERE ", conversations_of_profile!()),
            concat!("SELECT * FROM identity_attempt WHERE ", attempts_of_profile!()),
            concat!("DELETE FROM identity_attempt WHERE ", attempts_of_profile!()),
        ] {
            let steps = steps(sql);
            assert!(
                steps.len() > 1 && !steps.iter().any(|step| step.starts_with("SCAN")),
                "{steps:?} in {sql}"
            );
        }
    }
}
