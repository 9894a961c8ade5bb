//! `POST …/identify` and `DELETE …/session`: becoming somebody, and ceasing to be.

use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use eloquent_identity::{Rejection, Token, VerifiedIdentity};
use eloquent_store::{
    Admission, Admitted, Agent, Caller, Fresh, SessionHash, SessionNeed, StoreError, Surface, Writer,
};
use eloquent_types::{
    id::AgentId,
    identify::{Identified, IdentifyResponse, IdentifyResult, Refused},
};
use serde_json::Value;

use super::{
    error::ApiError,
    visitor::{self, Session},
};
use crate::{
    app::App,
    entropy,
    identity_log::{self, Entry},
};

/// 200 for every verdict on the token, and an entry in the identity log: of an identity in the transaction
/// that admits it, of a rejection beside the answer.
pub(super) async fn identify(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    Session(session): Session,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(body) = body?;
    let token = Token::new(body.get("token").and_then(Value::as_str).unwrap_or_default());
    let agent = visitor::as_set_now(&app, &agent).await?;
    let judgement = visitor::judge(&app, &agent, &token).await?;
    let origin = visitor::origin(&headers);
    let entry = Entry::new(&app, &agent, Surface::Identify, Some(&judgement), origin);
    let response = match judgement.outcome {
        Err(rejection) => {
            identity_log::write_beside(&app, move |writer| entry.record(writer, None, None));
            refused(rejection.into())
        }
        Ok(proof) => admit(&app, agent.id, session, proof, entry).await?,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(response)))
}

async fn admit(
    app: &App,
    agent: AgentId,
    session: Option<SessionHash>,
    proof: VerifiedIdentity,
    entry: Entry,
) -> Result<IdentifyResponse, ApiError> {
    let token = entropy::session_token()?;
    let (user_id, expires_at) = (proof.user_id().clone(), proof.expires_at());
    let caller = Caller { agent, session, proof: Some(proof) };
    let fresh = Fresh { session: SessionHash::of(&token), profile: app.mint()?, now: app.now() };
    let admit = move |writer: &Writer<'_>| {
        let admission = writer.admit(&caller, &fresh, SessionNeed::OnlyIfVerified)?;
        match admission.identity {
            Admitted::Verified { profile, .. } => entry.record(writer, None, Some(profile))?,
            Admitted::Anonymous | Admitted::Blocked => entry.blocked().record(writer, None, None)?,
        }
        Ok::<_, StoreError>(admission)
    };
    let Admission { session_issued, identity, .. } = app.store.write(admit).await?;
    Ok(match identity {
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
    })
}

fn refused(refused: Refused) -> IdentifyResponse {
    IdentifyResponse { result: IdentifyResult::Refused(refused), session: None, server_time: None }
}

/// Ends the session that is presented: what could be read with it cannot be read any more. Ending none is
/// fine. Who holds a session may end it: a token is not asked for, and one that comes along (of the user
/// that the page is about to become, say) is not looked at.
pub(super) async fn end_session(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    Session(session): Session,
) -> Result<StatusCode, ApiError> {
    let caller = Caller { agent: agent.id, session, proof: None };
    app.store.write(move |writer| writer.end_session(&writer.visitor(&caller)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
