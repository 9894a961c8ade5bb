//! What a command resolves with and what an event tells, as a flat list of named values in the
//! spelling of the page's API. The shell makes an object of it without knowing what it means.

use eloquent_types::time::Timestamp;

/// The members of an object, in order.
pub type Fields = Vec<(&'static str, Value)>;

/// A member's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(u32),
    /// A string.
    Text(String),
    /// A point in time: an RFC 3339 string in UTC, as `Date.prototype.toISOString` writes it.
    Time(Timestamp),
}

impl Value {
    /// The text, or `null` where there is none.
    pub(crate) fn text_or_null(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    /// The time, or `null` where there is none.
    pub(crate) fn time_or_null(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
