//! What the pages of identity verification look like.

use eloquent_identity::Secret;
use eloquent_store::KeyInfo;
use eloquent_types::id::KeyId;
use maud::{Markup, html};

use super::{AgentPage, Crumb, Frame, Known, NAME_MAX_CHARS, Place, Section, icon, part};

/// The site's own example, so that what is shown here is what is tested.
const EXAMPLE_SERVER: &str = include_str!("../../../../../../examples/express/server.mjs");
const EXAMPLE_PAGE: &str = include_str!("../../../../../../examples/express/public/site.js");

/// What the page says about what was just done.
#[derive(Clone, Copy)]
pub(super) enum Notice {
    SwitchedOn,
    SwitchedOff,
    Revoked,
    AlreadyCreated,
}

impl Notice {
    const ALL: [Self; 4] = [Self::SwitchedOn, Self::SwitchedOff, Self::Revoked, Self::AlreadyCreated];

    /// The notice of this name in an address; anything else is none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::SwitchedOn => "switched_on",
            Self::SwitchedOff => "switched_off",
            Self::Revoked => "revoked",
            Self::AlreadyCreated => "already_created",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::SwitchedOn => "Switched on. It takes effect with the next request.",
            Self::SwitchedOff => "Switched off. Visitors chat anonymously from the next request on.",
            Self::Revoked => "The key is revoked. Tokens signed with it no longer identify anybody.",
            Self::AlreadyCreated => {
                "This key had been created already, and its secret was shown then. Generate another one if it is lost."
            }
        }
    }
}

/// What is wrong with the name of a key.
#[derive(Clone, Copy)]
pub(super) enum NameProblem {
    Missing,
    TooLong,
    Unprintable,
}

impl NameProblem {
    const fn text(self) -> &'static str {
        match self {
            Self::Missing => "Give the key a name, like the place where it will be used.",
            Self::TooLong => "Keep the name under 60 characters.",
            Self::Unprintable => "The name holds characters that cannot be shown.",
        }
    }
}

/// What the request asked for, as far as the page shows it.
pub(super) struct Asked<'a> {
    pub(super) notice: Option<Notice>,
    pub(super) name: &'a str,
    pub(super) problem: Option<NameProblem>,
    /// The id of the key that the form would create.
    pub(super) next_key: KeyId,
}

impl Asked<'_> {
    pub(super) const fn new(next_key: KeyId) -> Self {
        Self { notice: None, name: "", problem: None, next_key }
    }
}

/// The page itself.
pub(super) fn page(page: &AgentPage, known: &Known, asked: &Asked<'_>) -> Markup {
    let crumbs = [Crumb { name: "Integrations", href: None }];
    frame(page, "Identity Verification", &crumbs).render(&html! {
        div.heading { div {
            h1 { "Identity Verification" }
            p.lead { "Your server vouches for your logged-in customers with a signed token. The agent then knows who it talks to, and nobody can pretend to be somebody else." }
        } }
        @if let Some(notice) = asked.notice { p.notice role="status" { (icon::tick()) (notice.text()) } }
        (switches(page, known))
        (keys(page, known, asked))
        (how_to(page))
    })
}

fn frame<'a>(page: &'a AgentPage, title: &'a str, crumbs: &'a [Crumb<'a>]) -> Frame<'a> {
    Frame { title, signed_in: &page.signed_in, place: Place::Agent(&page.agent, Section::Identity), crumbs }
}

/// The steps above a page that lies below the main one.
const fn crumbs_below(path: &str) -> [Crumb<'_>; 2] {
    [Crumb { name: "Integrations", href: None }, Crumb { name: "Identity Verification", href: Some(path) }]
}

fn switches(page: &AgentPage, known: &Known) -> Markup {
    let (agent, company) = (&page.agent, &known.company);
    html! {
        section.card aria-labelledby="feature-title" {
            div.heading.minor {
                h2 #feature-title { "Feature" }
                @if agent.identifies() { span.badge.good { (icon::tick()) "Active" } } @else { span.badge { "Inactive" } }
            }
            div.rows {
                (switch(page, "agent", agent.identify_enabled, &agent.name, "Tokens identify this agent's visitors."))
                (switch(page, "company", company.identify_enabled, &company.name, "The switch for the whole company: off here, no agent identifies anybody."))
            }
            @if agent.identify_enabled && !company.identify_enabled {
                p.note { (icon::alert()) "It is on for this agent and off for the company, so nobody is identified." }
            }
        }
    }
}

fn switch(page: &AgentPage, level: &str, on: bool, name: &str, text: &str) -> Markup {
    let label = format!("switch-{level}");
    html! {
        form.row method="post" action={ "/dashboard/agents/" (page.agent.id) "/identity/feature" } {
            div {
                p.strong id=(label) {
                    (if level == "agent" { "This agent" } else { "Company" }) span.muted { " · " (name) }
                }
                p.hint { (text) }
            }
            input type="hidden" name="level" value=(level);
            input type="hidden" name="enabled" value=(!on);
            button.switch type="submit" role="switch" aria-checked=(on) aria-labelledby=(label) {
                span.track aria-hidden="true" { span.thumb {} }
                span.state aria-hidden="true" { (if on { "On" } else { "Off" }) }
            }
        }
    }
}

fn keys(page: &AgentPage, known: &Known, asked: &Asked<'_>) -> Markup {
    html! {
        section.card aria-labelledby="keys-title" {
            h2 #keys-title { "Keys" }
            p.hint { "A key's secret signs your tokens. Several can be active at once: add a new one, move your servers over, then revoke the old one, and nobody is interrupted." }
            (new_key_form(page, asked))
            @if known.keys.is_empty() {
                (part::empty(&icon::key(), "No keys yet", &html! { p { "Generate a secret and put it into your server's environment. Without a key nobody is identified." } }))
            } @else { (key_table(page, &known.keys)) }
        }
    }
}

fn new_key_form(page: &AgentPage, asked: &Asked<'_>) -> Markup {
    let described = asked.problem.map(|_| "name-problem");
    html! {
        form.inline method="post" action={ "/dashboard/agents/" (page.agent.id) "/identity/keys" } novalidate {
            input type="hidden" name="key_id" value=(asked.next_key);
            div.field {
                label for="name" { "Name of the new key" }
                input #name type="text" name="name" value=(asked.name) placeholder="Production" required
                    maxlength=(NAME_MAX_CHARS) autocomplete="off" autofocus[asked.problem.is_some()]
                    aria-invalid=[described.map(|_| "true")] aria-describedby=[described];
                @if let Some(problem) = asked.problem {
                    p.problem #name-problem role="alert" { (icon::alert()) (problem.text()) }
                }
            }
            button.primary type="submit" { (icon::key()) "Generate secret" }
        }
    }
}

fn key_table(page: &AgentPage, keys: &[KeyInfo]) -> Markup {
    html! {
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Key" }
                th role="columnheader" scope="col" { "Status" }
                th role="columnheader" scope="col" { "Created" }
                th role="columnheader" scope="col" { "Last used" }
                th.number role="columnheader" scope="col" { "Uses" }
                th role="columnheader" scope="col" { span.unseen { "Action" } }
            } }
            tbody role="rowgroup" { @for key in keys { (key_row(page, key)) } }
        }
    }
}

fn key_row(page: &AgentPage, key: &KeyInfo) -> Markup {
    html! {
        tr role="row" {
            td.main role="cell" { p.strong { bdi { (key.name) } } p.mono.small { "elq_…" (key.last_four) } }
            td role="cell" data-label="Status" {
                @if let Some(revoked) = key.revoked_at { span.badge.bad { "Revoked" } p.small.muted { (part::time(revoked)) } }
                @else { span.badge.good { (icon::tick()) "Active" } }
            }
            td.when role="cell" data-label="Created" { (part::time(key.created_at)) }
            td.when role="cell" data-label="Last used" {
                @if let Some(used) = key.last_used_at { (part::time(used)) } @else { span.muted { "Never" } }
            }
            td.number role="cell" data-label="Uses" { (key.use_count) }
            td.action role="cell" {
                @if key.revoked_at.is_none() {
                    a.button.danger href={ "/dashboard/agents/" (page.agent.id) "/identity/keys/" (key.id) "/revoke" }
                        aria-label={ "Revoke " (key.name) } { "Revoke" }
                }
            }
        }
    }
}

fn how_to(page: &AgentPage) -> Markup {
    html! {
        section.card aria-labelledby="how-title" {
            h2 #how-title { "How your server signs the token" }
            ol.steps {
                li {
                    p { "Your server, asked by your own page, signs who is logged in. The secret never leaves it. In Express:" }
                    (part::code("sample-server", "Server code that signs the token", shown(EXAMPLE_SERVER)))
                }
                li {
                    p { "Your page hands the token to the chat, which works with the tag from the "
                        a href={ "/dashboard/agents/" (page.agent.id) } { "overview" } ":" }
                    (part::code("sample-page", "Page code that identifies the visitor", shown(EXAMPLE_PAGE)))
                }
            }
            p.hint {
                code { "user_id" } " is required and must be a string. "
                code { "email" } " is kept on the profile; every other claim is given to the agent as a fact, so put nothing in that your customer may not hear."
            }
        }
    }
}

/// The region of an example that the documentation shows.
fn shown(example: &str) -> &str {
    let after = example.split_once("// docs:begin\n").map_or(example, |(_, after)| after);
    after.split_once("// docs:end").map_or(after, |(region, _)| region).trim_end()
}

/// The one page that shows a secret.
pub(super) fn secret(page: &AgentPage, name: &str, secret: &Secret) -> Markup {
    let line = format!("ELOQUENT_SECRET={}", secret.expose());
    let path = format!("/dashboard/agents/{}/identity", page.agent.id);
    frame(page, "New secret", &crumbs_below(&path)).render(&html! {
        div.heading { div { h1 { "Copy your new secret" } } }
        // The script puts this address in place of the form's, so that a reload asks for the list.
        section.card.narrow data-replace-address=(path) aria-label="The new secret" {
            p.notice.strong-notice { (icon::alert()) "It is shown this once. When you leave this page nobody can see it again, neither you nor we." }
            h2 { "Secret of “" bdi { (name) } "”" }
            (part::wrapped_code("secret", "The secret", secret.expose()))
            h2 { "As a line of your server's " code { ".env" } }
            (part::wrapped_code("env-line", "The .env line", &line))
            p.hint { "Keep it on your server: whoever has it can be any of your customers. Never put it into a page, an app or a repository." }
            p { a.button.primary href=(path) { "I have stored it" } }
        }
    })
}

/// The question before a key is revoked.
pub(super) fn confirm(page: &AgentPage, key: &KeyInfo) -> Markup {
    let path = format!("/dashboard/agents/{}/identity", page.agent.id);
    frame(page, "Revoke key", &crumbs_below(&path)).render(&html! {
        div.heading { div { h1 { "Revoke “" bdi { (key.name) } "”?" } } }
        section.card.narrow aria-label="Confirmation" {
            p { "Tokens signed with the secret " span.mono { "elq_…" (key.last_four) } " stop identifying anybody at once. Visitors who come with one chat anonymously. This cannot be undone." }
            dl.pairs {
                div { dt { "Used" } dd { (key.use_count) " times" } }
                div { dt { "Last used" } dd { @if let Some(used) = key.last_used_at { (part::time(used)) } @else { "Never" } } }
            }
            form.actions method="post" action={ (path) "/keys/" (key.id) "/revoke" } {
                button.danger.solid type="submit" { "Revoke key" }
                a.button href=(path) { "Keep it" }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_the_shown_regions_of_the_examples() {
        assert!(shown(EXAMPLE_SERVER).contains("jwt.sign("));
        assert!(!shown(EXAMPLE_SERVER).contains("docs:"));
        assert!(shown(EXAMPLE_PAGE).contains("\"identify\", { token }"));
    }
}
