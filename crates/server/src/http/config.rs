//! `GET /v1/agents/{agent_id}/config`: what the widget draws.

use axum::{Extension, Json, http::header, response::IntoResponse};
use eloquent_store::Agent;
use eloquent_types::{
    config::{AgentConfig, Features},
    theme::{Color, Theme},
};

pub(super) async fn config(Extension(agent): Extension<Agent>) -> impl IntoResponse {
    let features = Features { identify: agent.identifies(), ..Features::default() };
    let config = AgentConfig {
        agent_id: agent.id,
        name: agent.name,
        greeting: agent.greeting,
        starters: agent.starters,
        theme: Theme {
            accent: agent.accent.as_deref().and_then(|accent| Color::parse(accent).ok()),
            ..Theme::default()
        },
        locale: agent.locale,
        contact: None,
        features,
    };
    ([(header::CACHE_CONTROL, "no-cache")], Json(config))
}
