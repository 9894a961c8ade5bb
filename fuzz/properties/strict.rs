//! JSON read by `serde_json`, as strictly as a token's must be: a second opinion.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_identity::{Token, VerifiedIdentity};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 32;

/// The object, where the bytes are one, no name stands twice in it at any level, and it is not too deep.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice::<Unique>(bytes).ok()?.0 {
        Value::Object(members) if depth(members.values()) < MAX_DEPTH => Some(members),
        _ => None,
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
    let read = |part| object(&URL_SAFE_NO_PAD.decode(part).unwrap()).expect("strict JSON");
    let (header, mut payload) = (read(header), read(payload));
    assert_eq!(header["alg"], "HS256");
    assert!(!header.contains_key("crit"));
    assert_eq!(URL_SAFE_NO_PAD.decode(mac).unwrap().len(), 32);
    assert_eq!(payload.remove("user_id"), Some(identity.user_id().as_str().into()));
    let email = payload.remove("email").filter(Value::is_string);
    assert_eq!(email, identity.email().map(Value::from));
    assert_eq!(payload.remove("iat").and_then(|iat| iat.as_f64()), identity.issued_at());
    assert_eq!(payload.remove("exp").is_some(), identity.expires_at().is_some());
    payload.remove("nbf");
    let claims: Map<String, Value> = identity
        .claims()
        .iter()
        .map(|(name, text)| (name.to_owned(), serde_json::from_str(text).unwrap()))
        .collect();
    assert_eq!(claims, payload);
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
