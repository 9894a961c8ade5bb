//! The agent's picture: a file that a member chooses, and its removal.

use axum::{
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use eloquent_store::{InvalidLogo, LOGO_MAX_BYTES, Logo};

use super::{Notice, POLICY, form::Typed, view::Shown};
use crate::{
    app::App,
    http::dashboard::{error::PageError, session::AgentPage},
};

/// How much of an upload is read: enough to say of most pictures that they are too large, not merely to
/// hang up.
pub(super) const UPLOAD_MAX_BYTES: usize = 32 * LOGO_MAX_BYTES;

pub(super) async fn upload(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let bytes = read(form.map_err(|_| PageError::BadForm)?).await?;
    let logo = match Logo::parse(bytes) {
        Ok(logo) => logo,
        Err(invalid) => {
            let typed = Typed::of(&page.agent);
            let problem = Some(explained(invalid));
            let shown = Shown { logo_problem: problem, ..Shown::new(&page, &typed, &app.options.public_url) };
            let headers = [(header::CONTENT_SECURITY_POLICY, POLICY)];
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, headers, shown.render()).into_response());
        }
    };
    let scope = page.scope;
    app.store.write(move |writer| Ok::<_, PageError>(writer.set_logo(&scope, Some(&logo))?)).await?;
    Ok(Notice::LogoSaved.on(page.agent.id).into_response())
}

/// The file in the form; a form without one is none of ours.
async fn read(mut form: Multipart) -> Result<Vec<u8>, PageError> {
    let too_large = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { PageError::TooLarge } else { PageError::BadForm }
    };
    while let Some(field) = form.next_field().await.map_err(too_large)? {
        if field.name() == Some("logo") {
            return Ok(field.bytes().await.map_err(too_large)?.into());
        }
    }
    Err(PageError::BadForm)
}

const fn explained(invalid: InvalidLogo) -> &'static str {
    match invalid {
        InvalidLogo::TooLarge => {
            "The picture has more than 64 KB. Make it smaller: 128 × 128 pixels are enough."
        }
        InvalidLogo::UnknownKind => {
            "Choose a PNG, JPEG, WebP or GIF file. SVG files are not taken: they can carry scripts."
        }
    }
}

pub(super) async fn remove(State(app): State<App>, page: AgentPage) -> Result<Redirect, PageError> {
    let scope = page.scope;
    app.store.write(move |writer| Ok::<_, PageError>(writer.set_logo(&scope, None)?)).await?;
    Ok(Notice::LogoRemoved.on(page.agent.id))
}
