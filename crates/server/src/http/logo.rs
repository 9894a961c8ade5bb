//! `GET /v1/agents/{agent_id}/logo`: the agent's picture, for every page that shows its chat.

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use eloquent_store::Agent;
use eloquent_types::problem::ProblemCode;

use super::error::ApiError;
use crate::app::App;

/// Its address has the picture's hash as its query, and is kept for good. At any other it is asked for anew.
pub(super) async fn show(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let logo = app.store.read(move |reader| reader.logo(agent.id)).await?.ok_or(ProblemCode::NotFound)?;
    let caching = if query.as_deref() == Some(logo.hash()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = logo.kind().media_type();
    let mut response = logo.bytes().to_vec().into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Opened by itself it is a picture and nothing else.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    Ok(response)
}
