//! A key's secret as it is shown to the site's developer. It is the text itself, in UTF-8, that keys
//! the HMAC: nothing here decodes it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const PREFIX: &str = "elq_";
const RANDOM_BYTES: usize = 32;
const BODY_LENGTH: usize = 43;
const LAST: usize = 4;

/// A secret: `elq_` and 256 bits in 43 characters of base64url. Wiped from memory when dropped; its
/// `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret {
    shown: String,
    /// The same bytes as the JWT library wants them, so that no verification copies them.
    key: DecodingKey,
}

/// The text has not the form of a secret: `elq_` and 43 characters of base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret: it starts with elq_ and has 43 more characters of A-Z, a-z, 0-9, - and _")]
pub struct InvalidSecret;

impl Secret {
    /// Makes a secret of 256 random bits, which the caller takes from the system.
    #[must_use]
    pub fn generate(random: [u8; RANDOM_BYTES]) -> Self {
        let random = Zeroizing::new(random);
        // Room for all of it from the start: a string that grows leaves copies behind.
        let mut shown = String::with_capacity(PREFIX.len() + BODY_LENGTH);
        shown.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(&random[..], &mut shown);
        Self::new(shown)
    }

    /// Reads a secret as it was shown: exactly `elq_` and 43 characters of base64url, nothing around it.
    pub fn parse(shown: impl Into<String>) -> Result<Self, InvalidSecret> {
        let mut shown = Zeroizing::new(shown.into());
        let body = shown.strip_prefix(PREFIX).ok_or(InvalidSecret)?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if body.len() == BODY_LENGTH && body.bytes().all(known) {
            Ok(Self::new(std::mem::take(&mut *shown)))
        } else {
            Err(InvalidSecret)
        }
    }

    fn new(shown: String) -> Self {
        Self { key: DecodingKey::from_secret(shown.as_bytes()), shown }
    }

    /// The secret as a key that verifies.
    pub(crate) const fn key(&self) -> &DecodingKey {
        &self.key
    }

    /// The secret itself: only for signing, verifying, sealing, and the one response that shows it.
    pub fn expose(&self) -> &str {
        &self.shown
    }

    /// The last four characters, by which a key is recognised after its secret is no longer shown.
    pub fn last_four(&self) -> &str {
        // ASCII by construction, so every index is a character's boundary.
        &self.shown[self.shown.len() - LAST..]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_reads_back() {
        let secret = Secret::generate([0xfb; 32]);
        assert_eq!(secret.expose(), "elq_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
        assert_eq!(secret.last_four(), "7-_s");
        assert_eq!(Secret::parse(secret.expose()).unwrap().expose(), secret.expose());
    }

    #[test]
    fn every_bit_of_the_random_numbers_counts() {
        let zero = Secret::generate([0; 32]);
        for bit in 0..256 {
            let mut random = [0; 32];
            random[bit / 8] = 1 << (bit % 8);
            assert_ne!(Secret::generate(random).expose(), zero.expose(), "bit {bit}");
        }
    }

    #[test]
    fn refuses_what_is_no_secret() {
        let good = format!("elq_{}", "aB3-_".repeat(9).get(..43).unwrap());
        assert!(Secret::parse(good.as_str()).is_ok());
        let bad = [
            String::new(),
            "elq_".into(),
            good[..46].into(),
            format!("{good}a"),
            format!(" {good}"),
            format!("{good}\n"),
            good.replace("elq_", "ELQ_"),
            good.replace("elq_", ""),
            good.replace('-', "+"),
            good.replace("aB", "é"),
        ];
        for shown in bad {
            assert_eq!(Secret::parse(shown.as_str()).unwrap_err(), InvalidSecret, "{shown:?}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::generate([7; 32])), "Secret(…)");
    }
}
