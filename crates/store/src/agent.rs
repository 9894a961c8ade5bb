//! Agents: the ones that answer on a company's sites.

use std::time::Duration;

use eloquent_types::{
    id::{AgentId, CompanyId},
    time::Timestamp,
};

use crate::{
    company::CompanyScope,
    error::StoreError,
    store::{Reader, Writer},
};

/// One agent of one company, as reached by the company's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentScope {
    pub(crate) agent: AgentId,
    pub(crate) company: CompanyId,
}

impl AgentScope {
    /// The agent.
    pub const fn agent_id(&self) -> AgentId {
        self.agent
    }

    /// The company that it belongs to.
    pub const fn company_id(&self) -> CompanyId {
        self.company
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its id, which is public.
    pub id: AgentId,
    /// The company that it belongs to.
    pub company_id: CompanyId,
    /// Its name, which visitors see.
    pub name: String,
    /// The first words of the panel.
    pub greeting: String,
    /// How it is told to behave. Never shown to visitors.
    pub instructions: String,
    /// Questions to start with.
    pub starters: Vec<String>,
    /// The accent colour as `#rrggbb`.
    pub accent: Option<String>,
    /// The language of its own words (BCP 47).
    pub locale: Option<String>,
    /// The origins whose pages may use it; any, if empty.
    pub allowed_origins: Vec<String>,
    /// The agent's own switch of identity verification.
    pub identify_enabled: bool,
    /// The company's switch. A token identifies only where both are on: [`Agent::identifies`].
    pub company_identify_enabled: bool,
    /// What becomes of a visitor without a valid identity.
    pub enforcement: Enforcement,
    /// The longest lifetime that a token may have; any, if `None`.
    pub max_token_lifetime: Option<Duration>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Agent {
    /// Whether identity verification is on, company and agent taken together.
    pub const fn identifies(&self) -> bool {
        self.identify_enabled && self.company_identify_enabled
    }
}

/// What becomes of a visitor without a valid identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// The chat goes on as an anonymous one.
    #[default]
    Off,
    /// The same, and it is counted what would be refused.
    Report,
    /// The chat is refused.
    Require,
}

/// An agent to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAgent {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: String,
    /// The first words of the panel.
    pub greeting: String,
    /// How it is told to behave.
    pub instructions: String,
    /// Questions to start with.
    pub starters: Vec<String>,
    /// The accent colour as `#rrggbb`.
    pub accent: Option<String>,
    /// The language of its own words (BCP 47).
    pub locale: Option<String>,
    /// The origins whose pages may use it; any, if empty.
    pub allowed_origins: Vec<String>,
    /// The time.
    pub now: Timestamp,
}

impl Reader<'_> {
    /// The company's agents, the oldest first.
    pub fn agents(&self, scope: &CompanyScope) -> Result<Vec<Agent>, StoreError> {
        let _ = scope;
        todo!()
    }

    /// The agent of this public id, whoever asks: for the widget's API.
    pub fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let _ = id;
        todo!()
    }

    /// One of the company's agents; `None` for another company's and for an unknown one.
    pub fn agent_scope(&self, scope: &CompanyScope, id: AgentId) -> Result<Option<AgentScope>, StoreError> {
        let _ = (scope, id);
        todo!()
    }
}

impl Writer<'_> {
    /// Creates an agent, with identity verification on, nothing enforced and any lifetime of a token.
    pub fn create_agent(&self, scope: &CompanyScope, new: &NewAgent) -> Result<AgentScope, StoreError> {
        let _ = (scope, new);
        todo!()
    }

    /// Switches the agent's identity verification on or off.
    pub fn set_agent_identify(&self, scope: &AgentScope, enabled: bool) -> Result<(), StoreError> {
        let _ = (scope, enabled);
        todo!()
    }

    /// Sets the origins whose pages may use the agent; an empty list means any.
    pub fn set_allowed_origins(&self, scope: &AgentScope, origins: &[String]) -> Result<(), StoreError> {
        let _ = (scope, origins);
        todo!()
    }

    /// Sets what becomes of a visitor without a valid identity.
    pub fn set_enforcement(&self, scope: &AgentScope, enforcement: Enforcement) -> Result<(), StoreError> {
        let _ = (scope, enforcement);
        todo!()
    }

    /// Sets the longest lifetime that a token may have (kept in whole milliseconds); `None` for any.
    pub fn set_max_token_lifetime(
        &self,
        scope: &AgentScope,
        longest: Option<Duration>,
    ) -> Result<(), StoreError> {
        let _ = (scope, longest);
        todo!()
    }
}
