//! Profiles: the verified users that an agent knows, and what their tokens said of them.

use std::{borrow::Cow, fmt::Write as _};

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use eloquent_store::{ConversationFilter, ConversationRow, Profile, ProfileFilter};
use eloquent_types::id::{AgentId, ProfileId};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    conversations,
    error::PageError,
    frame::{Crumb, Frame, Place, Section},
    icon,
    part::{self, ListQuery, PAGE_SIZE, Rows},
    session::AgentPage,
};
use crate::app::App;

/// The longest search, in characters; what is beyond is not looked for.
const SEARCH_MAX_CHARS: usize = 255;

pub(super) async fn list(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let search: String =
        query.search.as_deref().unwrap_or_default().trim().chars().take(SEARCH_MAX_CHARS).collect();
    let (scope, offset, wanted) = (page.scope, query.offset(), search.clone());
    let found = app
        .store
        .read(move |reader| {
            let text = (!wanted.is_empty()).then_some(wanted);
            let filter = ProfileFilter { text, limit: PAGE_SIZE + 1, offset, ..ProfileFilter::default() };
            Ok::<_, PageError>(reader.profiles(&scope, &filter)?)
        })
        .await?;
    let (AgentPage { signed_in, agent, .. }, rows) = (&page, Rows::new(found));
    let path = format!("/dashboard/agents/{}/profiles", agent.id);
    let others =
        if search.is_empty() { String::new() } else { format!("search={}&", query_escaped(&search)) };
    let frame =
        Frame { title: "Profiles", signed_in, place: Place::Agent(agent, Section::Profiles), crumbs: &[] };
    Ok(frame.render(&html! {
        div.heading { div {
            h1 { "Profiles" }
            p.lead { "Visitors whose identity your server has vouched for with a signed token." }
        } }
        @if rows.rows.is_empty() && search.is_empty() && query.page() == 1 { (none_yet(agent.id)) }
        @else {
            (search_form(&path, &search))
            @if rows.rows.is_empty() { (nothing_found(&path)) } @else { (table(agent.id, &rows.rows)) }
        }
        (rows.paging(query.page(), &path, &others))
    }))
}

fn search_form(path: &str, search: &str) -> Markup {
    html! {
        search { form.search method="get" action=(path) {
            label.unseen for="search" { "Search profiles" }
            (icon::search())
            input #search type="search" name="search" value=(search) placeholder="User id, email or claim"
                maxlength=(SEARCH_MAX_CHARS) autocomplete="off";
            button type="submit" { "Search" }
        } }
    }
}

fn none_yet(agent: AgentId) -> Markup {
    part::empty(
        &icon::person(),
        "No verified visitors yet",
        &html! {
            p { "A profile appears here when a page calls " code { "identify" } " with a valid token." }
            p { a.button href={ "/dashboard/agents/" (agent) "/identity" } { "Set up identity verification" } }
        },
    )
}

fn nothing_found(path: &str) -> Markup {
    part::empty(
        &icon::search(),
        "Nobody matches this search",
        &html! { p { "Try a part of the user id, of the email address or of a claim." } p { a.button href=(path) { "Show all profiles" } } },
    )
}

fn table(agent: AgentId, profiles: &[Profile]) -> Markup {
    html! {
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Person" }
                th role="columnheader" scope="col" { "Email" }
                th.number role="columnheader" scope="col" { "Claims" }
                th role="columnheader" scope="col" { "Last seen" }
            } }
            tbody role="rowgroup" { @for profile in profiles {
                tr role="row" {
                    td.main role="cell" {
                        a.cover href={ "/dashboard/agents/" (agent) "/profiles/" (profile.id) } { bdi { (display_name(profile)) } }
                        @if profile.blocked { " " (blocked()) }
                        p.mono.small { bdi { (profile.user_id.as_str()) } }
                    }
                    td role="cell" data-label="Email" { (email(profile)) }
                    td.number role="cell" data-label="Claims" { (profile.claims.len()) }
                    td.when role="cell" data-label="Last seen" { (part::time(profile.last_seen_at)) }
                }
            } }
        }
    }
}

fn email(profile: &Profile) -> Markup {
    html! {
        @if let Some(email) = &profile.email { bdi { (email) } } @else { span.muted { "None given" } }
    }
}

fn blocked() -> Markup {
    html! { span.badge.bad { "Blocked" } }
}

/// The path of one profile.
#[derive(Deserialize)]
pub(super) struct ProfilePath {
    profile_id: String,
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Markup, PageError> {
    let id: ProfileId = path.profile_id.parse().map_err(|_| PageError::NotFound)?;
    let scope = page.scope;
    let (profile, rows) = app
        .store
        .read(move |reader| {
            let profile = reader.profile(&scope, id)?.ok_or(PageError::NotFound)?;
            let filter = ConversationFilter { profile: Some(id) };
            Ok::<_, PageError>((profile, reader.conversations(&scope, &filter, PAGE_SIZE, 0)?))
        })
        .await?;
    let AgentPage { signed_in, agent, .. } = &page;
    let above = format!("/dashboard/agents/{}/profiles", agent.id);
    let name = display_name(&profile);
    let frame = Frame {
        title: &name,
        signed_in,
        place: Place::Agent(agent, Section::Profiles),
        crumbs: &[Crumb { name: "Profiles", href: Some(&above) }],
    };
    Ok(frame.render(&html! {
        div.heading {
            div.person {
                span.avatar aria-hidden="true" { (part::initials(&name)) }
                h1 { bdi { (name) } }
            }
            @if profile.blocked { (blocked()) } @else { (part::verified()) }
        }
        div.beside {
            div { (claims_section(&profile)) (conversation_section(agent.id, &rows)) }
            aside aria-label="About this profile" { (details(&profile)) }
        }
    }))
}

fn details(profile: &Profile) -> Markup {
    html! {
        section.card aria-labelledby="details-title" {
            h2 #details-title { "Details" }
            dl.pairs {
                div { dt { "User id" } dd.mono { bdi { (profile.user_id.as_str()) } } }
                div { dt { "Email" } dd { (email(profile)) } }
                div { dt { "First seen" } dd { (part::time(profile.created_at)) } }
                div { dt { "Last seen" } dd { (part::time(profile.last_seen_at)) } }
                div { dt { "Last changed" } dd { (part::time(profile.updated_at)) } }
                div { dt { "Blocked" } dd { (if profile.blocked { "Yes: tokens identify nobody" } else { "No" }) } }
                div { dt { "Id" } dd.mono { (profile.id) } }
            }
        }
    }
}

fn claims_section(profile: &Profile) -> Markup {
    html! {
        section.card aria-labelledby="claims-title" {
            h2 #claims-title { "Verified claims" }
            p.hint { "From the newest token. The agent is given them as facts about whoever is asking." }
            @if profile.claims.is_empty() {
                p.muted { "The token held none besides the user id and the email." }
            } @else {
                table.claims {
                    thead { tr { th scope="col" { "Claim" } th scope="col" { "Value" } } }
                    tbody { @for (name, json) in profile.claims.iter() {
                        tr { th scope="row" { bdi { (name) } } td { (value(json)) } }
                    } }
                }
            }
        }
    }
}

fn conversation_section(agent: AgentId, rows: &[ConversationRow]) -> Markup {
    html! {
        section aria-labelledby="conversations-title" {
            div.heading.minor { h2 #conversations-title { "Conversations" } }
            @if rows.is_empty() { p.card.muted { "This visitor has been identified, and has not written yet." } }
            @else { (conversations::table(agent, rows)) }
        }
    }
}

/// What a page beside a conversation says of the profile it belongs to.
pub(super) fn summary(agent: AgentId, profile: &Profile) -> Markup {
    html! {
        section.card aria-labelledby="visitor-title" {
            div.person {
                span.avatar aria-hidden="true" { (part::initials(&display_name(profile))) }
                h2 #visitor-title { bdi { (display_name(profile)) } }
            }
            dl.pairs {
                div { dt { "User id" } dd.mono { bdi { (profile.user_id.as_str()) } } }
                div { dt { "Email" } dd { (email(profile)) } }
                @for (name, json) in profile.claims.iter().take(8) {
                    div { dt { bdi { (name) } } dd { (value(json)) } }
                }
            }
            p { a href={ "/dashboard/agents/" (agent) "/profiles/" (profile.id) } { "Open profile" } }
        }
    }
}

/// What a person is called here: the name that the site vouches for, else the email, else the site's
/// own id.
pub(super) fn display_name(profile: &Profile) -> Cow<'_, str> {
    let name = profile.claims.get("name").and_then(|json| serde_json::from_str::<String>(json).ok());
    match name.filter(|name| !name.trim().is_empty()) {
        Some(name) => Cow::Owned(name),
        None => Cow::Borrowed(profile.email.as_deref().unwrap_or(profile.user_id.as_str())),
    }
}

/// A claim's value: a text as it is, everything else as the JSON that was signed.
fn value(json: &str) -> Markup {
    let text: Option<String> = serde_json::from_str(json).ok();
    html! {
        @if let Some(text) = text { bdi.plain { (text) } } @else { code.json { (json) } }
    }
}

/// Percent-encoding of everything that could mean something in a query.
fn query_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
