//! The list of profiles, searched and filtered.

use axum::extract::{Query, State, rejection::QueryRejection};
use eloquent_store::Profile;
use eloquent_types::id::AgentId;
use maud::{Markup, html};

use super::{
    blocked, display_name, email, href, list_href,
    notice::Notice,
    search::{Search, SearchQuery},
};
use crate::{
    app::App,
    http::dashboard::{
        error::PageError,
        frame::{Frame, Place, Section},
        icon,
        part::{self, Rows},
        session::AgentPage,
    },
};

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let search = Search::asked(query);
    let (scope, filter) = (page.scope, search.filter());
    let found = app.store.read(move |reader| Ok::<_, PageError>(reader.profiles(&scope, &filter)?)).await?;
    let (AgentPage { signed_in, agent, .. }, rows) = (&page, Rows::new(found));
    let path = list_href(agent.id);
    let place = Place::Agent(agent, Section::Profiles);
    let notice = search.notice.as_deref().and_then(Notice::parse);
    Ok(Frame { title: "Profiles", signed_in, place, crumbs: &[] }.render(&html! {
        div.heading { div {
            h1 { "Profiles" }
            p.lead { "Visitors whose identity your server has vouched for with a signed token." }
        } }
        @if let Some(notice) = notice { (notice.render()) }
        @if rows.rows.is_empty() && search.is_everything() && search.page.is_first() { (none_yet(agent.id)) }
        @else {
            (search.form(&path))
            @if rows.rows.is_empty() { (nothing_found(&path)) } @else { (table(agent.id, &rows.rows)) }
        }
        (rows.paging(search.page, &path, &search.query()))
    }))
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
        &html! {
            p { "The search looks for a part of the user id, of the email address or of a claim. The exact filters compare the whole of it." }
            p { a.button href=(path) { "Show all profiles" } }
        },
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
                        a.cover href=(href(agent, profile.id)) { bdi { (display_name(profile)) } }
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
