//! What one presses around the messages: the menu, the conversations, the thumbs, the preview, and what
//! the page's title, the launcher and the look say.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Screen,
    chat::Chat,
    engine::Ability,
    host::{HostPage, page, tag},
    lacks,
};
use serde_json::{Value, json};
use thirtyfour::Key;

use super::scene;

const ROOT: &str = "const root = document.querySelector('eloquent-widget').shadowRoot;";

async fn eval<T: serde::de::DeserializeOwned>(browser: &Browser, script: &str) -> T {
    browser.eval(&[ROOT, script].concat(), json!(null)).await
}

/// The accessible name, or else the text, of what has the focus.
async fn focused(browser: &Browser) -> String {
    eval(
        browser,
        "return root.activeElement?.getAttribute('aria-label') ?? root.activeElement?.textContent ?? ''",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_opens_and_closes_by_keyboard() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("Which plan am I on?").await;
    chat.until("!root.querySelector('[data-do=handover]').hidden").await;
    eval::<()>(&browser, "root.querySelector('[data-do=menu]').focus()").await;
    browser.press(&[Key::Enter]).await;
    chat.until(
        "!root.querySelector('.menu').hidden && root.querySelector('[aria-expanded=true][data-do=menu]')",
    )
    .await;
    assert_eq!(focused(&browser).await, "Talk to a person");
    browser.press(&[Key::Down]).await;
    assert_eq!(focused(&browser).await, "Turn sound on");
    browser.press(&[Key::Down]).await;
    assert_eq!(focused(&browser).await, "Talk to a person", "around the end");
    browser.press(&[Key::End]).await;
    assert_eq!(focused(&browser).await, "Turn sound on");
    // Escape closes the menu first, and then the chat.
    browser.press(&[Key::Escape]).await;
    chat.until("root.querySelector('.menu').hidden && !root.querySelector('.panel.closed')").await;
    assert_eq!(focused(&browser).await, "More options");
    browser.press(&[Key::Enter, Key::End, Key::Enter]).await;
    chat.until("root.querySelector('.menu').hidden").await;
    browser.press(&[Key::Enter]).await;
    chat.until("[...root.querySelectorAll('.menu button')].pop().textContent == 'Turn sound off'").await;
    // A press elsewhere closes it, too.
    chat.click(".log").await;
    chat.until("root.querySelector('.menu').hidden").await;
    eval::<()>(&browser, "root.querySelector('[data-do=menu]').focus()").await;
    browser.press(&[Key::Escape]).await;
    chat.until("root.querySelector('.panel.closed')").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_rated_and_the_thumb_keeps_the_focus() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("Which plan am I on?").await;
    chat.until("root.querySelector('[data-do=up]')").await;
    eval::<()>(&browser, "root.querySelector('[data-do=up]').focus()").await;
    browser.press(&[Key::Enter]).await;
    chat.until("root.querySelector('[data-do=up][aria-pressed=true]')").await;
    assert_eq!(focused(&browser).await, "Helpful");
    chat.click("[data-do=down]").await;
    chat.until("root.querySelector('[data-do=down][aria-pressed=true]') && root.querySelector('[data-do=up][aria-pressed=false]')").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_listed_and_changed() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.identify(app.token(json!({ "user_id": "ada" })).expose()).await;
    chat.open().await;
    chat.ask("Which plan am I on?").await;
    chat.click("[data-do=new]").await;
    chat.ask("How do I ask for a refund?").await;
    chat.click(".head [data-do=history]:not([hidden])").await;
    chat.until("root.querySelectorAll('.item').length == 2").await;
    let shown: Vec<Value> = eval(
        &browser,
        "const items = [...root.querySelectorAll('.item')];
        return [root.querySelector('h2').textContent, items[0].querySelector('span').textContent,
            items.findIndex((item) => item.ariaCurrent == 'true'), root.querySelector('.scroll').hidden,
            items.every((item) => /\\d/.test(item.querySelector('time').textContent))]",
    )
    .await;
    assert_eq!(
        shown,
        [json!("Conversations"), json!("How do I ask for a refund?"), json!(0), json!(true), json!(true)]
    );
    chat.click(".item:last-child").await;
    chat.until("!root.querySelector('.scroll').hidden && root.querySelector('.row.visitor .bubble')?.textContent == 'Which plan am I on?'").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_stands_beside_the_launcher_and_never_over_it() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    for position in ["right", "left"] {
        let host = HostPage::serve(page("", &tag(&app, &format!("data-position=\"{position}\"")))).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        let text = "A word about <b>this</b> page. ".repeat(8);
        assert_eq!(chat.call("showPreview", json!({ "text": text })).await["ok"], true);
        chat.until("root.querySelector('.preview:not([hidden])')").await;
        let fits: Vec<bool> = eval(
            &browser,
            "await Promise.all(root.querySelector('.preview').getAnimations().map((running) => running.finished));
            const [preview, launcher] = ['.preview', '.launcher'].map((part) => root.querySelector(part).getBoundingClientRect());
            return [preview.bottom <= launcher.top, preview.left >= 0, preview.right <= innerWidth, preview.height < 160,
                !root.querySelector('.preview b')]",
        )
        .await;
        assert_eq!(fits, [true; 5], "{position}");
        chat.click("[data-do=dismiss]").await;
        chat.until("root.querySelector('.preview').hidden").await;
        chat.call("showPreview", json!({ "text": "Hello again" })).await;
        chat.click("[data-do=preview]").await;
        chat.is_open().await;
        chat.until("root.querySelector('.preview').hidden").await;
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_messages_stand_in_the_title_until_they_are_seen() {
    let app = scene::app(Duration::from_millis(20)).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send("How do I ask for a refund?").await;
    chat.until("root.querySelector('.row.visitor:not(.sending)')").await;
    chat.call("close", Value::Null).await;
    browser.until::<bool>("document.title == '(1) Host'").await;
    chat.until("root.querySelector('.badge:not([hidden])').textContent == '1'").await;
    let name: String = eval(&browser, "return root.querySelector('.launcher').ariaLabel").await;
    assert_eq!(name, "Open chat, 1 unread message");
    // The page goes its way meanwhile, and a number of its own is its own.
    browser.eval::<()>("document.title = '(3) Inbox'", json!(null)).await;
    browser.until::<bool>("document.title == '(1) (3) Inbox'").await;
    chat.open().await;
    browser.until::<bool>("document.title == '(3) Inbox'").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_is_what_its_tokens_say() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let tokens = json!({
        "scheme": "light", "accent": "#ffd400", "background": "#fff8e7", "text": "#221100", "radius": 4,
        "font": "serif", "position": "left", "launcherIcon": "question", "launcherLabel": "Help",
    });
    assert_eq!(chat.call("setTheme", tokens).await["ok"], true);
    let look = "const style = (part) => getComputedStyle(root.querySelector(part));
        await Promise.all(root.querySelector('.launcher').getAnimations().map((running) => running.finished));
        return [style('.panel').backgroundColor, style('.panel').color, style('.panel').borderTopLeftRadius,
            /serif/.test(style('.panel').fontFamily), style('.panel').left, style('.launcher').backgroundColor,
            style('.launcher').color, root.querySelector('.launcher').dataset.icon]";
    let look: Vec<Value> = eval(&browser, look).await;
    let expected = ["rgb(255, 248, 231)", "rgb(34, 17, 0)", "4px"].map(Value::from);
    assert_eq!(look[..3], expected);
    assert_eq!(look[3..5], [json!(true), json!("20px")]);
    assert_eq!(look[5..], ["rgb(255, 212, 0)", "rgb(0, 0, 0)", "question"].map(Value::from));
    chat.call("close", Value::Null).await;
    chat.until("root.querySelector('.launcher').textContent.includes('Help') && root.querySelector('.launcher').offsetWidth > 80").await;
    // The dark ground goes with the accent, not with a token for the light one.
    chat.call("setTheme", json!("dark")).await;
    let dark: String =
        eval(&browser, "return getComputedStyle(root.querySelector('.panel')).backgroundColor").await;
    assert_ne!(dark, "rgb(255, 248, 231)");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_scrolls_sideways_on_the_narrowest_screen() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.screen(Screen::PHONE).await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.identify(app.token(json!({ "user_id": "ada" })).expose()).await;
    chat.open().await;
    chat.ask("How do I ask for a refund?").await;
    // 320 px: a small phone, and 200 % on a tablet.
    eval::<()>(&browser, "root.querySelector('.panel').style.width = '320px'").await;
    let small: Vec<String> = eval(
        &browser,
        "const touch = matchMedia('(pointer: coarse)').matches ? 44 : 24;
        return [...root.querySelectorAll('.panel *')].filter((part) => part.checkVisibility() && part.getClientRects().length)
            .filter((part) => part.scrollWidth > part.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(part).overflowX) && !part.matches('pre, .table')
                || part.matches('button') && Math.min(part.offsetWidth, part.offsetHeight) < touch)
            .map((part) => part.outerHTML.slice(0, 120) + part.offsetWidth + 'x' + part.offsetHeight)",
    )
    .await;
    assert!(small.is_empty(), "{small:#?}");
    browser.assert_no_errors(&[]).await;
}
