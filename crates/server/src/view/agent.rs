//! An agent, as members see it.

use std::time::Duration;

use eloquent_store::Agent;
use eloquent_types::{id::AgentId, theme::Theme, time::Timestamp};
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
    greeting: String,
    starters: Vec<String>,
    locale: Option<String>,
    contact: Option<String>,
    theme: Theme,
    features: Features,
    company_features: CompanyFeatures,
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
    feedback: bool,
    handover: bool,
}

/// The company's switches.
#[derive(Clone, Copy, Debug, Serialize)]
struct CompanyFeatures {
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
            greeting: agent.greeting,
            starters: agent.starters,
            locale: agent.locale,
            contact: agent.contact.map(|contact| contact.as_str().to_owned()),
            theme: agent.theme,
            features: Features {
                identify: agent.identify_enabled,
                feedback: agent.feedback_enabled,
                handover: agent.handover_enabled,
            },
            company_features: CompanyFeatures { identify: agent.company_identify_enabled },
            enforcement: agent.enforcement.as_str(),
            max_token_lifetime: agent.max_token_lifetime.map(|longest| longest.as_secs()),
            allowed_origins: agent.allowed_origins,
            created_at: agent.created_at,
        }
    }
}
