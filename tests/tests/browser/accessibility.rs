//! People who use the chat otherwise than with a mouse and good eyes: axe finds nothing to object to in
//! any state, everything is reached and left by keyboard, and what is announced is whole.

use std::{path::Path, time::Duration};

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser, Screen,
        chat::Chat,
        engine::Ability,
        host::{HostPage, page, tag, tag_from},
        lacks,
    },
    proxy::Proxy,
};
use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::Key;

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, teach};

/// The levels of the guidelines that hold: WCAG 2.2, A and AA, with all that was there before.
const LEVELS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/// What axe found.
#[derive(Debug, Deserialize)]
struct Found {
    /// The rules that something breaks, with what it is and why.
    violations: Vec<String>,
    /// How many elements of the widget were looked at.
    looked_at: usize,
}

/// Runs axe over the widget in the state that it is in; the page around it is not ours.
async fn check(browser: &Browser, state: &str) {
    if !browser.eval::<bool>("return 'axe' in window", json!(null)).await {
        browser.eval::<()>(&axe(), json!(null)).await;
    }
    let run = "
        // Half faded in is no state: what moves is waited for, but for what moves for ever.
        const moving = document.querySelector('eloquent-widget').shadowRoot.getAnimations();
        const ending = moving.filter(({ effect }) => effect.getComputedTiming().endTime < Infinity);
        await Promise.allSettled(ending.map(({ finished }) => finished));
        const rules = { 'target-size': { enabled: true } };
        const { violations, passes } = await axe.run({ include: ['eloquent-widget'] }, { runOnly: { type: 'tag', values: args }, rules });
        const inside = (node) => Array.isArray(node.target[0]);
        return {
            violations: violations.flatMap(({ id, nodes }) =>
                nodes.map((node) => [id, JSON.stringify(node.target), node.html, node.failureSummary].join(' | '))),
            looked_at: new Set(passes.flatMap(({ nodes }) => nodes).filter(inside).map(({ target }) => String(target))).size,
        };";
    let found: Found = browser.eval(run, json!(LEVELS)).await;
    assert!(found.violations.is_empty(), "{state}: {:#?}", found.violations);
    assert!(found.looked_at > 0, "{state}: axe has not seen the widget");
}

/// The script, as npm has installed it.
fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("axe/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file)
        .expect("axe is installed: run `npm ci` in tests/axe, or `cargo xtask setup`")
}

/// Goes through the states of the chat, one after the other, on the page that is shown.
async fn check_every_state(app: &TestApp, browser: &Browser, proxy: &Proxy, way: &str) {
    let chat = Chat(browser);
    let check = async |state: &str| check(browser, &format!("{state}, {way}")).await;
    chat.find(".launcher").await;
    check("the launcher").await;
    chat.open().await;
    check("nothing said yet").await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 120").await;
    check("an answer on its way").await;
    chat.answer_to(LONG_QUESTION).await;
    check("a conversation").await;
    let token = app.token(json!({ "user_id": "ada", "name": "Ada Okafor", "plan": "Enterprise" }));
    chat.identify(token.expose()).await;
    chat.ask("Which plan am I on?").await;
    check("somebody who is known").await;
    chat.click("[data-do=history]:not(.back)").await;
    chat.until("root.querySelector('.list button')").await;
    check("the list of conversations").await;
    chat.click("[data-do=history].back").await;
    chat.until("!root.querySelector('.list button')?.checkVisibility()").await;
    chat.click("[data-do=menu]").await;
    chat.until("root.querySelector('[role=menuitem]').checkVisibility()").await;
    check("the menu").await;
    browser.press(&[Key::Escape]).await;
    proxy.close().await;
    chat.send("Are you still there?").await;
    chat.until(
        "root.querySelector('.banner').checkVisibility() && root.querySelector('.banner').textContent",
    )
    .await;
    check("no connection").await;
    proxy.open().await;
    chat.call("close", Value::Null).await;
    chat.call("showPreview", json!({ "text": "Can I help you?" })).await;
    chat.until("root.querySelector('.preview').checkVisibility()").await;
    check("a preview beside the launcher").await;
}

/// A browser with such a screen goes through every state.
async fn look(way: &str, screen: Screen, dark: bool) {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let proxy = Proxy::before(&app).await;
    let host = HostPage::serve(page("", &tag_from(&proxy.url, &app, ""))).await;
    let browser = Browser::start().await;
    browser.screen(screen).await;
    browser.prefer_dark(dark).await;
    browser.goto(&host.url).await;
    check_every_state(&app, &browser, &proxy, way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_light() {
    if lacks(Ability::Emulation) {
        return;
    }
    look("light", Screen::DESKTOP, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_dark() {
    if lacks(Ability::Emulation) {
        return;
    }
    look("dark", Screen::DESKTOP, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_a_phone() {
    if lacks(Ability::Emulation) {
        return;
    }
    look("on a phone", Screen::PHONE, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_where_everything_is_twice_as_large() {
    if lacks(Ability::Emulation) {
        return;
    }
    look("at 200 %", Screen::ZOOMED, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_a_frame() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page("", &tag(&app, "data-mode=\"frame\""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.click(".launcher").await;
    chat.until("root.querySelector('iframe.panel:not(.closed)')").await;
    check(&browser, "the page around an open frame").await;
    browser.enter_frame(chat.find("iframe").await).await;
    chat.is_open().await;
    check(&browser, "nothing said yet, in a frame").await;
    browser.leave_frame().await;
    assert_eq!(chat.call("sendMessage", json!("How do I ask for a refund?")).await["ok"], true);
    browser.enter_frame(chat.find("iframe").await).await;
    assert!(chat.answer_to("How do I ask for a refund?").await.contains("Open the order"));
    check(&browser, "a conversation in a frame").await;
}

/// What has the focus: a control's action, class or name.
async fn focused(browser: &Browser) -> String {
    let active = "const active = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
        return active.dataset.do || active.className || active.localName";
    browser.eval(active, json!(null)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_goes_into_the_chat_and_comes_back() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page("", &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    // Wherever the chat is closed from, the focus returns to what opened it.
    for by_button in [false, true] {
        chat.find(".launcher").await;
        browser.eval::<()>("document.querySelector('#first').focus()", json!(null)).await;
        browser.press(&[Key::Tab]).await;
        assert_eq!(focused(&browser).await, "launcher");
        browser.press(&[Key::Enter]).await;
        chat.is_open().await;
        chat.until("root.activeElement?.matches('textarea')").await;
        if by_button {
            let button = "document.querySelector('eloquent-widget').shadowRoot.querySelector('[data-do=close]').focus()";
            browser.eval::<()>(button, json!(null)).await;
        }
        browser.press(&[if by_button { Key::Enter } else { Key::Escape }]).await;
        chat.until("root.querySelector('.panel.closed')").await;
        chat.until("root.activeElement?.matches('.launcher')").await;
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_tab_is_the_order_of_the_eye() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::serve(page("", &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask("How do I ask for a refund?").await;
    browser.eval::<()>("document.querySelector('#first').focus()", json!(null)).await;
    let place = "const active = document.activeElement?.shadowRoot?.activeElement;
        if (!active) return null;
        const { left, top, bottom } = active.getBoundingClientRect();
        return { name: active.dataset.do || active.className || active.localName, left, top, bottom }";
    let mut walked: Vec<Value> = Vec::new();
    for _ in 0..40 {
        browser.press(&[Key::Tab]).await;
        match browser.eval::<Option<Value>>(place, json!(null)).await {
            Some(stop) => walked.push(stop),
            None if walked.is_empty() => {}
            None => break,
        }
    }
    // The head's buttons from left to right, then what was said, then the field: none comes before one
    // that stands wholly above it, the launcher excepted.
    let walked: Vec<Value> = walked.into_iter().filter(|stop| stop["name"] != "launcher").collect();
    assert!(walked.len() >= 4, "{walked:#?}");
    for (before, after) in walked.iter().zip(&walked[1..]) {
        let (ended, begins) = (before["top"].as_f64().unwrap(), after["bottom"].as_f64().unwrap());
        assert!(begins > ended, "{after} stands above {before}");
    }
    assert!(walked.iter().any(|stop| stop["name"] == "textarea"), "{walked:#?}");
    assert!(walked.iter().any(|stop| stop["name"] == "close"), "{walked:#?}");
    assert!(walked.iter().any(|stop| stop["name"] == "scroll"), "what scrolls is reached: {walked:#?}");
}

/// Notes everything that the polite region says from here on, as `window.announced`.
const LISTEN: &str = "const root = document.querySelector('eloquent-widget').shadowRoot;
    const region = root.querySelector('[aria-live=polite]');
    window.announced = [];
    new MutationObserver(() => { const text = region.textContent.trim(); if (text) announced.push(text); })
        .observe(region, { childList: true, characterData: true, subtree: true });";

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_announced_in_whole_sentences_and_the_history_is_a_log() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::serve(page("", &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.until("root.querySelectorAll('[role=log]').length == 1").await;
    // Of the log itself nothing is read out while it grows.
    chat.until("root.querySelector('[role=log]').getAttribute('aria-live') == 'off'").await;
    browser.eval::<()>(LISTEN, json!(null)).await;
    let answer = chat.ask(LONG_QUESTION).await;
    browser.until::<bool>("window.announced.some((text) => text.includes('machine --rinse 2'))").await;
    let announced: Vec<String> = browser.eval("return window.announced", json!(null)).await;
    // Sentences, not tokens: the answer has some two hundred of those.
    assert!(announced.len() < 30, "{announced:#?}");
    for said in &announced {
        let last = said.chars().next_back().unwrap_or(' ');
        let whole = !last.is_alphabetic()
            || said.ends_with("--rinse 2")
            || answer.lines().any(|line| said.ends_with(line));
        assert!(whole, "it ends in mid sentence: {said:?} of {announced:#?}");
    }
    browser.assert_no_errors(&[]).await;
}
