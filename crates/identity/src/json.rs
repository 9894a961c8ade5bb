//! JSON read strictly: no duplicate members at any level, no invalid UTF-8, no lone surrogates, a
//! bounded depth. Numbers keep the digits that were signed, because a 64-bit float loses some of them.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// How deep arrays and objects may nest, the outermost object included.
const MAX_DEPTH: usize = 32;

/// The text is not JSON as it is wanted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStrict;

impl From<serde_json::Error> for NotStrict {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// A JSON object: members by name.
pub(crate) type Object = BTreeMap<String, Value>;

/// A JSON value. A number is its text, and may be beyond every machine type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

/// Reads a text that must be one JSON object.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Object, NotStrict> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotStrict)?;
    object(text, MAX_DEPTH)
}

impl Value {
    /// The number as a 64-bit float: nearest, and infinite where it is too large.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether every number in it, at any level, is finite as a 64-bit float.
    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::String(_) => true,
            Self::Number(_) => self.as_f64().is_some_and(f64::is_finite),
            Self::Array(items) => items.iter().all(Self::is_finite),
            Self::Object(members) => members.values().all(Self::is_finite),
        }
    }
}

/// Compact JSON: no white space, members in the order of their names, numbers as they were.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => write_string(f, text),
            Self::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "[" } else { "," })?;
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    f.write_str(if index == 0 { "{" } else { "," })?;
                    write_string(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

/// `text` is JSON by its grammar already, with no white space around it.
fn value(text: &str, depth: usize) -> Result<Value, NotStrict> {
    Ok(match text.as_bytes().first() {
        Some(b'{') => Value::Object(object(text, depth)?),
        Some(b'[') => {
            let depth = depth.checked_sub(1).ok_or(NotStrict)?;
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Value::Array(items.into_iter().map(|item| value(item.get(), depth)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::String(serde_json::from_str(text)?),
        Some(b't' | b'f') => Value::Bool(serde_json::from_str(text)?),
        Some(b'n') => Value::Null,
        Some(b'-' | b'0'..=b'9') => Value::Number(text.to_owned()),
        _ => return Err(NotStrict),
    })
}

fn object(text: &str, depth: usize) -> Result<Object, NotStrict> {
    let depth = depth.checked_sub(1).ok_or(NotStrict)?;
    let Members(members) = serde_json::from_str(text)?;
    members.into_iter().map(|(name, member)| Ok((name, value(member.get(), depth)?))).collect()
}

/// One level of an object, its values unread. Skipping a value takes no recursion, however deep it is.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members<'de>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry::<String, &RawValue>()? {
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("a member stands twice"));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compact(text: &str) -> Result<String, NotStrict> {
        parse_object(text.as_bytes()).map(|object| Value::Object(object).to_string())
    }

    #[test]
    fn reads_and_writes() {
        for (text, expected) in [
            ("{}", "{}"),
            (" { } \n", "{}"),
            (r#"{"b":1,"a":[ ]}"#, r#"{"a":[],"b":1}"#),
            (r#"{"a":[1, {"c" : null} ,true,false]}"#, r#"{"a":[1,{"c":null},true,false]}"#),
            (r#"{"n":123456789012345678901234567890}"#, r#"{"n":123456789012345678901234567890}"#),
            (r#"{"n":-0.10e+2}"#, r#"{"n":-0.10e+2}"#),
            (r#"{"\u0061":"\u00e9\ud83d\ude00\/"}"#, r#"{"a":"é😀/"}"#),
            (r#"{"a":"\u0000\n\u2028"}"#, "{\"a\":\"\\u0000\\n\u{2028}\"}"),
        ] {
            assert_eq!(compact(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_strict() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "1",
            "\"a\"",
            "{",
            "}",
            "{}x",
            "{}{}",
            "{} null",
            "\u{feff}{}",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":1,}"#,
            r"{'a':1}",
            r"{a:1}",
            r#"{"a":01}"#,
            r#"{"a":+1}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":NaN}"#,
            r#"{"a":Infinity}"#,
            r#"{"a":nul}"#,
            r#"{"a":truex}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\udc00\ud800"}"#,
            r#"{"\ud800":1}"#,
            r#"{"a":["\udfff"]}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\n\"}",
            "{\"a\":1/**/}",
        ] {
            assert_eq!(compact(text), Err(NotStrict), "{text}");
        }
        for bytes in
            [&b"{\"a\":\"\xff\"}"[..], b"{\"a\":\"\xed\xa0\x80\"}", b"{\"a\":\"\xc0\x80\"}", b"{\"\xe9\":1}"]
        {
            assert_eq!(parse_object(bytes), Err(NotStrict), "{bytes:?}");
        }
    }

    #[test]
    fn depth_is_bounded_and_needs_no_stack() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(compact(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(compact(&nested(MAX_DEPTH + 1)), Err(NotStrict));
        assert_eq!(compact(&nested(100_001)), Err(NotStrict));
        let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(compact(&objects(MAX_DEPTH)).is_ok());
        assert_eq!(compact(&objects(MAX_DEPTH + 1)), Err(NotStrict));
        assert_eq!(compact(&objects(100_000)), Err(NotStrict));
        assert_eq!(compact(&format!("{{\"a\":{}", "[".repeat(100_000))), Err(NotStrict));
    }

    #[test]
    fn knows_which_numbers_are_finite() {
        for (number, finite) in [
            ("0", true),
            ("-0", true),
            ("1e308", true),
            ("1e-400", true),
            ("1.7976931348623157e308", true),
            ("1.8e308", false),
            ("1e400", false),
            ("-1e400", false),
            ("1e99999999999999999999", false),
            (&"9".repeat(308), true),
            (&"9".repeat(400), false),
        ] {
            for text in [format!("{{\"a\":{number}}}"), format!("{{\"a\":[{{\"b\":[{number}]}}]}}")] {
                let object = Value::Object(parse_object(text.as_bytes()).unwrap());
                assert_eq!(object.is_finite(), finite, "{text}");
            }
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(members in proptest::collection::btree_map(any::<String>(), any_json(), 0..6)) {
            let text = serde_json::to_string_pretty(&members).unwrap();
            let expected = serde_json::to_string(&members).unwrap();
            prop_assert_eq!(compact(&text), Ok(expected));
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = parse_object(&bytes);
        }
    }
}
