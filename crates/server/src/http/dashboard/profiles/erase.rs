//! Erasing a person: after a page that counts what will be gone, and only with the user id typed.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use eloquent_store::{ErasedFiles, Footprint, ProfileDetails};
use maud::{Markup, html};
use serde::Deserialize;

use super::{ProfilePath, display_name, href, list_href, notice::Notice, render_below};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, identity::words::counted, part, session::AgentPage},
};

/// What would be gone.
struct Doomed {
    details: ProfileDetails,
    footprint: Footprint,
}

impl Doomed {
    async fn read(app: &App, page: &AgentPage, path: &ProfilePath) -> Result<Self, PageError> {
        let (scope, id) = (page.scope, path.id()?);
        app.store
            .read(move |reader| {
                let details = reader.profile_details(&scope, id)?.ok_or(PageError::NotFound)?;
                let footprint = reader.profile_footprint(&scope, id)?.ok_or(PageError::NotFound)?;
                Ok(Self { details, footprint })
            })
            .await
    }

    /// Whether this is the user id. (Whoever types or pastes it may bring spaces along.)
    fn is_named(&self, typed: &str) -> bool {
        let user_id = self.details.profile.user_id.as_str();
        typed == user_id || typed.trim() == user_id
    }
}

pub(super) async fn form(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Markup, PageError> {
    let doomed = Doomed::read(&app, &page, &path).await?;
    Ok(question(&page, &doomed, None))
}

#[derive(Deserialize)]
pub(super) struct EraseForm {
    user_id: String,
}

pub(super) async fn erase(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
    form: Result<Form<EraseForm>, FormRejection>,
) -> Result<Response, PageError> {
    // Whether there is such a profile comes first: what is not found needs no form.
    let doomed = Doomed::read(&app, &page, &path).await?;
    let Form(EraseForm { user_id: typed }) = form?;
    if !doomed.is_named(&typed) {
        let again = question(&page, &doomed, Some(&typed));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let erased = app.store.erase_profile(page.scope, doomed.details.profile.id).await?;
    let notice = match erased.ok_or(PageError::NotFound)?.files {
        ErasedFiles::Clean => Notice::Erased,
        ErasedFiles::CleanedLater => Notice::ErasedCleanedLater,
    };
    Ok(notice.on(&list_href(page.agent.id)).into_response())
}

/// The form; once more with what was typed where that is not the user id.
fn question(page: &AgentPage, doomed: &Doomed, wrong: Option<&str>) -> Markup {
    let profile = &doomed.details.profile;
    let above = href(page.agent.id, profile.id);
    render_below(
        page,
        profile,
        "Erase",
        &html! {
            div.heading { div {
                h1 { "Erase " bdi { (display_name(profile)) } "?" }
                p.lead { "Everything that is kept of this person is deleted, at once and for good. It cannot be undone." }
            } }
            section.card.narrow aria-label="What will be gone" {
                (losses(doomed))
                p.hint { "If this user comes back with a valid token, a new profile begins that knows nothing of this one. What stays are counts in which nobody can be told from another. Not reached are backups, and what was written without a valid token in a session that has ended: nobody knows it as this person's." }
                p { a href={ (above) "/export" } download { "Export everything first" } }
                form.stack method="post" action={ (above) "/erase" } {
                    div.field {
                        label for="user-id" { "Type the user id to confirm" }
                        (part::code("expected", "The user id", profile.user_id.as_str()))
                        input.mono #user-id type="text" name="user_id" value=(wrong.unwrap_or_default()) required
                            autocomplete="off" autocapitalize="none" spellcheck="false"
                            aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "problem")];
                        @if wrong.is_some() { p #problem.problem role="alert" { (icon::alert()) "This is not the user id. Nothing was erased." } }
                    }
                    div.actions {
                        button.danger.solid type="submit" { "Erase for good" }
                        a.button href=(above) { "Keep it" }
                    }
                }
            }
        },
    )
}

fn losses(Doomed { details, footprint }: &Doomed) -> Markup {
    let claims = details.claims.len() as u64;
    let hints = details.hints.len() as u64;
    html! {
        ul.effects {
            li { "The profile with " (counted(claims, "verified claim")) ", " (counted(hints, "hint")) " and its history" }
            li { strong { (counted(footprint.conversations, "conversation")) } " with " strong { (counted(footprint.messages, "message")) } ", answers included" }
            li { (counted(footprint.attempts, "attempt")) " in the identity log" }
            @if footprint.sessions > 0 { li { (counted(footprint.sessions, "session")) ": a chat that is open ends" } }
        }
    }
}
