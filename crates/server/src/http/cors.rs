//! Which agent a request is for, and whether its page may talk to it.
//!
//! CORS by the agent's list of allowed origins: compared exactly, never reflected for a list that
//! does not name them, with `Vary: Origin`, and never with credentials (sessions are bearer tokens).
//! An empty list allows any origin (`*`). A request that names a foreign origin is refused on the
//! server too, so that it has no effect.
//!
//! And whether its client asks too often ([`crate::limits`]): here, because a page must be able to read
//! that, too.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{MatchedPath, Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use eloquent_store::Agent;
use eloquent_types::{id::AgentId, problem::ProblemCode};
use futures_util::StreamExt as _;

use super::{BODY_MAX_BYTES, error::ApiError, visitor};
use crate::{
    app::App,
    limits::{Kind, TooMany},
};

const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");
const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, last-event-id, x-eloquent-identity");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("retry-after");
/// Ten minutes, in seconds: a change of the list is noticed soon.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The path's first parameter, whatever others the route has.
#[derive(serde::Deserialize)]
pub(super) struct AgentPath {
    agent_id: String,
}

/// Looks the agent up, decides on the origin, answers preflights, and leaves the agent to the handler
/// as an extension.
pub(super) async fn agent(
    State(app): State<App>,
    path: Result<Path<AgentPath>, PathRejection>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let kind = kind(&parts);
    if let Err(too_many) = let_in(&app, kind, &mut parts) {
        take_away(body).await;
        return with_any_origin(ApiError::from(too_many).into_response());
    }
    let mut request = Request::from_parts(parts, body);
    let found = match find(&app, path).await {
        Ok(agent) => agent,
        Err(error) => {
            take_away(request.into_body()).await;
            return with_any_origin(error.into_response());
        }
    };
    if let Some(page) = framing_page(request.headers(), &app.options.public_url).cloned() {
        request.headers_mut().insert(header::ORIGIN, page);
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let decision = decide(&found, &app.options.public_url, origin.as_ref());
    let preflight = request.method() == Method::OPTIONS;
    let mut response = match &decision {
        Decision::Refused => {
            take_away(request.into_body()).await;
            ApiError::from(ProblemCode::OriginNotAllowed).into_response()
        }
        Decision::Any | Decision::Exactly(_) | Decision::SameOrigin if preflight => {
            StatusCode::NO_CONTENT.into_response()
        }
        Decision::Any | Decision::Exactly(_) | Decision::SameOrigin => {
            if let Err(too_many) = app.limiters.let_through(kind, &found.id) {
                take_away(request.into_body()).await;
                ApiError::from(too_many).into_response()
            } else {
                request.extensions_mut().insert(found);
                next.run(request).await
            }
        }
    };
    decision.write(response.headers_mut(), preflight);
    response
}

/// Names the page around a frame of ours.
const FRAMING_PAGE: HeaderName = HeaderName::from_static("x-eloquent-origin");

/// For how long a body that nobody wants is waited for.
const UNWANTED_FOR: Duration = Duration::from_secs(2);

/// Takes in a body that is not looked at, as much as it may hold and for a moment: a connection that is
/// closed while its client still writes is reset, and the refusal is lost on the way.
async fn take_away(body: Body) {
    let taking = async {
        let mut chunks = body.into_data_stream();
        let mut bytes = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            bytes += chunk.len();
            if bytes > BODY_MAX_BYTES {
                return;
            }
        }
    };
    // Who takes longer has had the time.
    let _ = tokio::time::timeout(UNWANTED_FOR, taking).await;
}

/// What kind of request was routed here. A preflight costs no more than a read, whatever it asks for.
fn kind(parts: &Parts) -> Kind {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    match route.rsplit('/').next() {
        Some("identify") if parts.method == Method::POST => Kind::Identify,
        Some("chat") if parts.method == Method::POST => Kind::Chat,
        _ => Kind::Read,
    }
}

/// Refuses whoever asks too often, before the database is asked for anything; leaves the client's address
/// to the handler as an extension.
fn let_in(app: &App, kind: Kind, parts: &mut Parts) -> Result<(), TooMany> {
    let address = visitor::address(parts, &app.options.trusted_proxies);
    let session = visitor::session(&parts.headers);
    app.limiters.let_in(kind, session.as_ref(), address.as_ref())?;
    if let Some(address) = address {
        parts.extensions.insert(address);
    }
    Ok(())
}

/// The origin of the page around a frame of ours, as the browser told the frame. It counts in the place of
/// our own, for the list and for the identity log. Nobody else's page can claim one: its requests have its
/// own origin, and no preflight allows the header.
fn framing_page<'a>(headers: &'a HeaderMap, own: &str) -> Option<&'a HeaderValue> {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|known| known == value);
    headers.get(FRAMING_PAGE).filter(|_| is("origin", own) || is("sec-fetch-site", "same-origin"))
}

/// What the agent's list says of an origin.
enum Decision {
    /// The list is empty: every page may read the answer.
    Any,
    /// The list names this origin, or it is this server's own.
    Exactly(HeaderValue),
    /// The request names no origin: no browser, or a page of the same origin.
    SameOrigin,
    /// The list does not name it.
    Refused,
}

fn decide(agent: &Agent, own: &str, origin: Option<&HeaderValue>) -> Decision {
    if agent.allowed_origins.is_empty() {
        return Decision::Any;
    }
    let Some(origin) = origin else { return Decision::SameOrigin };
    let named = |allowed: &str| allowed.as_bytes() == origin.as_bytes();
    if named(own) || agent.allowed_origins.iter().any(|allowed| named(allowed)) {
        Decision::Exactly(origin.clone())
    } else {
        Decision::Refused
    }
}

impl Decision {
    fn write(self, headers: &mut HeaderMap, preflight: bool) {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        let origin = match self {
            Self::Any => HeaderValue::from_static("*"),
            Self::Exactly(origin) => origin,
            Self::SameOrigin | Self::Refused => return,
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        if preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
    }
}

async fn find(app: &App, path: Result<Path<AgentPath>, PathRejection>) -> Result<Agent, ApiError> {
    let Path(AgentPath { agent_id }) = path?;
    let id: AgentId = agent_id.parse().map_err(|_| ProblemCode::AgentNotFound)?;
    let agent = app.store.read(move |reader| reader.agent(id)).await?;
    agent.ok_or_else(|| ProblemCode::AgentNotFound.into())
}

/// A page with a mistyped agent id must be able to read why it fails; so must one that asks too often,
/// before its agent is known.
fn with_any_origin(mut response: Response) -> Response {
    Decision::Any.write(response.headers_mut(), false);
    response
}
