//! The keys with which a site signs: made, shown once, rotated, ended.
//!
//! A secret is in exactly one response: that of the POST which generated it. The form names the key's
//! id in advance, so that a browser which sends the form again makes no second key and sees no second
//! secret.

use axum::{
    Form,
    extract::{Path, Query, State, rejection::FormRejection, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use eloquent_identity::Secret;
use eloquent_store::{ACTIVE_KEYS_MAX, Company, KeyError, KeyInfo, NewKey, StoreError};
use eloquent_types::{id::KeyId, time::Timestamp};
use maud::Markup;
use serde::Deserialize;

use super::{
    notice::{Notice, NoticeQuery},
    tab::Tab,
};
use crate::{
    app::App,
    entropy,
    http::dashboard::{error::PageError, session::AgentPage},
};

pub(super) mod retirement;
pub(super) mod rotate;
mod standing;
mod view;

/// The longest name of a key, in characters.
const NAME_MAX_CHARS: usize = 60;

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<NoticeQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let known = Known::read(&app, &page).await?;
    Ok(view::page(
        &page,
        &known,
        &view::Asked { notice: Notice::asked(query), ..view::Asked::new(app.mint()?) },
    ))
}

/// What the page shows besides the agent.
struct Known {
    company: Company,
    keys: Vec<KeyInfo>,
    now: Timestamp,
}

impl Known {
    async fn read(app: &App, page: &AgentPage) -> Result<Self, PageError> {
        let (scope, company, now) = (page.scope, page.signed_in.scope, app.now());
        app.store
            .read(move |reader| {
                let company = reader.company(&company)?.ok_or(PageError::NotFound)?;
                Ok(Self { company, keys: reader.keys(&scope)?, now })
            })
            .await
    }

    /// How many keys identify visitors now.
    fn active(&self) -> usize {
        self.keys.iter().filter(|key| key.is_active(self.now)).count()
    }
}

/// What a browser asks for that was shown a new secret and reloads its address: the page, as it is.
pub(super) async fn without_post(page: AgentPage) -> Redirect {
    Redirect::to(&Tab::Keys.href(page.agent.id))
}

#[derive(Deserialize)]
pub(super) struct KeyForm {
    name: String,
    key_id: String,
}

pub(super) async fn create(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<KeyForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(KeyForm { name, key_id }) = form?;
    let id: KeyId = key_id.parse().map_err(|_| PageError::BadForm)?;
    let made = match KeyName::parse(&name) {
        Ok(name) => store_key(&app, &page, id, name).await?,
        Err(problem) => Err(KeyProblem::Name(problem)),
    };
    match made {
        Ok((name, secret)) => Ok(view::secret(&page, &name, &secret, None).into_response()),
        Err(KeyProblem::AlreadyCreated) => {
            Ok(Notice::AlreadyCreated.on(Tab::Keys, page.agent.id).into_response())
        }
        Err(KeyProblem::NotActive) => Ok(Notice::NotActive.on(Tab::Keys, page.agent.id).into_response()),
        Err(problem) => {
            let known = Known::read(&app, &page).await?;
            let asked = view::Asked { name: name.trim(), problem: Some(problem), ..view::Asked::new(id) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, view::page(&page, &known, &asked)).into_response())
        }
    }
}

/// A name that a key can have: 1 to [`NAME_MAX_CHARS`] printable characters, trimmed.
struct KeyName(String);

/// What is wrong with the name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameProblem {
    Missing,
    TooLong,
    Unprintable,
}

impl KeyName {
    fn parse(text: &str) -> Result<Self, NameProblem> {
        let name = text.trim();
        if name.is_empty() {
            Err(NameProblem::Missing)
        } else if name.chars().count() > NAME_MAX_CHARS {
            Err(NameProblem::TooLong)
        } else if name.chars().any(char::is_control) {
            Err(NameProblem::Unprintable)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

/// Why no key was made, as far as the page can say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyProblem {
    Name(NameProblem),
    TooManyActive,
    /// The same form was sent before.
    AlreadyCreated,
    /// The key to be rotated has ended.
    NotActive,
}

impl KeyProblem {
    const fn text(self) -> &'static str {
        match self {
            Self::Name(NameProblem::Missing) => "Give the key a name, like the place where it will be used.",
            Self::Name(NameProblem::TooLong) => "A name has 60 characters at most.",
            Self::Name(NameProblem::Unprintable) => "The name holds characters that cannot be shown.",
            Self::TooManyActive => TOO_MANY,
            Self::AlreadyCreated | Self::NotActive => "Nothing was changed.",
        }
    }
}

const TOO_MANY: &str =
    "Ten keys are active, which is the most there can be. Revoke one that is safe to revoke first.";
const _: () = assert!(ACTIVE_KEYS_MAX == 10, "the text names the number");

/// The problem behind a failure of the store, where a member can do something about it.
fn problem_of(error: KeyError) -> Result<KeyProblem, PageError> {
    match error {
        KeyError::TooManyActive => Ok(KeyProblem::TooManyActive),
        KeyError::NotActive => Ok(KeyProblem::NotActive),
        KeyError::NotFound => Err(PageError::NotFound),
        KeyError::Store(StoreError::Conflict) => Ok(KeyProblem::AlreadyCreated),
        KeyError::Store(error) => Err(PageError::Store(error)),
    }
}

/// Generates a secret and keeps it sealed; what is returned is its only copy in clear.
async fn store_key(
    app: &App,
    page: &AgentPage,
    id: KeyId,
    name: KeyName,
) -> Result<Result<(KeyName, Secret), KeyProblem>, PageError> {
    let secret = Secret::generate(entropy::bytes()?);
    let (nonce, now, scope) = (entropy::bytes()?, app.now(), page.scope);
    let made = app
        .store
        .write(move |writer| {
            let new = NewKey { id, name: name.0.clone(), secret: &secret, nonce, now };
            writer.create_key(&scope, &new)?;
            Ok::<_, KeyError>((name, secret))
        })
        .await;
    made.map(Ok).or_else(|error| problem_of(error).map(Err))
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
    let known = Known::read(&app, &page).await?;
    let key = known.keys.iter().find(|key| key.id.to_string() == path.key_id).ok_or(PageError::NotFound)?;
    if key.revoked_at.is_some() {
        return Ok(without_post(page).await.into_response());
    }
    Ok(view::confirm(&page, key, &known).into_response())
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
    Ok(Notice::Revoked.on(Tab::Keys, page.agent.id))
}
