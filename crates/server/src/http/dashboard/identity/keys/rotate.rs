//! Rotation in one step: a new key, and when the old one ends.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use eloquent_identity::Secret;
use eloquent_store::{KeyError, KeyInfo, NewKey};
use eloquent_types::{id::KeyId, time::Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    KeyName, KeyPath, KeyProblem, NAME_MAX_CHARS, key_of, problem_of,
    retirement::{self, EndForm, EndProblem},
    view, without_post,
};
use crate::{
    app::App,
    entropy,
    http::dashboard::{
        error::PageError,
        icon,
        identity::{notice::Notice, tab::Tab},
        session::AgentPage,
    },
};

#[derive(Deserialize)]
pub(in super::super) struct RotateForm {
    name: String,
    key_id: String,
    #[serde(default)]
    end: String,
    #[serde(default)]
    at: String,
}

pub(in super::super) async fn form(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
) -> Result<Response, PageError> {
    let key = key_of(&app, &page, &path).await?;
    if !key.is_active(app.now()) {
        return Ok(without_post(page).await.into_response());
    }
    let end = EndForm::of(key.retires_at);
    let asked = Asked { next_key: app.mint()?, name: &key.name, end: &end, problem: None };
    Ok(asked.view(&page, &key).into_response())
}

pub(in super::super) async fn rotate(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
    form: Result<Form<RotateForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(RotateForm { name, key_id, end, at }) = form?;
    let next_key: KeyId = key_id.parse().map_err(|_| PageError::BadForm)?;
    let (end, now) = (EndForm { end, at }, app.now());
    let old = key_of(&app, &page, &path).await?;
    let made = match (KeyName::parse(&name), end.parse(now)) {
        (_, Err(EndProblem::Unknown)) => return Err(PageError::BadForm),
        (Err(problem), _) => Err(Problem::Key(KeyProblem::Name(problem))),
        (_, Err(problem)) => Err(Problem::End(problem)),
        (Ok(name), Ok(retires_at)) => {
            let order = Order { old: old.id, next_key, name, retires_at, now };
            order.carry_out(&app, &page).await?.map_err(Problem::Key)
        }
    };
    match made {
        Ok(made) => {
            Ok(view::secret(&page, &made.name, &made.secret, Some((&old, made.retires_at))).into_response())
        }
        Err(Problem::Key(KeyProblem::AlreadyCreated)) => {
            Ok(Notice::AlreadyCreated.on(Tab::Keys, page.agent.id).into_response())
        }
        Err(Problem::Key(KeyProblem::NotActive)) => {
            Ok(Notice::NotActive.on(Tab::Keys, page.agent.id).into_response())
        }
        Err(problem) => {
            let asked = Asked { next_key, name: name.trim(), end: &end, problem: Some(problem) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, asked.view(&page, &old)).into_response())
        }
    }
}

/// A rotation as it was asked for.
struct Order {
    old: KeyId,
    next_key: KeyId,
    name: KeyName,
    retires_at: Option<Timestamp>,
    now: Timestamp,
}

/// A rotation as it was done, with the only copy of the secret in clear.
struct Rotated {
    name: KeyName,
    secret: Secret,
    retires_at: Option<Timestamp>,
}

impl Order {
    async fn carry_out(self, app: &App, page: &AgentPage) -> Result<Result<Rotated, KeyProblem>, PageError> {
        let Self { old, next_key, name, retires_at, now } = self;
        let secret = Secret::generate(entropy::bytes()?);
        let (nonce, scope) = (entropy::bytes()?, page.scope);
        let rotated = app
            .store
            .write(move |writer| {
                let new = NewKey { id: next_key, name: name.0.clone(), secret: &secret, nonce, now };
                writer.rotate_key(&scope, old, &new, retires_at)?;
                // A time that was chosen before goes where the member chooses none.
                writer.set_key_retirement(&scope, old, retires_at, now)?;
                Ok::<_, KeyError>(Rotated { name, secret, retires_at })
            })
            .await;
        rotated.map(Ok).or_else(|error| problem_of(error).map(Err))
    }
}

/// What is wrong with the form.
#[derive(Clone, Copy)]
enum Problem {
    Key(KeyProblem),
    End(EndProblem),
}

/// The form as it was asked for or sent.
struct Asked<'a> {
    next_key: KeyId,
    name: &'a str,
    end: &'a EndForm,
    problem: Option<Problem>,
}

impl Asked<'_> {
    fn view(&self, page: &AgentPage, key: &KeyInfo) -> Markup {
        let path = Tab::Keys.href(page.agent.id);
        let end_problem = match self.problem {
            Some(Problem::End(problem)) => Some(problem),
            _ => None,
        };
        Tab::Keys.render_below(page, "Rotate key", &html! {
            div.heading { div {
                h1 { "Rotate “" bdi { (key.name) } "”" }
                p.lead { "You get a new secret for your servers. Until the old key ends, tokens of both identify your customers, so nobody is interrupted." }
            } }
            section.card.narrow aria-label="Rotation" {
                form.stack method="post" action={ (path) "/keys/" (key.id) "/rotate" } novalidate {
                    input type="hidden" name="key_id" value=(self.next_key);
                    (self.name_field())
                    (retirement::choices("The old key ends", self.end, end_problem))
                    div.actions {
                        button.primary type="submit" { (icon::rotate()) "Rotate key" }
                        a.button href=(path) { "Cancel" }
                    }
                }
            }
        })
    }

    fn name_field(&self) -> Markup {
        let problem = match self.problem {
            Some(Problem::Key(problem)) => Some(problem),
            _ => None,
        };
        html! {
            div.field {
                label for="name" { "Name of the new key" }
                input #name type="text" name="name" value=(self.name) required maxlength=(NAME_MAX_CHARS)
                    autocomplete="off" autofocus[problem.is_some()]
                    aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "name-problem")];
                @if let Some(problem) = problem {
                    p.problem #name-problem role="alert" { (icon::alert()) (problem.text()) }
                }
            }
        }
    }
}
