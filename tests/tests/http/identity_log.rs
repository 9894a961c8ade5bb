//! The identity log: what it says of each attempt, where it is linked, and what it never holds.

use std::{fs, time::Duration};

use eloquent_identity::{Rejection, Secret};
use eloquent_store::{Attempt, StoreError, Surface};
use eloquent_tests::{
    app::{START, TestApp},
    client::Client,
};
use eloquent_types::identify::{IdentifyResult, IdentityCode};
use serde_json::json;

const ORIGIN: &str = "https://shop.example";

fn codes(log: &[Attempt]) -> Vec<(Surface, Option<IdentityCode>)> {
    log.iter().map(|attempt| (attempt.surface, attempt.verdict.err().map(Rejection::code))).collect()
}

#[tokio::test]
async fn every_attempt_is_there_with_what_was_signed_and_where_it_belongs() {
    let app = TestApp::start().await;
    let (now, claims) = (app.now_secs(), json!({ "user_id": "ada", "plan": "pro" }));
    let token = app.token(claims);
    let mut ada = Client::new();
    let send = ada.post(app.api("/identify")).header("origin", ORIGIN);
    let response = send.json(&json!({ "token": token.expose() })).send().await.unwrap();
    let response: eloquent_types::identify::IdentifyResponse = response.json().await.unwrap();
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    (ada.session, ada.token) = (response.session, Some(token.expose().to_owned()));
    app.clock.advance(Duration::from_secs(90));
    let conversation = ada.chat(&app, "Hello", None).await.accepted().conversation_id;
    ada.view(&app, &conversation.to_string()).await.unwrap();
    ada.conversations(&app).await;

    let log = app.log().await;
    assert_eq!(
        codes(&log),
        [(Surface::Read, None), (Surface::Read, None), (Surface::Chat, None), (Surface::Identify, None)]
    );
    for attempt in &log {
        let signed = attempt.signed.as_ref().unwrap();
        assert_eq!((signed.key, attempt.profile), (app.key, Some(who.profile_id)));
        assert_eq!(signed.user_id.as_ref().map(eloquent_types::text::UserId::as_str), Some("ada"));
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let times = (Some(now as f64), Some((now + 3600) as f64), None);
        assert_eq!((signed.issued_at, signed.expires_at, signed.not_before), times);
    }
    assert_eq!(
        log.iter().map(|attempt| attempt.conversation).collect::<Vec<_>>(),
        [None, Some(conversation), Some(conversation), None]
    );
    assert_eq!(log[3].origin.as_deref(), Some(ORIGIN));
    assert_eq!((log[2].token_age(), log[3].token_age()), (Some(90.0), Some(0.0)));
    assert_eq!((log[3].at, log[2].at), (START, START + Duration::from_secs(90)));
}

#[tokio::test]
async fn each_request_that_a_key_identified_is_a_use_of_it_also_one_that_only_reads() {
    let app = TestApp::start().await;
    let used = async || {
        let scope = app.scope;
        // What only reads is counted beside its answer.
        app.log().await;
        let keys = app.store.read(move |reader| reader.keys(&scope)).await.unwrap();
        (keys[0].use_count, keys[0].last_used_at)
    };
    let token = app.token(json!({ "user_id": "ada" }));
    let reader = Client::with_token(&token);
    reader.conversations(&app).await;
    assert_eq!(used().await, (1, Some(START)), "a history that is only read elsewhere keeps the key in use");
    app.clock.advance(Duration::from_secs(90));
    Client::new().identify(&app, token.expose()).await;
    assert_eq!(used().await, (2, Some(START + Duration::from_secs(90))), "counted once");

    // Nobody is identified by these.
    app.clock.advance(Duration::from_secs(1));
    let profile = app.log().await[0].profile.unwrap();
    let scope = app.scope;
    app.write(move |writer| writer.set_profile_blocked(&scope, profile, true, "test", START)).await;
    reader.conversations(&app).await;
    Client::with_token(&app.token(json!({ "user_id": 7 }))).conversations(&app).await;
    assert_eq!(used().await.0, 2);
}

#[tokio::test]
async fn what_is_rejected_is_there_with_its_reason_and_only_what_was_signed() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    let foreign = app.token_with(&Secret::generate([9; 32]), json!({ "user_id": "eve" }));
    let expired = app.token(json!({ "user_id": "ada", "exp": now - 60, "iat": now - 120 }));
    let ahead = app.token(json!({ "user_id": "ada", "iat": now + 300, "nbf": now + 300 }));
    let cases = [
        ("", Rejection::Missing, false),
        ("not a token", Rejection::NotThreeParts, false),
        (foreign.expose(), Rejection::SignatureInvalid, false),
        (expired.expose(), Rejection::Expired, true),
        (ahead.expose(), Rejection::NotYetValid, true),
    ];
    for (token, rejection, is_signed) in cases {
        Client::new().identify(&app, token).await;
        let attempt = app.log().await.remove(0);
        assert_eq!((attempt.verdict, attempt.signed.is_some()), (Err(rejection), is_signed));
        assert_eq!((attempt.conversation, attempt.profile), (None, None));
    }
    let log = app.log().await;
    assert_eq!(log[0].clock_difference(), Some(300.0));
    assert_eq!(log[1].token_age(), Some(120.0));
    // A message: logged with its conversation; the same message again is another attempt.
    let mut visitor = Client { token: Some(expired.expose().to_owned()), ..Client::new() };
    let body = visitor.chat_body("Hello", None);
    for _ in 0..2 {
        let response = visitor.post(app.api("/chat")).json(&body).send().await.unwrap();
        let transcript = eloquent_tests::client::read(response).await;
        visitor.session = transcript.accepted().session.clone().or(visitor.session.take());
        let attempt = app.log().await.remove(0);
        assert_eq!(attempt.conversation, Some(transcript.accepted().conversation_id));
        assert_eq!((attempt.surface, attempt.verdict), (Surface::Chat, Err(Rejection::Expired)));
    }
    // Reading it goes on with the session: the attempt is found with the conversation all the same.
    let id = app.log().await[0].conversation.unwrap();
    visitor.view(&app, &id.to_string()).await.unwrap();
    let attempt = app.log().await.remove(0);
    assert_eq!((attempt.surface, attempt.verdict), (Surface::Read, Err(Rejection::Expired)));
    assert_eq!(attempt.conversation, Some(id));
    assert_eq!(
        Client { session: None, ..visitor.clone() }.view(&app, &id.to_string()).await.unwrap_err(),
        404
    );
    assert_eq!(app.log().await[0].conversation, None, "it is not the visitor's");
    // Without a token there is no attempt.
    Client::new().chat(&app, "Hello", None).await;
    Client::new().conversations(&app).await;
    assert_eq!(app.log().await.len(), cases.len() + 4);
}

#[tokio::test]
async fn a_token_of_a_blocked_profile_is_told_as_such_on_every_surface() {
    let app = TestApp::start().await;
    let mut ada = Client::new();
    let response = ada.identify(&app, app.token(json!({ "user_id": "ada" })).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    let scope = app.scope;
    app.write(move |writer| writer.set_profile_blocked(&scope, who.profile_id, true, "test", START)).await;
    let token = ada.token.clone().unwrap();
    ada.identify(&app, &token).await;
    ada.chat(&app, "Hello", None).await;
    ada.conversations(&app).await;
    let log = app.log().await;
    let blocked = Some(IdentityCode::IdentityBlocked);
    assert_eq!(
        codes(&log)[..3],
        [(Surface::Read, blocked), (Surface::Chat, blocked), (Surface::Identify, blocked)]
    );
    // What the log says of a person is found by their profile, blocked or not.
    assert!(log.iter().all(|attempt| attempt.profile == Some(who.profile_id)), "{log:?}");
}

#[tokio::test]
async fn what_is_not_the_visitors_is_not_linked() {
    let app = TestApp::start().await;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada" })));
    let hers = ada.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let mut ben = Client::with_token(&app.token(json!({ "user_id": "ben" })));
    assert_eq!(ben.view(&app, &hers).await.unwrap_err(), 404);
    let body = ben.chat_body("Let me in", Some(&hers));
    assert_eq!(ben.post(app.api("/chat")).json(&body).send().await.unwrap().status(), 404);
    let log = app.log().await;
    assert_eq!(codes(&log), [(Surface::Chat, None), (Surface::Read, None), (Surface::Chat, None)]);
    for attempt in &log[..2] {
        assert_eq!((attempt.conversation, attempt.profile), (None, None), "ben has no profile yet");
    }
}

#[tokio::test]
async fn an_origin_is_kept_as_it_was_sent_up_to_255_characters() {
    let app = TestApp::start().await;
    let long = format!("https://{}.example", "x".repeat(60_000));
    for origin in ["null", "https://shop.example", &long] {
        let request = Client::new().post(app.api("/identify")).header("origin", origin);
        request.json(&json!({ "token": "x" })).send().await.unwrap();
        assert_eq!(app.log().await[0].origin.as_deref(), Some(&origin[..origin.len().min(255)]));
    }
}

#[tokio::test]
async fn no_token_is_in_the_database() {
    let app = TestApp::start().await;
    let good = app.token(json!({ "user_id": "ada" })).expose().to_owned();
    let foreign = app.token_with(&Secret::generate([9; 32]), json!({ "user_id": "eve" })).expose().to_owned();
    for token in [&good, &foreign, &"CANARYCANARYCANARY".to_owned()] {
        let mut client = Client::new();
        client.identify(&app, token).await;
        client.chat(&app, "Hello", None).await;
        client.conversations(&app).await;
    }
    assert_eq!(app.log().await.len(), 9);
    let mut files = 0;
    for entry in fs::read_dir(app.folder()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        for token in [&good, &foreign] {
            for part in token.split('.').skip(1) {
                assert!(!holds(part));
            }
        }
        assert!(!holds("CANARYCANARYCANARY"));
        files += 1;
    }
    assert!(files >= 2, "the database and its log");
}

#[tokio::test]
async fn a_stop_waits_for_the_log() {
    let mut app = TestApp::start().await;
    for _ in 0..20 {
        Client::new().identify(&app, "no token").await;
    }
    app.restart().await;
    assert_eq!((app.log().await.len(), app.lost_entries()), (20, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_is_answered_while_the_disk_is_busy_and_what_does_not_fit_is_counted() {
    const MORE_THAN_FIT: usize = 1024 + 6;
    let app = TestApp::start().await;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let store = app.store.clone();
    let holding = store.write(move |_| {
        // An error means that the test has failed already.
        let _ = held.recv();
        Ok::<_, StoreError>(())
    });
    let asking = async {
        let client = Client::new();
        for _ in 0..MORE_THAN_FIT {
            let request = client.post(app.api("/identify")).json(&json!({ "token": "no token" }));
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
        release.send(()).unwrap();
    };
    let (held, ()) = tokio::join!(holding, asking);
    held.unwrap();
    assert_eq!((app.log().await.len(), app.lost_entries()), (1024, 6));
}
