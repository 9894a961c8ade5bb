//! The likely mistake behind a token that failed a check, or that passed one and will surprise later.
//!
//! These are guesses for the person who signs tokens, made by an inspection alone. No verdict depends
//! on them.

use crate::{Candidate, Key, OtherKey, TimeClaim, Token, payload::Fields, verifier::SURELY_MILLISECONDS};

/// What probably went wrong in a check that failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Suspicion {
    /// `Bearer` stands before the token.
    Bearer,
    /// The token was signed with a key of another agent of the company.
    OtherAgent {
        /// That agent's name.
        name: String,
    },
}

impl Suspicion {
    /// One or two English sentences: the likely mistake, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::Bearer => "\"Bearer \" stands before the token. Pass the token alone.".to_owned(),
            Self::OtherAgent { name } => format!(
                "This is signed with a key of the agent \"{name}\". Sign with a key of this agent, or inspect \
                 it there."
            ),
        }
    }
}

/// What is odd about a check that passed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// The claim is so large that it must be in milliseconds.
    InMilliseconds(TimeClaim),
}

impl Advice {
    /// One or two English sentences: what is odd, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::InMilliseconds(claim) => {
                let name = claim.name();
                format!(
                    "{name} is in milliseconds, which puts it thousands of years ahead. It must be in seconds: \
                     Math.floor(Date.now() / 1000)."
                )
            }
        }
    }
}

/// Why the text is no token that could be judged.
pub(crate) fn form(token: &Token) -> Option<Suspicion> {
    let text = token.expose();
    text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")).then_some(Suspicion::Bearer)
}

/// Why no active key verifies the token.
pub(crate) fn signature(candidate: &Candidate<'_>, _keys: &[Key], others: &[OtherKey]) -> Option<Suspicion> {
    let other = others.iter().find(|other| candidate.verifies_under(&other.key.secret))?;
    Some(Suspicion::OtherAgent { name: other.agent_name.clone() })
}

/// What is odd about times that passed.
pub(crate) fn times_advice(fields: &Fields<'_>) -> Option<Advice> {
    [TimeClaim::Expiry, TimeClaim::IssuedAt]
        .into_iter()
        .find(|&claim| matches!(fields.seconds(claim), Ok(Some(at)) if at > SURELY_MILLISECONDS))
        .map(Advice::InMilliseconds)
}
