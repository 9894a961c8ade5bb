//! Text with rules: a visitor's message, a site's user id.

use serde::{Deserialize, Deserializer, Serialize, de};

/// Whether there is nothing in the text but white space.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// How many characters the text has (Unicode scalar values).
pub fn count_chars(text: &str) -> usize {
    // Each has one byte that goes on with no other's. (The standard library's count is many times as large.)
    let mut count = 0;
    for byte in text.bytes() {
        count += usize::from(byte & 0xc0 != 0x80);
    }
    count
}

/// The beginning of the text: so many characters, or all of it where it has no more.
pub fn first_chars(text: &str, count: usize) -> &str {
    let mut end = 0;
    for character in text.chars().take(count) {
        end += character.len_utf8();
    }
    text.get(..end).unwrap_or_default()
}

/// What stands before the first of these marks and what behind it; none where there is no such mark. It is
/// an ASCII character. (The standard library's searches are two kilobytes of a module for browsers.)
pub fn split_at_mark(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A visitor's message: 1 to 8,000 characters, not only white space, kept as it was written
/// (contract §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageText(String);

/// The longest message, in characters (Unicode scalar values).
pub const MESSAGE_MAX_CHARS: usize = 8_000;

/// Why a text is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// Nothing but white space.
    #[error("the message is empty")]
    Empty,
    /// Over [`MESSAGE_MAX_CHARS`].
    #[error("the message is longer than 8,000 characters")]
    TooLong,
}

impl MessageText {
    /// Checks the length; changes nothing.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidMessage> {
        let text = text.into();
        if is_blank(&text) {
            return Err(InvalidMessage::Empty);
        }
        // A character is at most four bytes: most texts need no counting.
        if text.len() > MESSAGE_MAX_CHARS && count_chars(&text) > MESSAGE_MAX_CHARS {
            return Err(InvalidMessage::TooLong);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for MessageText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A site's own id of its user, as the token's `user_id` gave it: 1 to 255 characters, no control
/// characters, not only white space. Compared byte for byte: never trimmed, folded or normalised
/// (contract §3, check 10).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct UserId(String);

/// The longest `user_id`, in characters (Unicode scalar values).
pub const USER_ID_MAX_CHARS: usize = 255;

/// The text cannot be a `user_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user_id has 1 to 255 characters, no control characters, and not only white space")]
pub struct InvalidUserId;

impl UserId {
    /// Checks the rules; changes nothing.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidUserId> {
        let text = text.into();
        // Most are a number or a UUID, of which a look at each byte tells all.
        let acceptable = if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            (1..=USER_ID_MAX_CHARS).contains(&text.len())
        } else {
            !is_blank(&text) && count_chars(&text) <= USER_ID_MAX_CHARS && !text.chars().any(char::is_control)
        };
        if acceptable { Ok(Self(text)) } else { Err(InvalidUserId) }
    }

    /// The id, byte for byte as signed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for UserId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_cut_as_the_standard_library_does() {
        for text in ["", " ", "a", "é", "e\u{301}😀\u{a0}\n", "\u{2003}", "x😀y"] {
            assert_eq!(is_blank(text), text.trim().is_empty(), "{text:?}");
            assert_eq!(count_chars(text), text.chars().count(), "{text:?}");
            let marked = [text, ":", text, ":"].concat();
            assert_eq!(split_at_mark(text, b':'), None, "{text:?}");
            assert_eq!(split_at_mark(&marked, b':'), marked.split_once(':'), "{text:?}");
            for count in 0..6 {
                assert_eq!(
                    first_chars(text, count),
                    text.chars().take(count).collect::<String>(),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn message_limits() {
        assert_eq!(MessageText::parse(" \n\t"), Err(InvalidMessage::Empty));
        assert_eq!(MessageText::parse(""), Err(InvalidMessage::Empty));
        assert!(MessageText::parse("é".repeat(8_000)).is_ok());
        assert_eq!(MessageText::parse("é".repeat(8_001)), Err(InvalidMessage::TooLong));
        assert_eq!(MessageText::parse(" hi ").unwrap().as_str(), " hi ");
    }

    #[test]
    fn user_id_limits() {
        for good in ["1", "User 7", " a", "é", "e\u{301}", &"x".repeat(255)] {
            assert_eq!(UserId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "\u{a0}\u{2003}", "a\u{0}", "a\nb", "\u{85}", &"x".repeat(256)] {
            assert_eq!(UserId::parse(bad), Err(InvalidUserId), "{bad:?}");
        }
    }
}
