//! The dashboard's pages, rendered on the server: who has talked to an agent, as whom, and the keys
//! with which a site proves it.
//!
//! It deliberately decides nothing about conversations or identity, and holds no script beyond
//! conveniences: every page works without JavaScript.
//!
//! Invariants: every route but the log-in lies in [`members_only`], whose layer refuses whoever is not
//! logged in, so that a forgotten route is a closed one. What belongs to another company is not found.
//! A request that changes something proves that it comes from these pages. Text becomes markup only
//! through `maud`, which escapes it.

mod agents;
mod appearance;
mod attempts;
mod conversations;
mod embed;
mod error;
mod frame;
mod icon;
mod identity;
mod login;
mod part;
mod profiles;
mod rich;
mod session;

use axum::{
    Extension, Router,
    http::{HeaderValue, header},
    middleware,
    response::{Redirect, Response},
    routing::{get, post},
};

use crate::app::App;

/// What a page may load and who may frame it: nothing foreign, nothing inline, nobody.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/dashboard/login", get(login::form).post(login::log_in))
        .layer(Extension(login::Attempts::default()))
        .route("/dashboard/", get(async || Redirect::permanent("/dashboard")))
        .nest("/dashboard", members_only(app))
        .layer(middleware::from_fn_with_state(app.clone(), session::refuse_cross_site))
        .layer(middleware::map_response(protect))
}

/// Everything for which one must be logged in.
fn members_only(app: &App) -> Router<App> {
    let agent = "/agents/{agent_id}";
    Router::new()
        .route("/", get(agents::list))
        .route("/logout", post(login::log_out))
        .route(agent, get(agents::overview))
        .merge(appearance::routes())
        .merge(conversations::routes())
        .merge(profiles::routes())
        .merge(identity::routes())
        .fallback(async || error::PageError::NotFound)
        .layer(middleware::from_fn_with_state(app.clone(), session::require_member))
}

async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // The pages that run the widget, or have it in a frame, bring policies of their own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}
