use proptest::prelude::*;

use super::*;

fn compact(text: &str) -> Result<String, NotStrict> {
    Object::parse(text.into()).map(|object| object.compact())
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
fn a_member_is_found_by_its_name() {
    let object = Object::parse(br#"{"a":1,"\u0062":"\u00e9","c":{"a":true}, "d" : null}"#.into()).unwrap();
    let value = |name: &str| object.get(name).map(Value::compact);
    assert_eq!(value("a").as_deref(), Some("1"));
    assert_eq!(value("b").as_deref(), Some("\"é\""));
    assert_eq!(value("c").as_deref(), Some(r#"{"a":true}"#));
    assert_eq!(value("d").as_deref(), Some("null"));
    assert_eq!(value("e"), None);
    assert_eq!(value("\\u0062"), None);
    assert!(object.get("c").and_then(Value::as_object).is_some_and(|inner| inner.get("a").is_some()));
    assert!(object.get("a").is_some_and(|value| value.as_object().is_none() && value.is_number()));
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
        r#"{"a":"\ud800\ud800"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        r#"{"a":"\ud800\ue000"}"#,
        r#"{"a":"\ud800\ndc00"}"#,
        r#"{"a":"\ud800\xdc00"}"#,
        r#"{"a":"\ud800udc00"}"#,
        r#"{"a":"\ud80"}"#,
        r#"{"a":"\ud800\udc0"}"#,
        r#"{"a":"\u00g0"}"#,
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
        assert!(Object::parse(bytes.into()).is_err(), "{bytes:?}");
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
        (&"9".repeat(309), false),
        (&"9".repeat(400), false),
    ] {
        for text in [format!("{{\"a\":{number}}}"), format!("{{\"a\":[{{\"b\":[{number}]}}]}}")] {
            assert_eq!(Object::parse(text.clone().into()).unwrap().is_finite(), finite, "{text}");
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
        let _ = Object::parse(bytes);
    }

    #[test]
    fn walking_never_panics(text in r#"[\[\]{}",:\\\\uaé1 ]{0,20}"#) {
        let _ = compact::of(&text);
    }
}
