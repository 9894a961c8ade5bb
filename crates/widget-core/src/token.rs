//! What opens something: the identity token and the session, as they go out with a request.

use std::fmt;

use eloquent_types::session::SessionToken;

/// The token that the page gave to `identify`: unchecked, kept in memory only. Its `Debug` shows
/// nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityToken(String);

impl IdentityToken {
    /// Takes whatever the page gave; empty where it gave no string. The server judges it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself. Only for the body or header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityToken(…)")
    }
}

/// What a request shows of its visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Goes into `Authorization: Bearer …`.
    pub session: Option<SessionToken>,
    /// Goes into `X-Eloquent-Identity`.
    pub token: Option<IdentityToken>,
}
