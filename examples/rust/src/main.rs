//! A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
//! region; the rest is the site itself, with a log-in that is a toy.

use std::{
    collections::HashMap,
    env,
    error::Error,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;

// docs:begin
use jsonwebtoken::{EncodingKey, Header, encode, errors::Result, get_current_timestamp};
use serde_json::json;

fn eloquent_token(user: &User, secret: &str) -> Result<String> {
    let claims = json!({
        "user_id": user.id, // a string, also where your ids are numbers
        "email": user.email,
        "name": user.name,
        "plan": user.plan,
        "exp": get_current_timestamp() + 3600,
    });
    // The default header says HS256.
    encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))
}
// docs:end

/// A customer of the site.
#[derive(Clone, Deserialize)]
struct User {
    id: String,
    email: String,
    name: String,
    plan: String,
}

/// The site: its secret, and who is logged in.
struct Site {
    secret: String,
    sessions: Mutex<HashMap<String, User>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let secret = env::var("ELOQUENT_SECRET").unwrap_or_default();
    if secret.is_empty() {
        return Err("ELOQUENT_SECRET is not set".into());
    }
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let site = Arc::new(Site { secret, sessions: Mutex::default() });
    let routes = Router::new()
        .route("/api/login", post(log_in))
        .route("/api/eloquent-token", post(token))
        .with_state(site);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

/// Toy: whoever asks is logged in as whoever they say they are.
async fn log_in(State(site): State<Arc<Site>>, Form(user): Form<User>) -> Response {
    let (Ok(high), Ok(low)) = (getrandom::u64(), getrandom::u64()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let session = format!("{high:016x}{low:016x}");
    let cookie = format!("session={session}; HttpOnly; SameSite=Lax; Path=/");
    site.sessions.lock().expect("no thread panics").insert(session, user);
    (StatusCode::NO_CONTENT, [("set-cookie", cookie)]).into_response()
}

async fn token(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let cookies = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("session="));
    let sessions = site.sessions.lock().expect("no thread panics");
    let Some(user) = session.and_then(|session| sessions.get(session)) else {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "not_logged_in" }))).into_response();
    };
    match eloquent_token(user, &site.secret) {
        Ok(token) => ([("cache-control", "no-store")], Json(json!({ "token": token }))).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
