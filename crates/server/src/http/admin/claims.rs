//! `…/identity/claims`: what becomes of each claim of this agent's tokens.

use axum::{
    Json,
    extract::{Path, State},
};
use eloquent_store::{ClaimPolicyError, ClaimUse};
use eloquent_types::problem::ProblemCode;
use serde::{Deserialize, Serialize};

use super::{
    caller::AgentCall,
    field,
    fields::{Asked, Body},
};
use crate::{app::App, http::error::ApiError};

impl From<ClaimPolicyError> for ApiError {
    fn from(error: ClaimPolicyError) -> Self {
        match error {
            ClaimPolicyError::InvalidName => Self::invalid_field("A claim's name has 1 to 255 characters."),
            ClaimPolicyError::NotAClaim => {
                Self::invalid_field("The use of user_id and of a token's times cannot be chosen.")
            }
            ClaimPolicyError::TooMany => ProblemCode::TooManyClaims.into(),
            ClaimPolicyError::Store(error) => error.into(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Claims {
    claims: Vec<ClaimView>,
}

#[derive(Serialize)]
pub(super) struct ClaimView {
    name: String,
    #[serde(rename = "use")]
    claim_use: &'static str,
}

impl ClaimView {
    fn new(name: &str, claim_use: ClaimUse) -> Self {
        Self { name: name.to_owned(), claim_use: claim_use.as_str() }
    }
}

/// The claims that are not simply told to the agent.
pub(super) async fn list(
    State(app): State<App>,
    call: AgentCall,
    Asked(asked): Asked,
) -> Result<Json<Claims>, ApiError> {
    asked.end()?;
    let policies = app.store.read(move |reader| reader.claim_policies(call.agent.id)).await?;
    Ok(Json(Claims { claims: policies.iter().map(|(name, it)| ClaimView::new(name, it)).collect() }))
}

/// The path of one claim.
#[derive(Deserialize)]
pub(super) struct ClaimPath {
    name: String,
}

/// Every name has a use, also one that no token has brought yet.
pub(super) async fn show(
    State(app): State<App>,
    call: AgentCall,
    Path(path): Path<ClaimPath>,
    Asked(asked): Asked,
) -> Result<Json<ClaimView>, ApiError> {
    asked.end()?;
    let policies = app.store.read(move |reader| reader.claim_policies(call.agent.id)).await?;
    Ok(Json(ClaimView::new(&path.name, policies.use_of(&path.name))))
}

pub(super) async fn set(
    State(app): State<App>,
    call: AgentCall,
    Path(ClaimPath { name }): Path<ClaimPath>,
    Body(mut fields): Body,
) -> Result<Json<ClaimView>, ApiError> {
    let claim_use = fields.required("use", field::claim_use)?;
    fields.end()?;
    let view = ClaimView::new(&name, claim_use);
    let now = app.now();
    app.store.write(move |writer| writer.set_claim_policy(&call.scope, &name, claim_use, now)).await?;
    Ok(Json(view))
}
