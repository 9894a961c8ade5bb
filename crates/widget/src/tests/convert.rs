//! Commands, results and bodies across the boundary.

use eloquent_types::{
    chat::{ChatRequest, Format, NewMessage, Page, PageEvent},
    conversation::{FeedbackRequest, Rating},
    identify::IdentifyRequest,
};
use eloquent_widget_core::{Command, CommandKind, IdentityToken, Value};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::window;
use crate::{
    body,
    convert::{command, get, json, object, set},
};

fn one(name: &str, argument: impl Into<JsValue>) -> Command {
    command(name, &Array::of1(&argument.into()))
}

/// An object whose every member throws when it is read.
fn hostile() -> JsValue {
    let handler = Object::new();
    set(&handler, "get", Function::new_no_args("throw 1"));
    let proxy: Function = get(&window(), "Proxy").unchecked_into();
    Reflect::construct(&proxy, &Array::of2(&Object::new(), &handler)).unwrap()
}

#[wasm_bindgen_test]
fn arguments_become_commands() {
    let options = Object::new();
    set(&options, "token", "a.b.c");
    assert_eq!(
        one("identify", options),
        Command::Identify { token: IdentityToken::new("a.b.c"), get_token: false }
    );
    for no_token in [JsValue::UNDEFINED, JsValue::NULL, JsValue::from("a.b.c"), JsValue::from(7), hostile()] {
        assert_eq!(
            one("identify", no_token),
            Command::Identify { token: IdentityToken::new(""), get_token: false }
        );
    }
    assert_eq!(command("shutdown", &Array::new()), Command::Logout);
    assert_eq!(command("resetChat", &Array::new()), Command::NewConversation);
    assert_eq!(one("prefill", "x"), Command::Prefill { text: "x".into() });
    assert_eq!(one("prefill", 7), Command::Malformed { kind: CommandKind::Prefill });
    assert_eq!(one("constructor", 7), Command::Unknown { name: "constructor".into() });
}

#[wasm_bindgen_test]
fn a_function_beside_the_token_is_noticed_and_nothing_else_is_one() {
    for (given, expected) in [
        (Function::new_no_args("").into(), true),
        (JsValue::UNDEFINED, false),
        ("a.b.c".into(), false),
        (Object::new().into(), false),
    ] {
        let options = Object::new();
        set(&options, "token", "a.b.c");
        set(&options, "getToken", given);
        let command = one("identify", options);
        assert!(matches!(command, Command::Identify { get_token, .. } if get_token == expected));
    }
}

#[wasm_bindgen_test]
fn hints_are_text_numbers_and_booleans() {
    let update = |attributes: JsValue| {
        let options = Object::new();
        set(&options, "attributes", attributes);
        one("update", options)
    };
    let attributes = Object::new();
    set(&attributes, "a", "x");
    set(&attributes, "b", 1.5);
    set(&attributes, "c", 3);
    set(&attributes, "d", true);
    set(&attributes, "e", JsValue::NULL);
    set(&attributes, "f", JsValue::UNDEFINED);
    set(&attributes, "__proto__x", "");
    let text = |name: &str, value: Option<&str>| (name.to_owned(), value.map(ToOwned::to_owned));
    let expected = vec![
        text("a", Some("x")),
        text("b", Some("1.5")),
        text("c", Some("3")),
        text("d", Some("true")),
        text("e", None),
        text("f", None),
        text("__proto__x", Some("")),
    ];
    assert_eq!(update(attributes.into()), Command::Update { attributes: expected });
    assert_eq!(update(Object::new().into()), Command::Update { attributes: Vec::new() });

    let with = |value: JsValue| {
        let attributes = Object::new();
        set(&attributes, "a", value);
        attributes.into()
    };
    let symbol = JsValue::symbol(None);
    let parts = [Object::new().into(), Array::new().into(), f64::NAN.into(), f64::INFINITY.into(), symbol];
    let wholes = [JsValue::UNDEFINED, JsValue::NULL, "x".into(), 7.into(), Array::of1(&"x".into()).into()];
    for bad in wholes.into_iter().chain(parts.into_iter().map(with)) {
        assert_eq!(update(bad), Command::Malformed { kind: CommandKind::Update });
    }
    assert_eq!(one("update", JsValue::UNDEFINED), Command::Malformed { kind: CommandKind::Update });
    assert_eq!(one("update", hostile()), Command::Malformed { kind: CommandKind::Update });
    // Its members throw when they are read, and then they count as absent.
    assert_eq!(update(hostile()), Command::Update { attributes: Vec::new() });
}

/// A proxy that throws whatever is done with it, also where nobody expects it.
fn revoked() -> JsValue {
    let proxies = get(&window(), "Proxy");
    let make: Function = get(&proxies, "revocable").unchecked_into();
    let revoked = make.call2(&proxies, &Object::new(), &Object::new()).unwrap();
    get(&revoked, "revoke").unchecked_into::<Function>().call0(&JsValue::UNDEFINED).unwrap();
    get(&revoked, "proxy")
}

/// What no command takes as its first argument, but for those that take none.
fn rubbish() -> Vec<JsValue> {
    vec![
        JsValue::UNDEFINED,
        JsValue::NULL,
        7.into(),
        f64::NAN.into(),
        true.into(),
        Array::of1(&"fr".into()).into(),
        Function::new_no_args("").into(),
        JsValue::symbol(None),
        hostile(),
        revoked(),
    ]
}

#[wasm_bindgen_test]
fn a_language_is_a_tag_or_auto() {
    for (tag, expected) in [("fr", Some("fr")), ("pt-BR", Some("pt-BR")), ("auto", None)] {
        let locale = expected.map(ToOwned::to_owned);
        assert_eq!(one("setLocale", tag), Command::SetLocale { locale }, "{tag}");
    }
    let texts = ["", "e", "fr_FR", "<b>", "fr-"].into_iter().map(JsValue::from);
    for bad in rubbish().into_iter().chain(texts) {
        assert_eq!(one("setLocale", bad), Command::Malformed { kind: CommandKind::SetLocale });
    }
}

#[wasm_bindgen_test]
fn a_look_is_a_scheme_or_tokens() {
    let token = |name: &str, value: Value| Command::SetTheme { tokens: vec![(name.into(), value)] };
    assert_eq!(one("setTheme", "dark"), token("scheme", "dark".into()));
    let with = |name: &str, value: JsValue| {
        let tokens = Object::new();
        set(&tokens, name, value);
        one("setTheme", tokens)
    };
    assert_eq!(with("accent", "#123456".into()), token("accent", "#123456".into()));
    assert_eq!(with("radius", 12.into()), token("radius", Value::Number(12)));
    assert_eq!(with("no token", 12.into()), token("no token", Value::Number(12)), "the core knows them");
    assert_eq!(with("text", JsValue::NULL), token("text", Value::Null));
    assert_eq!(with("text", JsValue::UNDEFINED), token("text", Value::Null));
    let malformed = Command::Malformed { kind: CommandKind::SetTheme };
    for bad in [
        1.5.into(),
        (-1).into(),
        f64::INFINITY.into(),
        true.into(),
        Object::new().into(),
        JsValue::symbol(None),
    ] {
        assert_eq!(with("radius", bad), malformed);
    }
    let functions = Function::new_no_args("").into();
    for value in rubbish() {
        // A function is an object too, and has no members of its own that are tokens; and the members of
        // the hostile one cannot be told.
        let found = one("setTheme", value.clone());
        assert!(found == malformed || value.is_function() || value.is_object(), "{found:?}");
    }
    assert_eq!(with("radius", functions), malformed);
    let many = Object::new();
    for number in 0..1_001 {
        set(&many, &number.to_string(), 1);
    }
    assert_eq!(one("setTheme", many), malformed);
}

#[wasm_bindgen_test]
fn a_preview_is_text() {
    let options = Object::new();
    set(&options, "text", "Need help?");
    assert_eq!(one("showPreview", options), Command::ShowPreview { text: "Need help?".into() });
    for bad in rubbish().into_iter().chain(["Need help?".into(), Object::new().into()]) {
        assert_eq!(one("showPreview", bad), Command::Malformed { kind: CommandKind::ShowPreview });
    }
}

#[wasm_bindgen_test]
fn an_event_has_a_name_and_flat_properties() {
    let track = |name: &JsValue, properties: &JsValue| command("trackEvent", &Array::of2(name, properties));
    let malformed = Command::Malformed { kind: CommandKind::TrackEvent };
    let properties = Object::new();
    set(&properties, "items", 3);
    set(&properties, "total", 59.5);
    set(&properties, "member", true);
    set(&properties, "coupon", JsValue::NULL);
    let expected = [("items", "3"), ("total", "59.5"), ("member", "true")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let name = JsValue::from("cart");
    assert_eq!(track(&name, &properties), Command::TrackEvent { name: "cart".into(), properties: expected });
    let bare = Command::TrackEvent { name: "cart".into(), properties: Vec::new() };
    for nothing in [JsValue::UNDEFINED, JsValue::NULL, Object::new().into()] {
        assert_eq!(track(&name, &nothing), bare);
    }
    for bad in rubbish() {
        assert_eq!(track(&bad, &Object::new()), malformed);
    }
    for bad in ["x".into(), 7.into(), Array::new().into()] {
        assert_eq!(track(&name, &bad), malformed);
    }
    set(&properties, "cart", Object::new());
    assert_eq!(track(&name, &properties), malformed);
}

#[wasm_bindgen_test]
fn a_page_has_an_address_and_a_title_or_neither() {
    let page = |url: &str, title: &str| Command::Page { url: url.into(), title: title.into() };
    let options = Object::new();
    for nothing in [JsValue::UNDEFINED, JsValue::NULL, options.clone().into(), hostile()] {
        assert_eq!(one("page", nothing), page("", ""));
    }
    set(&options, "title", "Checkout");
    assert_eq!(one("page", options.clone()), page("", "Checkout"));
    set(&options, "url", "/checkout");
    assert_eq!(one("page", options.clone()), page("/checkout", "Checkout"));
    set(&options, "url", 7);
    for bad in ["/checkout".into(), 7.into(), options.into(), JsValue::symbol(None)] {
        assert_eq!(one("page", bad), Command::Malformed { kind: CommandKind::Page });
    }
}

#[wasm_bindgen_test]
fn debug_is_on_or_off() {
    assert_eq!(one("debug", true), Command::Debug { on: true });
    assert_eq!(one("debug", false), Command::Debug { on: false });
    for bad in [JsValue::UNDEFINED, "true".into(), 1.into()] {
        assert_eq!(one("debug", bad), Command::Malformed { kind: CommandKind::Debug });
    }
}

#[wasm_bindgen_test]
fn open_takes_nothing_or_what_is_well_formed() {
    let nothing = Command::Open { prefill: None, conversation: None };
    for argument in [JsValue::UNDEFINED, JsValue::NULL, Object::new().into(), JsValue::from(7), hostile()] {
        assert_eq!(one("open", argument), nothing);
    }
    let options = Object::new();
    set(&options, "prefill", "Hi");
    set(&options, "conversationId", "cnv_01h2xcejqtf2nbrexx3vqjhp41");
    let conversation = "cnv_01h2xcejqtf2nbrexx3vqjhp41".parse().ok();
    assert_eq!(one("open", options.clone()), Command::Open { prefill: Some("Hi".into()), conversation });
    set(&options, "conversationId", "agt_01h2xcejqtf2nbrexx3vqjhp41");
    assert_eq!(one("open", options), Command::Malformed { kind: CommandKind::Open });
}

#[wasm_bindgen_test]
fn fields_become_an_object() {
    let fields = vec![
        ("a", Value::Null),
        ("b", Value::Bool(true)),
        ("c", Value::Number(7)),
        ("d", Value::from("\u{2028}\"")),
        ("e", Value::Time(eloquent_types::time::Timestamp::from_secs(1_700_000_000))),
    ];
    let text = json(&object(fields)).unwrap();
    assert_eq!(
        text,
        "{\"a\":null,\"b\":true,\"c\":7,\"d\":\"\u{2028}\\\"\",\"e\":\"2023-11-14T22:13:20.000Z\"}"
    );
}

#[wasm_bindgen_test]
fn a_chat_request_is_written_as_its_type_is() {
    let whole = ChatRequest {
        message: NewMessage { id: "1".into(), text: "<\u{1f600}\"\n".into() },
        after: None,
        conversation_id: "cnv_01h2xcejqtf2nbrexx3vqjhp41".parse().ok(),
        identity_token: Some("a.b.c".into()),
        attributes: vec![("__proto__x".into(), "y".into()), ("plan".into(), "team".into())],
        page: Some(Page { url: "https://example.com/".into(), title: "T".into() }),
        locale: Some("fr".into()),
        events: vec![PageEvent {
            name: "cart".into(),
            properties: vec![("total".into(), "7".into())],
            at: eloquent_types::time::Timestamp::from_secs(1_700_000_000),
        }],
        format: Format::Blocks,
    };
    let bare = ChatRequest {
        after: None,
        conversation_id: None,
        identity_token: None,
        attributes: Vec::new(),
        page: None,
        locale: None,
        events: Vec::new(),
        format: Format::Markdown,
        ..whole.clone()
    };
    for request in [whole, bare] {
        let text = json(&body::chat(&request)).unwrap();
        let written: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(written, serde_json::to_value(&request).unwrap());
    }
}

#[wasm_bindgen_test]
fn the_other_bodies_are_written_as_their_types_are() {
    let token = IdentityToken::new("a.b.c");
    let identify = serde_json::to_value(IdentifyRequest { token: token.expose().into() }).unwrap();
    let request = FeedbackRequest {
        message_id: "msg_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap(),
        rating: Rating::Down,
        comment: Some("Why?".into()),
    };
    let bare = FeedbackRequest { comment: None, rating: Rating::Up, ..request.clone() };
    for (body, expected) in [
        (body::identify(&token), identify),
        (body::feedback(&request), serde_json::to_value(&request).unwrap()),
        (body::feedback(&bare), serde_json::to_value(&bare).unwrap()),
    ] {
        let written: serde_json::Value = serde_json::from_str(&json(&body).unwrap()).unwrap();
        assert_eq!(written, expected);
    }
}
