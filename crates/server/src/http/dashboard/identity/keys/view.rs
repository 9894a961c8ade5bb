//! What the page of the keys looks like, and the ones below it.

use eloquent_identity::Secret;
use eloquent_store::{ACTIVE_KEYS_MAX, Enforcement, KeyInfo};
use eloquent_types::{id::KeyId, time::Timestamp};
use maud::{Markup, html};

use super::{KeyName, KeyProblem, Known, NAME_MAX_CHARS, TOO_MANY, standing::Standing};
use crate::http::dashboard::{
    icon,
    identity::{feature, notice::Notice, tab::Tab, words},
    part,
    session::AgentPage,
};

/// What the request asked for, as far as the page shows it.
pub(super) struct Asked<'a> {
    pub(super) notice: Option<Notice>,
    pub(super) name: &'a str,
    pub(super) problem: Option<KeyProblem>,
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
    Tab::Keys.render(
        page,
        asked.notice,
        &html! {
            (feature::switches(page, &known.company))
            (keys(page, known, asked))
        },
    )
}

fn keys(page: &AgentPage, known: &Known, asked: &Asked<'_>) -> Markup {
    let full = known.active() >= ACTIVE_KEYS_MAX && asked.problem.is_none();
    html! {
        section.card aria-labelledby="keys-title" {
            h2 #keys-title { "Keys" }
            p.hint { "A key's secret signs your tokens. To change it, rotate: the new key and the old one both work until the old one ends." }
            @if full { p.note { (icon::alert()) (TOO_MANY) } } @else { (new_key_form(page, asked)) }
            @if known.keys.is_empty() {
                (part::empty(&icon::key(), "No keys yet", &html! {
                    p { "Generate a secret and put it into your server's environment. Without a key nobody is identified." }
                    p { a href=(Tab::Samples.href(page.agent.id)) { "See how your server signs with it" } }
                }))
            } @else { (table(page, known)) }
        }
    }
}

fn new_key_form(page: &AgentPage, asked: &Asked<'_>) -> Markup {
    let described = asked.problem.map(|_| "name-problem");
    html! {
        form.inline method="post" action={ (Tab::Keys.href(page.agent.id)) "/keys" } novalidate {
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

/// Those that identify first, the newest of them on top; then those that have ended.
fn table(page: &AgentPage, known: &Known) -> Markup {
    let (active, ended): (Vec<_>, Vec<_>) = known.keys.iter().rev().partition(|key| key.is_active(known.now));
    html! {
        table.list.keys role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Key" }
                th role="columnheader" scope="col" { "Status" }
                th role="columnheader" scope="col" { "Created" }
                th role="columnheader" scope="col" { "Last used" }
                th role="columnheader" scope="col" { span.unseen { "Actions" } }
            } }
            tbody role="rowgroup" { @for key in active.into_iter().chain(ended) { (row(page, key, known)) } }
        }
    }
}

fn row(page: &AgentPage, key: &KeyInfo, known: &Known) -> Markup {
    let standing = Standing::of(key, known.active(), known.now);
    html! {
        tr role="row" {
            td.main role="cell" {
                p.strong { bdi { (key.name) } }
                p.mono.small.tail { "elq_…" (key.last_four) }
                p.mono.id title="The key's id, which a token can name as kid" { (key.id) }
            }
            td role="cell" data-label="Status" { div.status {
                (status(page, key, known.now))
                @if let Some(text) = standing.text() {
                    p class=(if standing.is_safe() { "small safe" } else { "small muted" }) { (text) }
                }
            } }
            td.when role="cell" data-label="Created" { (part::time(key.created_at)) }
            td.when role="cell" data-label="Last used" {
                div {
                    @if let Some(used) = key.last_used_at { (part::time(used)) } @else { span.muted { "Never" } }
                    p.small.muted { (words::counted(key.use_count, "use")) }
                }
            }
            td.action role="cell" { @if standing != Standing::Ended { (actions(page, key)) } }
        }
    }
}

fn status(page: &AgentPage, key: &KeyInfo, now: Timestamp) -> Markup {
    let change = || format!("{}/keys/{}/retirement", Tab::Keys.href(page.agent.id), key.id);
    let retired = key.retires_at.filter(|at| *at <= now);
    html! {
        @if let Some(ended) = key.revoked_at { span.badge.bad { "Revoked" } p.small.muted { (part::time(ended)) } }
        @else if let Some(ended) = retired { span.badge.bad { "Retired" } p.small.muted { (part::time(ended)) } }
        @else if let Some(at) = key.retires_at {
            span.badge.warn { "Retires " (words::ahead(now, at)) }
            p.small.muted { (part::time(at)) " · " a href=(change()) aria-label={ "Change when " (key.name) " ends" } { "Change" } }
        }
        @else { span.badge.good { (icon::tick()) "Active" } }
    }
}

fn actions(page: &AgentPage, key: &KeyInfo) -> Markup {
    let to = |rest: &str| format!("{}/keys/{}/{rest}", Tab::Keys.href(page.agent.id), key.id);
    html! {
        div.buttons {
            a.button href=(to("rotate")) aria-label={ "Rotate " (key.name) } { "Rotate" }
            a.button.danger href=(to("revoke")) aria-label={ "Revoke " (key.name) } { "Revoke" }
        }
    }
}

/// The one page that shows a secret. `replaces` is the key that it takes the place of, and when that
/// one ends.
pub(super) fn secret(
    page: &AgentPage,
    name: &KeyName,
    secret: &Secret,
    replaces: Option<(&KeyInfo, Option<Timestamp>)>,
) -> Markup {
    let line = format!("ELOQUENT_SECRET={}", secret.expose());
    let path = Tab::Keys.href(page.agent.id);
    Tab::Keys.render_below(page, "New secret", &html! {
        div.heading { div { h1 { "Copy your new secret" } } }
        // The script puts this address in place of the form's, so that a reload asks for the list.
        section.card.narrow data-replace-address=(path) aria-label="The new secret" {
            p.notice.strong-notice { (icon::alert()) "It is shown this once. When you leave this page nobody can see it again, neither you nor we." }
            h2 { "Secret of “" bdi { (name.0) } "”" }
            (part::named_code("secret", "Secret", secret.expose(), "Copy secret"))
            h2 { "As a line of your server's " code { ".env" } }
            (part::named_code("env-line", ".env line", &line, "Copy as .env line"))
            p.hint { "Keep it on your server: whoever has it can be any of your customers. Never put it into a page, an app or a repository." }
            @if let Some((old, retires_at)) = replaces { (next_steps(old, retires_at)) }
            div.actions {
                a.button.primary href=(path) { "I have stored it" }
                a.button href=(Tab::Samples.href(page.agent.id)) { "How to sign with it" }
            }
        }
    })
}

fn next_steps(old: &KeyInfo, retires_at: Option<Timestamp>) -> Markup {
    html! {
        p.hint {
            "Give it to all of your servers. “" bdi { (old.name) } "” "
            @if let Some(at) = retires_at { "works until " (part::time(at)) " and ends by itself." }
            @else { "goes on working until you revoke it; the list says when that is safe." }
        }
    }
}

/// The question before a key is revoked.
pub(super) fn confirm(page: &AgentPage, key: &KeyInfo, known: &Known) -> Markup {
    let path = Tab::Keys.href(page.agent.id);
    let standing = Standing::of(key, known.active(), known.now);
    let outcome = match page.agent.enforcement {
        Enforcement::Require => "cannot chat until they bring another",
        Enforcement::Off | Enforcement::Report => "chat anonymously",
    };
    Tab::Keys.render_below(page, "Revoke key", &html! {
        div.heading { div { h1 { "Revoke “" bdi { (key.name) } "”?" } } }
        section.card.narrow aria-label="Confirmation" {
            p { "Tokens signed with the secret " span.mono { "elq_…" (key.last_four) } " stop identifying anybody at once. Visitors who come with one " (outcome) ". This cannot be undone." }
            dl.pairs {
                div { dt { "Used" } dd { (words::counted(key.use_count, "time")) } }
                div { dt { "Last used" } dd {
                    @if let Some(used) = key.last_used_at { (words::ago(known.now, used)) " (" (part::time(used)) ")" } @else { "Never" }
                } }
            }
            (advice(standing))
            form.actions method="post" action={ (path) "/keys/" (key.id) "/revoke" } {
                button.danger.solid type="submit" { "Revoke key" }
                a.button href=(path) { "Keep it" }
            }
        }
    })
}

fn advice(standing: Standing) -> Markup {
    html! {
        @match standing {
            Standing::Safe(_) => p.notice { (icon::tick()) (standing.text().unwrap_or_default()) "." },
            Standing::OnlyActive => p.note { (icon::alert()) "It is the only active key: without it nobody is identified." },
            Standing::Used(_) => p.note { (icon::alert()) "One of your servers still signs with it. Move it to another key first, unless the secret has leaked." },
            Standing::Fresh(_) | Standing::Ended => {},
        }
    }
}
