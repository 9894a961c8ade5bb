//! `GET /v1/agents/{agent_id}/config`: what the widget draws.

use axum::{Extension, Json, http::header, response::IntoResponse};
use eloquent_store::Agent;
use eloquent_types::config::{AgentConfig, Features};

pub(super) async fn config(Extension(agent): Extension<Agent>) -> impl IntoResponse {
    let features = Features {
        identify: agent.identifies(),
        feedback: agent.feedback_enabled,
        handover: agent.handover_enabled,
    };
    let config = AgentConfig {
        agent_id: agent.id,
        name: agent.name,
        greeting: agent.greeting,
        starters: agent.starters,
        theme: agent.theme,
        locale: agent.locale,
        contact: agent.contact.map(|contact| contact.as_str().to_owned()),
        features,
    };
    ([(header::CACHE_CONTROL, "no-cache")], Json(config))
}
