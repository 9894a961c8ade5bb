//! The list of messages as somebody who reads it: a long history is a window, the reading place stays,
//! nobody who has scrolled up is pulled back, and while an answer streams only its end changes.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{Browser, chat::Chat, host::HostPage},
    client::Client,
};
use serde_json::{Value, json};
use thirtyfour::Key;

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, teach};

/// What the scripts below begin with.
const PARTS: &str = "const root = document.querySelector('eloquent-widget').shadowRoot;
    const scroll = root.querySelector('.scroll');
    const rows = () => [...root.querySelectorAll('.log > .row')];
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));";

/// Runs a script with [`PARTS`].
async fn eval<T: serde::de::DeserializeOwned>(browser: &Browser, script: &str) -> T {
    browser.eval(&[PARTS, script].concat(), json!(null)).await
}

/// A visitor with a conversation of so many questions, each with its answer, and the token that shows it.
async fn with_history(app: &TestApp, questions: usize) -> String {
    let token = app.token(json!({ "user_id": "ada" }));
    let mut visitor = Client::with_token(&token);
    let mut conversation: Option<String> = None;
    for number in 0..questions {
        let transcript =
            visitor.chat(app, &format!("Question number {number}"), conversation.as_deref()).await;
        conversation = Some(transcript.accepted().conversation_id.to_string());
    }
    token.expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_a_window_in_which_the_reading_place_stays() {
    let app = scene::app(Duration::ZERO).await;
    let token = with_history(&app, 140).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.identify(&token).await;
    chat.open().await;
    chat.until("root.querySelectorAll('.log > .row').length > 20").await;
    let at_end = "return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight";
    assert!(eval::<i32>(&browser, at_end).await < 2, "it opens at the end");

    // Up to the very first, a screen at a time: what was in sight stays where it was.
    let upwards = "
        const seen = new Set(), most = { rows: 0, jump: 0 };
        const note = () => {
            most.rows = Math.max(most.rows, rows().length);
            for (const row of rows()) seen.add(row.querySelector('.bubble').textContent + row.className);
        };
        const at = (row) => row.getBoundingClientRect().top;
        const top = scroll.getBoundingClientRect().top;
        note();
        for (let step = 0; step < 400; step++) {
            scroll.scrollTop -= 300;
            const row = rows().find((row) => row.getBoundingClientRect().bottom > top);
            const before = at(row);
            await frame();
            // A page of older messages comes when the server has sent it.
            if (scroll.scrollTop < 600) await new Promise((done) => setTimeout(done, 30));
            if (row.isConnected) most.jump = Math.max(most.jump, Math.abs(at(row) - before));
            note();
            if (seen.has('Question number 0row visitor') && scroll.scrollTop < 1) break;
        }
        return [most.rows, Math.round(most.jump), [...seen].filter((text) => /^Question/.test(text)).length]";
    let [most, jump, questions]: [i32; 3] = eval(&browser, upwards).await;
    assert!(most <= 120, "{most} rows at once");
    assert!(jump <= 2, "what is read jumps by {jump} pixels");
    assert_eq!(questions, 140, "every question was on the screen");
    chat.until("root.querySelector('.intro:not([hidden])')").await;

    // And back by the pill.
    chat.click("[data-do=latest]").await;
    chat.until("[...root.querySelectorAll('.log > .row.visitor')].pop().textContent.includes('number 139')")
        .await;
    chat.until("(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(root.querySelector('.scroll'))").await;
    chat.until("root.querySelector('.latest').hidden").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_scrolls_up_is_not_pulled_back_and_learns_what_is_new() {
    let app = scene::app(Duration::from_millis(10)).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(LONG_QUESTION).await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 100").await;
    // A little is enough, as with a finger that begins to move.
    eval::<()>(&browser, "scroll.scrollTop -= 12; await frame()").await;
    let top: i32 = eval(&browser, "return scroll.scrollTop").await;
    chat.until("!root.querySelector('.latest').hidden").await;
    chat.answer_to(LONG_QUESTION).await;
    assert_eq!(eval::<i32>(&browser, "return scroll.scrollTop").await, top);
    let hidden = "return root.querySelector('.latest').hidden";
    assert!(!eval::<bool>(&browser, hidden).await);
    chat.click("[data-do=latest]").await;
    chat.until("root.querySelector('.latest').hidden").await;
    let focused: String = eval(&browser, "return root.activeElement.className").await;
    assert_eq!(focused, "scroll", "the keyboard goes on from the list");

    // What is sent from further up is followed again.
    eval::<()>(&browser, "scroll.scrollTop = 0; await frame()").await;
    chat.ask("Which plan am I on?").await;
    let at_end = "return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 2";
    assert!(eval::<bool>(&browser, at_end).await);
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_answer_streams_only_its_end_changes() {
    let app = scene::app(Duration::from_millis(8)).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    let watch = "
        window.counts = { grown: 0, added: 0, removed: 0 };
        new MutationObserver((records) => {
            for (const { type, addedNodes, removedNodes } of records) {
                if (type == 'characterData') counts.grown++;
                counts.added += addedNodes.length;
                counts.removed += removedNodes.length;
            }
        }).observe(root.querySelector('.log'), { subtree: true, childList: true, characterData: true });";
    eval::<()>(&browser, watch).await;
    chat.ask(LONG_QUESTION).await;
    let [grown, added, removed]: [i32; 3] =
        eval(&browser, "return [counts.grown, counts.added, counts.removed]").await;
    let nodes: i32 = eval(&browser, "return root.querySelectorAll('.row.agent *').length").await;
    assert!(grown > 20, "text grows where it stands: {grown}");
    // Emphasis and links are text until they are closed, a table is drawn anew; nothing else is.
    assert!(
        removed < nodes && added < 6 * nodes,
        "{added} nodes were added and {removed} removed for {nodes}"
    );
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_times_and_what_became_of_a_message_are_told() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send("Which plan am I on?").await;
    chat.until("root.querySelector('.row.agent .rich') && !root.querySelector('.row.streaming')").await;
    let said: Vec<Value> = eval(
        &browser,
        "const [own, answer] = rows();
        const now = new Intl.DateTimeFormat('en', { timeStyle: 'short' }).format();
        const bubble = own.querySelector('.bubble');
        return [bubble.dataset.time.length, now.length, bubble.title.length > now.length, own.dataset.note ?? '',
            getComputedStyle(bubble, '::before').opacity, own.dataset.day ?? '', answer.querySelectorAll('.thumbs button').length]",
    )
    .await;
    assert!(said[0].as_i64().unwrap().abs_diff(said[1].as_i64().unwrap()) <= 1, "{said:?}");
    assert_eq!(said[2..], [json!(true), json!(""), json!("0"), json!(""), json!(2)], "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_without_end_and_every_direction_stay_inside_the_panel() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    for text in [
        "x".repeat(8_000),
        "\u{202e}evil\u{202c} \u{200b}\u{feff}\u{2066}isolate".to_owned(),
        "שלום עולם 123, how are you?".to_owned(),
        ["e", &"\u{301}\u{325}".repeat(300), " z\u{335}\u{335}algo"].concat(),
        "👩‍👩‍👧‍👦 🎉".to_owned(),
    ] {
        assert_eq!(chat.call("sendMessage", json!(text)).await["ok"], true);
        chat.until("!root.querySelector('.row.sending')").await;
    }
    let boxes: Vec<bool> = eval(
        &browser,
        "const panel = root.querySelector('.panel').getBoundingClientRect();
        const inside = rows().every((row) => {
            const { left, right } = row.querySelector('.bubble, :nth-child(2)').getBoundingClientRect();
            return left >= panel.left && right <= panel.right;
        });
        const [, , hebrew] = rows().filter((row) => row.matches('.visitor')).map((row) => row.querySelector('.bubble'));
        const at = (start) => {
            const range = new Range();
            range.setStart(hebrew.firstChild, start);
            range.setEnd(hebrew.firstChild, start + 1);
            return range.getBoundingClientRect().left;
        };
        return [inside, scroll.scrollWidth <= scroll.clientWidth, at(0) > at(5),
            rows().filter((row) => row.querySelector('.emoji')).length == 1]",
    )
    .await;
    assert_eq!(boxes, [true; 4]);
    browser.press(&[Key::Escape]).await;
    browser.assert_no_errors(&[]).await;
}
