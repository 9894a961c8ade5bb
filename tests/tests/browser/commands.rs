//! `window.eloquent` as a host's page calls it.

mod events;
mod table;

use std::time::Duration;

use eloquent_store::StoreError;
use eloquent_tests::browser::{
    Browser,
    chat::Chat,
    host::{HostPage, STUB, page, tag},
};
use eloquent_types::text::UserId;
use serde_json::{Value, json};

use super::scene;

/// Notes every event of the widget, as `window.heard`.
const HEAR: &str = "<script>window.heard = [];
    for (const name of ['ready', 'open', 'close', 'identify', 'logout', 'message:sent', 'message:received', 'conversation:started', 'destroy'])
        addEventListener('eloquent:' + name, (event) => heard.push(event.detail));</script>";

async fn heard(browser: &Browser) -> Vec<String> {
    browser.eval("return window.heard.map((event) => event.type)", json!(null)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_loaded_or_stored_before_somebody_means_to_chat() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.find(".launcher").await;
    let loaded = "performance.getEntriesByType('resource').map((entry) => entry.name.split('/').pop())";
    let idle = "await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));";
    let before: Vec<String> = browser.eval(&format!("{idle} return {loaded}"), json!(null)).await;
    assert_eq!(before, ["eloquent.js"]);
    assert_eq!(browser.storage().await, "[{},{}]");
    chat.open().await;
    let after: Vec<String> = browser.eval(&format!("return {loaded}"), json!(null)).await;
    assert!(after.iter().any(|name| name.starts_with("widget_bg.wasm")), "{after:?}");
    // To look is not to act: still nothing is stored.
    assert_eq!(browser.storage().await, "[{},{}]");
    chat.ask("Hello").await;
    assert!(browser.storage().await.contains("cnv_"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_resolves_and_every_event_fires() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page(HEAR, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let none = Value::Null;
    assert_eq!(chat.call("open", none.clone()).await, json!({ "ok": true, "open": true }));
    chat.is_open().await;
    assert_eq!(chat.call("close", none.clone()).await, json!({ "ok": true, "open": false }));
    chat.until("root.querySelector('.panel.closed')").await;
    assert_eq!(chat.call("toggle", none.clone()).await, json!({ "ok": true, "open": true }));
    // The method is the command.
    assert_eq!(browser.eval::<Value>("return eloquent.toggle()", none.clone()).await["open"], false);
    let state = chat.state().await;
    assert_eq!((&state["status"], &state["identified"]), (&json!("ready"), &json!(false)), "{state}");
    assert_eq!((&state["open"], &state["unread"]), (&json!(false), &json!(0)), "{state}");
    assert!(state["version"].is_string() && state["locale"].is_string(), "{state}");

    let sent = chat.call("sendMessage", json!("How do I ask for a refund?")).await;
    assert!(sent["messageId"].as_str().is_some_and(|id| id.starts_with("msg_")), "{sent}");
    // Nobody was looking: it counts as unread until the chat is opened.
    chat.until("root.querySelector('.badge:not([hidden])')?.textContent == '1'").await;
    assert_eq!(chat.state().await["unread"], 1);
    chat.call("open", json!({ "prefill": "Just a draft" })).await;
    assert_eq!(chat.state().await["unread"], 0);
    assert_eq!(chat.until("root.querySelector('textarea').value").await, "Just a draft");
    assert_eq!(chat.lines().await.len(), 2);
    assert_eq!(chat.call("newConversation", none.clone()).await, json!({ "ok": true }));
    assert_eq!(chat.lines().await, []);
    assert_eq!(chat.state().await["conversationId"], Value::Null);
    let hints = json!({ "attributes": { "page": "prices", "items": 3 } });
    assert_eq!(chat.call("update", hints).await, json!({ "ok": true }));
    assert_eq!(chat.call("debug", json!(false)).await, json!({ "ok": true }));
    assert_eq!(chat.call("logout", none.clone()).await, json!({ "ok": true }));
    assert_eq!(browser.storage().await, "[{},{}]");

    let events = heard(&browser).await;
    let expected =
        ["open", "close", "message:sent", "message:received", "conversation:started", "logout", "ready"];
    for name in expected {
        assert!(events.iter().any(|event| event == name), "{name}: {events:?}");
    }
    let shapes: Vec<Value> = browser.eval("return window.heard", none).await;
    for event in shapes {
        assert!(
            event["id"].is_string() && event["createdAt"].is_string() && event["data"].is_object(),
            "{event}"
        );
        assert!(!event.to_string().contains("refund"), "no message text: {event}");
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_once_and_off_hear_what_they_are_told_to() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    browser.until::<bool>("!!window.eloquent").await;
    let counts: Vec<u32> = browser
        .eval(
            "const counts = [0, 0, 0, 0];
            const always = () => counts[0]++;
            eloquent('on', 'open', always);
            const unsubscribe = await eloquent('on', 'open', () => counts[1]++);
            eloquent.once('open', () => counts[2]++);
            eloquent('on', 'open', () => { counts[3]++; throw new Error('the page\\'s own fault'); });
            for (const round of [1, 2]) { await eloquent('open'); await eloquent('close'); }
            unsubscribe();
            await eloquent('open'); await eloquent('close');
            await eloquent('off', 'open', always);
            await eloquent('open'); await eloquent('close');
            return counts;",
            json!(null),
        )
        .await;
    assert_eq!(counts, [3, 2, 1, 4]);
    browser.assert_no_errors(&["the page's own fault"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_resolve_too_and_are_no_rejections() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    for loaded in [false, true] {
        let unknown = chat.call("dance", Value::Null).await;
        assert_eq!(
            (&unknown["ok"], &unknown["code"]),
            (&json!(false), &json!("unknown_command")),
            "{unknown}"
        );
        let warnings = browser.console().await;
        let warned = warnings.iter().filter(|line| line.starts_with("WARNING") && line.contains("dance"));
        assert_eq!(warned.count(), 1, "{warnings:#?}");
        if !loaded {
            chat.call("open", Value::Null).await;
        }
    }
    for (name, argument, code) in [
        ("identify", json!(null), "token_missing"),
        ("identify", json!({ "token": 42 }), "token_missing"),
        ("identify", json!("eyJ"), "token_missing"),
        ("sendMessage", json!("  "), "message_empty"),
        ("sendMessage", json!("x".repeat(8_001)), "message_too_long"),
        ("on", json!("open"), "invalid_argument"),
        ("update", json!(null), "invalid_argument"),
        ("update", json!({ "plan": "team" }), "invalid_argument"),
        ("update", json!({ "attributes": { "cart": {} } }), "invalid_argument"),
        ("update", json!({ "attributes": { "long": "x".repeat(513) } }), "invalid_argument"),
        ("debug", json!("yes"), "invalid_argument"),
    ] {
        let result = chat.call(name, argument.clone()).await;
        assert_eq!((&result["ok"], &result["code"]), (&json!(false), &json!(code)), "{name} {argument:.40}");
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_tag_does_nothing_and_one_for_another_agent_warns_once() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page(STUB, &tag(&app, "").repeat(2))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let add = "for (const agent of args[1]) await new Promise((done) => {
        const script = document.createElement('script');
        script.src = args[0] + '/eloquent.js';
        script.dataset.agentId = agent;
        script.onload = done;
        document.head.append(script);
    });";
    let other = "agt_01h2xcejqtf2nbrexx3vqjhp41";
    browser.eval::<()>(add, json!([app.url, [app.agent.to_string(), other, other]])).await;
    let widgets = "return document.querySelectorAll('eloquent-widget').length";
    assert_eq!(browser.eval::<u32>(widgets, json!(null)).await, 1);
    let console = browser.console().await;
    assert_eq!(console.iter().filter(|line| line.contains("[eloquent]")).count(), 1, "{console:#?}");
    assert_eq!(chat.state().await["open"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_eloquent_of_the_page_is_not_overwritten() {
    let app = scene::app(Duration::ZERO).await;
    let own = "<script>window.eloquent = () => 'mine'; window.eloquent.mine = true</script>";
    let host = HostPage::serve(page(own, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    assert!(browser.eval::<bool>("return eloquent.mine && eloquent() === 'mine'", json!(null)).await);
    assert!(!browser.eval::<bool>("return !!document.querySelector('eloquent-widget')", json!(null)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn destroy_leaves_nothing_behind() {
    let app = scene::app(Duration::from_millis(30)).await;
    let host = HostPage::serve(page(HEAR, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send("How do I ask for a refund?").await;
    // In the middle of an answer there is a stream to be ended, too.
    chat.until("root.querySelector('.row.streaming')").await;
    assert_eq!(chat.call("destroy", Value::Null).await, json!({ "ok": true }));
    let left: Value = browser
        .eval(
            "return { widget: !!document.querySelector('eloquent-widget'), eloquent: typeof window.eloquent,
                sheets: document.adoptedStyleSheets.length, body: document.body.children.length,
                root: [...document.documentElement.children].map((child) => child.localName) }",
            json!(null),
        )
        .await;
    let nothing =
        json!({ "widget": false, "eloquent": "undefined", "sheets": 0, "body": 2, "root": ["head", "body"] });
    assert_eq!(left, nothing);
    assert_eq!(browser.storage().await, "[{},{}]");
    assert_eq!(heard(&browser).await.last().map(String::as_str), Some("destroy"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_reach_the_agents_people_as_hints_and_never_as_claims() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.identify(app.token(json!({ "user_id": "ada", "plan": "Enterprise" })).expose()).await;
    // As many as there can be, one of them with the name of a claim.
    let mut attributes: serde_json::Map<String, Value> =
        (0..48).map(|number| (format!("hint{number}"), json!(number))).collect();
    attributes.insert("plan".into(), json!("Platinum"));
    attributes.insert("beta".into(), json!(true));
    assert_eq!(chat.call("update", json!({ "attributes": attributes })).await, json!({ "ok": true }));
    let one_more = json!({ "attributes": { "one more": "x" } });
    assert_eq!(chat.call("update", one_more.clone()).await["code"], "invalid_argument");
    let instead = json!({ "attributes": { "one more": "x", "hint0": null } });
    assert_eq!(chat.call("update", instead).await, json!({ "ok": true }));
    chat.open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Enterprise") && !answer.contains("Platinum"), "{answer}");

    let scope = app.scope;
    let details = app
        .store
        .read(move |reader| {
            let user = UserId::parse("ada").unwrap();
            let profile = reader.profile_by_user_id(&scope, &user)?.expect("a profile");
            Ok::<_, StoreError>(reader.profile_details(&scope, profile.id)?.expect("its details"))
        })
        .await
        .unwrap();
    let hint =
        |name: &str| details.hints.iter().find(|hint| hint.name == name).map(|hint| hint.value.clone());
    assert_eq!((hint("beta").as_deref(), hint("hint1").as_deref()), (Some("true"), Some("1")));
    assert_eq!((hint("one more").as_deref(), hint("hint0"), hint("plan")), (Some("x"), None, None));
    let claims: Vec<_> =
        details.claims.iter().map(|claim| (claim.name.as_str(), claim.value.as_str())).collect();
    assert_eq!(claims, [("plan", "\"Enterprise\"")]);
    browser.assert_no_errors(&[]).await;
}
