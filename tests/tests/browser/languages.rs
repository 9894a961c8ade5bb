//! The chat in each of its languages: words, direction, days, and that everything fits.

use std::time::Duration;

use eloquent_tests::browser::{
    Browser, Screen,
    chat::Chat,
    host::{HostPage, page, tag},
};
use serde_json::{Value, json};

use super::scene;

/// A language, the placeholder of its text field, and its launcher's name with one unread message.
const LANGUAGES: [(&str, &str, &str); 14] = [
    ("en", "Write a message…", "Open chat, 1 unread message"),
    ("de", "Nachricht schreiben\u{a0}…", "Chat öffnen, 1 ungelesene Nachricht"),
    ("fr", "Écrivez un message…", "Ouvrir la discussion, 1 message non lu"),
    ("es", "Escriba un mensaje…", "Abrir el chat, 1 mensaje sin leer"),
    ("pt", "Escreva uma mensagem…", "Abrir o chat, 1 mensagem não lida"),
    ("it", "Scrivi un messaggio…", "Apri la chat, 1 messaggio non letto"),
    ("nl", "Schrijf een bericht…", "Chat openen, 1 ongelezen bericht"),
    ("pl", "Napisz wiadomość…", "Otwórz czat, 1 nieprzeczytana wiadomość"),
    ("tr", "Bir mesaj yazın…", "Sohbeti aç, 1 okunmamış mesaj"),
    ("ja", "メッセージを入力…", "チャットを開く, 未読メッセージ1件"),
    ("ko", "메시지를 입력하세요…", "채팅 열기, 읽지 않은 메시지 1개"),
    ("zh-Hans", "输入消息…", "打开聊天, 1 条未读消息"),
    ("ar", "اكتب رسالة…", "فتح الدردشة, رسالة واحدة غير مقروءة"),
    ("he", "כתיבת הודעה…", "פתיחת הצ׳אט, הודעה אחת שלא נקראה"),
];

/// What sticks out of the panel, or of its own place where that does not scroll.
const OVERFLOWING: &str = "
    const root = document.querySelector('eloquent-widget').shadowRoot;
    const panel = root.querySelector('.panel').getBoundingClientRect();
    const shown = [...root.querySelectorAll('.panel *')].filter((node) => node.checkVisibility?.() ?? node.offsetParent);
    const out = shown.filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width > 1 && (box.left < panel.left - 1 || box.right > panel.right + 1) && !node.closest('.silent, .menu');
    });
    const cut = shown.filter((node) => node.matches('.head, .who, form, .box, textarea, .banner, .starters, .scroll, .status')
        && node.scrollWidth > node.clientWidth + 1);
    return [...out, ...cut].map((node) => node.className || node.localName);";

fn is_rtl(locale: &str) -> bool {
    ["ar", "he"].contains(&locale)
}

async fn speak(chat: &Chat<'_>, locale: &str) {
    assert_eq!(chat.call("setLocale", json!(locale)).await, json!({ "ok": true }), "{locale}");
    chat.until(&format!("root.querySelector('.panel').lang == '{locale}'")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_language_is_spoken_at_once_and_everything_fits() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    for screen in [Screen::DESKTOP, Screen::PHONE] {
        browser.screen(screen).await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.call("open", Value::Null).await;
        chat.is_open().await;
        chat.ask("How do I ask for a refund?").await;
        for (locale, placeholder, _) in LANGUAGES {
            speak(&chat, locale).await;
            // The day in the language, too: the weekday stands in the time that a message shows on hovering.
            let weekday =
                format!("new Intl.DateTimeFormat('{locale}', {{ weekday: 'long' }}).format(new Date())");
            let direction = if is_rtl(locale) { "rtl" } else { "ltr" };
            let seen: Value = chat
                .until(&format!(
                    "[root.querySelector('.panel').dir || 'ltr', root.querySelector('textarea').placeholder,
                    getComputedStyle(root.querySelector('.head')).direction,
                    root.querySelector('.row .bubble').title.includes({weekday})]"
                ))
                .await;
            assert_eq!(seen, json!([direction, placeholder, direction, true]), "{locale}");
            let overflowing: Value = browser.eval(OVERFLOWING, json!(null)).await;
            assert_eq!(overflowing, json!([]), "{locale} {screen:?}");
            assert_eq!(chat.state().await["locale"], locale);
        }
        chat.call("logout", Value::Null).await;
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_launcher_is_named_in_every_language_too() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.call("sendMessage", json!("How do I ask for a refund?")).await;
    chat.until("root.querySelector('.badge:not([hidden])')?.textContent == '1'").await;
    for (locale, _, name) in LANGUAGES {
        speak(&chat, locale).await;
        let digit: String = browser.eval("return (1).toLocaleString(args)", json!(locale)).await;
        let seen = chat.until("root.querySelector('.launcher').getAttribute('aria-label')").await;
        assert_eq!(seen, json!(name.replace('1', &digit)), "{locale}");
    }
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_pages_option_or_the_documents_or_the_agents_tell() {
    let app = scene::app(Duration::ZERO).await;
    let in_french = |html: String| html.replacen("lang=\"en\"", "lang=\"fr-CA\"", 1);
    let spoken = async |html: String| {
        let host = HostPage::serve(html).await;
        let browser = Browser::start().await;
        browser.goto(&host.url).await;
        let chat = Chat(&browser);
        chat.open().await;
        chat.until("root.querySelector('.panel').lang != 'en'").await;
        let lang = chat.until("root.querySelector('.panel').lang").await;
        chat.call("setLocale", json!("auto")).await;
        (lang, chat.state().await["locale"].clone())
    };
    let document = spoken(in_french(page("", &tag(&app, "")))).await;
    assert_eq!(document, (json!("fr"), json!("fr-CA")));
    let option = spoken(in_french(page("", &tag(&app, "data-locale=\"nl-BE\"")))).await;
    assert_eq!(option, (json!("nl"), json!("fr-CA")), "`auto` leaves it to the document");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_words_the_chat_goes_on_in_english_and_fetches_them_later() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let block = "const fetch = window.fetch; window.fetch = (request) =>
        /locale-/.test(request.url) ? (window.blocked = fetch, Promise.reject(new TypeError('blocked'))) : fetch(request);";
    browser.eval::<()>(block, json!(null)).await;
    assert_eq!(chat.call("setLocale", json!("de")).await, json!({ "ok": true }));
    browser.until::<bool>("!!window.blocked").await;
    assert!(chat.ask("How do I ask for a refund?").await.len() > 10);
    assert_eq!(chat.until("root.querySelector('.panel').lang").await, "en");
    browser
        .eval::<()>("window.fetch = window.blocked; dispatchEvent(new Event('online'))", json!(null))
        .await;
    chat.until("root.querySelector('.panel').lang == 'de'").await;
    browser.assert_no_errors(&[]).await;
}
