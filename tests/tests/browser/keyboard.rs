//! Chatting without a mouse, and ending an answer early.

use std::time::Duration;

use eloquent_tests::browser::{Browser, chat::Chat, host::HostPage};
use eloquent_types::conversation::MessageState;
use serde_json::json;
use thirtyfour::Key;

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, stored_answer, teach};

/// What has the focus, in the widget if it is there.
async fn focused(browser: &Browser) -> String {
    let active = "const active = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
        return active.className || active.localName";
    browser.eval(active, json!(null)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_works_by_keyboard_alone() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.find(".launcher").await;
    browser.press(&[Key::Tab]).await;
    assert_eq!(focused(&browser).await, "a");
    browser.press(&[Key::Tab]).await;
    assert_eq!(focused(&browser).await, "launcher");
    let outline = "return getComputedStyle(document.querySelector('eloquent-widget').shadowRoot.activeElement).outlineStyle";
    assert_eq!(browser.eval::<String>(outline, json!(null)).await, "solid", "the focus can be seen");

    browser.press(&[Key::Enter]).await;
    chat.is_open().await;
    chat.until("root.activeElement?.matches('textarea')").await;
    browser.type_text("How do I ask for a refund?").await;
    browser.press(&[Key::Enter]).await;
    let answer = chat.answer_to("How do I ask for a refund?").await;
    assert!(answer.contains("Open the order"), "{answer}");
    chat.until("root.activeElement?.matches('textarea') && root.activeElement.value == ''").await;

    // Shift and Enter is a new line, and sends nothing.
    browser.type_text("one").await;
    let shift_enter = "const field = document.querySelector('eloquent-widget').shadowRoot.querySelector('textarea');
        return field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', shiftKey: true, bubbles: true, cancelable: true }))";
    assert!(browser.eval::<bool>(shift_enter, json!(null)).await, "the browser's own doing");
    assert_eq!(chat.lines().await.len(), 2);

    browser.press(&[Key::Escape]).await;
    chat.until("root.querySelector('.panel.closed')").await;
    assert_eq!(focused(&browser).await, "launcher");
    // What is closed cannot be reached by Tab.
    browser.press(&[Key::Tab]).await;
    assert!(!focused(&browser).await.contains("textarea"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_of_the_open_panel_is_reached_by_tab_and_has_a_name() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let controls = "const root = document.querySelector('eloquent-widget').shadowRoot;
        const all = [...root.querySelectorAll('button, textarea, a')].filter((e) => e.checkVisibility() && !e.disabled);
        return all.map((e) => e.getAttribute('aria-label') || e.textContent || '')";
    let names: Vec<String> = browser.eval(controls, json!(null)).await;
    // From the page's beginning: Firefox returns from its own controls to where the focus has been.
    browser.eval::<()>("document.querySelector('#first').focus()", json!(null)).await;
    assert!(names.len() >= 5 && names.iter().all(|name| !name.trim().is_empty()), "{names:?}");
    let mut reached = Vec::new();
    for _ in 0..names.len() + 4 {
        browser.press(&[Key::Tab]).await;
        let name = "const active = document.activeElement?.shadowRoot?.activeElement;
            return active ? active.getAttribute('aria-label') || active.textContent : ''";
        reached.push(browser.eval::<String>(name, json!(null)).await);
    }
    for name in names {
        assert!(reached.contains(&name), "{name} is not reached: {reached:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stop_button_ends_the_answer_and_keeps_its_text() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 40").await;
    chat.click("[data-do=stop]").await;
    let shown = chat.answer_to(LONG_QUESTION).await;
    let (stored, state) = stored_answer(&app, app.scope).await;
    assert_eq!(state, MessageState::Stopped);
    assert_eq!(shown, stored);
    assert!(!shown.contains("machine --rinse 2"), "{shown}");
    assert_eq!(chat.lines().await.last().unwrap().note, "Stopped");
    // And the chat goes on.
    let answer = chat.ask("How do I ask for a refund?").await;
    assert!(answer.contains("Open the order"), "{answer}");
    browser.assert_no_errors(&[]).await;
}
