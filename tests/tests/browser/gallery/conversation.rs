//! A conversation from the launcher on.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use eloquent_store::Logo;
use eloquent_tests::browser::{Browser, chat::Chat, engine::Ability, host::HostPage, lacks};
use serde_json::{Value, json};

use super::frame::{keep, scroll_to};
use crate::browser::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

/// A text that has no place where it could be broken, pictures, marks that lie on letters, and both
/// directions.
const AWKWARD: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsangelegenheiten \
    https://shop.example.com/a/very/long/address/without/any/place/to/break/it/in/two?and=a&long=query 👩‍👩‍👧‍👦🏳️‍🌈 \
    Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘ שלום and مرحبا in one line";

#[tokio::test(flavor = "multi_thread")]
async fn from_the_launcher_to_a_rich_answer() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::from_millis(15)).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    keep(chat, "a1-launcher", &["root.querySelector('.launcher')?.getAttribute('aria-label')"]).await;
    chat.open().await;
    keep(
        chat,
        "a2-empty-with-starters",
        &[
            "root.querySelector('.intro').textContent.includes('Hello!')",
            "root.querySelector('.starter')?.textContent == 'Which plan am I on?'",
        ],
    )
    .await;
    chat.send(LONG_QUESTION).await;
    keep(
        chat,
        "a3-streaming",
        &[
            "root.querySelector('.row.streaming .rich')?.textContent.length > 220",
            "root.querySelector('[data-do=stop]')",
        ],
    )
    .await;
    chat.answer_to(LONG_QUESTION).await;
    keep(chat, "a4-rich-answer-end", &["root.querySelector('.rich .code') && root.querySelector('.source')"])
        .await;
    scroll_to(chat, ".row.agent").await;
    keep(chat, "a5-rich-answer-beginning", &["root.querySelector('.rich ol li')"]).await;
    scroll_to(chat, ".rich .table").await;
    keep(
        chat,
        "a6-table-and-code",
        &["root.querySelector('.rich table th') && root.querySelector('.rich pre code')"],
    )
    .await;
    chat.click("[data-do=up]").await;
    keep(chat, "a7-rated", &["root.querySelector('[data-do=up][aria-pressed=true]')"]).await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 60").await;
    chat.click("[data-do=stop]").await;
    keep(chat, "a8-stopped", &["!root.querySelector('.row.streaming')"]).await;
    chat.call("sendMessage", AWKWARD.into()).await;
    keep(
        chat,
        "a9-awkward-text",
        &[
            "[...root.querySelectorAll('.row.visitor')].pop().textContent.includes('Donau')",
            "!root.querySelector('[data-do=stop]')",
        ],
    )
    .await;
    chat.call("close", Value::Null).await;
    keep(chat, "b1-closed-again", &["root.querySelector('.panel.closed')"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_the_launcher() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::from_millis(40)).await;
    let (scope, theme) =
        (app.scope, json!({ "launcher_label": "Questions?", "launcher_icon": "wave", "accent": "#1f6f4a" }));
    let theme = serde_json::from_value(theme).expect("a look");
    app.write(move |writer| writer.set_theme(&scope, &theme)).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.call("showPreview", json!({ "text": "Hello! Your order has left our roastery this morning. Is there anything that you want to know about it?" })).await;
    keep(
        chat,
        "b2-preview-and-label",
        &[
            "root.querySelector('.preview')?.textContent.includes('roastery')",
            "root.querySelector('.launcher').textContent.includes('Questions?')",
        ],
    )
    .await;
    chat.click("[data-do=dismiss]").await;
    keep(chat, "b3-label", &["!root.querySelector('.preview').checkVisibility()"]).await;
    chat.open().await;
    chat.send("How do I ask for a refund?").await;
    chat.until("root.querySelector('.row.streaming')").await;
    chat.call("close", Value::Null).await;
    keep(chat, "b4-unread", &["root.querySelector('.badge')?.textContent == '1'"]).await;
}

/// A picture: one orange point.
const POINT: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

#[tokio::test(flavor = "multi_thread")]
async fn a_look_of_its_own() {
    if lacks(Ability::DevTools) {
        return;
    }
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let scope = app.scope;
    let theme = json!({
        "accent": "#8a3b12", "background": "#fff8ec", "text": "#3a2412", "radius": 6, "font": "serif",
        "position": "left", "launcher_icon": "spark",
    });
    let theme = serde_json::from_value(theme).expect("a look");
    let logo = Logo::parse(BASE64_STANDARD.decode(POINT).expect("bytes")).expect("a picture");
    app.write(move |writer| {
        writer.set_theme(&scope, &theme)?;
        writer.set_logo(&scope, Some(&logo))
    })
    .await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    keep(
        chat,
        "b5-look-and-logo",
        &[
            "root.querySelector('.head img')?.naturalWidth == 1",
            "getComputedStyle(root.querySelector('.panel')).backgroundColor == 'rgb(255, 248, 236)'",
            "root.querySelector('.panel').getBoundingClientRect().left < 100",
        ],
    )
    .await;
    chat.ask(LONG_QUESTION).await;
    keep(chat, "b6-look-answer", &["root.querySelector('.rich .code')"]).await;
    browser.prefer_dark(true).await;
    keep(
        chat,
        "b7-look-dark",
        &["getComputedStyle(root.querySelector('.panel')).backgroundColor != 'rgb(255, 248, 236)'"],
    )
    .await;
}
