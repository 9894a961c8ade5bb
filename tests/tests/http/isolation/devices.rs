//! One user on several devices: what is theirs everywhere, what belongs to one device alone, and what a
//! token that came late may change.

use eloquent_identity::{Secret, Token};
use eloquent_tests::{
    app::{START, TestApp},
    client::Client,
};
use eloquent_types::chat::IdentityStatus;
use serde_json::json;

use super::{assert_unreachable, become_user, claims, converse, identified, marks, profile};

#[tokio::test]
async fn the_same_user_again_keeps_conversation_and_session_and_has_another_elsewhere() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    become_user(&app, &mut page, "ada").await;
    let id = converse(&app, &mut page, "Hello").await;
    let session = page.session.clone();
    // Again on this page, as after a log-in that was renewed.
    let response = page.identify(&app, app.token(claims("ada")).expose()).await;
    assert!(response.session.is_none(), "the session is kept");
    let again = identified(response);
    assert!(!again.switched_user && !again.claimed_conversation);
    let transcript = page.chat(&app, "Still me", Some(&id)).await;
    assert_eq!((transcript.accepted().conversation_id.to_string(), &page.session), (id.clone(), &session));
    // After a reload the page has no session: it gets one, and the conversation with it.
    let mut reloaded = Client { next: 100, ..Client::new() };
    let who = become_user(&app, &mut reloaded, "ada").await;
    assert_eq!(who.profile_id, again.profile_id);
    assert_ne!(reloaded.session, session);
    reloaded.chat(&app, "And here", Some(&id)).await;
    assert_eq!(marks(&app, &page, &id).await, [true, true, true]);
    // The other device's session took part; a third one's has not, and needs the token.
    assert!(Client { token: None, ..reloaded }.view(&app, &id).await.is_ok());
    let mut third = Client::new();
    become_user(&app, &mut third, "ada").await;
    assert!(third.view(&app, &id).await.is_ok());
    assert_unreachable(&app, &Client { token: None, ..third }, &id).await;
}

#[tokio::test]
async fn the_history_is_shown_elsewhere_to_a_valid_token_alone() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let mut first = Client::new();
    become_user(&app, &mut first, "ada").await;
    let id = converse(&app, &mut first, "Hello").await;

    let valid = Client::with_token(&app.token(claims("ada")));
    assert_eq!(valid.conversations(&app).await, std::slice::from_ref(&id));
    assert_eq!(valid.view(&app, &id).await.unwrap()["messages"][0]["text"], "Hello");

    let foreign = Secret::generate([9; 32]);
    let payload = valid.token.as_deref().unwrap().split('.').nth(1).unwrap().to_owned();
    let tokens = [
        app.token(json!({ "user_id": "ada", "iat": now - 120, "exp": now - 60 })),
        app.token(json!({ "user_id": "ada", "nbf": now + 60 })),
        app.token_with(&foreign, claims("ada")),
        app.token(claims("ben")),
        app.token(json!({ "name": "ada" })),
        // {"alg":"none","typ":"JWT"}
        Token::new(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")),
        Token::new("ada"),
        Token::new(""),
    ];
    for (index, token) in tokens.iter().enumerate() {
        let mut stranger = Client { next: 100, ..Client::with_token(token) };
        assert!(stranger.conversations(&app).await.is_empty(), "{index}");
        assert_unreachable(&app, &stranger, &id).await;
        // Nor after it has become whoever it becomes by it.
        stranger.identify(&app, token.expose()).await;
        assert_unreachable(&app, &stranger, &id).await;
    }
    assert_unreachable(&app, &Client::new(), &id).await;
    // From the next request on, a key that was revoked opens nothing.
    let (scope, key) = (app.scope, app.key);
    assert!(app.write(move |writer| writer.revoke_key(&scope, key, START)).await);
    assert_unreachable(&app, &valid, &id).await;
}

#[tokio::test]
async fn a_token_with_an_older_iat_changes_nothing_whichever_device_is_first() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    for newer_first in [true, false] {
        let user = if newer_first { "ada" } else { "ben" };
        let older = app.token(
            json!({ "user_id": user, "plan": "old", "gone": true, "email": "old@example.com", "iat": now - 5 }),
        );
        let newer =
            app.token(json!({ "user_id": user, "plan": "new", "email": "new@example.com", "iat": now }));
        let (mut phone, mut laptop) = (Client::new(), Client::new());
        let tokens = if newer_first { [&newer, &older] } else { [&older, &newer] };
        let first = identified(phone.identify(&app, tokens[0].expose()).await);
        let second = identified(laptop.identify(&app, tokens[1].expose()).await);
        assert_eq!(first.profile_id, second.profile_id);
        // Both are identified all the same, and also a message of the older one changes nothing.
        for client in [&mut phone, &mut laptop] {
            let transcript = client.chat(&app, "Hello", None).await;
            assert_eq!(transcript.accepted().identity.status, IdentityStatus::Verified);
        }
        let older_again = identified(phone.identify(&app, older.expose()).await);
        let profile = profile(&app, older_again.profile_id).await;
        assert_eq!(profile.claims.iter().collect::<Vec<_>>(), [("plan", "\"new\"")], "{newer_first}");
        assert_eq!(profile.email.as_deref(), Some("new@example.com"), "{newer_first}");
    }
}
