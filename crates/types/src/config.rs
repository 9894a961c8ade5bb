//! `GET …/config`: what the widget draws, and nothing else (contract §4).

use serde::{Deserialize, Serialize};

use crate::{id::AgentId, theme::Theme};

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
    /// How the widget looks.
    #[serde(default)]
    pub theme: Theme,
    /// The language of the agent's own words (BCP 47), if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// How to reach the company without the chat: an email address, or an https address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What is switched on.
    pub features: Features,
}

/// What is switched on, company and agent taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Identity verification.
    pub identify: bool,
    /// Whether answers can be rated.
    #[serde(default)]
    pub feedback: bool,
    /// Whether a person can be asked for.
    #[serde(default)]
    pub handover: bool,
}
