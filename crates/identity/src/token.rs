//! An identity token as it was received. Nothing about it is true yet.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest token that is looked into, in bytes.
pub const TOKEN_MAX_BYTES: usize = 8_192;

/// A token as received, of any content and length. Wiped from memory when dropped; its `Debug` shows
/// nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// Takes any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself: only for verifying, and for the body or header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it, which is what `token_missing` means.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_no_character_at_all_is_empty() {
        assert!(Token::new("").is_empty());
        assert!(!Token::new(" ").is_empty());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Token::new("eyJ.eyJ.sig")), "Token(…)");
    }
}
