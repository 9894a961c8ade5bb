//! Whom the frame and the page around it listen to: each other, by the channel that they share, and nobody
//! else.

use std::time::Duration;

use eloquent_store::ConversationFilter;
use eloquent_tests::browser::{
    Browser,
    chat::Chat,
    host::{HostPage, page, tag},
};
use serde_json::{Value, json};

use super::{QUESTION, keep_events, opened, press};
use crate::browser::scene;

/// Posts, again and again, all that the two could take for each other's: to every frame and to the page
/// around, with a channel of its own. Counts what comes back.
const FORGER: &str = "<script>
    window.back = 0;
    const commands = [
        { eloquent: 1, agentId: '{agent}', options: {}, page: { url: 'https://evil.example/', title: 'Evil' } },
        { call: [1, 'sendMessage', ['forged']] }, { call: [2, 'destroy', []] }, { end: 1 }, { crash: 'forged' },
        { event: { id: '', type: 'logout', createdAt: '', data: {} } }, { settle: [1, { ok: true }] },
        { css: '* { display: none !important }' }, { badge: '(99) ' }, { press: 'close' }, { token: [1, 'forged'] },
        { ready: 1 }, { failed: 'forged' }, { hello: 1 },
    ];
    window.forge = () => {
        const targets = new Set([window, parent, top]);
        for (let index = 0; index < parent.frames.length; index += 1) targets.add(parent.frames[index]);
        for (const target of targets) {
            for (const message of commands) {
                // The page's own scripts may start the frame: it is theirs.
                if (message.eloquent && window == top) continue;
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => { window.back += 1; };
                target.postMessage(message, '*', [port2]);
            }
        }
    };
    addEventListener('message', ({ data }) => { if (data == 'forge') { forge(); parent.postMessage({ back: window.back }, '*'); } });
    if (parent != window) forge();
    </script>";

#[tokio::test(flavor = "multi_thread")]
async fn forged_messages_change_nothing() {
    let app = scene::app(Duration::ZERO).await;
    let forger = FORGER.replace("{agent}", &app.agent.to_string());
    let evil = HostPage::serve(page(&forger, "")).await;
    let frame = format!("<iframe id=\"evil\" src=\"{}\"></iframe>", evil.url);
    let tag = tag(&app, "data-mode=\"frame\" data-expose-messages");
    let host = HostPage::serve(page(&forger, &tag).replace("</body>", &[&frame, "</body>"].concat())).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    let chat = Chat(&browser);
    let forge = "forge(); document.querySelector('#evil').contentWindow.postMessage('forge', '*')";
    // While the frame is loaded, and when it is there.
    chat.click(".launcher").await;
    for _ in 0..3 {
        browser.eval::<()>(forge, json!(null)).await;
    }
    chat.until("root.querySelector('iframe.panel:not(.closed)')").await;
    browser.eval::<()>(forge, json!(null)).await;
    press(&browser, QUESTION, thirtyfour::Key::Enter).await;
    browser.until::<bool>("heard.some(({ type, data }) => type == 'message:received' && data.text.includes('Open the order'))").await;
    browser.eval::<()>(forge, json!(null)).await;
    let state = chat.state().await;
    assert_eq!((&state["open"], &state["identified"]), (&json!(true), &json!(false)), "{state}");
    let heard: Vec<String> = browser.eval("return heard.map(({ type }) => type)", json!(null)).await;
    assert!(!heard.iter().any(|event| event == "logout" || event == "destroy"), "{heard:?}");
    assert_eq!(heard.iter().filter(|event| *event == "message:sent").count(), 1);
    assert_eq!(browser.eval::<u32>("return window.back", json!(null)).await, 0);
    browser.enter_frame(browser.find("#evil").await).await;
    assert_eq!(browser.eval::<u32>("return window.back", json!(null)).await, 0);
    browser.leave_frame().await;
    assert_eq!(browser.eval::<String>("return document.title", json!(null)).await, "Host");
    // What was asked stands with the page's own address.
    let scope = app.scope;
    let all =
        app.store.read(move |reader| reader.conversations(&scope, &ConversationFilter::default(), 50, 0));
    assert_eq!(all.await.unwrap().len(), 1);
}

/// An agent with a list of origins: another page can neither frame the chat nor speak to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_on_the_list_cannot_frame_the_chat_itself() {
    let app = scene::app(Duration::ZERO).await;
    let scope = app.scope;
    app.write(move |writer| writer.set_allowed_origins(&scope, &["https://shop.example.com".to_owned()]))
        .await;
    let agent = app.agent.to_string();
    let forger = FORGER.replace("{agent}", &agent);
    let frame = format!("<iframe src=\"{}\"></iframe>", app.at(&["/frame/", &agent].concat()));
    let evil = HostPage::serve(page(&forger, "").replace("</body>", &[&frame, "</body>"].concat())).await;
    let browser = Browser::start().await;
    browser.goto(&evil.url).await;
    for _ in 0..3 {
        let forge = "const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { back += 1; };
            frames[0].postMessage({ eloquent: 1, agentId: args, options: {}, page: {} }, '*', [port2]);
            await new Promise((resolve) => setTimeout(resolve, 200)); return back";
        assert_eq!(browser.eval::<u32>(forge, json!(agent)).await, 0);
    }
}

/// An agent that the server does not know: the panel opens, and says that nobody is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_agent_is_told_in_the_panel() {
    let app = scene::app(Duration::ZERO).await;
    let other = "agt_01kz8w2f3ze1qr4tt0v6rxk7ab";
    let tag = tag(&app, "data-mode=\"frame\"").replace(&app.agent.to_string(), other);
    let host = HostPage::serve(page("", &tag)).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.click(".launcher").await;
    chat.until("root.querySelector('iframe.panel:not(.closed)')").await;
    browser.enter_frame(chat.find("iframe").await).await;
    chat.until("root.querySelector('.status.away')?.textContent.includes('Not available right now')").await;
    browser.leave_frame().await;
    assert_eq!(chat.state().await["status"], "unavailable");
    assert_eq!(chat.call("sendMessage", json!("hello")).await["ok"], Value::Bool(false));
}

/// Also what the frame has kept in the browser goes.
#[tokio::test(flavor = "multi_thread")]
async fn destroy_empties_the_frames_own_storage() {
    let app = scene::app(Duration::ZERO).await;
    let frame = format!("<iframe id=\"probe\" src=\"{}\"></iframe>", app.at("/healthz"));
    let tag = tag(&app, "data-mode=\"frame\" data-expose-messages");
    let host = HostPage::serve(page("", &tag).replace("</body>", &[&frame, "</body>"].concat())).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    keep_events(&browser).await;
    opened(&browser).await;
    super::ask(&browser, QUESTION).await;
    let entries = "return { ...localStorage }";
    browser.enter_frame(browser.find("#probe").await).await;
    let kept: Value = browser.eval(entries, json!(null)).await;
    browser.leave_frame().await;
    assert_eq!(kept.as_object().unwrap().len(), 1, "{kept}");
    assert_eq!(Chat(&browser).call("destroy", Value::Null).await["ok"], true);
    browser.enter_frame(browser.find("#probe").await).await;
    browser.until::<bool>("localStorage.length == 0").await;
    browser.leave_frame().await;
    assert_eq!(browser.eval::<u32>("return frames.length", json!(null)).await, 1);
    browser.assert_no_errors(&[]).await;
}
