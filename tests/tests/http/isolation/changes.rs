//! Another user on the same page, and what of the former one may still be under way.

use std::time::Duration;

use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::{Client, read, read_until},
};
use eloquent_types::{
    chat::{IdentityStatus, StreamEvent},
    session::SessionToken,
};

use super::{
    assert_replay_leads_elsewhere, assert_unreachable, become_user, claims, conversations, converse,
    is_finished, profiles,
};

#[tokio::test]
async fn strangers_and_other_users_get_404() {
    let app = TestApp::start().await;
    let mut anonymous = Client { next: 10, ..Client::new() };
    let open = converse(&app, &mut anonymous, "Hello").await;
    let mut ada = Client { next: 20, ..Client::with_token(&app.token(claims("ada"))) };
    let hers = converse(&app, &mut ada, "Hello").await;
    let mut ben = Client { next: 30, ..Client::with_token(&app.token(claims("ben"))) };
    let his = converse(&app, &mut ben, "Hello").await;

    // It has come back with its session: from then on a message's id alone opens nothing.
    assert!(anonymous.view(&app, &open).await.is_ok());
    for stranger in [Client::new(), ada.clone(), ben.clone()] {
        assert_unreachable(&app, &stranger, &open).await;
        assert_replay_leads_elsewhere(&app, &stranger, 11, &open).await;
    }
    for other in [Client::new(), anonymous.clone(), ben.clone()] {
        assert_unreachable(&app, &other, &hers).await;
        assert_replay_leads_elsewhere(&app, &other, 21, &hers).await;
    }
    for other in [Client::new(), anonymous.clone(), ada.clone()] {
        assert_unreachable(&app, &other, &his).await;
    }
    // A stolen session with another user's token is that other user.
    let mixed = Client { session: ada.session.clone(), token: ben.token.clone(), ..Client::new() };
    assert!(mixed.view(&app, &his).await.is_ok());
    assert_unreachable(&app, &mixed, &hers).await;
}

#[tokio::test]
async fn another_user_on_the_same_page_starts_afresh() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    become_user(&app, &mut page, "ada").await;
    let hers = converse(&app, &mut page, "Hello").await;
    let as_ada = page.clone();
    let who = become_user(&app, &mut page, "ben").await;
    assert!(who.switched_user && !who.claimed_conversation);
    assert_ne!(page.session, as_ada.session);
    assert_unreachable(&app, &page, &hers).await;
    assert!(page.conversations(&app).await.is_empty());
    let his = converse(&app, &mut page, "Hello").await;
    assert_ne!(his, hers);
    // Ada's session ended with the switch; her token still reads her history, from any device.
    let session_alone = Client { token: None, ..as_ada.clone() };
    assert_unreachable(&app, &session_alone, &hers).await;
    let elsewhere = Client { session: None, ..as_ada };
    assert!(elsewhere.view(&app, &hers).await.is_ok());
    assert_unreachable(&app, &elsewhere, &his).await;
}

/// A server whose answers take some seconds.
pub(super) async fn slow() -> TestApp {
    TestApp::with(TestOptions { pace: Duration::from_millis(100), ..TestOptions::default() }).await
}

#[tokio::test]
async fn what_is_being_answered_to_one_user_is_not_heard_by_the_next() {
    let app = slow().await;
    let mut page = Client::new();
    become_user(&app, &mut page, "ada").await;
    let body = page.chat_body("How do I ask for a refund?", None);
    let mut begun = page.post(app.api("/chat")).json(&body).send().await.unwrap();
    let first = begun.chunk().await.unwrap().expect("the beginning");
    let first = String::from_utf8(first.to_vec()).unwrap();
    assert!(first.contains("accepted"), "{first}");
    let as_ada = page.clone();
    let hers = page.conversations(&app).await.pop().unwrap();
    become_user(&app, &mut page, "ben").await;
    // The stream was the session's, and ends with it.
    let rest = read(begun).await;
    assert!(!is_finished(&rest), "{:?}", rest.names());
    assert_unreachable(&app, &page, &hers).await;
    // The answer itself is whole: he could not stop it, and she finds it.
    let elsewhere = Client { session: None, ..as_ada };
    let events = elsewhere.get(app.api(&format!("/conversations/{hers}/events"))).send().await.unwrap();
    let answer = read_until(events, |event| matches!(event, StreamEvent::Done(_))).await;
    assert!(answer.text().contains("Open the order"), "{}", answer.text());
}

#[tokio::test]
async fn what_the_former_user_sent_last_stays_theirs_however_late_it_comes() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    become_user(&app, &mut page, "ada").await;
    let hers = converse(&app, &mut page, "Hello").await;
    let mut late = page.clone();
    become_user(&app, &mut page, "ben").await;
    let his = converse(&app, &mut page, "Hello").await;

    // A message that went out with her session and token: it is hers, with a session of its own.
    let transcript = late.chat(&app, "Sent before the change", Some(&hers)).await;
    assert_eq!(transcript.accepted().conversation_id.to_string(), hers);
    assert!(transcript.accepted().session.is_some(), "the former session is over");
    // An identify of hers that comes after his takes nothing from him, and gives her nothing of his.
    let mut later = Client { session: None, ..late.clone() };
    let who = become_user(&app, &mut later, "ada").await;
    assert!(!who.switched_user && !who.claimed_conversation);
    assert_unreachable(&app, &later, &his).await;
    let his_session = Client { token: None, ..page.clone() };
    assert!(his_session.view(&app, &his).await.is_ok());
    assert_unreachable(&app, &page, &hers).await;
    let mut whose = conversations(&app, app.scope).await;
    whose.sort();
    assert_eq!(whose, [(Some("ada".to_owned()), 4), (Some("ben".to_owned()), 2)]);
}

#[tokio::test]
async fn every_change_of_identity_replaces_the_session_and_the_old_ones_open_nothing() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    let mut left: Vec<(SessionToken, String)> = Vec::new();
    for (step, user) in [None, Some("ada"), Some("ben"), Some("ada"), None].into_iter().enumerate() {
        if let Some(user) = user {
            become_user(&app, &mut page, user).await;
        } else {
            page.delete(app.api("/session")).send().await.unwrap();
            page.token = None;
        }
        let transcript = page.chat(&app, "Hello", None).await;
        let status = if user.is_some() { IdentityStatus::Verified } else { IdentityStatus::Anonymous };
        assert_eq!(transcript.accepted().identity.status, status, "{step}");
        let now = page.session.clone().unwrap();
        for (session, conversation) in &left {
            assert!(*session != now, "{step}: the session was kept");
            let former = Client { session: Some(session.clone()), next: 900, ..Client::new() };
            assert_unreachable(&app, &former, conversation).await;
            assert!(former.conversations(&app).await.is_empty(), "{step}");
            // Whoever comes back with it gets another one.
            assert!(former.clone().chat(&app, "Hello", None).await.accepted().session.is_some(), "{step}");
        }
        left.push((now, transcript.accepted().conversation_id.to_string()));
    }
    assert_eq!(profiles(&app, app.scope).await.len(), 2);
}

#[tokio::test]
async fn a_planted_session_sees_nothing_of_its_victim() {
    let app = TestApp::start().await;
    let mut attacker = Client::new();
    let bait = converse(&app, &mut attacker, "Bait").await;
    // The victim's browser was made to present the attacker's session.
    let mut victim = Client { session: attacker.session.clone(), next: 50, ..Client::new() };
    become_user(&app, &mut victim, "ada").await;
    assert_ne!(victim.session, attacker.session);
    let secret = converse(&app, &mut victim, "My secret question").await;
    let more = victim.chat(&app, "And one more", Some(&bait)).await;
    assert_eq!(more.accepted().conversation_id.to_string(), bait);
    for id in [&bait, &secret] {
        assert_unreachable(&app, &attacker, id).await;
    }
    assert!(attacker.conversations(&app).await.is_empty());
    // Nor by becoming somebody with it.
    let who = become_user(&app, &mut attacker, "eve").await;
    assert!(!who.switched_user && !who.claimed_conversation, "the session was nobody's any more: {who:?}");
    for id in [&bait, &secret] {
        assert_unreachable(&app, &attacker, id).await;
    }
}
