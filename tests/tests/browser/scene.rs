//! What several of these tests begin with, and what they compare with: the words in the store.

use std::time::Duration;

use eloquent_server::{knowledge, markdown};
use eloquent_store::{AgentScope, ConversationFilter, ConversationRecord, NewArticle, StoreError};
use eloquent_tests::{
    app::{EMAIL, PASSWORD, TestApp, TestOptions, mint},
    browser::Browser,
};
use eloquent_types::{
    conversation::{MessageState, Role},
    rich::plain_text,
    time::Timestamp,
};

/// A server on the system's clock, which browsers have too, whose answers come at this pace.
pub(super) async fn app(pace: Duration) -> TestApp {
    TestApp::with(TestOptions { real_time: true, pace, ..TestOptions::default() }).await
}

/// The same with the demo shop.
pub(super) async fn shop(pace: Duration) -> TestApp {
    TestApp::with(TestOptions { real_time: true, demo: true, pace, ..TestOptions::default() }).await
}

/// How fast an answer comes that a test wants to interrupt.
pub(super) const SLOW: Duration = Duration::from_millis(50);

/// The question to which [`LONG_ARTICLE`] is the answer.
pub(super) const LONG_QUESTION: &str = "How do I descale the espresso machine?";

/// Some 170 words, with everything that Markdown can do in it: at the slow pace an answer of ten seconds.
pub(super) const LONG_ARTICLE: &str = "# Espresso machine care\n\n\
    ## How to descale the espresso machine\n\n\
    Descale the machine **every two months**, or *sooner* where the water is hard. You need `200 ml` of the \
    descaler, a bowl that holds a litre, and half an hour.\n\n\
    1. Empty the tank, take the filter out, and fill in the descaler with water up to the mark.\n\
    2. Press and hold the steam button for five seconds, until the *orange* lamp blinks twice.\n\
    3. Let a third of the tank run through the group head, and another third through the steam wand.\n\n\
    - Wait ten minutes while it works; the machine hums now and then, which is as it should be.\n\
    - Let the rest run through, then rinse with two full tanks of **fresh** water.\n\n\
    | Water | How often | Descaler |\n|---|:-:|--:|\n| soft | four months | 150 ml |\n| hard | one month | 250 ml |\n\n\
    The naïve way, “just vinegar”, harms the seals — please don’t do that. When the lamp stays on, call us: \
    we look after machines of our own subscribers for nothing, and lend you another one meanwhile.\n\n\
    ```sh\nmachine --status\nmachine --rinse 2\n```\n";

/// Adds an article to what the agent knows.
pub(super) async fn teach(app: &TestApp, scope: AgentScope, article: &str) {
    let (title, sections) = knowledge::sections(article);
    let now = Timestamp::from_secs(app.now_secs());
    let article = NewArticle { id: mint(now), title, url: None, sections, now };
    app.write(move |writer| writer.put_article(&scope, &article)).await;
}

/// The agent's conversations, the newest first.
pub(super) async fn conversations(app: &TestApp, scope: AgentScope) -> Vec<ConversationRecord> {
    app.store
        .read(move |reader| {
            let rows = reader.conversations(&scope, &ConversationFilter::default(), 50, 0)?;
            let records = rows.into_iter().map(|row| reader.conversation(&scope, row.id));
            Ok::<_, StoreError>(records.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
        .await
        .unwrap()
}

/// The last answer of the newest conversation as it is stored: its plain text, and how far it is.
pub(super) async fn stored_answer(app: &TestApp, scope: AgentScope) -> (String, MessageState) {
    let newest = conversations(app, scope).await.into_iter().next().expect("a conversation");
    let answers = newest.messages.into_iter().rev();
    let answer = answers.into_iter().find(|message| message.role == Role::Agent).expect("an answer");
    (plain_text(&markdown::parse(&answer.text)), answer.state)
}

/// Logs in to the dashboard.
pub(super) async fn log_in(browser: &Browser, app: &TestApp) {
    browser.goto(&app.at("/dashboard/login")).await;
    browser.type_into("#email", EMAIL).await;
    browser.type_into("#password", PASSWORD).await;
    browser.click("form[action='/dashboard/login'] button[type=submit]").await;
    browser
        .until::<bool>("location.pathname !== '/dashboard/login' && document.readyState === 'complete'")
        .await;
}
