//! Logging out: all tabs of this browser, whatever they were doing, and no other browser.

use serde_json::{Value, json};

use super::{HERS, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, conversation, kept, plant};
use crate::browser::scene::LONG_QUESTION;

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_clears_every_tab_in_mid_answer_and_leaves_the_other_browser_alone() {
    let scene = Scene::slow().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(other, "ada").await;
    other.open().await;
    other.ask(HERS).await;
    let hers = conversation(other).await;

    scene.identify(one, "ada").await;
    one.open().await;
    one.until(&format!("{ROWS} == 2")).await;
    one.send(LONG_QUESTION).await;
    one.until("root.querySelector('.row.streaming')").await;
    scene.one.eval::<()>("window.heard.length = 0", json!(null)).await;
    let first = scene.one.tab().await;
    scene.one.new_tab().await;
    scene.one.goto(&scene.host.url).await;
    scene.identify(one, "ada").await;
    assert_eq!(one.call("logout", Value::Null).await, json!({ "ok": true }));

    scene.one.switch_to(&first).await;
    one.until(&format!("{ROWS} == 0")).await;
    assert_nothing_of_ada(&scene.one).await;
    assert_eq!(scene.one.storage().await, "[{},{}]");
    let heard: Vec<String> = scene.one.eval("return window.heard.map(({ type }) => type)", json!(null)).await;
    assert_eq!(heard, ["logout"]);
    let state = one.state().await;
    assert_eq!((&state["identified"], &state["conversationId"]), (&json!(false), &Value::Null), "{state}");

    // What this tab sends from here on is an anonymous visitor's, in a conversation of its own.
    scene.one.eval::<()>("window.sent.length = 0", json!(null)).await;
    one.open().await;
    assert!(one.ask(WHICH_PLAN).await.contains("I cannot know that"));
    let sent: Vec<Value> = scene.one.eval("return window.sent", json!(null)).await;
    let chat = sent.iter().find(|request| request["kind"] == "chat").expect("the message");
    assert_eq!((&chat["session"], &chat["token"]), (&Value::Null, &Value::Null));
    let body: Value = serde_json::from_str(chat["body"].as_str().unwrap()).unwrap();
    assert!(body.get("identity_token").is_none() && body.get("conversation_id").is_none(), "{body}");
    assert_nothing_of_ada(&scene.one).await;

    assert!(other.ask(WHICH_PLAN).await.contains("Enterprise"), "the other browser is still hers");
    assert_eq!((conversation(other).await, &other.state().await["userId"]), (hers, &json!("ada")));
    let stored = scene.stored().await;
    assert_eq!(stored, [(None, 2), (Some("ada".to_owned()), 6)]);
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_logout_the_back_button_brings_nothing_back() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let hers = conversation(one).await;
    // As long as nobody logs out, the browser shows the page again as it was left.
    scene.one.goto(&scene.app.at("/healthz")).await;
    scene.one.back().await;
    assert!(scene.one.until::<bool>("window.persisted").await, "the browser kept the page");
    assert_eq!(one.lines().await.len(), 2);
    // She leaves the page as it is, logs out in another tab, and somebody goes back.
    let first = scene.one.tab().await;
    scene.one.goto(&scene.app.at("/healthz")).await;
    scene.one.new_tab().await;
    scene.one.goto(&scene.host.url).await;
    scene.identify(one, "ada").await;
    one.call("logout", Value::Null).await;
    // The same in this tab, which was logged out itself.
    scene.one.goto(&scene.app.at("/healthz")).await;
    scene.one.back().await;
    one.find(".launcher").await;
    assert_nothing_of_ada(&scene.one).await;
    scene.one.switch_to(&first).await;
    scene.one.back().await;
    one.find(".launcher").await;
    assert_nothing_of_ada(&scene.one).await;
    assert_eq!(scene.one.storage().await, "[{},{}]");
    one.call("open", json!({ "conversationId": hers })).await;
    one.is_open().await;
    one.ask(WHICH_PLAN).await;
    assert_nothing_of_ada(&scene.one).await;
    assert_ne!(conversation(one).await, hers);
    // On her other device it is all there.
    scene.identify(other, "ada").await;
    other.open().await;
    other.until(&format!("{ROWS} == 2")).await;
    scene.one.assert_no_errors(&["404"]).await;
    scene.other.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_visitors_conversation_ends_with_a_logout_too() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    one.open().await;
    one.ask(HERS).await;
    let before = kept(&scene.one).await;
    one.call("logout", Value::Null).await;
    assert_eq!(scene.one.storage().await, "[{},{}]");
    scene.one.until::<bool>("window.sent.some(({ kind, answered }) => kind === 'session' && answered)").await;
    // What was kept opens nothing any more, wherever it has got to.
    for browser in [&scene.one, &scene.other] {
        plant(browser, &before).await;
        super::Chat(browser).is_open().await;
        super::at_rest(browser).await;
        assert_nothing_of_ada(browser).await;
        assert_eq!(super::Chat(browser).lines().await, []);
    }
    assert!(other.ask(WHICH_PLAN).await.contains("I cannot know that"));
    scene.assert_no_errors(&["404"]).await;
}
