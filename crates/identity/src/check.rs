//! The eleven checks of a token, in the order in which their codes take precedence.

use serde::Serialize;

/// A check of a token. Each has a number, from 1, and a title for the reader of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// There is a token.
    Present,
    /// It is not too long.
    Size,
    /// It has the form of a signed JWT.
    Form,
    /// Its header asks for HS256 and for nothing that is not understood.
    Algorithm,
    /// Identity verification is on.
    Enabled,
    /// The agent has an active key.
    Configured,
    /// An active key signed it.
    Signature,
    /// It is valid at this time.
    Times,
    /// It does not live longer than the agent allows.
    Lifetime,
    /// It says who the user is.
    UserId,
    /// This user is not blocked.
    NotBlocked,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Self; 11] = [
        Self::Present,
        Self::Size,
        Self::Form,
        Self::Algorithm,
        Self::Enabled,
        Self::Configured,
        Self::Signature,
        Self::Times,
        Self::Lifetime,
        Self::UserId,
        Self::NotBlocked,
    ];

    /// Its place in the order: 1 to 11.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// What passes it, in a few English words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Present => "There is a token",
            Self::Size => "At most 8,192 bytes",
            Self::Form => "A signed JWT in compact form",
            Self::Algorithm => "The algorithm is HS256",
            Self::Enabled => "Identity verification is on",
            Self::Configured => "The agent has an active key",
            Self::Signature => "Signed with an active key of this agent",
            Self::Times => "Valid at this time",
            Self::Lifetime => "Not valid for longer than the agent allows",
            Self::UserId => "user_id says who it is",
            Self::NotBlocked => "The user is not blocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_in_order() {
        for (index, check) in Check::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(check.number()), index + 1, "{check:?}");
        }
        let names = serde_json::to_string(&Check::ALL).unwrap();
        let expected = concat!(
            r#"["present","size","form","algorithm","enabled","configured","signature","times","lifetime","#,
            r#""user_id","not_blocked"]"#
        );
        assert_eq!(names, expected);
    }
}
