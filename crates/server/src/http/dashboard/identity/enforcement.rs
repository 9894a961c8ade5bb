//! What becomes of a visitor without a valid token, and how many that concerns.
//!
//! Before chats are refused, the page shows what would have been refused and asks once more: whoever
//! cannot tell yet is asked, too.

use std::time::Duration;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use eloquent_store::{Agent, Enforcement};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    coverage::{self, Figures, Tally, Window},
    notice::Notice,
    tab::Tab,
    words,
};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, session::AgentPage},
};

#[derive(Default, Deserialize)]
pub(super) struct EnforcementQuery {
    #[serde(default)]
    days: Option<String>,
    #[serde(default)]
    notice: Option<String>,
}

/// What the pages show besides the agent.
struct Known {
    figures: Figures,
    active_keys: usize,
}

impl Known {
    async fn read(app: &App, page: &AgentPage) -> Result<Self, PageError> {
        let (scope, now) = (page.scope, app.now());
        app.store
            .read(move |reader| {
                let keys = reader.keys(&scope)?;
                let active_keys = keys.iter().filter(|key| key.is_active(now)).count();
                Ok(Self { figures: Figures::read(reader, &scope, now)?, active_keys })
            })
            .await
    }

    /// Why every chat would be refused, if that is so.
    fn obstacle(&self, agent: &Agent) -> Option<&'static str> {
        if !agent.identifies() {
            Some("Identity verification is off, so every chat would be refused. Switch it on first.")
        } else if self.active_keys == 0 {
            Some("There is no active key, so every chat would be refused. Generate a secret first.")
        } else {
            None
        }
    }

    /// Whether the last month shows that nobody would have been refused.
    fn is_harmless(&self, agent: &Agent) -> bool {
        let month = Tally::of(self.figures.of(Window::Month));
        self.obstacle(agent).is_none() && month.requests > 0 && month.refused() == 0
    }
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<EnforcementQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let known = Known::read(&app, &page).await?;
    let window = Window::of_days(query.days.as_deref());
    let path = Tab::Enforcement.href(page.agent.id);
    let notice = query.notice.as_deref().and_then(Notice::parse);
    Ok(Tab::Enforcement.render(&page, notice, &html! {
        (choice(&page, &known))
        section.card #coverage aria-labelledby="coverage-title" {
            h2 #coverage-title { "Coverage" }
            p.hint { "The share of chat requests that came with a valid token. Everything else is what “Require” refuses." }
            (coverage::windows(&known.figures, window, &path))
            (coverage::breakdown(known.figures.of(window)))
        }
        (lifetime(&page.agent))
    }))
}

const CHOICES: [(Enforcement, &str, &str); 3] = [
    (
        Enforcement::Off,
        "Off",
        "Everybody can chat. Who has no valid token chats anonymously, and the agent is told so.",
    ),
    (
        Enforcement::Report,
        "Report",
        "The same for visitors. The log marks what “Require” would have refused, so that you see it first; chats without any token are counted below.",
    ),
    (
        Enforcement::Require,
        "Require",
        "Only visitors with a valid token can chat. Others are told that they have to log in.",
    ),
];

fn choice(page: &AgentPage, known: &Known) -> Markup {
    let agent = &page.agent;
    html! {
        section.card aria-labelledby="enforcement-title" {
            h2 #enforcement-title { "Visitors without a valid token" }
            form.stack method="post" action=(Tab::Enforcement.href(agent.id)) {
                fieldset.options {
                    legend.unseen { "Visitors without a valid token" }
                    @for (enforcement, title, text) in CHOICES {
                        label.option {
                            input type="radio" name="enforcement" value=(enforcement.as_str()) checked[agent.enforcement == enforcement];
                            span { span.strong { (title) } span.hint { (text) } }
                        }
                    }
                }
                @if agent.enforcement == Enforcement::Require && let Some(obstacle) = known.obstacle(agent) {
                    p.note { (icon::alert()) (obstacle) }
                }
                div.actions { button.primary type="submit" { "Save" } }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ChoiceForm {
    enforcement: String,
    #[serde(default)]
    confirmed: bool,
}

pub(super) async fn choose(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<ChoiceForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(form) = form?;
    let enforcement = Enforcement::parse(&form.enforcement).ok_or(PageError::BadForm)?;
    let is_new = enforcement != page.agent.enforcement;
    if enforcement == Enforcement::Require && is_new && !form.confirmed {
        let known = Known::read(&app, &page).await?;
        if !known.is_harmless(&page.agent) {
            return Ok(confirm(&page, &known).into_response());
        }
    }
    let scope = page.scope;
    app.store.write(move |writer| Ok::<_, PageError>(writer.set_enforcement(&scope, enforcement)?)).await?;
    Ok(Notice::EnforcementSet.on(Tab::Enforcement, page.agent.id).into_response())
}

/// The question before chats are refused.
fn confirm(page: &AgentPage, known: &Known) -> Markup {
    let path = Tab::Enforcement.href(page.agent.id);
    let month = known.figures.of(Window::Month);
    let total = Tally::of(month);
    Tab::Enforcement.render_below(page, "Require a valid token", &html! {
        div.heading { div {
            h1 { "Refuse chats without a valid token?" }
            p.lead { (consequence(total)) }
        } }
        section.card aria-labelledby="refused-title" {
            h2 #refused-title { "What would have been refused" }
            @if let Some(obstacle) = known.obstacle(&page.agent) { p.notice.strong-notice { (icon::alert()) (obstacle) } }
            dl.figures.windows { @for window in Window::ALL {
                @let tally = Tally::of(known.figures.of(window));
                div.card.figure {
                    dt { (window.title()) }
                    dd { (coverage::share(tally, tally.refused())) }
                    dd.small.muted { (words::grouped(tally.refused())) " of " (words::counted(tally.requests, "request")) }
                }
            } }
            @if total.requests > 0 { (coverage::breakdown(month)) }
            form.actions method="post" action=(path) {
                input type="hidden" name="enforcement" value=(Enforcement::Require.as_str());
                input type="hidden" name="confirmed" value="true";
                button.danger.solid type="submit" { "Require a valid token" }
                a.button href=(path) { "Keep it as it is" }
            }
        }
    })
}

fn consequence(month: Tally) -> String {
    if month.requests == 0 {
        "Nobody has chatted in the last 30 days, so it cannot be told whom this would turn away.".to_owned()
    } else {
        format!(
            "In the last 30 days this would have turned away {} of {} chat requests ({}).",
            words::grouped(month.refused()),
            words::grouped(month.requests),
            coverage::share(month, month.refused())
        )
    }
}

/// The longest lifetimes that are offered, in seconds; none for any.
const LIFETIMES: [(u64, &str); 6] = [
    (0, "Any"),
    (15 * 60, "15 minutes"),
    (3_600, "1 hour"),
    (24 * 3_600, "24 hours"),
    (7 * 24 * 3_600, "7 days"),
    (30 * 24 * 3_600, "30 days"),
];

fn lifetime(agent: &Agent) -> Markup {
    let set = agent.max_token_lifetime.map_or(0, |longest| longest.as_secs());
    let offered = LIFETIMES.iter().any(|(seconds, _)| *seconds == set);
    html! {
        section.card aria-labelledby="lifetime-title" {
            h2 #lifetime-title { "Longest lifetime of a token" }
            p.hint { "A token that lives longer, or that never expires, identifies nobody. An hour is enough where the page asks for a new token in time." }
            form.inline method="post" action={ (Tab::Keys.href(agent.id)) "/lifetime" } {
                div.field {
                    label for="lifetime" { "Longest lifetime" }
                    select #lifetime name="seconds" {
                        @for (seconds, text) in LIFETIMES { option value=(seconds) selected[seconds == set] { (text) } }
                        @if !offered { option value=(set) selected { (words::span(Duration::from_secs(set))) } }
                    }
                }
                button type="submit" { "Save" }
            }
        }
    }
}

/// What a browser asks for that goes to the address of the lifetime's form again: the page with it.
pub(super) async fn without_post(page: AgentPage) -> Redirect {
    Redirect::to(&Tab::Enforcement.href(page.agent.id))
}

#[derive(Deserialize)]
pub(super) struct LifetimeForm {
    seconds: u64,
}

pub(super) async fn limit_lifetime(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<LifetimeForm>, FormRejection>,
) -> Result<Redirect, PageError> {
    let Form(LifetimeForm { seconds }) = form?;
    let kept = page.agent.max_token_lifetime.is_some_and(|longest| longest.as_secs() == seconds);
    if !kept && !LIFETIMES.iter().any(|(offered, _)| *offered == seconds) {
        return Err(PageError::BadForm);
    }
    let (scope, longest) = (page.scope, (seconds > 0).then(|| Duration::from_secs(seconds)));
    app.store
        .write(move |writer| Ok::<_, PageError>(writer.set_max_token_lifetime(&scope, longest)?))
        .await?;
    Ok(Notice::LifetimeSet.on(Tab::Enforcement, page.agent.id))
}
