//! Profiles: the verified users that an agent knows, what their tokens said of them, and what can be
//! done about one of them.
//!
//! Invariant: what a token proved and what a page merely said never stand in one table.

use std::borrow::Cow;

use axum::{Router, routing::get};
use eloquent_store::{ClaimPolicies, ClaimUse, Profile};
use eloquent_types::id::{AgentId, ProfileId};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    error::PageError,
    frame::{Crumb, Frame, Place, Section},
    part,
    session::AgentPage,
};
use crate::app::App;

mod block;
mod claims;
mod erase;
mod export;
mod history;
mod list;
mod notice;
mod page;
mod search;

/// The pages, below `/dashboard`; for members only.
pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/agents/{{agent_id}}/profiles/{{profile_id}}{rest}");
    Router::new()
        .route("/agents/{agent_id}/profiles", get(list::show))
        .route(&at(""), get(page::show))
        .route(&at("/history"), get(history::show))
        .route(&at("/export"), get(export::download))
        .route(&at("/block"), get(block::confirm_block).post(block::block))
        .route(&at("/unblock"), get(block::confirm_unblock).post(block::unblock))
        .route(&at("/erase"), get(erase::form).post(erase::erase))
}

/// The path of one profile.
#[derive(Deserialize)]
struct ProfilePath {
    profile_id: String,
}

impl ProfilePath {
    /// An id of another form is as unknown as one that nobody has.
    fn id(&self) -> Result<ProfileId, PageError> {
        self.profile_id.parse().map_err(|_| PageError::NotFound)
    }
}

/// One of the agent's profiles; another agent's is not found.
async fn profile_of(app: &App, page: &AgentPage, path: &ProfilePath) -> Result<Profile, PageError> {
    let (scope, id) = (page.scope, path.id()?);
    app.store.read(move |reader| reader.profile(&scope, id)?.ok_or(PageError::NotFound)).await
}

/// The address of the list.
fn list_href(agent: AgentId) -> String {
    format!("/dashboard/agents/{agent}/profiles")
}

/// The address of a profile.
fn href(agent: AgentId, profile: ProfileId) -> String {
    format!("{}/{profile}", list_href(agent))
}

/// The address of a list of everybody who holds a claim of this name; `None` for a name that an address
/// cannot say.
pub(super) fn claim_href(agent: AgentId, name: &str) -> Option<String> {
    search::claim_query(name, None).map(|query| format!("{}?{query}", list_href(agent)))
}

/// A page below a profile's.
fn render_below(page: &AgentPage, profile: &Profile, title: &str, body: &Markup) -> Markup {
    let (list, above, name) =
        (list_href(page.agent.id), href(page.agent.id, profile.id), display_name(profile));
    let crumbs = [Crumb { name: "Profiles", href: Some(&list) }, Crumb { name: &name, href: Some(&above) }];
    let place = Place::Agent(&page.agent, Section::Profiles);
    Frame { title, signed_in: &page.signed_in, place, crumbs: &crumbs }.render(body)
}

fn email(profile: &Profile) -> Markup {
    html! {
        @if let Some(email) = &profile.email { bdi { (email) } } @else { span.muted { "None given" } }
    }
}

fn blocked() -> Markup {
    html! { span.badge.bad { "Blocked" } }
}

/// Who sees a claim, where that is not everybody who usually does.
fn kept_from_agent(policies: &ClaimPolicies, name: &str) -> Markup {
    html! { @if policies.use_of(name) != ClaimUse::Agent { " " span.badge { "Dashboard only" } } }
}

/// What a page beside a conversation says of the profile it belongs to.
pub(super) fn summary(agent: AgentId, profile: &Profile, policies: &ClaimPolicies) -> Markup {
    html! {
        section.card aria-labelledby="visitor-title" {
            div.person {
                span.avatar aria-hidden="true" { (part::initials(&display_name(profile))) }
                h2 #visitor-title { bdi { (display_name(profile)) } }
            }
            @if profile.blocked { p { (blocked()) } }
            dl.pairs {
                div { dt { "User id" } dd.mono { bdi { (profile.user_id.as_str()) } } }
                div { dt { "Email" } dd { (email(profile)) @if profile.email.is_some() { (kept_from_agent(policies, "email")) } } }
                @for (name, json) in profile.claims.iter().take(8) {
                    div { dt { bdi { (name) } } dd { (value(json)) (kept_from_agent(policies, name)) } }
                }
            }
            p { a href=(href(agent, profile.id)) { "Open profile" } }
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
