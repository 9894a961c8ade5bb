//! The demo shop: one customer logs in, out, and another one in, and nothing of the first is left.

use std::time::Duration;

use eloquent_store::{AgentScope, StoreError};
use eloquent_tests::{
    app::TestApp,
    browser::{Browser, chat::Chat},
};
use eloquent_types::conversation::MessageState;
use serde_json::{Value, json};

use super::scene::{self, SLOW, conversations};

/// The head moves aside for the chat and back, and a click where the button has just been misses it:
/// then the menu is not open, and the button is clicked again.
async fn choose(browser: &Browser, item: &str) {
    let is_open = "return document.querySelector('#account').ariaExpanded === 'true'";
    while !browser.eval::<bool>(is_open, Value::Null).await {
        browser.click("#account").await;
    }
    browser.click(item).await;
}

async fn log_in_as(browser: &Browser, customer: &str) -> Value {
    choose(browser, &format!("[data-customer={customer}]")).await;
    let shown = "((box) => box.dataset.state === 'identified' && JSON.parse(box.textContent))\
        (document.querySelector('#identity'))";
    let result: Value =
        browser.until(&format!("(({shown}) || {{}}).userId === '{customer}' && {shown}")).await;
    assert_eq!(result["identified"], true, "{result}");
    result
}

async fn log_out(browser: &Browser) {
    choose(browser, "#logout").await;
    // The chat closes with the log-out, and the head moves back.
    browser
        .until::<bool>(
            "document.querySelector('#identity').dataset.state === 'anonymous' \
                && !document.body.classList.contains('chat-open')",
        )
        .await;
}

/// Nothing in the chat, in its state or in storage is Ada's.
async fn assert_nothing_of_ada(browser: &Browser) {
    let chat = Chat(browser);
    let text = chat.all_text().await;
    for hers in ["Ada", "Okafor", "Enterprise"] {
        assert!(!text.contains(hers), "{hers}: {text}");
    }
    let storage = browser.storage().await;
    assert!(!storage.contains("ada") && !storage.contains("vst_") && !storage.contains("cnv_"), "{storage}");
}

/// The scope of the agent on the shop's pages.
async fn scope(app: &TestApp) -> AgentScope {
    let agent = app.demo.as_ref().unwrap().shop.agent();
    app.store
        .read(move |reader| {
            let mut found = None;
            for company in reader.companies()? {
                if let Some(company) = reader.company_scope(company.id)? {
                    found = found.or(reader.agent_scope(&company, agent)?);
                }
            }
            Ok::<_, StoreError>(found)
        })
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_and_in_as_somebody_else_leaks_nothing() {
    let app = scene::shop(Duration::ZERO).await;
    let browser = Browser::start().await;
    browser.goto(&app.at("/demo/")).await;
    let chat = Chat(&browser);
    log_in_as(&browser, "ada").await;
    chat.open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Ada") && answer.contains("Office"), "{answer}");
    assert_eq!(chat.state().await["userId"], "ada");

    log_out(&browser).await;
    assert_eq!(chat.lines().await, []);
    assert_nothing_of_ada(&browser).await;
    assert_eq!(browser.storage().await, "[{},{}]");
    let state = chat.state().await;
    assert_eq!((&state["identified"], &state["conversationId"]), (&json!(false), &Value::Null), "{state}");
    chat.open().await;
    assert_eq!(chat.lines().await, []);
    let anonymous = chat.ask("Which plan am I on?").await;
    assert!(anonymous.contains("I cannot know that"), "{anonymous}");
    assert!(!anonymous.contains("Ada") && !anonymous.contains("Office"), "{anonymous}");
    chat.call("newConversation", Value::Null).await;

    let result = log_in_as(&browser, "ben").await;
    assert_eq!(result["userId"], "ben");
    assert_nothing_of_ada(&browser).await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Ben") && answer.contains("Daily"), "{answer}");
    assert_nothing_of_ada(&browser).await;

    // Ada, back again, finds her own conversation, and that one alone.
    log_out(&browser).await;
    log_in_as(&browser, "ada").await;
    chat.open().await;
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    let lines = chat.lines().await;
    assert!(lines[1].text.contains("Office") && !lines[1].text.contains("Ben"), "{lines:#?}");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_in_mid_answer_leaks_nothing() {
    let app = scene::shop(SLOW).await;
    let browser = Browser::start().await;
    browser.goto(&app.at("/demo/")).await;
    let chat = Chat(&browser);
    log_in_as(&browser, "ada").await;
    chat.open().await;
    chat.send("Which plan am I on?").await;
    chat.until("root.querySelector('.row.streaming')").await;
    log_out(&browser).await;
    assert_eq!(chat.lines().await, []);
    assert_never_there_again(&app, &browser).await;
    chat.open().await;
    assert_eq!(chat.lines().await, []);
    assert_nothing_of_ada(&browser).await;

    log_in_as(&browser, "ben").await;
    assert_eq!(chat.lines().await, []);
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Daily") && !answer.contains("Office"), "{answer}");
    assert_nothing_of_ada(&browser).await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_customer_in_mid_answer_leaks_nothing() {
    let app = scene::shop(SLOW).await;
    let browser = Browser::start().await;
    browser.goto(&app.at("/demo/")).await;
    let chat = Chat(&browser);
    log_in_as(&browser, "ada").await;
    chat.open().await;
    chat.send("Which plan am I on?").await;
    chat.until("root.querySelector('.row.streaming')").await;
    let result = log_in_as(&browser, "ben").await;
    assert_eq!(result["switchedUser"], true, "{result}");
    assert_eq!(chat.lines().await, []);
    assert_never_there_again(&app, &browser).await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Daily") && !answer.contains("Office"), "{answer}");
    assert_nothing_of_ada(&browser).await;
    browser.assert_no_errors(&[]).await;
}

/// Until Ada's answer has ended on the server, and a moment longer, the page shows nothing of it.
async fn assert_never_there_again(app: &TestApp, browser: &Browser) {
    let scope = scope(app).await;
    loop {
        let all = conversations(app, scope).await;
        let hers = all
            .iter()
            .find(|record| record.row.profile.as_ref().is_some_and(|(_, id, _)| id.as_str() == "ada"));
        let ended =
            hers.is_some_and(|record| record.messages.iter().all(|m| m.state != MessageState::Streaming));
        assert_eq!(Chat(browser).lines().await, []);
        assert_nothing_of_ada(browser).await;
        if ended {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_clears_the_other_tabs() {
    let app = scene::shop(Duration::ZERO).await;
    let browser = Browser::start().await;
    let chat = Chat(&browser);
    browser.goto(&app.at("/demo/")).await;
    log_in_as(&browser, "ada").await;
    chat.open().await;
    chat.ask("Which plan am I on?").await;
    let first = browser.tab().await;
    browser.new_tab().await;
    browser.goto(&app.at("/demo/")).await;
    browser.until::<bool>("document.querySelector('#identity').dataset.state === 'identified'").await;
    // The tabs share what the browser keeps: the panel is open here, too.
    chat.is_open().await;
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    log_out(&browser).await;

    browser.switch_to(&first).await;
    chat.until("root.querySelectorAll('.log > .row').length == 0").await;
    assert_nothing_of_ada(&browser).await;
    assert_eq!(chat.state().await["identified"], false);
}
