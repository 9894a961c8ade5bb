//! Secrets of the administration API's keys: `elk_` and 256 random bits in base64url.
//!
//! One is shown once, when it is created. The store knows its SHA-256 alone: with that many random bits
//! nothing slower is needed.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyError};

const PREFIX: &str = "elk_";

/// 256 bits in base64url.
const RANDOM_LENGTH: usize = 43;

/// A secret of the right form; shown by no `Debug`, wiped when dropped.
pub struct ApiSecret(Zeroizing<String>);

impl ApiSecret {
    /// A new one.
    pub fn generate() -> Result<Self, EntropyError> {
        let random = Zeroizing::new(entropy::opaque_token()?);
        Ok(Self(Zeroizing::new([PREFIX, random.as_str()].concat())))
    }

    /// What could have been issued; `None` for anything else, the empty text included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let well_formed = random.len() == RANDOM_LENGTH && random.bytes().all(known);
        well_formed.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret itself: for the one who creates it, this once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// By which a key is known later.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// What the store knows of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_issued_is_read_again() {
        let secret = ApiSecret::generate().unwrap();
        assert_eq!(secret.expose().len(), 47);
        assert_eq!(ApiSecret::parse(secret.expose()).unwrap().hash(), secret.hash());
        assert!(secret.expose().ends_with(secret.last_four()) && secret.last_four().len() == 4);
        assert_ne!(ApiSecret::generate().unwrap().hash(), secret.hash());
        assert_eq!(format!("{secret:?}"), "ApiSecret(…)");
    }

    #[test]
    fn nothing_else_is_read() {
        let random = "A".repeat(RANDOM_LENGTH);
        for text in [
            String::new(),
            "elk_".to_owned(),
            random.clone(),
            format!("elq_{random}"),
            format!("ELK_{random}"),
            format!("elk_{random}A"),
            format!("elk_{}", &random[1..]),
            format!("elk_{}=", &random[1..]),
            format!("elk_{} ", &random[1..]),
            format!(" elk_{random}"),
            format!("elk_{}é", &random[2..]),
        ] {
            assert!(ApiSecret::parse(&text).is_none(), "{text}");
        }
    }
}
