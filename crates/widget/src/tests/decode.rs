//! The wire's forms, read from what `JSON.parse` gives.

use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, IdentityStatus, Status,
        StatusKind,
    },
    config::AgentConfig,
    conversation::{ConversationList, ConversationView, MessageState, Role},
    identify::{IdentifyResponse, IdentifyResult, IdentityCode},
    rich::{Align, Block, Inline, plain_text},
};
use js_sys::JSON;
use serde::de::DeserializeOwned;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::CONFIG;
use crate::decode::decode;

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    decode(JSON::parse(json).unwrap())
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
