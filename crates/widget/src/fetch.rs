//! One HTTP request to the API. No cookies go along, and no failure throws.

use eloquent_types::{problem::ProblemCode, session::SessionToken};
use eloquent_widget_core::{IdentityToken, TransportError};
use gloo_net::http::{Method, RequestBuilder};
use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Request, RequestCredentials, RequestInit, Response};

use crate::{convert::get_text, global};

/// What is asked.
pub(crate) struct Call {
    /// The method.
    pub(crate) method: Method,
    /// The whole address.
    pub(crate) url: String,
    /// For `Authorization`.
    pub(crate) session: Option<SessionToken>,
    /// For `X-Eloquent-Identity`.
    pub(crate) token: Option<IdentityToken>,
    /// JSON.
    pub(crate) body: Option<String>,
}

/// Ends a request, and the reading of its response, when dropped.
pub(crate) struct Abort(AbortController);

impl Abort {
    /// For one request.
    pub(crate) fn new() -> Result<Self, TransportError> {
        AbortController::new().map(Self).map_err(|_| TransportError::Unreachable)
    }

    /// What the request listens to.
    pub(crate) fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends it; gives a response of success, or why there is none.
pub(crate) async fn send(call: Call, signal: Option<AbortSignal>) -> Result<Response, TransportError> {
    let request = build(&call, signal.as_ref()).map_err(|_| TransportError::Unexpected)?;
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

/// The request, as gloo-net builds it. It is sent by [`global::fetch`], because gloo-net's own `send`
/// panics where a page's wrapper around `fetch` rejects with something that is no `Error`.
fn build(call: &Call, signal: Option<&AbortSignal>) -> Result<Request, JsValue> {
    let mut builder = RequestBuilder::new(&call.url)
        .method(call.method.clone())
        .credentials(RequestCredentials::Omit)
        .abort_signal(signal);
    if let Some(session) = &call.session {
        builder = builder.header("Authorization", &["Bearer ", session.expose()].concat());
    }
    if let Some(token) = call.token.as_ref().map(IdentityToken::expose).filter(|token| fits_header(token)) {
        builder = builder.header("X-Eloquent-Identity", token);
    }
    let request = match &call.body {
        Some(body) => builder.header("Content-Type", "application/json").body(body),
        None => builder.build(),
    };
    let request = request.map_err(|_| JsValue::UNDEFINED)?.into();
    if signal.is_some() {
        return Ok(request);
    }
    // Nobody waits for it: it may outlive the page.
    let init = RequestInit::new();
    Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    Request::new_with_request_and_init(&request, &init)
}

/// gloo-net panics on a value that a header cannot carry. A token with such characters identifies
/// nobody, so nothing is lost without it.
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
