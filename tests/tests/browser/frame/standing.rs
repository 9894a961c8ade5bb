//! What the page has told the chat holds also in a frame that was loaded anew, and in other tabs; what was
//! taken back does not.

use std::time::Duration;

use eloquent_tests::browser::{Browser, chat::Chat, engine::Ability, lacks};
use serde_json::{Value, json};

use super::{QUESTION, ask, keep_events, opened, strict};
use crate::browser::scene;

/// Moves the widget's element, as a page does that replaces its root: the frame is loaded anew.
async fn move_frame(browser: &Browser) {
    let before: u32 =
        browser.eval("return heard.filter(({ type }) => type == 'ready').length", json!(null)).await;
    browser
        .eval::<()>(
            "const html = document.createElement('html');
            html.append(document.createElement('head'), document.createElement('body'));
            document.documentElement.replaceWith(html)",
            json!(null),
        )
        .await;
    browser
        .until::<bool>(&format!("heard.filter(({{ type }}) => type == 'ready').length == {}", before + 1))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_in_several_steps_is_said_again_as_a_whole() {
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    for (command, argument) in [
        ("update", json!({ "attributes": { "cart": "three beans", "coupon": "SPRING" } })),
        ("update", json!({ "attributes": { "coupon": "AUTUMN" } })),
        ("setTheme", json!({ "accent": "#1f6f4a" })),
        ("setTheme", json!("dark")),
        ("setTheme", json!({ "position": "left" })),
        ("page", json!({ "url": "https://shop.example.com/checkout", "title": "Pay here" })),
        ("trackEvent", json!("checkout-began")),
    ] {
        assert_eq!(chat.call(command, argument).await["ok"], true, "{command}");
    }
    // What was refused is no part of it.
    assert_eq!(chat.call("setTheme", json!({ "accent": "green" })).await["code"], "invalid_argument");
    let looks = "root.host.dataset.theme == 'dark' && root.host.style.getPropertyValue('--accent') == '#1f6f4a' \
        && root.querySelector('.launcher.left') && root.querySelector('iframe.left')";
    chat.until(looks).await;

    move_frame(&browser).await;
    chat.until(looks).await;
    opened(&browser).await;
    ask_unheard(&browser).await;
    let asked = scene::conversations(&app, app.scope).await.remove(0);
    let question = &asked.messages[0];
    let hints: Vec<_> =
        question.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(hints, [("cart", "three beans"), ("coupon", "AUTUMN")]);
    let page = question.page.as_ref().unwrap();
    assert_eq!((page.url.as_str(), page.title.as_str()), ("https://shop.example.com/checkout", "Pay here"));
    let events: Vec<_> = asked.page_events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(events, ["checkout-began"]);

    // What has gone along with a message does not go along with another.
    move_frame(&browser).await;
    let answers = "heard.filter(({ type }) => type == 'message:received').length";
    let before: u32 = browser.eval(&["return ", answers].concat(), json!(null)).await;
    opened_again(&browser).await;
    super::press(&browser, "And again?", thirtyfour::Key::Enter).await;
    browser.until::<bool>(&format!("{answers} > {before}")).await;
    let asked = scene::conversations(&app, app.scope).await.remove(0);
    assert_eq!(asked.page_events.len(), 1);
    browser.assert_no_errors(&[]).await;
}

/// The panel of a frame that was moved while it was open, or opened now; with the focus in it.
async fn opened_again(browser: &Browser) {
    let chat = Chat(browser);
    assert_eq!(chat.call("open", Value::Null).await["open"], true);
    chat.until("root.querySelector('iframe.panel:not(.closed)')").await;
    browser.enter_frame(chat.find("iframe").await).await;
    let focus = "document.querySelector('eloquent-widget').shadowRoot.querySelector('textarea').focus()";
    browser.eval::<()>(focus, json!(null)).await;
    browser.leave_frame().await;
}

/// Asks, on a page that hears nothing of the texts.
async fn ask_unheard(browser: &Browser) {
    super::press(browser, QUESTION, thirtyfour::Key::Enter).await;
    browser.until::<bool>("heard.some(({ type }) => type == 'message:received')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_is_heard_in_other_tabs_and_not_undone_by_a_move() {
    if lacks(Ability::Tabs) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = strict(&app, "data-mode=\"frame\"").await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    let token = app.token(json!({ "user_id": "ada" }));
    assert_eq!(chat.identify(token.expose()).await["ok"], true);
    let first = browser.tab().await;
    browser.new_tab().await;
    browser.goto(&host.url).await;
    assert_eq!(chat.identify(token.expose()).await["ok"], true);
    assert_eq!(chat.call("logout", Value::Null).await["ok"], true);
    browser.switch_to(&first).await;
    browser.until::<bool>("heard.some(({ type }) => type == 'logout')").await;
    assert_eq!(chat.state().await["identified"], false);
    move_frame(&browser).await;
    assert_eq!(chat.state().await["identified"], false);
    opened(&browser).await;
    assert!(ask(&browser, QUESTION).await.contains("Open the order"));
    assert_eq!(
        browser
            .eval::<u32>("return heard.filter(({ type }) => type == 'identify').length", json!(null))
            .await,
        1
    );
    browser.assert_no_errors(&[]).await;
}
