//! `POST …/identify`: every row of the table of checks gives its code, and the chat works all the same.

use eloquent_identity::Secret;
use eloquent_store::{ProfileFilter, StoreError};
use eloquent_tests::{
    app::TestApp,
    client::{Client, problem},
};
use eloquent_types::{
    chat::IdentityStatus,
    identify::{Identified, IdentifyResult, IdentityCode},
    time::Timestamp,
};
use serde_json::{Value, json};

fn identified(result: IdentifyResult) -> Identified {
    match result {
        IdentifyResult::Identified(identified) => identified,
        IdentifyResult::Refused(refused) => panic!("refused: {refused:?}"),
    }
}

/// Identifies with the token, then chats with it: gives the code of both.
async fn codes(app: &TestApp, token: &str) -> (Option<IdentityCode>, Option<IdentityCode>, IdentityStatus) {
    let mut client = Client::new();
    let code = match client.identify(app, token).await.result {
        IdentifyResult::Identified(_) => None,
        IdentifyResult::Refused(refused) => {
            assert!(!refused.message.is_empty() && !refused.hint.is_empty(), "{refused:?}");
            Some(refused.code)
        }
    };
    let transcript = client.chat(app, "When are refunds paid?", None).await;
    assert!(transcript.text().contains("five working days"), "{}", transcript.text());
    let identity = transcript.accepted().identity.clone();
    (code, identity.code, identity.status)
}

#[tokio::test]
async fn a_valid_token_creates_the_profile() {
    let app = TestApp::start().await;
    let token = app
        .token(json!({ "user_id": "42", "email": "ada@example.com", "plan": "pro", "seats": 3, "nbf": 1 }));
    let mut client = Client::new();
    let response = client.identify(&app, token.expose()).await;
    let who = identified(response.result);
    assert_eq!(who.user_id.as_str(), "42");
    assert_eq!(who.expires_at.map(|at| at.as_millis() / 1000), Some(app.now_secs() + 3600));
    assert!(!who.switched_user && !who.claimed_conversation);
    assert!(response.session.is_some());

    let scope = app.scope;
    let profile =
        app.store.read(move |reader| reader.profile(&scope, who.profile_id)).await.unwrap().unwrap();
    assert_eq!(profile.user_id.as_str(), "42");
    assert_eq!(profile.email.as_deref(), Some("ada@example.com"));
    assert_eq!(profile.claims.iter().collect::<Vec<_>>(), [("plan", "\"pro\""), ("seats", "3")]);

    // The same user again keeps the session; the claims are replaced whole, the email is kept.
    let token = app.token(json!({ "user_id": "42", "plan": "free" }));
    assert!(client.identify(&app, token.expose()).await.session.is_none());
    let profile =
        app.store.read(move |reader| reader.profile(&scope, who.profile_id)).await.unwrap().unwrap();
    assert_eq!(profile.email.as_deref(), Some("ada@example.com"));
    assert_eq!(profile.claims.iter().collect::<Vec<_>>(), [("plan", "\"free\"")]);
}

#[tokio::test]
async fn every_fault_has_its_code_and_the_chat_goes_on() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let valid = app.token(json!({ "user_id": "42" }));
    let mut parts = valid.expose().split('.');
    let (header, payload) = (parts.next().unwrap(), parts.next().unwrap());
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    let none_signed = format!(
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.{}",
        valid.expose().rsplit('.').next().unwrap()
    );
    let foreign = Secret::generate([9; 32]);
    let signed = |claims: Value| app.token(claims).expose().to_owned();
    let cases = [
        ("x".repeat(8_193), IdentityCode::TokenTooLarge),
        ("not a token".to_owned(), IdentityCode::TokenMalformed),
        (format!("{header}.{payload}"), IdentityCode::TokenMalformed),
        (none, IdentityCode::AlgNotAllowed),
        (none_signed, IdentityCode::AlgNotAllowed),
        (
            app.token_with(&foreign, json!({ "user_id": "42" })).expose().to_owned(),
            IdentityCode::SignatureInvalid,
        ),
        (signed(json!({ "user_id": "42", "exp": now - 11 })), IdentityCode::TokenExpired),
        (signed(json!({ "user_id": "42", "nbf": now + 11 })), IdentityCode::TokenNotYetValid),
        (signed(json!({ "user_id": "42", "exp": "soon" })), IdentityCode::ClaimsInvalid),
        (signed(json!({ "email": "a@example.com" })), IdentityCode::UserIdMissing),
        (signed(json!({ "user_id": 42 })), IdentityCode::UserIdNotString),
        (signed(json!({ "user_id": "  " })), IdentityCode::UserIdInvalid),
    ];
    for (token, code) in cases {
        assert_eq!(codes(&app, &token).await, (Some(code), Some(code), IdentityStatus::Anonymous), "{code}");
    }
    assert_eq!(codes(&app, "").await.0, Some(IdentityCode::TokenMissing));
    let scope = app.scope;
    let profiles =
        app.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default())).await.unwrap();
    assert!(profiles.is_empty(), "{profiles:?}");
}

#[tokio::test]
async fn clock_skew_is_tolerated() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    for claims in [json!({ "user_id": "42", "exp": now - 9 }), json!({ "user_id": "42", "nbf": now + 9 })] {
        let verdict = codes(&app, app.token(claims).expose()).await;
        assert_eq!(verdict, (None, None, IdentityStatus::Verified));
    }
}

#[tokio::test]
async fn the_feature_has_a_switch_on_both_levels() {
    let app = TestApp::start().await;
    let (company, scope) = (app.company, app.scope);
    let token = app.token(json!({ "user_id": "42" })).expose().to_owned();
    let code = IdentityCode::IdentityDisabled;
    app.write(move |writer| writer.set_agent_identify(&scope, false)).await;
    assert_eq!(codes(&app, &token).await, (Some(code), Some(code), IdentityStatus::Anonymous));
    app.write(move |writer| {
        writer.set_agent_identify(&scope, true)?;
        writer.set_company_identify(&company, false)
    })
    .await;
    assert_eq!(codes(&app, &token).await.0, Some(code));
    app.write(move |writer| writer.set_company_identify(&company, true)).await;
    assert_eq!(codes(&app, &token).await.0, None);
}

#[tokio::test]
async fn revocation_holds_at_once_and_across_a_restart() {
    let mut app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42" })).expose().to_owned();
    assert_eq!(codes(&app, &token).await.0, None);
    let (scope, key, now) = (app.scope, app.key, eloquent_tests::app::START);
    assert!(app.write(move |writer| writer.revoke_key(&scope, key, now)).await);
    assert_eq!(codes(&app, &token).await.0, Some(IdentityCode::IdentityNotConfigured));
    app.restart().await;
    assert_eq!(codes(&app, &token).await.0, Some(IdentityCode::IdentityNotConfigured));
}

#[tokio::test]
async fn a_blocked_profile_is_not_identified() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42" })).expose().to_owned();
    let who = identified(Client::new().identify(&app, &token).await.result);
    let scope = app.scope;
    app.write(move |writer| {
        writer.set_profile_blocked(&scope, who.profile_id, true, "test", Timestamp::default())
    })
    .await;
    let code = IdentityCode::IdentityBlocked;
    assert_eq!(codes(&app, &token).await, (Some(code), Some(code), IdentityStatus::Anonymous));
}

#[tokio::test]
async fn bad_bodies() {
    let app = TestApp::start().await;
    let post = |body: &'static str| {
        let request =
            Client::new().post(app.api("/identify")).header("content-type", "application/json").body(body);
        async { request.send().await.unwrap() }
    };
    assert_eq!(problem(post("{").await).await, (400, "invalid_json".into()));
    // A token that is no string is judged like none: the page gets a verdict, not a failure.
    for body in ["{}", "{\"token\":42}", "{\"token\":null}", "[]"] {
        let verdict: Value = post(body).await.json().await.unwrap();
        assert_eq!(verdict["code"], "token_missing", "{body}");
    }
    let untyped = Client::new().post(app.api("/identify")).body("{}").send().await.unwrap();
    assert_eq!(problem(untyped).await, (415, "unsupported_media_type".into()));
}

#[tokio::test]
async fn ten_parallel_first_messages_make_one_conversation_and_one_profile() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42" }));
    let body = Client::with_token(&token).chat_body("Hello", None);
    let one = || async {
        let response = Client::new().post(app.api("/chat")).json(&body).send().await.unwrap();
        eloquent_tests::client::read(response).await.accepted().conversation_id
    };
    let ids = tokio::join!(one(), one(), one(), one(), one(), one(), one(), one(), one(), one());
    let scope = app.scope;
    let (profiles, conversations) = app
        .store
        .read(move |reader| {
            let filter = eloquent_store::ConversationFilter::default();
            Ok::<_, StoreError>((
                reader.profiles(&scope, &ProfileFilter::default())?,
                reader.conversations(&scope, &filter, 50, 0)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((profiles.len(), conversations.len()), (1, 1), "{ids:?}");
    assert_eq!(conversations[0].message_count, 2);
}

#[tokio::test]
async fn a_session_ends_whatever_token_comes_along() {
    let app = TestApp::start().await;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada" })));
    let id = ada.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let page = Client { token: None, ..ada.clone() };
    assert!(page.view(&app, &id).await.is_ok());
    // The page had become ben a moment before, and the answer to that never came.
    let ben = app.token(json!({ "user_id": "ben" }));
    let request = ada.delete(app.api("/session")).header("x-eloquent-identity", ben.expose());
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(page.view(&app, &id).await.unwrap_err(), 404);
}
