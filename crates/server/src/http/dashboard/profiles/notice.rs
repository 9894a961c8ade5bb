//! What a page says about what was just done to a profile. The address names it; the words are ours.

use axum::response::Redirect;
use maud::{Markup, html};

use crate::http::dashboard::icon;

/// What was just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Blocked,
    Unblocked,
    Erased,
    ErasedCleanedLater,
}

impl Notice {
    const ALL: [Self; 4] = [Self::Blocked, Self::Unblocked, Self::Erased, Self::ErasedCleanedLater];

    /// The notice of this name in an address; anything else is none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
            Self::Erased => "erased",
            Self::ErasedCleanedLater => "erased_cleaned_later",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Blocked => "Blocked. From now on no token identifies this user.",
            Self::Unblocked => "Unblocked. Valid tokens identify this user again.",
            Self::Erased => {
                "Erased: the profile and everything that belonged to it are gone, from the database's files too."
            }
            Self::ErasedCleanedLater => {
                "Erased: the profile and everything that belonged to it are gone. The database was being read just then; what its files still hold in unused space is cleaned with the next writes."
            }
        }
    }

    /// Leads to a page that says so.
    pub(super) fn on(self, path: &str) -> Redirect {
        Redirect::to(&format!("{path}?notice={}", self.name()))
    }

    pub(super) fn render(self) -> Markup {
        html! { p.notice role="status" { (icon::tick()) (self.text()) } }
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
        assert_eq!(Notice::parse("<b>"), None);
    }
}
