//! What was nobody's becomes a user's: once, whole, and never that of two.

use eloquent_tests::{
    app::{START, TestApp},
    client::{Client, read},
};
use eloquent_types::identify::{IdentifyResult, IdentityCode};

use super::{assert_unreachable, become_user, claims, conversations, converse, identified, profiles};

#[tokio::test]
async fn identifying_claims_the_anonymous_conversation_and_replaces_the_session() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let id = converse(&app, &mut client, "Hello").await;
    let before = client.clone();
    let response = client.identify(&app, app.token(claims("ada")).expose()).await;
    assert!(response.session.is_some(), "the anonymous session is replaced");
    let who = identified(response);
    assert!(who.claimed_conversation && !who.switched_user);
    assert!(client.view(&app, &id).await.is_ok());
    assert_unreachable(&app, &before, &id).await;
    // Claimed once: nobody else can claim it, not even with the old session.
    let mut thief = before.clone();
    let who = become_user(&app, &mut thief, "eve").await;
    assert!(!who.claimed_conversation);
    assert_unreachable(&app, &thief, &id).await;
    // Nor does the next user of this browser, whoever of the two sessions is presented.
    client.token = None;
    let who = become_user(&app, &mut client, "ben").await;
    assert!(who.switched_user && !who.claimed_conversation);
    assert_unreachable(&app, &client, &id).await;
    assert_eq!(conversations(&app, app.scope).await, [(Some("ada".to_owned()), 2)]);
}

#[tokio::test]
async fn a_message_with_a_token_claims_as_identify_does() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let id = converse(&app, &mut client, "Hello").await;
    let before = client.clone();
    client.token = Some(app.token(claims("ada")).expose().to_owned());
    let transcript = client.chat(&app, "It is me", Some(&id)).await;
    assert_eq!(transcript.accepted().conversation_id.to_string(), id);
    assert!(transcript.accepted().session.is_some(), "the anonymous session is replaced");
    assert_unreachable(&app, &before, &id).await;
    assert_eq!(conversations(&app, app.scope).await, [(Some("ada".to_owned()), 4)]);
}

#[tokio::test]
async fn ten_parallel_identifies_make_one_profile_and_claim_once() {
    let app = TestApp::start().await;
    let mut anonymous = Client::new();
    let id = converse(&app, &mut anonymous, "Hello").await;
    let token = app.token(claims("ada"));
    let one = || async {
        let mut client = anonymous.clone();
        let who = identified(client.identify(&app, token.expose()).await);
        (who, client)
    };
    let all: [_; 10] =
        tokio::join!(one(), one(), one(), one(), one(), one(), one(), one(), one(), one()).into();
    assert_eq!(all.iter().filter(|(who, _)| who.claimed_conversation).count(), 1);
    assert_eq!(profiles(&app, app.scope).await.len(), 1);
    assert_eq!(conversations(&app, app.scope).await, [(Some("ada".to_owned()), 2)]);
    for (who, client) in all {
        assert!(client.view(&app, &id).await.is_ok());
        // Without the token it is the session that claimed, and no other.
        let session_alone = Client { token: None, ..client };
        assert_eq!(session_alone.view(&app, &id).await.is_ok(), who.claimed_conversation);
    }
    assert_unreachable(&app, &anonymous, &id).await;
}

#[tokio::test]
async fn of_two_users_who_claim_at_once_one_gets_all_and_the_other_nothing() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let mut anonymous = Client { next: round * 100, ..Client::new() };
        let first = converse(&app, &mut anonymous, "Hello").await;
        let second = converse(&app, &mut anonymous, "And hello again").await;
        let (mut ada, mut ben) = (anonymous.clone(), anonymous.clone());
        let (hers, his) =
            tokio::join!(become_user(&app, &mut ada, "ada"), become_user(&app, &mut ben, "ben"));
        assert!(hers.claimed_conversation != his.claimed_conversation, "{hers:?} {his:?}");
        let (owner, other) = if hers.claimed_conversation { (ada, ben) } else { (ben, ada) };
        for id in [first, second] {
            assert!(owner.view(&app, &id).await.is_ok());
            assert_unreachable(&app, &other, &id).await;
        }
    }
    assert_eq!(profiles(&app, app.scope).await.len(), 2);
}

#[tokio::test]
async fn ten_parallel_anonymous_first_messages_make_one_conversation_of_one_session() {
    let app = TestApp::start().await;
    let body = Client::new().chat_body("Hello", None);
    let one = || async {
        let response = Client::new().post(app.api("/chat")).json(&body).send().await.unwrap();
        read(response).await.events.into_iter().next().unwrap()
    };
    let all: [_; 10] =
        tokio::join!(one(), one(), one(), one(), one(), one(), one(), one(), one(), one()).into();
    assert_eq!(conversations(&app, app.scope).await, [(None, 2)]);
    let mut readers = 0;
    for (_, event) in all {
        let eloquent_types::chat::StreamEvent::Accepted(accepted) = event else { panic!("{event:?}") };
        let client = Client { session: accepted.session, ..Client::new() };
        readers += usize::from(client.view(&app, &accepted.conversation_id.to_string()).await.is_ok());
    }
    assert_eq!(readers, 1);
}

#[tokio::test]
async fn a_blocked_user_claims_nothing() {
    let app = TestApp::start().await;
    let (scope, who) = (app.scope, become_user(&app, &mut Client::new(), "ada").await);
    let block = move |writer: &eloquent_store::Writer<'_>| {
        writer.set_profile_blocked(&scope, who.profile_id, true, "test", START)
    };
    app.write(block).await;
    let mut client = Client::new();
    let id = converse(&app, &mut client, "Hello").await;
    let before = client.session.clone();
    let response = client.identify(&app, app.token(claims("ada")).expose()).await;
    let IdentifyResult::Refused(refused) = response.result else { panic!("identified") };
    assert_eq!((refused.code, response.session), (IdentityCode::IdentityBlocked, None));
    assert_eq!(client.session, before);
    assert!(client.view(&app, &id).await.is_ok(), "it is still the anonymous visitor's");
    assert_eq!(conversations(&app, app.scope).await, [(None, 2)]);
}
