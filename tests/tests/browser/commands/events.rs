//! What a page hears, and what goes along with a message: each event with its data, texts only where they
//! are asked for, tracked events and the page once with the message that they belong to.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser,
    chat::Chat,
    host::{HostPage, page, tag},
};
use serde_json::{Value, json};

use crate::browser::scene;

/// Notes every event of the widget, as `window.heard`: by name, with its data.
const HEAR: &str = "<script>
    window.heard = [];
    const names = ['ready', 'open', 'close', 'identify', 'identity:changed', 'logout', 'message:sent',
        'message:received', 'conversation:started', 'unread', 'link:click', 'error', 'destroy'];
    for (const name of names)
        addEventListener('eloquent:' + name, ({ detail }) => heard.push([detail.type, detail.data]));
</script>";

/// Notes the body of every message that is sent, as `window.sent`.
const OBSERVE: &str = "<script>
    window.sent = [];
    const send = window.fetch;
    window.fetch = async (request, ...rest) => {
        if (request.url?.endsWith('/chat')) sent.push(JSON.parse(await request.clone().text()));
        return send(request, ...rest);
    };
</script>";

/// The data of every event of this name.
async fn heard(browser: &Browser, name: &str) -> Vec<Value> {
    let script = "return heard.filter(([name]) => name == args).map(([, data]) => data)";
    browser.eval(script, json!(name)).await
}

async fn one(browser: &Browser, name: &str) -> Value {
    browser.until::<bool>(&format!("heard.some(([name]) => name == '{name}')")).await;
    heard(browser, name).await.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_what_happened_and_the_text_where_the_page_wants_it() {
    for (attributes, exposed) in
        [("", false), ("data-expose-messages", true), ("data-expose-messages=false", false)]
    {
        let app = scene::app(Duration::ZERO).await;
        scene::teach(&app, app.scope, "# Prices\n\n## Price list\n\nSee the [price list](https://shop.example/prices#a) for each roast.\n").await;
        let host = HostPage::serve(page(HEAR, &tag(&app, attributes))).await;
        let browser = Browser::start().await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.open().await;
        let question = "Where is the price list?";
        let answer = chat.ask(question).await;
        let (sent, received) = (one(&browser, "message:sent").await, one(&browser, "message:received").await);
        let texts = [sent["text"].clone(), received["text"].clone()];
        if exposed {
            assert_eq!(texts[0], question);
            assert!(texts[1].as_str().is_some_and(|text| text.contains("price list")), "{received} {answer}");
        } else {
            assert_eq!(texts, [Value::Null, Value::Null]);
        }
        let conversation = chat.state().await["conversationId"].clone();
        assert_eq!([&sent["conversationId"], &received["conversationId"]], [&conversation; 2]);
        assert_eq!(one(&browser, "conversation:started").await, json!({ "conversationId": conversation }));

        // The page decides where its visitors go; the widget tells all the same.
        browser.eval::<()>("addEventListener('click', (event) => event.preventDefault())", json!(null)).await;
        chat.click(".rich a").await;
        let link = one(&browser, "link:click").await;
        let expected = json!({ "url": "https://shop.example/prices#a", "messageId": received["messageId"] });
        assert_eq!(link, expected);

        chat.call("close", Value::Null).await;
        chat.call("sendMessage", json!(question)).await;
        browser.until::<bool>("heard.some(([name, data]) => name == 'unread' && data.count == 1)").await;
        chat.identify(app.token(json!({ "user_id": "ada" })).expose()).await;
        assert_eq!(one(&browser, "identify").await["userId"], "ada");
        chat.identify(app.token(json!({ "user_id": "bob" })).expose()).await;
        assert_eq!(one(&browser, "identity:changed").await, json!({ "code": null }));
        chat.call("logout", Value::Null).await;
        chat.call("destroy", Value::Null).await;
        for name in ["ready", "open", "close", "logout", "destroy"] {
            assert_eq!(one(&browser, name).await, json!({}), "{name}");
        }
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_the_visitor_is_an_error_with_a_code() {
    let app = scene::app(Duration::ZERO).await;
    let unknown = tag(&app, "").replace(&app.agent.to_string(), "agt_01h2xcejqtf2nbrexx3vqjhp41");
    let host = HostPage::serve(page(HEAR, &unknown)).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    Chat(&browser).call("open", Value::Null).await;
    assert_eq!(one(&browser, "error").await, json!({ "code": "agent_not_found" }));
    assert_eq!(Chat(&browser).state().await["status"], "unavailable");
    browser.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_the_page_go_along_with_the_message_that_they_belong_to() {
    for mode in ["page", "frame"] {
        let app = scene::app(Duration::ZERO).await;
        let host = HostPage::serve(page(OBSERVE, &tag(&app, &format!("data-mode={mode}")))).await;
        let browser = Browser::start().await;
        let address = format!("{}shop?item=7#access_token=secret", host.url);
        browser.goto(&address).await;
        let chat = Chat(&browser);
        for number in 0..25 {
            let script = "return eloquent.trackEvent('seen', { number: args, coupon: null, member: true })";
            browser.until::<bool>("!!window.eloquent?.agentId").await;
            assert_eq!(browser.eval::<Value>(script, json!(number)).await, json!({ "ok": true }));
        }
        let big = json!(["big", { "p": "x".repeat(2_048) }]);
        let refused: Value = browser.eval("return eloquent('trackEvent', ...args)", big).await;
        assert_eq!(refused["code"], "invalid_argument");
        chat.call("sendMessage", json!("One")).await;
        chat.call("page", json!({ "url": "/checkout", "title": "t".repeat(400) })).await;
        chat.call("trackEvent", json!("paid")).await;
        chat.call("sendMessage", json!("Two")).await;
        chat.call("page", Value::Null).await;
        chat.call("sendMessage", json!("Three")).await;
        if mode == "frame" {
            // What leaves the frame cannot be seen from here; that it was taken can.
            continue;
        }
        let sent: Vec<Value> = browser.eval("return sent", json!(null)).await;
        let events: Vec<Value> = sent.iter().map(|body| body["events"].clone()).collect();
        let first = events[0].as_array().unwrap();
        assert_eq!(first.len(), 20, "the newest");
        assert_eq!(first[0]["properties"], json!({ "number": "5", "member": "true" }));
        assert!(first[0]["at"].is_string() && first[0]["name"] == "seen", "{}", first[0]);
        assert_eq!(events[1].as_array().unwrap().len(), 1);
        assert_eq!((&events[1][0]["name"], &events[2]), (&json!("paid"), &Value::Null));
        let own = json!({ "url": format!("{}shop?item=7", host.url), "title": "Host" });
        assert_eq!([&sent[0]["page"], &sent[2]["page"]], [&own; 2]);
        assert_eq!(sent[1]["page"], json!({ "url": "/checkout", "title": "t".repeat(300) }));
        assert!(!format!("{sent:?}").contains("secret"));
        browser.assert_no_errors(&[]).await;
    }
}
