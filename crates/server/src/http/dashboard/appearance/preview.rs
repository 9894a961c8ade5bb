//! The page in the preview's frame: a site that has nothing but the real widget.
//!
//! The page around it steers the widget by `window.eloquent`, as any page does. Who writes in it has a
//! conversation like any visitor's; the browser keeps nothing of it.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use eloquent_types::theme::{Color, Position};
use maud::{DOCTYPE, html};

use crate::http::dashboard::session::AgentPage;

/// The policy of the page that runs the widget: WebAssembly, and no other frame around it than ours.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; frame-ancestors 'self'; base-uri 'none'",
);

pub(super) async fn show(page: AgentPage) -> Response {
    let theme = &page.agent.theme;
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Preview · " (page.agent.name) }
                link rel="icon" href="/dashboard/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/dashboard/assets/preview.css";
                script async src="/eloquent.js" data-agent-id=(page.agent.id) data-load="eager" data-storage="none"
                    data-accent=[theme.accent.as_ref().map(Color::as_str)]
                    data-position=[theme.position.map(Position::as_str)] {}
            }
            // What a site looks like from afar.
            body aria-hidden="true" {
                header { i.word {} i {} i {} i {} }
                main { i.title {} i {} i {} i.short {} div { i.block {} i.block {} i.block {} } i {} i {} i.short {} }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], body).into_response()
}
