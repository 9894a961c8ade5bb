//! Everything that speaks HTTP, put together to one router.

mod admin;
pub mod assets;
mod chat;
mod config;
mod conversations;
mod cors;
mod dashboard;
mod demo;
mod error;
mod frame;
mod health;
mod identify;
mod logo;
mod member;
mod visitor;

use std::{any::Any, io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use eloquent_types::problem::ProblemCode;
use tokio::net::TcpListener;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, trace::TraceLayer};

use crate::app::App;

/// The largest body of a request to the widget's API, in bytes.
pub const BODY_MAX_BYTES: usize = 64 * 1024;

/// Serves until `stop` resolves and what was being answered is answered.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // The address of the peer is what the log-in's limits count by.
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

/// The whole service.
pub fn router(app: App) -> Router {
    let mut router = Router::new()
        .nest("/v1/agents/{agent_id}", widget_api(&app))
        .merge(dashboard::routes(&app))
        .merge(admin::routes(&app))
        .merge(assets::routes())
        .merge(frame::routes(&app))
        .merge(health::routes());
    if app.options.demo.is_some() {
        router = router.merge(demo::routes());
    }
    router
        .fallback(async || error::ApiError::from(ProblemCode::NotFound))
        .method_not_allowed_fallback(async || error::ApiError::from(ProblemCode::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .layer(
            TraceLayer::new_for_http().make_span_with(request_span).on_response(log_response).on_failure(()),
        )
        .with_state(app)
}

/// The API that the widget uses. Every route names the agent; [`cors::agent`] looks it up and decides
/// on the origin before anything else happens.
fn widget_api(app: &App) -> Router<App> {
    Router::new()
        .route("/config", get(config::config))
        .route("/logo", get(logo::show))
        .route("/identify", post(identify::identify))
        .route("/chat", post(chat::chat))
        .route("/conversations", get(conversations::list))
        .route("/conversations/{conversation_id}", get(conversations::view))
        .route("/conversations/{conversation_id}/events", get(conversations::events))
        .route("/conversations/{conversation_id}/feedback", post(conversations::feedback))
        .route("/conversations/{conversation_id}/handover", post(conversations::handover))
        .route("/conversations/{conversation_id}/stop", post(conversations::stop))
        .route("/session", delete(identify::end_session))
        // Set here, inside the layer, so that a preflight reaches it; the outer one leaves it alone.
        .method_not_allowed_fallback(async || error::ApiError::from(ProblemCode::MethodNotAllowed))
        .layer(middleware::from_fn_with_state(app.clone(), cors::agent))
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The span of a request: its route, never its whole address, in which an id or a query may stand.
fn request_span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route)
}

fn log_response(response: &Response, latency: Duration, _span: &tracing::Span) {
    let status = response.status().as_u16();
    let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    if status < 500 {
        tracing::debug!(status, millis, "answered");
    } else {
        tracing::warn!(status, millis, "answered");
    }
}

/// A bug must not take the connection down, nor tell the caller about itself.
fn panicked(_payload: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    error::ApiError::from(ProblemCode::Internal).into_response()
}
