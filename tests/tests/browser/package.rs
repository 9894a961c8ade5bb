//! A page in React that is bundled from the npm package: the chat comes and goes with its component, and
//! knows who is logged in.

use std::{sync::LazyLock, time::Duration};

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser,
        chat::Chat,
        host::{HostPage, page},
    },
    package,
};
use serde_json::{Value, json};

use super::scene;

static REACT: LazyLock<String> = LazyLock::new(|| package::bundle("react.tsx"));

/// The page, which shows nothing of the chat yet.
async fn react(script: &str) -> HostPage {
    let bundle = tokio::task::spawn_blocking(|| REACT.as_str()).await.expect("a bundle");
    // What would end the script element stands only in strings.
    let bundle = bundle.replace("</script", "<\\/script");
    HostPage::serve(page(script, &format!("<script type=\"module\">{bundle}</script>"))).await
}

/// The component's props, as far as they say which chat.
fn chat_of(app: &TestApp) -> Value {
    json!({ "agentId": app.agent, "server": app.url })
}

/// The same with more props.
fn with(app: &TestApp, more: &Value) -> Value {
    let mut props = chat_of(app);
    for (name, value) in more.as_object().into_iter().flatten() {
        props[name] = value.clone();
    }
    props
}

/// Renders the page with these props of the chat, or with none.
async fn show(browser: &Browser, props: Value) {
    browser.until::<bool>("!!window.show").await;
    browser.eval::<()>("window.show(args)", props).await;
}

/// Waits for an event's entry, and takes everything out that was heard until then.
async fn hear(browser: &Browser, entry: &str) -> Vec<String> {
    browser.until::<bool>(&format!("window.heard.includes({})", json!(entry))).await;
    browser.eval("return window.heard.splice(0)", json!(null)).await
}

/// What is left of the chat in the page, but for the bundle.
async fn remains(browser: &Browser) -> Value {
    let look = "return [document.querySelectorAll('eloquent-widget, script[data-agent-id]').length,
        'eloquent' in window, 'eloquentConfig' in window, localStorage.length + sessionStorage.length]";
    browser.eval(look, json!(null)).await
}

/// Waits until nothing of the chat is left.
async fn is_gone(browser: &Browser) {
    browser.until::<bool>("!('eloquent' in window) && !document.querySelector('eloquent-widget')").await;
    assert_eq!(remains(browser).await, json!([0, false, false, 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_react_page_shows_the_chat_identifies_switches_and_takes_it_away() {
    let app = scene::app(Duration::ZERO).await;
    let host = react("").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let token = |user: &str| app.token(json!({ "user_id": user, "name": user })).expose().to_owned();

    show(&browser, with(&app, &json!({ "token": token("ada"), "theme": "dark" }))).await;
    assert_eq!(hear(&browser, "identify ada").await, ["identify ada"]);
    let chat = Chat(&browser);
    assert_eq!(chat.state().await["userId"], "ada");
    // What a child called before the chat beside it was mounted has been answered.
    browser.until::<bool>("window.early.length > 0 && window.early.every(({ ok }) => ok)").await;

    // The page's own launcher, by the hooks.
    browser.click("#help").await;
    chat.is_open().await;
    browser.until::<bool>("document.querySelector('#help').getAttribute('aria-expanded') === 'true'").await;
    assert!(chat.ask("How do I ask for a refund?").await.contains("Open the order"));

    // A fresh token of the same user goes on without a break; another user starts anew.
    show(
        &browser,
        with(&app, &json!({ "token": app.token(json!({ "user_id": "ada", "jti": "2" })).expose() })),
    )
    .await;
    hear(&browser, "identify ada").await;
    assert_eq!(chat.lines().await.len(), 2);
    show(&browser, with(&app, &json!({ "token": token("grace") }))).await;
    hear(&browser, "identify grace").await;
    assert_eq!(chat.state().await["userId"], "grace");
    chat.until("root.querySelectorAll('.log .row.visitor').length == 0").await;

    show(&browser, with(&app, &json!({ "token": null }))).await;
    // The panel had been open; it was somebody's.
    assert_eq!(hear(&browser, "logout").await, ["close", "logout"]);
    assert_eq!(chat.state().await["identified"], false);

    show(&browser, Value::Null).await;
    is_gone(&browser).await;
    browser.until::<bool>("document.querySelector('#help').getAttribute('aria-expanded') === 'false'").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_brings_tokens_is_asked_again_when_the_user_is_another() {
    let app = scene::app(Duration::ZERO).await;
    let host = react("").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    browser.until::<bool>("!!window.tokens").await;
    let token = |user: &str| app.token(json!({ "user_id": user })).expose().to_owned();
    let tokens = json!({ "1": token("ada"), "2": token("grace") });
    browser.eval::<()>("Object.assign(window.tokens, args)", tokens).await;
    for (user, expected) in [(json!(1), "identify ada"), (json!("2"), "identify grace")] {
        show(&browser, with(&app, &json!({ "user": user }))).await;
        assert_eq!(hear(&browser, expected).await, [expected]);
    }
    // Nobody the page can vouch for, and then nobody at all.
    show(&browser, with(&app, &json!({ "user": 3 }))).await;
    hear(&browser, "logout").await;
    assert_eq!(Chat(&browser).state().await["identified"], false);
    show(&browser, with(&app, &json!({ "user": null }))).await;
    show(&browser, with(&app, &json!({ "user": 1 }))).await;
    assert_eq!(hear(&browser, "identify ada").await, ["identify ada"]);
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_comes_and_goes_is_the_chat_that_comes_and_goes() {
    let app = scene::app(Duration::ZERO).await;
    let other = app.another_agent().await;
    let host = react("").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    // Gone before its script has come, and back at once.
    show(&browser, chat_of(&app)).await;
    show(&browser, Value::Null).await;
    show(&browser, chat_of(&app)).await;
    let chat = Chat(&browser);
    chat.open().await;
    hear(&browser, "open").await;
    assert_eq!(remains(&browser).await[0], 2);

    // Another agent takes its place.
    show(&browser, with(&app, &json!({ "agentId": other.agent, "position": "left" }))).await;
    let there = format!("window.eloquent?.agentId === {:?}", other.agent.to_string());
    browser.until::<bool>(&there).await;
    chat.find(".launcher.left").await;
    chat.open().await;
    assert_eq!(remains(&browser).await[0], 2);
    assert_eq!(chat.state().await["status"], "ready");

    show(&browser, Value::Null).await;
    is_gone(&browser).await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn props_that_change_change_the_chat_and_what_is_no_more_said_is_taken_back() {
    let app = scene::app(Duration::ZERO).await;
    let host = react("").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let first = json!({ "theme": { "accent": "#112233", "radius": 4 }, "locale": "fr", "attributes": { "cart": 3, "step": "pay" } });
    show(&browser, with(&app, &first)).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.until("root.querySelector('.panel').lang == 'fr'").await;
    let corner = "getComputedStyle(root.querySelector('.panel')).borderTopLeftRadius";
    chat.until(&format!("{corner} == '4px'")).await;

    show(&browser, with(&app, &json!({ "theme": { "accent": "#112233" }, "locale": "de", "launcher": "hidden", "attributes": { "step": "done" } }))).await;
    chat.until("root.querySelector('.panel').lang == 'de' && root.querySelector('.launcher').hidden").await;
    chat.until(&format!("{corner} != '4px'")).await;
    chat.ask("How do I ask for a refund?").await;
    let hints = &scene::conversations(&app, app.scope).await[0].messages[0].attributes;
    assert_eq!(hints.iter().collect::<Vec<_>>(), [(&"step".to_owned(), &"done".to_owned())]);

    show(&browser, chat_of(&app)).await;
    chat.until("root.querySelector('.panel').lang == 'en' && !root.querySelector('.launcher').hidden").await;
    browser.assert_no_errors(&[]).await;
}
