//! What a verified identity writes to its profile.
//!
//! Invariants: a token older than the newest one seen changes nothing; only what differs is written, so
//! that a value keeps the token that first gave it; what the policy drops is written nowhere.

use std::collections::BTreeMap;

use eloquent_identity::VerifiedIdentity;
use eloquent_types::{id::ProfileId, time::Timestamp};

use rusqlite::params;

use super::history::{Cause, Change};
use crate::{
    admission::Fresh,
    claim_policy::{ClaimPolicies, ClaimUse},
    column::Col,
    error::StoreError,
    store::Writer,
};

/// What a profile holds before an identity is written to it.
struct Kept {
    id: ProfileId,
    blocked: bool,
    email: Option<String>,
    newest_issued_at: Option<f64>,
}

const FIND: &str =
    "SELECT id, blocked, email, newest_issued_at FROM profile WHERE agent_id = ?1 AND user_id = ?2";

const CLAIMS: &str = "SELECT name, value FROM profile_claim WHERE profile_id = ?1";

impl Writer<'_> {
    /// Creates or updates the identity's profile and counts the key's use; `None`, and nothing is
    /// changed, if the profile is blocked.
    pub(crate) fn keep_profile(
        &self,
        proof: &VerifiedIdentity,
        fresh: &Fresh,
    ) -> Result<Option<ProfileId>, StoreError> {
        let kept = self.row(FIND, params![Col(proof.agent()), proof.user_id().as_str()], |row| {
            Ok(Kept {
                id: row.get::<_, Col<_>>(0)?.0,
                blocked: row.get(1)?,
                email: row.get(2)?,
                newest_issued_at: row.get(3)?,
            })
        })?;
        let profile = match kept {
            Some(kept) if kept.blocked => return Ok(None),
            Some(kept) => {
                self.update_profile(&kept, proof, fresh.now)?;
                kept.id
            }
            None => {
                self.create_profile(proof, fresh)?;
                fresh.profile
            }
        };
        self.count_key_use(proof.agent(), proof.key_id(), fresh.now)?;
        Ok(Some(profile))
    }

    fn create_profile(&self, proof: &VerifiedIdentity, fresh: &Fresh) -> Result<(), StoreError> {
        let policies = self.claim_policies(proof.agent())?;
        let email = email_to_keep(proof, &policies);
        let sql = "INSERT INTO profile (id, agent_id, user_id, email, email_issued_at, email_received_at,
                newest_issued_at, created_at, updated_at, last_seen_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)";
        self.change(
            sql,
            params![
                Col(fresh.profile),
                Col(proof.agent()),
                proof.user_id().as_str(),
                email,
                email.and(proof.issued_at()),
                email.map(|_| Col(fresh.now)),
                proof.issued_at(),
                Col(fresh.now),
            ],
        )?;
        for (name, value) in claims_to_keep(proof, &policies) {
            self.put_claim(fresh.profile, proof, name, value, fresh.now)?;
        }
        self.note(fresh.profile, fresh.now, Cause::Token(proof), &[Change::Created])
    }

    fn update_profile(
        &self,
        kept: &Kept,
        proof: &VerifiedIdentity,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let older = match (proof.issued_at(), kept.newest_issued_at) {
            (Some(issued_at), Some(newest)) => issued_at < newest,
            _ => false,
        };
        if !older {
            self.update_values(kept, proof, now)?;
        }
        let newest = if older { None } else { proof.issued_at() };
        let sql = "UPDATE profile SET last_seen_at = ?2, newest_issued_at = coalesce(?3, newest_issued_at)
            WHERE id = ?1";
        self.change(sql, params![Col(kept.id), Col(now), newest]).map(drop)
    }

    /// Makes email and claims the token's, and notes what that changed.
    fn update_values(&self, kept: &Kept, proof: &VerifiedIdentity, now: Timestamp) -> Result<(), StoreError> {
        let policies = self.claim_policies(proof.agent())?;
        let old = self.rows(CLAIMS, [Col(kept.id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let old: BTreeMap<String, String> = old.into_iter().collect();
        let new: BTreeMap<&str, &str> = claims_to_keep(proof, &policies).collect();
        let mut changes = Vec::new();
        for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(name.as_str())) {
            let sql = "DELETE FROM profile_claim WHERE profile_id = ?1 AND name = ?2";
            self.change(sql, params![Col(kept.id), name])?;
            changes.push(Change::Claim { name, old: Some(value), new: None });
        }
        for (&name, &value) in &new {
            let old = old.get(name).map(String::as_str);
            if old != Some(value) {
                self.put_claim(kept.id, proof, name, value, now)?;
                changes.push(Change::Claim { name, old, new: Some(value) });
            }
        }
        let email = email_to_keep(proof, &policies);
        if email.is_some() && email != kept.email.as_deref() {
            let sql = "UPDATE profile SET email = ?2, email_issued_at = ?3, email_received_at = ?4
                WHERE id = ?1";
            self.change(sql, params![Col(kept.id), email, proof.issued_at(), Col(now)])?;
            changes.push(Change::Email { old: kept.email.as_deref(), new: email });
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.change("UPDATE profile SET updated_at = ?2 WHERE id = ?1", params![Col(kept.id), Col(now)])?;
        self.note(kept.id, now, Cause::Token(proof), &changes)
    }

    fn put_claim(
        &self,
        profile: ProfileId,
        proof: &VerifiedIdentity,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO profile_claim (profile_id, name, agent_id, value, issued_at, received_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET value = excluded.value,
                issued_at = excluded.issued_at, received_at = excluded.received_at";
        let agent = Col(proof.agent());
        self.change(sql, params![Col(profile), name, agent, value, proof.issued_at(), Col(now)]).map(drop)
    }
}

fn email_to_keep<'t>(proof: &'t VerifiedIdentity, policies: &ClaimPolicies) -> Option<&'t str> {
    proof.email().filter(|_| policies.use_of("email") != ClaimUse::Dropped)
}

fn claims_to_keep<'t>(
    proof: &'t VerifiedIdentity,
    policies: &'t ClaimPolicies,
) -> impl Iterator<Item = (&'t str, &'t str)> {
    proof.claims().iter().filter(|(name, _)| policies.use_of(name) != ClaimUse::Dropped)
}

#[cfg(test)]
mod tests;
