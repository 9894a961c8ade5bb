//! What becomes of each claim: the agent sees it, only members do, or it is not kept.
//!
//! Dropping a claim deletes what is stored of it, so it is done only after a page that says so.

use std::collections::BTreeSet;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use eloquent_store::{
    ClaimCount, ClaimPolicies, ClaimPolicyError, ClaimUse,
    claim_policy::{CLAIM_NAME_MAX_CHARS, CLAIM_POLICIES_MAX, check_claim_name},
};
use eloquent_types::id::AgentId;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    notice::{Notice, NoticeQuery},
    tab::Tab,
    words,
};
use crate::{
    app::App,
    http::dashboard::{error::PageError, icon, profiles, session::AgentPage},
};

/// How many claims are listed besides those that the policy names: a site may sign any number.
const LISTED_MAX: u32 = 200;

/// The claims and their uses.
struct Known {
    counts: Vec<ClaimCount>,
    policies: ClaimPolicies,
}

impl Known {
    /// The email, the claims that profiles hold, and then those that the policy names and nobody holds.
    async fn read(app: &App, page: &AgentPage) -> Result<Self, PageError> {
        let (scope, agent) = (page.scope, page.agent.id);
        app.store
            .read(move |reader| {
                let policies = reader.claim_policies(agent)?;
                let mut counts = reader.claim_counts(&scope, LISTED_MAX)?;
                let listed: BTreeSet<_> = counts.iter().map(|count| count.name.clone()).collect();
                let named = policies.iter().filter(|(name, _)| !listed.contains(*name));
                counts.extend(named.map(|(name, _)| ClaimCount { name: name.to_owned(), profiles: 0 }));
                Ok(Self { counts, policies })
            })
            .await
    }

    fn profiles_with(&self, name: &str) -> u64 {
        self.counts.iter().find(|count| count.name == name).map_or(0, |count| count.profiles)
    }
}

const CHOICES: [(ClaimUse, &str); 3] = [
    (ClaimUse::Agent, "Agent and dashboard"),
    (ClaimUse::Dashboard, "Dashboard only"),
    (ClaimUse::Dropped, "Dropped"),
];

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<NoticeQuery>, QueryRejection>,
) -> Result<Markup, PageError> {
    let known = Known::read(&app, &page).await?;
    Ok(render(&page, &known, Notice::asked(query), None))
}

/// A form that was refused: what was typed, and why.
struct Refused<'a> {
    form: &'a ChoiceForm,
    problem: &'static str,
}

fn render(page: &AgentPage, known: &Known, notice: Option<Notice>, refused: Option<&Refused<'_>>) -> Markup {
    let agent = page.agent.id;
    Tab::Claims.render(page, notice, &html! {
        section.card aria-labelledby="uses-title" {
            h2 #uses-title { "Claims seen so far" }
            dl.uses {
                div { dt { "Agent and dashboard" } dd { "The agent is told it as a fact about whoever is asking. So is every claim at first." } }
                div { dt { "Dashboard only" } dd { "It stands on the profile for you; the agent is never told." } }
                div { dt { "Dropped" } dd { "It is not kept, from no token, and what is kept of it is removed." } }
            }
            (table(agent, known))
            p.hint { "The user id is always kept and told. The times of a token (" code { "iat" } ", " code { "exp" } ", " code { "nbf" } ") are no claims." }
        }
        (another(agent, refused))
    })
}

fn table(agent: AgentId, known: &Known) -> Markup {
    html! {
        table.list.policy role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Claim" }
                th.number role="columnheader" scope="col" { "Profiles" }
                th role="columnheader" scope="col" { "Seen by" }
            } }
            tbody role="rowgroup" { @for count in &known.counts {
                tr role="row" {
                    td.main role="cell" { span.mono { bdi { (count.name) } } }
                    td.number role="cell" data-label="Profiles" { (holders(agent, count)) }
                    td role="cell" data-label="Seen by" { (choice(agent, count, known.policies.use_of(&count.name))) }
                }
            } }
        }
        @if known.counts.len() > LISTED_MAX as usize {
            p.hint { "These are the claims that most profiles hold. Any other one can be named below." }
        }
    }
}

fn holders(agent: AgentId, count: &ClaimCount) -> Markup {
    let said = words::grouped(count.profiles);
    html! {
        @match profiles::claim_href(agent, &count.name).filter(|_| count.profiles > 0 && count.name != "email") {
            Some(href) => a href=(href) { (said) },
            None => (said),
        }
    }
}

fn choice(agent: AgentId, count: &ClaimCount, current: ClaimUse) -> Markup {
    html! {
        form.choose method="post" action=(Tab::Claims.href(agent)) {
            input type="hidden" name="name" value=(count.name);
            (options(None, &format!("Use of {}", count.name), current))
            button type="submit" aria-label={ "Save the use of " (count.name) } { "Save" }
        }
    }
}

fn options(id: Option<&str>, label: &str, current: ClaimUse) -> Markup {
    html! {
        select id=[id] name="use" aria-label=[id.is_none().then_some(label)] {
            @for (claim_use, text) in CHOICES {
                option value=(claim_use.as_str()) selected[claim_use == current] { (text) }
            }
        }
    }
}

/// The form for a claim that no token has brought yet.
fn another(agent: AgentId, refused: Option<&Refused<'_>>) -> Markup {
    let name = refused.map_or("", |refused| refused.form.name.as_str());
    let chosen = refused.and_then(|refused| ClaimUse::parse(&refused.form.claim_use));
    html! {
        section.card aria-labelledby="another-title" {
            h2 #another-title { "A claim that is not listed" }
            p.hint { "Decide before the first token brings it." }
            form.inline method="post" action=(Tab::Claims.href(agent)) {
                div.field {
                    label for="claim" { "Claim" }
                    input.mono #claim type="text" name="name" value=(name) required maxlength=(CLAIM_NAME_MAX_CHARS)
                        autocomplete="off" autocapitalize="none" spellcheck="false"
                        aria-invalid=[refused.map(|_| "true")] aria-describedby=[refused.map(|_| "problem")];
                    @if let Some(refused) = refused { p #problem.problem role="alert" { (icon::alert()) (refused.problem) } }
                }
                div.field {
                    label for="use" { "Seen by" }
                    (options(Some("use"), "Seen by", chosen.unwrap_or(ClaimUse::Dashboard)))
                }
                button type="submit" { "Save" }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ChoiceForm {
    name: String,
    #[serde(rename = "use")]
    claim_use: String,
    #[serde(default)]
    confirmed: bool,
}

pub(super) async fn choose(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<ChoiceForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(form) = form?;
    let claim_use = ClaimUse::parse(&form.claim_use).ok_or(PageError::BadForm)?;
    let known = Known::read(&app, &page).await?;
    let is_new = known.policies.use_of(&form.name) != claim_use;
    let is_question = claim_use == ClaimUse::Dropped && is_new && !form.confirmed;
    // A name that the store would refuse is refused before it is asked about.
    let done = match check_claim_name(&form.name) {
        Ok(()) if is_question => return Ok(confirm(&page, &known, &form.name).into_response()),
        Ok(()) => {
            let (scope, name, now) = (page.scope, form.name.clone(), app.now());
            app.store.write(move |writer| writer.set_claim_policy(&scope, &name, claim_use, now)).await
        }
        Err(refusal) => Err(refusal),
    };
    let problem = match done {
        Ok(()) => {
            let dropped = claim_use == ClaimUse::Dropped;
            let notice = if dropped { Notice::ClaimDropped } else { Notice::ClaimSaved };
            return Ok(notice.on(Tab::Claims, page.agent.id).into_response());
        }
        Err(ClaimPolicyError::InvalidName) => INVALID_NAME,
        Err(ClaimPolicyError::NotAClaim) => NOT_A_CLAIM,
        Err(ClaimPolicyError::TooMany) => TOO_MANY,
        Err(ClaimPolicyError::Store(error)) => return Err(error.into()),
    };
    let again = render(&page, &known, None, Some(&Refused { form: &form, problem }));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

const INVALID_NAME: &str = "A claim's name has 1 to 255 characters.";
const NOT_A_CLAIM: &str =
    "This is not a claim: the user id is always kept and told, and a token's times never are.";
const TOO_MANY: &str =
    "The policy names 200 claims, which is the most. Give one of them back to the agent first.";
const _: () = assert!(CLAIM_NAME_MAX_CHARS == 255 && CLAIM_POLICIES_MAX == 200, "the texts name the numbers");

/// The question before a claim is dropped.
fn confirm(page: &AgentPage, known: &Known, name: &str) -> Markup {
    let (path, holders) = (Tab::Claims.href(page.agent.id), known.profiles_with(name));
    Tab::Claims.render_below(page, "Drop a claim", &html! {
        div.heading { div {
            h1 { "Drop " span.mono { bdi { (name) } } "?" }
            p.lead {
                @if holders == 0 { "No profile holds it now." }
                @else if holders == 1 { "1 profile holds it now, and loses it at once." }
                @else { (words::grouped(holders)) " profiles hold it now, and lose it at once." }
                " It cannot be undone."
            }
        } }
        section.card.narrow aria-label="What it does" {
            ul.effects {
                li { "Its value is deleted from every profile of this agent, with what the history tells of it and what pages said under this name." }
                li { "Tokens that hold it identify as before. It is left out of what is kept and of what the agent is told." }
                li { "What the agent was told with earlier answers, and what a page sent along with a message, stays in those conversations." }
                @if name == "name" { li { "People are then called by their email address or their user id here." } }
            }
            form.actions method="post" action=(path) {
                input type="hidden" name="name" value=(name);
                input type="hidden" name="use" value=(ClaimUse::Dropped.as_str());
                input type="hidden" name="confirmed" value="true";
                button.danger.solid type="submit" { "Drop it" }
                a.button href=(path) { "Keep it as it is" }
            }
        }
    })
}
