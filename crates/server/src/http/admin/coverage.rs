//! `GET …/identity/coverage`: what `require` would refuse.

use axum::{Json, extract::State};
use eloquent_types::time::Timestamp;

use super::{caller::AgentCall, field, fields::Asked};
use crate::{app::App, http::error::ApiError, view::CoverageView};

/// Over how many days, unless it is asked otherwise.
const DAYS_DEFAULT: u32 = 7;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn show(
    State(app): State<App>,
    call: AgentCall,
    Asked(mut asked): Asked,
) -> Result<Json<CoverageView>, ApiError> {
    let days = asked.optional("days", field::days)?.unwrap_or(DAYS_DEFAULT);
    asked.end()?;
    let now = app.now();
    let since = Timestamp::from_millis(now.as_millis() - i64::from(days) * DAY_MILLIS);
    let coverage = app.store.read(move |reader| reader.coverage(&call.scope, since, now)).await?;
    Ok(Json(CoverageView::new(&coverage, days, since)))
}
