//! Every check on its own, as far as an earlier failure leaves something to check.
//!
//! Before the signature: the token's own checks (1 to 4) each need the one before; the agent's switch
//! and keys (5 and 6) are looked at whatever the token is. After it: times, lifetime and `user_id`
//! (8 to 10) are each judged, so that all faults show at once.

use eloquent_types::time::Timestamp;

use super::{Times, Verifier};
use crate::{
    Candidate, Check, Inspection, OtherKey, Outcome, Rejection, Step, TimeClaim, Token, mistake,
    payload::{Fields, Payload},
};

impl Verifier<'_> {
    /// Judges every check, for a person. The keys of the company's other agents serve for a hint alone.
    pub fn inspect(&self, token: &Token, now: Timestamp, others: &[OtherKey]) -> Inspection {
        let mut steps = Steps::new();
        let candidate = Candidate::read(token);
        steps.read(token, candidate.as_ref().err().copied());
        steps.set(Check::Enabled, self.require_enabled());
        steps.set(Check::Configured, self.require_active_key());
        let mut inspection = Inspection {
            steps: Vec::new(),
            header: Candidate::header_of(token).map(|header| header.compact()),
            payload: None,
            signed: None,
            identity: None,
        };
        if let Ok(candidate) = candidate
            && self.require_active_key().is_ok()
        {
            match Payload::open(candidate, self.keys) {
                Ok(payload) => {
                    let fields = payload.fields();
                    inspection.signed = Some(fields.signed(payload.key()));
                    inspection.payload = Some(payload.compact());
                    self.inspect_payload(&fields, now, &mut steps);
                    if steps.all_passed() {
                        inspection.identity = self.identify(payload, now).ok();
                    }
                }
                Err(rejection) => {
                    let suspicion =
                        Candidate::read(token).ok().and_then(|it| mistake::signature(&it, self.keys, others));
                    steps.put(Check::Signature, Outcome::Failed { rejection, suspicion });
                }
            }
        }
        inspection.steps = steps.0.into();
        inspection
    }

    fn inspect_payload(&self, fields: &Fields<'_>, now: Timestamp, steps: &mut Steps) {
        steps.set(Check::Signature, Ok(()));
        match self.require_times(fields, now) {
            Ok(_) => steps.put(Check::Times, Outcome::Passed { advice: mistake::times_advice(fields) }),
            Err(rejection) => steps.set(Check::Times, Err(rejection)),
        }
        if let Ok(expiry) = fields.seconds(TimeClaim::Expiry) {
            let issued_at = fields.seconds(TimeClaim::IssuedAt).ok().flatten();
            steps.set(Check::Lifetime, self.require_lifetime(&Times { issued_at, expiry }, now));
        }
        let user_id = fields.user_id().map(drop);
        if user_id.is_ok() {
            steps.set(Check::NotBlocked, Ok(()));
        }
        steps.set(Check::UserId, user_id);
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
        let outcome = match result {
            Ok(()) => Outcome::Passed { advice: None },
            Err(rejection) => Outcome::Failed { rejection, suspicion: None },
        };
        self.put(check, outcome);
    }

    /// Checks 1 to 4: those before the one that failed passed.
    fn read(&mut self, token: &Token, failure: Option<Rejection>) {
        let failed = failure.map_or(Check::Enabled, Rejection::check);
        for check in Check::ALL.into_iter().filter(|&check| check < failed) {
            self.set(check, Ok(()));
        }
        if let Some(rejection) = failure {
            let suspicion = mistake::form(token);
            self.put(failed, Outcome::Failed { rejection, suspicion });
        }
    }

    fn all_passed(&self) -> bool {
        self.0.iter().all(|step| matches!(step.outcome, Outcome::Passed { .. }))
    }
}
