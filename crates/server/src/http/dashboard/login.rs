//! Logging in and out.
//!
//! An unknown email and a wrong password get the same answer after the same work. Every log-in makes a
//! new session and ends the one that the browser had; logging out ends it on the server.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Form,
    extract::{FromRequestParts, Query, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use eloquent_types::id::MemberId;
use maud::{Markup, html};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{
    attempts::{Key, Limiter},
    error::PageError,
    frame, icon,
    session::{self, NextPath},
};
use crate::{
    app::App,
    client_address::{ClientAddress, Network},
    http::{
        member::{self, LIFETIME, SessionToken},
        visitor,
    },
    password,
};

/// How many failures an account has before it must wait.
const FREE_PER_ACCOUNT: u32 = 5;
/// The same for an address, behind which a whole office can stand.
const FREE_PER_ADDRESS: u32 = 20;

/// The log-ins that were tried, by account and by address.
#[derive(Clone, Debug)]
pub(super) struct Attempts(Arc<Tried>);

#[derive(Debug)]
struct Tried {
    accounts: Limiter,
    addresses: Limiter,
}

impl Default for Attempts {
    fn default() -> Self {
        let [accounts, addresses] = [FREE_PER_ACCOUNT, FREE_PER_ADDRESS].map(Limiter::new);
        Self(Arc::new(Tried { accounts, addresses }))
    }
}

impl Attempts {
    /// Lets an attempt begin, or says how long to wait.
    fn begin(&self, account: Key, address: Option<Key>, app: &App) -> Result<(), Duration> {
        let now = app.now();
        address.map_or(Ok(()), |address| self.0.addresses.begin(address, now))?;
        self.0.accounts.begin(account, now)
    }

    fn succeeded(&self, account: Key, address: Option<Key>) {
        self.0.accounts.succeeded(account);
        if let Some(address) = address {
            self.0.addresses.succeeded(address);
        }
    }
}

/// The client's address as a key, where the server tells it. The loopback speaks for a reverse proxy that
/// the settings do not name, and everybody behind it, and is not held against anybody.
pub(super) struct AddressKey(Option<Key>);

impl FromRequestParts<App> for AddressKey {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, &app.options.trusted_proxies))
    }
}

impl AddressKey {
    fn of(parts: &Parts, trusted: &[Network]) -> Self {
        let client = visitor::address(parts, trusted).map(ClientAddress::ip);
        Self(client.filter(|ip| !ip.is_loopback()).map(|ip| key(&ip.to_string())))
    }
}

#[derive(Deserialize)]
pub(super) struct LoginQuery {
    #[serde(default)]
    next: Option<String>,
}

pub(super) async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    query: Result<Query<LoginQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, PageError> {
    let next = query.ok().and_then(|Query(query)| NextPath::parse(query.next.as_deref()?));
    if session::signed_in(&app, &headers).await?.is_some() {
        return Ok(Redirect::to(next.as_ref().map_or("/dashboard", NextPath::as_str)).into_response());
    }
    Ok(page(&Shown { email: "", next: next.as_ref(), problem: None }).into_response())
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn log_in(
    State(app): State<App>,
    Extension(attempts): Extension<Attempts>,
    AddressKey(address): AddressKey,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response, PageError> {
    let Form(LoginForm { email, password, next }) = form.map_err(|_| PageError::BadForm)?;
    let email = email.trim();
    let next = NextPath::parse(&next);
    let shown = |problem| Shown { email, next: next.as_ref(), problem: Some(problem) };
    if email.is_empty() {
        return Ok(refused(&shown(Problem::EmailMissing)));
    }
    if password.is_empty() {
        return Ok(refused(&shown(Problem::PasswordMissing)));
    }
    let account = key(&email.to_lowercase());
    if let Err(wait) = attempts.begin(account, address, &app) {
        return Ok(too_many(&shown(Problem::TooMany(wait)), wait));
    }
    let Some(member) = authenticate(&app, email.to_owned(), password).await? else {
        return Ok(refused(&shown(Problem::NoMatch)));
    };
    attempts.succeeded(account, address);
    let token = begin_session(&app, &headers, member).await?;
    let target = next.as_ref().map_or("/dashboard", NextPath::as_str);
    Ok(with_cookie(Redirect::to(target), token.set_cookie(&app.options.public_url)))
}

pub(super) async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    let public_url = &app.options.public_url;
    if let Some(token) = SessionToken::of(&headers, public_url) {
        let hash = token.hash();
        app.store.write(move |writer| Ok::<_, PageError>(writer.delete_member_session(&hash)?)).await?;
    }
    Ok(with_cookie(Redirect::to("/dashboard/login"), member::clear_cookie(public_url)))
}

/// The member of this email and password.
async fn authenticate(app: &App, email: String, password: String) -> Result<Option<MemberId>, PageError> {
    let found = app.store.read(move |reader| Ok::<_, PageError>(reader.member_by_email(&email)?)).await?;
    let (member, hash) = found.unzip();
    let matches = password::verify(password, hash).await;
    Ok(member.filter(|_| matches).map(|member| member.id))
}

async fn begin_session(app: &App, headers: &HeaderMap, member: MemberId) -> Result<SessionToken, PageError> {
    let token = SessionToken::generate()?;
    let (hash, now) = (token.hash(), app.now());
    let former = SessionToken::of(headers, &app.options.public_url).map(|former| former.hash());
    app.store
        .write(move |writer| {
            if let Some(former) = former {
                writer.delete_member_session(&former)?;
            }
            Ok::<_, PageError>(writer.create_member_session(&hash, member, now, now + LIFETIME)?)
        })
        .await?;
    Ok(token)
}

fn with_cookie(redirect: Redirect, cookie: Option<HeaderValue>) -> Response {
    let mut response = redirect.into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

fn refused(shown: &Shown<'_>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page(shown)).into_response()
}

fn too_many(shown: &Shown<'_>, wait: Duration) -> Response {
    let retry_after = [(header::RETRY_AFTER, whole_seconds(wait).to_string())];
    (StatusCode::TOO_MANY_REQUESTS, retry_after, page(shown)).into_response()
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// What the form shows.
struct Shown<'a> {
    email: &'a str,
    next: Option<&'a NextPath>,
    problem: Option<Problem>,
}

/// What is wrong with an attempt.
#[derive(Clone, Copy)]
enum Problem {
    EmailMissing,
    PasswordMissing,
    NoMatch,
    TooMany(Duration),
}

impl Problem {
    /// The field that it stands beside.
    const fn field(self) -> &'static str {
        match self {
            Self::EmailMissing => "email",
            Self::PasswordMissing | Self::NoMatch | Self::TooMany(_) => "password",
        }
    }

    fn text(self) -> String {
        match self {
            Self::EmailMissing => "Enter your email address.".to_owned(),
            Self::PasswordMissing => "Enter your password.".to_owned(),
            Self::NoMatch => "This email and password do not match. Check both and try again.".to_owned(),
            Self::TooMany(wait) => {
                format!("Too many attempts. Try again in {}.", waiting_time(whole_seconds(wait)))
            }
        }
    }
}

fn waiting_time(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn page(shown: &Shown<'_>) -> Markup {
    let body = html! {
        h1 { "Log in to Eloquent" }
        form.stack method="post" action="/dashboard/login" novalidate {
            @if let Some(next) = shown.next {
                input type="hidden" name="next" value=(next.as_str());
            }
            (field("email", "email", "Email", "username", shown.email, shown.problem))
            (field("password", "password", "Password", "current-password", "", shown.problem))
            button.primary.wide type="submit" { "Log in" }
        }
        p.hint.center {
            "No login yet? Whoever runs this server makes one with " code { "eloquent user create" } "."
        }
    };
    frame::bare("Log in", &body)
}

fn field(
    name: &str,
    kind: &str,
    label: &str,
    complete: &str,
    value: &str,
    problem: Option<Problem>,
) -> Markup {
    let problem = problem.filter(|problem| problem.field() == name);
    let described = problem.map(|_| format!("{name}-problem"));
    // The cursor goes where something is to be done: to what is wrong, else to the first empty field.
    let focused = problem.is_some();
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) type=(kind) name=(name) value=[(kind != "password").then_some(value)]
                autocomplete=(complete) required maxlength="254" autofocus[focused]
                aria-invalid=[described.as_ref().map(|_| "true")] aria-describedby=[described.as_deref()];
            @if let (Some(problem), Some(id)) = (problem, described.as_deref()) {
                p.problem id=(id) role="alert" { (icon::alert()) (problem.text()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{extract::ConnectInfo, http::Request};

    use super::*;

    fn address_of(peer: Option<&str>) -> Option<Key> {
        let mut request = Request::new(());
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        }
        AddressKey::of(&request.into_parts().0, &[]).0
    }

    #[test]
    fn an_address_stands_for_its_holder_and_the_loopback_for_nobody() {
        for nobody in [None, Some("127.0.0.1:1"), Some("[::1]:1"), Some("[::ffff:127.0.0.1]:1")] {
            assert_eq!(address_of(nobody), None, "{nobody:?}");
        }
        let of = |peer| address_of(Some(peer)).unwrap();
        assert_eq!(of("192.0.2.1:1"), of("[::ffff:192.0.2.1]:2"));
        assert_ne!(of("192.0.2.1:1"), of("192.0.2.2:1"));
        assert_eq!(of("[2001:db8:1:2::3]:1"), of("[2001:db8:1:2:ffff::]:1"));
        assert_ne!(of("[2001:db8:1:2::3]:1"), of("[2001:db8:1:3::3]:1"));
    }

    #[test]
    fn waits_are_told_in_words() {
        assert_eq!([1, 30, 91, 900].map(waiting_time), ["a second", "30 seconds", "2 minutes", "15 minutes"]);
        assert_eq!(whole_seconds(Duration::from_millis(29_001)), 30);
    }
}
