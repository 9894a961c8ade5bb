//! `/api/v1/agents`: which there are, and how each deals with identity.

use std::time::Duration;

use axum::{Json, extract::State};
use eloquent_store::Enforcement;
use eloquent_types::problem::ProblemCode;
use serde::Serialize;

use super::{
    caller::{AgentCall, Caller},
    field,
    fields::{Asked, Body, Fields},
};
use crate::{app::App, http::error::ApiError, view::AgentView};

#[derive(Serialize)]
pub(super) struct Agents {
    agents: Vec<AgentView>,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked,
) -> Result<Json<Agents>, ApiError> {
    asked.end()?;
    let agents = app.store.read(move |reader| reader.agents(&caller.scope)).await?;
    Ok(Json(Agents { agents: agents.into_iter().map(AgentView::from).collect() }))
}

pub(super) async fn show(call: AgentCall, Asked(asked): Asked) -> Result<Json<AgentView>, ApiError> {
    asked.end()?;
    Ok(Json(call.agent.into()))
}

/// What a PATCH changes; what is missing stays.
#[derive(Debug, Default)]
struct Change {
    name: Option<String>,
    identify: Option<bool>,
    enforcement: Option<Enforcement>,
    max_token_lifetime: Option<Longest>,
}

/// The longest lifetime of a token; none stands for any.
#[derive(Clone, Copy, Debug)]
struct Longest(Option<Duration>);

impl Change {
    fn read(mut fields: Fields) -> Result<Self, ApiError> {
        let change = Self {
            name: fields.optional("name", field::name)?,
            identify: fields
                .nested("features", |features| features.optional("identify", field::flag))?
                .flatten(),
            enforcement: fields.optional("enforcement", field::enforcement)?,
            max_token_lifetime: fields
                .optional("max_token_lifetime", field::or_null(field::seconds))?
                .map(Longest),
        };
        fields.end()?;
        Ok(change)
    }
}

/// All of it or nothing; answers with the agent as it is then.
pub(super) async fn change(
    State(app): State<App>,
    call: AgentCall,
    Body(fields): Body,
) -> Result<Json<AgentView>, ApiError> {
    let (change, scope) = (Change::read(fields)?, call.scope);
    let changed = app
        .store
        .write(move |writer| {
            if let Some(name) = &change.name {
                writer.set_agent_name(&scope, name)?;
            }
            if let Some(enabled) = change.identify {
                writer.set_agent_identify(&scope, enabled)?;
            }
            if let Some(enforcement) = change.enforcement {
                writer.set_enforcement(&scope, enforcement)?;
            }
            if let Some(Longest(longest)) = change.max_token_lifetime {
                writer.set_max_token_lifetime(&scope, longest)?;
            }
            writer.agent(scope.agent_id())
        })
        .await?;
    Ok(Json(changed.ok_or(ProblemCode::AgentNotFound)?.into()))
}
