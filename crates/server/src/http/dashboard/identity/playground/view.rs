//! What the playground looks like: the form, and the page with the widget.

use maud::{Markup, html};
use serde_json::Value;

use super::{Context, Problem, Signed, Wanted};
use crate::http::dashboard::{
    icon,
    identity::{indent::indented, tab::Tab, words},
    part,
    session::AgentPage,
};

/// The page with the form, or with what is missing for it.
pub(super) fn page(page: &AgentPage, wanted: &Wanted, problem: Option<&Problem>) -> Markup {
    Tab::Playground.render(page, None, &match problem {
        Some(Problem::Off) => missing(page, "Identity verification is off", "Switch it on to sign a test token."),
        Some(Problem::NoKey) => missing(page, "No active key", "Generate a secret first: a test token is signed with it, as your server's are."),
        _ => html! {
            section.card.narrow aria-labelledby="playground-title" {
                h2 #playground-title { "Sign a test token" }
                p.hint { "It lives five minutes and is signed with this agent's newest active key. What follows is real: the user gets a profile and the conversation is kept, like any visitor's." }
                (form(page, wanted, problem, "Preview as this user"))
            }
        },
    })
}

fn missing(page: &AgentPage, title: &str, text: &str) -> Markup {
    part::empty(
        &icon::key(),
        title,
        &html! {
            p { (text) }
            p { a.button.primary href=(Tab::Keys.href(page.agent.id)) { "Go to the keys" } }
        },
    )
}

fn form(page: &AgentPage, wanted: &Wanted, problem: Option<&Problem>, action: &str) -> Markup {
    let in_claims = matches!(problem, Some(Problem::NotAnObject(_) | Problem::Reserved(_)));
    html! {
        form.stack method="post" action=(Tab::Playground.href(page.agent.id)) novalidate {
            div.two {
                div.field {
                    label for="user-id" { code { "user_id" } }
                    input #user-id.mono type="text" name="user_id" value=(wanted.user_id) required autocomplete="off" spellcheck="false"
                        aria-describedby=[problem.map(|_| "playground-problem")];
                }
                div.field {
                    label for="email" { code { "email" } span.muted { " (may be left out)" } }
                    input #email type="text" name="email" value=(wanted.email) autocomplete="off" spellcheck="false";
                }
            }
            div.field {
                label for="claims" { "Other claims, as a JSON object" }
                textarea #claims.mono name="claims" rows="6" spellcheck="false" autocomplete="off" autocapitalize="off"
                    aria-invalid=[in_claims.then_some("true")] aria-describedby=[problem.map(|_| "playground-problem")] { (wanted.claims) }
            }
            @if let Some(problem) = problem { (explained(problem)) }
            div.actions { button.primary type="submit" { (icon::play()) (action) } }
        }
    }
}

fn explained(problem: &Problem) -> Markup {
    html! {
        div #playground-problem role="alert" {
            @match problem {
                Problem::NotAnObject(error) => p.problem { (icon::alert()) span { "The claims are not a JSON object: " (error) "." } },
                Problem::Reserved(name) => p.problem { (icon::alert()) span { "Leave " code { (name) } " out of the claims: it is set by this form." } },
                Problem::Rejected(rejection) => {
                    p.problem { (icon::alert()) span { "This token would identify nobody (" code { (rejection.code()) } "). " (rejection.message()) } }
                    p.hint { (rejection.hint()) }
                },
                Problem::Off | Problem::NoKey => {},
            }
        }
    }
}

/// The page that the widget runs on.
pub(super) fn preview(page: &AgentPage, wanted: &Wanted, signed: &Signed, context: &Context) -> Markup {
    Tab::Playground.render_below(page, "Preview", &html! {
        div.preview {
            div.heading { div {
                h1 { "You are “" bdi { (signed.identity.user_id().as_str()) } "”" }
                p.lead { "The chat in the corner is the real widget, identified by a token that lives " (words::span(signed.lifetime)) "." }
            } }
            (live(page, signed))
            (told(context))
            (claims(signed))
            section.card aria-labelledby="again-title" {
                h2 #again-title { "Be somebody else" }
                (form(page, wanted, None, "Sign a new token"))
            }
        }
        // The widget as it stands on a customer's page. It keeps nothing in this browser.
        script async src="/eloquent.js" data-agent-id=(page.agent.id) data-accent=[page.agent.accent.as_deref()] data-storage="none" {}
        script defer src="/dashboard/assets/playground.js" {}
    })
}

/// What the widget says, written by the page's script.
fn live(page: &AgentPage, signed: &Signed) -> Markup {
    html! {
        section.card #preview aria-labelledby="live-title" data-token=(signed.token.expose())
            data-conversations={ "/dashboard/agents/" (page.agent.id) "/conversations" } {
            div.heading.minor {
                h2 #live-title { "What " code { "identify" } " resolves with" }
                span.badge #state data-state="pending" role="status" { "Asking the chat …" }
            }
            noscript { p.note { (icon::alert()) "The chat needs JavaScript, which is off in this browser." } }
            (part::wrapped_code("identify-result", "IdentifyResult", "…"))
            p #conversation hidden { a href="#" { "Open this conversation, with the context of each answer" } }
            h3 { "Events" }
            ol.events #events { li.muted { "None yet." } }
            p.hint { "Signed with the key " span.mono { (signed.key) } "." }
        }
    }
}

fn told(context: &Context) -> Markup {
    html! {
        section.card aria-labelledby="context-title" {
            div.heading.minor {
                h2 #context-title { "What the agent is told" }
                @if context.is_blocked { (part::unverified()) } @else { (part::verified()) }
            }
            @if context.is_blocked { p.note { (icon::alert()) "The profile of this user is blocked: the token identifies nobody." } }
            p.hint { "The agent's system message for this user, made as in every conversation. A question adds the articles found for it, and what the page says of itself, marked as unverified." }
            (part::wrapped_code("system-context", "The agent's system message", &context.system))
        }
    }
}

fn claims(signed: &Signed) -> Markup {
    let payload = Value::Object(signed.payload.clone()).to_string();
    html! {
        section.card aria-labelledby="payload-title" {
            h2 #payload-title { "What was signed" }
            (part::wrapped_code("token-payload", "The token's claims", &indented(&payload)))
        }
    }
}
