//! The wire's forms, read from what `JSON.parse` gives.

use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, IdentityStatus, Status,
        StatusKind,
    },
    config::AgentConfig,
    conversation::{ConversationList, ConversationView, MessageState, MessageView, Rating, Role},
    identify::{IdentifyResponse, IdentifyResult, IdentityCode},
    rich::{Align, Block, Inline, plain_text},
};
use js_sys::JSON;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::CONFIG;
use crate::decode::FromJson;

fn read<T: FromJson>(json: &str) -> Option<T> {
    T::from_json(&JSON::parse(json).unwrap())
}

const CONVERSATION: &str = "cnv_01h2xcejqtf2nbrexx3vqjhp41";
const MESSAGE: &str = "msg_01h2xcejqtf2nbrexx3vqjhp41";
const TIME: &str = "2023-11-14T22:13:20.123Z";
const SESSION: &str = "vst_0123456789012345678901234567890123456789012";

/// Reads the sample, and each that differs from it in one value, exactly as serde reads it.
fn agree<T>(sample: &Value)
where
    T: FromJson + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let typed: T = serde_json::from_value(sample.clone()).unwrap();
    let written = typed.serialize(&Serializer::json_compatible()).unwrap();
    assert_eq!(T::from_json(&written), Some(typed));
    for wrong in mutations(sample) {
        let expected: Option<T> = serde_json::from_value(wrong.clone()).ok();
        assert_eq!(read::<T>(&wrong.to_string()), expected, "{wrong}");
    }
}

/// The value with another one in the place of each of its parts, and without each of its members.
fn mutations(value: &Value) -> Vec<Value> {
    let others = json!([null, true, 7, -1, 1.5, 4_294_967_296_u64, "x", "", [], {}]);
    let mut all: Vec<Value> = others.as_array().unwrap().clone();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let replaced = mutations(member).into_iter().map(|other| {
                    let mut copy = members.clone();
                    copy.insert(name.clone(), other);
                    Value::Object(copy)
                });
                all.extend(replaced);
                let mut without = members.clone();
                without.remove(name);
                all.push(Value::Object(without));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let replaced = mutations(item).into_iter().map(|other| {
                    let mut copy = items.clone();
                    copy[index] = other;
                    Value::Array(copy)
                });
                all.extend(replaced);
            }
        }
        _ => {}
    }
    all
}

#[wasm_bindgen_test]
fn everything_is_read_as_serde_reads_it() {
    agree::<Accepted>(&json!({"conversation_id": CONVERSATION, "message_id": MESSAGE, "session": SESSION,
        "identity": {"status": "verified", "user_id": "42", "code": "token_expired"}}));
    agree::<Delta>(&json!({"message_id": MESSAGE, "text": "Hi"}));
    agree::<Delta>(&json!({"message_id": MESSAGE, "from": 2, "blocks": ["rule"]}));
    agree::<Done>(&json!({"message_id": MESSAGE, "finish_reason": "length", "suggestions": ["Why?"],
        "sources": [{"title": "T", "url": "https://example.com/"}]}));
    agree::<Failure>(&json!({"code": "agent_failed", "message": "m", "retryable": false}));
    agree::<ConversationList>(&json!({"conversations": [
        {"id": CONVERSATION, "title": "t", "created_at": TIME, "updated_at": TIME}]}));
    agree::<ConversationView>(
        &json!({"id": CONVERSATION, "created_at": TIME, "cursor": "7.3", "earlier": true,
        "resolved": true, "operator": "Anna", "messages": []}),
    );
    agree::<MessageView>(&json!({"id": MESSAGE, "role": "agent", "text": "t", "verified": true,
        "blocks": [{"paragraph": [{"text": "Hi"}]}], "state": "complete", "sources": [{"title": "T"}],
        "suggestions": ["Why?"], "rating": "up", "author": "Anna", "created_at": TIME}));
    agree::<AgentConfig>(
        &json!({"agent_id": "agt_01h2xcejqtf2nbrexx3vqjhp41", "name": "Ada", "greeting": "Hello",
        "starters": ["One?"], "locale": "fr", "contact": "help@example.com",
        "features": {"identify": true, "feedback": true, "handover": true},
        "theme": {"scheme": "dark", "accent": "#aabbcc", "background": "#000000", "text": "#ffffff",
            "radius": 12, "font": "serif", "position": "left", "launcher_icon": "wave",
            "launcher_label": "Help", "logo": "v1/agents/x/logo"}}),
    );
}

#[wasm_bindgen_test]
fn rich_text_is_read_as_serde_reads_it() {
    for block in [
        json!({"paragraph": [{"text": "a"}, {"strong": [{"text": "b"}]}, {"emphasis": []}, {"strike": []},
            {"code": "c"}, {"link": {"href": "mailto:a@example.com", "content": [{"text": "d"}]}}, "break"]}),
        json!({"heading": {"level": 2, "content": [{"text": "a"}]}}),
        json!({"list": {"start": 3, "items": [[{"paragraph": []}], []]}}),
        json!({"code": {"language": "rust", "text": "y"}}),
        json!({"quote": [{"paragraph": [{"text": "q"}]}]}),
        json!({"table": {"align": ["left", "none"], "header": [[{"text": "a"}]], "rows": [[[{"text": "1"}]]]}}),
        json!("rule"),
    ] {
        agree::<Block>(&block);
    }
}

#[wasm_bindgen_test]
fn every_word_of_a_closed_set_is_read() {
    fn words<T>(words: &[&str])
    where
        T: FromJson + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        for word in words {
            agree::<T>(&json!(word));
        }
    }
    words::<IdentityStatus>(&["verified", "anonymous"]);
    words::<FinishReason>(&["stop", "length", "stopped"]);
    words::<FailureCode>(&["interrupted", "agent_failed"]);
    words::<Role>(&["visitor", "agent", "operator", "status"]);
    words::<Rating>(&["up", "down"]);
    words::<MessageState>(&["streaming", "complete", "stopped", "interrupted", "failed"]);
    words::<Align>(&["none", "left", "center", "right"]);
    for kind in ["typing", "assigned", "resolved", "waiting"] {
        agree::<Status>(&json!({"status": kind, "operator": "Anna"}));
    }
    for code in IdentityCode::ALL {
        agree::<IdentityCode>(&json!(code.as_str()));
    }
}

#[wasm_bindgen_test]
fn verdicts_are_read_as_serde_reads_them() {
    let identified = json!({"ok": true, "identified": true, "user_id": "42",
        "profile_id": "prf_01h2xcejqtf2nbrexx3vqjhp41", "expires_at": TIME, "switched_user": true,
        "claimed_conversation": true, "session": SESSION, "server_time": TIME});
    let refused = json!({"ok": false, "identified": false, "code": "key_revoked", "message": "m", "hint": "h",
        "retryable": false});
    for sample in [identified, refused] {
        for form in std::iter::once(sample.clone()).chain(mutations(&sample)) {
            // No `null` stands for what is merely left out.
            if ["switched_user", "claimed_conversation", "message", "hint"]
                .iter()
                .any(|name| form.get(name).is_some_and(Value::is_null))
            {
                continue;
            }
            // Members that the verdict does not need are not looked at, whatever they are.
            if let Ok(expected) = serde_json::from_value::<IdentifyResponse>(form.clone()) {
                assert_eq!(read(&form.to_string()), Some(expected), "{form}");
            }
        }
        for needed in ["identified", "user_id", "profile_id", "expires_at", "code", "session", "server_time"]
        {
            if sample.get(needed).is_some() {
                let mut wrong = sample.clone();
                wrong[needed] = json!([]);
                assert_eq!(read::<IdentifyResponse>(&wrong.to_string()), None, "{needed}");
            }
        }
    }
}

#[wasm_bindgen_test]
fn events_of_a_stream() {
    let accepted: Accepted = read(
        r#"{"conversation_id":"cnv_01h2xcejqtf2nbrexx3vqjhp41","message_id":"msg_01h2xcejqtf2nbrexx3vqjhp41",
        "identity":{"status":"anonymous","code":"token_expired"},"session":"vst_0123456789012345678901234567890123456789012"}"#,
    )
    .unwrap();
    assert_eq!(accepted.identity.status, IdentityStatus::Anonymous);
    assert_eq!(accepted.identity.code, Some(IdentityCode::TokenExpired));
    assert_eq!(accepted.identity.user_id, None);
    assert!(accepted.session.is_some());

    let delta: Delta = read(
        r#"{"message_id":"msg_01h2xcejqtf2nbrexx3vqjhp41","from":2,"blocks":["rule",{"paragraph":[{"text":"x"}]}]}"#,
    )
    .unwrap();
    let DeltaContent::Blocks { from: 2, blocks } = delta.content else { panic!("{delta:?}") };
    assert_eq!(blocks[0], Block::Rule);
    assert_eq!(plain_text(&blocks), "x");

    let done: Done = read(
        r#"{"message_id":"msg_01h2xcejqtf2nbrexx3vqjhp41","finish_reason":"stopped","later":[1,{"a":null}],
        "sources":[{"title":"T","url":"https://example.com/"},{"title":"U"}]}"#,
    )
    .unwrap();
    assert_eq!(done.finish_reason, FinishReason::Stopped);
    assert_eq!(done.sources.len(), 2);
    assert_eq!(done.sources[1].url, None);

    let status: Status = read(r#"{"status":"typing"}"#).unwrap();
    assert_eq!(status.status, StatusKind::Typing);
    let failure: Failure = read(r#"{"code":"interrupted","message":"m","retryable":true}"#).unwrap();
    assert_eq!((failure.code, failure.retryable), (FailureCode::Interrupted, true));
}

#[wasm_bindgen_test]
fn every_block_and_inline() {
    let blocks: Vec<Block> = read(
        r#"[{"heading":{"level":2,"content":[{"text":"Plans"}]}},
        {"paragraph":[{"link":{"href":"https://example.com/","content":[{"strong":[{"text":"this"}]}]}},"break",{"code":"x"}]},
        {"list":{"start":3,"items":[[{"paragraph":[{"emphasis":[{"text":"one"}]}]}],[]]}},
        {"list":{"items":[[{"paragraph":[{"strike":[{"text":"two"}]}]}]]}},
        {"code":{"language":"rust","text":"fn x() {}\n"}},{"code":{"text":"y"}},
        {"quote":[{"paragraph":[{"text":"q"}]}]},
        {"table":{"align":["left","none","center","right"],"header":[[{"text":"a"}]],"rows":[[[{"text":"1"}],[]]]}},"rule"]"#,
    )
    .unwrap();
    assert_eq!(plain_text(&blocks), "Plans\nthis\nx\none\ntwo\nfn x() {}\ny\nq\na\n1,");
    assert!(matches!(&blocks[2], Block::List { start: Some(3), items } if items.len() == 2));
    assert!(matches!(&blocks[3], Block::List { start: None, .. }));
    let Block::Table { align, .. } = &blocks[7] else { panic!("no table") };
    assert_eq!(align, &[Align::Left, Align::None, Align::Center, Align::Right]);
}

#[wasm_bindgen_test]
fn answers_of_the_api() {
    let config: AgentConfig = read(CONFIG).unwrap();
    assert_eq!((config.name.as_str(), config.starters.len()), ("Ada", 1));
    assert_eq!((config.theme.accent, config.locale, config.features.identify), (None, None, true));

    let list: ConversationList = read(
        r#"{"conversations":[{"id":"cnv_01h2xcejqtf2nbrexx3vqjhp41","title":"t",
        "created_at":"2023-11-14T22:13:20.000Z","updated_at":"2023-11-14T22:13:20Z"}]}"#,
    )
    .unwrap();
    assert_eq!(list.conversations[0].updated_at.as_millis(), 1_700_000_000_000);

    let view: ConversationView = read(
        r#"{"id":"cnv_01h2xcejqtf2nbrexx3vqjhp41","created_at":"2023-11-14T22:13:20.000Z","cursor":"7.3","messages":[
        {"id":"msg_01h2xcejqtf2nbrexx3vqjhp41","role":"visitor","text":"Hi","state":"complete","created_at":"2023-11-14T22:13:20.000Z"},
        {"id":"msg_01h2xcejqtf2nbrexx3vqjhp42","role":"operator","blocks":[],"verified":true,"state":"streaming","created_at":"2023-11-14T22:13:20.000Z"}]}"#,
    )
    .unwrap();
    assert_eq!(view.messages[0].role, Role::Visitor);
    assert_eq!(view.messages[0].blocks, None);
    assert_eq!(view.messages[1].state, MessageState::Streaming);
    assert!(view.messages[1].verified);

    let identified: IdentifyResponse = read(
        r#"{"ok":true,"identified":true,"user_id":"42","profile_id":"prf_01h2xcejqtf2nbrexx3vqjhp41",
        "expires_at":"2023-11-14T22:13:20.000Z","switched_user":true,"claimed_conversation":false,"session":null}"#,
    )
    .unwrap();
    assert!(matches!(identified.result, IdentifyResult::Identified(who) if who.switched_user));
    for code in IdentityCode::ALL {
        let json = format!(r#"{{"ok":false,"identified":false,"code":"{code}","message":"m","hint":"h"}}"#);
        let refused: IdentifyResponse = read(&json).unwrap();
        assert!(matches!(refused.result, IdentifyResult::Refused(why) if why.code == code), "{code}");
    }
}

#[wasm_bindgen_test]
fn other_forms_are_refused() {
    assert_eq!(read::<Inline>(r#"{"link":{"href":"javascript:alert(1)","content":[]}}"#), None);
    assert_eq!(read::<Block>(r#""paragraph""#), None);
    assert_eq!(read::<Block>(r#"{"rule":[]}"#), None);
    assert_eq!(read::<Block>("{}"), None);
    assert_eq!(read::<Block>(r#"{"html":"<b>"}"#), None);
    assert_eq!(read::<Vec<Block>>(r#"{"length":1}"#), None);
    assert_eq!(read::<Block>(r#"{"heading":{"level":256,"content":[]}}"#), None);
    assert_eq!(read::<Block>(r#"{"heading":{"level":1.5,"content":[]}}"#), None);
    assert_eq!(read::<Block>(r#"{"heading":{"level":-1,"content":[]}}"#), None);
    assert_eq!(read::<Block>(r#"{"heading":{"level":"1","content":[]}}"#), None);
    assert_eq!(read::<Status>(r#"{"status":"dancing"}"#), None);
    assert_eq!(read::<Status>("{}"), None);
    assert_eq!(read::<Status>("null"), None);
    assert_eq!(read::<Status>("[]"), None);
    assert_eq!(read::<AgentConfig>(r#""config""#), None);
    assert_eq!(read::<u32>("4294967296"), None);
    assert_eq!(read::<u32>("1e300"), None);
    assert_eq!(read::<u32>("4294967295"), Some(u32::MAX));
}
