//! The log of attempts: why each visitor was identified or was not.
//!
//! What a token held is shown only where its signature had verified; that is so because the store keeps
//! nothing else.

use std::collections::BTreeMap;

use axum::extract::{Query, State, rejection::QueryRejection};
use eloquent_store::{
    ATTEMPTS_MAX, ATTEMPTS_MAX_AGE, Attempt, AttemptFilter, KeyInfo, OutcomeFilter, Surface,
};
use eloquent_types::{
    id::{AgentId, ConversationId, KeyId, ProfileId},
    identify::IdentityCode,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{tab::Tab, words};
use crate::{
    app::App,
    http::dashboard::{
        error::PageError,
        icon,
        part::{self, PAGE_SIZE},
        session::AgentPage,
    },
};

mod row;

pub(super) use row::claimed_time;

/// What to show, as the address says it. Nonsense in a choice counts as none; an id that is none is
/// not found.
#[derive(Clone, Default, Deserialize)]
pub(super) struct LogQuery {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    surface: String,
    #[serde(default)]
    conversation_id: String,
    #[serde(default)]
    profile_id: String,
    #[serde(default)]
    before: String,
}

/// The same, understood.
#[derive(Clone, Copy, Default)]
struct Wanted {
    outcome: Option<OutcomeFilter>,
    surface: Option<Surface>,
    conversation: Option<ConversationId>,
    profile: Option<ProfileId>,
    before: Option<u64>,
}

impl Wanted {
    fn parse(query: &LogQuery) -> Result<Self, PageError> {
        Ok(Self {
            outcome: parse_outcome(&query.outcome),
            surface: Surface::parse(&query.surface),
            conversation: parse_id(&query.conversation_id)?,
            profile: parse_id(&query.profile_id)?,
            before: query.before.parse().ok(),
        })
    }

    fn filter(&self) -> AttemptFilter {
        AttemptFilter {
            outcome: self.outcome,
            surface: self.surface,
            conversation: self.conversation,
            profile: self.profile,
            before: self.before,
            limit: PAGE_SIZE + 1,
        }
    }

    const fn is_everything(&self) -> bool {
        self.outcome.is_none()
            && self.surface.is_none()
            && self.conversation.is_none()
            && self.profile.is_none()
    }

    /// The query of an address that asks for the same, before this attempt if one is given.
    fn address(&self, path: &str, before: Option<u64>) -> String {
        let mut pairs = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            pairs.extend(value.map(|value| format!("{name}={value}")));
        };
        add("outcome", self.outcome.map(|outcome| outcome_name(outcome).to_owned()));
        add("surface", self.surface.map(|surface| surface.as_str().to_owned()));
        add("conversation_id", self.conversation.map(|id| id.to_string()));
        add("profile_id", self.profile.map(|id| id.to_string()));
        add("before", before.map(|id| id.to_string()));
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

fn parse_id<T: std::str::FromStr>(text: &str) -> Result<Option<T>, PageError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| PageError::NotFound) }
}

fn parse_outcome(name: &str) -> Option<OutcomeFilter> {
    let code = || IdentityCode::ALL.into_iter().find(|code| code.as_str() == name);
    match name {
        "identified" => Some(OutcomeFilter::Identified),
        "rejected" => Some(OutcomeFilter::Rejected),
        _ => code().map(OutcomeFilter::Code),
    }
}

const fn outcome_name(outcome: OutcomeFilter) -> &'static str {
    match outcome {
        OutcomeFilter::Identified => "identified",
        OutcomeFilter::Rejected => "rejected",
        OutcomeFilter::Code(code) => code.as_str(),
    }
}

const SURFACES: [(Surface, &str); 3] =
    [(Surface::Identify, "Identify"), (Surface::Chat, "Chat message"), (Surface::Read, "Reading history")];

fn surface_name(surface: Surface) -> &'static str {
    SURFACES.into_iter().find(|(each, _)| *each == surface).map_or("", |(_, name)| name)
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<LogQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let wanted = Wanted::parse(&query.map(|Query(query)| query).unwrap_or_default())?;
    let (scope, filter) = (page.scope, wanted.filter());
    let (attempts, keys) = app
        .store
        .read(move |reader| Ok::<_, PageError>((reader.attempts(&scope, &filter)?, reader.keys(&scope)?)))
        .await?;
    let list = List::new(attempts, keys);
    let path = Tab::Log.href(page.agent.id);
    Ok(Tab::Log.render(&page, None, &html! {
        (filters(&path, &wanted))
        @if list.attempts.is_empty() { (nothing(&path, &wanted)) } @else { (list.table(page.agent.id)) }
        (list.paging(&path, &wanted))
        p.hint { "Kept for " (words::span(ATTEMPTS_MAX_AGE)) ", at most " (words::grouped(ATTEMPTS_MAX)) " of each kind per agent: refused, identified, identified readers. A chat without a token is listed only where it was refused; all are counted in the " a href=(Tab::Enforcement.href(page.agent.id)) { "coverage" } "." }
    }))
}

/// One page of attempts, with the keys that their tokens were signed with.
struct List {
    attempts: Vec<Attempt>,
    more: bool,
    keys: BTreeMap<KeyId, KeyInfo>,
}

impl List {
    /// From one attempt more than is shown.
    fn new(mut attempts: Vec<Attempt>, keys: Vec<KeyInfo>) -> Self {
        let more = attempts.len() > PAGE_SIZE as usize;
        attempts.truncate(PAGE_SIZE as usize);
        Self { attempts, more, keys: keys.into_iter().map(|key| (key.id, key)).collect() }
    }

    fn table(&self, agent: AgentId) -> Markup {
        html! {
            table.list.log role="table" {
                thead role="rowgroup" { tr role="row" {
                    th role="columnheader" scope="col" { "Verdict" }
                    th role="columnheader" scope="col" { "Time" }
                    th role="columnheader" scope="col" { "Signed with" }
                    th role="columnheader" scope="col" { "Token" }
                    th role="columnheader" scope="col" { "Origin" }
                    th role="columnheader" scope="col" { "Leads to" }
                } }
                tbody role="rowgroup" { @for attempt in &self.attempts { (row::row(agent, attempt, &self.keys)) } }
            }
        }
    }

    fn paging(&self, path: &str, wanted: &Wanted) -> Markup {
        let last = self.attempts.last().map(|attempt| attempt.id);
        html! {
            @if self.more || wanted.before.is_some() {
                nav.paging aria-label="Pages" {
                    @if wanted.before.is_some() { a.button href=(wanted.address(path, None)) { "Newest" } }
                    @if self.more { a.button rel="next" href=(wanted.address(path, last)) { "Older" } }
                }
            }
        }
    }
}

fn filters(path: &str, wanted: &Wanted) -> Markup {
    let outcome = wanted.outcome.map(outcome_name);
    html! {
        form.filters method="get" action=(path) {
            div.field {
                label for="outcome" { "Verdict" }
                select #outcome name="outcome" {
                    option value="" { "All" }
                    @for (name, text) in [("identified", "Identified"), ("rejected", "Not identified")] {
                        option value=(name) selected[outcome == Some(name)] { (text) }
                    }
                    optgroup label="By code" { @for code in IdentityCode::ALL {
                        option value=(code) selected[outcome == Some(code.as_str())] { (code) }
                    } }
                }
            }
            div.field {
                label for="surface" { "Where" }
                select #surface name="surface" {
                    option value="" { "Everywhere" }
                    @for (surface, text) in SURFACES {
                        option value=(surface.as_str()) selected[wanted.surface == Some(surface)] { (text) }
                    }
                }
            }
            @if let Some(id) = wanted.conversation { input type="hidden" name="conversation_id" value=(id); }
            @if let Some(id) = wanted.profile { input type="hidden" name="profile_id" value=(id); }
            button type="submit" { "Filter" }
            @if !wanted.is_everything() { a.button.plain href=(path) { "Show all" } }
        }
        (narrowed(wanted))
    }
}

/// Says of whom or of what the list is, where it is not of all.
fn narrowed(wanted: &Wanted) -> Markup {
    html! {
        @if let Some(id) = wanted.conversation { p.hint { "Only attempts in the conversation " span.mono { (id) } "." } }
        @if let Some(id) = wanted.profile { p.hint { "Only attempts of the profile " span.mono { (id) } "." } }
    }
}

fn nothing(path: &str, wanted: &Wanted) -> Markup {
    html! {
        @if wanted.is_everything() && wanted.before.is_none() {
            (part::empty(&icon::shield(), "No attempts yet", &html! {
                p { "As soon as a page calls " code { "identify" } ", or a message comes with a token, you see here what became of it and why." }
            }))
        } @else {
            (part::empty(&icon::search(), "No attempts like that", &html! {
                p { a.button href=(path) { "Show all attempts" } }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_says_and_can_be_written_again() {
        let query = LogQuery {
            outcome: "token_expired".to_owned(),
            surface: "chat".to_owned(),
            conversation_id: "cnv_01h2xcejqtf2nbrexx3vqjhp41".to_owned(),
            before: "7".to_owned(),
            ..LogQuery::default()
        };
        let wanted = Wanted::parse(&query).unwrap();
        assert_eq!(
            wanted.address("/log", Some(3)),
            "/log?outcome=token_expired&surface=chat&conversation_id=cnv_01h2xcejqtf2nbrexx3vqjhp41&before=3"
        );
        let filter = wanted.filter();
        assert_eq!((filter.before, filter.limit), (Some(7), PAGE_SIZE + 1));
    }

    #[test]
    fn nonsense_asks_for_everything_and_a_false_id_for_what_does_not_exist() {
        let query = LogQuery {
            outcome: "<b>".to_owned(),
            surface: "moon".to_owned(),
            before: "-1".to_owned(),
            ..LogQuery::default()
        };
        let wanted = Wanted::parse(&query).unwrap();
        assert!(wanted.is_everything() && wanted.before.is_none());
        assert_eq!(wanted.address("/log", None), "/log");
        for id in ["x", "prf_01h2xcejqtf2nbrexx3vqjhp41"] {
            let query = LogQuery { conversation_id: id.to_owned(), ..LogQuery::default() };
            assert!(matches!(Wanted::parse(&query), Err(PageError::NotFound)), "{id}");
        }
    }
}
