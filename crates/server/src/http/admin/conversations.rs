//! `…/conversations`: what visitors wrote, and what operators do about it.
//!
//! Whoever follows the conversation is woken after each change, once it is durable.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use eloquent_store::{ConversationOrder, ConversationQueue, ConversationStatus, Reply, StoreError};
use eloquent_types::{id::ConversationId, problem::ProblemCode, text::MessageText};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    caller::AgentCall,
    field,
    fields::{Asked, Body, Fields, NoBody, Parsed},
    page::{Page, page_of},
};
use crate::{
    app::App,
    http::error::ApiError,
    view::{ConversationView, MessageView, TranscriptView},
};

#[derive(Serialize)]
pub(super) struct Conversations {
    conversations: Vec<ConversationView>,
    /// The `offset` of the next page, where there is one.
    next_offset: Option<u32>,
}

fn status(value: &Value) -> Parsed<ConversationStatus> {
    value.as_str().and_then(ConversationStatus::parse).ok_or("open, waiting, assigned or resolved")
}

fn order(value: &Value) -> Parsed<ConversationOrder> {
    match value.as_str() {
        Some("newest") => Ok(ConversationOrder::Newest),
        Some("unread") => Ok(ConversationOrder::Unread),
        _ => Err("newest or unread"),
    }
}

fn queue(mut asked: Fields) -> Result<ConversationQueue, ApiError> {
    let queue = ConversationQueue {
        status: asked.optional("status", status)?,
        profile: asked.optional("profile_id", field::id)?,
        order: asked.optional("order", order)?.unwrap_or_default(),
        limit: asked.optional("limit", field::limit)?.unwrap_or(field::LIMIT_DEFAULT),
        offset: asked.optional("offset", |value| field::number(value, 0..=u32::MAX / 2))?.unwrap_or(0),
    };
    asked.end()?;
    Ok(queue)
}

pub(super) async fn list(
    State(app): State<App>,
    call: AgentCall,
    Asked(asked): Asked,
) -> Result<Json<Conversations>, ApiError> {
    let wanted = queue(asked)?;
    let more_by_one = ConversationQueue { limit: wanted.limit + 1, ..wanted };
    let found = app.store.read(move |reader| reader.conversation_queue(&call.scope, &more_by_one)).await?;
    let Page { rows, more } = page_of(found, wanted.limit);
    let conversations = rows.into_iter().map(ConversationView::from).collect();
    Ok(Json(Conversations { conversations, next_offset: more.then_some(wanted.offset + wanted.limit) }))
}

/// The path of one conversation.
#[derive(Deserialize)]
pub(super) struct ConversationPath {
    conversation_id: String,
}

impl ConversationPath {
    /// An id of another form is as unknown as one that nobody has.
    fn id(&self) -> Result<ConversationId, ApiError> {
        self.conversation_id.parse().map_err(|_| ProblemCode::NotFound.into())
    }
}

pub(super) async fn show(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ConversationPath>,
    Asked(asked): Asked,
) -> Result<Json<TranscriptView>, ApiError> {
    asked.end()?;
    let id = path.id()?;
    let found = app.store.read(move |reader| reader.conversation(&call.scope, id)).await?;
    Ok(Json(found.ok_or(ProblemCode::NotFound)?.into()))
}

/// A message by an operator, under the name of who calls.
pub(super) async fn reply(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ConversationPath>,
    Body(mut fields): Body,
) -> Result<(StatusCode, Json<MessageView>), ApiError> {
    let id = path.id()?;
    let text = fields.required("text", field::text)?;
    fields.end()?;
    let text = MessageText::parse(text)?.as_str().to_owned();
    let reply =
        Reply { id: app.mint()?, status_id: app.mint()?, author: call.caller.name(), text, now: app.now() };
    let written = app
        .store
        .write(move |writer| {
            writer.reply(&call.scope, id, &reply)?;
            let found = writer.conversation(&call.scope, id)?;
            let mut messages = found.into_iter().flat_map(|record| record.messages);
            Ok::<_, StoreError>(messages.find(|message| message.id == reply.id))
        })
        .await?;
    let written = written.ok_or(ProblemCode::NotFound)?;
    app.live.ring(id);
    Ok((StatusCode::CREATED, Json(written.into())))
}

/// Gives the conversation to an operator, by default to who calls; the agent is silent from then on.
pub(super) async fn assign(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ConversationPath>,
    Body(mut fields): Body,
) -> Result<Json<ConversationView>, ApiError> {
    let id = path.id()?;
    let operator = fields.optional("operator", field::name)?.unwrap_or_else(|| call.caller.name());
    fields.end()?;
    let (row, now) = (app.mint()?, app.now());
    let changed = app
        .store
        .write(move |writer| {
            writer.assign(&call.scope, id, &operator, row, now)?;
            writer.conversation(&call.scope, id)
        })
        .await?;
    let changed = changed.ok_or(ProblemCode::NotFound)?;
    app.live.ring(id);
    Ok(Json(changed.row.into()))
}

/// Marks the conversation as done; the visitor's next message goes to the agent.
pub(super) async fn resolve(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ConversationPath>,
    NoBody: NoBody,
) -> Result<Json<ConversationView>, ApiError> {
    let id = path.id()?;
    let (row, now, operator) = (app.mint()?, app.now(), call.caller.name());
    let changed = app
        .store
        .write(move |writer| {
            writer.resolve(&call.scope, id, &operator, row, now)?;
            writer.conversation(&call.scope, id)
        })
        .await?;
    let changed = changed.ok_or(ProblemCode::NotFound)?;
    app.live.ring(id);
    Ok(Json(changed.row.into()))
}
