//! Numbers in words, in each language, with the browser's own rules.

use eloquent_types::{theme::Theme, time::Timestamp};
use eloquent_widget_core::{CallId, Command, Msg, Options, State, Stored, update, view};
use js_sys::{JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::window;
use crate::{
    convert::{get, set},
    words::count,
};

/// So many new messages: 0, 1, 2, 5, 21.
const NUMBERS: [u32; 5] = [0, 1, 2, 5, 21];

const FILES: [(&str, &str, [&str; 5]); 13] = [
    (
        "de",
        include_str!("../../../../www/locales/de.json"),
        [
            "0 neue Nachrichten",
            "1 neue Nachricht",
            "2 neue Nachrichten",
            "5 neue Nachrichten",
            "21 neue Nachrichten",
        ],
    ),
    (
        "fr",
        include_str!("../../../../www/locales/fr.json"),
        [
            "0 nouveau message",
            "1 nouveau message",
            "2 nouveaux messages",
            "5 nouveaux messages",
            "21 nouveaux messages",
        ],
    ),
    (
        "es",
        include_str!("../../../../www/locales/es.json"),
        [
            "0 mensajes nuevos",
            "1 mensaje nuevo",
            "2 mensajes nuevos",
            "5 mensajes nuevos",
            "21 mensajes nuevos",
        ],
    ),
    (
        "pt",
        include_str!("../../../../www/locales/pt.json"),
        [
            "0 nova mensagem",
            "1 nova mensagem",
            "2 novas mensagens",
            "5 novas mensagens",
            "21 novas mensagens",
        ],
    ),
    (
        "it",
        include_str!("../../../../www/locales/it.json"),
        [
            "0 nuovi messaggi",
            "1 nuovo messaggio",
            "2 nuovi messaggi",
            "5 nuovi messaggi",
            "21 nuovi messaggi",
        ],
    ),
    (
        "nl",
        include_str!("../../../../www/locales/nl.json"),
        [
            "0 nieuwe berichten",
            "1 nieuw bericht",
            "2 nieuwe berichten",
            "5 nieuwe berichten",
            "21 nieuwe berichten",
        ],
    ),
    (
        "pl",
        include_str!("../../../../www/locales/pl.json"),
        [
            "0 nowych wiadomości",
            "1 nowa wiadomość",
            "2 nowe wiadomości",
            "5 nowych wiadomości",
            "21 nowych wiadomości",
        ],
    ),
    (
        "tr",
        include_str!("../../../../www/locales/tr.json"),
        ["0 yeni mesaj", "1 yeni mesaj", "2 yeni mesaj", "5 yeni mesaj", "21 yeni mesaj"],
    ),
    (
        "ja",
        include_str!("../../../../www/locales/ja.json"),
        [
            "新着メッセージ0件",
            "新着メッセージ1件",
            "新着メッセージ2件",
            "新着メッセージ5件",
            "新着メッセージ21件",
        ],
    ),
    (
        "ko",
        include_str!("../../../../www/locales/ko.json"),
        ["새 메시지 0개", "새 메시지 1개", "새 메시지 2개", "새 메시지 5개", "새 메시지 21개"],
    ),
    (
        "zh-Hans",
        include_str!("../../../../www/locales/zh-Hans.json"),
        ["0 条新消息", "1 条新消息", "2 条新消息", "5 条新消息", "21 条新消息"],
    ),
    (
        "ar",
        include_str!("../../../../www/locales/ar.json"),
        ["لا رسائل جديدة", "رسالة جديدة واحدة", "رسالتان جديدتان", "5 رسائل جديدة", "21 رسالة جديدة"],
    ),
    (
        "he",
        include_str!("../../../../www/locales/he.json"),
        ["0 הודעות חדשות", "הודעה חדשה אחת", "שתי הודעות חדשות", "5 הודעות חדשות", "21 הודעות חדשות"],
    ),
];

/// A machine that speaks this language.
fn speaking(tag: &str, file: &str) -> State {
    let table: Object = JSON::parse(file).unwrap().unchecked_into();
    let words = Object::values(&table).iter().map(|word| word.as_string().unwrap()).collect();
    let mut state = State::new(Options {
        seed: [1; 32],
        locale: Some(tag.into()),
        browser_locale: String::new(),
        launcher_hidden: false,
        theme: Theme::default(),
        expose_messages: false,
        stored: Stored::default(),
    });
    let mut send = |message| update(&mut state, Timestamp::from_secs(1), message);
    send(Msg::Start);
    let locale = eloquent_widget_core::LANGUAGES.into_iter().find(|known| *known == tag).unwrap();
    send(Msg::Words { locale, words: Some(words) });
    send(Msg::Command { call: CallId(1), command: Command::GetState });
    state
}

#[wasm_bindgen_test]
fn every_language_has_its_words_for_every_number() {
    for (tag, file, expected) in FILES {
        let state = speaking(tag, file);
        let view = view(&state);
        assert_eq!((view.strings.locale, view.locale), (tag, tag));
        for (number, expected) in NUMBERS.into_iter().zip(expected) {
            let digits = String::from(js_sys::Number::from(number).to_locale_string(tag));
            let expected = expected.replace(&number.to_string(), &digits);
            assert_eq!(count(view.strings.new_messages, number, view.locale), expected, "{tag}");
        }
    }
}

#[wasm_bindgen_test]
fn european_portuguese_has_none_in_the_plural() {
    let state = speaking("pt", include_str!("../../../../www/locales/pt.json"));
    let words = view(&state).strings.new_messages;
    assert_eq!(count(words, 0, "pt-BR"), "0 nova mensagem");
    assert_eq!(count(words, 0, "pt-PT"), "0 novas mensagens");
}

#[wasm_bindgen_test]
fn a_page_that_has_taken_intl_away_still_has_words() {
    let (window, words) = (window(), eloquent_widget_core::Strings::english().unread);
    assert_eq!(count(words, 1_000, "en"), "1,000 unread messages");
    let own = get(&window, "Intl");
    for broken in [JsValue::UNDEFINED, JsValue::NULL, 7.into(), Object::new().into()] {
        set(window.unchecked_ref(), "Intl", broken);
        assert_eq!(count(words, 1_000, "en"), "1000 unread messages");
    }
    set(window.unchecked_ref(), "Intl", own);
    // A tag that `Intl` refuses.
    assert_eq!(count(words, 2, "?"), "2 unread messages");
}
