//! How the chat in a frame looks from outside: as without one. Phones, dark pages, the preview, the number
//! in the page's title.

use std::time::Duration;

use eloquent_tests::browser::{Browser, Preference, Screen, chat::Chat, engine::Ability, lacks};
use serde_json::{Value, json};

use super::{keep_events, opened, strict};
use crate::browser::scene;

/// Evaluates in the frame.
async fn inside(browser: &Browser, body: &str) -> Value {
    browser.enter_frame(Chat(browser).find("iframe").await).await;
    let value = browser.eval(body, json!(null)).await;
    browser.leave_frame().await;
    value
}

/// What a style in the frame's panel is.
async fn style(browser: &Browser, selector: &str, name: &str) -> Value {
    let body = format!(
        "return getComputedStyle(document.querySelector('eloquent-widget').shadowRoot.querySelector('{selector}')).{name}"
    );
    inside(browser, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_wide_page_it_is_not_a_phones() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    opened(&browser).await;
    assert_eq!(style(&browser, ".panel", "fontSize").await, "14.5px");
    // Turned into a phone, and back.
    browser.screen(Screen::PHONE).await;
    let chat = Chat(&browser);
    chat.until("(({ left, top, width, height }) => left == 0 && top == 0 && width == innerWidth && height == innerHeight)(root.querySelector('iframe').getBoundingClientRect())").await;
    chat.until("getComputedStyle(root.querySelector('.launcher')).display == 'none'").await;
    assert_eq!(style(&browser, ".panel", "fontSize").await, "15.5px");
    assert_eq!(style(&browser, "textarea", "fontSize").await, "16px");
    browser.screen(Screen::PHONE_WITH_KEYBOARD).await;
    chat.until("Math.round(root.querySelector('iframe').getBoundingClientRect().height) == Math.round(visualViewport.height) && visualViewport.height < 500").await;
    browser.screen(Screen::DESKTOP).await;
    chat.until("root.querySelector('iframe').getBoundingClientRect().width < 500").await;
    assert_eq!(style(&browser, ".panel", "fontSize").await, "14.5px");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_dark_where_the_page_asks_or_the_visitor_prefers_it() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    let ground = "const color = getComputedStyle(document.querySelector('eloquent-widget').shadowRoot.querySelector('.panel')).backgroundColor;
        return color.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part) / 3";
    for (attributes, preferences) in [
        ("data-mode=\"frame\" data-theme=\"dark\"", &[][..]),
        ("data-mode=\"frame\"", &[Preference::Dark][..]),
    ] {
        let host = strict(&app, attributes).await;
        browser.prefer(preferences).await;
        browser.goto(&host.url).await;
        opened(&browser).await;
        let light = inside(&browser, ground).await;
        assert!(light.as_f64().unwrap() < 80.0, "{attributes}: {light}");
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_is_the_pages_to_press_and_to_dismiss() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let text = json!({ "text": "Free <b>beans</b> today" });
    assert_eq!(chat.call("showPreview", text.clone()).await["ok"], true);
    chat.until("root.querySelector('.preview:not([hidden]) [data-do=preview]')?.textContent == 'Free <b>beans</b> today'").await;
    chat.click(".preview [data-do=dismiss]").await;
    chat.until("root.querySelector('.preview[hidden]')").await;
    assert_eq!(chat.state().await["open"], false);
    assert_eq!(chat.call("showPreview", text).await["ok"], true);
    chat.until("root.querySelector('.preview:not([hidden])')").await;
    chat.click(".preview [data-do=preview]").await;
    chat.until("root.querySelector('.preview[hidden]') && root.querySelector('iframe.panel:not(.closed)')")
        .await;
    assert_eq!(chat.state().await["open"], true);
    browser.assert_no_errors(&[]).await;
}

/// An answer that comes while the panel is closed stands before the page's title, whatever the page does
/// with its title and its head meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn unread_messages_stand_in_the_pages_title() {
    let app = scene::app(Duration::from_millis(5)).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    assert_eq!(chat.call("sendMessage", json!(super::QUESTION)).await["ok"], true);
    browser.until::<bool>("document.title == '(1) Host'").await;
    browser.eval::<()>("document.title = 'Cart'", json!(null)).await;
    browser.until::<bool>("document.title == '(1) Cart'").await;
    browser
        .eval::<()>(
            "const head = document.createElement('head');
            head.append(document.createElement('title')); head.firstChild.textContent = 'Another head';
            document.head.replaceWith(head)",
            json!(null),
        )
        .await;
    browser.until::<bool>("document.title == '(1) Another head'").await;
    browser.eval::<()>("document.querySelector('title').textContent = 'Thanks'", json!(null)).await;
    browser.until::<bool>("document.title == '(1) Thanks'").await;
    opened(&browser).await;
    browser.until::<bool>("document.title == 'Thanks'").await;
    browser.assert_no_errors(&[]).await;
}
