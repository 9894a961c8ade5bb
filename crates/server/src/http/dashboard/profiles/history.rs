//! What changed on a profile, when, and by which token or by whom.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use eloquent_store::{
    AgentScope, KeyInfo, ProfileChange, ProfileChangeKind, Reader, StoreError, TokenTime,
    profile::HISTORY_MAX,
};
use eloquent_types::id::{KeyId, ProfileId};
use maud::{Markup, html};
use serde::Deserialize;

use super::{ProfilePath, claims::token_time, display_name, href, profile_of, render_below, value};
use crate::{
    app::App,
    http::dashboard::{
        error::PageError,
        part::{self, PAGE_SIZE},
        session::AgentPage,
    },
};

/// How many changes stand on the profile's own page.
const NEWEST_SHOWN: usize = 10;

/// How many characters of a value are shown of what it was and became.
const VALUE_MAX_CHARS: usize = 200;

/// Everything that is kept of a profile's changes, the newest first, with the keys that signed them.
pub(super) struct History {
    changes: Vec<ProfileChange>,
    keys: BTreeMap<KeyId, KeyInfo>,
}

impl History {
    pub(super) fn read(reader: &Reader<'_>, scope: &AgentScope, id: ProfileId) -> Result<Self, StoreError> {
        Self::page(reader, scope, id, None, HISTORY_MAX)
    }

    fn page(
        reader: &Reader<'_>,
        scope: &AgentScope,
        id: ProfileId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Self, StoreError> {
        let changes = reader.profile_history(scope, id, before, limit)?;
        let keys = reader.keys(scope)?.into_iter().map(|key| (key.id, key)).collect();
        Ok(Self { changes, keys })
    }

    /// The key that signed a token, where the token made a change that is still noted.
    pub(super) fn key_of(&self, token: &TokenTime) -> Option<KeyId> {
        let at_once = self.changes.iter().filter(|change| change.at == token.received_at);
        let signers = at_once.filter_map(|change| change.from);
        signers.into_iter().find(|(_, issued_at)| *issued_at == token.issued_at).map(|(key, _)| key)
    }

    pub(super) fn key_name(&self, id: KeyId) -> Markup {
        html! {
            @if let Some(key) = self.keys.get(&id) { bdi { (key.name) } " " span.mono.tail { "…" (key.last_four) } }
            @else { "a key that is gone" }
        }
    }

    /// The newest changes, with a link to the others.
    pub(super) fn newest(&self, profile: &str) -> Markup {
        let shown = &self.changes[..self.changes.len().min(NEWEST_SHOWN)];
        html! {
            section aria-labelledby="history-title" {
                div.heading.minor {
                    h2 #history-title { "History" }
                    @if self.changes.len() > shown.len() { a href={ (profile) "/history" } { "All changes" } }
                }
                @if shown.is_empty() { p.card.muted { "No change has been noted yet." } } @else { (self.table(shown)) }
            }
        }
    }

    fn table(&self, changes: &[ProfileChange]) -> Markup {
        html! {
            table.list.changes role="table" {
                thead role="rowgroup" { tr role="row" {
                    th role="columnheader" scope="col" { "Change" }
                    th role="columnheader" scope="col" { "When" }
                    th role="columnheader" scope="col" { "By" }
                } }
                tbody role="rowgroup" { @for change in changes {
                    tr role="row" {
                        td.main role="cell" { (what(&change.kind)) }
                        td.when role="cell" data-label="When" { (part::time(change.at)) }
                        td.since role="cell" data-label="By" { (self.cause(change)) }
                    }
                } }
            }
        }
    }

    fn cause(&self, change: &ProfileChange) -> Markup {
        html! {
            @if let Some((key, issued_at)) = change.from {
                div {
                    @match issued_at {
                        Some(issued_at) => { "Token issued " (token_time(issued_at)) },
                        None => "Token without a time",
                    }
                    p.small.muted { "Signed with " (self.key_name(key)) }
                }
            } @else if let Some(actor) = &change.actor { bdi { (actor) } }
            @else { span.muted { "Unknown" } }
        }
    }
}

fn what(kind: &ProfileChangeKind) -> Markup {
    html! {
        @match kind {
            ProfileChangeKind::Created => "First verified",
            ProfileChangeKind::Claim { name, old, new } => {
                code { bdi { (name) } }
                (became(old.as_deref().map(excerpt), new.as_deref().map(excerpt)))
            },
            ProfileChangeKind::Email { old, new } => {
                "Email"
                (became(old.as_ref().map(|it| html! { bdi { (it) } }), new.as_ref().map(|it| html! { bdi { (it) } })))
            },
            ProfileChangeKind::Blocked => span.badge.bad { "Blocked" },
            ProfileChangeKind::Unblocked => span.badge.good { "Unblocked" },
        }
    }
}

fn became(old: Option<Markup>, new: Option<Markup>) -> Markup {
    html! {
        p.became {
            @if let Some(old) = old { span.unseen { "was " } del { (old) } } @else { span.muted { "none" } }
            span aria-hidden="true" { "→" }
            @if let Some(new) = new { span.unseen { "is now " } ins { (new) } } @else { span.muted { "none" } }
        }
    }
}

/// The beginning of a value: what stands in full where the value is.
fn excerpt(json: &str) -> Markup {
    let text: String = serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
    html! {
        @if text.chars().nth(VALUE_MAX_CHARS).is_some() { bdi { (text.chars().take(VALUE_MAX_CHARS).collect::<String>()) "…" } }
        @else { (value(json)) }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct HistoryQuery {
    before: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
    query: Result<Query<HistoryQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let profile = profile_of(&app, &page, &path).await?;
    let before: Option<u64> = query.ok().and_then(|Query(query)| query.before?.parse().ok());
    let (scope, id) = (page.scope, profile.id);
    let mut history =
        app.store.read(move |reader| History::page(reader, &scope, id, before, PAGE_SIZE + 1)).await?;
    let more = history.changes.len() > PAGE_SIZE as usize;
    history.changes.truncate(PAGE_SIZE as usize);
    let last = history.changes.last().map(|change| change.id).filter(|_| more);
    let path = format!("{}/history", href(page.agent.id, id));
    Ok(render_below(
        &page,
        &profile,
        "History",
        &html! {
            div.heading { div {
                h1 { "History of " bdi { (display_name(&profile)) } }
                p.lead { "What tokens and members changed, the newest first. The last " (HISTORY_MAX) " changes are kept." }
            } }
            @if history.changes.is_empty() { p.card.muted { "There are no older changes." } }
            @else { (history.table(&history.changes)) }
            @if last.is_some() || before.is_some() {
                nav.paging aria-label="Pages" {
                    @if before.is_some() { a.button href=(path) { "Newest" } }
                    @if let Some(last) = last { a.button rel="next" href={ (path) "?before=" (last) } { "Older" } }
                }
            }
        },
    ))
}
