//! What the dashboard and the administration API share of a member's session: the cookie, and the proof
//! that a request which changes something comes from our own pages.
//!
//! It looks nobody up and answers nobody: both say for themselves what becomes of a request without a
//! member.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};

use crate::entropy::{self, EntropyError};

/// How long a session lasts from its log-in on, however busy it is.
pub(super) const LIFETIME: Duration = Duration::from_hours(12);

/// 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

/// A session's secret as the cookie carries it. The store knows its SHA-256 alone.
pub(super) struct SessionToken(String);

impl SessionToken {
    pub(super) fn generate() -> Result<Self, EntropyError> {
        entropy::opaque_token().map(Self)
    }

    /// The token that came with the request; nothing that could not have been issued.
    pub(super) fn of(headers: &HeaderMap, public_url: &str) -> Option<Self> {
        let name = cookie_name(public_url);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (value.len() == TOKEN_LENGTH && value.bytes().all(known)).then(|| Self(value.to_owned()))
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The `Set-Cookie` that hands it to the browser.
    pub(super) fn set_cookie(&self, public_url: &str) -> Option<HeaderValue> {
        cookie(public_url, &self.0, LIFETIME.as_secs())
    }
}

/// The `Set-Cookie` that takes the token back.
pub(super) fn clear_cookie(public_url: &str) -> Option<HeaderValue> {
    cookie(public_url, "", 0)
}

/// Over https the name's prefix makes browsers insist on `Secure`, on `Path=/` and on this very host.
/// Over plain http (a demo on the loopback, a private network) there is no such cookie: Safari
/// keeps no `Secure` cookie from http, of the loopback neither, and nobody could log in.
fn cookie_name(public_url: &str) -> &'static str {
    if is_https(public_url) { "__Host-eloquent" } else { "eloquent" }
}

fn cookie(public_url: &str, value: &str, max_age: u64) -> Option<HeaderValue> {
    let name = cookie_name(public_url);
    let secure = if is_https(public_url) { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

fn is_https(public_url: &str) -> bool {
    public_url.starts_with("https://")
}

/// Whether the request proves that it comes from our own pages. Browsers say so in `Sec-Fetch-Site`
/// on trustworthy addresses, and in `Origin` everywhere. The origin is ours when it is the public
/// address, or, over plain http where there can be several names, the one in `Host`: a foreign page
/// can choose neither of the two headers.
pub(super) fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let by_host = || {
        !is_https(public_url)
            && text(header::HOST).is_some_and(|host| origin.strip_prefix("http://") == Some(host))
    };
    origin == public_url || by_host()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_are_the_same_origin() {
        let own = "http://127.0.0.1:8080";
        for (sent, expected) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site"), ("origin", own)], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", own)], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", own)], true),
            (&[("origin", "null")], false),
            (&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8080")], false),
            (&[("origin", "http://127.0.0.1:8080.evil.example"), ("host", "127.0.0.1:8080")], false),
            (&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true),
            (&[("referer", "http://127.0.0.1:8080/dashboard")], false),
        ] {
            assert_eq!(is_same_origin(&headers(sent), own), expected, "{sent:?}");
        }
        let by_host = headers(&[("origin", "http://chat.example.com"), ("host", "chat.example.com")]);
        assert!(!is_same_origin(&by_host, "https://chat.example.com"));
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_over_https() {
        let token = SessionToken("x".repeat(TOKEN_LENGTH));
        let over_https = token.set_cookie("https://chat.example.com").unwrap();
        let expected =
            format!("__Host-eloquent={}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure", token.0);
        assert_eq!(over_https, expected);
        let over_http = token.set_cookie("http://127.0.0.1:8080").unwrap();
        assert_eq!(over_http, format!("eloquent={}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax", token.0));
        // A cookie of the other name, which a page without TLS could have planted, is no session.
        let planted = headers(&[("cookie", &format!("a=b; eloquent={}", token.0))]);
        assert!(SessionToken::of(&planted, "https://chat.example.com").is_none());
        assert!(SessionToken::of(&planted, "http://127.0.0.1:8080").is_some());
        for bad in ["eloquent=", "eloquent=short", "xeloquent=00000000000000000000000000000000000000000000"] {
            assert!(SessionToken::of(&headers(&[("cookie", bad)]), "http://127.0.0.1:8080").is_none());
        }
    }
}
