//! `POST …/identify` and `DELETE …/session`: becoming somebody, and ceasing to be.

use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use eloquent_identity::{Rejection, Token};
use eloquent_store::{Admission, Admitted, Agent, Caller, Fresh, SessionHash, SessionNeed};
use eloquent_types::identify::{Identified, IdentifyResponse, IdentifyResult, Refused};
use serde_json::Value;

use super::{
    error::ApiError,
    visitor::{self, Session},
};
use crate::{app::App, entropy};

/// 200 for every verdict on the token.
pub(super) async fn identify(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    Session(session): Session,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(body) = body?;
    let token = Token::new(body.get("token").and_then(Value::as_str).unwrap_or_default());
    let response = match visitor::verify(&app, &agent, token).await? {
        Err(rejection) => refused(rejection.into()),
        Ok(proof) => {
            let (user_id, expires_at) = (proof.user_id().clone(), proof.expires_at());
            let token = entropy::session_token()?;
            let fresh = Fresh { session: SessionHash::of(&token), profile: app.mint()?, now: app.now() };
            let caller = Caller { agent: agent.id, session, proof: Some(proof) };
            let admit = move |writer: &eloquent_store::Writer<'_>| {
                writer.admit(&caller, &fresh, SessionNeed::OnlyIfVerified)
            };
            let Admission { session_issued, identity, .. } = app.store.write(admit).await?;
            match identity {
                Admitted::Verified { profile, switched_user, claimed_conversation } => IdentifyResponse {
                    result: IdentifyResult::Identified(Identified {
                        user_id,
                        profile_id: profile,
                        expires_at,
                        switched_user,
                        claimed_conversation,
                    }),
                    session: session_issued.then_some(token),
                    server_time: Some(app.now()),
                },
                Admitted::Anonymous | Admitted::Blocked => refused(Rejection::Blocked.into()),
            }
        }
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(response)))
}

fn refused(refused: Refused) -> IdentifyResponse {
    IdentifyResponse { result: IdentifyResult::Refused(refused), session: None, server_time: None }
}

/// Ends the session: what could be read with it cannot be read any more. Ending none is fine.
pub(super) async fn end_session(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    Session(session): Session,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let owner = visitor::reading_visitor(&app, &agent, session, &headers).await?;
    app.store.write(move |writer| writer.end_session(&owner)).await?;
    Ok(StatusCode::NO_CONTENT)
}
