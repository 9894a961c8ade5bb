//! Agents: the ones that answer on a company's sites.

use std::time::Duration;

use eloquent_types::{
    config::Contact,
    id::{AgentId, CompanyId},
    theme::Theme,
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    appearance,
    column::{Col, Json},
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
#[expect(clippy::struct_excessive_bools, reason = "switches that do not depend on each other")]
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
    /// How its widget looks, the accent and the logo's address among it.
    pub theme: Theme,
    /// How to reach the company without the chat.
    pub contact: Option<Contact>,
    /// The language of its own words (BCP 47).
    pub locale: Option<String>,
    /// The origins whose pages may use it; any, if empty.
    pub allowed_origins: Vec<String>,
    /// The agent's own switch of identity verification.
    pub identify_enabled: bool,
    /// The company's switch. A token identifies only where both are on: [`Agent::identifies`].
    pub company_identify_enabled: bool,
    /// Whether answers can be rated.
    pub feedback_enabled: bool,
    /// Whether a person can be asked for.
    pub handover_enabled: bool,
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

impl Enforcement {
    /// Every value, from the mildest on.
    pub const ALL: [Self; 3] = [Self::Off, Self::Report, Self::Require];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Report => "report",
            Self::Require => "require",
        }
    }

    /// The value of this name, which is compared exactly.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|value| value.as_str() == name)
    }
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

macro_rules! select {
    () => {
        "SELECT a.*, c.identify_enabled AS company_identify_enabled,
            (SELECT l.hash FROM agent_logo l WHERE l.agent_id = a.id) AS logo
         FROM agent a JOIN company c ON c.id = a.company_id "
    };
}

impl Reader<'_> {
    /// The company's agents, the oldest first.
    pub fn agents(&self, scope: &CompanyScope) -> Result<Vec<Agent>, StoreError> {
        let sql = concat!(select!(), "WHERE a.company_id = ?1 ORDER BY a.id");
        self.rows(sql, [Col(scope.company)], read)
    }

    /// The agent of this public id, whoever asks: for the widget's API.
    pub fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.row(concat!(select!(), "WHERE a.id = ?1"), [Col(id)], read)
    }

    /// One of the company's agents; `None` for another company's and for an unknown one.
    pub fn agent_scope(&self, scope: &CompanyScope, id: AgentId) -> Result<Option<AgentScope>, StoreError> {
        let sql = "SELECT 1 FROM agent WHERE id = ?1 AND company_id = ?2";
        let found = self.row(sql, params![Col(id), Col(scope.company)], |_| Ok(()))?;
        Ok(found.map(|()| AgentScope { agent: id, company: scope.company }))
    }
}

impl Writer<'_> {
    /// Creates an agent, with identity verification on, nothing enforced and any lifetime of a token.
    pub fn create_agent(&self, scope: &CompanyScope, new: &NewAgent) -> Result<AgentScope, StoreError> {
        let sql = "INSERT INTO agent
            (id, company_id, name, greeting, instructions, starters, accent, locale, allowed_origins, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        self.change(
            sql,
            params![
                Col(new.id),
                Col(scope.company),
                new.name,
                new.greeting,
                new.instructions,
                Json(&new.starters),
                new.accent,
                new.locale,
                Json(&new.allowed_origins),
                Col(new.now),
            ],
        )?;
        Ok(AgentScope { agent: new.id, company: scope.company })
    }

    /// Switches the agent's identity verification on or off.
    pub fn set_agent_identify(&self, scope: &AgentScope, enabled: bool) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET identify_enabled = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), enabled]).map(drop)
    }

    /// Renames the agent.
    pub fn set_agent_name(&self, scope: &AgentScope, name: &str) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET name = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), name]).map(drop)
    }

    /// Sets the origins whose pages may use the agent; an empty list means any.
    pub fn set_allowed_origins(&self, scope: &AgentScope, origins: &[String]) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET allowed_origins = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), Json(origins)]).map(drop)
    }

    /// Sets what becomes of a visitor without a valid identity.
    pub fn set_enforcement(&self, scope: &AgentScope, enforcement: Enforcement) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET enforcement = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), Col(enforcement)]).map(drop)
    }

    /// Sets the longest lifetime that a token may have (kept in whole milliseconds); `None` for any.
    pub fn set_max_token_lifetime(
        &self,
        scope: &AgentScope,
        longest: Option<Duration>,
    ) -> Result<(), StoreError> {
        let millis = longest.map(|longest| i64::try_from(longest.as_millis()).unwrap_or(i64::MAX));
        let sql = "UPDATE agent SET max_token_lifetime = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), millis]).map(drop)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Agent> {
    let id = row.get::<_, Col<_>>("id")?.0;
    Ok(Agent {
        id,
        company_id: row.get::<_, Col<_>>("company_id")?.0,
        name: row.get("name")?,
        greeting: row.get("greeting")?,
        instructions: row.get("instructions")?,
        starters: row.get::<_, Json<_>>("starters")?.0,
        accent: row.get("accent")?,
        theme: appearance::read_theme(row, id)?,
        contact: appearance::read_contact(row)?,
        locale: row.get("locale")?,
        allowed_origins: row.get::<_, Json<_>>("allowed_origins")?.0,
        identify_enabled: row.get("identify_enabled")?,
        company_identify_enabled: row.get("company_identify_enabled")?,
        feedback_enabled: row.get("feedback_enabled")?,
        handover_enabled: row.get("handover_enabled")?,
        enforcement: row.get::<_, Col<_>>("enforcement")?.0,
        max_token_lifetime: row
            .get::<_, Option<i64>>("max_token_lifetime")?
            .map(|millis| Duration::from_millis(millis.unsigned_abs())),
        created_at: row.get::<_, Col<_>>("created_at")?.0,
    })
}
