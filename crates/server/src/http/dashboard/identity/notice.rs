//! What a page says about what was just done. The address names it; the words are ours.

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Redirect,
};
use eloquent_types::id::AgentId;
use serde::Deserialize;

use super::tab::Tab;

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    SwitchedOn,
    SwitchedOff,
    Revoked,
    AlreadyCreated,
    RetirementSet,
    RetirementCancelled,
    NotActive,
    EnforcementSet,
    LifetimeSet,
    ClaimSaved,
    ClaimDropped,
}

/// The query of a page that can say what was just done.
#[derive(Default, Deserialize)]
pub(super) struct NoticeQuery {
    #[serde(default)]
    notice: Option<String>,
}

impl Notice {
    const ALL: [Self; 11] = [
        Self::SwitchedOn,
        Self::SwitchedOff,
        Self::Revoked,
        Self::AlreadyCreated,
        Self::RetirementSet,
        Self::RetirementCancelled,
        Self::NotActive,
        Self::EnforcementSet,
        Self::LifetimeSet,
        Self::ClaimSaved,
        Self::ClaimDropped,
    ];

    /// The notice of this name in an address; anything else is none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    /// The notice that a request asks for.
    pub(super) fn asked(query: Result<Query<NoticeQuery>, QueryRejection>) -> Option<Self> {
        query.ok().and_then(|Query(query)| Self::parse(query.notice.as_deref()?))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::SwitchedOn => "switched_on",
            Self::SwitchedOff => "switched_off",
            Self::Revoked => "revoked",
            Self::AlreadyCreated => "already_created",
            Self::RetirementSet => "retirement_set",
            Self::RetirementCancelled => "retirement_cancelled",
            Self::NotActive => "not_active",
            Self::EnforcementSet => "enforcement_set",
            Self::LifetimeSet => "lifetime_set",
            Self::ClaimSaved => "claim_saved",
            Self::ClaimDropped => "claim_dropped",
        }
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::SwitchedOn => "Switched on. It takes effect with the next request.",
            Self::SwitchedOff => "Switched off. From the next request on, no token identifies anybody there.",
            Self::Revoked => "The key is revoked. Tokens signed with it no longer identify anybody.",
            Self::AlreadyCreated => {
                "This key had been created already, and its secret was shown then. Generate another one if it is lost."
            }
            Self::RetirementSet => {
                "The key ends at the time that you chose. Until then its tokens identify as before."
            }
            Self::RetirementCancelled => "The key does not end by itself any more.",
            Self::NotActive => "That key has ended already. Nothing was changed.",
            Self::EnforcementSet => "Saved. It takes effect with the next request.",
            Self::LifetimeSet => "Saved. It takes effect with the next token.",
            Self::ClaimSaved => "Saved. It takes effect with the next message.",
            Self::ClaimDropped => {
                "The claim is dropped. What the profiles held of it is removed, and no token brings it back."
            }
        }
    }

    /// Leads to a page that says so.
    pub(super) fn on(self, tab: Tab, agent: AgentId) -> Redirect {
        Redirect::to(&format!("{}?notice={}", tab.href(agent), self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_leads_to_its_notice_and_no_other_name_to_any() {
        for notice in Notice::ALL {
            assert_eq!(Notice::parse(notice.name()), Some(notice));
        }
        assert_eq!(Notice::parse(""), None);
        assert_eq!(Notice::parse("<b>"), None);
    }
}
