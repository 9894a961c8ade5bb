//! Who talks: a verified visitor, and people of the company.

use std::time::Duration;

use eloquent_server::api_key::ApiSecret;
use eloquent_store::NewApiKey;
use eloquent_tests::{
    app::{TestApp, mint},
    browser::{Browser, chat::Chat, engine::Ability, host::HostPage, lacks},
};
use eloquent_types::time::Timestamp;
use serde_json::{Value, json};

use super::frame::{keep, scroll_to};
use crate::browser::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

/// The administration API, as a script of the company's uses it.
struct Desk {
    base: String,
    key: String,
}

impl Desk {
    async fn of(app: &TestApp) -> Self {
        let (secret, now) = (ApiSecret::generate().expect("a key"), Timestamp::from_secs(app.now_secs()));
        let (name, last_four) = ("desk".to_owned(), secret.last_four().to_owned());
        let new = NewApiKey { id: mint(now), name, hash: secret.hash(), last_four, now };
        let company = app.company;
        app.write(move |writer| writer.create_api_key(&company, &new)).await;
        Self {
            base: app.at(&format!("/api/v1/agents/{}/conversations", app.agent)),
            key: secret.expose().to_owned(),
        }
    }

    async fn post(&self, conversation: &str, what: &str, body: Value) {
        let request = reqwest::Client::new().post(format!("{}/{conversation}/{what}", self.base));
        let answer = request.bearer_auth(&self.key).json(&body).send().await.expect("sent");
        assert!(answer.status().is_success(), "{what}: {} {:?}", answer.status(), answer.text().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_visitor_and_a_person() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let claims =
        json!({ "user_id": "ada", "email": "ada@example.com", "name": "Ada Okafor", "plan": "Enterprise" });
    assert_eq!(chat.identify(app.token(claims).expose()).await["identified"], true);
    chat.open().await;
    keep(chat, "c1-verified", &["root.querySelector('.status.verified')"]).await;
    chat.ask("Which plan am I on?").await;
    keep(
        chat,
        "c2-verified-answer",
        &["root.querySelector('.row.agent').textContent.includes('Enterprise')"],
    )
    .await;
    chat.click("[data-do=menu]").await;
    keep(
        chat,
        "c3-menu",
        &[
            "root.querySelector('.menu [data-do=handover]').checkVisibility()",
            "root.querySelector('[data-do=menu][aria-expanded=true]')",
        ],
    )
    .await;
    chat.click("[data-do=handover]").await;
    keep(chat, "c4-waiting-for-a-person", &["root.querySelector('.row.event')"]).await;

    let desk = Desk::of(&app).await;
    let conversation = chat.state().await["conversationId"].as_str().expect("a conversation").to_owned();
    desk.post(&conversation, "assign", json!({ "operator": "Noor" })).await;
    desk.post(&conversation, "reply", json!({ "text": "Hello Ada, this is **Noor**. How can I help you?" }))
        .await;
    keep(
        chat,
        "c5-person-joined",
        &[
            "root.querySelector('.row.operator')?.textContent.includes('Noor')",
            "[...root.querySelectorAll('.row.event')].some((row) => row.textContent.includes('Noor'))",
        ],
    )
    .await;
    chat.send("I would like to change my plan.").await;
    chat.until(
        "[...root.querySelectorAll('.row.visitor')].length == 2 && !root.querySelector('.row.sending')",
    )
    .await;
    desk.post(&conversation, "reply", json!({ "text": "Done. Anything else?" })).await;
    keep(chat, "c6-talking-to-a-person", &["[...root.querySelectorAll('.row.operator')].length == 2"]).await;
    desk.post(&conversation, "resolve", json!({})).await;
    keep(chat, "c7-resolved", &["[...root.querySelectorAll('.row.event')].length >= 3"]).await;

    chat.call("newConversation", Value::Null).await;
    chat.ask("How do I ask for a refund?").await;
    chat.click(".head [data-do=history]:not(.back)").await;
    keep(
        chat,
        "c8-conversations",
        &[
            "root.querySelectorAll('.list .item').length == 2",
            "root.querySelector('.list [aria-current=true]')",
        ],
    )
    .await;
    chat.click(".list .item:nth-of-type(2)").await;
    keep(chat, "c9-an-earlier-conversation", &["[...root.querySelectorAll('.row.operator')].length == 2"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_while_one_reads_further_up() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(LONG_QUESTION).await;
    scroll_to(chat, ".row.visitor").await;
    let desk = Desk::of(&app).await;
    let conversation = chat.state().await["conversationId"].as_str().expect("a conversation").to_owned();
    for text in ["Hello, this is Noor.", "I have read along: may I send you another machine?"] {
        desk.post(&conversation, "reply", json!({ "text": text })).await;
    }
    keep(chat, "c10-new-messages-below", &["root.querySelector('.latest').textContent.includes('2')"]).await;
    chat.click("[data-do=latest]").await;
    keep(
        chat,
        "c11-at-the-end",
        &[
            "!root.querySelector('.latest').checkVisibility()",
            "root.querySelectorAll('.row.operator').length == 2",
        ],
    )
    .await;
}
