//! Every check on its own, as far as an earlier failure leaves something to check.
//!
//! Before the signature: the token's own checks (1 to 4) each need the one before; the agent's switch
//! and keys (5 and 6) are looked at whatever the token is. After it: times, lifetime and `user_id`
//! (8 to 10) are each judged, so that all faults show at once.

use eloquent_types::time::Timestamp;

use super::{Times, Verifier};
use crate::{
    Advice, Candidate, Check, Inspection, OtherKey, Outcome, Rejection, Step, Suspicion, TimeClaim, Token,
    json::Object,
    mistake,
    payload::{Fields, Payload},
};

impl Verifier<'_> {
    /// Judges every check, for a person. The keys of the company's other agents serve for a hint alone.
    pub fn inspect(&self, token: &Token, now: Timestamp, others: &[OtherKey]) -> Inspection {
        let mut steps = Steps::new();
        steps.set(Check::Enabled, self.require_enabled());
        steps.set(Check::Configured, self.require_active_key());
        let header = Candidate::header_of(token);
        let mut inspection = Inspection {
            steps: Vec::new(),
            header: header.as_ref().map(Object::compact),
            payload: None,
            signed: None,
            identity: None,
        };
        match Candidate::read(token) {
            Err(rejection) => steps.unreadable(token, rejection),
            Ok(candidate) => {
                for check in [Check::Present, Check::Size, Check::Form, Check::Algorithm] {
                    steps.set(check, Ok(()));
                }
                if self.require_active_key().is_ok()
                    && let Some(payload) = self.inspect_signature(candidate, header, others, &mut steps)
                {
                    let fields = payload.fields();
                    self.inspect_payload(&fields, now, &mut steps);
                    inspection.signed = Some(fields.signed(payload.key()));
                    inspection.payload = Some(payload.compact());
                    if steps.all_passed() {
                        inspection.identity = self.identify(payload, now).ok();
                    }
                }
            }
        }
        inspection.steps = steps.0.into();
        inspection
    }

    fn inspect_signature(
        &self,
        candidate: Candidate<'_>,
        header: Option<Object>,
        others: &[OtherKey],
        steps: &mut Steps,
    ) -> Option<Payload> {
        let kid = header.filter(|header| header.get("kid").is_some()).map(|_| candidate.kid());
        let suspicion = mistake::signature(&candidate, self.keys, others);
        match Payload::open(candidate, self.keys) {
            Ok(payload) => {
                let advice = kid.and_then(|kid| mistake::advise_on_kid(kid, self.keys, others));
                steps.put(Check::Signature, Outcome::Passed { advice });
                Some(payload)
            }
            Err(rejection) => {
                steps.put(Check::Signature, Outcome::Failed { rejection, suspicion });
                None
            }
        }
    }

    fn inspect_payload(&self, fields: &Fields<'_>, now: Timestamp, steps: &mut Steps) {
        let (seconds, skew) = (now.as_secs_f64(), self.policy.clock_skew.as_secs_f64());
        let times = match self.require_times(fields, now) {
            Ok(_) => Outcome::Passed { advice: mistake::advise_on_times(fields, seconds, skew) },
            Err(rejection) => {
                let suspicion = mistake::suspect_times(fields, rejection, seconds);
                Outcome::Failed { rejection, suspicion }
            }
        };
        steps.put(Check::Times, times);
        if let Ok(expiry) = fields.seconds(TimeClaim::Expiry) {
            let issued_at = fields.seconds(TimeClaim::IssuedAt).ok().flatten();
            let lifetime = self.require_lifetime(&Times { issued_at, expiry }, now).map_err(|rejection| {
                let allowed = self.policy.max_lifetime.unwrap_or_default().as_secs_f64();
                (rejection, mistake::suspect_lifetime(fields, rejection, seconds, allowed))
            });
            steps.put(Check::Lifetime, outcome(lifetime, None));
        }
        let user_id = fields
            .user_id()
            .map(drop)
            .map_err(|rejection| (rejection, mistake::suspect_user_id(fields, rejection)));
        if user_id.is_ok() {
            steps.set(Check::NotBlocked, Ok(()));
        }
        steps.put(Check::UserId, outcome(user_id, mistake::advise_on_user_id(fields)));
    }
}

/// What became of a check, with what is odd where it passed.
fn outcome(result: Result<(), (Rejection, Option<Suspicion>)>, advice: Option<Advice>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed { advice },
        Err((rejection, suspicion)) => Outcome::Failed { rejection, suspicion },
    }
}

/// The eleven steps while they are being found out.
struct Steps([Step; Check::ALL.len()]);

impl Steps {
    fn new() -> Self {
        Self(Check::ALL.map(|check| Step { check, outcome: Outcome::NotChecked }))
    }

    fn put(&mut self, check: Check, outcome: Outcome) {
        self.0[usize::from(check.number()) - 1].outcome = outcome;
    }

    fn set(&mut self, check: Check, result: Result<(), Rejection>) {
        self.put(check, outcome(result.map_err(|rejection| (rejection, None)), None));
    }

    /// Checks 1 to 4, one of which failed: those before it passed.
    fn unreadable(&mut self, token: &Token, rejection: Rejection) {
        let failed = rejection.check();
        for check in Check::ALL.into_iter().take_while(|&check| check != failed) {
            self.set(check, Ok(()));
        }
        let suspicion = match failed {
            Check::Form => mistake::form(token),
            Check::Algorithm => mistake::algorithm(token),
            _ => None,
        };
        self.put(failed, Outcome::Failed { rejection, suspicion });
    }

    fn all_passed(&self) -> bool {
        self.0.iter().all(|step| matches!(step.outcome, Outcome::Passed { .. }))
    }
}
