//! The same on other screens, and for people who prefer something else.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Preference, Screen, chat::Chat, engine::Ability, host::HostPage, lacks,
};
use serde_json::{Value, json};

use super::frame::{keep, scroll_to};
use crate::browser::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

const WAYS: [(&str, Screen, &[Preference]); 6] = [
    ("dark", Screen::DESKTOP, &[Preference::Dark]),
    ("phone", Screen::PHONE, &[]),
    ("phone-dark", Screen::PHONE, &[Preference::Dark]),
    ("zoomed", Screen::ZOOMED, &[]),
    ("forced-colors", Screen::DESKTOP, &[Preference::ForcedColors]),
    ("reduced-motion", Screen::DESKTOP, &[Preference::ReducedMotion]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_and_preference_has_room_for_everything() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    for (way, screen, preferences) in WAYS {
        browser.screen(screen).await;
        browser.prefer(preferences).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        let claims = json!({ "user_id": way, "name": "Ada Okafor", "plan": "Enterprise" });
        assert_eq!(chat.identify(app.token(claims).expose()).await["identified"], true);
        keep(chat, &format!("f-{way}-1-launcher"), &["root.querySelector('.launcher')"]).await;
        chat.open().await;
        keep(chat, &format!("f-{way}-2-empty"), &["root.querySelector('.starter')"]).await;
        chat.ask("Which plan am I on?").await;
        chat.ask(LONG_QUESTION).await;
        keep(chat, &format!("f-{way}-3-end"), &["root.querySelectorAll('.row.agent').length >= 2"]).await;
        scroll_to(chat, ".rich .table").await;
        keep(chat, &format!("f-{way}-4-table"), &["root.querySelector('.rich table')"]).await;
        chat.click(".head [data-do=history]:not(.back)").await;
        keep(chat, &format!("f-{way}-5-conversations"), &["root.querySelector('.list .item')"]).await;
        chat.click(".head .back").await;
        chat.call("logout", Value::Null).await;
        chat.call("close", Value::Null).await;
    }
}
