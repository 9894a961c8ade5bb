//! Browsers whose owners withhold cookies and storage, by the browser's own settings: from sites other
//! than the page's, as the chat's server is, or from all. Nothing the chat does depends on them.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser, Withheld,
        chat::Chat,
        engine::Ability,
        host::{HostPage, page, tag},
        lacks,
    },
};
use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::{frame::press, scene};

const QUESTION: &str = "How do I ask for a refund?";

/// What a script can do with the browser's storages where it is evaluated.
const PROBE: &str = "return ['localStorage', 'sessionStorage'].map((name) => {
        try { window[name].setItem('probe', '1'); window[name].removeItem('probe'); return 'kept'; } catch (error) { return error.name; }
    }).concat((document.cookie = 'probe=1; SameSite=None; Secure', document.cookie))";

/// Opens the chat, asks, is identified and logs out; then the page is loaded again and does the same.
async fn works_from_memory(browser: &Browser, app: &TestApp, framed: bool) {
    let chat = Chat(browser);
    for _ in 0..2 {
        browser
            .eval::<()>("window.heard = []; addEventListener('eloquent:message:received', ({ detail }) => heard.push(detail.data.text))", json!(null))
            .await;
        chat.click(".launcher").await;
        if framed {
            chat.until("root.querySelector('iframe.panel:not(.closed)') && root.activeElement?.localName == 'iframe'").await;
            press(browser, QUESTION, Key::Enter).await;
        } else {
            chat.is_open().await;
            chat.send(QUESTION).await;
        }
        let answer: String = browser.until("heard[0]").await;
        assert!(answer.contains("Open the order"), "{answer}");
        let token = app.token(json!({ "user_id": "ada" }));
        assert_eq!(chat.identify(token.expose()).await["ok"], true);
        assert_eq!(chat.state().await["identified"], true);
        assert_eq!(chat.call("logout", Value::Null).await["ok"], true);
        assert_eq!(chat.call("close", Value::Null).await["open"], false);
        assert_eq!(chat.call("destroy", Value::Null).await["ok"], true);
        browser.assert_no_errors(&[]).await;
        browser.reload().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn withheld_cookies_and_storage_cost_nothing_but_memory() {
    if lacks(Ability::Emulation) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    for withheld in [Withheld::ThirdParty, Withheld::All] {
        let browser = Browser::start().await;
        browser.withhold(withheld).await;
        for mode in ["page", "frame"] {
            let attributes = format!("data-mode=\"{mode}\" data-expose-messages");
            let host = HostPage::serve(page("", &tag(&app, &attributes))).await;
            browser.goto(&host.url).await;
            let own: Vec<String> = browser.eval(PROBE, json!(null)).await;
            let kept = ["kept", "kept", "probe=1"];
            assert_eq!(own == kept, withheld == Withheld::ThirdParty, "{withheld:?}: {own:?}");
            works_from_memory(&browser, &app, mode == "frame").await;
        }
        // In a frame of the server's on somebody's page.
        let frame = format!("<iframe id=\"probe\" src=\"{}\"></iframe>", app.at("/healthz"));
        let host = HostPage::serve(page("", &frame)).await;
        browser.goto(&host.url).await;
        browser.enter_frame(browser.find("#probe").await).await;
        let there: Vec<String> = browser.eval(PROBE, json!(null)).await;
        browser.leave_frame().await;
        assert_eq!(there[2], "", "{withheld:?}: {there:?}");
    }
}
