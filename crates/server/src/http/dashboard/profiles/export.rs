//! Everything that is kept of a person, as a file to hand out.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::ProfilePath;
use crate::{
    app::App,
    http::dashboard::{error::PageError, session::AgentPage},
};

pub(super) async fn download(
    State(app): State<App>,
    page: AgentPage,
    Path(path): Path<ProfilePath>,
) -> Result<Response, PageError> {
    let (scope, id) = (page.scope, path.id()?);
    let export =
        app.store.read(move |reader| reader.export_profile(&scope, id)?.ok_or(PageError::NotFound)).await?;
    // Named by our id alone: nothing that anybody signed gets into a header.
    let name = HeaderValue::try_from(format!("attachment; filename=\"{id}.json\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(export)).into_response())
}
