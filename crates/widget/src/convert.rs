//! Between JavaScript's values and Rust's. Nothing here throws: an object of the page's may have
//! getters that do, and then the member counts as absent.

use eloquent_types::{config::is_language_tag, id::ConversationId, time::Timestamp};
use eloquent_widget_core::{Command, CommandKind, Event, IdentityToken, Value};
use js_sys::{Array, Date, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The member of this name, or `undefined`.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// The member of this name, if it is a string.
pub(crate) fn get_text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name).as_string()
}

/// Sets a member of an object of our own.
pub(crate) fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    set_value(object, name, value.into());
}

#[inline(never)]
#[expect(clippy::needless_pass_by_value, reason = "what is dropped here is not dropped at every call")]
fn set_value(object: &Object, name: &str, value: JsValue) {
    // Fails on frozen objects alone, and ours are not.
    let _ = Reflect::set(object, &name.into(), &value);
}

/// A number as it is written. (What the standard library has for it brings all of formatting along.)
pub(crate) fn digits(mut number: u32) -> String {
    let mut out = String::new();
    loop {
        out.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return out;
        }
    }
}

/// A plain object with these members.
pub(crate) fn object(fields: Vec<(&'static str, Value)>) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        let value = match value {
            Value::Null => JsValue::NULL,
            Value::Bool(value) => value.into(),
            Value::Number(value) => value.into(),
            Value::Text(value) => value.into(),
            Value::Time(value) => time(value),
        };
        set(&object, name, value);
    }
    object
}

/// A point in time as RFC 3339 has it.
#[expect(clippy::cast_precision_loss, reason = "under 2^48, so exact in a 64-bit float")]
pub(crate) fn time(at: Timestamp) -> JsValue {
    Date::new(&(at.as_millis() as f64).into()).to_iso_string().into()
}

/// An event as the page's listeners get it.
pub(crate) fn event(event: Event) -> JsValue {
    let out = object(vec![
        ("id", Value::Text(event.id)),
        ("type", Value::from(event.kind.name())),
        ("createdAt", Value::Time(event.created_at)),
    ]);
    set(&out, "data", object(event.kind.data()));
    out.into()
}

/// The JSON text of a value of our own.
pub(crate) fn json(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}

/// The command of this name with these arguments.
pub(crate) fn command(name: &str, arguments: &Array) -> Command {
    let Some(kind) = CommandKind::parse(name) else { return Command::Unknown { name: name.into() } };
    let first = arguments.get(0);
    let with_text = |make: fn(String) -> Command| first.as_string().map_or(Command::Malformed { kind }, make);
    match kind {
        CommandKind::Identify => Command::Identify {
            token: IdentityToken::new(get_text(&first, "token").unwrap_or_default()),
            get_token: get(&first, "getToken").is_function(),
        },
        CommandKind::Update => attributes(&get(&first, "attributes"))
            .map_or(Command::Malformed { kind }, |attributes| Command::Update { attributes }),
        CommandKind::Logout => Command::Logout,
        CommandKind::Open => open(&first),
        CommandKind::Close => Command::Close,
        CommandKind::Toggle => Command::Toggle,
        CommandKind::Show => Command::Show,
        CommandKind::Hide => Command::Hide,
        CommandKind::Prefill => with_text(|text| Command::Prefill { text }),
        CommandKind::SendMessage => with_text(|text| Command::SendMessage { text }),
        CommandKind::NewConversation => Command::NewConversation,
        CommandKind::SetLocale => match locale(&first) {
            Some(locale) => Command::SetLocale { locale: Some(locale) },
            None if first.as_string().as_deref() == Some("auto") => Command::SetLocale { locale: None },
            None => Command::Malformed { kind },
        },
        CommandKind::SetTheme => {
            tokens(&first).map_or(Command::Malformed { kind }, |tokens| Command::SetTheme { tokens })
        }
        CommandKind::ShowPreview => {
            get_text(&first, "text").map_or(Command::Malformed { kind }, |text| Command::ShowPreview { text })
        }
        CommandKind::TrackEvent => track(&first, &arguments.get(1)).unwrap_or(Command::Malformed { kind }),
        CommandKind::Page => page(&first).unwrap_or(Command::Malformed { kind }),
        CommandKind::HidePreview => Command::HidePreview,
        CommandKind::GetState => Command::GetState,
        CommandKind::Debug => first.as_bool().map_or(Command::Malformed { kind }, |on| Command::Debug { on }),
        CommandKind::Destroy => Command::Destroy,
        // The loader keeps the page's listeners; these never come here.
        CommandKind::On | CommandKind::Once | CommandKind::Off => Command::Malformed { kind },
    }
}

/// A language tag's own form; what it names is looked up later.
pub(crate) fn locale(value: &JsValue) -> Option<String> {
    value.as_string().filter(|tag| tag != "auto" && is_language_tag(tag))
}

/// A look's tokens: those of an object, or a scheme alone. None where one is neither text nor a whole
/// number, nor `null`.
pub(crate) fn tokens(value: &JsValue) -> Option<Vec<(String, Value)>> {
    if let Some(scheme) = value.as_string() {
        return Some(vec![("scheme".into(), Value::Text(scheme))]);
    }
    let mut tokens = Vec::new();
    for (name, value) in members(value)? {
        tokens.push((name, token(&value)?));
    }
    Some(tokens)
}

fn token(value: &JsValue) -> Option<Value> {
    if is_missing(value) {
        return Some(Value::Null);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        reason = "exactly the numbers that survive both ways"
    )]
    let whole = |number: &f64| f64::from(*number as u32) == *number;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and positive")]
    let number = value.as_f64().filter(whole).map(|number| Value::Number(number as u32));
    number.or_else(|| value.as_string().map(Value::Text))
}

/// `trackEvent(name, properties)`: properties that are missing are left out.
fn track(name: &JsValue, properties: &JsValue) -> Option<Command> {
    let mut given = Vec::new();
    if !is_missing(properties) {
        for (name, value) in attributes(properties)? {
            if let Some(value) = value {
                given.push((name, value));
            }
        }
    }
    Some(Command::TrackEvent { name: name.as_string()?, properties: given })
}

/// `page({ url, title })`, each of which may be missing, or nothing at all.
fn page(argument: &JsValue) -> Option<Command> {
    if !is_missing(argument) && !argument.is_object() {
        return None;
    }
    let text = |name| {
        let value = get(argument, name);
        if is_missing(&value) { Some(String::new()) } else { value.as_string() }
    };
    Some(Command::Page { url: text("url")?, title: text("title")? })
}

/// Names with their values as text; none where something else than text, a number or a boolean is
/// among them. `null` and `undefined` drop a name.
fn attributes(object: &JsValue) -> Option<Vec<(String, Option<String>)>> {
    let mut attributes = Vec::new();
    for (name, value) in members(object)? {
        attributes.push((name, if is_missing(&value) { None } else { Some(attribute(&value)?) }));
    }
    Some(attributes)
}

/// More members than any command takes, those included that drop a name.
const MEMBERS_MAX: u32 = 1_000;

/// The members of a plain object that have names; none for what is none, or has too many.
fn members(object: &JsValue) -> Option<Vec<(String, JsValue)>> {
    // Not `Array.isArray`, which throws where a proxy was revoked.
    if !object.is_object() || object.is_instance_of::<Array>() {
        return None;
    }
    let names = Reflect::own_keys(object).ok().filter(|names| names.length() <= MEMBERS_MAX)?;
    let mut members = Vec::new();
    for index in 0..names.length() {
        if let Some(name) = names.get(index).as_string() {
            let value = get(object, &name);
            members.push((name, value));
        }
    }
    Some(members)
}

fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

fn attribute(value: &JsValue) -> Option<String> {
    let plain = value.as_f64().is_some_and(f64::is_finite) || value.as_bool().is_some();
    if plain { json(value) } else { value.as_string() }
}

fn open(argument: &JsValue) -> Command {
    let malformed = Command::Malformed { kind: CommandKind::Open };
    let (prefill, conversation) = (get(argument, "prefill"), get(argument, "conversationId"));
    let id: Option<ConversationId> = conversation.as_string().and_then(|id| id.parse().ok());
    if !is_missing(&prefill) && !prefill.is_string() || !is_missing(&conversation) && id.is_none() {
        return malformed;
    }
    Command::Open { prefill: prefill.as_string(), conversation: id }
}
