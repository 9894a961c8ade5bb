//! One HTTP request to the API. No cookies go along, and no failure throws.

use eloquent_types::problem::ProblemCode;
use eloquent_widget_core::{Credentials, IdentityToken, TransportError};
use gloo_net::http::Headers;
use js_sys::{JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Request, Response};

use crate::{
    convert::{get_text, json as written, set},
    global,
};

/// What is asked.
pub(crate) struct Call {
    /// The method, in capitals.
    pub(crate) method: &'static str,
    /// The whole address.
    pub(crate) url: String,
    /// For `Authorization` and `X-Eloquent-Identity`.
    pub(crate) credentials: Credentials,
    /// Goes as JSON.
    pub(crate) body: Option<Object>,
}

/// Ends a request, and the reading of its response, when dropped.
pub(crate) struct Abort(Option<AbortController>);

impl Abort {
    /// For one request. Where the page has put something else in `AbortController`'s place, the request
    /// goes on, and is not heard.
    pub(crate) fn new() -> Self {
        Self(AbortController::new().ok())
    }

    /// What the request listens to.
    pub(crate) fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Sends it; gives a response of success, or why there is none. With `keepalive` it may outlive the page.
pub(crate) async fn send(
    call: Call,
    signal: Option<AbortSignal>,
    keepalive: bool,
) -> Result<Response, TransportError> {
    let request = build(&call, signal, keepalive).map_err(|_| TransportError::Unexpected)?;
    let promise = global::fetch(&request).map_err(|_| TransportError::Unreachable)?;
    let response = JsFuture::from(promise).await.map_err(|_| TransportError::Unreachable)?;
    let response: Response = response.dyn_into().map_err(|_| TransportError::Unexpected)?;
    if response.ok() { Ok(response) } else { Err(refusal(response).await) }
}

/// The response's JSON.
pub(crate) async fn json(response: &Response) -> Result<JsValue, TransportError> {
    let promise = response.text().map_err(|_| TransportError::Unexpected)?;
    let text = JsFuture::from(promise).await.map_err(|_| TransportError::Unreachable)?;
    let text = text.as_string().ok_or(TransportError::Unexpected)?;
    JSON::parse(&text).map_err(|_| TransportError::Unexpected)
}

/// The request, its headers by gloo-net. Throws where the page has put something else in `Request`'s
/// place. (gloo-net's own requests would bring a whole parser of methods along.)
fn build(call: &Call, signal: Option<AbortSignal>, keepalive: bool) -> Result<Request, JsValue> {
    let headers = Headers::new();
    let Credentials { session, token } = &call.credentials;
    if let Some(session) = session {
        headers.set("Authorization", &["Bearer ", session.expose()].concat());
    }
    if let Some(token) = token.as_ref().map(IdentityToken::expose).filter(|token| fits_header(token)) {
        headers.set("X-Eloquent-Identity", token);
    }
    let init = Object::new();
    set(&init, "method", call.method);
    set(&init, "credentials", "omit");
    if let Some(body) = &call.body {
        headers.set("Content-Type", "application/json");
        set(&init, "body", written(body));
    }
    set(&init, "headers", headers.into_raw());
    set(&init, "keepalive", keepalive);
    set(&init, "signal", signal);
    Request::new_with_str_and_init(&call.url, init.unchecked_ref())
}

/// gloo-net panics on a value that a header cannot carry. A token with such characters identifies nobody,
/// so nothing is lost without it.
fn fits_header(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x21..=0x7e))
}

async fn refusal(response: Response) -> TransportError {
    let retry_after = response.headers().get("Retry-After").ok().flatten().and_then(|text| text.parse().ok());
    let code = json(&response).await.ok().and_then(|problem| get_text(&problem, "code"));
    let code = ProblemCode::ALL.iter().find(|known| Some(known.as_str()) == code.as_deref());
    match (code, response.status()) {
        (Some(&code), _) => TransportError::Refused { code, retry_after },
        // A proxy that does not reach the server speaks its own language.
        (None, 502..=504) => TransportError::Unreachable,
        (None, _) => TransportError::Unexpected,
    }
}
