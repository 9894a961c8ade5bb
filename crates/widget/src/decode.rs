//! Typed values from what `JSON.parse` gave.
//!
//! Written by hand and not derived, for the sake of size: what serde makes of these types is a third of
//! everything else in the module. The wire's forms themselves are those of `eloquent-types`; the tests
//! compare with what it serialises. Members that are not known are passed over.

use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, Identity, IdentityStatus,
        Status, StatusKind,
    },
    config::{AgentConfig, Features},
    conversation::{
        ConversationList, ConversationSummary, ConversationView, MessageState, MessageView, Rating, Role,
        Source,
    },
    id::{Id, Kind},
    identify::{Identified, IdentifyResponse, IdentifyResult, IdentityCode, Refused},
    rich::{Align, Block, Href, Inline},
    session::SessionToken,
    text::UserId,
    theme::{Color, Font, LauncherIcon, LauncherLabel, Position, Radius, Scheme, Theme},
    time::Timestamp,
};
use js_sys::{Array, Date, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// What can be read from a value of JSON.
pub(crate) trait FromJson: Sized {
    /// The value, if it has the form of this type.
    fn from_json(value: &JsValue) -> Option<Self>;
}

/// The member of this name. `undefined` is read where it is absent, which only an `Option` takes.
fn member<T: FromJson>(object: &JsValue, name: &str) -> Option<T> {
    T::from_json(&present(object, name)?)
}

/// The member of this name, or the default where it is absent.
fn optional<T: FromJson + Default>(object: &JsValue, name: &str) -> Option<T> {
    let value = present(object, name)?;
    if value.is_undefined() { Some(T::default()) } else { T::from_json(&value) }
}

/// `None` where the value is no object at all.
fn present(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}

impl FromJson for bool {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for String {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string()
    }
}

impl FromJson for u32 {
    fn from_json(value: &JsValue) -> Option<Self> {
        let number = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "compared with the original below"
        )]
        let whole = number as Self;
        #[expect(clippy::float_cmp, reason = "exactly the numbers that survive both ways")]
        let same = f64::from(whole) == number;
        same.then_some(whole)
    }
}

impl FromJson for u8 {
    fn from_json(value: &JsValue) -> Option<Self> {
        u32::from_json(value)?.try_into().ok()
    }
}

impl FromJson for Timestamp {
    fn from_json(value: &JsValue) -> Option<Self> {
        let millis = Date::parse(&value.as_string()?);
        #[expect(clippy::cast_possible_truncation, reason = "a date has whole milliseconds under 2^53")]
        (!millis.is_nan()).then(|| Self::from_millis(millis as i64))
    }
}

impl<K: Kind> FromJson for Id<K> {
    fn from_json(value: &JsValue) -> Option<Self> {
        value.as_string()?.parse().ok()
    }
}

impl FromJson for Radius {
    fn from_json(value: &JsValue) -> Option<Self> {
        Self::new(u8::from_json(value)?).ok()
    }
}

impl FromJson for IdentityCode {
    fn from_json(value: &JsValue) -> Option<Self> {
        let name = value.as_string()?;
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }
}

/// Text with rules of its own.
macro_rules! texts {
    ($($type:ident)*) => {$(
        impl FromJson for $type {
            fn from_json(value: &JsValue) -> Option<Self> {
                Self::parse(value.as_string()?).ok()
            }
        }
    )*};
}

texts! { SessionToken UserId Href LauncherLabel }

impl FromJson for Color {
    fn from_json(value: &JsValue) -> Option<Self> {
        Self::parse(&value.as_string()?).ok()
    }
}

/// Words that the type itself can tell.
macro_rules! names {
    ($($type:ident)*) => {$(
        impl FromJson for $type {
            fn from_json(value: &JsValue) -> Option<Self> {
                Self::parse(&value.as_string()?)
            }
        }
    )*};
}

names! { StatusKind Scheme Font Position LauncherIcon }

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &JsValue) -> Option<Self> {
        if value.is_undefined() || value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &JsValue) -> Option<Self> {
        let items: &Array = value.dyn_ref()?;
        let mut out = Self::new();
        for index in 0..items.length() {
            out.push(T::from_json(&items.get(index))?);
        }
        Some(out)
    }
}

/// Objects: their members, and behind the semicolon those that have a default.
macro_rules! objects {
    ($($type:ident { $($name:ident),* $(; $($optional:ident),*)? })*) => {$(
        impl FromJson for $type {
            fn from_json(value: &JsValue) -> Option<Self> {
                Some(Self {
                    $($name: member(value, stringify!($name))?,)*
                    $($($optional: optional(value, stringify!($optional))?,)*)?
                })
            }
        }
    )*};
}

objects! {
    Accepted { conversation_id, message_id, identity, session }
    Identity { status, user_id, code }
    Done { message_id, finish_reason; sources, suggestions }
    Status { status, operator }
    Failure { code, message, retryable }
    AgentConfig { agent_id, name, greeting, starters, locale, contact, features; theme }
    Theme {
        scheme, accent, background, text, radius, font, position, launcher_icon, launcher_label, logo
    }
    Features { identify; feedback, handover }
    ConversationList { conversations }
    ConversationSummary { id, title, created_at, updated_at }
    ConversationView { id, created_at, messages, cursor, operator; earlier, resolved }
    MessageView {
        id, role, blocks, state, rating, author, created_at;
        text, verified, sources, suggestions
    }
    Source { title, url }
    Identified { user_id, profile_id, expires_at; switched_user, claimed_conversation }
    Refused { code; message, hint }
}

/// Closed sets of words.
macro_rules! words {
    ($($type:ident { $($word:literal $variant:ident),* })*) => {$(
        impl FromJson for $type {
            fn from_json(value: &JsValue) -> Option<Self> {
                let place = place(value, &[$($word),*])?;
                [$(Self::$variant),*].get(place).copied()
            }
        }
    )*};
}

words! {
    IdentityStatus { "verified" Verified, "anonymous" Anonymous }
    FinishReason { "stop" Stop, "length" Length, "stopped" Stopped }
    FailureCode { "interrupted" Interrupted, "agent_failed" AgentFailed }
    Role { "visitor" Visitor, "agent" Agent, "operator" Operator, "status" Status }
    Rating { "up" Up, "down" Down }
    MessageState {
        "streaming" Streaming, "complete" Complete, "stopped" Stopped, "interrupted" Interrupted,
        "failed" Failed
    }
    Align { "none" None, "left" Left, "center" Center, "right" Right }
}

fn place(value: &JsValue, words: &[&str]) -> Option<usize> {
    let word = value.as_string()?;
    words.iter().position(|known| *known == word)
}

impl FromJson for Delta {
    fn from_json(value: &JsValue) -> Option<Self> {
        let content = match (member(value, "text")?, member(value, "blocks")?) {
            (Some(text), None) => DeltaContent::Markdown(text),
            (None, Some(blocks)) => DeltaContent::Blocks { from: optional(value, "from")?, blocks },
            _ => return None,
        };
        Some(Self { message_id: member(value, "message_id")?, content })
    }
}

impl FromJson for IdentifyResponse {
    fn from_json(value: &JsValue) -> Option<Self> {
        let result = if member(value, "identified")? {
            IdentifyResult::Identified(FromJson::from_json(value)?)
        } else {
            IdentifyResult::Refused(FromJson::from_json(value)?)
        };
        Some(Self { result, session: member(value, "session")?, server_time: member(value, "server_time")? })
    }
}

impl FromJson for Block {
    fn from_json(value: &JsValue) -> Option<Self> {
        let (name, content) = variant(value)?;
        Some(match name.as_str() {
            "paragraph" => Self::Paragraph(FromJson::from_json(&content)?),
            "heading" => {
                Self::Heading { level: member(&content, "level")?, content: member(&content, "content")? }
            }
            "list" => Self::List { start: member(&content, "start")?, items: member(&content, "items")? },
            "code" => Self::Code { language: member(&content, "language")?, text: member(&content, "text")? },
            "quote" => Self::Quote(FromJson::from_json(&content)?),
            "table" => Self::Table {
                align: member(&content, "align")?,
                header: member(&content, "header")?,
                rows: member(&content, "rows")?,
            },
            "rule" if content.is_undefined() => Self::Rule,
            _ => return None,
        })
    }
}

impl FromJson for Inline {
    fn from_json(value: &JsValue) -> Option<Self> {
        let (name, content) = variant(value)?;
        Some(match name.as_str() {
            "text" => Self::Text(FromJson::from_json(&content)?),
            "strong" => Self::Strong(FromJson::from_json(&content)?),
            "emphasis" => Self::Emphasis(FromJson::from_json(&content)?),
            "strike" => Self::Strike(FromJson::from_json(&content)?),
            "code" => Self::Code(FromJson::from_json(&content)?),
            "link" => Self::Link { href: member(&content, "href")?, content: member(&content, "content")? },
            "break" if content.is_undefined() => Self::Break,
            _ => return None,
        })
    }
}

/// `{"name": content}`, or `"name"` for one without content, which is `undefined` then.
fn variant(value: &JsValue) -> Option<(String, JsValue)> {
    if let Some(name) = value.as_string() {
        return Some((name, JsValue::UNDEFINED));
    }
    let name = Object::keys(value.dyn_ref::<Object>()?).get(0);
    let content = Reflect::get(value, &name).ok()?;
    Some((name.as_string()?, content))
}
