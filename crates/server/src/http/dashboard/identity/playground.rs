//! The playground: a member signs a token that lives five minutes, for any user, and meets the agent as
//! that user on a page with the real widget.
//!
//! The token is signed and judged as a site's own would be, and goes into one response that nobody may
//! keep. What follows is no rehearsal: the widget identifies a visitor, and a profile appears.

use std::time::Duration;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use eloquent_identity::{Policy, Rejection, Token, VerifiedIdentity, Verifier, sign};
use eloquent_store::Profile;
use eloquent_types::{
    claims::RESERVED,
    id::{KeyId, ProfileId},
    time::Timestamp,
};
use maud::Markup;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    agent::{self, Known, prompt},
    app::App,
    http::dashboard::{error::PageError, session::AgentPage},
};

mod view;

/// How long a test token lives, where the agent does not allow less.
const LIFETIME: Duration = Duration::from_mins(5);

/// The policy of the page that runs the widget: the dashboard's, and WebAssembly.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Whom the member wants to be.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    email: String,
    /// The other claims, as the text of a JSON object.
    #[serde(default)]
    claims: String,
}

/// Why no token was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    /// Identity verification is off for the agent or for the company.
    Off,
    NoKey,
    /// What the JSON parser says of the claims.
    NotAnObject(String),
    /// A claim that has a field of its own or is set here.
    Reserved(String),
    /// The token would identify nobody.
    Rejected(Rejection),
}

pub(super) async fn form(State(app): State<App>, page: AgentPage) -> Result<Markup, PageError> {
    let (scope, now) = (page.scope, app.now());
    let keys = app.store.read(move |reader| Ok::<_, PageError>(reader.keys(&scope)?)).await?;
    let is_signing = keys.iter().any(|key| key.is_active(now));
    let obstacle = match (page.agent.identifies(), is_signing) {
        (false, _) => Some(Problem::Off),
        (true, false) => Some(Problem::NoKey),
        (true, true) => None,
    };
    Ok(view::page(&page, &Wanted::example(), obstacle.as_ref()))
}

pub(super) async fn preview(
    State(app): State<App>,
    page: AgentPage,
    form: Result<Form<Wanted>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(wanted) = form?;
    match signed(&app, &page, &wanted).await? {
        Ok(signed) => {
            let context = context(&app, &page, &signed.identity).await?;
            let body = view::preview(&page, &wanted, &signed, &context);
            Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], body).into_response())
        }
        Err(problem) => {
            let body = view::page(&page, &wanted, Some(&problem));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, body).into_response())
        }
    }
}

impl Wanted {
    fn example() -> Self {
        Self {
            user_id: "test-1".to_owned(),
            email: "test@example.com".to_owned(),
            claims: "{\n  \"name\": \"Tess Tester\",\n  \"plan\": \"Pro\"\n}".to_owned(),
        }
    }

    /// All that is to be signed at `now`.
    fn payload(&self, now: Timestamp, lifetime: Duration) -> Result<Map<String, Value>, Problem> {
        let text = self.claims.trim();
        let mut payload: Map<String, Value> = serde_json::from_str(if text.is_empty() { "{}" } else { text })
            .map_err(|error| Problem::NotAnObject(error.to_string()))?;
        if let Some(name) = RESERVED.into_iter().find(|name| payload.contains_key(*name)) {
            return Err(Problem::Reserved(name.to_owned()));
        }
        payload.insert("user_id".to_owned(), self.user_id.clone().into());
        if !self.email.trim().is_empty() {
            payload.insert("email".to_owned(), self.email.trim().into());
        }
        let seconds = now.as_millis() / 1000;
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        payload.insert("iat".to_owned(), seconds.into());
        payload.insert("exp".to_owned(), seconds.saturating_add(lifetime).into());
        Ok(payload)
    }
}

/// A token that identifies its bearer, with what was signed.
struct Signed {
    token: Token,
    payload: Map<String, Value>,
    key: KeyId,
    identity: VerifiedIdentity,
    lifetime: Duration,
}

/// Signs with the agent's newest active key, and judges what came of it as any token is judged.
async fn signed(app: &App, page: &AgentPage, wanted: &Wanted) -> Result<Result<Signed, Problem>, PageError> {
    let (agent, now) = (&page.agent, app.now());
    if !agent.identifies() {
        return Ok(Err(Problem::Off));
    }
    let id = agent.id;
    let keys = app.store.read(move |reader| Ok::<_, PageError>(reader.verification_keys(id, now)?)).await?;
    let Some(key) = keys.iter().rfind(|key| !key.revoked) else { return Ok(Err(Problem::NoKey)) };
    let lifetime = agent.max_token_lifetime.map_or(LIFETIME, |longest| longest.min(LIFETIME));
    let payload = match wanted.payload(now, lifetime) {
        Ok(payload) => payload,
        Err(problem) => return Ok(Err(problem)),
    };
    let token = sign(&key.secret, &payload, Some(key.id)).map_err(|_| PageError::BadForm)?;
    let policy =
        Policy { enabled: true, max_lifetime: agent.max_token_lifetime, clock_skew: app.options.clock_skew };
    let verdict = Verifier::new(id, &keys, policy).verify(&token, now);
    Ok(verdict
        .map(|identity| Signed { token, payload, key: key.id, identity, lifetime })
        .map_err(Problem::Rejected))
}

/// What the agent will be told of the user, by the function that tells it in every conversation.
struct Context {
    system: String,
    is_blocked: bool,
}

async fn context(app: &App, page: &AgentPage, identity: &VerifiedIdentity) -> Result<Context, PageError> {
    let (scope, id, user_id) = (page.scope, page.agent.id, identity.user_id().clone());
    let (profile, policies) = app
        .store
        .read(move |reader| {
            Ok::<_, PageError>((reader.profile_by_user_id(&scope, &user_id)?, reader.claim_policies(id)?))
        })
        .await?;
    let is_blocked = profile.as_ref().is_some_and(|profile| profile.blocked);
    let profile = profile_after(identity, profile, app.mint()?, app.now());
    let known = (!is_blocked).then(|| Known::of(&profile, &policies));
    let system = agent::system_context(&page.agent, known.as_ref(), prompt::Hints::default(), &[]);
    Ok(Context { system, is_blocked })
}

/// The profile as it will be when this token has identified its bearer: an email that the token does not
/// give is kept from before, and a profile that has seen a newer token does not change at all.
fn profile_after(
    identity: &VerifiedIdentity,
    before: Option<Profile>,
    id: ProfileId,
    now: Timestamp,
) -> Profile {
    let email = identity.email().map(ToOwned::to_owned);
    let claims = identity.claims().clone();
    match before {
        Some(before) if before.newest_issued_at > identity.issued_at() => before,
        Some(before) => Profile { email: email.or(before.email), claims, ..before },
        None => Profile {
            id,
            user_id: identity.user_id().clone(),
            email,
            claims,
            blocked: false,
            created_at: now,
            updated_at: now,
            last_seen_at: now,
            newest_issued_at: identity.issued_at(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn payload(user_id: &str, email: &str, claims: &str) -> Result<Map<String, Value>, Problem> {
        let wanted =
            Wanted { user_id: user_id.to_owned(), email: email.to_owned(), claims: claims.to_owned() };
        wanted.payload(NOW, LIFETIME)
    }

    #[test]
    fn what_is_signed_is_what_was_asked_for_and_five_minutes() {
        let payload = payload(" 42", " a@b.example ", "{\"plan\":\"Pro\",\"seats\":12}").unwrap();
        let expected = serde_json::json!({
            "user_id": " 42", "email": "a@b.example", "plan": "Pro", "seats": 12,
            "iat": 1_700_000_000, "exp": 1_700_000_300,
        });
        assert_eq!(Value::Object(payload), expected);
    }

    #[test]
    fn claims_may_be_left_out_and_so_may_the_email() {
        let payload = payload("42", " ", "\n").unwrap();
        let mut names: Vec<_> = payload.keys().collect();
        names.sort();
        assert_eq!(names, ["exp", "iat", "user_id"]);
    }

    #[test]
    fn claims_are_an_object_without_what_has_a_field_of_its_own() {
        for text in ["[]", "{", "\"x\"", "{\"a\":1}}", "{\"a\":1e400}"] {
            assert!(matches!(payload("42", "", text), Err(Problem::NotAnObject(_))), "{text}");
        }
        for name in RESERVED {
            let text = format!("{{\"{name}\":1}}");
            assert_eq!(payload("42", "", &text), Err(Problem::Reserved(name.to_owned())));
        }
    }
}
