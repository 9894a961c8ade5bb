//! What can go wrong, and how the visitor is told.

use std::time::Duration;

use eloquent_store::Enforcement;
use eloquent_tests::browser::{
    Browser,
    chat::Chat,
    engine::Ability,
    gate::Gate,
    host::{HostPage, page, tag, tag_from},
    lacks,
};
use eloquent_types::time::Timestamp;
use serde_json::{Value, json};

use super::frame::{State, keep};
use crate::browser::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

/// What Chromium says of requests that did not get through.
const LOST: &[&str] = &["net::ERR_", "Failed to load resource", "WebSocket"];

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_lost_and_an_answer_is_broken_off() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(scene::SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let gate = Gate::before(&app).await;
    let host = HostPage::serve(page("", &tag_from(&gate.url, &app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 120").await;
    gate.close();
    // The server ends in the middle of the answer: this is what is stored then.
    let now = Timestamp::from_secs(app.now_secs());
    app.write(move |writer| writer.interrupt_streaming(now)).await;
    State { chat, name: "d1-connection-lost", expected: LOST }
        .keep(&["root.querySelector('.banner')?.textContent.length > 5"])
        .await;
    gate.open();
    browser.goto(&host.url).await;
    chat.call("open", Value::Null).await;
    State { chat, name: "d2-broken-off-with-retry", expected: LOST }
        .keep(&["root.querySelector('.row.agent.failed [data-do=retry]')"])
        .await;
    browser.devtools("Network.enable", json!({})).await;
    let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0 });
    browser.devtools("Network.emulateNetworkConditions", offline).await;
    // Its promise waits for the connection, and so nobody waits for its promise.
    let _: Value =
        browser.eval("eloquent('sendMessage', 'Are you still there?'); return null", json!(null)).await;
    State { chat, name: "d3-offline", expected: LOST }
        .keep(&[
            "root.querySelector('.banner')?.textContent.length > 5",
            "root.querySelector('.row.visitor.sending')",
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_not_sent() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let scope = app.scope;
    app.write(move |writer| writer.set_enforcement(&scope, Enforcement::Require)).await;
    chat.send("Which plan am I on?").await;
    State { chat, name: "d4-not-sent", expected: &["403"] }
        .keep(&["root.querySelector('.row.visitor.failed [data-do=retry]')"])
        .await;
    let write = "const field = document.querySelector('eloquent-widget').shadowRoot.querySelector('textarea');
        field.value = 'x'.repeat(8001); field.dispatchEvent(new Event('input', { bubbles: true })); return null";
    let _: Value = browser.eval(write, json!(null)).await;
    chat.click(".send").await;
    keep(chat, "d5-too-long", &["root.querySelector('.banner')?.textContent.length > 5"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_not_there_yet_or_not_at_all() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host =
        HostPage::serve(page("", &tag(&app, "data-contact=\"help@example.com\" data-mode=\"page\""))).await;
    let browser = Browser::start().await;
    let chat = Chat(&browser);
    // A request that is held says nothing, neither yes nor no.
    browser.devtools("Fetch.enable", json!({ "patterns": [{ "urlPattern": "*/config" }] })).await;
    browser.goto(&host.url).await;
    chat.click(".launcher").await;
    keep(
        chat,
        "d6-loading",
        &["root.querySelector('.panel:not(.closed) .status')", "!root.querySelector('.status.online')"],
    )
    .await;
    browser.devtools("Fetch.disable", json!({})).await;

    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": ["*/config"] })).await;
    browser.goto(&host.url).await;
    chat.click(".launcher").await;
    State { chat, name: "d7-unreachable", expected: LOST }
        .keep(&[
            "root.querySelector('.panel:not(.closed) .status.away')",
            "root.querySelector('.banner [data-do=banner]')",
        ])
        .await;

    browser.devtools("Network.setBlockedURLs", json!({ "urls": ["*/widget_bg.wasm*"] })).await;
    browser.goto(&host.url).await;
    chat.click(".launcher").await;
    State { chat, name: "d8-cannot-load", expected: &["net::ERR_", "[eloquent]", "Failed to load resource"] }
        .keep(&["root.querySelector('.note:not([hidden])')?.textContent.length > 10"])
        .await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": [] })).await;

    let without = json!({ "source": "delete globalThis.WebAssembly" });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", without).await;
    browser.goto(&host.url).await;
    chat.click(".launcher").await;
    State { chat, name: "d9-without-webassembly", expected: &["[eloquent]"] }
        .keep(&[
            "root.querySelector('.note:not([hidden])')?.textContent.length > 10",
            "root.querySelector('.note a[href=\"mailto:help@example.com\"]')",
        ])
        .await;
    assert_eq!(chat.call("getState", Value::Null).await["ok"], false);
}
