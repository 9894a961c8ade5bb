//! How an agent's chat looks and what it says first: a form beside the real widget, which shows every
//! change at once.
//!
//! Which colours can be read together is decided by `types::theme::contrast` alone; the page's script
//! computes the same for the eye, and nothing that it says is taken for granted when the form is saved.
//!
//! Invariants: what cannot be saved comes back as it was typed, with a message at each field that is
//! wrong, and nothing of it is saved. Only the frame of the preview runs the widget.

use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Query, State, rejection::FormRejection, rejection::QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use eloquent_types::id::AgentId;
use serde::Deserialize;

use super::{error::PageError, session::AgentPage};
use crate::app::App;

mod color;
mod form;
mod logo;
mod preview;
mod view;

use form::Typed;
use view::Shown;

/// The policy of the form's page: the dashboard's, and a frame of our own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
    frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// The pages, below `/dashboard`; for members only.
pub(super) fn routes() -> Router<App> {
    let at = |rest: &str| format!("/agents/{{agent_id}}/appearance{rest}");
    Router::new()
        .route(&at(""), get(show).post(save))
        .route(
            &at("/logo"),
            get(without_post).post(logo::upload).layer(DefaultBodyLimit::max(logo::UPLOAD_MAX_BYTES)),
        )
        .route(&at("/logo/remove"), get(without_post).post(logo::remove))
        .route(&at("/preview"), get(preview::show))
}

fn href(agent: AgentId) -> String {
    format!("/dashboard/agents/{agent}/appearance")
}

/// What was just done. The address names it; the words are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    Saved,
    LogoSaved,
    LogoRemoved,
}

impl Notice {
    const ALL: [Self; 3] = [Self::Saved, Self::LogoSaved, Self::LogoRemoved];

    const fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::LogoSaved => "logo_saved",
            Self::LogoRemoved => "logo_removed",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Saved => "Saved. Visitors see it when they next load a page.",
            Self::LogoSaved => "The logo is saved. Visitors see it when they next load a page.",
            Self::LogoRemoved => "The logo is removed. The agent's initial stands in its place.",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.name() == name)
    }

    fn on(self, agent: AgentId) -> Redirect {
        Redirect::to(&format!("{}?notice={}", href(agent), self.name()))
    }
}

#[derive(Default, Deserialize)]
struct NoticeQuery {
    #[serde(default)]
    notice: Option<String>,
}

async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<NoticeQuery>, QueryRejection>,
) -> Response {
    let notice = query.ok().and_then(|Query(query)| Notice::parse(query.notice.as_deref()?));
    let typed = Typed::of(&page.agent);
    let shown = Shown { notice, ..Shown::new(&page, &typed, &app.options.public_url) };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], shown.render()).into_response()
}

/// What a browser asks for that goes to the address of one of the forms again: the page with it.
async fn without_post(page: AgentPage) -> Redirect {
    Redirect::to(&href(page.agent.id))
}

async fn save(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(pairs) = form?;
    let typed = Typed::read(pairs)?;
    let wanted = match typed.parse()? {
        Ok(wanted) => wanted,
        Err(problems) => {
            let shown = Shown { problems: &problems, ..Shown::new(&page, &typed, &app.options.public_url) };
            let headers = [(header::CONTENT_SECURITY_POLICY, POLICY)];
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, headers, shown.render()).into_response());
        }
    };
    let scope = page.scope;
    app.store.write(move |writer| Ok::<_, PageError>(wanted.save(writer, &scope)?)).await?;
    Ok(Notice::Saved.on(page.agent.id).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_leads_to_its_notice_and_no_other_name_to_any() {
        for notice in Notice::ALL {
            assert_eq!(Notice::parse(notice.name()), Some(notice));
        }
        assert_eq!(Notice::parse(""), None);
        assert_eq!(Notice::parse("<b>"), None);
    }
}
