//! Coverage: every chat request is counted once, with what `require` would have made of it.

use std::time::Duration;

use eloquent_identity::Secret;
use eloquent_store::{CoverageRow, Enforcement};
use eloquent_tests::{
    app::TestApp,
    client::{Client, read},
};
use eloquent_types::identify::{IdentifyResult, IdentityCode};
use serde_json::json;

async fn chat_from(app: &TestApp, client: &mut Client, origin: &str) {
    let body = client.chat_body("Hello", None);
    let request = client.post(app.api("/chat")).header("origin", origin);
    let transcript = read(request.json(&body).send().await.unwrap()).await;
    client.session = transcript.accepted().session.clone().or(client.session.take());
}

fn row(
    origin: Option<&str>,
    code: Option<IdentityCode>,
    enforcement: Enforcement,
    requests: u64,
) -> CoverageRow {
    CoverageRow { origin: origin.map(str::to_owned), code, enforcement, requests }
}

#[tokio::test]
async fn chat_requests_are_counted_by_origin_and_code() {
    let app = TestApp::start().await;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada" })));
    let foreign = app.token_with(&Secret::generate([9; 32]), json!({ "user_id": "eve" }));
    for _ in 0..3 {
        chat_from(&app, &mut ada, "https://shop.example").await;
    }
    // Messages of their own, or else they are the same message again.
    let mut anonymous = Client { next: 10, ..Client::new() };
    chat_from(&app, &mut anonymous, "https://shop.example").await;
    let mut eve = Client { next: 20, ..Client::with_token(&foreign) };
    chat_from(&app, &mut eve, "https://blog.example").await;
    Client { next: 30, ..Client::new() }.chat(&app, "Hello", None).await;
    // Not chat requests.
    ada.identify(&app, foreign.expose()).await;
    ada.conversations(&app).await;

    let missing = Some(IdentityCode::TokenMissing);
    let expected = [
        row(None, missing, Enforcement::Off, 1),
        row(Some("https://blog.example"), Some(IdentityCode::SignatureInvalid), Enforcement::Off, 1),
        row(Some("https://shop.example"), None, Enforcement::Off, 3),
        row(Some("https://shop.example"), missing, Enforcement::Off, 1),
    ];
    let mut counted = app.counted().await;
    counted.sort_by_key(|row| (row.origin.clone(), row.code));
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn the_same_message_again_is_not_counted_again_and_neither_is_what_is_not_taken() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    client.chat(&app, "Hello", None).await;
    let body = client.chat_body("Hello again", None);
    for _ in 0..4 {
        read(client.post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    }
    let nowhere = client.chat_body("Hello", Some("cnv_01h2xcejqtf2nbrexx3vqjhp41"));
    assert_eq!(client.post(app.api("/chat")).json(&nowhere).send().await.unwrap().status(), 404);
    let empty = json!({ "message": { "id": body["message"]["id"], "text": "" } });
    assert_eq!(client.post(app.api("/chat")).json(&empty).send().await.unwrap().status(), 422);
    assert_eq!(app.counted().await, [row(None, Some(IdentityCode::TokenMissing), Enforcement::Off, 2)]);
    assert!(app.log().await.is_empty(), "nobody tried to be identified");
}

#[tokio::test]
async fn each_count_stands_under_what_was_enforced_and_says_what_require_refuses() {
    let app = TestApp::start().await;
    let scope = app.scope;
    let now = app.now_secs();
    let expiring = app.token(json!({ "user_id": "ada", "exp": now + 60 }));
    let mut ada = Client::with_token(&expiring);
    ada.chat(&app, "Hello", None).await;
    app.write(move |writer| writer.set_enforcement(&scope, Enforcement::Report)).await;
    ada.chat(&app, "Hello", None).await;
    app.clock.advance(Duration::from_secs(71));
    ada.chat(&app, "Hello", None).await;
    app.write(move |writer| writer.set_enforcement(&scope, Enforcement::Require)).await;
    for _ in 0..2 {
        let body = ada.chat_body("Hello", None);
        assert_eq!(ada.post(app.api("/chat")).json(&body).send().await.unwrap().status(), 403);
    }
    let expired = Some(IdentityCode::TokenExpired);
    let mut counted = app.counted().await;
    counted.sort_by_key(|row| (row.enforcement.as_str(), row.code));
    assert_eq!(
        counted,
        [
            row(None, None, Enforcement::Off, 1),
            row(None, None, Enforcement::Report, 1),
            row(None, expired, Enforcement::Report, 1),
            row(None, expired, Enforcement::Require, 2),
        ]
    );
}

#[tokio::test]
async fn a_blocked_profile_counts_as_not_identified() {
    let app = TestApp::start().await;
    let mut ada = Client::new();
    let response = ada.identify(&app, app.token(json!({ "user_id": "ada" })).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    let (scope, now) = (app.scope, eloquent_tests::app::START);
    app.write(move |writer| writer.set_profile_blocked(&scope, who.profile_id, true, "test", now)).await;
    ada.chat(&app, "Hello", None).await;
    assert_eq!(app.counted().await, [row(None, Some(IdentityCode::IdentityBlocked), Enforcement::Off, 1)]);
}
