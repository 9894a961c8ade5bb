//! `…/profiles`: the verified users whom the agent knows.

use axum::{
    Json,
    extract::{Path, State},
};
use eloquent_store::{ProfileExport, ProfileFilter, StoreError};
use eloquent_types::{id::ProfileId, problem::ProblemCode};
use serde::{Deserialize, Serialize};

use super::{
    caller::AgentCall,
    field,
    fields::{Asked, Fields, NoBody},
    page::{Page, page_of},
};
use crate::{
    app::App,
    http::error::ApiError,
    view::{ErasedView, ProfileChangeView, ProfileDetailsView, ProfileView},
};

#[derive(Serialize)]
pub(super) struct Profiles {
    profiles: Vec<ProfileView>,
    /// The `offset` of the next page, where there is one.
    next_offset: Option<u32>,
}

fn filter(mut asked: Fields) -> Result<ProfileFilter, ApiError> {
    let filter = ProfileFilter {
        text: asked.optional("search", field::text)?.filter(|text| !text.is_empty()),
        user_id: asked.optional("user_id", field::text)?,
        email: asked.optional("email", field::text)?,
        claim: asked.optional("claim", field::claim)?,
        blocked: asked.optional("blocked", field::flag)?,
        limit: asked.optional("limit", field::limit)?.unwrap_or(field::LIMIT_DEFAULT),
        offset: asked.optional("offset", |value| field::number(value, 0..=u32::MAX / 2))?.unwrap_or(0),
    };
    asked.end()?;
    Ok(filter)
}

pub(super) async fn list(
    State(app): State<App>,
    call: AgentCall,
    Asked(asked): Asked,
) -> Result<Json<Profiles>, ApiError> {
    let wanted = filter(asked)?;
    let (limit, offset) = (wanted.limit, wanted.offset);
    let more_by_one = ProfileFilter { limit: limit + 1, ..wanted };
    let found = app.store.read(move |reader| reader.profiles(&call.scope, &more_by_one)).await?;
    let Page { rows, more } = page_of(found, limit);
    let profiles = rows.into_iter().map(ProfileView::from).collect();
    Ok(Json(Profiles { profiles, next_offset: more.then_some(offset + limit) }))
}

/// The path of one profile.
#[derive(Deserialize)]
pub(super) struct ProfilePath {
    profile_id: String,
}

impl ProfilePath {
    /// An id of another form is as unknown as one that nobody has.
    fn id(&self) -> Result<ProfileId, ApiError> {
        self.profile_id.parse().map_err(|_| ProblemCode::NotFound.into())
    }
}

pub(super) async fn show(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    Asked(asked): Asked,
) -> Result<Json<ProfileDetailsView>, ApiError> {
    asked.end()?;
    let id = path.id()?;
    let found = app
        .store
        .read(move |reader| {
            let Some(details) = reader.profile_details(&call.scope, id)? else { return Ok(None) };
            let policies = reader.claim_policies(call.agent.id)?;
            Ok::<_, StoreError>(Some(ProfileDetailsView::new(details, &policies)))
        })
        .await?;
    Ok(Json(found.ok_or(ProblemCode::NotFound)?))
}

#[derive(Serialize)]
pub(super) struct History {
    changes: Vec<ProfileChangeView>,
    /// The `before` of the next page, where there is one.
    next_before: Option<u64>,
}

pub(super) async fn history(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    Asked(mut asked): Asked,
) -> Result<Json<History>, ApiError> {
    let id = path.id()?;
    let before = asked.optional("before", field::row_number)?;
    let limit = asked.optional("limit", field::limit)?.unwrap_or(field::LIMIT_DEFAULT);
    asked.end()?;
    let changes = app
        .store
        .read(move |reader| {
            let known = reader.profile(&call.scope, id)?.is_some();
            let changes = reader.profile_history(&call.scope, id, before, limit + 1)?;
            Ok::<_, StoreError>(known.then_some(changes))
        })
        .await?;
    let Page { rows, more } = page_of(changes.ok_or(ProblemCode::NotFound)?, limit);
    let next_before = rows.last().filter(|_| more).map(|last| last.id);
    Ok(Json(History { changes: rows.into_iter().map(ProfileChangeView::from).collect(), next_before }))
}

/// All that is kept of this person, and of nobody else.
pub(super) async fn export(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    Asked(asked): Asked,
) -> Result<Json<ProfileExport>, ApiError> {
    asked.end()?;
    let id = path.id()?;
    let export = app.store.read(move |reader| reader.export_profile(&call.scope, id)).await?;
    Ok(Json(export.ok_or(ProblemCode::NotFound)?))
}

pub(super) async fn block(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    NoBody: NoBody,
) -> Result<Json<ProfileView>, ApiError> {
    set_blocked(&app, &call, path.id()?, true).await
}

pub(super) async fn unblock(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    NoBody: NoBody,
) -> Result<Json<ProfileView>, ApiError> {
    set_blocked(&app, &call, path.id()?, false).await
}

async fn set_blocked(
    app: &App,
    call: &AgentCall,
    id: ProfileId,
    blocked: bool,
) -> Result<Json<ProfileView>, ApiError> {
    let (scope, actor, now) = (call.scope, call.caller.actor(), app.now());
    let profile = app
        .store
        .write(move |writer| {
            writer.set_profile_blocked(&scope, id, blocked, &actor, now)?;
            writer.profile(&scope, id)
        })
        .await?;
    Ok(Json(profile.ok_or(ProblemCode::NotFound)?.into()))
}

/// Erases the person: what was theirs is gone when the answer comes, and the answer tells whether it is
/// gone from the free pages of the files too, or will be.
pub(super) async fn erase(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ProfilePath>,
    NoBody: NoBody,
) -> Result<Json<ErasedView>, ApiError> {
    let erased = app.store.erase_profile(call.scope, path.id()?).await?;
    Ok(Json(erased.ok_or(ProblemCode::NotFound)?.into()))
}
