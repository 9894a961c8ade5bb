//! Integrations → Identity Verification: the feature's switches, the keys, and how a site signs.
//!
//! A secret is in exactly one response: that of the POST which generated it. The form names the key's
//! id in advance, so that a browser which sends the form again makes no second key and sees no second
//! secret.

use axum::{
    Form,
    extract::{Path, Query, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use eloquent_identity::Secret;
use eloquent_store::{Company, KeyError, KeyInfo, NewKey, StoreError};
use eloquent_types::id::{AgentId, KeyId};
use maud::Markup;
use serde::Deserialize;

use super::{
    error::PageError,
    frame::{Crumb, Frame, Place, Section},
    icon, part,
    session::AgentPage,
};
use crate::{app::App, entropy};

mod view;

use view::{NameProblem, Notice};

/// The longest name of a key, in characters.
const NAME_MAX_CHARS: usize = 60;

#[derive(Default, Deserialize)]
pub(super) struct IdentityQuery {
    #[serde(default)]
    notice: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<IdentityQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Markup, PageError> {
    let notice = query.ok().and_then(|Query(query)| Notice::parse(query.notice.as_deref()?));
    let known = Known::read(&app, &page).await?;
    Ok(view::page(&page, &known, &view::Asked { notice, ..view::Asked::new(app.mint()?) }))
}

/// What the page shows besides the agent.
struct Known {
    company: Company,
    keys: Vec<KeyInfo>,
}

impl Known {
    async fn read(app: &App, page: &AgentPage) -> Result<Self, PageError> {
        let (scope, company) = (page.scope, page.signed_in.scope);
        app.store
            .read(move |reader| {
                let company = reader.company(&company)?.ok_or(PageError::NotFound)?;
                Ok(Self { company, keys: reader.keys(&scope)? })
            })
            .await
    }
}

/// Which of the two switches.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Company,
    Agent,
}

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    level: Level,
    enabled: bool,
}

pub(super) async fn switch(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<SwitchForm>, FormRejection>,
) -> Result<Redirect, PageError> {
    let Form(SwitchForm { level, enabled }) = form.map_err(|_| PageError::BadForm)?;
    let (scope, company) = (page.scope, page.signed_in.scope);
    app.store
        .write(move |writer| {
            match level {
                Level::Company => writer.set_company_identify(&company, enabled)?,
                Level::Agent => writer.set_agent_identify(&scope, enabled)?,
            }
            Ok::<_, PageError>(())
        })
        .await?;
    let notice = if enabled { Notice::SwitchedOn } else { Notice::SwitchedOff };
    Ok(back(page.agent.id, Some(notice)))
}

/// What a browser asks for that was shown a new secret and reloads its address: the page, as it is.
pub(super) async fn keys_without_post(page: AgentPage) -> Redirect {
    back(page.agent.id, None)
}

#[derive(Deserialize)]
pub(super) struct KeyForm {
    name: String,
    key_id: String,
}

pub(super) async fn create_key(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<KeyForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(KeyForm { name, key_id }) = form.map_err(|_| PageError::BadForm)?;
    let id: KeyId = key_id.parse().map_err(|_| PageError::BadForm)?;
    let name = name.trim().to_owned();
    if let Some(problem) = name_problem(&name) {
        let known = Known::read(&app, &page).await?;
        let asked = view::Asked { name: &name, problem: Some(problem), ..view::Asked::new(id) };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view::page(&page, &known, &asked)).into_response());
    }
    match store_key(&app, &page, id, name.clone()).await {
        Ok(secret) => Ok(view::secret(&page, &name, &secret).into_response()),
        Err(PageError::Store(StoreError::Conflict)) => {
            Ok(back(page.agent.id, Some(Notice::AlreadyCreated)).into_response())
        }
        Err(error) => Err(error),
    }
}

fn name_problem(name: &str) -> Option<NameProblem> {
    if name.is_empty() {
        Some(NameProblem::Missing)
    } else if name.chars().count() > NAME_MAX_CHARS {
        Some(NameProblem::TooLong)
    } else if name.chars().any(char::is_control) {
        Some(NameProblem::Unprintable)
    } else {
        None
    }
}

/// Generates a secret and keeps it sealed; what is returned is its only copy in clear.
async fn store_key(app: &App, page: &AgentPage, id: KeyId, name: String) -> Result<Secret, PageError> {
    let secret = Secret::generate(entropy::bytes()?);
    let (nonce, now, scope) = (entropy::bytes()?, app.now(), page.scope);
    app.store
        .write(move |writer| {
            match writer.create_key(&scope, &NewKey { id, name, secret: &secret, nonce, now }) {
                Ok(()) => Ok(secret),
                Err(KeyError::Store(error)) => Err(PageError::Store(error)),
                Err(_) => Err(PageError::BadForm),
            }
        })
        .await
}

/// The path of one key.
#[derive(Deserialize)]
pub(super) struct KeyPath {
    key_id: String,
}

/// The agent's key of this path; another agent's is not found.
async fn key_of(app: &App, page: &AgentPage, path: &KeyPath) -> Result<KeyInfo, PageError> {
    let id: KeyId = path.key_id.parse().map_err(|_| PageError::NotFound)?;
    let scope = page.scope;
    let keys = app.store.read(move |reader| Ok::<_, PageError>(reader.keys(&scope)?)).await?;
    keys.into_iter().find(|key| key.id == id).ok_or(PageError::NotFound)
}

pub(super) async fn confirm_revoke(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
) -> Result<Response, PageError> {
    let key = key_of(&app, &page, &path).await?;
    if key.revoked_at.is_some() {
        return Ok(back(page.agent.id, None).into_response());
    }
    Ok(view::confirm(&page, &key).into_response())
}

pub(super) async fn revoke(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
) -> Result<Redirect, PageError> {
    let key = key_of(&app, &page, &path).await?;
    let (scope, now) = (page.scope, app.now());
    app.store
        .write(move |writer| Ok::<_, PageError>(writer.revoke_key(&scope, key.id, now).map(drop)?))
        .await?;
    Ok(back(page.agent.id, Some(Notice::Revoked)))
}

fn back(agent: AgentId, notice: Option<Notice>) -> Redirect {
    let path = format!("/dashboard/agents/{agent}/identity");
    Redirect::to(&notice.map_or(path.clone(), |notice| format!("{path}?notice={}", notice.name())))
}
