//! Whatever is claimed, the system message outside its blocks of data stays the same, and the blocks are
//! data.

use std::collections::BTreeMap;

use eloquent_server::agent::{
    Identity,
    prompt::{BLOCK_MAX_BYTES, CUT, Hints, PromptInput, VALUE_MAX_CHARS, build},
};
use eloquent_types::claims::Claims;
use serde_json::Value;

const VERIFIED: &str = "verified_identity";
const HINTS: &str = "unverified_hints";

/// The bytes are, with null characters between: `user_id`, email, the name and the value of a hint, and
/// then claims, name and JSON text in turns. (What is no JSON is taken as a string.)
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut pieces = text.split('\0');
    let mut next = || pieces.next().unwrap_or_default().to_owned();
    let (user_id, email) = (next(), next());
    let attributes = BTreeMap::from([(next(), next())]);
    let rest: Vec<&str> = pieces.collect();
    let claims = Claims::from_json_values(rest.chunks(2).map(|pair| {
        let text = pair.get(1).copied().unwrap_or_default();
        let is_json = serde_json::from_str::<Value>(text).is_ok();
        let value = if is_json { text.to_owned() } else { Value::from(text).to_string() };
        (pair[0].to_owned(), value)
    }));

    let told = split(&message(&user_id, &email, &attributes, &claims));
    let plain = BTreeMap::from([("a".to_owned(), "a".to_owned())]);
    let expected = split(&message("a", "a", &plain, &Claims::default()));
    assert_eq!(told.outside, expected.outside);

    let identity = data_of(&told.verified);
    assert_said(&identity["user_id"], &user_id);
    if let Some(shown) = identity.get("email") {
        assert_said(shown, &email);
    }
    for (name, shown) in identity.get("claims").and_then(Value::as_object).into_iter().flatten() {
        match claims.get(name) {
            Some(json) => assert_claimed(shown, json),
            None => assert!(claims.iter().any(|(whole, _)| is_cut(name, whole)), "{name}"),
        }
    }
    let hints = data_of(&told.hints);
    for (name, shown) in hints.get("attributes").and_then(Value::as_object).into_iter().flatten() {
        let (whole, value) = attributes.first_key_value().unwrap();
        assert!(name == whole || is_cut(name, whole), "{name}");
        assert_said(shown, value);
    }
}

fn message(user_id: &str, email: &str, attributes: &BTreeMap<String, String>, claims: &Claims) -> String {
    let prompt = build(&PromptInput {
        instructions: "You help the customers of Fernhill.",
        agent_name: "Fern",
        identity: Some(Identity { user_id, email: Some(email), claims }),
        hints: Hints { page: None, locale: None, attributes: Some(attributes), events: &[] },
        passages: &[],
        history: &[],
        question: "Which plan am I on?",
    });
    assert_eq!(prompt.messages.len(), 1);
    prompt.system
}

/// A message, its two blocks taken out.
struct Split {
    outside: String,
    verified: String,
    hints: String,
}

fn split(system: &str) -> Split {
    let (system, verified) = take(system, VERIFIED);
    let (outside, hints) = take(&system, HINTS);
    Split { outside, verified, hints }
}

/// Takes the only block of this name out.
fn take(system: &str, tag: &str) -> (String, String) {
    let (open, close) = (format!("<{tag}>\n"), format!("\n</{tag}>"));
    assert_eq!((system.matches(&open).count(), system.matches(&close).count()), (1, 1), "{system}");
    let (before, rest) = system.split_once(&open).unwrap();
    let (block, after) = rest.split_once(&close).unwrap();
    (format!("{before}{open}{close}{after}"), block.to_owned())
}

fn data_of(block: &str) -> Value {
    assert!(block.len() <= BLOCK_MAX_BYTES, "{}", block.len());
    assert!(!block.contains(|c: char| matches!(c, '<' | '>' | '&') || c.is_control()), "{block}");
    let data: Value = serde_json::from_str(block).unwrap();
    assert!(data.is_object());
    data
}

/// The text, or its beginning with the mark.
fn assert_said(shown: &Value, text: &str) {
    let shown = shown.as_str().unwrap();
    assert!(shown == text || is_cut(shown, text), "{shown}");
}

fn is_cut(shown: &str, whole: &str) -> bool {
    whole.chars().count() > VALUE_MAX_CHARS
        && shown
            .strip_suffix(CUT)
            .is_some_and(|start| start.chars().count() == VALUE_MAX_CHARS && whole.starts_with(start))
}

/// The value, or its beginning as text with the mark.
fn assert_claimed(shown: &Value, json: &str) {
    let value: Value = serde_json::from_str(json).unwrap();
    match &value {
        Value::String(text) => assert_said(shown, text),
        _ if is_same(shown, &value) => {}
        other => assert!(is_cut(shown.as_str().unwrap(), &other.to_string()), "{shown}"),
    }
}

/// The same, but for the last digits of numbers: they went through a float.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() <= one.abs() * 1e-14,
            _ => one == other,
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
        }
        (one, other) => one == other,
    }
}
