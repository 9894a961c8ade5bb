//! What opens something: the identity token and the session, as they go out with a request.

use std::fmt;

use eloquent_types::{
    session::SessionToken,
    text::{UserId, split_at_mark},
};

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

    /// Whether the token says, true or not, that it is this user's. Good for withholding alone, so it is
    /// enough that it finds the plain spelling: with an id that is written with escapes it says no.
    pub(crate) fn is_said_to_be_of(&self, user: &UserId) -> bool {
        let (_, rest) = split_at_mark(&self.0, b'.').unwrap_or_default();
        let payload = decoded(split_at_mark(rest, b'.').map_or(rest, |(payload, _)| payload));
        let name = b"\"user_id\"";
        let at = payload.windows(name.len()).position(|found| found == name);
        let value = at.and_then(|at| payload.get(at + name.len()..)).unwrap_or_default();
        let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b':';
        let value = value.iter().position(|byte| !blank(byte)).and_then(|at| value.get(at..));
        value.is_some_and(|value| value.starts_with(["\"", user.as_str(), "\""].concat().as_bytes()))
    }
}

/// What base64url stands for; what is none is left out.
fn decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
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

#[cfg(test)]
mod tests {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn a_token_is_said_to_be_of_whom_it_names_and_of_nobody_else() {
        let said = |payload: &str, user: &str| {
            let token = ["h", &BASE64_URL_SAFE_NO_PAD.encode(payload), "s"].join(".");
            IdentityToken::new(token).is_said_to_be_of(&UserId::parse(user).expect("a user id"))
        };
        for (payload, user) in [
            (r#"{"user_id":"ada"}"#, "ada"),
            ("{ \"plan\": \"pro\", \"user_id\" : \n \"ada\" }", "ada"),
            (r#"{"user_id":"é€😀?>~"}"#, "é€😀?>~"),
        ] {
            assert!(said(payload, user), "{payload}");
        }
        for (payload, user) in [
            (r#"{"user_id":"adam"}"#, "ada"),
            (r#"{"user_id":"ada"}"#, "adam"),
            (r#"{"user_id":"Ada"}"#, "ada"),
            (r#"{"user_id":1}"#, "1"),
            (r#"{"sub":"ada"}"#, "ada"),
            (r#"{"user_id":"bob","name":"\"user_id\":\"ada\""}"#, "ada"),
            (r#"{"user_id":"bob","was":{"user_id":"ada"}}"#, "ada"),
            (r#"{"user_id":"ad\u0061"}"#, "ada"),
            (r#"{"user_id""#, "ada"),
            (r#"{"user_id":"ada"#, "ada"),
            ("", "ada"),
        ] {
            assert!(!said(payload, user), "{payload}");
        }
        for text in ["", ".", "..", "ada", "!.!.!"] {
            assert!(!IdentityToken::new(text).is_said_to_be_of(&UserId::parse("ada").expect("a user id")));
        }
    }
}
