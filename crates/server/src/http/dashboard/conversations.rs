//! Conversations: the list, and one of them with what the agent was told and what members do in it.

use axum::{
    Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    routing::get,
};
use eloquent_store::{
    Agent, ClaimPolicies, ConversationOrder, ConversationQueue, ConversationRecord, ConversationRow,
    ConversationStatus, Profile,
};
use eloquent_types::id::{AgentId, ConversationId, ProfileId};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    error::PageError,
    frame::{Crumb, Frame, Place, Section},
    icon,
    part::{self, PAGE_SIZE, PageNumber, Rows},
    profiles,
    session::AgentPage,
};
use crate::app::App;

mod desk;
mod transcript;

use desk::Draft;

/// The pages, below `/dashboard`; for members only.
pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/agents/{{agent_id}}/conversations{rest}");
    Router::new()
        .route(&at(""), get(list))
        .route(&at("/{conversation_id}"), get(show))
        .route(&at("/{conversation_id}/reply"), get(desk::without_post).post(desk::reply))
        .route(&at("/{conversation_id}/assign"), get(desk::without_post).post(desk::assign))
        .route(&at("/{conversation_id}/resolve"), get(desk::without_post).post(desk::resolve))
}

/// What to list. An id of a profile that is none is not found; a status that is none narrows nothing.
#[derive(Default, Deserialize)]
struct ListQuery {
    page: Option<String>,
    profile_id: Option<String>,
    status: Option<String>,
}

/// What the list can be narrowed to.
const STATUSES: [(Option<ConversationStatus>, &str); 4] = [
    (None, "All"),
    (Some(ConversationStatus::Waiting), "Waiting for a person"),
    (Some(ConversationStatus::Assigned), "With a person"),
    (Some(ConversationStatus::Resolved), "Resolved"),
];

async fn list(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let number = PageNumber::parse(query.page.as_deref());
    let id: Option<ProfileId> =
        query.profile_id.map(|id| id.parse().map_err(|_| PageError::NotFound)).transpose()?;
    let status = query.status.as_deref().and_then(ConversationStatus::parse);
    let scope = page.scope;
    let (rows, of) = app
        .store
        .read(move |reader| {
            let of = match id {
                Some(id) => Some(reader.profile(&scope, id)?.ok_or(PageError::NotFound)?),
                None => None,
            };
            let queue = ConversationQueue {
                status,
                profile: id,
                order: ConversationOrder::Newest,
                limit: PAGE_SIZE + 1,
                offset: number.offset(),
            };
            let rows = reader.conversation_queue(&scope, &queue)?;
            Ok::<_, PageError>((rows, of))
        })
        .await?;
    let (AgentPage { signed_in, agent, .. }, rows) = (&page, Rows::new(rows));
    let path = format!("/dashboard/agents/{}/conversations", agent.id);
    let place = Place::Agent(agent, Section::Conversations);
    let frame = Frame { title: "Conversations", signed_in, place, crumbs: &[] };
    let whose = of.as_ref().map(|profile| format!("profile_id={}&", profile.id)).unwrap_or_default();
    let others = status.map(|status| format!("{whose}status={}&", status.as_str())).unwrap_or(whose.clone());
    Ok(frame.render(&html! {
        div.heading { div {
            h1 { "Conversations" }
            p.lead { "What visitors asked, what the agent answered, and what it knew of them." }
        } }
        @if let Some(profile) = &of { (narrowed(agent.id, profile, &path)) }
        nav.pills aria-label="Status" { ul { @for (offered, name) in STATUSES {
            @let query = offered.map_or_else(|| whose.clone(), |status| format!("{whose}status={}", status.as_str()));
            li { a href={ (path) "?" (query.trim_end_matches('&')) } aria-current=[(offered == status).then_some("true")] { (name) } }
        } } }
        @if rows.rows.is_empty() && number.is_first() && status.is_some() { p.hint { "No conversation is there now." } }
        @else if rows.rows.is_empty() && number.is_first() { (none_yet()) }
        @else { (table(agent.id, &rows.rows)) }
        (rows.paging(number, &path, &others))
    }))
}

/// Says whose conversations these are, where they are not everybody's.
fn narrowed(agent: AgentId, profile: &Profile, path: &str) -> Markup {
    html! {
        p.hint {
            "Only those of " a href={ "/dashboard/agents/" (agent) "/profiles/" (profile.id) } { bdi { (profiles::display_name(profile)) } } ". "
            a href=(path) { "Show all" }
        }
    }
}

/// The empty state of the list.
pub(super) fn none_yet() -> Markup {
    part::empty(
        &icon::conversations(),
        "No conversations yet",
        &html! { p { "The first one appears here as soon as a visitor writes. Put the agent's tag on a page and try it." } },
    )
}

/// The rows of a list of conversations. The roles keep the table one for assistive technology where
/// the style shows its rows as cards.
pub(super) fn table(agent: AgentId, rows: &[ConversationRow]) -> Markup {
    html! {
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Conversation" }
                th role="columnheader" scope="col" { "Visitor" }
                th.number role="columnheader" scope="col" { "Messages" }
                th role="columnheader" scope="col" { "Last activity" }
            } }
            tbody role="rowgroup" { @for row in rows {
                tr role="row" {
                    td.main role="cell" {
                        a.cover href={ "/dashboard/agents/" (agent) "/conversations/" (row.id) } { bdi { (title(row)) } }
                        " " (standing(row))
                    }
                    td role="cell" data-label="Visitor" { (visitor(row)) }
                    td.number role="cell" data-label="Messages" { (row.message_count) }
                    td.when role="cell" data-label="Last activity" { (part::time(row.updated_at)) }
                }
            } }
        }
    }
}

/// Where a conversation stands between the agent and people; nothing where the agent has it.
fn standing(row: &ConversationRow) -> Markup {
    html! {
        @match row.standing.status {
            ConversationStatus::Open => {},
            ConversationStatus::Waiting => span.badge.warn { "Waiting for a person" },
            ConversationStatus::Assigned => span.badge.told { "With " bdi { (row.standing.operator.as_deref().unwrap_or("a person")) } },
            ConversationStatus::Resolved => span.badge { "Resolved" },
        }
    }
}

fn title(row: &ConversationRow) -> &str {
    if row.title.trim().is_empty() { "Untitled" } else { &row.title }
}

fn visitor(row: &ConversationRow) -> Markup {
    html! {
        @if let Some((_, user_id, email)) = &row.profile {
            span.asker { bdi { (email.as_deref().unwrap_or(user_id.as_str())) } (part::verified()) }
        } @else {
            span.asker.muted { "Anonymous" }
        }
    }
}

/// The path of one conversation.
#[derive(Deserialize)]
struct ConversationPath {
    conversation_id: String,
}

impl ConversationPath {
    /// An id of another form is as unknown as one that nothing has.
    fn id(&self) -> Result<ConversationId, PageError> {
        self.conversation_id.parse().map_err(|_| PageError::NotFound)
    }
}

async fn show(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ConversationPath>,
) -> Result<Markup, PageError> {
    Ok(Whole::read(&app, &page, path.id()?).await?.render(&page, &Draft::default()))
}

/// A conversation with all that its page shows.
struct Whole {
    record: ConversationRecord,
    profile: Option<Profile>,
    policies: ClaimPolicies,
}

impl Whole {
    async fn read(app: &App, page: &AgentPage, id: ConversationId) -> Result<Self, PageError> {
        let (scope, agent) = (page.scope, page.agent.id);
        app.store
            .read(move |reader| {
                let record = reader.conversation(&scope, id)?.ok_or(PageError::NotFound)?;
                let profile = match &record.row.profile {
                    Some((profile, _, _)) => reader.profile(&scope, *profile)?,
                    None => None,
                };
                Ok(Self { record, profile, policies: reader.claim_policies(agent)? })
            })
            .await
    }

    fn render(&self, page: &AgentPage, draft: &Draft) -> Markup {
        let Self { record, profile, policies } = self;
        let AgentPage { signed_in, agent, .. } = page;
        let above = format!("/dashboard/agents/{}/conversations", agent.id);
        let title = title(&record.row);
        let place = Place::Agent(agent, Section::Conversations);
        let crumbs = [Crumb { name: "Conversations", href: Some(&above) }];
        Frame { title, signed_in, place, crumbs: &crumbs }.render(&html! {
            div.heading {
                div { h1 { bdi { (title) } } (standing(&record.row)) }
                (desk::deeds(page, &record.row))
            }
            div.beside {
                section aria-label="Messages" {
                    (transcript::transcript(agent, profile.as_ref(), &record.messages))
                    (desk::composer(page, &record.row, draft))
                }
                aside aria-label="About this conversation" {
                    (about(agent, record, profile.as_ref(), policies))
                    (transcript::events(&record.page_events))
                }
            }
        })
    }
}

fn about(
    agent: &Agent,
    record: &ConversationRecord,
    profile: Option<&Profile>,
    policies: &ClaimPolicies,
) -> Markup {
    let log = format!("/dashboard/agents/{}/identity/log?conversation_id={}", agent.id, record.row.id);
    html! {
        @if let Some(profile) = profile { (profiles::summary(agent.id, profile, policies)) }
        @else {
            section.card aria-labelledby="visitor-title" {
                h2 #visitor-title { "Anonymous visitor" }
                p.hint { "No valid identity came with this conversation, so the agent was told nothing about who was asking." }
            }
        }
        section.card aria-labelledby="details-title" {
            h2 #details-title { "Details" }
            dl.pairs {
                div { dt { "Started" } dd { (part::time(record.row.created_at)) } }
                div { dt { "Last activity" } dd { (part::time(record.row.updated_at)) } }
                div { dt { "Messages" } dd { (record.row.message_count) } }
                div { dt { "Attempts" } dd { a href=(log) { "Identity log" } } }
                div { dt { "Id" } dd.mono { (record.row.id) } }
            }
        }
    }
}
