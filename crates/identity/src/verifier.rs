//! The checks, in the order in which their codes take precedence.

use std::{sync::OnceLock, time::Duration};

use eloquent_types::{id::AgentId, time::Timestamp};

use crate::{
    Candidate, Judgement, Key, Policy, Rejection, TimeClaim, Token, VerifiedIdentity,
    payload::{Fields, Payload},
};

/// A time beyond this, in seconds, is the year 5138: it was meant in milliseconds.
pub(crate) const SURELY_MILLISECONDS: f64 = 1e11;

/// A time before this, in seconds, is under three years after 1970: it was meant as a duration.
const SURELY_DURATION: f64 = 1e8;

/// Judges tokens for one agent.
#[derive(Debug)]
pub struct Verifier<'a> {
    agent: AgentId,
    keys: &'a [Key],
    policy: Policy,
}

impl<'a> Verifier<'a> {
    /// For this agent, with all of its keys and no others.
    pub const fn new(agent: AgentId, keys: &'a [Key], policy: Policy) -> Self {
        Self { agent, keys, policy }
    }

    /// Makes the proof, or says why not. The first check that fails decides.
    ///
    /// A `kid` that names one of the agent's keys selects it: an active one is then the only one that is
    /// tried, and a revoked one gives [`Rejection::KeyRevoked`] whatever the signature is. With any other
    /// `kid`, or none, every active key is tried.
    pub fn verify(&self, token: &Token, now: Timestamp) -> Result<VerifiedIdentity, Rejection> {
        let payload = self.open(Candidate::read(token)?)?;
        self.identify(payload, now)
    }

    /// The same from a token that was taken apart before the keys were fetched, and with what was
    /// signed, for the log.
    pub fn judge(&self, candidate: Candidate<'_>, now: Timestamp) -> Judgement {
        match self.open(candidate) {
            Ok(payload) => {
                let signed = payload.fields().signed(payload.key());
                Judgement { outcome: self.identify(payload, now), signed: Some(signed) }
            }
            Err(rejection) => Judgement { outcome: Err(rejection), signed: None },
        }
    }

    /// Checks 5 to 7.
    fn open(&self, candidate: Candidate<'_>) -> Result<Payload, Rejection> {
        self.require_enabled()?;
        self.require_active_key()?;
        Payload::open(candidate, self.keys)
    }

    fn require_enabled(&self) -> Result<(), Rejection> {
        if self.policy.enabled { Ok(()) } else { Err(Rejection::Disabled) }
    }

    fn require_active_key(&self) -> Result<(), Rejection> {
        if self.keys.iter().any(|key| !key.revoked) { Ok(()) } else { Err(Rejection::NotConfigured) }
    }

    /// Checks 8 to 10.
    fn identify(&self, payload: Payload, now: Timestamp) -> Result<VerifiedIdentity, Rejection> {
        let fields = payload.fields();
        let times = self.require_times(&fields, now)?;
        self.require_lifetime(&times, now)?;
        Ok(VerifiedIdentity {
            agent: self.agent,
            user_id: fields.user_id()?,
            email: fields.email(),
            issued_at: times.issued_at,
            expires_at: times.expiry.map(timestamp),
            claims: OnceLock::new(),
            payload,
        })
    }

    fn require_times(&self, fields: &Fields<'_>, now: Timestamp) -> Result<Times, Rejection> {
        let now = now.as_secs_f64();
        let skew = self.policy.clock_skew.as_secs_f64();
        let expiry = fields.seconds(TimeClaim::Expiry)?;
        match expiry {
            Some(expiry) if now < expiry + skew => {}
            Some(expiry) if (0.0..SURELY_DURATION).contains(&expiry) => {
                return Err(Rejection::ExpiryIsDuration);
            }
            Some(_) => return Err(Rejection::Expired),
            None => {}
        }
        match fields.seconds(TimeClaim::NotBefore)? {
            Some(not_before) if now >= not_before - skew => {}
            Some(not_before) if not_before > SURELY_MILLISECONDS => {
                return Err(Rejection::NotBeforeInMilliseconds);
            }
            Some(_) => return Err(Rejection::NotYetValid),
            None => {}
        }
        let issued_at = fields.seconds(TimeClaim::IssuedAt)?;
        fields.require_finite()?;
        Ok(Times { issued_at, expiry })
    }

    fn require_lifetime(&self, times: &Times, now: Timestamp) -> Result<(), Rejection> {
        let Some(longest) = self.policy.max_lifetime.map(|longest: Duration| longest.as_secs_f64()) else {
            return Ok(());
        };
        let expiry = times.expiry.ok_or(Rejection::NeverExpires)?;
        // A clock that is ahead makes `exp` look further away from here, by as much as is tolerated.
        let from_now = expiry - now.as_secs_f64() - self.policy.clock_skew.as_secs_f64();
        let from_issue = times.issued_at.map_or(from_now, |issued_at| expiry - issued_at);
        if from_now.max(from_issue) <= longest {
            Ok(())
        } else if expiry > SURELY_MILLISECONDS {
            Err(Rejection::ExpiryInMilliseconds)
        } else {
            Err(Rejection::LifetimeTooLong)
        }
    }
}

/// The times of a token that holds now.
struct Times {
    issued_at: Option<f64>,
    expiry: Option<f64>,
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and the timestamp is clamped far earlier")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1000.0).round() as i64)
}

mod inspect;
#[cfg(test)]
mod tests;
