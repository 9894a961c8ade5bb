//! The kinds of pages that a chat is put on, one by one: where the tag stands, what styles and scripts do
//! around it, what the browser or the network withholds.

mod cookies;
mod routers;
mod site;

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Preference,
    chat::Chat,
    engine::Ability,
    host::{HostPage, page, tag, tag_from},
    lacks,
};
use eloquent_types::config::Contact;
use serde_json::{Value, json};

use super::scene;

const QUESTION: &str = "How do I ask for a refund?";

/// Opens the chat on the page, asks, and is answered.
async fn is_answered(browser: &Browser) {
    let chat = Chat(browser);
    chat.open().await;
    let answer = chat.ask(QUESTION).await;
    assert!(answer.contains("Open the order"), "{answer}");
}

async fn widgets(browser: &Browser) -> u32 {
    browser.eval("return document.querySelectorAll('eloquent-widget').length", json!(null)).await
}

fn html(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title>\
        <link rel=\"icon\" href=\"data:,\">{head}</head><body><h1>A customer's page</h1>{body}</body></html>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_may_stand_anywhere_and_more_than_once() {
    let app = scene::app(Duration::ZERO).await;
    let src = app.at("/eloquent.js");
    let bare = |attributes: &str| {
        format!("<script {attributes} src=\"{src}\" data-agent-id=\"{}\"></script>", app.agent)
    };
    let late = format!(
        "<script>addEventListener('load', () => setTimeout(() => {{
            const script = document.createElement('script');
            script.src = '{src}'; script.dataset.agentId = '{}';
            document.body.append(script);
        }}))</script>",
        app.agent
    );
    let browser = Browser::start().await;
    for (name, head, body) in [
        ("early in the head", bare(""), String::new()),
        ("with async", bare("async"), String::new()),
        ("with defer", bare("defer"), String::new()),
        ("at the end of the body", String::new(), bare("")),
        ("put in by a script", late, String::new()),
        ("twice", bare("async"), bare("")),
    ] {
        let host = HostPage::serve(html(&head, &body)).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.find(".launcher").await;
        assert_eq!(chat.call("open", Value::Null).await["open"], true, "{name}");
        assert_eq!(widgets(&browser).await, 1, "{name}");
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_agents_tag_changes_nothing_and_is_mentioned_once() {
    let app = scene::app(Duration::ZERO).await;
    let other = app.another_agent().await;
    let second =
        format!("<script src=\"{}\" data-agent-id=\"{}\"></script>", app.at("/eloquent.js"), other.agent);
    let first =
        format!("<script src=\"{}\" data-agent-id=\"{}\"></script>", app.at("/eloquent.js"), app.agent);
    let host = HostPage::serve(html("", &[first, second.clone(), second].concat())).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    is_answered(&browser).await;
    assert_eq!(widgets(&browser).await, 1);
    let warnings: Vec<String> = browser.console().await;
    let told = warnings.iter().filter(|line| line.contains("another chat is on this page already")).count();
    assert_eq!(told, 1, "{warnings:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_style_of_the_page_hides_moves_or_covers_it() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    for (name, style) in [
        ("everything unset", "* { all: unset }"),
        (
            "a reset",
            "*, *::before { margin: 0; padding: 0; border: 0; font: inherit; box-sizing: content-box } button { appearance: none; display: none }",
        ),
        (
            "a body that is moved",
            "body { transform: translateX(40px) scale(0.5); filter: blur(0); contain: layout }",
        ),
        ("a page from the right", "html { direction: rtl }"),
        (
            "something over everything",
            "h1 { position: fixed; inset: 0; z-index: 2147482000; background: #fff }",
        ),
    ] {
        let host = HostPage::serve(page(&format!("<style>{style}</style>"), &tag(&app, ""))).await;
        browser.goto(&host.url).await;
        is_answered(&browser).await;
        let corner: (f64, f64) = browser
            .eval(
                "const box = document.querySelector('eloquent-widget').shadowRoot.querySelector('.launcher').getBoundingClientRect();
                return [document.documentElement.clientWidth - box.right, innerHeight - box.bottom]",
                json!(null),
            )
            .await;
        assert!((corner.0 - 20.0).abs() < 3.0 && (corner.1 - 20.0).abs() < 3.0, "{name}: {corner:?}");
        browser.assert_no_errors(&[]).await;
        browser.eval::<()>("localStorage.clear()", json!(null)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_writes_the_history_keeps_its_chat() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    is_answered(&browser).await;
    let chat = Chat(&browser);
    for step in
        ["history.pushState({}, '', '/cart')", "history.replaceState({}, '', '/checkout')", "history.back()"]
    {
        let draw = format!("{step}; document.body.innerHTML = '<main><h1>Another view</h1></main>'");
        browser.eval::<()>(&draw, json!(null)).await;
        chat.until(
            "root.querySelector('.panel:not(.closed)') && root.querySelectorAll('.log > .row').length == 2",
        )
        .await;
        assert_eq!(widgets(&browser).await, 1);
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_want_no_motion_or_few_colours_get_the_same_chat() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.prefer(&[Preference::ReducedMotion, Preference::ForcedColors]).await;
    browser.goto(&host.url).await;
    is_answered(&browser).await;
    let chat = Chat(&browser);
    chat.until("['.panel', '.launcher'].every((one) => getComputedStyle(root.querySelector(one)).transitionDuration.split(', ').every((time) => parseFloat(time) == 0) \
        || getComputedStyle(root.querySelector(one)).transitionProperty == 'none')").await;
    chat.until("getComputedStyle(root.querySelector('.launcher')).borderTopStyle == 'solid'").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_storage_costs_the_memory_of_the_next_page_alone() {
    let app = scene::app(Duration::ZERO).await;
    let blocked = "<script>for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
        Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } })</script>";
    let browser = Browser::start().await;
    for attributes in ["", "data-storage=\"session\"", "data-storage=\"none\""] {
        let host = HostPage::serve(page(blocked, &tag(&app, attributes))).await;
        browser.goto(&host.url).await;
        is_answered(&browser).await;
        let chat = Chat(&browser);
        let token = app.token(json!({ "user_id": "ada" }));
        assert_eq!(chat.identify(token.expose()).await["ok"], true);
        assert_eq!(chat.call("logout", Value::Null).await["ok"], true);
        browser.reload().await;
        assert_eq!(chat.state().await["conversationId"], Value::Null);
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cookie_is_needed_or_set() {
    let app = scene::app(Duration::ZERO).await;
    let none = "<script>Object.defineProperty(document, 'cookie', { get() { throw new Error('read'); }, set() { throw new Error('set'); } })</script>";
    let host = HostPage::serve(page(none, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    is_answered(&browser).await;
    browser.assert_no_errors(&[]).await;
    browser.goto(&app.at("/healthz")).await;
    assert_eq!(browser.eval::<String>("return document.cookie", json!(null)).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_web_assembly_the_launcher_says_how_to_reach_somebody() {
    let app = scene::app(Duration::ZERO).await;
    let without = "<script>delete window.WebAssembly</script>";
    let browser = Browser::start().await;
    for (contact, link) in [
        ("help@example.com", "mailto:help@example.com"),
        ("https://shop.example.com/help", "https://shop.example.com/help"),
        ("javascript:alert(1)", "mailto:javascript:alert(1)"),
    ] {
        let tag = tag(&app, &format!("data-mode=\"page\" data-contact=\"{contact}\""));
        let host = HostPage::serve(page(without, &tag)).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.click(".launcher").await;
        assert_eq!(chat.until("root.querySelector('.note:not([hidden]) a')?.href").await, link);
        chat.until("root.querySelector('.note').textContent.includes('WebAssembly')").await;
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_names_nobody_is_helped_by_the_agents_own_contact() {
    let app = scene::app(Duration::ZERO).await;
    let scope = app.scope;
    let contact = Contact::parse("help@agent.example").unwrap();
    app.write(move |writer| writer.set_contact(&scope, Some(&contact))).await;
    let without = "<script>delete window.WebAssembly</script>";
    let host = HostPage::serve(page(without, &tag(&app, "data-mode=\"page\""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.click(".launcher").await;
    let link = chat.until("root.querySelector('.note:not([hidden]) a')?.href").await;
    assert_eq!(link, "mailto:help@agent.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_told_with_a_way_out() {
    let app = scene::app(Duration::ZERO).await;
    // Nothing listens there.
    let tag = tag_from(&app.url, &app, "data-api=\"http://127.0.0.1:9/\" data-contact=\"help@example.com\"");
    let host = HostPage::serve(page("", &tag)).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.click(".launcher").await;
    assert_eq!(
        chat.until("root.querySelector('.note:not([hidden]) a')?.href").await,
        "mailto:help@example.com"
    );
    assert_eq!(chat.call("open", Value::Null).await["code"], "load_failed");
}

/// Whatever ends the module, here its memory in ruins, ends in words and not in an exception on the page.
#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_fails_tells_the_visitor_and_leaves_the_page_alone() {
    let app = scene::app(Duration::ZERO).await;
    let keep = "<script>for (const name of ['instantiateStreaming', 'instantiate']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...all) => {
            const made = await original.apply(WebAssembly, all);
            window.memory = Object.values((made.instance ?? made).exports).find((one) => one instanceof WebAssembly.Memory);
            return made;
        };
    }</script>";
    let host = HostPage::serve(page(keep, &tag(&app, "data-contact=\"help@example.com\""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    browser.eval::<()>("new Uint8Array(memory.buffer).fill(0xff)", json!(null)).await;
    chat.click("textarea").await;
    browser.type_text("x").await;
    chat.until("root.querySelector('.note:not([hidden])')?.textContent.includes('stopped working')").await;
    chat.until(
        "root.querySelector('.note a')?.href == 'mailto:help@example.com' && !root.querySelector('.panel')",
    )
    .await;
    for name in ["open", "getState", "sendMessage"] {
        assert_eq!(chat.call(name, Value::Null).await["code"], "crashed", "{name}");
    }
    browser.assert_no_errors(&[]).await;
}
