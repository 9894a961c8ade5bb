//! A bad network between the page and the server: what is shown is what the server has, once, and nothing
//! that was written is lost.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser,
        chat::Chat,
        engine::Ability,
        host::{HostPage, page, tag, tag_from},
        lacks,
    },
    client::Client,
    proxy::Proxy,
};
use eloquent_types::conversation::{MessageState, Role};
use serde_json::{Value, json};

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, conversations, stored_answer, teach};

/// What a short answer is asked for with, and a word of the answer.
const QUESTION: &str = "How do I ask for a refund?";
const ANSWER: &str = "Open the order";

/// What browsers say of requests that fail, as they must here.
const FAILED_REQUESTS: &[&str] = &["net::ERR_", "Failed to load resource", "CORS request did not succeed"];

/// A page whose chat is reached through the proxy.
async fn behind(proxy: &Proxy, app: &TestApp) -> HostPage {
    HostPage::serve(page("", &tag_from(&proxy.url, app, ""))).await
}

/// Texts of the conversation in the store, in their order.
async fn stored(app: &TestApp) -> Vec<(Role, String)> {
    let all = conversations(app, app.scope).await;
    assert_eq!(all.len(), 1, "one conversation");
    all.into_iter().flat_map(|it| it.messages).map(|it| (it.role, it.text)).collect()
}

/// How often the visitor's messages are in the store.
async fn asked(app: &TestApp) -> Vec<String> {
    stored(app).await.into_iter().filter(|(role, _)| *role == Role::Visitor).map(|(_, text)| text).collect()
}

/// The browser believes that there is, or is not, a network.
async fn network(browser: &Browser, event: &str) {
    browser.eval::<()>("dispatchEvent(new Event(args))", json!(event)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_line_is_cut_again_and_again_comes_whole_and_once() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    for length in [20, 60, 100, 160, 240] {
        let longer =
            format!("[...root.querySelectorAll('.row.agent .rich')].pop()?.textContent.length > {length}");
        chat.until(&longer).await;
        proxy.cut();
    }
    let shown = chat.answer_to(LONG_QUESTION).await;
    assert_eq!((shown, MessageState::Complete), stored_answer(&app, app.scope).await);
    assert_eq!(chat.lines().await.len(), 2);
    assert_eq!(asked(&app).await, [LONG_QUESTION]);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_byte_by_byte_is_the_same() {
    let app = scene::app(Duration::from_millis(5)).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    proxy.split(1);
    let shown = chat.ask(LONG_QUESTION).await;
    assert_eq!((shown, MessageState::Complete), stored_answer(&app, app.scope).await);
    assert_eq!(chat.lines().await.len(), 2);
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_brings_little_at_a_time_and_late_gets_there() {
    let app = scene::app(Duration::ZERO).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    proxy.delay(Duration::from_millis(300));
    // Each connection ends after some of what it was to bring.
    proxy.cut_after(1_500);
    let shown = chat.ask(QUESTION).await;
    assert_eq!((shown, MessageState::Complete), stored_answer(&app, app.scope).await);
    assert_eq!(asked(&app).await, [QUESTION]);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_without_a_network_waits_and_is_sent_once() {
    let app = scene::app(Duration::ZERO).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("Hello").await;
    network(&browser, "offline").await;
    proxy.close().await;
    chat.send(QUESTION).await;
    chat.send("And when are refunds paid?").await;
    chat.until("root.querySelector('.banner').textContent.includes('offline')").await;
    let waiting = chat.lines().await;
    let states: Vec<&str> = waiting.iter().map(|line| line.state.as_str()).collect();
    assert_eq!(states, ["", "", "sending", "sending"], "{waiting:#?}");
    assert_eq!(asked(&app).await, ["Hello"]);

    proxy.open().await;
    network(&browser, "online").await;
    chat.until("root.querySelectorAll('.log > .row.agent:not(.streaming)').length == 3").await;
    chat.until("!root.querySelector('.banner').textContent").await;
    chat.until("!root.querySelector('.row.sending')").await;
    assert_eq!(asked(&app).await, ["Hello", QUESTION, "And when are refunds paid?"]);
    assert_eq!(chat.lines().await.len(), 6);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_for_a_while_is_told_of_and_found_again() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 60").await;
    proxy.close().await;
    chat.until("root.querySelector('.banner').textContent").await;
    // The answer so far stays where it is.
    chat.until("root.querySelector('.row.agent .rich').textContent.length > 60").await;
    proxy.open().await;
    let shown = chat.answer_to(LONG_QUESTION).await;
    assert_eq!((shown, MessageState::Complete), stored_answer(&app, app.scope).await);
    chat.until("!root.querySelector('.banner').textContent").await;
    assert_eq!(chat.lines().await.len(), 2);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_chat_is_down_works_and_has_its_chat_as_soon_as_it_is_up() {
    let app = scene::app(Duration::ZERO).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    proxy.close().await;
    browser.goto(&host.url).await;
    assert_eq!(browser.text("h1").await, "A customer's page");
    assert!(!browser.eval::<bool>("return !!document.querySelector('eloquent-widget')", json!(null)).await);
    proxy.open().await;
    browser.reload().await;
    let chat = Chat(&browser);
    chat.open().await;
    assert!(chat.ask(QUESTION).await.contains(ANSWER));
    browser.assert_no_errors(&[FAILED_REQUESTS, &["Loading failed"]].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_a_visitor_show_the_same_conversation_as_it_goes_on() {
    if lacks(Ability::Tabs) {
        return;
    }
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::serve(page("", &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(QUESTION).await;
    let first = browser.tab().await;
    let second = browser.new_tab().await;
    browser.goto(&host.url).await;
    // Open or not as it was left in the other tab: a click could close it.
    chat.call("open", Value::Null).await;
    chat.is_open().await;
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    // What is asked here appears there, and its answer, while it is still on its way.
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming')").await;
    browser.switch_to(&first).await;
    chat.until("root.querySelectorAll('.log > .row').length == 4").await;
    let there = chat.answer_to(LONG_QUESTION).await;
    let lines = chat.lines().await;
    browser.switch_to(&second).await;
    assert_eq!(chat.answer_to(LONG_QUESTION).await, there);
    assert_eq!((there, MessageState::Complete), stored_answer(&app, app.scope).await);
    let texts = |lines: Vec<eloquent_tests::browser::chat::Line>| {
        lines.into_iter().map(|line| (line.author, line.text)).collect::<Vec<_>>()
    };
    assert_eq!(texts(chat.lines().await), texts(lines));
    // And the other way round.
    browser.switch_to(&first).await;
    chat.ask("When are refunds paid?").await;
    browser.switch_to(&second).await;
    chat.answer_to("When are refunds paid?").await;
    assert_eq!(chat.lines().await.len(), 6);
    assert_eq!(asked(&app).await, [QUESTION, LONG_QUESTION, "When are refunds paid?"]);
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_slept_catches_up() {
    let app = scene::app(Duration::ZERO).await;
    let proxy = Proxy::before(&app).await;
    let host = behind(&proxy, &app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let token = app.token(json!({ "user_id": "ada" }));
    chat.identify(token.expose()).await;
    chat.open().await;
    chat.ask(QUESTION).await;
    let conversation = chat.state().await["conversationId"].clone();
    // The laptop is shut: its connections are gone, and nobody tells the page.
    proxy.close().await;
    let mut phone = Client::with_token(&token);
    let elsewhere = phone.chat(&app, "When are refunds paid?", conversation.as_str()).await;
    proxy.open().await;
    browser.eval::<()>("document.dispatchEvent(new Event('visibilitychange'))", Value::Null).await;
    let answer = chat.answer_to("When are refunds paid?").await;
    assert!(
        answer.contains("five working days") && elsewhere.text().contains("five working days"),
        "{answer}"
    );
    assert_eq!(chat.lines().await.len(), 4);
    assert!(chat.ask(QUESTION).await.contains(ANSWER), "and goes on");
    assert_eq!(chat.lines().await.len(), 6);
    browser.assert_no_errors(FAILED_REQUESTS).await;
}
