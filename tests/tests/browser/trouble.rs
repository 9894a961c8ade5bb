//! A server that cannot be reached, and one that comes back.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser,
        chat::Chat,
        engine::Ability,
        gate::Gate,
        host::{HostPage, page, tag_from},
        lacks,
    },
};
use eloquent_types::conversation::MessageState;
use serde_json::json;

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, conversations, stored_answer, teach};

/// What the browser's console says of requests that fail, as they must here.
const FAILED_REQUESTS: &[&str] = &["net::ERR_", "Failed to load resource", "CORS request did not succeed"];

async fn behind_a_gate(app: &TestApp) -> (Gate, HostPage) {
    let gate = Gate::before(app).await;
    let host = HostPage::serve(page("", &tag_from(&gate.url, app, ""))).await;
    (gate, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_could_not_be_sent_says_so_and_is_sent_once_by_trying_again() {
    let app = scene::app(Duration::ZERO).await;
    let (gate, host) = behind_a_gate(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("Hello").await;
    gate.close();
    chat.send("How do I ask for a refund?").await;
    chat.until("root.querySelector('.row.failed [data-do=retry]')").await;
    let failed = chat.lines().await.pop().unwrap();
    assert_eq!((failed.text.as_str(), failed.state.as_str()), ("How do I ask for a refund?", "failed"));
    assert!(failed.note.contains("Not sent") && failed.note.contains("Try again"), "{failed:?}");
    gate.open();
    chat.click(".row.failed [data-do=retry]").await;
    let answer = chat.answer_to("How do I ask for a refund?").await;
    assert!(answer.contains("Open the order"), "{answer}");
    assert_eq!(chat.lines().await.len(), 4);
    let stored = conversations(&app, app.scope).await;
    assert_eq!(stored.iter().map(|record| record.messages.len()).collect::<Vec<_>>(), [4]);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_mid_answer_is_taken_up_again_without_a_lost_character() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let (gate, host) = behind_a_gate(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    for length in [40, 120] {
        chat.until(&format!("root.querySelector('.row.streaming .rich')?.textContent.length > {length}"))
            .await;
        gate.close();
        gate.open();
    }
    let shown = chat.answer_to(LONG_QUESTION).await;
    assert_eq!((shown, MessageState::Complete), stored_answer(&app, app.scope).await);
    assert_eq!(chat.lines().await.len(), 2);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_cannot_be_loaded_says_so_and_can_be_tried_again() {
    let app = scene::app(Duration::ZERO).await;
    let (gate, host) = behind_a_gate(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.find(".launcher").await;
    gate.close();
    chat.click(".launcher").await;
    let note = chat.until("root.querySelector('.note:not([hidden])')?.textContent").await;
    assert!(note.as_str().unwrap().contains("could not be loaded"), "{note}");
    gate.open();
    chat.open().await;
    assert!(chat.find(".note").await.text().await.unwrap().is_empty());
    let answer = chat.ask("How do I ask for a refund?").await;
    assert!(answer.contains("Open the order"), "{answer}");
    browser.assert_no_errors(&[FAILED_REQUESTS, &["Failed to load", "could not be loaded"]].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_fetched_says_so_and_can_be_tried_again() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let (_gate, host) = behind_a_gate(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("How do I ask for a refund?").await;
    // The widget itself comes, and then nothing more: the requests of the API alone are blocked.
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": ["*/v1/agents/*"] })).await;
    browser.reload().await;
    chat.until("root.querySelector('.banner [data-do=banner]')").await;
    assert!(chat.find(".banner").await.text().await.unwrap().contains("cannot be reached"));
    browser.devtools("Network.setBlockedURLs", json!({ "urls": [] })).await;
    chat.click("[data-do=banner]").await;
    chat.is_open().await;
    let answer = chat.answer_to("How do I ask for a refund?").await;
    assert!(answer.contains("Open the order"), "{answer}");
    chat.until("!root.querySelector('.banner').textContent").await;
    browser.assert_no_errors(FAILED_REQUESTS).await;
}
