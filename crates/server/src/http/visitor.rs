//! Who is asking: the session and the identity token of a request, the token verified.
//!
//! A session is a bearer token in `Authorization`; the identity is in the body of `chat` and
//! `identify`, and in `X-Eloquent-Identity` everywhere else. Neither ever stands in an address.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use eloquent_identity::{Policy, Rejection, Token, VerifiedIdentity, Verifier};
use eloquent_store::{Agent, Caller, SessionHash, Visitor};
use eloquent_types::session::SessionToken;

use super::error::ApiError;
use crate::{app::App, client_address::ClientAddress};

/// The header that carries the identity token where there is no body.
const IDENTITY_HEADER: &str = "x-eloquent-identity";

/// The header in which proxies name the client, each adding at the right whom it heard from.
const FORWARDED_FOR: &str = "x-forwarded-for";

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
pub(super) fn address(app: &App, parts: &Parts) -> Option<ClientAddress> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let forwarded: Vec<_> = parts.headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
    Some(ClientAddress::behind(peer.ip(), &forwarded, &app.options.trusted_proxies))
}

/// The session that these headers present.
pub(super) fn session(headers: &HeaderMap) -> Option<SessionHash> {
    bearer(headers).as_ref().map(SessionHash::of)
}

fn bearer(headers: &HeaderMap) -> Option<SessionToken> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { SessionToken::parse(token).ok() } else { None }
}

/// What became of the identity token of a request.
pub(super) enum Verdict {
    /// There was none.
    Absent,
    /// It does not identify anybody.
    Rejected(Rejection),
    /// It does.
    Verified(VerifiedIdentity),
}

impl Verdict {
    /// The proof, if there is one; what was wrong otherwise counts for nothing here.
    pub(super) fn proof(self) -> Option<VerifiedIdentity> {
        match self {
            Self::Verified(identity) => Some(identity),
            Self::Absent | Self::Rejected(_) => None,
        }
    }
}

/// Verifies a token for this agent, under the keys that it has at this moment.
pub(super) async fn verify(
    app: &App,
    agent: &Agent,
    token: Token,
) -> Result<Result<VerifiedIdentity, Rejection>, ApiError> {
    let id = agent.id;
    let now = app.now();
    let keys = app.store.read(move |reader| reader.verification_keys(id, now)).await?;
    let policy = Policy {
        enabled: agent.identifies(),
        max_lifetime: agent.max_token_lifetime,
        clock_skew: app.options.clock_skew,
    };
    let verdict = Verifier::new(id, &keys, policy).verify(&token, now);
    let code = verdict.as_ref().err().map(|rejection| rejection.code());
    tracing::info!(agent = %id, code = code.map_or("ok", |code| code.as_str()), "identity token checked");
    Ok(verdict)
}

/// The same where a token is optional.
pub(super) async fn verify_if_present(
    app: &App,
    agent: &Agent,
    token: Option<Token>,
) -> Result<Verdict, ApiError> {
    match token {
        None => Ok(Verdict::Absent),
        Some(token) => Ok(match verify(app, agent, token).await? {
            Ok(identity) => Verdict::Verified(identity),
            Err(rejection) => Verdict::Rejected(rejection),
        }),
    }
}

/// The owner on whose behalf a request without a body reads.
pub(super) async fn reading_visitor(
    app: &App,
    agent: &Agent,
    session: Option<SessionHash>,
    headers: &HeaderMap,
) -> Result<Visitor, ApiError> {
    let token =
        headers.get(IDENTITY_HEADER).map(|value| Token::new(String::from_utf8_lossy(value.as_bytes())));
    let proof = verify_if_present(app, agent, token).await?.proof();
    let caller = Caller { agent: agent.id, session, proof };
    let visitor = app.store.read(move |reader| reader.visitor(&caller)).await?;
    if visitor.is_unconfirmed() {
        let seen = visitor.clone();
        app.store.write(move |writer| writer.confirm_session(&seen)).await?;
    }
    Ok(visitor)
}
