//! `…/identity/keys`: the agent's keys. A secret is in the one answer to the request that made it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use eloquent_identity::Secret;
use eloquent_store::{AgentScope, KeyError, KeyInfo, NewKey};
use eloquent_types::{id::KeyId, problem::ProblemCode, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    caller::AgentCall,
    field,
    fields::{Asked, Body, NoBody},
};
use crate::{
    app::App,
    entropy,
    http::error::ApiError,
    view::{IDLE_DAYS, KeyView, NewKeyView},
};

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::TooManyActive => ProblemCode::TooManyKeys.into(),
            KeyError::NotFound => ProblemCode::NotFound.into(),
            KeyError::NotActive => ProblemCode::KeyNotActive.into(),
            KeyError::Store(error) => error.into(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Keys {
    keys: Vec<KeyView>,
}

pub(super) async fn list(
    State(app): State<App>,
    call: AgentCall,
    Asked(mut asked): Asked,
) -> Result<Json<Keys>, ApiError> {
    let idle_days = asked.optional("idle_days", field::idle_days)?;
    asked.end()?;
    let (idle_days, now) = (idle_days.unwrap_or(IDLE_DAYS), app.now());
    let keys = app.store.read(move |reader| reader.keys(&call.scope)).await?;
    Ok(Json(Keys { keys: keys.iter().map(|key| KeyView::new(key, idle_days, now)).collect() }))
}

pub(super) async fn create(
    State(app): State<App>,
    call: AgentCall,
    Body(mut fields): Body,
) -> Result<(StatusCode, Json<NewKeyView>), ApiError> {
    let name = fields.required("name", field::name)?;
    fields.end()?;
    issue(&app, call.scope, name, None).await
}

/// The path of one key.
#[derive(Deserialize)]
pub(super) struct KeyPath {
    key_id: String,
}

impl KeyPath {
    /// An id of another form is as unknown as one that nobody has.
    fn id(&self) -> Result<KeyId, ApiError> {
        self.key_id.parse().map_err(|_| ProblemCode::NotFound.into())
    }
}

pub(super) async fn rotate(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<KeyPath>,
    Body(mut fields): Body,
) -> Result<(StatusCode, Json<NewKeyView>), ApiError> {
    let old = path.id()?;
    let name = fields.required("name", field::name)?;
    let retires_at = fields.optional("retires_at", field::or_null(field::time))?.flatten();
    fields.end()?;
    require_future(retires_at, app.now())?;
    issue(&app, call.scope, name, Some((old, retires_at))).await
}

/// Generates a secret and keeps it sealed; the answer has its only copy in clear.
async fn issue(
    app: &App,
    scope: AgentScope,
    name: String,
    replaces: Option<(KeyId, Option<Timestamp>)>,
) -> Result<(StatusCode, Json<NewKeyView>), ApiError> {
    let (id, now) = (app.mint()?, app.now());
    let (secret, nonce) = (Secret::generate(entropy::bytes()?), entropy::bytes()?);
    let (key, secret) = app
        .store
        .write(move |writer| {
            let new = NewKey { id, name, secret: &secret, nonce, now };
            match replaces {
                None => writer.create_key(&scope, &new)?,
                Some((old, retires_at)) => writer.rotate_key(&scope, old, &new, retires_at)?,
            }
            let created = writer.keys(&scope)?.into_iter().find(|key| key.id == id);
            Ok::<_, KeyError>((created.ok_or(KeyError::NotFound)?, secret))
        })
        .await?;
    let view = NewKeyView::new(KeyView::new(&key, IDLE_DAYS, now), &secret);
    Ok((StatusCode::CREATED, Json(view)))
}

fn require_future(end: Option<Timestamp>, now: Timestamp) -> Result<(), ApiError> {
    match end {
        Some(end) if end <= now => {
            Err(ApiError::invalid_field("`retires_at` must be in the future; to end a key now, revoke it."))
        }
        _ => Ok(()),
    }
}

/// Sets when an active key ends, or with null that it goes on.
pub(super) async fn retire(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<KeyPath>,
    Body(mut fields): Body,
) -> Result<Json<KeyView>, ApiError> {
    let (id, now, scope) = (path.id()?, app.now(), call.scope);
    let retires_at = fields.present("retires_at", field::or_null(field::time))?;
    fields.end()?;
    require_future(retires_at, now)?;
    let key = app
        .store
        .write(move |writer| {
            let set = writer.set_key_retirement(&scope, id, retires_at, now)?;
            let key = found(&writer.keys(&scope)?, id)?;
            if set { Ok(key) } else { Err(KeyError::NotActive) }
        })
        .await?;
    Ok(Json(KeyView::new(&key, IDLE_DAYS, now)))
}

/// Ends a key at once. One that was revoked before stays as it is.
pub(super) async fn revoke(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<KeyPath>,
    NoBody: NoBody,
) -> Result<Json<KeyView>, ApiError> {
    let (id, now, scope) = (path.id()?, app.now(), call.scope);
    let key = app
        .store
        .write(move |writer| {
            writer.revoke_key(&scope, id, now)?;
            found(&writer.keys(&scope)?, id)
        })
        .await?;
    Ok(Json(KeyView::new(&key, IDLE_DAYS, now)))
}

fn found(keys: &[KeyInfo], id: KeyId) -> Result<KeyInfo, KeyError> {
    keys.iter().find(|key| key.id == id).cloned().ok_or(KeyError::NotFound)
}
