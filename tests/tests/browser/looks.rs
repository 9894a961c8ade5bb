//! A phone, and the dark.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Screen,
    chat::Chat,
    host::{HostPage, page, tag},
};
use serde_json::{Value, json};

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_the_panel_fills_the_screen() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.screen(Screen::PHONE).await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let of = |selector: &str| {
        format!(
            "const box = document.querySelector('eloquent-widget').shadowRoot.querySelector('{selector}').getBoundingClientRect();
            return [box.left, box.top, box.width, box.height].map(Math.round)"
        )
    };
    assert_eq!(browser.eval::<Vec<i32>>(&of(".panel"), json!(null)).await, [0, 0, 390, 844]);
    let font = "return parseFloat(getComputedStyle(document.querySelector('eloquent-widget').shadowRoot.querySelector('textarea')).fontSize)";
    assert!(browser.eval::<f64>(font, json!(null)).await >= 16.0, "iOS zooms into smaller fields");
    // Fingers need room.
    for control in [".send", "[data-do=close]", "[data-do=new]"] {
        let size: Vec<i32> = browser.eval(&of(control), json!(null)).await;
        assert!(size[2] >= 32 && size[3] >= 32, "{control}: {size:?}");
    }
    chat.ask("How do I ask for a refund?").await;
    let sideways: bool =
        browser.eval("return document.documentElement.scrollWidth > innerWidth", json!(null)).await;
    assert!(!sideways);
    chat.click("[data-do=close]").await;
    chat.until("root.querySelector('.panel.closed')").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_message_stays_above_a_phones_keyboard() {
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.screen(Screen::PHONE).await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(LONG_QUESTION).await;
    chat.ask("How do I ask for a refund?").await;
    let at_end = "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight > 600 && scrollHeight - scrollTop - clientHeight < 4)(root.querySelector('.scroll'))";
    chat.until(at_end).await;
    browser.screen(Screen::PHONE_WITH_KEYBOARD).await;
    chat.until("root.querySelector('.panel').getBoundingClientRect().height < 500").await;
    chat.until(at_end).await;
}

/// The relative luminance of the panel's background, roughly: 0 is black.
async fn brightness(browser: &Browser) -> f64 {
    let colour = "const root = document.querySelector('eloquent-widget').shadowRoot;
        const [r, g, b] = getComputedStyle(root.querySelector('.panel')).backgroundColor.match(/[\\d.]+/g).map(Number);
        return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255";
    browser.eval(colour, json!(null)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_is_dark_where_the_system_or_the_page_wants_it() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    for (theme, system_is_dark, dark) in [
        ("", false, false),
        ("", true, true),
        ("dark", false, true),
        ("light", true, false),
        ("auto", true, true),
    ] {
        let attribute = if theme.is_empty() { String::new() } else { format!("data-theme=\"{theme}\"") };
        let host = HostPage::serve(page("", &tag(&app, &attribute))).await;
        browser.prefer_dark(system_is_dark).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        assert_eq!(chat.call("open", Value::Null).await["open"], true);
        chat.is_open().await;
        let brightness = brightness(&browser).await;
        assert_eq!(brightness < 0.25, dark, "{theme:?} {system_is_dark}: {brightness}");
    }
    browser.assert_no_errors(&[]).await;
}
