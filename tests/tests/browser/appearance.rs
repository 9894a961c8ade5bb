//! The dashboard's appearance page: the real widget beside the form, which shows every change at once.

use std::time::Duration;

use eloquent_tests::browser::{Browser, Preference, Screen, engine::Ability, lacks};
use serde_json::{Value, json};

use super::{
    gallery::shoot_into,
    scene::{self, log_in},
};

/// The preview's shadow root and its host, as `root` and `host`.
const INSIDE: &str = "const page = document.querySelector('#stage iframe').contentDocument;
    const host = page.querySelector('eloquent-widget'), root = host.shadowRoot;";

async fn open(browser: &Browser, url: &str) {
    browser.goto(url).await;
    browser.until::<bool>("document.querySelector('#stage').dataset.ready === 'yes'").await;
    browser.until::<bool>("document.querySelector('#stage').dataset.shown === 'true'").await;
}

/// A value computed in the preview, as soon as it is what is expected.
async fn preview_has(browser: &Browser, expression: &str, expected: &str) {
    let expected = json!(expected);
    let there = format!("(() => {{ {INSIDE} return String({expression}) == {expected}; }})()");
    browser.until::<bool>(&there).await;
}

/// Types a value into a field as a person does who replaces what is there.
async fn fill(browser: &Browser, selector: &str, value: &str) {
    let set = "const field = document.querySelector(args[0]); field.value = args[1];
        field.dispatchEvent(new Event('input', { bubbles: true }))";
    browser.eval::<()>(set, json!([selector, value])).await;
}

const PANEL_GROUND: &str = "getComputedStyle(root.querySelector('.panel')).backgroundColor";
const LAUNCHER_GROUND: &str = "getComputedStyle(root.querySelector('.launcher')).backgroundColor";

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_shows_every_change_at_once_and_nothing_is_saved_by_it() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    log_in(&browser, &app).await;
    let before = browser.storage().await;
    open(&browser, &app.at(&format!("/dashboard/agents/{}/appearance", app.agent))).await;
    // Nobody has opened the chat: the focus stays where it was.
    let focused: String = browser.eval("return document.activeElement.nodeName", json!(null)).await;
    assert_eq!(focused, "BODY");
    preview_has(&browser, PANEL_GROUND, "rgb(255, 255, 255)").await;

    fill(&browser, "#accent", "#1f6f4a").await;
    preview_has(&browser, LAUNCHER_GROUND, "rgb(31, 111, 74)").await;
    fill(&browser, "#background", "#fffdf8").await;
    preview_has(&browser, PANEL_GROUND, "rgb(255, 253, 248)").await;
    // What is no colour changes nothing; an emptied field is the widget's own.
    fill(&browser, "#background", "#fffdf").await;
    fill(&browser, "#accent", "").await;
    preview_has(&browser, LAUNCHER_GROUND, "rgb(49, 87, 224)").await;
    preview_has(&browser, PANEL_GROUND, "rgb(255, 253, 248)").await;
    fill(&browser, "#radius", "4").await;
    preview_has(&browser, "getComputedStyle(root.querySelector('.panel')).borderTopLeftRadius", "4px").await;
    browser.click("input[name=position][value=left]").await;
    preview_has(&browser, "root.querySelector('.launcher').getBoundingClientRect().left < 100", "true").await;
    fill(&browser, "#launcher_label", "Questions?").await;
    preview_has(&browser, "root.textContent.includes('Questions?')", "true").await;

    // Its own switches: they are not part of what is saved.
    browser.click("input[name=preview-scheme][value=dark]").await;
    preview_has(&browser, &format!("{PANEL_GROUND} != 'rgb(255, 253, 248)'"), "true").await;
    browser.click("input[name=preview-screen][value=phone]").await;
    preview_has(&browser, "page.defaultView.innerWidth <= 390", "true").await;

    browser.reload().await;
    let kept: String = browser.eval("return document.querySelector('#accent').value", json!(null)).await;
    assert_eq!(kept, "");
    assert_eq!(browser.storage().await, before, "the preview keeps nothing in the browser");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_weighed_as_they_are_typed_and_refused_when_saved() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    log_in(&browser, &app).await;
    let url = app.at(&format!("/dashboard/agents/{}/appearance", app.agent));
    open(&browser, &url).await;
    let says = async |name: &str| browser.text(&format!("#{name}-says")).await;
    let at_first = (says("accent").await, says("text").await);
    assert_eq!(at_first.0, "White on it: 5.88:1, passes AA.");
    for (text, background) in [("#767676", "#ffffff"), ("#999999", ""), ("#8a4b12", "#f4e3c1"), ("#FFF", "")]
    {
        fill(&browser, "#text", text).await;
        fill(&browser, "#background", background).await;
        fill(&browser, "#accent", "#ffd400").await;
        let live = (says("accent").await, says("text").await);
        browser.click(".saving button").await;
        browser.until::<bool>("document.querySelector('#stage')?.dataset.ready === 'yes'").await;
        // The server says the same, in the same words.
        let disabled = browser
            .eval::<String>("return (await (await fetch(location, { method: 'POST', body: new URLSearchParams(new FormData(document.querySelector('#look'))) })).text())", json!(null))
            .await;
        let written = |name: &str| {
            let after = disabled.split_once(&format!("id=\"{name}-says\"")).expect("the line").1;
            let inner = after.split_once('>').expect("its text").1.split_once("</p>").expect("its end").0;
            inner.split('<').map(|part| part.rsplit('>').next().unwrap_or(part)).collect::<String>()
        };
        assert_eq!(live, (written("accent"), written("text")), "{text} on {background}");
    }
    // What cannot be saved is on the page as it was typed, with the reason at the field.
    fill(&browser, "#text", "#cccccc").await;
    browser.click(".saving button").await;
    assert!(browser.text("#text-problem").await.contains("#cccccc on #ffffff"));
    let typed: String = browser.eval("return document.querySelector('#text').value", json!(null)).await;
    assert_eq!(typed, "#cccccc");
    fill(&browser, "#text", "").await;
    fill(&browser, "#accent", "#0b5d3b").await;
    browser.click(".saving button").await;
    browser.until::<bool>("location.search === '?notice=saved'").await;
    assert!(browser.text("#embed-tag").await.contains("data-accent=\"#0b5d3b\""));
    browser.assert_no_errors(&["422"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_moved_and_removed_by_buttons() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    log_in(&browser, &app).await;
    open(&browser, &app.at(&format!("/dashboard/agents/{}/appearance", app.agent))).await;
    let rows =
        "[...document.querySelectorAll('.starters li:not([hidden]) input')].map((field) => field.value)";
    let shown = async || browser.eval::<Vec<String>>(&format!("return {rows}"), json!(null)).await;
    assert_eq!(shown().await, ["Which plan am I on?", ""]);
    for (at, text) in [(2, "Second"), (3, "Third")] {
        fill(&browser, &format!(".starters li:nth-child({at}) input"), text).await;
    }
    assert_eq!(shown().await, ["Which plan am I on?", "Second", "Third", ""]);
    browser.click(".starters li:nth-child(3) [data-does=up]").await;
    browser.click(".starters li:nth-child(1) [data-does=remove]").await;
    assert_eq!(shown().await, ["Third", "Second", ""]);
    browser.click(".starters li:nth-child(1) [data-does=down]").await;
    let disabled: bool =
        browser.eval("return document.querySelector('.starters [data-does=up]').disabled", json!(null)).await;
    assert!(disabled);
    browser.click(".saving button").await;
    browser.until::<bool>("location.search === '?notice=saved' && document.readyState === 'complete'").await;
    let id = app.agent;
    let agent = app.store.read(move |reader| reader.agent(id)).await.unwrap().unwrap();
    assert_eq!(agent.starters, ["Second", "Third"]);
    browser.until::<bool>("document.querySelector('#stage')?.dataset.ready === 'yes'").await;
    preview_has(
        &browser,
        "[...root.querySelectorAll('.starter')].map((one) => one.textContent).join()",
        "Second,Third",
    )
    .await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_every_screen() {
    if lacks(Ability::Touch) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    log_in(&browser, &app).await;
    let url = app.at(&format!("/dashboard/agents/{}/appearance", app.agent));
    for (way, screen, preferences) in [
        ("light", Screen::DESKTOP, &[][..]),
        ("dark", Screen::DESKTOP, &[Preference::Dark]),
        ("phone", Screen::PHONE, &[]),
        ("zoomed", Screen::ZOOMED, &[]),
    ] {
        browser.screen(screen).await;
        browser.prefer(preferences).await;
        open(&browser, &url).await;
        let sideways: Value =
            browser.eval("return [document.documentElement.scrollWidth, innerWidth]", json!(null)).await;
        assert!(sideways[0].as_i64() <= sideways[1].as_i64(), "{way}: {sideways}");
        shoot_into(&browser, &format!("appearance-{way}")).await;
        fill(&browser, "#text", "#999999").await;
        fill(&browser, "#contact", "nowhere").await;
        browser.click(".saving button").await;
        browser.find("#contact-problem").await;
        browser.until::<bool>("document.querySelector('#stage').dataset.ready === 'yes'").await;
        shoot_into(&browser, &format!("appearance-refused-{way}")).await;
    }
    browser.assert_no_errors(&["422"]).await;
}
