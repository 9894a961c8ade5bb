//! The two switches of the feature: the agent's and the company's.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::Redirect,
};
use eloquent_store::{Company, Enforcement};
use maud::{Markup, html};
use serde::Deserialize;

use super::{notice::Notice, tab::Tab};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, session::AgentPage},
};

/// Which of the two.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Company,
    Agent,
}

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    level: Level,
    enabled: bool,
}

pub(super) async fn switch(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<SwitchForm>, FormRejection>,
) -> Result<Redirect, PageError> {
    let Form(SwitchForm { level, enabled }) = form?;
    let (scope, company) = (page.scope, page.signed_in.scope);
    app.store
        .write(move |writer| {
            match level {
                Level::Company => writer.set_company_identify(&company, enabled)?,
                Level::Agent => writer.set_agent_identify(&scope, enabled)?,
            }
            Ok::<_, PageError>(())
        })
        .await?;
    let notice = if enabled { Notice::SwitchedOn } else { Notice::SwitchedOff };
    Ok(notice.on(Tab::Keys, page.agent.id))
}

/// Both, with what they do.
pub(super) fn switches(page: &AgentPage, company: &Company) -> Markup {
    let agent = &page.agent;
    html! {
        section.card aria-labelledby="feature-title" {
            div.heading.minor {
                h2 #feature-title { "Feature" }
                @if agent.identifies() { span.badge.good { (icon::tick()) "Active" } } @else { span.badge { "Inactive" } }
            }
            div.rows {
                (row(page, "agent", agent.identify_enabled, &agent.name, "Tokens identify this agent's visitors."))
                (row(page, "company", company.identify_enabled, &company.name, "The switch for the whole company: off here, no agent identifies anybody."))
            }
            @if agent.identify_enabled && !company.identify_enabled {
                p.note { (icon::alert()) "It is on for this agent and off for the company, so nobody is identified." }
            }
            @if !agent.identifies() && agent.enforcement == Enforcement::Require {
                p.note { (icon::alert()) "This agent requires a valid token, so every chat is refused." }
            }
        }
    }
}

fn row(page: &AgentPage, level: &str, on: bool, name: &str, text: &str) -> Markup {
    let label = format!("switch-{level}");
    html! {
        form.row method="post" action={ (Tab::Keys.href(page.agent.id)) "/feature" } {
            div {
                p.strong id=(label) {
                    (if level == "agent" { "This agent" } else { "Company" }) span.muted { " · " (name) }
                }
                p.hint { (text) }
            }
            input type="hidden" name="level" value=(level);
            input type="hidden" name="enabled" value=(!on);
            button.switch type="submit" role="switch" aria-checked=(on) aria-labelledby=(label) {
                span.track aria-hidden="true" { span.thumb {} }
                span.state aria-hidden="true" { (if on { "On" } else { "Off" }) }
            }
        }
    }
}
