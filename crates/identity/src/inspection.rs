//! A token judged check by check, for a person who wants to know why.
//!
//! Nothing here identifies anybody but [`Inspection::identity`], which is the verifier's own proof. The
//! payload is shown only where the signature held under an active key of the agent.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{Advice, Check, Rejection, Signed, Suspicion, VerifiedIdentity};

/// What became of one check.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It passed.
    Passed {
        /// What is odd all the same.
        advice: Option<Advice>,
    },
    /// It failed.
    Failed {
        /// Why.
        rejection: Rejection,
        /// The likely mistake, where it shows.
        suspicion: Option<Suspicion>,
    },
    /// An earlier failure left nothing to check.
    NotChecked,
}

/// A check and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The check.
    pub check: Check,
    /// What became of it.
    pub outcome: Outcome,
}

/// A token judged check by check. It serializes as the administration API shows it. Its `Debug` shows
/// what the token's own parts hold: do not log it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// All eleven checks, in order.
    pub steps: Vec<Step>,
    /// The header as compact JSON, where it could be read.
    pub header: Option<String>,
    /// The payload as compact JSON, where the signature held under an active key of the agent.
    pub payload: Option<String>,
    /// What was signed, under the same condition.
    pub signed: Option<Signed>,
    /// The proof, where every check passed.
    pub identity: Option<VerifiedIdentity>,
}

impl Inspection {
    /// The verdict: the first failure, in the order of the checks.
    pub fn verdict(&self) -> Result<(), Rejection> {
        self.steps.iter().try_for_each(|step| match step.outcome {
            Outcome::Failed { rejection, .. } => Err(rejection),
            Outcome::Passed { .. } | Outcome::NotChecked => Ok(()),
        })
    }

    /// Fails the last check, because the store says that the profile is blocked: the token identifies
    /// nobody then.
    pub fn block(&mut self) {
        for step in self.steps.iter_mut().filter(|step| step.check == Check::NotBlocked) {
            step.outcome = Outcome::Failed { rejection: Rejection::Blocked, suspicion: None };
        }
        self.identity = None;
    }
}

impl Serialize for Inspection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = self.verdict();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("identified", &verdict.is_ok())?;
        if let Err(rejection) = verdict {
            map.serialize_entry("code", &rejection.code())?;
        }
        map.serialize_entry("steps", &self.steps)?;
        for (name, text) in [("header", &self.header), ("payload", &self.payload)] {
            if let Some(json) = text.as_deref().and_then(|text| serde_json::from_str::<&RawValue>(text).ok())
            {
                map.serialize_entry(name, json)?;
            }
        }
        if let Some(signed) = &self.signed {
            map.serialize_entry("key_id", &signed.key)?;
            if let Some(user_id) = &signed.user_id {
                map.serialize_entry("user_id", user_id)?;
            }
        }
        map.end()
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("check", &self.check)?;
        map.serialize_entry("number", &self.check.number())?;
        map.serialize_entry("title", self.check.title())?;
        match &self.outcome {
            Outcome::Passed { advice } => {
                map.serialize_entry("outcome", "passed")?;
                if let Some(advice) = advice {
                    map.serialize_entry("advice", &advice.text())?;
                }
            }
            Outcome::Failed { rejection, suspicion } => {
                map.serialize_entry("outcome", "failed")?;
                map.serialize_entry("code", &rejection.code())?;
                map.serialize_entry("message", rejection.message())?;
                let hint = suspicion.as_ref().map_or_else(|| rejection.hint().to_owned(), Suspicion::text);
                map.serialize_entry("hint", &hint)?;
            }
            Outcome::NotChecked => map.serialize_entry("outcome", "not_checked")?,
        }
        map.end()
    }
}
