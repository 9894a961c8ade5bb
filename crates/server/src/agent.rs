//! The agent: what it is told ([`prompt`]) and the one that needs no network ([`builtin`]).
//!
//! Everything here is pure: values in, text out. Finding passages, storing answers and streaming
//! them are done elsewhere. What is here takes the identity from a proof or from the profile that a
//! proof led to, never from a message; and of the profile, only what the agent's policy for claims lets
//! it see ([`Known`]).

use std::collections::BTreeMap;

use eloquent_store::{Agent, ClaimPolicies, ClaimUse, Passage, Profile};
use eloquent_types::{chat::PageEvent, claims::Claims, conversation::Role, text::UserId};

pub mod builtin;
pub mod prompt;

/// The verified identity of the visitor who asks. Whoever makes one answers for a valid token having
/// come with the question. (No `Debug`: it would put a person into a log.)
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The site's own id of its user.
    pub user_id: &'a str,
    /// The address on the profile.
    pub email: Option<&'a str>,
    /// The profile's claims.
    pub claims: &'a Claims,
}

/// What an agent may know of a verified visitor: the profile, as far as the agent's policy for claims
/// lets it through. (No `Debug`, as above.)
#[derive(Clone, PartialEq, Eq)]
pub struct Known {
    user_id: UserId,
    email: Option<String>,
    claims: Claims,
}

impl Known {
    /// Of this profile, under this policy.
    #[must_use]
    pub fn of(profile: &Profile, policies: &ClaimPolicies) -> Self {
        let (email, claims) = policies.for_agent(profile);
        Self { user_id: profile.user_id.clone(), email: email.map(str::to_owned), claims }
    }

    /// The identity that the agent is given.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        Identity { user_id: self.user_id.as_str(), email: self.email.as_deref(), claims: &self.claims }
    }

    /// Whether this was signed.
    fn answers(&self, name: &str) -> bool {
        match name {
            "user_id" => true,
            "email" => self.email.is_some(),
            name => self.claims.get(name).is_some(),
        }
    }
}

/// What of a page's attributes the agent may be told of a visitor: a claim that is kept from it does not
/// come back by the name of a hint, and a hint never stands beside the verified answer to the same thing.
#[must_use]
pub fn permitted(
    attributes: &BTreeMap<String, String>,
    known: Option<&Known>,
    policies: &ClaimPolicies,
) -> BTreeMap<String, String> {
    let told = attributes.iter().filter(|(name, _)| is_told(name, known, policies));
    told.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The same of what a page says has happened: of each event the properties that the agent may be told.
#[must_use]
pub fn permitted_events(
    mut events: Vec<PageEvent>,
    known: Option<&Known>,
    policies: &ClaimPolicies,
) -> Vec<PageEvent> {
    for event in &mut events {
        event.properties.retain(|(name, _)| is_told(name, known, policies));
    }
    events
}

fn is_told(name: &str, known: Option<&Known>, policies: &ClaimPolicies) -> bool {
    policies.use_of(name) == ClaimUse::Agent && !known.is_some_and(|known| known.answers(name))
}

/// The system message for a question to this agent: exactly what it is told in a turn, and what the
/// dashboard shows of it. It does not depend on the question, but for the passages found for it.
#[must_use]
pub fn system_context(
    agent: &Agent,
    known: Option<&Known>,
    hints: prompt::Hints<'_>,
    passages: &[Passage],
) -> String {
    let input = prompt::PromptInput {
        agent_name: &agent.name,
        instructions: &agent.instructions,
        identity: known.map(Known::identity),
        hints,
        passages,
        history: &[],
        question: "",
    };
    prompt::build(&input).system
}

/// An earlier message of the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub text: &'a str,
}

#[cfg(test)]
mod tests;
