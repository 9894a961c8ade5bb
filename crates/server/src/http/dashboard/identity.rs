//! Integrations → Identity Verification: a few pages with tabs, each with an address of its own.
//!
//! What they show and change is the store's; what a token is worth is said by the verifier alone. The
//! pages here ask both and write down the answers.
//!
//! Invariants: a secret is in exactly one response, that of the request which generated it; a token
//! that somebody pasted is in no address, no log and no store, and in no response but the one to its
//! own request.

mod claims;
mod coverage;
mod enforcement;
mod feature;
mod indent;
mod inspector;
mod keys;
mod log;
mod notice;
mod playground;
mod samples;
mod tab;
pub(super) mod words;

use axum::{Router, routing::get};

use crate::app::App;

/// The pages, below `/dashboard`; for members only.
pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/agents/{{agent_id}}/identity{rest}");
    Router::new()
        .route(&at(""), get(keys::show))
        .route(&at("/feature"), get(keys::without_post).post(feature::switch))
        .route(&at("/keys"), get(keys::without_post).post(keys::create))
        .route(&at("/keys/{key_id}/rotate"), get(keys::rotate::form).post(keys::rotate::rotate))
        .route(&at("/keys/{key_id}/retirement"), get(keys::retirement::form).post(keys::retirement::set))
        .route(&at("/keys/{key_id}/revoke"), get(keys::confirm_revoke).post(keys::revoke))
        .route(&at("/enforcement"), get(enforcement::show).post(enforcement::choose))
        .route(&at("/lifetime"), get(enforcement::without_post).post(enforcement::limit_lifetime))
        .route(&at("/claims"), get(claims::show).post(claims::choose))
        .route(&at("/log"), get(log::show))
        .route(&at("/inspector"), get(inspector::form).post(inspector::inspect))
        .route(&at("/playground"), get(playground::form).post(playground::preview))
        .route(&at("/samples"), get(samples::show))
}
