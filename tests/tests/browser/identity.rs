//! Becoming somebody: by a host site's real tokens, too early, and with tokens that do not verify.

use eloquent_identity::{Secret, Token};
use eloquent_tests::{
    app::{TestApp, TestOptions},
    browser::{
        Browser,
        chat::Chat,
        express::Express,
        host::{HostPage, STUB, page, tag},
    },
};
use serde_json::{Value, json};

async fn app() -> TestApp {
    TestApp::with(TestOptions { real_time: true, ..TestOptions::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_the_express_site_is_greeted_by_name_and_told_the_plan() {
    let app = app().await;
    let site = Express::start(&app).await;
    let browser = Browser::start().await;
    browser.goto(&site.url).await;
    browser.until::<bool>("document.querySelector('#identity').dataset.state === 'anonymous'").await;

    browser.click("#login button[type=submit]").await;
    browser.until::<bool>("document.querySelector('#identity').dataset.state === 'identified'").await;
    let result: Value = browser
        .eval("return JSON.parse(document.querySelector('#identity').dataset.result)", json!(null))
        .await;
    assert_eq!(result["ok"], true);
    assert_eq!(result["userId"], "cust_ada");

    let chat = Chat(&browser);
    chat.open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Ada") && answer.contains("Enterprise"), "{answer}");
    assert_eq!(chat.state().await["userId"], "cust_ada");
    // The site answers 401 while nobody is logged in, which the browser's console mentions.
    browser.assert_no_errors(&["/api/eloquent-token"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_verify_leaves_an_anonymous_chat_that_works() {
    let app = app().await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    let stranger = Secret::generate([9; 32]);
    let now = app.now_secs();
    let cases = [
        ("token_expired", app.token(json!({ "user_id": "ada", "iat": now - 120, "exp": now - 60 }))),
        ("signature_invalid", app.token_with(&stranger, json!({ "user_id": "ada" }))),
        ("user_id_not_string", app.token(json!({ "user_id": 42 }))),
        // {"alg":"none","typ":"JWT"} and {"user_id":"ada"}, without a signature.
        ("alg_not_allowed", Token::new("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ1c2VyX2lkIjoiYWRhIn0.")),
    ];
    for (code, token) in cases {
        browser.goto(&host.url).await;
        browser.eval::<()>("localStorage.clear()", json!(null)).await;
        browser.reload().await;
        let chat = Chat(&browser);
        let result = chat.identify(token.expose()).await;
        assert_eq!((&result["ok"], &result["identified"]), (&json!(false), &json!(false)), "{result}");
        assert_eq!(result["code"], code, "{result}");
        assert!(result["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{result}");

        chat.open().await;
        let answer = chat.ask("Which plan am I on?").await;
        assert!(answer.contains("I cannot know that"), "{code}: {answer}");
        let answer = chat.ask("How do I ask for a refund?").await;
        assert!(answer.contains("Open the order"), "{code}: {answer}");
        assert_eq!(chat.state().await["identified"], false);
        // The visitor sees nothing of it.
        let seen = chat.all_text().await;
        assert!(!seen.contains(code) && !seen.contains("token"), "{seen}");
        chat.until("!root.querySelector('.status.verified')").await;
        assert!(chat.lines().await.iter().all(|line| line.state.is_empty() && line.note.is_empty()));
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identify_works_before_the_script_has_loaded_and_after() {
    let app = app().await;
    let token = app.token(json!({ "user_id": "ada", "name": "Ada Okafor" }));
    let early = format!(
        "{STUB}<script>window.waiting = []; window.early = eloquent('identify', {{ token: '{}' }});\
        window.queued = eloquent.q.length</script>",
        token.expose()
    );
    let host = HostPage::serve(page(&early, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    assert_eq!(browser.eval::<u32>("return window.queued", json!(null)).await, 1);
    let result: Value = browser.eval("return window.early", json!(null)).await;
    assert_eq!((&result["identified"], &result["userId"]), (&json!(true), &json!("ada")), "{result}");
    assert_eq!(result["switchedUser"], false);

    // The same again, now that the widget is there.
    let chat = Chat(&browser);
    let again = chat.identify(app.token(json!({ "user_id": "ada", "name": "Ada" })).expose()).await;
    assert_eq!((&again["identified"], &again["profileId"]), (&json!(true), &result["profileId"]), "{again}");
    assert_eq!(chat.state().await["identified"], true);
    chat.open().await;
    chat.until("root.querySelector('.status.verified')").await;
    assert!(!browser.storage().await.contains(token.expose()));
    browser.assert_no_errors(&[]).await;
}
