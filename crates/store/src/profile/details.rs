//! A profile claim by claim: what is verified and since which token, and what pages merely said.

use std::collections::BTreeMap;

use eloquent_types::{claims::RESERVED, id::ProfileId, time::Timestamp};

use rusqlite::params;

use super::Profile;
use crate::{
    agent::AgentScope,
    claim_policy::ClaimUse,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
    visitor::Visitor,
};

/// How many hints are kept of one profile; the ones that came first go first.
const HINTS_MAX: u32 = 50;

/// How many characters of a hint's value are kept.
const HINT_MAX_CHARS: usize = 512;

/// The longest name of a hint, in characters; one that is longer is not kept.
const HINT_NAME_MAX_CHARS: usize = 255;

/// When a value came, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenTime {
    /// The token's `iat`, in seconds as signed; none where it had none.
    pub issued_at: Option<f64>,
    /// When the token was verified here.
    pub received_at: Timestamp,
}

/// A profile with the provenance of what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileDetails {
    /// The profile.
    pub profile: Profile,
    /// The token that gave the email address, where there is one.
    pub email_from: Option<TokenTime>,
    /// The verified claims, in the names' order.
    pub claims: Vec<ClaimRecord>,
    /// What pages said without proof, in the names' order. None has the name of a verified value: such
    /// a hint is left out as long as that stands.
    pub hints: Vec<Hint>,
}

/// A verified claim.
#[derive(Clone, PartialEq)]
pub struct ClaimRecord {
    /// Its name.
    pub name: String,
    /// Its value as compact JSON text.
    pub value: String,
    /// The token in which it took this value. Later ones that repeated it are not told.
    pub from: TokenTime,
}

impl std::fmt::Debug for ClaimRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClaimRecord").field("from", &self.from).finish_non_exhaustive()
    }
}

/// What a page said of the user, without proof.
#[derive(Clone, PartialEq, Eq)]
pub struct Hint {
    /// Its name.
    pub name: String,
    /// Its value: text, of which at most 512 characters are kept.
    pub value: String,
    /// When it was last said.
    pub received_at: Timestamp,
}

impl std::fmt::Debug for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hint").field("received_at", &self.received_at).finish_non_exhaustive()
    }
}

impl Reader<'_> {
    /// One of the agent's profiles with its provenance; `None` for another agent's and for an unknown
    /// one.
    pub fn profile_details(
        &self,
        scope: &AgentScope,
        id: ProfileId,
    ) -> Result<Option<ProfileDetails>, StoreError> {
        let Some(profile) = self.profile(scope, id)? else { return Ok(None) };
        let claims = self.claim_records(id)?;
        let mut hints = self.hints(id)?;
        let known = |name: &str| {
            claims.iter().any(|claim| claim.name == name) || (name == "email" && profile.email.is_some())
        };
        hints.retain(|hint| !known(&hint.name));
        let email_from = self.email_from(id)?;
        Ok(Some(ProfileDetails { profile, email_from, claims, hints }))
    }

    pub(crate) fn claim_records(&self, profile: ProfileId) -> Result<Vec<ClaimRecord>, StoreError> {
        let sql = "SELECT name, value, issued_at, received_at FROM profile_claim
            WHERE profile_id = ?1 ORDER BY name";
        self.rows(sql, [Col(profile)], |row| {
            let from = TokenTime { issued_at: row.get(2)?, received_at: row.get::<_, Col<_>>(3)?.0 };
            Ok(ClaimRecord { name: row.get(0)?, value: row.get(1)?, from })
        })
    }

    pub(crate) fn email_from(&self, profile: ProfileId) -> Result<Option<TokenTime>, StoreError> {
        let sql = "SELECT email_issued_at, email_received_at FROM profile
            WHERE id = ?1 AND email_received_at IS NOT NULL";
        self.row(sql, [Col(profile)], |row| {
            Ok(TokenTime { issued_at: row.get(0)?, received_at: row.get::<_, Col<_>>(1)?.0 })
        })
    }

    /// All hints that are kept, also those that a verified value hides.
    pub(crate) fn hints(&self, profile: ProfileId) -> Result<Vec<Hint>, StoreError> {
        let sql = "SELECT name, value, received_at FROM profile_hint WHERE profile_id = ?1 ORDER BY name";
        self.rows(sql, [Col(profile)], |row| {
            Ok(Hint { name: row.get(0)?, value: row.get(1)?, received_at: row.get::<_, Col<_>>(2)?.0 })
        })
    }
}

impl Writer<'_> {
    /// Keeps what the page said of a verified visitor; of an anonymous one there is no profile to keep
    /// it on. What the agent's policy drops, and what only a token says of itself, is left out.
    pub(crate) fn keep_hints(
        &self,
        visitor: &Visitor,
        said: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(profile) = visitor.verified.filter(|_| !said.is_empty()) else { return Ok(()) };
        let policies = self.claim_policies(visitor.agent)?;
        let kept = said.iter().filter(|(name, _)| {
            (name.as_str() == "email" || !RESERVED.contains(&name.as_str()))
                && name.chars().nth(HINT_NAME_MAX_CHARS).is_none()
                && policies.use_of(name) != ClaimUse::Dropped
        });
        let sql = "INSERT INTO profile_hint (profile_id, name, value, received_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET value = excluded.value, received_at = excluded.received_at";
        for (name, value) in kept.take(HINTS_MAX as usize) {
            let value: String = value.chars().take(HINT_MAX_CHARS).collect();
            self.change(sql, params![Col(profile), name, value, Col(now)])?;
        }
        let sql = "DELETE FROM profile_hint WHERE profile_id = ?1 AND name IN (SELECT name FROM profile_hint
            WHERE profile_id = ?1 ORDER BY received_at DESC, name LIMIT -1 OFFSET ?2)";
        self.change(sql, params![Col(profile), HINTS_MAX]).map(drop)
    }
}
