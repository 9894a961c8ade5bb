//! Ceasing to be somebody: by logging out, and by a token that ends while the page stays open.

use std::time::Duration;

use eloquent_tests::{
    app::TestApp,
    client::{Client, read},
};
use eloquent_types::{chat::IdentityStatus, identify::IdentityCode};
use serde_json::json;

use super::{assert_unreachable, become_user, changes::slow, converse, is_finished, marks};

#[tokio::test]
async fn after_logout_nothing_is_readable() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    become_user(&app, &mut client, "ada").await;
    let id = converse(&app, &mut client, "Hello").await;
    assert_eq!(client.delete(app.api("/session")).send().await.unwrap().status(), 204);
    client.token = None;
    assert_unreachable(&app, &client, &id).await;
    assert_eq!(Client::new().delete(app.api("/session")).send().await.unwrap().status(), 204);

    let mut anonymous = Client::new();
    let id = converse(&app, &mut anonymous, "Hello").await;
    anonymous.delete(app.api("/session")).send().await.unwrap();
    assert_unreachable(&app, &anonymous, &id).await;
}

#[tokio::test]
async fn a_logout_ends_the_running_stream_and_no_other_devices_session() {
    let app = slow().await;
    let (mut page, mut phone) = (Client::new(), Client { next: 100, ..Client::new() });
    become_user(&app, &mut phone, "ada").await;
    let id = converse(&app, &mut phone, "Hello").await;
    become_user(&app, &mut page, "ada").await;
    let body = page.chat_body("How do I ask for a refund?", Some(&id));
    let mut running = page.post(app.api("/chat")).json(&body).send().await.unwrap();
    running.chunk().await.unwrap().expect("the beginning");
    assert_eq!(page.delete(app.api("/session")).send().await.unwrap().status(), 204);
    let rest = read(running).await;
    assert!(!is_finished(&rest), "{:?}", rest.names());
    // What this browser kept opens nothing, and what it sends is nobody's.
    page.token = None;
    assert_unreachable(&app, &page, &id).await;
    let transcript = page.chat(&app, "Is anybody there?", None).await;
    assert_eq!(transcript.accepted().identity.status, IdentityStatus::Anonymous);
    assert_ne!(transcript.accepted().conversation_id.to_string(), id);
    // The other device is still hers, by its session alone and with the token.
    assert!(Client { token: None, ..phone.clone() }.view(&app, &id).await.is_ok());
    let transcript = phone.chat(&app, "Still here", Some(&id)).await;
    assert_eq!(transcript.accepted().identity.status, IdentityStatus::Verified);
    assert!(transcript.accepted().session.is_none(), "the phone keeps its session");
}

#[tokio::test]
async fn an_expired_token_keeps_the_conversation_of_the_page_and_nothing_more() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let token = app.token(json!({ "user_id": "ada", "name": "Ada", "plan": "Pro", "exp": now + 60 }));
    let mut page = Client::new();
    page.identify(&app, token.expose()).await;
    let id = converse(&app, &mut page, "Which plan am I on?").await;
    let mut elsewhere = Client { session: None, next: 100, ..page.clone() };
    let other = converse(&app, &mut elsewhere, "Hello").await;

    app.clock.advance(Duration::from_secs(71));
    let session = page.session.clone();
    let transcript = page.chat(&app, "Which plan am I on?", Some(&id)).await;
    let identity = &transcript.accepted().identity;
    assert_eq!(
        (identity.status, identity.code),
        (IdentityStatus::Anonymous, Some(IdentityCode::TokenExpired))
    );
    assert!(!transcript.text().contains("Pro"), "{}", transcript.text());
    assert_eq!(page.session, session, "the conversation goes on in the same session");
    assert_eq!(marks(&app, &page, &id).await, [true, false]);
    // Not the user's other conversation, and nothing without the session (as after a reload).
    assert_unreachable(&app, &page, &other).await;
    let reloaded = Client { session: None, ..page.clone() };
    assert_unreachable(&app, &reloaded, &id).await;
    // A conversation that is begun now is nobody's; the next valid token claims it, and all are there.
    let begun = converse(&app, &mut page, "Hello").await;
    assert_unreachable(&app, &elsewhere, &begun).await;
    let who = become_user(&app, &mut page, "ada").await;
    assert!(who.claimed_conversation && !who.switched_user);
    page.chat(&app, "Which plan am I on?", Some(&id)).await;
    assert_eq!(marks(&app, &page, &id).await, [true, false, true]);
    let back = Client { session: None, ..page };
    assert_eq!(back.conversations(&app).await.len(), 3);
}
