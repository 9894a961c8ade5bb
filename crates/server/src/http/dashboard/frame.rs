//! What every page has around it: head, navigation, breadcrumb.

use eloquent_store::Agent;
use maud::{DOCTYPE, Markup, html};

use super::{icon, session::SignedIn};

/// Where a page belongs.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The list of agents.
    Agents,
    /// One agent's section.
    Agent(&'a Agent, Section),
}

/// The sections of one agent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Conversations,
    Profiles,
    Appearance,
    Identity,
}

/// A step of the breadcrumb: its name, and where it leads unless it is a mere heading.
pub(super) struct Crumb<'a> {
    pub(super) name: &'a str,
    pub(super) href: Option<&'a str>,
}

/// A page for members.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    pub(super) signed_in: &'a SignedIn,
    pub(super) place: Place<'a>,
    /// The steps above this page; empty for none.
    pub(super) crumbs: &'a [Crumb<'a>],
}

impl Frame<'_> {
    /// The whole page around its body, which brings the `h1`.
    pub(super) fn render(&self, body: &Markup) -> Markup {
        let title = match self.place {
            Place::Agents => format!("{} · Eloquent", self.title),
            Place::Agent(agent, _) => format!("{} · {} · Eloquent", self.title, agent.name),
        };
        document(
            &title,
            &html! {
                body.member {
                    a.skip href="#main" { "Skip to the content" }
                    (self.sidebar())
                    main #main tabindex="-1" {
                        @if !self.crumbs.is_empty() { (self.breadcrumb()) }
                        (body)
                    }
                    p #announcer.unseen role="status" {}
                }
            },
        )
    }

    fn sidebar(&self) -> Markup {
        html! {
            header.side {
                a.brand href="/dashboard" {
                    (icon::mark())
                    span { "Eloquent" span.company { (self.signed_in.company_name) } }
                }
                nav aria-label="Dashboard" {
                    ul { li { (link("/dashboard", &icon::agents(), "Agents", matches!(self.place, Place::Agents))) } }
                    @if let Place::Agent(agent, section) = self.place { (agent_links(agent, section)) }
                }
                div.account {
                    p.who {
                        span.name { (self.signed_in.member.name) }
                        span.email { (self.signed_in.member.email) }
                    }
                    form method="post" action="/dashboard/logout" {
                        button.quiet type="submit" { (icon::leave()) "Log out" }
                    }
                }
            }
        }
    }

    fn breadcrumb(&self) -> Markup {
        html! {
            nav.crumbs aria-label="Breadcrumb" {
                ol {
                    @for crumb in self.crumbs {
                        li {
                            @if let Some(href) = crumb.href { a href=(href) { (crumb.name) } }
                            @else { span { (crumb.name) } }
                            (icon::chevron())
                        }
                    }
                    li { span aria-current="page" { (self.title) } }
                }
            }
        }
    }
}

fn agent_links(agent: &Agent, current: Section) -> Markup {
    let base = format!("/dashboard/agents/{}", agent.id);
    let at = |rest: &str| format!("{base}{rest}");
    html! {
        h2 { (agent.name) }
        ul {
            li { (link(&base, &icon::overview(), "Overview", current == Section::Overview)) }
            li { (link(&at("/conversations"), &icon::conversations(), "Conversations", current == Section::Conversations)) }
            li { (link(&at("/profiles"), &icon::person(), "Profiles", current == Section::Profiles)) }
            li { (link(&at("/appearance"), &icon::brush(), "Appearance", current == Section::Appearance)) }
        }
        h2 { "Integrations" }
        ul { li { (link(&at("/identity"), &icon::shield(), "Identity Verification", current == Section::Identity)) } }
    }
}

fn link(href: &str, icon: &Markup, name: &str, current: bool) -> Markup {
    html! { a href=(href) aria-current=[current.then_some("page")] { (icon) span { (name) } } }
}

/// A page for anybody: the log-in, an error.
pub(super) fn bare(title: &str, body: &Markup) -> Markup {
    document(
        &format!("{title} · Eloquent"),
        &html! {
            body.bare {
                main #main {
                    div.brand { (icon::mark()) span { "Eloquent" } }
                    div.card { (body) }
                }
            }
        },
    )
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="/dashboard/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/dashboard/assets/dashboard.css";
                script src="/dashboard/assets/dashboard.js" defer {}
            }
            (body)
        }
    }
}
