//! Who is logged in: the guard before every page, and the refusal of what another site made a browser send.

use axum::{
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, Method, Uri, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use eloquent_store::{Agent, AgentScope, CompanyScope, Member};
use eloquent_types::{id::AgentId, time::Timestamp};
use serde::Deserialize;

use super::error::PageError;
use crate::{
    app::App,
    http::member::{SessionToken, is_same_origin},
};

/// The member who asks. As an argument of a handler it stands for the guard having let them in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) member: Member,
    pub(super) scope: CompanyScope,
    pub(super) company_name: String,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        parts.extensions.get().cloned().ok_or(PageError::SignedOut { next: None })
    }
}

/// The guard: lets members in and sends everybody else to the log-in.
pub(super) async fn require_member(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match signed_in(&app, request.headers()).await {
        Ok(Some(signed_in)) => {
            request.extensions_mut().insert(signed_in);
            next.run(request).await
        }
        Ok(None) => {
            // The path as the browser sees it, which nesting has cut for the inner routes.
            let uri = request.extensions().get().map_or(request.uri(), |axum::extract::OriginalUri(uri)| uri);
            let back = (request.method() == Method::GET).then(|| NextPath::of(uri)).flatten();
            PageError::SignedOut { next: back }.into_response()
        }
        Err(error) => error.into_response(),
    }
}

/// The member whose session came with the request.
pub(super) async fn signed_in(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, PageError> {
    let Some(token) = SessionToken::of(headers, &app.options.public_url) else { return Ok(None) };
    let (hash, now): (_, Timestamp) = (token.hash(), app.now());
    app.store
        .read(move |reader| {
            let Some((member, scope)) = reader.member_session(&hash, now)? else { return Ok(None) };
            let company = reader.company(&scope)?;
            Ok(company.map(|company| SignedIn { member, scope, company_name: company.name }))
        })
        .await
}

/// The path of a page of the dashboard: where to go on after the log-in. Nothing that could lead
/// elsewhere can be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NextPath(String);

impl NextPath {
    /// Accepts a path below `/dashboard`, with its query, in plain characters alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        const OTHERS: &[u8] = b"/_-.~%?=&+";
        let below = text.strip_prefix("/dashboard")?;
        let separated = below.is_empty() || below.starts_with(['/', '?']);
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || OTHERS.contains(&byte));
        let inside = !text.contains("//") && !text.contains("/.");
        (separated && plain && inside && text.len() <= 512).then(|| Self(text.to_owned()))
    }

    fn of(uri: &Uri) -> Option<Self> {
        Self::parse(uri.path_and_query()?.as_str())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One agent of the member's company, with the member who asks. Another company's agent is not found.
#[derive(Clone, Debug)]
pub(super) struct AgentPage {
    pub(super) signed_in: SignedIn,
    pub(super) scope: AgentScope,
    pub(super) agent: Agent,
}

/// The path's first parameter, whatever others the route has.
#[derive(Deserialize)]
struct AgentPath {
    agent_id: String,
}

impl FromRequestParts<App> for AgentPage {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let path = Path::<AgentPath>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(|_| PageError::NotFound)?;
        let id: AgentId = path.agent_id.parse().map_err(|_| PageError::NotFound)?;
        let company = signed_in.scope;
        app.store
            .read(move |reader| {
                let scope = reader.agent_scope(&company, id)?.ok_or(PageError::NotFound)?;
                let agent = reader.agent(id)?.ok_or(PageError::NotFound)?;
                Ok(Self { signed_in, scope, agent })
            })
            .await
    }
}

/// Refuses what another site made the browser send.
pub(super) async fn refuse_cross_site(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers(), &app.options.public_url) {
        next.run(request).await
    } else {
        PageError::CrossSite.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_path_stays_on_the_dashboard() {
        for good in ["/dashboard", "/dashboard/agents/agt_01/profiles?search=a%40b&page=2", "/dashboard?x=1"]
        {
            assert_eq!(NextPath::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example/dashboard",
            "/dashboardevil",
            "/dashboard.evil.example",
            "https://evil.example/dashboard",
            "/dashboard//evil.example",
            "/dashboard/../demo/",
            "/dashboard\\evil",
            "/dashboard/\r\nset-cookie: x",
            "/dashboard#x",
            "/dashboard/@evil.example",
        ] {
            assert_eq!(NextPath::parse(bad), None, "{bad}");
        }
    }
}
