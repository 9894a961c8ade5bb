//! The chat in a frame of the server's own origin: on pages whose policy forbids WebAssembly, and on
//! those that want it so. Nothing here looks into the frame: a visitor types into it, and what the page
//! hears and sees is what counts.

mod look;
mod standing;
mod trust;

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
use thirtyfour::Key;

use super::scene;

const QUESTION: &str = "How do I ask for a refund?";

/// A page that allows what the documentation says for a frame, and nothing else.
async fn strict(app: &TestApp, attributes: &str) -> HostPage {
    let url = &app.url;
    let meta = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
        script-src {url}; frame-src {url}; require-trusted-types-for 'script'\">"
    );
    HostPage::serve(page(&meta, &tag(app, &format!("data-expose-messages {attributes}")))).await
}

/// Keeps the events that the page hears.
async fn keep_events(browser: &Browser) {
    browser
        .eval::<()>(
            "window.heard = [];
            for (const type of ['ready', 'open', 'close', 'identify', 'message:sent', 'message:received', 'logout', 'destroy'])
                addEventListener('eloquent:' + type, ({ detail }) => heard.push(detail))",
            json!(null),
        )
        .await;
}

async fn opened(browser: &Browser) {
    let chat = Chat(browser);
    chat.click(".launcher").await;
    chat.until(
        "root.querySelector('iframe.panel:not(.closed)') && root.activeElement?.localName == 'iframe'",
    )
    .await;
}

/// Presses keys in the frame, in the field that has the focus there.
pub(super) async fn press(browser: &Browser, text: &str, key: Key) {
    browser.enter_frame(Chat(browser).find("iframe").await).await;
    Chat(browser).until("root.activeElement?.matches('textarea')").await;
    browser.type_text(text).await;
    browser.press(&[key]).await;
    browser.leave_frame().await;
}

/// Types a question into the frame, and waits until the page hears the answer.
async fn ask(browser: &Browser, question: &str) -> String {
    let received = "heard.filter(({ type }) => type == 'message:received')";
    let before: u32 = browser.eval(&format!("return {received}.length"), json!(null)).await;
    press(browser, question, Key::Enter).await;
    browser.until(&format!("{received}[{before}]?.data.text")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_forbids_web_assembly_gets_the_whole_chat_in_a_frame() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    let token = app.token(json!({ "user_id": "ada", "name": "Ada", "plan": "team" }));
    let identified = chat.identify(token.expose()).await;
    assert_eq!((&identified["ok"], &identified["userId"]), (&json!(true), &json!("ada")), "{identified}");

    opened(&browser).await;
    let answer = ask(&browser, QUESTION).await;
    assert!(answer.contains("Open the order"), "{answer}");
    let state = chat.state().await;
    assert_eq!((&state["open"], &state["identified"]), (&json!(true), &json!(true)), "{state}");
    // The page around stands in the log, and not the frame's own origin.
    let origin = host.url.trim_end_matches('/');
    let log = app.log().await;
    assert!(
        !log.is_empty() && log.iter().all(|attempt| attempt.origin.as_deref() == Some(origin)),
        "{log:?}"
    );

    // Closed from inside, the keyboard is where it was before.
    press(&browser, "", Key::Escape).await;
    chat.until("root.querySelector('iframe.closed') && root.activeElement?.matches('.launcher')").await;
    assert_eq!(chat.call("open", json!({ "prefill": "again" })).await["open"], true);
    chat.until("root.activeElement?.localName == 'iframe'").await;
    assert_eq!(chat.call("logout", Value::Null).await["ok"], true);
    assert_eq!(chat.state().await["identified"], false);
    browser.assert_no_errors(&["WebAssembly"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_its_functions_and_the_frame_asks_for_their_answers() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let now = app.now_secs();
    let over = app.token(json!({ "user_id": "ada", "iat": now - 120, "exp": now - 60 }));
    let good = app.token(json!({ "user_id": "ada" }));
    let verdict: Value = browser
        .eval(
            "const [over, good] = args; window.asked = 0;
            return window.eloquent('identify', { token: over, getToken: async () => { asked += 1; return good; } })",
            json!([over.expose(), good.expose()]),
        )
        .await;
    assert_eq!(verdict["code"], "token_expired", "{verdict}");
    browser.until::<bool>("heard.some(({ type, data }) => type == 'identify' && data.userId == 'ada')").await;
    assert_eq!(browser.eval::<u32>("return asked", json!(null)).await, 1);
    // What cannot leave the page is refused, and throws nothing.
    let refused: Value =
        browser.eval("return window.eloquent('update', { attributes: { f() {} } })", json!(null)).await;
    assert_eq!(refused["code"], "invalid_argument");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn destroy_leaves_nothing_of_the_frame() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    opened(&browser).await;
    assert!(ask(&browser, QUESTION).await.contains("Open the order"));
    assert_eq!(Chat(&browser).call("destroy", Value::Null).await["ok"], true);
    browser.until::<bool>("heard.at(-1).type == 'destroy' && !document.querySelector('eloquent-widget') && !window.eloquent").await;
    let left: (u32, String) = browser.eval("return [frames.length, document.title]", json!(null)).await;
    assert_eq!(left, (0, "Host".to_owned()));
    assert_eq!(browser.storage().await, "[{},{}]");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_the_page_moves_goes_on_where_it_was() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    chat.identify(app.token(json!({ "user_id": "ada" })).expose()).await;
    browser
        .eval::<()>(
            "const html = document.createElement('html');
            html.append(document.createElement('head'), document.createElement('body'));
            document.documentElement.replaceWith(html)",
            json!(null),
        )
        .await;
    browser.until::<bool>("heard.filter(({ type }) => type == 'ready').length == 2").await;
    browser
        .until::<bool>(
            "heard.filter(({ type, data }) => type == 'identify' && data.userId == 'ada').length == 2",
        )
        .await;
    opened(&browser).await;
    assert!(ask(&browser, QUESTION).await.contains("Open the order"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_on_the_agents_list_gets_no_frame_and_says_how_to_reach_somebody() {
    let app = scene::app(Duration::ZERO).await;
    let scope = app.scope;
    app.write(move |writer| writer.set_allowed_origins(&scope, &["https://shop.example.com".to_owned()]))
        .await;
    let host = strict(&app, "data-mode=\"frame\" data-contact=\"help@example.com\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.click(".launcher").await;
    let link = chat.until("root.querySelector('.note:not([hidden]) a')?.href").await;
    assert_eq!(link, "mailto:help@example.com");
    chat.until("!root.querySelector('iframe')").await;
    chat.until("root.querySelector('.note').textContent.includes('not available on this page')").await;
}
