//! JSON read strictly: no duplicate members at any level, no invalid UTF-8, no lone surrogates, a
//! bounded depth. Numbers keep the digits that were signed, because a 64-bit float loses some of them.

use std::{collections::BTreeMap, fmt};

use serde::de::IgnoredAny;

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
    // The library answers for the grammar. Skipping takes it no recursion, however deep the text is.
    serde_json::from_str::<IgnoredAny>(text)?;
    Walker { rest: text }.object(MAX_DEPTH)
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

/// Walks a text that is JSON by its grammar, and so needs to know only where a value ends. (On any
/// other text it gives an error or nonsense, never a panic.)
struct Walker<'a> {
    rest: &'a str,
}

impl<'a> Walker<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, NotStrict> {
        Ok(match self.peek() {
            Some(b'{') => Value::Object(self.object(depth)?),
            Some(b'[') => Value::Array(self.array(depth)?),
            Some(b'"') => Value::String(self.string()?),
            _ => match self.word() {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number => Value::Number(number.to_owned()),
            },
        })
    }

    fn object(&mut self, depth: usize) -> Result<Object, NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        let mut members = Object::new();
        self.take(b'{')?;
        while self.take(b'}').is_err() {
            if !members.is_empty() {
                self.take(b',')?;
            }
            let name = self.string()?;
            self.take(b':')?;
            if members.insert(name, self.value(depth)?).is_some() {
                return Err(NotStrict);
            }
        }
        Ok(members)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value>, NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        let mut items = Vec::new();
        self.take(b'[')?;
        while self.take(b']').is_err() {
            if !items.is_empty() {
                self.take(b',')?;
            }
            items.push(self.value(depth)?);
        }
        Ok(items)
    }

    fn string(&mut self) -> Result<String, NotStrict> {
        self.take(b'"')?;
        let mut end = 0;
        let mut escaped = false;
        while let Some(at) = self.rest.get(end..).and_then(|rest| rest.find(['"', '\\'])) {
            end += at;
            if self.rest.as_bytes().get(end) == Some(&b'"') {
                let (body, rest) = self.rest.split_at(end);
                self.rest = rest.get(1..).ok_or(NotStrict)?;
                return if escaped { unescaped(body) } else { Ok(body.to_owned()) };
            }
            escaped = true;
            end += 2;
        }
        Err(NotStrict)
    }

    /// A number or literal: up to white space or punctuation.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find([',', ']', '}', ' ', '\t', '\n', '\r']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn take(&mut self, byte: u8) -> Result<(), NotStrict> {
        if self.peek() != Some(byte) {
            return Err(NotStrict);
        }
        self.rest = self.rest.get(1..).ok_or(NotStrict)?;
        Ok(())
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.as_bytes().first().copied()
    }
}

/// Also refuses what the grammar allows and Unicode does not: surrogates that are not a pair.
fn unescaped(body: &str) -> Result<String, NotStrict> {
    Ok(serde_json::from_str(&format!("\"{body}\""))?)
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
        fn accepts_nothing_that_serde_json_refuses(text in r#"\{"(a|\\\\[u"ntd8]{1,6})":[\[\]{}",:\\\\0-9eE.tnl+\- ]{1,12}\}"#) {
            let accepted = compact(&text);
            let known = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert!(accepted.is_err() || known.is_ok(), "{}", text);
            if let (Ok(accepted), Ok(known)) = (accepted, known) {
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&accepted).unwrap(), known);
            }
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = parse_object(&bytes);
        }

        #[test]
        fn walking_never_panics(text in r#"[\[\]{}",:\\\\uaé1 ]{0,20}"#) {
            let _ = Walker { rest: &text }.value(3);
        }
    }
}
