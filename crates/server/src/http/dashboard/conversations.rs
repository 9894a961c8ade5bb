//! Conversations: the list, and one of them with what the agent was told.

use std::borrow::Cow;

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use eloquent_store::{
    Agent, ClaimPolicies, ConversationFilter, ConversationRecord, ConversationRow, MessageRecord, Profile,
};
use eloquent_types::{
    conversation::{MessageState, Role, Source},
    id::{AgentId, ConversationId, ProfileId},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    error::PageError,
    frame::{Crumb, Frame, Place, Section},
    icon,
    part::{self, PAGE_SIZE, PageNumber, Rows},
    profiles, rich,
    session::AgentPage,
};
use crate::app::App;

/// What to list. An id of a profile that is none is not found.
#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    page: Option<String>,
    profile_id: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let number = PageNumber::parse(query.page.as_deref());
    let id: Option<ProfileId> =
        query.profile_id.map(|id| id.parse().map_err(|_| PageError::NotFound)).transpose()?;
    let scope = page.scope;
    let (rows, of) = app
        .store
        .read(move |reader| {
            let of = match id {
                Some(id) => Some(reader.profile(&scope, id)?.ok_or(PageError::NotFound)?),
                None => None,
            };
            let filter = ConversationFilter { profile: id };
            let rows = reader.conversations(&scope, &filter, PAGE_SIZE + 1, number.offset())?;
            Ok::<_, PageError>((rows, of))
        })
        .await?;
    let (AgentPage { signed_in, agent, .. }, rows) = (&page, Rows::new(rows));
    let path = format!("/dashboard/agents/{}/conversations", agent.id);
    let place = Place::Agent(agent, Section::Conversations);
    let frame = Frame { title: "Conversations", signed_in, place, crumbs: &[] };
    let others = of.as_ref().map(|profile| format!("profile_id={}&", profile.id)).unwrap_or_default();
    Ok(frame.render(&html! {
        div.heading { div {
            h1 { "Conversations" }
            p.lead { "What visitors asked, what the agent answered, and what it knew of them." }
        } }
        @if let Some(profile) = &of { (narrowed(agent.id, profile, &path)) }
        @if rows.rows.is_empty() && number.is_first() { (none_yet()) }
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
                    td.main role="cell" { a.cover href={ "/dashboard/agents/" (agent) "/conversations/" (row.id) } { bdi { (title(row)) } } }
                    td role="cell" data-label="Visitor" { (visitor(row)) }
                    td.number role="cell" data-label="Messages" { (row.message_count) }
                    td.when role="cell" data-label="Last activity" { (part::time(row.updated_at)) }
                }
            } }
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
pub(super) struct ConversationPath {
    conversation_id: String,
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ConversationPath>,
) -> Result<Markup, PageError> {
    let id: ConversationId = path.conversation_id.parse().map_err(|_| PageError::NotFound)?;
    let scope = page.scope;
    let agent = page.agent.id;
    let (record, profile, policies) = app
        .store
        .read(move |reader| {
            let record = reader.conversation(&scope, id)?.ok_or(PageError::NotFound)?;
            let profile = match &record.row.profile {
                Some((profile, _, _)) => reader.profile(&scope, *profile)?,
                None => None,
            };
            Ok::<_, PageError>((record, profile, reader.claim_policies(agent)?))
        })
        .await?;
    let AgentPage { signed_in, agent, .. } = &page;
    let above = format!("/dashboard/agents/{}/conversations", agent.id);
    let title = title(&record.row);
    let frame = Frame {
        title,
        signed_in,
        place: Place::Agent(agent, Section::Conversations),
        crumbs: &[Crumb { name: "Conversations", href: Some(&above) }],
    };
    Ok(frame.render(&html! {
        div.heading { div { h1 { bdi { (title) } } } }
        div.beside {
            section aria-label="Messages" {
                (transcript(agent, profile.as_ref(), &record.messages))
            }
            aside aria-label="About this conversation" { (about(agent, &record, profile.as_ref(), &policies)) }
        }
    }))
}

fn transcript(agent: &Agent, profile: Option<&Profile>, messages: &[MessageRecord]) -> Markup {
    // What the agent knew while it answered is what the question proved.
    let proven = messages.iter().scan(false, |question, message| {
        if message.role == Role::Visitor {
            *question = message.verified;
        }
        Some(*question)
    });
    html! {
        ol.transcript {
            @for (message, proven) in messages.iter().zip(proven) {
                li class={ "message " (class(message.role)) } id=(message.id) {
                    (byline(agent, profile, message))
                    div.bubble { (text(message)) }
                    (note(message))
                    (sources(&message.sources))
                    @if message.role == Role::Agent { (context(message, proven)) }
                    (hints(message))
                    @if let Some(written_on) = &message.page {
                        p.origin { (icon::page()) span { "Written on " bdi { (written_on.url) } } }
                    }
                }
            }
        }
    }
}

const fn class(role: Role) -> &'static str {
    match role {
        Role::Visitor => "visitor",
        Role::Agent => "agent",
        Role::Operator => "operator",
        Role::Status => "status",
    }
}

/// Who wrote a message. One that nothing vouches for is not given the profile's name, whatever
/// conversation it stands in.
fn byline(agent: &Agent, profile: Option<&Profile>, message: &MessageRecord) -> Markup {
    let known = profile.filter(|_| message.verified).map(profiles::display_name);
    let author = match message.role {
        Role::Visitor => known.unwrap_or(Cow::Borrowed("Visitor")),
        Role::Agent => Cow::Borrowed(agent.name.as_str()),
        Role::Operator | Role::Status => Cow::Borrowed("Team"),
    };
    html! {
        div.byline {
            span.author { bdi { (author) } }
            @if message.role == Role::Visitor {
                @if message.verified { (part::verified()) } @else { (part::unverified()) }
            }
            (part::time(message.created_at))
        }
    }
}

/// A visitor's message is plain text; the others are Markdown.
fn text(message: &MessageRecord) -> Markup {
    html! {
        @match message.role {
            Role::Visitor => p.plain dir="auto" { (message.text) },
            Role::Agent | Role::Operator | Role::Status => @if message.text.is_empty() { p.muted { "No text." } } @else { (rich::markdown(&message.text)) },
        }
    }
}

fn note(message: &MessageRecord) -> Markup {
    let text = match message.state {
        MessageState::Complete => return html! {},
        MessageState::Streaming => "Being written. Reload to see more.",
        MessageState::Stopped => "Stopped by the visitor.",
        MessageState::Interrupted => "Interrupted: the server ended in the middle of this answer.",
        MessageState::Failed => "The agent failed to answer.",
    };
    html! { p.note { (icon::alert()) (text) } }
}

fn sources(sources: &[Source]) -> Markup {
    html! {
        @if !sources.is_empty() {
            div.sources {
                span { "Sources" }
                ul { @for source in sources {
                    li {
                        @if let Some(url) = &source.url { (rich::link(url, &html! { (source.title) })) }
                        @else { (source.title) }
                    }
                } }
            }
        }
    }
}

fn context(message: &MessageRecord, proven: bool) -> Markup {
    html! {
        @if let Some(context) = &message.context {
            details.context {
                summary {
                    (icon::chevron()) span { "The context that the agent saw" }
                    @if proven { (part::verified()) } @else { (part::unverified()) }
                }
                (part::wrapped_code(&format!("context-{}", message.id), "The context that the agent saw", context))
            }
        }
    }
}

/// What the page said along with a message: never part of what is known of the visitor.
fn hints(message: &MessageRecord) -> Markup {
    html! {
        @if !message.attributes.is_empty() {
            details.context {
                summary { (icon::chevron()) span { "Hints from the page" } (part::unverified()) }
                dl.pairs.said { @for (name, value) in &message.attributes {
                    div { dt.mono { bdi { (name) } } dd { bdi.plain { (value) } } }
                } }
            }
        }
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
