//! `off`, `report`, `require`: what each means to a visitor, and what a refusal leaves behind.

use std::time::Duration;

use eloquent_identity::Rejection;
use eloquent_store::{ConversationFilter, Enforcement, Surface};
use eloquent_tests::{
    app::{START, TestApp},
    client::{Client, problem, read},
};
use eloquent_types::{
    chat::IdentityStatus,
    identify::{IdentifyResult, IdentityCode},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn enforce(app: &TestApp, enforcement: Enforcement) {
    let scope = app.scope;
    app.write(move |writer| writer.set_enforcement(&scope, enforcement)).await;
}

async fn refused(app: &TestApp, client: &mut Client, conversation: Option<&str>) {
    let body = client.chat_body("A word that is nowhere kept: xylograph", conversation);
    let request = client.post(app.api("/chat")).header("origin", "https://shop.example");
    let response = request.json(&body).send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*", "the page can read it");
    assert_eq!(problem(response).await, (403, "identity_required".into()));
}

/// Everything that the agent's members can see of conversations.
async fn message_count(app: &TestApp) -> u64 {
    let scope = app.scope;
    let filter = ConversationFilter::default();
    let rows = app.store.read(move |reader| reader.conversations(&scope, &filter, 1000, 0)).await.unwrap();
    rows.iter().map(|row| u64::from(row.message_count)).sum()
}

#[tokio::test]
async fn require_answers_the_identified_and_nobody_else() {
    let app = TestApp::start().await;
    let now = app.now_secs();
    enforce(&app, Enforcement::Require).await;
    let token = app.token(json!({ "user_id": "ada" }));
    let mut ada = Client::with_token(&token);
    let id = ada.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let stored = message_count(&app).await;
    let before = app.log().await.len();

    let expired = app.token(json!({ "user_id": "ada", "exp": now - 60 }));
    let mut without = Client { token: None, ..ada.clone() };
    refused(&app, &mut Client::new(), None).await;
    refused(&app, &mut Client::with_token(&expired), None).await;
    refused(&app, &mut Client { token: Some("x".to_owned()), ..Client::new() }, None).await;
    // The session that took part while verified does not stand for a token.
    refused(&app, &mut without, Some(&id)).await;

    assert_eq!(message_count(&app).await, stored);
    let log = app.log().await;
    let told: Vec<_> = log[..log.len() - before].iter().map(|attempt| attempt.verdict).collect();
    assert_eq!(
        told,
        [Rejection::Missing, Rejection::NotThreeParts, Rejection::Expired, Rejection::Missing].map(Err)
    );
    for attempt in &log[..4] {
        assert_eq!((attempt.surface, attempt.enforcement), (Surface::Chat, Enforcement::Require));
        assert_eq!(attempt.origin.as_deref(), Some("https://shop.example"));
        assert_eq!(attempt.conversation, None);
    }
    let refusals: u64 =
        app.counted().await.iter().filter(|row| row.code.is_some()).map(|row| row.requests).sum();
    assert_eq!(refusals, 4);
    // Nothing else changed: a new session was not made, and a token is all it takes.
    without.token = Some(token.expose().to_owned());
    without.chat(&app, "Hello", Some(&id)).await;
}

#[tokio::test]
async fn require_refuses_the_blocked() {
    let app = TestApp::start().await;
    let mut ada = Client::new();
    let response = ada.identify(&app, app.token(json!({ "user_id": "ada" })).expose()).await;
    let IdentifyResult::Identified(who) = response.result else { panic!("{response:?}") };
    let scope = app.scope;
    app.write(move |writer| writer.set_profile_blocked(&scope, who.profile_id, true, "test", START)).await;
    enforce(&app, Enforcement::Require).await;
    refused(&app, &mut ada, None).await;
    assert_eq!(message_count(&app).await, 0);
    let attempt = app.log().await.remove(0);
    assert_eq!((attempt.surface, attempt.verdict), (Surface::Chat, Err(Rejection::Blocked)));
    let counted = app.counted().await;
    assert_eq!(counted.len(), 1);
    assert_eq!((counted[0].code, counted[0].requests), (Some(Rejection::Blocked.code()), 1));
}

#[tokio::test]
async fn what_was_said_before_stays_readable_by_its_owner() {
    let app = TestApp::start().await;
    let mut anonymous = Client::new();
    let id = anonymous.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    enforce(&app, Enforcement::Require).await;
    assert!(anonymous.view(&app, &id).await.is_ok());
    assert_eq!(anonymous.conversations(&app).await, [id.as_str()]);
    refused(&app, &mut anonymous, Some(&id)).await;
    // Who logs in takes it along and goes on.
    anonymous.identify(&app, app.token(json!({ "user_id": "ada" })).expose()).await;
    anonymous.chat(&app, "It is me", Some(&id)).await;
    assert_eq!(anonymous.view(&app, &id).await.unwrap()["messages"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_token_that_expires_ends_the_chat_only_where_it_is_required() {
    for (enforcement, goes_on) in
        [(Enforcement::Off, true), (Enforcement::Report, true), (Enforcement::Require, false)]
    {
        let app = TestApp::start().await;
        enforce(&app, enforcement).await;
        let exp = app.now_secs() + 60;
        let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada", "exp": exp })));
        let id = ada.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
        app.clock.advance(Duration::from_secs(71));
        if goes_on {
            ada.chat(&app, "Still there?", Some(&id)).await;
        } else {
            refused(&app, &mut ada, Some(&id)).await;
        }
        assert!(ada.view(&app, &id).await.is_ok(), "the page goes on showing it");
        ada.token = Some(app.token(json!({ "user_id": "ada" })).expose().to_owned());
        ada.chat(&app, "A fresh token", Some(&id)).await;
    }
}

#[tokio::test]
async fn report_changes_nothing_for_a_visitor_and_nothing_is_told_to_pages() {
    let app = TestApp::start().await;
    let seen = async || {
        let config = reqwest::get(app.api("/config")).await.unwrap().text().await.unwrap();
        let mut client = Client { token: Some("x".to_owned()), ..Client::new() };
        let transcript = client.chat(&app, "When are refunds paid?", None).await;
        let identity = transcript.accepted().identity.clone();
        // How many pieces the answer came in is not the agent's doing.
        let mut names = transcript.names();
        names.dedup();
        (config, names, transcript.text(), identity)
    };
    let off = seen().await;
    enforce(&app, Enforcement::Report).await;
    assert_eq!(seen().await, off);
    enforce(&app, Enforcement::Require).await;
    assert_eq!(reqwest::get(app.api("/config")).await.unwrap().text().await.unwrap(), off.0);
    enforce(&app, Enforcement::Off).await;
    assert_eq!(seen().await, off);
}

/// Sends a message once more and hears that it was taken before, but from nobody known.
async fn repeated(app: &TestApp, client: &Client, body: &Value, code: IdentityCode) -> String {
    let transcript = read(client.post(app.api("/chat")).json(body).send().await.unwrap()).await;
    let accepted = transcript.accepted();
    assert_eq!((accepted.identity.status, accepted.identity.code), (IdentityStatus::Anonymous, Some(code)));
    assert_eq!((&accepted.identity.user_id, &accepted.session), (&None, &None));
    transcript.text()
}

#[tokio::test]
async fn a_message_that_was_taken_is_answered_to_its_session_also_when_its_token_has_ended() {
    let app = TestApp::start().await;
    enforce(&app, Enforcement::Require).await;
    let exp = app.now_secs() + 60;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada", "exp": exp })));
    let body = ada.chat_body("When are refunds paid?", None);
    let first = read(ada.post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    ada.session = first.accepted().session.clone();
    let conversation = first.accepted().conversation_id;
    let ben = app.token(json!({ "user_id": "ben" }));
    let mut ben = Client { next: 100, ..Client::with_token(&ben) };
    ben.chat(&app, "Hello", None).await;
    let (stored, counted) = (message_count(&app).await, app.counted().await);

    // The response was lost, and the page finds out after its token has ended.
    app.clock.advance(Duration::from_secs(71));
    assert_eq!(repeated(&app, &ada, &body, IdentityCode::TokenExpired).await, first.text());
    let attempt = app.log().await.remove(0);
    assert_eq!((attempt.surface, attempt.verdict), (Surface::Chat, Err(Rejection::Expired)));
    assert_eq!(attempt.conversation, Some(conversation));
    // Nobody else gets it, and nothing new is taken.
    for session in [None, ben.session.clone()] {
        let response = Client { session, ..ada.clone() }.post(app.api("/chat")).json(&body).send().await;
        assert_eq!(problem(response.unwrap()).await, (403, "identity_required".into()));
    }
    refused(&app, &mut ada, Some(&conversation.to_string())).await;
    assert_eq!(message_count(&app).await, stored);
    let identified = |rows: &[eloquent_store::CoverageRow]| -> u64 {
        rows.iter().filter(|row| row.code.is_none()).map(|row| row.requests).sum()
    };
    let now = app.counted().await;
    assert_eq!(identified(&now), identified(&counted));
    assert_eq!(now.iter().map(|row| row.requests).sum::<u64>(), identified(&now) + 3, "three refusals");

    // The same for who was blocked since: the session reads what it took part in, and no more.
    ada.token = Some(app.token(json!({ "user_id": "ada" })).expose().to_owned());
    let mut body = body;
    body["identity_token"] = ada.token.clone().into();
    let scope = app.scope;
    let profile = app.log().await.iter().find_map(|attempt| {
        let signed = attempt.signed.as_ref()?.user_id.as_ref()?;
        attempt.profile.filter(|_| signed.as_str() == "ada")
    });
    app.write(move |writer| {
        writer.set_profile_blocked(&scope, profile.expect("ada's profile"), true, "test", START)
    })
    .await;
    assert_eq!(repeated(&app, &ada, &body, IdentityCode::IdentityBlocked).await, first.text());
    refused(&app, &mut ada, Some(&conversation.to_string())).await;
}

/// Begins a message, and returns when the server waits for its body.
async fn begin_slowly(app: &TestApp, path: &str, body: &str) -> TcpStream {
    let address = app.url.trim_start_matches("http://");
    let mut peer = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/agents/{}{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        app.agent,
        body.len()
    );
    peer.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    peer.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    peer
}

async fn end_slowly(mut peer: TcpStream, body: &str) -> String {
    peer.write_all(body.as_bytes()).await.unwrap();
    let mut response = String::new();
    peer.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn what_was_set_when_a_request_began_to_come_counts_for_nothing() {
    let app = TestApp::start().await;
    let message = Client::new().chat_body("A word that is nowhere kept: xylograph", None).to_string();
    let token = app.token(json!({ "user_id": "ada" }));
    let token = json!({ "token": token.expose() }).to_string();
    let chat = begin_slowly(&app, "/chat", &message).await;
    let identify = begin_slowly(&app, "/identify", &token).await;
    enforce(&app, Enforcement::Require).await;
    let scope = app.scope;
    app.write(move |writer| writer.set_agent_identify(&scope, false)).await;
    let response = end_slowly(chat, &message).await;
    assert!(response.starts_with("HTTP/1.1 403") && response.contains("identity_required"), "{response}");
    let response = end_slowly(identify, &token).await;
    assert!(response.contains("identity_disabled"), "{response}");
    assert_eq!(message_count(&app).await, 0);
    assert!(app.log().await.iter().all(|attempt| attempt.enforcement == Enforcement::Require));
}
