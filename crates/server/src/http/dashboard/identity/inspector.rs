//! The inspector: a token pasted by a member, and what each check says of it.
//!
//! The token comes in a body, is judged, and goes back into the field from which it came; nothing else
//! is done with it. A payload is shown only where its signature verified.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
};
use eloquent_identity::{Inspection, Outcome, Step, Token};
use maud::{Markup, html};
use serde::Deserialize;

use super::{indent::indented, log::claimed_time, tab::Tab};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, part, session::AgentPage},
    inspector,
};

pub(super) async fn form(page: AgentPage) -> Markup {
    Tab::Inspector.render(&page, None, &field(&page, ""))
}

#[derive(Deserialize)]
pub(super) struct TokenForm {
    token: String,
}

pub(super) async fn inspect(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Markup, PageError> {
    let Form(TokenForm { token: pasted }) = form?;
    // What surrounds a pasted text is the clipboard's doing, not the token's.
    let token = Token::new(pasted.trim());
    let skew = app.options.clock_skew;
    let inspection = inspector::inspect(&app.store, page.scope, token, skew, app.now()).await?;
    let inspection = inspection.ok_or(PageError::NotFound)?;
    Ok(Tab::Inspector.render(
        &page,
        None,
        &html! {
            (field(&page, pasted.trim()))
            (result(&page, &inspection))
        },
    ))
}

fn field(page: &AgentPage, token: &str) -> Markup {
    html! {
        section.card aria-labelledby="token-title" {
            form.stack method="post" action=(Tab::Inspector.href(page.agent.id)) {
                div.field {
                    label #token-title for="token" { "Identity token" }
                    textarea #token.mono name="token" rows="5" required spellcheck="false" autocomplete="off" autocapitalize="off"
                        placeholder="eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoi….…" { (token) }
                }
                div.actions.middle {
                    button.primary type="submit" { (icon::search()) "Inspect" }
                    p.hint { "A token identifies your customer: paste one of a test user, or one that has expired." }
                }
            }
        }
    }
}

fn result(page: &AgentPage, inspection: &Inspection) -> Markup {
    html! {
        section.card #result aria-labelledby="result-title" {
            (verdict(inspection))
            ol.checks { @for step in &inspection.steps { (check(step)) } }
        }
        @if let Some(header) = &inspection.header {
            section.card aria-labelledby="header-title" {
                h2 #header-title { "Header" }
                (part::wrapped_code("token-header", "The token's header", &indented(header)))
            }
        }
        section.card aria-labelledby="payload-title" {
            h2 #payload-title { "Payload" }
            @if let Some(payload) = &inspection.payload {
                (part::wrapped_code("token-payload", "The token's payload", &indented(payload)))
                (times(inspection))
                @if let Some(signed) = &inspection.signed { p.hint { "Signed with the key " span.mono { (signed.key) } ", one of " a href=(Tab::Keys.href(page.agent.id)) { "this agent's keys" } "." } }
            } @else {
                p.hint { "What a token says is shown only where its signature verifies with an active key of this agent: until then anybody could have written it." }
            }
        }
    }
}

fn verdict(inspection: &Inspection) -> Markup {
    html! {
        div.heading.minor {
            @match inspection.verdict() {
                Ok(()) => {
                    h2 #result-title { "This token identifies " bdi { (user_id(inspection)) } }
                    span.badge.good { (icon::tick()) "Identified" }
                },
                Err(rejection) => {
                    h2 #result-title { "This token identifies nobody" }
                    span.badge.bad.mono { (rejection.code()) }
                },
            }
        }
    }
}

fn user_id(inspection: &Inspection) -> &str {
    inspection.identity.as_ref().map_or("somebody", |identity| identity.user_id().as_str())
}

fn times(inspection: &Inspection) -> Markup {
    html! {
        @if let Some(signed) = &inspection.signed {
            dl.pairs {
                (claimed_time("iat", "Issued", signed.issued_at))
                (claimed_time("nbf", "Valid from", signed.not_before))
                (claimed_time("exp", "Expires", signed.expires_at))
            }
        }
    }
}

/// One check: its sign, its name, and what there is to say about it.
fn check(step: &Step) -> Markup {
    let (class, sign, said) = match &step.outcome {
        Outcome::Passed { .. } => ("passed", icon::tick(), "Passed"),
        Outcome::Failed { .. } => ("failed", icon::cross(), "Failed"),
        Outcome::NotChecked => ("skipped", icon::dash(), "Not checked"),
    };
    html! {
        li class={ "check " (class) } data-check=(step.check.number()) {
            span.sign { (sign) span.unseen { (said) ": " } }
            div {
                p.strong { (step.check.number()) ". " (step.check.title()) }
                (explanation(&step.outcome))
            }
        }
    }
}

fn explanation(outcome: &Outcome) -> Markup {
    html! {
        @match outcome {
            Outcome::Passed { advice: Some(advice) } => p.advice { (advice.text()) },
            Outcome::Failed { rejection, suspicion } => {
                p { (rejection.message()) " " code { (rejection.code()) } }
                @if let Some(suspicion) = suspicion { p.advice { (suspicion.text()) } }
                @else { p.hint { (rejection.hint()) } }
            },
            Outcome::Passed { advice: None } | Outcome::NotChecked => {},
        }
    }
}
