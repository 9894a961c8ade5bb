//! Typed values from what `JSON.parse` gave.
//!
//! Written by hand and not derived, for the sake of size: what serde makes of these types is a third of
//! everything else in the module. The wire's forms themselves are those of `eloquent-types`; the tests
//! compare with what it serialises. Members that are not known are passed over.
//!
//! Reading goes on behind a fault and is told of it at the end: so nothing has to be undone in the
//! middle, which would cost more than all the rest.

use std::cell::Cell;

use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, Identity, IdentityStatus,
        Status, StatusKind, StreamEvent,
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

/// Whether something was not as it should be.
pub(crate) type Fault = Cell<bool>;

/// What can be read from a value of JSON.
pub(crate) trait FromJson: Sized {
    /// Reads the value. Where it has another form, `fault` is set, and anything is given.
    fn read(value: JsValue, fault: &Fault) -> Self;

    /// The value, if it has the form of this type.
    fn from_json(value: &JsValue) -> Option<Self> {
        let fault = Fault::default();
        let read = Self::read(value.clone(), &fault);
        (!fault.get()).then_some(read)
    }
}

/// The member of this name; `undefined` where it is absent. A fault where the value is no object at all.
#[inline(never)]
fn get(object: &JsValue, name: &str, fault: &Fault) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_else(|_| note(fault))
}

fn note(fault: &Fault) -> JsValue {
    fault.set(true);
    JsValue::UNDEFINED
}

/// The same, read. `undefined` has the form of an `Option` alone.
fn member<T: FromJson>(object: &JsValue, name: &str, fault: &Fault) -> T {
    T::read(get(object, name, fault), fault)
}

/// The same, of which the default is read where it is absent.
fn optional<T: FromJson>(object: &JsValue, name: &str, fault: &Fault) -> T {
    let value = get(object, name, fault);
    // What is read of `undefined` is each type's default, and no fault of anybody's.
    let absent = Fault::default();
    let fault = if value.is_undefined() { &absent } else { fault };
    T::read(value, fault)
}

/// What there is, or a fault and the default.
fn found<T: Default>(found: Option<T>, fault: &Fault) -> T {
    if found.is_none() {
        fault.set(true);
    }
    found.unwrap_or_default()
}

impl FromJson for bool {
    fn read(value: JsValue, fault: &Fault) -> Self {
        found(value.as_bool(), fault)
    }
}

impl FromJson for String {
    fn read(value: JsValue, fault: &Fault) -> Self {
        found(value.as_string(), fault)
    }
}

impl FromJson for u32 {
    fn read(value: JsValue, fault: &Fault) -> Self {
        // What is no number at all is none that survives both ways, either.
        let number = value.as_f64().unwrap_or(-1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "compared with the original below"
        )]
        let whole = number as Self;
        #[expect(clippy::float_cmp, reason = "exactly the numbers that survive both ways")]
        if f64::from(whole) != number {
            fault.set(true);
        }
        whole
    }
}

impl FromJson for u8 {
    fn read(value: JsValue, fault: &Fault) -> Self {
        found(u32::read(value, fault).try_into().ok(), fault)
    }
}

impl FromJson for Timestamp {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let millis = Date::parse(&String::read(value, fault));
        if millis.is_nan() {
            fault.set(true);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a date has whole milliseconds under 2^53")]
        Self::from_millis(millis as i64)
    }
}

impl<K: Kind> FromJson for Id<K> {
    fn read(value: JsValue, fault: &Fault) -> Self {
        String::read(value, fault).parse().unwrap_or_else(|_| {
            fault.set(true);
            Self::from_u128(0)
        })
    }
}

fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

impl<T: FromJson> FromJson for Option<T> {
    fn read(value: JsValue, fault: &Fault) -> Self {
        if is_missing(&value) { None } else { Some(T::read(value, fault)) }
    }
}

/// Text with rules of its own, which has no default to stand in its place.
macro_rules! texts {
    ($($type:ident = $parse:expr;)*) => {$(
        impl FromJson for Option<$type> {
            fn read(value: JsValue, fault: &Fault) -> Self {
                if is_missing(&value) {
                    return None;
                }
                let parsed: Self = value.as_string().and_then($parse);
                if parsed.is_none() {
                    fault.set(true);
                }
                parsed
            }
        }
    )*};
}

texts! {
    SessionToken = |text| SessionToken::parse(text).ok();
    UserId = |text| UserId::parse(text).ok();
    Href = |text| Href::parse(text).ok();
    LauncherLabel = |text| LauncherLabel::parse(text).ok();
    Color = |text| Color::parse(&text).ok();
    Scheme = |text| Scheme::parse(&text);
    Font = |text| Font::parse(&text);
    Position = |text| Position::parse(&text);
    LauncherIcon = |text| LauncherIcon::parse(&text);
}

impl FromJson for Option<Radius> {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let radius = Option::read(value, fault).map(Radius::new);
        if let Some(Err(_)) = radius {
            fault.set(true);
        }
        radius?.ok()
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let mut out = Self::new();
        if !value.is_array() {
            fault.set(true);
            return out;
        }
        let items: Array = value.unchecked_into();
        for index in 0..items.length() {
            out.push(T::read(items.get(index), fault));
        }
        out
    }
}

/// Objects: their members, and behind the semicolon those that have a default.
macro_rules! objects {
    ($($type:ident { $($name:ident),* $(; $($optional:ident),*)? })*) => {$(
        impl FromJson for $type {
            fn read(value: JsValue, fault: &Fault) -> Self {
                Self {
                    $($name: member(&value, stringify!($name), fault),)*
                    $($($optional: optional(&value, stringify!($optional), fault),)*)?
                }
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
    Refused { code; message, hint }
}

/// Closed sets of words.
macro_rules! words {
    ($($type:ident { $($word:literal $variant:ident),* })*) => {$(
        impl FromJson for $type {
            fn read(value: JsValue, fault: &Fault) -> Self {
                [$(Self::$variant),*][place(&value, &[$($word),*], fault)]
            }
        }
    )*};
}

words! {
    IdentityStatus { "verified" Verified, "anonymous" Anonymous }
    StatusKind { "typing" Typing, "assigned" Assigned, "resolved" Resolved, "waiting" Waiting }
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

/// Which of the words it is; the first one where it is none of them.
#[inline(never)]
fn place(value: &JsValue, words: &[&str], fault: &Fault) -> usize {
    let word = value.as_string();
    found(words.iter().position(|known| word.as_deref() == Some(known)), fault)
}

impl FromJson for IdentityCode {
    fn read(value: JsValue, fault: &Fault) -> Self {
        Self::ALL[place(&value, &Self::ALL.map(Self::as_str), fault)]
    }
}

impl FromJson for Delta {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let text: Option<String> = member(&value, "text", fault);
        let content = match (text, member(&value, "blocks", fault)) {
            (None, Some(blocks)) => DeltaContent::Blocks { from: optional(&value, "from", fault), blocks },
            (text, blocks) => {
                if blocks.is_some() {
                    fault.set(true);
                }
                DeltaContent::Markdown(found(text, fault))
            }
        };
        Self { message_id: member(&value, "message_id", fault), content }
    }
}

impl FromJson for IdentifyResponse {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let identified: bool = member(&value, "identified", fault);
        let user_id = if identified { member(&value, "user_id", fault) } else { None };
        let result = if let Some(user_id) = user_id {
            IdentifyResult::Identified(Identified {
                user_id,
                profile_id: member(&value, "profile_id", fault),
                expires_at: member(&value, "expires_at", fault),
                switched_user: optional(&value, "switched_user", fault),
                claimed_conversation: optional(&value, "claimed_conversation", fault),
            })
        } else {
            if identified {
                fault.set(true);
            }
            IdentifyResult::Refused(Refused::read(value.clone(), fault))
        };
        Self {
            result,
            session: member(&value, "session", fault),
            server_time: member(&value, "server_time", fault),
        }
    }
}

/// An event of a stream by its name; `None` for one of a later server.
pub(crate) fn event(name: &str, data: JsValue, fault: &Fault) -> Option<StreamEvent> {
    Some(match name {
        "accepted" => StreamEvent::Accepted(FromJson::read(data, fault)),
        "delta" => StreamEvent::Delta(FromJson::read(data, fault)),
        "done" => StreamEvent::Done(FromJson::read(data, fault)),
        "message" => StreamEvent::Message(FromJson::read(data, fault)),
        "status" => StreamEvent::Status(FromJson::read(data, fault)),
        "error" => StreamEvent::Error(FromJson::read(data, fault)),
        _ => return None,
    })
}

impl FromJson for Block {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let (name, content) = variant(&value, fault);
        match name.as_str() {
            "paragraph" => Self::Paragraph(FromJson::read(content, fault)),
            "heading" => Self::Heading {
                level: member(&content, "level", fault),
                content: member(&content, "content", fault),
            },
            "list" => Self::List {
                start: member(&content, "start", fault),
                items: member(&content, "items", fault),
            },
            "code" => Self::Code {
                language: member(&content, "language", fault),
                text: member(&content, "text", fault),
            },
            "quote" => Self::Quote(FromJson::read(content, fault)),
            "table" => Self::Table {
                align: member(&content, "align", fault),
                header: member(&content, "header", fault),
                rows: member(&content, "rows", fault),
            },
            name => {
                if name != "rule" || !content.is_undefined() {
                    fault.set(true);
                }
                Self::Rule
            }
        }
    }
}

impl FromJson for Inline {
    fn read(value: JsValue, fault: &Fault) -> Self {
        let (name, content) = variant(&value, fault);
        match name.as_str() {
            "text" => Self::Text(FromJson::read(content, fault)),
            "strong" => Self::Strong(FromJson::read(content, fault)),
            "emphasis" => Self::Emphasis(FromJson::read(content, fault)),
            "strike" => Self::Strike(FromJson::read(content, fault)),
            "code" => Self::Code(FromJson::read(content, fault)),
            name => {
                let href = if name == "link" { member(&content, "href", fault) } else { None };
                if let Some(href) = href {
                    return Self::Link { href, content: member(&content, "content", fault) };
                }
                if name != "break" || !content.is_undefined() {
                    fault.set(true);
                }
                Self::Break
            }
        }
    }
}

/// `{"name": content}`, or `"name"` for one without content, which is `undefined` then.
fn variant(value: &JsValue, fault: &Fault) -> (String, JsValue) {
    if value.is_object() {
        let name = Object::keys(value.unchecked_ref::<Object>()).get(0).as_string().unwrap_or_default();
        let content = get(value, &name, fault);
        return (name, content);
    }
    (value.as_string().unwrap_or_default(), JsValue::UNDEFINED)
}
