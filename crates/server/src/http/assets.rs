//! The files that browsers fetch: the loader, the widget, the dashboard's and the demo's pages. They
//! are part of the program (debug builds read them from disk).

use std::borrow::Cow;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use eloquent_types::problem::ProblemCode;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::ApiError;
use crate::app::App;

/// What the build makes: the loader and the widget.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../www/dist"]
#[allow_missing = true]
struct Widget;

/// The dashboard's style and scripts.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../www/dashboard"]
#[allow_missing = true]
struct Dashboard;

/// The demo shop's pages.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../www/demo"]
#[allow_missing = true]
struct Demo;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(async || Redirect::to("/dashboard")))
        .route("/eloquent.js", get(async |headers: HeaderMap| shared(&headers, "eloquent.js")))
        .route(
            "/assets/{file}",
            get(async |FileName(file): FileName, headers: HeaderMap| shared(&headers, &file)),
        )
        .route(
            "/dashboard/assets/{file}",
            get(async |FileName(file): FileName, headers: HeaderMap| {
                serve(&headers, &file, Dashboard::get(&file))
            }),
        )
}

/// The path's last part. One that is no text names no file.
pub(super) struct FileName(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for FileName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(file) = Path::<String>::from_request_parts(parts, state).await?;
        Ok(Self(file))
    }
}

/// A page of the demo shop.
pub(super) fn demo(headers: &HeaderMap, file: &str) -> Response {
    serve(headers, file, Demo::get(file))
}

/// A file that pages of every origin load; compressed, where the build has it and the browser takes it.
fn shared(headers: &HeaderMap, file: &str) -> Response {
    let compressed = accepts_brotli(headers).then(|| Widget::get(&format!("{file}.br"))).flatten();
    let is_compressed = compressed.is_some();
    let mut response = serve(headers, file, compressed.or_else(|| Widget::get(file)));
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "br" && quality.trim() != "q=0"
    })
}

/// The file, or 304 for one that the browser has. It asks each time, so that an upgrade is seen.
fn serve(headers: &HeaderMap, name: &str, file: Option<EmbeddedFile>) -> Response {
    let Some(file) = file else { return ApiError::from(ProblemCode::NotFound).into_response() };
    let hash = file.metadata.sha256_hash();
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&hash[..16]));
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let body = match file.data {
        Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    (caching, [(header::CONTENT_TYPE, content_type(name))], body).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
