//! `/healthz`: the process lives. `/readyz`: it can also read its data.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match app.store.read(|reader| reader.companies().map(drop)).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the data cannot be read\n")
        }
    }
}
