//! JSON read by `serde_json`, as strictly as a token's must be: a second opinion.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_identity::{Token, VerifiedIdentity};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 32;

/// Why the bytes are no object that `serde_json` reads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// They are not strict JSON.
    NotStrict,
    /// They may be, but for a number that its quick way of reading floats takes for too large: at the very
    /// edge it is off by one.
    NumberOutOfRange,
}

/// The object, where the bytes are one, no name stands twice in it at any level, and it is not too deep.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    match serde_json::from_slice::<Unique>(bytes) {
        Ok(Unique(Value::Object(members))) if depth(members.values()) < MAX_DEPTH => Ok(members),
        Err(error) if error.to_string().starts_with("number out of range") => {
            Err(Unreadable::NumberOutOfRange)
        }
        _ => Err(Unreadable::NotStrict),
    }
}

fn depth<'v>(values: impl Iterator<Item = &'v Value>) -> usize {
    values
        .map(|value| match value {
            Value::Array(items) => 1 + depth(items.iter()),
            Value::Object(members) => 1 + depth(members.values()),
            _ => 0,
        })
        .max()
        .unwrap_or(0)
}

/// Whoever was identified is who the token says, as this reading has it.
pub(crate) fn assert_proved(token: &Token, identity: &VerifiedIdentity) {
    let parts: Vec<&str> = token.expose().split('.').collect();
    let [header, payload, mac] = parts[..] else { panic!("not three parts") };
    let read = |part| object(&URL_SAFE_NO_PAD.decode(part).unwrap());
    let (header, mut payload) = match (read(header), read(payload)) {
        (Ok(header), Ok(payload)) => (header, payload),
        unreadable => {
            let errors = [unreadable.0.err(), unreadable.1.err()];
            assert!(!errors.contains(&Some(Unreadable::NotStrict)), "{errors:?}");
            return;
        }
    };
    assert_eq!(header["alg"], "HS256");
    assert!(!header.contains_key("crit"));
    assert_eq!(URL_SAFE_NO_PAD.decode(mac).unwrap().len(), 32);
    assert_eq!(payload.remove("user_id"), Some(identity.user_id().as_str().into()));
    let email = payload.remove("email").filter(Value::is_string);
    assert_eq!(email, identity.email().map(Value::from));
    let issued_at = payload.remove("iat").and_then(|iat| iat.as_f64());
    assert!(nearly_equal(issued_at, identity.issued_at()), "{issued_at:?}");
    assert_eq!(payload.remove("exp").is_some(), identity.expires_at().is_some());
    payload.remove("nbf");
    let claims: Map<String, Value> = identity
        .claims()
        .iter()
        .map(|(name, text)| (name.to_owned(), serde_json::from_str(text).unwrap()))
        .collect();
    assert_eq!(claims, payload);
}

/// Equal but for the last digits, which the quick way of reading floats gets wrong at times.
fn nearly_equal(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= one.abs() * 1e-14,
        (one, other) => one == other,
    }
}

/// A value in which no object has a member twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Unique(value))) = members.next_entry::<String, Unique>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(map.into())
    }
}
