//! `/api/v1/agents`: which there are, and how each deals with identity.

use std::time::Duration;

use axum::{Json, extract::State};
use eloquent_store::{Agent, Enforcement};
use eloquent_types::problem::ProblemCode;
use serde::Serialize;

use super::{
    appearance,
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
    features: Features,
    enforcement: Option<Enforcement>,
    max_token_lifetime: Option<Longest>,
    appearance: appearance::Change,
}

/// The switches of a PATCH.
#[derive(Debug, Default)]
struct Features {
    identify: Option<bool>,
    feedback: Option<bool>,
    handover: Option<bool>,
}

impl Features {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            identify: fields.optional("identify", field::flag)?,
            feedback: fields.optional("feedback", field::flag)?,
            handover: fields.optional("handover", field::flag)?,
        })
    }
}

/// The longest lifetime of a token; none stands for any.
#[derive(Clone, Copy, Debug)]
struct Longest(Option<Duration>);

impl Change {
    fn read(mut fields: Fields) -> Result<Self, ApiError> {
        let change = Self {
            name: fields.optional("name", field::name)?,
            features: fields.nested("features", Features::read)?.unwrap_or_default(),
            enforcement: fields.optional("enforcement", field::enforcement)?,
            max_token_lifetime: fields
                .optional("max_token_lifetime", field::or_null(field::seconds))?
                .map(Longest),
            appearance: appearance::Change::read(&mut fields)?,
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
            let Features { identify, feedback, handover } = change.features;
            if let Some(enabled) = identify {
                writer.set_agent_identify(&scope, enabled)?;
            }
            if let Some(enabled) = feedback {
                writer.set_feedback(&scope, enabled)?;
            }
            if let Some(enabled) = handover {
                writer.set_handover(&scope, enabled)?;
            }
            if let Some(enforcement) = change.enforcement {
                writer.set_enforcement(&scope, enforcement)?;
            }
            if let Some(Longest(longest)) = change.max_token_lifetime {
                writer.set_max_token_lifetime(&scope, longest)?;
            }
            let now = writer.agent(scope.agent_id())?.ok_or(ProblemCode::AgentNotFound)?;
            change.appearance.make(writer, &scope, &now.theme)?;
            Ok::<_, ApiError>(writer.agent(scope.agent_id())?)
        })
        .await?;
    as_it_is(changed)
}

/// The answer to a change: the agent as it is then.
pub(super) fn as_it_is(agent: Option<Agent>) -> Result<Json<AgentView>, ApiError> {
    Ok(Json(agent.ok_or(ProblemCode::AgentNotFound)?.into()))
}
