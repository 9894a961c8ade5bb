//! What becomes of a claim: the agent sees it, only the company's members do, or nobody keeps it.

use std::collections::BTreeMap;

use eloquent_types::{
    claims::{Claims, RESERVED},
    id::AgentId,
    time::Timestamp,
};

use rusqlite::params;

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    profile::Profile,
    store::{Reader, Writer},
};

/// How many claims of one agent can be named.
pub const CLAIM_POLICIES_MAX: usize = 200;

/// The longest name that can be named, in characters.
pub const CLAIM_NAME_MAX_CHARS: usize = 255;

/// What becomes of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClaimUse {
    /// It is kept, and the agent is told.
    #[default]
    Agent,
    /// It is kept, and only the company's members see it.
    Dashboard,
    /// It is not kept.
    Dropped,
}

impl ClaimUse {
    /// Every use.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Dashboard, Self::Dropped];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Dashboard => "dashboard",
            Self::Dropped => "dropped",
        }
    }

    /// The use of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// One agent's policy: the claims that are named in it; of any other one, the agent is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimPolicies(BTreeMap<String, ClaimUse>);

impl ClaimPolicies {
    /// What becomes of the claim of this name (`email` included), compared byte for byte.
    pub fn use_of(&self, name: &str) -> ClaimUse {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// The claims that are named and their use (never [`ClaimUse::Agent`]), in the names' order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ClaimUse)> {
        self.0.iter().map(|(name, it)| (name.as_str(), *it))
    }

    /// What the agent is told of a profile: the email address and the claims.
    pub fn for_agent<'p>(&self, profile: &'p Profile) -> (Option<&'p str>, Claims) {
        let told = |name: &str| self.use_of(name) == ClaimUse::Agent;
        let email = profile.email.as_deref().filter(|_| told("email"));
        let claims = profile.claims.iter().filter(|(name, _)| told(name));
        (email, Claims::from_json_values(claims.map(|(name, value)| (name.to_owned(), value.to_owned()))))
    }
}

/// Why the use of a claim was not set.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClaimPolicyError {
    /// The name is empty or longer than [`CLAIM_NAME_MAX_CHARS`].
    #[error("a claim's name has 1 to {CLAIM_NAME_MAX_CHARS} characters")]
    InvalidName,
    /// The name is no claim's that could be treated otherwise: the user id, or a time of the token.
    #[error("this is not a claim whose use can be chosen")]
    NotAClaim,
    /// The agent's policy names [`CLAIM_POLICIES_MAX`] claims already.
    #[error("a policy names at most {CLAIM_POLICIES_MAX} claims")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a claim of this name can have a use of its own: [`ClaimPolicyError::InvalidName`] or
/// [`ClaimPolicyError::NotAClaim`] if not.
pub fn check_claim_name(name: &str) -> Result<(), ClaimPolicyError> {
    if name.is_empty() || name.chars().nth(CLAIM_NAME_MAX_CHARS).is_some() {
        Err(ClaimPolicyError::InvalidName)
    } else if name != "email" && RESERVED.contains(&name) {
        Err(ClaimPolicyError::NotAClaim)
    } else {
        Ok(())
    }
}

pub(crate) const POLICIES: &str = "SELECT name, use FROM claim_policy WHERE agent_id = ?1";

impl Reader<'_> {
    /// The agent's policy.
    pub fn claim_policies(&self, agent: AgentId) -> Result<ClaimPolicies, StoreError> {
        let rows = self.rows(POLICIES, [Col(agent)], |row| {
            Ok((row.get(0)?, ClaimUse::parse(row.get_ref(1)?.as_str()?).unwrap_or(ClaimUse::Dropped)))
        })?;
        Ok(ClaimPolicies(rows.into_iter().collect()))
    }
}

impl Writer<'_> {
    /// Sets what becomes of a claim, or of the email address (named `email`), from the next token on.
    ///
    /// [`ClaimUse::Dropped`] also removes what is kept of it on the agent's profiles: value, hint and
    /// history. What was told to the agent before stays with the answers for which it was told, and what
    /// a page sent along with a question stays with the question. A claim that was dropped comes back
    /// with the next token that holds it and is not older than the newest one seen.
    pub fn set_claim_policy(
        &self,
        scope: &AgentScope,
        name: &str,
        claim_use: ClaimUse,
        now: Timestamp,
    ) -> Result<(), ClaimPolicyError> {
        check_claim_name(name)?;
        if claim_use == ClaimUse::Agent {
            let sql = "DELETE FROM claim_policy WHERE agent_id = ?1 AND name = ?2";
            self.change(sql, params![Col(scope.agent), name])?;
            return Ok(());
        }
        let policies = self.claim_policies(scope.agent)?;
        if policies.use_of(name) == ClaimUse::Agent && policies.0.len() >= CLAIM_POLICIES_MAX {
            return Err(ClaimPolicyError::TooMany);
        }
        let sql = "INSERT INTO claim_policy (agent_id, name, use) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET use = excluded.use";
        self.change(sql, params![Col(scope.agent), name, claim_use.as_str()])?;
        if claim_use == ClaimUse::Dropped {
            self.drop_kept(scope.agent, name, now)?;
        }
        Ok(())
    }

    fn drop_kept(&self, agent: AgentId, name: &str, now: Timestamp) -> Result<(), StoreError> {
        if name == "email" {
            let sql = "UPDATE profile SET email = NULL, email_issued_at = NULL, email_received_at = NULL,
                updated_at = ?2 WHERE agent_id = ?1 AND email IS NOT NULL";
            self.change(sql, params![Col(agent), Col(now)])?;
            let sql = "DELETE FROM profile_change WHERE kind = 'email'
                AND profile_id IN (SELECT id FROM profile WHERE agent_id = ?1)";
            self.change(sql, [Col(agent)])?;
        } else {
            let sql = "UPDATE profile SET updated_at = ?3 WHERE id IN
                (SELECT profile_id FROM profile_claim WHERE agent_id = ?1 AND name = ?2)";
            self.change(sql, params![Col(agent), name, Col(now)])?;
            let sql = "DELETE FROM profile_claim WHERE agent_id = ?1 AND name = ?2";
            self.change(sql, params![Col(agent), name])?;
            let sql = "DELETE FROM profile_change WHERE kind = 'claim' AND name = ?2
                AND profile_id IN (SELECT id FROM profile WHERE agent_id = ?1)";
            self.change(sql, params![Col(agent), name])?;
        }
        let sql = "DELETE FROM profile_hint WHERE name = ?2
            AND profile_id IN (SELECT id FROM profile WHERE agent_id = ?1)";
        self.change(sql, params![Col(agent), name])?;
        self.request_scrub()
    }
}
