//! Blocking a user, and lifting the block: each after a page that says what it does.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use eloquent_store::{Enforcement, Profile};
use maud::{Markup, html};

use super::{ProfilePath, display_name, href, notice::Notice, profile_of, render_below};
use crate::{
    app::App,
    http::dashboard::{error::PageError, session::AgentPage},
};

pub(super) async fn confirm_block(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Response, PageError> {
    let profile = profile_of(&app, &page, &path).await?;
    if profile.blocked {
        return Ok(Redirect::to(&href(page.agent.id, profile.id)).into_response());
    }
    let chats = match page.agent.enforcement {
        Enforcement::Require => {
            "As this agent requires a valid token, they cannot chat any more. They are told what any visitor without one is told."
        }
        Enforcement::Off | Enforcement::Report => {
            "They can still chat, as an anonymous visitor of whom the agent knows nothing. A chat that is open goes on like that."
        }
    };
    let effects = [
        "From the next request on, no token identifies this user. The verdict is identity_blocked.",
        chats,
        "Nothing is deleted: profile and conversations stay as they are, and you can lift the block at any time.",
    ];
    Ok(question(&page, &profile, "block", &effects).into_response())
}

pub(super) async fn confirm_unblock(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Response, PageError> {
    let profile = profile_of(&app, &page, &path).await?;
    if !profile.blocked {
        return Ok(Redirect::to(&href(page.agent.id, profile.id)).into_response());
    }
    let effects = [
        "From the next request on, a valid token identifies this user again, also one that was signed while the profile was blocked.",
        "They reach their earlier conversations again.",
    ];
    Ok(question(&page, &profile, "unblock", &effects).into_response())
}

fn question(page: &AgentPage, profile: &Profile, deed: &str, effects: &[&str]) -> Markup {
    let (above, name) = (href(page.agent.id, profile.id), display_name(profile));
    let (title, solid) = if deed == "block" { ("Block", true) } else { ("Unblock", false) };
    render_below(
        page,
        profile,
        title,
        &html! {
            div.heading { div { h1 { (title) " " bdi { (name) } "?" } } }
            section.card.narrow aria-label="What it does" {
                ul.effects { @for effect in effects { li { (effect) } } }
                form.actions method="post" action={ (above) "/" (deed) } {
                    @if solid { button.danger.solid type="submit" { (title) } } @else { button.primary type="submit" { (title) } }
                    a.button href=(above) { "Keep it as it is" }
                }
            }
        },
    )
}

pub(super) async fn block(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Redirect, PageError> {
    set(&app, &page, &path, true).await
}

pub(super) async fn unblock(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Redirect, PageError> {
    set(&app, &page, &path, false).await
}

async fn set(app: &App, page: &AgentPage, path: &ProfilePath, blocked: bool) -> Result<Redirect, PageError> {
    let (scope, id, now) = (page.scope, path.id()?, app.now());
    let actor = page.signed_in.member.email.clone();
    let found = app
        .store
        .write(move |writer| {
            Ok::<_, PageError>(writer.set_profile_blocked(&scope, id, blocked, &actor, now)?)
        })
        .await?;
    let notice = if blocked { Notice::Blocked } else { Notice::Unblocked };
    if found { Ok(notice.on(&href(page.agent.id, id))) } else { Err(PageError::NotFound) }
}
