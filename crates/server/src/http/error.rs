//! Every failure on its way out becomes one problem (RFC 9457). 5xx are logged once, here; a body
//! never carries an inner error's text.

use std::{borrow::Cow, error::Error as _, time::Duration};

use axum::{
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use eloquent_store::StoreError;
use eloquent_types::{
    problem::{MEDIA_TYPE, Problem, ProblemCode},
    text::InvalidMessage,
};

use crate::{entropy::EntropyError, limits::TooMany, stream::InvalidCursor, turn::TurnError};

/// Why a request failed.
#[derive(Debug)]
pub(super) struct ApiError {
    code: ProblemCode,
    detail: Option<Cow<'static, str>>,
    /// When it is worth another try; [`BUSY_FOR`] where that matters and is not known.
    retry_after: Option<Duration>,
}

/// How long a server that is busy is to be left alone.
const BUSY_FOR: Duration = Duration::from_secs(5);

impl ApiError {
    /// A field that is missing or has the wrong form; `detail` says which and what is wanted.
    pub(super) fn invalid_field(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code: ProblemCode::InvalidField, detail: Some(detail.into()), retry_after: None }
    }
}

impl ApiError {
    /// The same with a sentence that says more than the code's own.
    pub(super) fn saying(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

impl From<ProblemCode> for ApiError {
    fn from(code: ProblemCode) -> Self {
        Self { code, detail: None, retry_after: None }
    }
}

impl From<TooMany> for ApiError {
    fn from(TooMany { wait }: TooMany) -> Self {
        Self { retry_after: Some(wait), ..ProblemCode::RateLimited.into() }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let cause = error.source().map(tracing::field::display);
        tracing::error!(%error, cause, "the store failed");
        match error {
            // The command line holds the database for a moment, or the server stops: worth another try.
            StoreError::Busy | StoreError::Closed => ProblemCode::ServerBusy.into(),
            StoreError::Full
            | StoreError::Conflict
            | StoreError::Sealed
            | StoreError::MasterKeyChanged
            | StoreError::Unscrubbed
            | StoreError::WrongAgent
            | StoreError::NoSession
            | StoreError::Undone
            | StoreError::Panicked
            | StoreError::Database(_) => ProblemCode::Internal.into(),
        }
    }
}

impl From<EntropyError> for ApiError {
    fn from(error: EntropyError) -> Self {
        tracing::error!(%error, "nothing can be issued");
        ProblemCode::Internal.into()
    }
}

impl From<TurnError> for ApiError {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::IdentityRequired => ProblemCode::IdentityRequired.into(),
            TurnError::TooManySessions(too_many) => too_many.into(),
            TurnError::ConversationNotFound => ProblemCode::ConversationNotFound.into(),
            TurnError::Store(error) => error.into(),
            TurnError::Entropy(error) => error.into(),
        }
    }
}

impl From<InvalidMessage> for ApiError {
    fn from(error: InvalidMessage) -> Self {
        match error {
            InvalidMessage::Empty => ProblemCode::MessageEmpty.into(),
            InvalidMessage::TooLong => ProblemCode::MessageTooLong.into(),
        }
    }
}

impl From<InvalidCursor> for ApiError {
    fn from(InvalidCursor: InvalidCursor) -> Self {
        Self::invalid_field("`after` and Last-Event-ID take the id of an event of this stream.")
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection {
            JsonRejection::MissingJsonContentType(_) => ProblemCode::UnsupportedMediaType,
            JsonRejection::JsonSyntaxError(_) => ProblemCode::InvalidJson,
            JsonRejection::JsonDataError(_) => ProblemCode::InvalidField,
            other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
            _ => ProblemCode::InvalidJson,
        };
        code.into()
    }
}

/// An address whose parts are no text.
impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        ProblemCode::NotFound.into()
    }
}

impl From<QueryRejection> for ApiError {
    fn from(_: QueryRejection) -> Self {
        Self::invalid_field("The query has the same field twice, or one of the wrong form.")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut problem = Problem::new(self.code);
        if let Some(detail) = self.detail {
            problem = problem.with_detail(detail);
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self.code, ProblemCode::RateLimited | ProblemCode::ServerBusy) {
            headers.insert(header::RETRY_AFTER, whole_seconds(self.retry_after.unwrap_or(BUSY_FOR)));
        }
        response
    }
}

/// Rounded up, and never none at all: who comes back then is let in.
fn whole_seconds(wait: Duration) -> HeaderValue {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(seconds.max(1))
}
