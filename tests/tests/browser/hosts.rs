//! Pages that make it hard for what they embed: by their policy, their styles, their frameworks.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser,
        chat::Chat,
        host::{HostPage, page, tag},
    },
};
use serde_json::{Value, json};

use super::scene;

const QUESTION: &str = "How do I ask for a refund?";

async fn with_policy(app: &TestApp, policy: &str, attributes: &str) -> HostPage {
    let meta = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    HostPage::serve(page(&meta, &tag(app, attributes))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_policy_has_to_allow_no_more_than_the_documentation_says() {
    let app = scene::app(Duration::ZERO).await;
    let url = &app.url;
    let host = with_policy(
        &app,
        &format!(
            "default-src 'none'; script-src {url} 'wasm-unsafe-eval'; connect-src {url}; \
            require-trusted-types-for 'script'"
        ),
        "",
    )
    .await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    assert!(chat.ask(QUESTION).await.contains("Open the order"));
    // The styles have come along.
    chat.until("getComputedStyle(root.querySelector('.panel')).position == 'fixed'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_forbids_web_assembly_is_named_and_breaks_nothing_on_the_page() {
    let app = scene::app(Duration::ZERO).await;
    let url = &app.url;
    let policy = format!("script-src {url}; connect-src {url}; frame-src 'none'");
    for (attributes, named) in [
        ("data-mode=\"page\"", "no WebAssembly"),
        ("data-contact=\"https://shop.example.com/help\"", "the page's policy forbids the frame"),
    ] {
        let host = with_policy(&app, &policy, attributes).await;
        let browser = Browser::start().await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.click(".launcher").await;
        chat.until(&format!("root.querySelector('.note:not([hidden])')?.textContent.includes(\"{named}\")"))
            .await;
        assert_eq!(chat.call("open", Value::Null).await["code"], "load_failed");
        // The browsers themselves say that a frame was forbidden, and WebAssembly.
        browser.assert_no_errors(&["frame-src", "blocked WebAssembly"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn styles_of_the_page_do_not_reach_the_chat() {
    let app = scene::app(Duration::ZERO).await;
    let hostile = "<style>body, body *, eloquent-widget { all: unset !important; display: none !important; opacity: 0 !important; \
        transform: scale(3) !important; pointer-events: none !important } \
        html { direction: rtl; font-size: 6px; letter-spacing: 9px; text-transform: uppercase }</style>";
    let host = HostPage::serve(page(hostile, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.find(".launcher").await;
    chat.open().await;
    assert!(chat.ask(QUESTION).await.contains("Open the order"));
    let style: Vec<String> = browser
        .eval(
            "const host = document.querySelector('eloquent-widget');
            const [outer, text] = [host, host.shadowRoot.querySelector('.bubble')].map((node) => getComputedStyle(node));
            return [outer.opacity, outer.transform, outer.pointerEvents,
                text.fontSize, text.letterSpacing, text.textTransform, text.direction]",
            json!(null),
        )
        .await;
    assert_eq!(style, ["1", "none", "auto", "14.5px", "normal", "none", "ltr"]);
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_framework_that_replaces_the_body_or_the_root_keeps_the_chat_with_its_conversation() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(QUESTION).await;
    for swap in [
        "document.body.replaceWith(document.createElement('body'))",
        "document.querySelector('eloquent-widget').remove()",
        "const html = document.createElement('html'); html.append(document.createElement('head'), document.createElement('body'));
            document.documentElement.replaceWith(html)",
        "history.pushState({}, '', '#elsewhere')",
    ] {
        browser.eval::<()>(swap, json!(null)).await;
        chat.until("root.querySelector('.panel:not(.closed)') && root.querySelectorAll('.log .row').length == 2").await;
        assert_eq!(browser.eval::<u32>("return document.querySelectorAll('eloquent-widget').length", json!(null)).await, 1);
    }
    browser.assert_no_errors(&[]).await;
}
