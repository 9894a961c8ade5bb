//! What a page says when it cannot be shown: never an inner error's text, never whether something
//! exists that is another company's.

use axum::{
    extract::rejection::FormRejection,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use eloquent_store::StoreError;
use maud::html;

use super::{frame, session::NextPath};
use crate::entropy::EntropyError;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// Nobody is logged in: the log-in, and from there to `next`.
    SignedOut { next: Option<NextPath> },
    /// There is no such page, or it is another company's.
    NotFound,
    /// The request does not come from these pages.
    CrossSite,
    /// A form without the fields it must have: not one of ours.
    BadForm,
    /// A form with more in it than is read.
    TooLarge,
    /// The store failed.
    Store(StoreError),
    /// No random bytes.
    Entropy(EntropyError),
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FormRejection> for PageError {
    fn from(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::BadForm }
    }
}

impl From<EntropyError> for PageError {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::SignedOut { next } => return to_login(next.as_ref()),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "This page does not exist",
                "The address may be mistyped, or what was here may belong to another company.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "This request came from another site",
                "Nothing was changed. Open the dashboard and try it from there.",
            ),
            Self::BadForm => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "This form was not complete",
                "Nothing was changed. Go back, reload the page and try again.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "This is too much text",
                "Nothing was changed. A form takes 64 KB in all; a token has 8 KB at most.",
            ),
            Self::Store(error) => {
                tracing::error!(%error, "a page of the dashboard could not be made");
                FAILED
            }
            Self::Entropy(error) => {
                tracing::error!(%error, "a page of the dashboard could not be made");
                FAILED
            }
        };
        let body = frame::bare(
            title,
            &html! {
                p.code { (status.as_u16()) }
                h1 { (title) }
                p.lead { (text) }
                p { a.button href="/dashboard" { "Go to the dashboard" } }
            },
        );
        (status, body).into_response()
    }
}

const FAILED: (StatusCode, &str, &str) = (
    StatusCode::INTERNAL_SERVER_ERROR,
    "Something went wrong",
    "The server could not finish this request. Try again in a moment; the server's log says more.",
);

/// A new GET of the log-in, whatever the request was.
fn to_login(next: Option<&NextPath>) -> Response {
    let target = match next {
        Some(next) if next.as_str() != "/dashboard" => {
            let escaped = next.as_str().replace('%', "%25").replace('&', "%26").replace('+', "%2B");
            format!("/dashboard/login?next={escaped}")
        }
        _ => "/dashboard/login".to_owned(),
    };
    ([(header::VARY, "cookie")], Redirect::to(&target)).into_response()
}
