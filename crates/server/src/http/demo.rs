//! The demo shop: its pages at `/demo/`, and its own server part, which signs tokens as the
//! documentation tells customers to.

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use eloquent_types::problem::ProblemCode;
use serde::{Deserialize, Serialize};

use super::{
    assets::{self, FileName},
    error::ApiError,
};
use crate::{
    app::App,
    demo::{ACCENT, CUSTOMERS, Customer, Shop},
    entropy,
};

const COOKIE: &str = "fernhill";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/demo", get(async || Redirect::to("/demo/")))
        .route("/demo/", get(async |headers: HeaderMap| page(&headers, "index.html")))
        .route(
            "/demo/{file}",
            get(async |FileName(file): FileName, headers: HeaderMap| page(&headers, &file)),
        )
        .route("/demo/api/session", get(session))
        .route("/demo/api/login", post(login))
        .route("/demo/api/logout", post(logout))
        .route("/demo/api/eloquent-token", post(token))
}

fn page(headers: &HeaderMap, file: &str) -> Response {
    let mut response = assets::demo(headers, file);
    let policy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// What the shop's page knows.
#[derive(Serialize)]
struct SessionView {
    agent_id: String,
    accent: &'static str,
    customer: Option<Customer>,
    customers: [Customer; CUSTOMERS.len()],
}

fn shop(app: &App) -> Result<&Shop, ApiError> {
    app.options.demo.as_ref().ok_or_else(|| ProblemCode::NotFound.into())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|pair| pair.strip_prefix(COOKIE)?.strip_prefix('='))
}

fn view(shop: &Shop, customer: Option<Customer>) -> Response {
    let agent_id = shop.agent().to_string();
    let view = SessionView { agent_id, accent: ACCENT, customer, customers: CUSTOMERS };
    ([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response()
}

async fn session(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let shop = shop(&app)?;
    Ok(view(shop, cookie(&headers).and_then(|cookie| shop.customer(cookie))))
}

#[derive(Deserialize)]
struct Login {
    customer: String,
}

async fn login(
    State(app): State<App>,
    login: Result<Json<Login>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(login) = login?;
    let shop = shop(&app)?;
    let known = CUSTOMERS.into_iter().find(|customer| customer.id == login.customer);
    let customer = known.ok_or(ApiError::invalid_field("`customer` is ada, ben or chloe."))?;
    let id = entropy::opaque_token()?;
    shop.log_in(id.clone(), customer);
    let mut response = view(shop, Some(customer));
    set_cookie(&mut response, &format!("{COOKIE}={id}; Path=/demo; HttpOnly; SameSite=Lax"));
    Ok(response)
}

async fn logout(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let shop = shop(&app)?;
    if let Some(cookie) = cookie(&headers) {
        shop.log_out(cookie);
    }
    let mut response = view(shop, None);
    set_cookie(&mut response, &format!("{COOKIE}=; Path=/demo; Max-Age=0"));
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

#[derive(Serialize)]
struct TokenView {
    token: String,
}

async fn token(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let shop = shop(&app)?;
    let Some(customer) = cookie(&headers).and_then(|cookie| shop.customer(cookie)) else {
        return Ok((StatusCode::UNAUTHORIZED, "log in first\n").into_response());
    };
    let token = shop.sign(customer, app.now()).ok_or(ProblemCode::Internal)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(TokenView { token: token.expose().to_owned() }))
        .into_response())
}
