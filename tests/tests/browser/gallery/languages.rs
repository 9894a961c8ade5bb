//! The same in other languages: from right to left, in other letters, in long words.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Screen,
    chat::Chat,
    engine::Ability,
    host::{HostPage, page, tag},
    lacks,
};
use serde_json::Value;

use super::frame::keep;
use crate::browser::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

#[tokio::test(flavor = "multi_thread")]
async fn every_language_has_its_own_words_and_direction() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let browser = Browser::start().await;
    for (language, direction) in [("ar", "rtl"), ("he", "rtl"), ("ja", "ltr"), ("de", "ltr"), ("pl", "ltr")] {
        let host = HostPage::serve(page("", &tag(&app, &format!("data-locale=\"{language}\"")))).await;
        browser.screen(Screen::DESKTOP).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.open().await;
        chat.ask(LONG_QUESTION).await;
        let is = [
            format!("root.querySelector('.panel').lang == '{language}'"),
            format!("root.querySelector('.panel').dir == '{direction}'"),
            "root.querySelector('textarea').placeholder != 'Write a message…'".to_owned(),
        ];
        let is: Vec<_> = is.iter().map(String::as_str).collect();
        keep(chat, &format!("e-{language}"), &is).await;
        chat.click("[data-do=menu]").await;
        keep(
            chat,
            &format!("e-{language}-menu"),
            &["root.querySelector('[data-do=menu][aria-expanded=true]')"],
        )
        .await;
        browser.screen(Screen::PHONE).await;
        keep(chat, &format!("e-{language}-phone"), &is).await;
        chat.call("logout", Value::Null).await;
    }
}
