//! The strip of tabs above every page of identity verification, and the pages that lie below one.

use eloquent_types::id::AgentId;
use maud::{Markup, html};

use super::notice::Notice;
use crate::http::dashboard::{
    frame::{Crumb, Frame, Place, Section},
    icon,
    session::AgentPage,
};

/// The pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Keys,
    Enforcement,
    Claims,
    Log,
    Inspector,
    Playground,
    Samples,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Keys,
        Self::Enforcement,
        Self::Claims,
        Self::Log,
        Self::Inspector,
        Self::Playground,
        Self::Samples,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Keys => "Keys",
            Self::Enforcement => "Enforcement",
            Self::Claims => "Claims",
            Self::Log => "Log",
            Self::Inspector => "Inspector",
            Self::Playground => "Playground",
            Self::Samples => "Code samples",
        }
    }

    /// What the page is for, in one sentence.
    const fn lead(self) -> &'static str {
        match self {
            Self::Keys => {
                "Your server vouches for your logged-in customers with a signed token. The agent then knows who it talks to, and nobody can pretend to be somebody else."
            }
            Self::Enforcement => {
                "How many of your visitors come with a valid token, and what becomes of those who do not."
            }
            Self::Claims => {
                "What becomes of each thing that your tokens say of a user: whether the agent is told, whether only you see it, or whether it is not kept at all."
            }
            Self::Log => {
                "Why a visitor was identified or was not: every attempt, with what the verdict rests on. Tokens themselves are never kept."
            }
            Self::Inspector => {
                "Paste a token and see every check that it passes or fails. Nothing is created, counted or kept."
            }
            Self::Playground => {
                "Be any of your users for five minutes: sign a test token here and chat as the agent's visitor."
            }
            Self::Samples => {
                "How a site signs who is logged in, for this agent, in the language of your server."
            }
        }
    }

    /// Its address.
    pub(super) fn href(self, agent: AgentId) -> String {
        let rest = match self {
            Self::Keys => "",
            Self::Enforcement => "/enforcement",
            Self::Claims => "/claims",
            Self::Log => "/log",
            Self::Inspector => "/inspector",
            Self::Playground => "/playground",
            Self::Samples => "/samples",
        };
        format!("/dashboard/agents/{agent}/identity{rest}")
    }

    /// The page with this body below the tabs.
    pub(super) fn render(self, page: &AgentPage, notice: Option<Notice>, body: &Markup) -> Markup {
        let crumbs = [Crumb { name: "Integrations", href: None }];
        let title = format!("Identity Verification: {}", self.title());
        let frame = Frame { title: &title, ..frame(page, &crumbs) };
        frame.render(&html! {
            div.heading { div {
                h1 { "Identity Verification" }
                p.lead { (self.lead()) }
            } }
            nav.tabs aria-label="Identity Verification" { ul { @for tab in Self::ALL {
                li { a href=(tab.href(page.agent.id)) aria-current=[(tab == self).then_some("page")] { (tab.title()) } }
            } } }
            @if let Some(notice) = notice { p.notice role="status" { (icon::tick()) (notice.text()) } }
            (body)
        })
    }

    /// A page below this one, with a heading of its own in its body.
    pub(super) fn render_below(self, page: &AgentPage, title: &str, body: &Markup) -> Markup {
        let (first, above) = (Self::Keys.href(page.agent.id), self.href(page.agent.id));
        let mut crumbs = vec![
            Crumb { name: "Integrations", href: None },
            Crumb { name: "Identity Verification", href: Some(&first) },
        ];
        if self != Self::Keys {
            crumbs.push(Crumb { name: self.title(), href: Some(&above) });
        }
        Frame { title, ..frame(page, &crumbs) }.render(body)
    }
}

fn frame<'a>(page: &'a AgentPage, crumbs: &'a [Crumb<'a>]) -> Frame<'a> {
    let place = Place::Agent(&page.agent, Section::Identity);
    Frame { title: "", signed_in: &page.signed_in, place, crumbs }
}
