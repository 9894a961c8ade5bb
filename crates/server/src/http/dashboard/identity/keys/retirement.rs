//! When a key ends by itself: chosen while it is rotated, changed or called off later.

use std::time::Duration;

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use eloquent_types::time::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::{KeyPath, key_of, without_post};
use crate::{
    app::App,
    http::dashboard::{
        error::PageError,
        icon,
        identity::{notice::Notice, tab::Tab},
        part,
        session::AgentPage,
    },
};

/// One of the offered times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// Not by itself.
    Never,
    After(Duration),
    /// At the time that the form names besides.
    Chosen,
}

const OFFERS: [(&str, &str, Offer); 5] = [
    ("never", "When I revoke it", Offer::Never),
    ("1h", "In 1 hour", Offer::After(Duration::from_hours(1))),
    ("24h", "In 24 hours", Offer::After(Duration::from_hours(24))),
    ("7d", "In 7 days", Offer::After(Duration::from_hours(7 * 24))),
    ("at", "At a chosen time", Offer::Chosen),
];

/// The part of a form that says when a key ends.
#[derive(Default, Deserialize)]
pub(in super::super) struct EndForm {
    /// The name of one of the [`OFFERS`].
    #[serde(default)]
    pub(super) end: String,
    /// The chosen time as browsers send it, in UTC: `2026-11-22T20:00`, with or without seconds.
    #[serde(default)]
    pub(super) at: String,
}

/// Why a form does not say when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndProblem {
    /// None of the offers: not one of our forms.
    Unknown,
    NoTime,
    Past,
}

impl EndProblem {
    const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "Choose when the key ends.",
            Self::NoTime => "Choose a day and a time.",
            Self::Past => "That time has passed. To end the key at once, revoke it.",
        }
    }
}

impl EndForm {
    /// When the key ends; `None` for not by itself.
    pub(super) fn parse(&self, now: Timestamp) -> Result<Option<Timestamp>, EndProblem> {
        let offer = OFFERS.into_iter().find(|(name, _, _)| *name == self.end);
        match offer.ok_or(EndProblem::Unknown)?.2 {
            Offer::Never => Ok(None),
            Offer::After(span) => Ok(Some(now + span)),
            Offer::Chosen => {
                let zone = if self.at.len() == "2026-11-22T20:00".len() { ":00Z" } else { "Z" };
                let at: Timestamp = format!("{}{zone}", self.at).parse().map_err(|_| EndProblem::NoTime)?;
                if at > now { Ok(Some(at)) } else { Err(EndProblem::Past) }
            }
        }
    }

    /// The form as it is for a key that ends then.
    pub(super) fn of(retires_at: Option<Timestamp>) -> Self {
        match retires_at {
            None => Self { end: "never".to_owned(), at: String::new() },
            Some(at) => Self { end: "at".to_owned(), at: at.to_string().chars().take(16).collect() },
        }
    }
}

/// The choices, with what was chosen last.
pub(super) fn choices(legend: &str, chosen: &EndForm, problem: Option<EndProblem>) -> Markup {
    html! {
        fieldset.choices {
            legend { (legend) }
            @for (name, text, offer) in OFFERS {
                label.choice {
                    input type="radio" name="end" value=(name) checked[chosen.end == name];
                    span { (text) }
                    @if offer == Offer::Chosen {
                        input type="datetime-local" name="at" value=(chosen.at) aria-label="The chosen time, in UTC"
                            aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "end-problem")];
                        span.muted { "UTC" }
                    }
                }
            }
            @if let Some(problem) = problem {
                p.problem #end-problem role="alert" { (icon::alert()) (problem.text()) }
            }
        }
    }
}

pub(in super::super) async fn form(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
) -> Result<Response, PageError> {
    let key = key_of(&app, &page, &path).await?;
    if !key.is_active(app.now()) {
        return Ok(without_post(page).await.into_response());
    }
    Ok(view(&page, &key, &EndForm::of(key.retires_at), None).into_response())
}

pub(in super::super) async fn set(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<KeyPath>,
    form: Result<Form<EndForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(form) = form?;
    let key = key_of(&app, &page, &path).await?;
    let now = app.now();
    if !key.is_active(now) {
        return Ok(Notice::NotActive.on(Tab::Keys, page.agent.id).into_response());
    }
    let retires_at = match form.parse(now) {
        Ok(retires_at) => retires_at,
        Err(EndProblem::Unknown) => return Err(PageError::BadForm),
        Err(problem) => {
            let body = view(&page, &key, &form, Some(problem));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response());
        }
    };
    let scope = page.scope;
    let set = app
        .store
        .write(move |writer| Ok::<_, PageError>(writer.set_key_retirement(&scope, key.id, retires_at, now)?))
        .await?;
    let notice = match (set, retires_at) {
        (false, _) => Notice::NotActive,
        (true, Some(_)) => Notice::RetirementSet,
        (true, None) => Notice::RetirementCancelled,
    };
    Ok(notice.on(Tab::Keys, page.agent.id).into_response())
}

fn view(
    page: &AgentPage,
    key: &eloquent_store::KeyInfo,
    chosen: &EndForm,
    problem: Option<EndProblem>,
) -> Markup {
    let path = Tab::Keys.href(page.agent.id);
    Tab::Keys.render_below(page, "End of a key", &html! {
        div.heading { div {
            h1 { "When “" bdi { (key.name) } "” ends" }
            p.lead { "From that moment on, tokens signed with the secret " span.mono { "elq_…" (key.last_four) } " identify nobody, as if you had revoked it then." }
        } }
        section.card.narrow aria-label="When the key ends" {
            @if let Some(at) = key.retires_at { p.note { (icon::alert()) span { "As it is, the key ends " (part::time(at)) "." } } }
            form.stack method="post" action={ (path) "/keys/" (key.id) "/retirement" } novalidate {
                (choices("The key ends", chosen, problem))
                div.actions {
                    button.primary type="submit" { "Save" }
                    a.button href=(path) { "Cancel" }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000); // 2023-11-14T22:13:20Z

    fn parse(end: &str, at: &str) -> Result<Option<Timestamp>, EndProblem> {
        EndForm { end: end.to_owned(), at: at.to_owned() }.parse(NOW)
    }

    #[test]
    fn an_end_is_never_after_a_while_or_at_a_time_to_come() {
        let at = |text: &str| Ok(Some(text.parse().unwrap()));
        for (end, time, expected) in [
            ("never", "", Ok(None)),
            ("1h", "", at("2023-11-14T23:13:20Z")),
            ("24h", "", at("2023-11-15T22:13:20Z")),
            ("7d", "2020-01-01T00:00", at("2023-11-21T22:13:20Z")),
            ("at", "2023-11-14T22:14", at("2023-11-14T22:14:00Z")),
            ("at", "2023-11-14T22:14:07", at("2023-11-14T22:14:07Z")),
            ("at", "2023-11-14T22:13", Err(EndProblem::Past)),
            ("at", "", Err(EndProblem::NoTime)),
            ("at", "tomorrow", Err(EndProblem::NoTime)),
            ("at", "2023-13-45T99:99", Err(EndProblem::NoTime)),
            ("", "", Err(EndProblem::Unknown)),
            ("soon", "2023-11-15T22:14", Err(EndProblem::Unknown)),
        ] {
            assert_eq!(parse(end, time), expected, "{end} {time}");
        }
    }

    #[test]
    fn the_form_shows_what_is_set_and_means_the_same_when_it_is_sent_back() {
        let at: Timestamp = "2024-02-29T08:30:00Z".parse().unwrap();
        for set in [None, Some(at)] {
            assert_eq!(EndForm::of(set).parse(NOW), Ok(set));
        }
    }
}
