//! The agents of the company, and one agent's overview.

use axum::extract::State;
use eloquent_store::{Agent, ConversationFilter, ConversationRow, ProfileFilter};
use maud::{Markup, html};

use super::{
    conversations, embed,
    error::PageError,
    frame::{Frame, Place, Section},
    icon, part,
    session::{AgentPage, SignedIn},
};
use crate::app::App;

/// How many of the latest conversations the overview shows.
const LATEST: u32 = 5;
/// Beyond this many, things are no longer counted one by one.
const COUNTED: u32 = 100;

pub(super) async fn list(State(app): State<App>, signed_in: SignedIn) -> Result<Markup, PageError> {
    let scope = signed_in.scope;
    let agents = app.store.read(move |reader| Ok::<_, PageError>(reader.agents(&scope)?)).await?;
    let frame = Frame { title: "Agents", signed_in: &signed_in, place: Place::Agents, crumbs: &[] };
    Ok(frame.render(&html! {
        div.heading { div {
            h1 { "Agents" }
            p.lead { "Each agent answers on one site, with its own visitors, knowledge and keys." }
        } }
        @if agents.is_empty() { (no_agents()) }
        @else {
            ul.tiles { @for agent in &agents { li { (tile(agent)) } } }
        }
    }))
}

fn no_agents() -> Markup {
    part::empty(
        &icon::agents(),
        "Create your first agent",
        &html! {
            p { "Run this on the server. It prints the tag for your pages." }
            (part::wrapped_code("create-agent", "Command that creates an agent", "eloquent agent create --name \"My agent\""))
            p { "Then reload this page." }
        },
    )
}

fn tile(agent: &Agent) -> Markup {
    html! {
        article.card.tile {
            span.avatar aria-hidden="true" { (part::initials(&agent.name)) }
            div {
                h2 { a.cover href={ "/dashboard/agents/" (agent.id) } { (agent.name) } }
                p.mono.small { (agent.id) }
            }
            p { (feature_badge(agent)) }
        }
    }
}

/// Whether visitors of the agent can be verified.
pub(super) fn feature_badge(agent: &Agent) -> Markup {
    html! {
        @if agent.identifies() { span.badge.good { (icon::tick()) "Identity verification on" } }
        @else { span.badge { "Identity verification off" } }
    }
}

/// What the overview tells.
struct Figures {
    latest: Vec<ConversationRow>,
    conversations: usize,
    profiles: usize,
    keys: usize,
}

pub(super) async fn overview(State(app): State<App>, page: AgentPage) -> Result<Markup, PageError> {
    let (scope, now) = (page.scope, app.now());
    let figures = app
        .store
        .read(move |reader| {
            let mut latest = reader.conversations(&scope, &ConversationFilter::default(), COUNTED + 1, 0)?;
            let conversations = latest.len();
            latest.truncate(LATEST as usize);
            let counted = ProfileFilter { limit: COUNTED + 1, ..ProfileFilter::default() };
            let profiles = reader.profiles(&scope, &counted)?.len();
            let keys = reader.keys(&scope)?.iter().filter(|key| key.is_active(now)).count();
            Ok::<_, PageError>(Figures { latest, conversations, profiles, keys })
        })
        .await?;
    let AgentPage { signed_in, agent, .. } = &page;
    let frame =
        Frame { title: "Overview", signed_in, place: Place::Agent(agent, Section::Overview), crumbs: &[] };
    Ok(frame.render(&html! {
        div.heading {
            div {
                h1 { (agent.name) }
                p.mono.small id="agent-id" { (agent.id) }
            }
            (feature_badge(agent))
        }
        (counts(agent, &figures))
        (embedding(agent, &app.options.public_url))
        (latest(agent, &figures.latest))
    }))
}

fn counts(agent: &Agent, figures: &Figures) -> Markup {
    let base = format!("/dashboard/agents/{}", agent.id);
    let figure = |rest: &str, name: &str, count: usize| {
        html! {
            div.card.figure {
                dt { a.cover href={ (base) (rest) } { (name) } }
                dd { (counted(count)) }
            }
        }
    };
    html! {
        dl.figures {
            (figure("/conversations", "Conversations", figures.conversations))
            (figure("/profiles", "Verified profiles", figures.profiles))
            (figure("/identity", "Active identity keys", figures.keys))
        }
    }
}

fn counted(count: usize) -> String {
    if count > COUNTED as usize { format!("{COUNTED}+") } else { count.to_string() }
}

fn embedding(agent: &Agent, public_url: &str) -> Markup {
    let tag = embed::tag(agent.id, &agent.theme, public_url);
    html! {
        section.card aria-labelledby="embed-title" {
            h2 #embed-title { "Put the chat on your site" }
            p { "Add this one tag to your pages. The launcher appears at once; everything else loads when somebody wants to chat." }
            (part::wrapped_code("embed-tag", "The tag for your pages", &tag))
            p.hint {
                "Your customers are logged in on your site? "
                a href={ "/dashboard/agents/" (agent.id) "/identity" } { "Let the agent know who they are" } "."
            }
        }
    }
}

fn latest(agent: &Agent, rows: &[ConversationRow]) -> Markup {
    html! {
        section aria-labelledby="latest-title" {
            div.heading.minor {
                h2 #latest-title { "Latest conversations" }
                @if !rows.is_empty() { a href={ "/dashboard/agents/" (agent.id) "/conversations" } { "All conversations" } }
            }
            @if rows.is_empty() { (conversations::none_yet()) }
            @else { (conversations::table(agent.id, rows)) }
        }
    }
}
