//! The administration API, `/api/v1`: keys, enforcement, the log of attempts, the inspector and the
//! profiles of a company's agents, for scripts and for the dashboard's own pages.
//!
//! It decides nothing about identity or conversations: it reads requests, asks the store, and writes
//! [`crate::view`]s. It has no CORS headers: no other origin's page gets an answer.
//!
//! Invariants: every route lies inside the layer of [`caller::admit`], the fallback too, so that a
//! forgotten route is a closed one. What belongs to another company answers like what does not exist. A
//! GET changes nothing but the time at which an API key was last used. A secret is in exactly one
//! response, that of the request which made it.

mod agents;
mod appearance;
mod caller;
mod claims;
mod conversations;
mod coverage;
mod field;
mod fields;
mod inspect;
mod keys;
mod log;
mod page;
mod profiles;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::Response,
    routing::{get, post, put},
};
use eloquent_types::problem::ProblemCode;

use super::error::ApiError;
use crate::app::App;

pub(super) fn routes(app: &App) -> Router<App> {
    Router::new().nest("/api/v1", for_callers(app))
}

/// Everything; there is nothing here that is open to everybody.
fn for_callers(app: &App) -> Router<App> {
    let agent = "/agents/{agent_id}";
    let at = |rest: &str| format!("{agent}{rest}");
    let key = |rest: &str| at(&format!("/identity/keys/{{key_id}}{rest}"));
    let conversation = |rest: &str| at(&format!("/conversations/{{conversation_id}}{rest}"));
    let profile = |rest: &str| at(&format!("/profiles/{{profile_id}}{rest}"));
    Router::new()
        .route("/agents", get(agents::list))
        .route(agent, get(agents::show).patch(agents::change))
        .route(&at("/logo"), put(appearance::put_logo).delete(appearance::delete_logo))
        .route(&at("/identity/keys"), get(keys::list).post(keys::create))
        .route(&key("/rotate"), post(keys::rotate))
        .route(&key("/retire"), post(keys::retire))
        .route(&key("/revoke"), post(keys::revoke))
        .route(&at("/identity/log"), get(log::list))
        .route(&at("/identity/coverage"), get(coverage::show))
        .route(&at("/identity/inspect"), post(inspect::inspect))
        .route(&at("/identity/claims"), get(claims::list))
        .route(&at("/identity/claims/{name}"), get(claims::show).put(claims::set))
        .route(&at("/conversations"), get(conversations::list))
        .route(&conversation(""), get(conversations::show))
        .route(&conversation("/reply"), post(conversations::reply))
        .route(&conversation("/assign"), post(conversations::assign))
        .route(&conversation("/resolve"), post(conversations::resolve))
        .route(&at("/profiles"), get(profiles::list))
        .route(&profile(""), get(profiles::show).delete(profiles::erase))
        .route(&profile("/export"), get(profiles::export))
        .route(&profile("/history"), get(profiles::history))
        .route(&profile("/block"), post(profiles::block))
        .route(&profile("/unblock"), post(profiles::unblock))
        .fallback(async || ApiError::from(ProblemCode::NotFound))
        .method_not_allowed_fallback(async || ApiError::from(ProblemCode::MethodNotAllowed))
        .layer(middleware::from_fn_with_state(app.clone(), caller::admit))
        .layer(middleware::map_response(protect))
}

async fn protect(mut response: Response) -> Response {
    let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    if is_unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
