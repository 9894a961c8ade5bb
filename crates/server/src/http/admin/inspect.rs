//! `POST …/identity/inspect`: a token judged check by check.
//!
//! It is a POST so that the token stands in a body; it changes nothing.

use axum::{Json, extract::State};
use eloquent_identity::{Inspection, Token};
use eloquent_types::problem::ProblemCode;

use super::{caller::AgentCall, field, fields::Body};
use crate::{app::App, http::error::ApiError, inspector};

/// 200 for every verdict.
pub(super) async fn inspect(
    State(app): State<App>,
    call: AgentCall,
    Body(mut fields): Body,
) -> Result<Json<Inspection>, ApiError> {
    let token = Token::new(fields.required("token", field::text)?);
    fields.end()?;
    let judged = inspector::inspect(&app.store, call.scope, token, app.options.clock_skew, app.now()).await?;
    Ok(Json(judged.ok_or(ProblemCode::AgentNotFound)?))
}
