//! Nobody ever reads or extends what is not theirs, whatever the order of logins and logouts.

use eloquent_tests::{
    app::TestApp,
    client::{Client, problem},
};
use eloquent_types::{
    chat::IdentityStatus,
    identify::{IdentifyResult, IdentityCode},
};
use serde_json::json;

fn claims(user: &str) -> serde_json::Value {
    json!({ "user_id": user, "name": user })
}

/// Every way to reach a conversation answers 404 with the same body as for one that does not exist.
async fn assert_unreachable(app: &TestApp, client: &Client, id: &str) {
    let missing = "cnv_01h2xcejqtf2nbrexx3vqjhp41";
    for path in ["", "/events", "/stop"] {
        let send = |id: &str| {
            let url = app.api(&format!("/conversations/{id}{path}"));
            let request = if path == "/stop" { client.post(url).json(&json!({})) } else { client.get(url) };
            async { request.send().await.unwrap() }
        };
        let (theirs, none) = (send(id).await, send(missing).await);
        assert_eq!(
            (theirs.status(), none.status()),
            (reqwest::StatusCode::NOT_FOUND, reqwest::StatusCode::NOT_FOUND),
            "{path}"
        );
        assert_eq!(theirs.text().await.unwrap(), none.text().await.unwrap(), "{path}");
    }
    let body = client.clone().chat_body("Let me in", Some(id));
    let response = client.post(app.api("/chat")).json(&body).send().await.unwrap();
    assert_eq!(problem(response).await, (404, "conversation_not_found".into()));
    assert!(!client.conversations(app).await.contains(&id.to_owned()));
}

#[tokio::test]
async fn strangers_and_other_users_get_404() {
    let app = TestApp::start().await;
    let mut anonymous = Client::new();
    let open = anonymous.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let mut ada = Client::with_token(&app.token(claims("ada")));
    let hers = ada.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let mut ben = Client::with_token(&app.token(claims("ben")));
    let his = ben.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();

    for stranger in [Client::new(), ada.clone(), ben.clone()] {
        assert_unreachable(&app, &stranger, &open).await;
    }
    for other in [Client::new(), anonymous.clone(), ben.clone()] {
        assert_unreachable(&app, &other, &hers).await;
    }
    for other in [Client::new(), anonymous.clone(), ada.clone()] {
        assert_unreachable(&app, &other, &his).await;
    }
    // A stolen session with another user's token is that other user.
    let mixed = Client { session: ada.session.clone(), token: ben.token.clone(), ..Client::new() };
    assert!(mixed.view(&app, &his).await.is_ok());
}

#[tokio::test]
async fn identifying_claims_the_anonymous_conversation_and_replaces_the_session() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let id = client.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let before = client.clone();
    let response = client.identify(&app, app.token(claims("ada")).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    assert!(who.claimed_conversation && !who.switched_user);
    assert!(response.session.is_some(), "the anonymous session is replaced");
    assert!(client.view(&app, &id).await.is_ok());
    assert_unreachable(&app, &before, &id).await;
    // Claimed once: nobody else can claim it, not even with the old session.
    let mut thief = before.clone();
    let response = thief.identify(&app, app.token(claims("eve")).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    assert!(!who.claimed_conversation);
    assert_unreachable(&app, &thief, &id).await;
}

#[tokio::test]
async fn another_user_on_the_same_page_starts_afresh() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    page.identify(&app, app.token(claims("ada")).expose()).await;
    let hers = page.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let as_ada = page.clone();
    let response = page.identify(&app, app.token(claims("ben")).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    assert!(who.switched_user && !who.claimed_conversation);
    assert_unreachable(&app, &page, &hers).await;
    assert!(page.conversations(&app).await.is_empty());
    // Ada's session ended with the switch; her token still reads her history, from any device.
    let session_alone = Client { token: None, ..as_ada.clone() };
    assert_unreachable(&app, &session_alone, &hers).await;
    let elsewhere = Client { session: None, ..as_ada };
    assert!(elsewhere.view(&app, &hers).await.is_ok());
}

#[tokio::test]
async fn after_logout_nothing_is_readable() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    client.identify(&app, app.token(claims("ada")).expose()).await;
    let id = client.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    assert_eq!(client.delete(app.api("/session")).send().await.unwrap().status(), 204);
    client.token = None;
    assert_unreachable(&app, &client, &id).await;
    assert_eq!(Client::new().delete(app.api("/session")).send().await.unwrap().status(), 204);

    let mut anonymous = Client::new();
    let id = anonymous.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    anonymous.delete(app.api("/session")).send().await.unwrap();
    assert_unreachable(&app, &anonymous, &id).await;
}

#[tokio::test]
async fn an_expired_token_keeps_the_conversation_of_the_page_and_nothing_more() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let token = app.token(json!({ "user_id": "ada", "name": "Ada", "plan": "Pro", "exp": now + 60 }));
    let mut page = Client::new();
    page.identify(&app, token.expose()).await;
    let id = page.chat(&app, "Which plan am I on?", None).await.accepted().conversation_id.to_string();
    let mut elsewhere = Client { session: None, ..page.clone() };
    let other = elsewhere.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();

    app.clock.advance(std::time::Duration::from_secs(71));
    let transcript = page.chat(&app, "Which plan am I on?", Some(&id)).await;
    let identity = &transcript.accepted().identity;
    assert_eq!(
        (identity.status, identity.code),
        (IdentityStatus::Anonymous, Some(IdentityCode::TokenExpired))
    );
    assert!(!transcript.text().contains("Pro"), "{}", transcript.text());
    let view = page.view(&app, &id).await.unwrap();
    let verified: Vec<_> =
        view["messages"].as_array().unwrap().iter().map(|m| m["verified"].clone()).collect();
    assert_eq!(verified, [true, false, false, false]);
    // Not the user's other conversation, and nothing without the session (as after a reload).
    assert_unreachable(&app, &page, &other).await;
    assert_unreachable(&app, &Client { session: None, ..page.clone() }, &id).await;
}

#[tokio::test]
async fn the_same_user_under_two_agents_is_two_profiles() {
    let (one, two) = (TestApp::start().await, TestApp::start().await);
    let token = one.token(claims("ada"));
    let mut client = Client::new();
    let response = client.identify(&two, token.expose()).await;
    assert!(
        matches!(response.result, IdentifyResult::Refused(refused) if refused.code == IdentityCode::SignatureInvalid)
    );
}

#[tokio::test]
async fn a_token_with_an_older_iat_changes_nothing() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let mut client = Client::new();
    client.identify(&app, app.token(json!({ "user_id": "ada", "plan": "new", "iat": now })).expose()).await;
    let old =
        app.token(json!({ "user_id": "ada", "plan": "old", "email": "old@example.com", "iat": now - 5 }));
    let response = client.identify(&app, old.expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    let scope = app.scope;
    let profile =
        app.store.read(move |reader| reader.profile(&scope, who.profile_id)).await.unwrap().unwrap();
    assert_eq!((profile.claims.get("plan"), profile.email), (Some("\"new\""), None));
}
