//! The checks, in the order in which their codes take precedence.

use std::time::Duration;

use eloquent_types::{
    claims::Claims,
    id::{AgentId, KeyId},
    text::UserId,
    time::Timestamp,
};

use crate::{
    Candidate, Judgement, Key, Policy, Rejection, Signed, TimeClaim, Token, VerifiedIdentity,
    json::{Object, Value},
};

/// A time beyond this, in seconds, is the year 5138: it was meant in milliseconds.
const SURELY_MILLISECONDS: f64 = 1e11;

/// A time before this, in seconds, is under three years after 1970: it was meant as a duration.
const SURELY_DURATION: f64 = 1e8;

/// Claims that are often meant for `user_id`.
const MISNAMED_USER_ID: [&str; 6] = ["sub", "id", "uid", "userId", "userid", "user"];

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
        let (key, payload) = self.require_signed(Candidate::read(token)?)?;
        self.identify(key, payload, now)
    }

    /// The same from a token that was taken apart before the keys were fetched, and with what was
    /// signed, for the log.
    pub fn judge(&self, candidate: Candidate<'_>, now: Timestamp) -> Judgement {
        match self.require_signed(candidate) {
            Ok((key, payload)) => {
                let signed = signed(key, &payload);
                Judgement { outcome: self.identify(key, payload, now), signed: Some(signed) }
            }
            Err(rejection) => Judgement { outcome: Err(rejection), signed: None },
        }
    }

    /// Checks 5 to 7.
    fn require_signed(&self, candidate: Candidate<'_>) -> Result<(KeyId, Object), Rejection> {
        self.require_enabled()?;
        self.require_active_key()?;
        Ok((self.require_signature(&candidate)?, candidate.into_payload()))
    }

    /// Checks 8 to 10.
    fn identify(&self, key: KeyId, payload: Object, now: Timestamp) -> Result<VerifiedIdentity, Rejection> {
        let times = self.require_times(&payload, now)?;
        self.require_lifetime(&times, now)?;
        let user_id = require_user_id(&payload)?;
        Ok(self.identity(key, user_id, &times, payload))
    }

    fn require_enabled(&self) -> Result<(), Rejection> {
        if self.policy.enabled { Ok(()) } else { Err(Rejection::Disabled) }
    }

    fn require_active_key(&self) -> Result<(), Rejection> {
        self.active_keys().next().map(|_| ()).ok_or(Rejection::NotConfigured)
    }

    fn active_keys(&self) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(|key| !key.revoked)
    }

    /// The key that signed.
    fn require_signature(&self, candidate: &Candidate<'_>) -> Result<KeyId, Rejection> {
        let signer = match candidate.named_key(self.keys) {
            Some(key) if key.revoked => return Err(Rejection::KeyRevoked),
            Some(key) => candidate.verifies_under(&key.secret).then_some(key),
            None => self.active_keys().find(|key| candidate.verifies_under(&key.secret)),
        };
        signer.map(|key| key.id).ok_or(Rejection::SignatureInvalid)
    }

    fn require_times(&self, payload: &Object, now: Timestamp) -> Result<Times, Rejection> {
        let now = now.as_secs_f64();
        let skew = self.policy.clock_skew.as_secs_f64();
        let expiry = seconds(payload, TimeClaim::Expiry)?;
        match expiry {
            Some(expiry) if now < expiry + skew => {}
            Some(expiry) if (0.0..SURELY_DURATION).contains(&expiry) => {
                return Err(Rejection::ExpiryIsDuration);
            }
            Some(_) => return Err(Rejection::Expired),
            None => {}
        }
        match seconds(payload, TimeClaim::NotBefore)? {
            Some(not_before) if now >= not_before - skew => {}
            Some(not_before) if not_before > SURELY_MILLISECONDS => {
                return Err(Rejection::NotBeforeInMilliseconds);
            }
            Some(_) => return Err(Rejection::NotYetValid),
            None => {}
        }
        let issued_at = seconds(payload, TimeClaim::IssuedAt)?;
        if !payload.values().all(Value::is_finite) {
            return Err(Rejection::NumberNotFinite);
        }
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

    fn identity(&self, key: KeyId, user_id: UserId, times: &Times, mut payload: Object) -> VerifiedIdentity {
        let email = match payload.remove("email") {
            Some(Value::String(email)) => Some(email),
            _ => None,
        };
        let claims = payload.into_iter().map(|(name, value)| (name, value.to_string()));
        VerifiedIdentity {
            agent: self.agent,
            key,
            user_id,
            email,
            claims: Claims::from_json_values(claims),
            issued_at: times.issued_at,
            expires_at: times.expiry.map(timestamp),
        }
    }
}

/// The times of a token that holds now.
struct Times {
    issued_at: Option<f64>,
    expiry: Option<f64>,
}

/// What may be told of a payload whose signature held.
fn signed(key: KeyId, payload: &Object) -> Signed {
    let time = |claim| seconds(payload, claim).ok().flatten();
    Signed {
        key,
        issued_at: time(TimeClaim::IssuedAt),
        not_before: time(TimeClaim::NotBefore),
        expires_at: time(TimeClaim::Expiry),
        user_id: require_user_id(payload).ok(),
    }
}

/// A claim that is there must be a finite number: null and text do not count as absent.
fn seconds(payload: &Object, claim: TimeClaim) -> Result<Option<f64>, Rejection> {
    let Some(value) = payload.get(claim.name()) else { return Ok(None) };
    let number = value.as_f64().filter(|number| number.is_finite());
    number.map(Some).ok_or(Rejection::TimeNotNumber(claim))
}

fn require_user_id(payload: &Object) -> Result<UserId, Rejection> {
    match payload.get("user_id") {
        Some(Value::String(text)) => UserId::parse(text.as_str()).map_err(|_| Rejection::UserIdInvalid),
        Some(Value::Number(_)) => Err(Rejection::UserIdNumber),
        Some(_) => Err(Rejection::UserIdNotString),
        None if MISNAMED_USER_ID.iter().any(|&name| payload.contains_key(name)) => {
            Err(Rejection::UserIdMisnamed)
        }
        None => Err(Rejection::UserIdMissing),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and the timestamp is clamped far earlier")]
fn timestamp(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1000.0).round() as i64)
}

mod inspect;
#[cfg(test)]
mod tests;
