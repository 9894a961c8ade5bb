//! The visitor's session: a bearer token, `vst_` and 256 random bits in base64url.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

const PREFIX: &str = "vst_";
const BODY_LENGTH: usize = 43;

/// A visitor's session token: an unguessable capability. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SessionToken(String);

/// The text has not the form of a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a session token")]
pub struct InvalidSessionToken;

impl SessionToken {
    /// Accepts exactly `vst_` and 43 characters of base64url.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidSessionToken> {
        let text = text.into();
        let body = text.strip_prefix(PREFIX).ok_or(InvalidSessionToken)?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if body.len() == BODY_LENGTH && body.bytes().all(known) {
            Ok(Self(text))
        } else {
            Err(InvalidSessionToken)
        }
    }

    /// The token itself. Only for the header and body that carry it, and for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

impl<'de> Deserialize<'de> for SessionToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_form_and_hides_itself() {
        let text = format!("vst_{}", "aB3-_".repeat(9).get(..43).unwrap());
        let token = SessionToken::parse(text.clone()).unwrap();
        assert_eq!(token.expose(), text);
        assert!(!format!("{token:?}").contains("aB3"));
        for bad in ["", "vst_", "vst_short", &text[..46], &format!("{text}a"), &text.replace('-', "+")] {
            assert_eq!(SessionToken::parse(bad), Err(InvalidSessionToken), "{bad}");
        }
    }
}
