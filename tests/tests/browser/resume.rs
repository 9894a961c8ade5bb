//! A page that is loaded again in the middle of an answer, and a connection that breaks there: no
//! character is lost or doubled.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser, PATIENCE,
        chat::{Chat, Line},
        gate::Gate,
        host::{HostPage, STUB, page, tag, tag_from},
    },
};
use eloquent_types::conversation::MessageState;
use serde_json::json;

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, stored_answer, teach};

/// Waits until some of the answer is there, and makes sure that the rest is not.
async fn reach_the_middle(chat: &Chat<'_>) -> usize {
    let start = std::time::Instant::now();
    loop {
        if let Some(Line { text, state, .. }) = chat.lines().await.last()
            && state == "streaming"
            && text.chars().count() > 60
        {
            return text.chars().count();
        }
        assert!(start.elapsed() < PATIENCE, "the answer never began: {:#?}", chat.lines().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The page has the whole conversation, once, exactly as the store has it.
async fn assert_whole(app: &TestApp, chat: &Chat<'_>) {
    let shown = chat.answer_to(LONG_QUESTION).await;
    let (stored, state) = stored_answer(app, app.scope).await;
    assert_eq!(state, MessageState::Complete);
    assert_eq!(shown, stored);
    assert!(shown.contains("machine --rinse 2"), "{shown}");
    let authors: Vec<_> = chat.lines().await.into_iter().map(|line| line.author).collect();
    assert_eq!(authors, ["visitor", "agent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_page_that_is_reloaded_in_mid_answer_goes_on_where_it_was() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    reach_the_middle(&chat).await;
    browser.reload().await;
    assert_eq!(stored_answer(&app, app.scope).await.1, MessageState::Streaming, "the reload came too late");
    // The panel was open, so it is open again, with what there is of the answer.
    chat.is_open().await;
    let before = reach_the_middle(&chat).await;
    browser.reload().await;
    chat.is_open().await;
    assert!(reach_the_middle(&chat).await >= before, "what was there is there again");
    assert_whole(&app, &chat).await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identified_page_that_is_reloaded_in_mid_answer_goes_on_where_it_was() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let token = app.token(json!({ "user_id": "ada" }));
    let identify = format!(
        "{STUB}<script>window.result = eloquent('identify', {{ token: '{}' }})</script>",
        token.expose()
    );
    let host = HostPage::serve(page(&identify, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    let before = reach_the_middle(&chat).await;
    // Nothing that opens the conversation is left behind for the next page: it has to identify again.
    let storage = browser.storage().await;
    assert!(!storage.contains("vst_") && !storage.contains("cnv_"), "{storage}");
    browser.reload().await;
    assert_eq!(stored_answer(&app, app.scope).await.1, MessageState::Streaming, "the reload came too late");
    chat.is_open().await;
    assert!(reach_the_middle(&chat).await >= before, "what was there is there again");
    assert_whole(&app, &chat).await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_servers_restart_cut_off_keeps_its_text_and_can_be_asked_for_again() {
    let mut app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let gate = Gate::before(&app).await;
    let host = HostPage::serve(page("", &tag_from(&gate.url, &app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    reach_the_middle(&chat).await;
    // The end of a process ends its connections, too.
    gate.close();
    app.restart().await;
    gate.open();
    chat.until("root.querySelector('.row.agent.failed [data-do=retry]')").await;
    let cut = chat.lines().await.pop().unwrap();
    assert!(cut.note.contains("The answer was cut off."), "{cut:?}");
    assert_eq!((cut.text.clone(), MessageState::Interrupted), stored_answer(&app, app.scope).await);
    assert!(!cut.text.contains("machine --rinse 2"), "{cut:?}");
    chat.click(".row.agent.failed [data-do=retry]").await;
    let whole = chat.answer_to(LONG_QUESTION).await;
    assert_eq!((whole.clone(), MessageState::Complete), stored_answer(&app, app.scope).await);
    assert!(whole.contains("machine --rinse 2"), "{whole}");
    browser.assert_no_errors(&["net::ERR_", "Failed to load resource"]).await;
}
