//! `GET …/config`: what the widget draws, and nothing else (contract §4).

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// The agent's public configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// The agent.
    pub agent_id: AgentId,
    /// Its name, shown in the panel's head.
    pub name: String,
    /// The first words of the panel, before the visitor has written.
    pub greeting: String,
    /// Questions to start with, at most a handful.
    pub starters: Vec<String>,
    /// The colours.
    pub theme: Theme,
    /// The language of the agent's own words (BCP 47), if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What is switched on.
    pub features: Features,
}

/// How the widget looks at this agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// The accent colour as `#rrggbb`; the widget's own where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
}

/// What is switched on, company and agent taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Identity verification.
    pub identify: bool,
}
