//! Who is asking: the session and the identity token of a request, the token judged.
//!
//! A session is a bearer token in `Authorization`; the identity is in the body of `chat` and
//! `identify`, and in `X-Eloquent-Identity` everywhere else. Neither ever stands in an address.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use eloquent_identity::{Candidate, Judgement, Policy, Token, Verifier};
use eloquent_store::{Agent, Caller, SessionHash, StoreError, Surface, Visitor};
use eloquent_types::{id::ConversationId, problem::ProblemCode, session::SessionToken};

use super::error::ApiError;
use crate::{
    app::App,
    client_address::{ClientAddress, Network},
    identity_log::{self, Entry},
};

/// The header that carries the identity token where there is no body.
const IDENTITY_HEADER: &str = "x-eloquent-identity";

/// The header in which proxies name the client, each adding at the right whom it heard from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How many characters of a page's origin are logged.
const ORIGIN_MAX_CHARS: usize = 255;

/// The session that the request presents, if it presents one of the right form. Whether it lives is
/// for the store to say; one that does not counts as none.
pub(super) struct Session(pub(super) Option<SessionHash>);

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(session(&parts.headers)))
    }
}

/// The address from which a request comes; `None` where the server was not told its peer.
pub(super) fn address(parts: &Parts, trusted: &[Network]) -> Option<ClientAddress> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let forwarded: Vec<_> = parts.headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
    Some(ClientAddress::behind(peer.ip(), &forwarded, trusted))
}

/// The session that these headers present.
pub(super) fn session(headers: &HeaderMap) -> Option<SessionHash> {
    bearer(headers).as_ref().map(SessionHash::of)
}

fn bearer(headers: &HeaderMap) -> Option<SessionToken> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { SessionToken::parse(token).ok() } else { None }
}

/// The page's origin, as the browser tells it, cut where the log cuts it.
pub(super) fn origin(headers: &HeaderMap) -> Option<String> {
    let origin = String::from_utf8_lossy(headers.get(header::ORIGIN)?.as_bytes());
    Some(origin.chars().take(ORIGIN_MAX_CHARS).collect())
}

/// The agent as it is set now: a body may have been on its way for long, and what was set when it began to
/// come counts for nothing.
pub(super) async fn as_set_now(app: &App, agent: &Agent) -> Result<Agent, ApiError> {
    let id = agent.id;
    let agent = app.store.read(move |reader| reader.agent(id)).await?;
    agent.ok_or_else(|| ProblemCode::AgentNotFound.into())
}

/// Judges a token for this agent, under the keys that it has at this moment. What the token's form
/// already rules out costs the database nothing. The log is the caller's to write.
pub(super) async fn judge(app: &App, agent: &Agent, token: &Token) -> Result<Judgement, ApiError> {
    let judgement = match Candidate::read(token) {
        Err(rejection) => Judgement { outcome: Err(rejection), signed: None },
        Ok(candidate) => {
            let (id, now) = (agent.id, app.now());
            let policy = Policy {
                enabled: agent.identifies(),
                max_lifetime: agent.max_token_lifetime,
                clock_skew: app.options.clock_skew,
            };
            let keys = app.store.read(move |reader| reader.verification_keys(id, now)).await?;
            Verifier::new(id, &keys, policy).judge(candidate, now)
        }
    };
    let code = judgement.outcome.as_ref().err().map(|rejection| rejection.code());
    tracing::info!(agent = %agent.id, code = code.map_or("ok", |code| code.as_str()), "identity token checked");
    Ok(judgement)
}

/// A request without a body: who asks, and about what.
pub(super) struct ReadRequest<'r> {
    pub(super) session: Option<SessionHash>,
    pub(super) headers: &'r HeaderMap,
    /// The conversation that it is about, which may be anybody's.
    pub(super) conversation: Option<ConversationId>,
}

/// The owner on whose behalf a request without a body reads. What becomes of its token is logged, with
/// the conversation if that is the owner's.
pub(super) async fn reading_visitor(
    app: &App,
    agent: &Agent,
    ReadRequest { session, headers, conversation }: ReadRequest<'_>,
) -> Result<Visitor, ApiError> {
    let token =
        headers.get(IDENTITY_HEADER).map(|value| Token::new(String::from_utf8_lossy(value.as_bytes())));
    let judgement = match &token {
        Some(token) => Some(judge(app, agent, token).await?),
        None => None,
    };
    let entry = Entry::new(app, agent, Surface::Read, judgement.as_ref(), origin(headers));
    let linked = conversation.filter(|_| entry.was_presented());
    let proof = judgement.and_then(|judgement| judgement.outcome.ok());
    let caller = Caller { agent: agent.id, session, proof };
    let (visitor, is_blocked, conversation) = app
        .store
        .read(move |reader| {
            let visitor = reader.visitor(&caller)?;
            let owned = match linked {
                Some(id) => reader.conversation_of(&visitor, id)?.map(|found| found.id),
                None => None,
            };
            Ok::<_, StoreError>((visitor, reader.is_blocked(&caller)?, owned))
        })
        .await?;
    if entry.was_presented() {
        let entry = if is_blocked { entry.blocked() } else { entry };
        let profile = visitor.verified_profile();
        identity_log::write_beside(app, move |writer| entry.record(writer, conversation, profile));
    }
    if visitor.is_unconfirmed() {
        let seen = visitor.clone();
        app.store.write(move |writer| writer.confirm_session(&seen)).await?;
    }
    Ok(visitor)
}
