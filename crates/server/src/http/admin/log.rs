//! `GET …/identity/log`: the attempts to be identified, and why they failed.

use axum::{Json, extract::State};
use eloquent_store::AttemptFilter;
use serde::Serialize;

use super::{
    caller::AgentCall,
    field,
    fields::{Asked, Fields},
    page::{Page, page_of},
};
use crate::{app::App, http::error::ApiError, view::AttemptView};

#[derive(Serialize)]
pub(super) struct Log {
    attempts: Vec<AttemptView>,
    /// The `before` of the next page, where there is one.
    next_before: Option<u64>,
}

fn filter(mut asked: Fields) -> Result<AttemptFilter, ApiError> {
    let filter = AttemptFilter {
        outcome: asked.optional("code", field::outcome)?,
        surface: asked.optional("surface", field::surface)?,
        conversation: asked.optional("conversation_id", field::id)?,
        profile: asked.optional("profile_id", field::id)?,
        before: asked.optional("before", field::row_number)?,
        limit: asked.optional("limit", field::limit)?.unwrap_or(field::LIMIT_DEFAULT),
    };
    asked.end()?;
    Ok(filter)
}

pub(super) async fn list(
    State(app): State<App>,
    call: AgentCall,
    Asked(asked): Asked,
) -> Result<Json<Log>, ApiError> {
    let wanted = filter(asked)?;
    let limit = wanted.limit;
    let more_by_one = AttemptFilter { limit: limit + 1, ..wanted };
    let found = app.store.read(move |reader| reader.attempts(&call.scope, &more_by_one)).await?;
    let Page { rows, more } = page_of(found, limit);
    let next_before = rows.last().filter(|_| more).map(|last| last.id);
    Ok(Json(Log { attempts: rows.into_iter().map(AttemptView::from).collect(), next_before }))
}
