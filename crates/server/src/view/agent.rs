//! An agent, as far as identity is concerned.

use std::time::Duration;

use eloquent_store::Agent;
use eloquent_types::{id::AgentId, time::Timestamp};
use serde::Serialize;

/// The largest limit on the lifetime of a token that can be set: ten years of 366 days.
pub const LONGEST_LIFETIME: Duration = Duration::from_hours(10 * 366 * 24);

/// The longest name that an agent or a key can be given, in characters.
pub const NAME_MAX_CHARS: usize = 60;

/// An agent.
#[derive(Clone, Debug, Serialize)]
pub struct AgentView {
    /// Its id, which is public.
    pub id: AgentId,
    /// Its name, which visitors see.
    pub name: String,
    features: Features,
    company_features: Features,
    /// What becomes of a visitor without a valid identity.
    pub enforcement: &'static str,
    /// The longest lifetime of a token in seconds; none where any is allowed.
    pub max_token_lifetime: Option<u64>,
    allowed_origins: Vec<String>,
    created_at: Timestamp,
}

/// Switches. A token identifies somebody only where the agent's and the company's are on.
#[derive(Clone, Copy, Debug, Serialize)]
struct Features {
    identify: bool,
}

impl AgentView {
    /// Whether tokens identify its visitors: both switches are on.
    pub const fn identifies(&self) -> bool {
        self.features.identify && self.company_features.identify
    }
}

impl From<Agent> for AgentView {
    fn from(agent: Agent) -> Self {
        Self {
            id: agent.id,
            name: agent.name,
            features: Features { identify: agent.identify_enabled },
            company_features: Features { identify: agent.company_identify_enabled },
            enforcement: agent.enforcement.as_str(),
            max_token_lifetime: agent.max_token_lifetime.map(|longest| longest.as_secs()),
            allowed_origins: agent.allowed_origins,
            created_at: agent.created_at,
        }
    }
}
