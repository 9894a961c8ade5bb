//! Between JavaScript's values and Rust's. Nothing here throws: an object of the page's may have
//! getters that do, and then the member counts as absent.

use eloquent_types::id::ConversationId;
use eloquent_widget_core::{Command, CommandKind, Event, IdentityToken, Value};
use js_sys::{Array, JSON, Object, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

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
    // Fails on frozen objects alone, and ours are not.
    let _ = Reflect::set(object, &name.into(), &value.into());
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
            Value::Time(value) => value.to_string().into(),
        };
        set(&object, name, value);
    }
    object
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

/// A request's body: JSON text in the wire's form, which is the type's own.
pub(crate) fn body(value: &impl Serialize) -> Option<String> {
    json(&value.serialize(&Serializer::json_compatible()).ok()?)
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
        CommandKind::SetLocale
        | CommandKind::SetTheme
        | CommandKind::ShowPreview
        | CommandKind::TrackEvent
        | CommandKind::Page => Command::Malformed { kind },
        CommandKind::HidePreview => Command::HidePreview,
        CommandKind::GetState => Command::GetState,
        CommandKind::Debug => first.as_bool().map_or(Command::Malformed { kind }, |on| Command::Debug { on }),
        CommandKind::Destroy => Command::Destroy,
        // The loader keeps the page's listeners; these never come here.
        CommandKind::On | CommandKind::Once | CommandKind::Off => Command::Malformed { kind },
    }
}

/// Names with their values as text; none where something else than text, a number or a boolean is
/// among them. `null` and `undefined` drop a name.
fn attributes(object: &JsValue) -> Option<Vec<(String, Option<String>)>> {
    if !object.is_object() || Array::is_array(object) {
        return None;
    }
    let names = Reflect::own_keys(object).ok()?;
    let mut attributes = Vec::new();
    for name in names.iter().filter_map(|name| name.as_string()) {
        let value = get(object, &name);
        let missing = value.is_undefined() || value.is_null();
        attributes.push((name, if missing { None } else { Some(attribute(&value)?) }));
    }
    Some(attributes)
}

fn attribute(value: &JsValue) -> Option<String> {
    let plain = value.as_f64().is_some_and(f64::is_finite) || value.as_bool().is_some();
    if plain { json(value) } else { value.as_string() }
}

fn open(argument: &JsValue) -> Command {
    let malformed = Command::Malformed { kind: CommandKind::Open };
    let (prefill, conversation) = (get(argument, "prefill"), get(argument, "conversationId"));
    let missing = |value: &JsValue| value.is_undefined() || value.is_null();
    let id: Option<ConversationId> = conversation.as_string().and_then(|id| id.parse().ok());
    if !missing(&prefill) && !prefill.is_string() || !missing(&conversation) && id.is_none() {
        return malformed;
    }
    Command::Open { prefill: prefill.as_string(), conversation: id }
}
