//! `GET /frame/{agent_id}`: the page in which the chat runs on hosts that want a frame or forbid
//! WebAssembly (contract §1). It holds one script and no word of the agent's.
//!
//! Invariant: only the agent's own origins may frame it, and the script hears nobody else; where the
//! agent's list is empty, everybody may.

use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use eloquent_store::Agent;
use maud::{DOCTYPE, Markup, html};

use super::cors;
use crate::app::App;

/// What the page may do, but for whom it may be framed by. Styles are constructed, never written inline.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; \
    img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ";

pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/frame/{agent_id}", get(frame))
        .layer(middleware::from_fn_with_state(app.clone(), cors::agent))
        .layer(middleware::from_fn(or_unknown))
}

async fn frame(Extension(agent): Extension<Agent>) -> Response {
    let origins: Vec<&str> =
        agent.allowed_origins.iter().map(String::as_str).filter(|origin| is_source(origin)).collect();
    let id = agent.id.to_string();
    // A list without a usable name is still a list: then nobody is on it.
    let ancestors = match origins.as_slice() {
        [] if agent.allowed_origins.is_empty() => "*".to_owned(),
        named => ["'self' ", &named.join(" ")].concat(),
    };
    with_policy(&ancestors, page(&id, &origins))
}

/// An id that is no agent's gets the page as well: the chat in it says what is wrong, as it does without
/// a frame.
async fn or_unknown(request: Request, next: Next) -> Response {
    let id = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return (StatusCode::NOT_FOUND, with_policy("*", page(&id, &[]))).into_response();
    }
    response
}

/// Whether the text can stand in a policy without saying more than itself.
fn is_source(origin: &str) -> bool {
    !origin.is_empty() && origin.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b','))
}

fn page(agent_id: &str, origins: &[&str]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-agent-id=(agent_id) data-origins=(origins.join(" ")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex";
                title { "Chat" }
                script type="module" src="../assets/frame.js" {}
            }
            body {}
        }
    }
}

fn with_policy(ancestors: &str, page: Markup) -> Response {
    let mut response = page.into_response();
    let policy = [POLICY, ancestors].concat();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_cannot_widen_the_policy() {
        assert!(is_source("https://shop.example.com:8443"));
        for bad in ["", "https://a.example *", "https://a.example;script-src", "a,b", "é", "a\nb"] {
            assert!(!is_source(bad), "{bad}");
        }
    }
}
