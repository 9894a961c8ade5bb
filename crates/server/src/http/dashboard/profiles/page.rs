//! One profile: what is known of the user and from where, and what can be done about it.

use std::time::Duration;

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use eloquent_store::{ClaimPolicies, ConversationFilter, ConversationRow, ProfileDetails};
use eloquent_types::{id::AgentId, time::Timestamp};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    ProfilePath, blocked, claims, display_name, email, history::History, href, kept_from_agent, list_href,
    notice::Notice,
};
use crate::{
    app::App,
    http::dashboard::{
        conversations,
        error::PageError,
        frame::{Crumb, Frame, Place, Section},
        part,
        session::AgentPage,
    },
};

/// How many conversations stand on the page; the list of conversations has the others.
const CONVERSATIONS_SHOWN: u32 = 10;

/// The query of a page that can say what was just done.
#[derive(Default, Deserialize)]
pub(super) struct NoticeQuery {
    notice: Option<String>,
}

/// Everything that the page shows.
struct Known {
    details: ProfileDetails,
    policies: ClaimPolicies,
    history: History,
    sessions: u64,
    conversations: Vec<ConversationRow>,
}

impl Known {
    async fn read(app: &App, page: &AgentPage, path: &ProfilePath) -> Result<Self, PageError> {
        let (scope, agent, id) = (page.scope, page.agent.id, path.id()?);
        app.store
            .read(move |reader| {
                let filter = ConversationFilter { profile: Some(id) };
                Ok(Self {
                    details: reader.profile_details(&scope, id)?.ok_or(PageError::NotFound)?,
                    policies: reader.claim_policies(agent)?,
                    history: History::read(reader, &scope, id)?,
                    sessions: reader.profile_sessions(&scope, id)?,
                    conversations: reader.conversations(&scope, &filter, CONVERSATIONS_SHOWN + 1, 0)?,
                })
            })
            .await
    }
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
    query: Result<Query<NoticeQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let known = Known::read(&app, &page, &path).await?;
    let notice = query.ok().and_then(|Query(query)| Notice::parse(query.notice.as_deref()?));
    let (AgentPage { signed_in, agent, .. }, profile) = (&page, &known.details.profile);
    let (above, name) = (list_href(agent.id), display_name(profile));
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
        @if let Some(notice) = notice { (notice.render()) }
        div.beside {
            div {
                (claims::proven(agent.id, &known.details.claims, &known.policies, &known.history))
                (claims::hints(&known.details.hints))
                (known.history.newest(&href(agent.id, profile.id)))
                (conversation_section(agent.id, &known))
            }
            aside aria-label="About this profile" { (details(agent.id, &known)) (actions(agent.id, &known)) }
        }
    }))
}

/// Whether a token claims to be issued more than a day after the user was last seen, and so after it came.
fn is_from_the_future(issued_at: f64, last_seen_at: Timestamp) -> bool {
    const DAY: Duration = Duration::from_hours(24);
    issued_at > 0.0 && part::moment(issued_at).is_none_or(|issued_at| issued_at > last_seen_at + DAY)
}

fn details(agent: AgentId, known: &Known) -> Markup {
    let profile = &known.details.profile;
    let log = format!("/dashboard/agents/{agent}/identity/log?profile_id={}", profile.id);
    html! {
        section.card aria-labelledby="details-title" {
            h2 #details-title { "Details" }
            dl.pairs {
                div { dt { "User id" } dd.mono { bdi { (profile.user_id.as_str()) } } }
                div { dt { "Email" } dd { (email(profile)) (email_origin(known)) } }
                div { dt { "First seen" } dd { (part::time(profile.created_at)) } }
                div { dt { "Last seen" } dd { (part::time(profile.last_seen_at)) } }
                div { dt { "Last changed" } dd { (part::time(profile.updated_at)) } }
                @if let Some(newest) = profile.newest_issued_at {
                    div { dt { "Newest token" } dd {
                        (claims::token_time(newest))
                        @if is_from_the_future(newest, profile.last_seen_at) {
                            p.small.ahead { "It came before its own " code { "iat" } ", which is not in seconds or from a wrong clock. Until then, tokens with an earlier " code { "iat" } " change nothing here; those without one do." }
                        }
                    } }
                }
                div { dt { "Sessions" } dd { (known.sessions) } }
                div { dt { "Attempts" } dd { a href=(log) { "Identity log" } } }
                div { dt { "Blocked" } dd { (if profile.blocked { "Yes: tokens identify nobody" } else { "No" }) } }
                div { dt { "Id" } dd.mono { (profile.id) } }
            }
        }
    }
}

/// The token that gave the email address, and whether the agent is told it.
fn email_origin(known: &Known) -> Markup {
    html! {
        @if let Some(from) = &known.details.email_from {
            " " (part::verified()) (kept_from_agent(&known.policies, "email"))
            div.small.muted { "Since the token issued " (claims::provenance(from, &known.history)) }
        }
    }
}

fn actions(agent: AgentId, known: &Known) -> Markup {
    let profile = &known.details.profile;
    let at = |rest: &str| format!("{}/{rest}", href(agent, profile.id));
    html! {
        section.card aria-labelledby="actions-title" {
            h2 #actions-title { "Actions" }
            ul.deeds {
                li {
                    a.button href=(at("export")) download { "Export" }
                    p.hint { "Everything that is kept of this person, as JSON." }
                }
                li {
                    @if profile.blocked {
                        a.button href=(at("unblock")) { "Unblock" }
                        p.hint { "Valid tokens identify this user again." }
                    } @else {
                        a.button href=(at("block")) { "Block" }
                        p.hint { "No token identifies this user any more. Nothing is deleted." }
                    }
                }
                li {
                    a.button.danger href=(at("erase")) { "Erase" }
                    p.hint { "The profile and its conversations are gone for good." }
                }
            }
        }
    }
}

fn conversation_section(agent: AgentId, known: &Known) -> Markup {
    let id = known.details.profile.id;
    let shown = known.conversations.len().min(CONVERSATIONS_SHOWN as usize);
    let (rows, more) = known.conversations.split_at(shown);
    html! {
        section aria-labelledby="conversations-title" {
            div.heading.minor {
                h2 #conversations-title { "Conversations" }
                @if !more.is_empty() { a href={ "/dashboard/agents/" (agent) "/conversations?profile_id=" (id) } { "All conversations" } }
            }
            @if rows.is_empty() { p.card.muted { "This visitor has been identified, and has not written yet." } }
            @else { (conversations::table(agent, rows)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_milliseconds_is_from_the_future_and_a_clock_that_is_a_little_off_is_not() {
        let seen = Timestamp::from_secs(1_700_000_000);
        for (issued_at, expected) in [
            (1_700_000_000.0, false),
            (1_700_000_300.0, false),
            (1_700_200_000.0, true),
            (1.7e12, true),
            (1e300, true),
            (-1.0, false),
        ] {
            assert_eq!(is_from_the_future(issued_at, seen), expected, "{issued_at}");
        }
    }
}
