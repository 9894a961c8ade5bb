//! The dashboard's playground: the real widget on a page of our own, identified by a token that was
//! signed for it.

use std::time::Duration;

use eloquent_tests::{
    app::{TestApp, TestOptions},
    browser::{Browser, chat::Chat},
};
use serde_json::{Value, json};

use super::scene;

/// Signs a token for this user and waits for the widget's word.
async fn preview(browser: &Browser, app: &TestApp, user_id: &str, claims: &str) -> Value {
    browser.goto(&app.at(&format!("/dashboard/agents/{}/identity/playground", app.agent))).await;
    browser
        .eval::<()>(
            "document.querySelector('#user-id').value = args[0]; document.querySelector('#claims').value = args[1]",
            json!([user_id, claims]),
        )
        .await;
    browser.click("form[action$='/identity/playground'] button[type=submit]").await;
    browser.until::<bool>("document.querySelector('#state')?.dataset.state !== 'pending' && !!document.querySelector('#preview')").await;
    serde_json::from_str(&browser.text("#identify-result").await).expect("an IdentifyResult")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_widget_is_identified_and_the_agent_knows_who_it_is() {
    // The list of origins must not stop it.
    let origins = vec!["https://shop.example.com".to_owned()];
    let app = TestApp::with(TestOptions { real_time: true, origins, ..TestOptions::default() }).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    let before = browser.storage().await;
    let result =
        preview(&browser, &app, "cust_7", r#"{ "name": "Tess Tester", "plan": "Enterprise" }"#).await;
    assert_eq!((&result["identified"], &result["userId"]), (&json!(true), &json!("cust_7")), "{result}");
    assert_eq!(browser.text("#state").await, "Identified");
    assert!(browser.text("#events").await.contains("identify"));

    // There is room: the chat is open already.
    let chat = Chat(&browser);
    chat.is_open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Enterprise"), "{answer}");

    // What was shown is what the agent was told of the visitor.
    let shown = browser.text("#system-context").await;
    let record = scene::conversations(&app, app.scope).await.into_iter().next().expect("the conversation");
    let told = record
        .messages
        .iter()
        .filter_map(|message| message.context.as_deref())
        .next_back()
        .expect("a context");
    let about = |context: &str| context.split("</verified_identity>").next().map(ToOwned::to_owned);
    assert!(shown.contains("Tess Tester") && shown.contains("<verified_identity>"), "{shown}");
    assert_eq!(about(&shown), about(told));

    // Neither the page nor the browser keeps the token.
    let kept: bool =
        browser.eval("return document.documentElement.outerHTML.includes('eyJ')", json!(null)).await;
    assert!(!kept, "the page holds the token");
    assert_eq!(browser.storage().await, before);
    browser.click("#conversation a").await;
    browser
        .until::<bool>("location.pathname.includes('/conversations/') && document.readyState === 'complete'")
        .await;
    assert!(browser.text("main").await.contains("Which plan am I on?"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_a_form_away_and_a_refusal_is_told() {
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    assert_eq!(preview(&browser, &app, "first", "{}").await["userId"], "first");
    browser.eval::<()>("document.querySelector('#user-id').value = 'second'", json!(null)).await;
    browser.click("form[action$='/identity/playground'] button[type=submit]").await;
    browser
        .until::<bool>("document.querySelector('#identify-result')?.textContent.includes('\"second\"')")
        .await;

    // Blocked meanwhile: the token is signed, and the server says why it identifies nobody.
    let (scope, now) = (app.scope, eloquent_types::time::Timestamp::from_secs(app.now_secs()));
    let filter = eloquent_store::ProfileFilter { user_id: Some("second".to_owned()), ..Default::default() };
    let found = app.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap();
    let profile = found[0].id;
    app.write(move |writer| writer.set_profile_blocked(&scope, profile, true, "test", now)).await;
    let refused = preview(&browser, &app, "second", "{}").await;
    assert_eq!(refused["code"], "identity_blocked", "{refused}");
    assert_eq!(browser.text("#state").await, "identity_blocked");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_when_the_token_has_expired() {
    let app = scene::app(Duration::ZERO).await;
    let scope = app.scope;
    // The agent allows so little that nobody has to wait five minutes.
    app.write(move |writer| writer.set_max_token_lifetime(&scope, Some(Duration::from_secs(3)))).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    assert_eq!(preview(&browser, &app, "42", "{}").await["identified"], true);
    browser.until::<bool>("document.querySelector('#state').dataset.state === 'expired'").await;
    assert_eq!(browser.text("#state").await, "The token has expired");
    assert!(browser.text("#events").await.contains("identity:expired"));
    browser.assert_no_errors(&[]).await;
}
