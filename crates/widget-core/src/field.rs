//! What a command resolves with and what an event tells, as a flat list of named values in the
//! spelling of the page's API. The shell makes an object of it without knowing what it means.

use eloquent_types::{
    id::{ConversationId, Id, MessageId},
    time::Timestamp,
};

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

/// Adds one member.
fn put(fields: &mut Fields, name: &'static str, value: Value) {
    fields.push((name, value));
}

/// Adds a boolean.
#[inline(never)]
pub(crate) fn put_bool(fields: &mut Fields, name: &'static str, value: bool) {
    put(fields, name, Value::Bool(value));
}

/// Adds a number.
#[inline(never)]
pub(crate) fn put_number(fields: &mut Fields, name: &'static str, value: u32) {
    put(fields, name, Value::Number(value));
}

/// Adds a text, or `null` where there is none.
#[inline(never)]
pub(crate) fn put_text(fields: &mut Fields, name: &'static str, text: Option<&str>) {
    put(fields, name, text.map_or(Value::Null, Value::from));
}

/// Adds a time, or `null` where there is none.
#[inline(never)]
pub(crate) fn put_time(fields: &mut Fields, name: &'static str, time: Option<Timestamp>) {
    put(fields, name, time.map_or(Value::Null, Value::Time));
}

/// Adds a conversation's id, or `null` where there is none.
#[inline(never)]
pub(crate) fn put_conversation(fields: &mut Fields, id: Option<ConversationId>) {
    put_text(fields, "conversationId", id.map(Id::encode).as_deref());
}

/// Adds a message's id, or `null` where there is none.
#[inline(never)]
pub(crate) fn put_message(fields: &mut Fields, id: Option<MessageId>) {
    put_text(fields, "messageId", id.map(Id::encode).as_deref());
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
