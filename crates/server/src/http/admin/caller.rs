//! Who calls the administration API: an API key, or a member's session in the dashboard's cookie.
//!
//! A request that presents a key is judged by the key alone, so that a wrong one is never made good by a
//! cookie. A request by cookie that changes something proves that it comes from our own pages; one by key
//! need not, since no foreign page can send the header.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use eloquent_store::{Agent, AgentScope, ApiKeyInfo, CompanyScope, Member, StoreError};
use eloquent_types::{id::AgentId, problem::ProblemCode};
use serde::Deserialize;

use crate::{
    api_key::ApiSecret,
    app::App,
    http::{
        error::ApiError,
        member::{SessionToken, is_same_origin},
    },
};

/// How exact the time of a key's last use is: a write for each request would be too dear.
const LAST_USE_EXACT_TO: Duration = Duration::from_mins(1);

/// Who calls. As an argument of a handler it stands for [`admit`] having let them in.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// What they reach.
    pub(super) scope: CompanyScope,
    who: Who,
}

#[derive(Clone, Debug)]
enum Who {
    Member(Member),
    Key(ApiKeyInfo),
}

impl Caller {
    /// Who they are, as a profile's history tells it.
    pub(super) fn actor(&self) -> String {
        match &self.who {
            Who::Member(member) => member.email.clone(),
            Who::Key(key) => format!("API key {} ({})", key.name, key.id),
        }
    }
}

impl Caller {
    /// Under which name they write to visitors: the member's, or the API key's.
    pub(super) fn name(&self) -> String {
        match &self.who {
            Who::Member(member) if !member.name.trim().is_empty() => member.name.clone(),
            // An address is nothing for visitors.
            Who::Member(_) => "Team".to_owned(),
            Who::Key(key) => key.name.clone(),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        parts.extensions.get().cloned().ok_or(ProblemCode::Unauthorized.into())
    }
}

/// The guard: lets callers in and answers everybody else.
pub(super) async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match identify(&app, request.method(), request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

async fn identify(app: &App, method: &Method, headers: &HeaderMap) -> Result<Caller, ApiError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return by_key(app, headers).await?.ok_or(ProblemCode::Unauthorized.into());
    }
    let caller = by_session(app, headers).await?.ok_or(ProblemCode::Unauthorized)?;
    if method.is_safe() || is_same_origin(headers, &app.options.public_url) {
        Ok(caller)
    } else {
        Err(ProblemCode::CrossSite.into())
    }
}

async fn by_key(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, StoreError> {
    let Some(secret) = presented(headers) else { return Ok(None) };
    let hash = secret.hash();
    let Some((scope, key)) = app.store.read(move |reader| reader.company_of_api_key(&hash)).await? else {
        return Ok(None);
    };
    let (id, now) = (key.id, app.now());
    if key.last_used_at.is_none_or(|last| now.since(last) >= LAST_USE_EXACT_TO) {
        let noted = app.store.write(move |writer| writer.touch_api_key(id, now)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the last use of an API key was not noted");
        }
    }
    Ok(Some(Caller { scope, who: Who::Key(key) }))
}

/// The one key that the request presents; none if it presents several.
fn presented(headers: &HeaderMap) -> Option<ApiSecret> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, secret) = values.next()?.to_str().ok()?.split_once(' ')?;
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    ApiSecret::parse(secret)
}

async fn by_session(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, StoreError> {
    let Some(token) = SessionToken::of(headers, &app.options.public_url) else { return Ok(None) };
    let (hash, now) = (token.hash(), app.now());
    let found = app.store.read(move |reader| reader.member_session(&hash, now)).await?;
    Ok(found.map(|(member, scope)| Caller { scope, who: Who::Member(member) }))
}

/// One agent of the caller's company, with the caller. Another company's agent is not found.
#[derive(Clone, Debug)]
pub(super) struct AgentCall {
    pub(super) caller: Caller,
    pub(super) scope: AgentScope,
    pub(super) agent: Agent,
}

/// The path's first parameter, whatever others the route has.
#[derive(Deserialize)]
struct AgentPath {
    agent_id: String,
}

impl FromRequestParts<App> for AgentCall {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let Path(path) = Path::<AgentPath>::from_request_parts(parts, app).await?;
        let id: AgentId = path.agent_id.parse().map_err(|_| ProblemCode::AgentNotFound)?;
        let company = caller.scope;
        let found = app
            .store
            .read(move |reader| {
                let Some(scope) = reader.agent_scope(&company, id)? else { return Ok(None) };
                Ok::<_, StoreError>(reader.agent(id)?.map(|agent| (scope, agent)))
            })
            .await?;
        let (scope, agent) = found.ok_or(ProblemCode::AgentNotFound)?;
        Ok(Self { caller, scope, agent })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_comes_alone_and_as_a_bearer() {
        let secret = ApiSecret::generate().unwrap();
        let headers = |values: &[&str]| {
            let pairs = values.iter().map(|value| (header::AUTHORIZATION, value.parse().unwrap()));
            pairs.collect::<Vec<(_, HeaderValue)>>().into_iter().fold(
                HeaderMap::new(),
                |mut all, (name, value)| {
                    all.append(name, value);
                    all
                },
            )
        };
        let (bearer, lower) = (format!("Bearer {}", secret.expose()), format!("bearer {}", secret.expose()));
        assert_eq!(presented(&headers(&[&bearer])).unwrap().hash(), secret.hash());
        assert_eq!(presented(&headers(&[&lower])).unwrap().hash(), secret.hash());
        for refused in [
            &[][..],
            &[""],
            &["Bearer"],
            &["Bearer "],
            &[secret.expose()],
            &[&format!("Bearer  {}", secret.expose())],
            &[&format!("Basic {}", secret.expose())],
            &[&bearer, &bearer],
        ] {
            assert!(presented(&headers(refused)).is_none(), "{refused:?}");
        }
    }
}
