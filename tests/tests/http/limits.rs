//! Who asks too often is refused, can read so, and leaves nothing; who shares a session, an address or an
//! agent with them goes on as far as that is shared.

use std::time::Duration;

use eloquent_server::limits::{Limits, Rate, Rates, Scopes, StreamLimits};
use eloquent_store::ConversationFilter;
use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::{Client, message_id, problem},
};
use eloquent_types::session::SessionToken;
use reqwest::{Method, Response};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn limited(limits: &Limits) -> TestApp {
    TestApp::with(TestOptions { limits: *limits, ..TestOptions::default() }).await
}

/// A server behind a proxy, which is the test.
async fn proxied(rates: &Rates) -> TestApp {
    let limits = Limits::of(*rates);
    TestApp::with(TestOptions { limits, behind_proxy: true, ..TestOptions::default() }).await
}

/// Rates that nothing here reaches, to narrow one of them.
fn wide() -> Rates {
    let rate = Rate::new(1_000_000, Duration::from_millis(1));
    let scopes = Scopes { session: rate, address: rate, agent: rate };
    Rates {
        identify: scopes,
        chat: scopes,
        read: scopes,
        new_sessions: rate,
        streams: StreamLimits::default(),
    }
}

/// The seconds after which it is worth another try.
async fn refused(response: Response) -> u64 {
    let seconds = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(problem(response).await, (429, "rate_limited".into()));
    seconds
}

async fn identify(app: &TestApp, from: &str) -> Response {
    let request = Client::new().post(app.api("/identify")).header("x-forwarded-for", from);
    request.json(&json!({ "token": "no token" })).send().await.unwrap()
}

/// A visitor whose messages are nobody else's: the same message from another one takes the first one's
/// conversation over.
fn newcomer(n: u128) -> Client {
    Client { next: n * 1_000, ..Client::new() }
}

async fn ask(app: &TestApp, client: &mut Client) -> Response {
    let body = client.chat_body("Hello", None);
    client.post(app.api("/chat")).json(&body).send().await.unwrap()
}

async fn messages(app: &TestApp) -> u64 {
    let scope = app.scope;
    let filter = ConversationFilter::default();
    let rows = app.store.read(move |reader| reader.conversations(&scope, &filter, 1000, 0)).await.unwrap();
    rows.iter().map(|row| u64::from(row.message_count)).sum()
}

#[tokio::test]
async fn a_thousand_bad_tokens_from_one_address_leave_the_burst_in_the_log() {
    let app = limited(&Limits::default()).await;
    let client = Client::new();
    let mut judged = 0;
    for n in 0..1_000 {
        // Whatever the header says: this peer is no trusted proxy.
        let request =
            client.post(app.api("/identify")).header("x-forwarded-for", format!("192.0.2.{}", n % 250));
        let response = request.json(&json!({ "token": "no token" })).send().await.unwrap();
        if response.status() == 200 {
            judged += 1;
        } else {
            assert_eq!(refused(response).await, 1);
        }
    }
    assert_eq!((judged, app.log().await.len()), (200, 200));
    // Chat and reading are limited apart from it.
    assert_eq!(ask(&app, &mut Client::new()).await.status(), 200);
    assert_eq!(client.get(app.api("/config")).send().await.unwrap().status(), 200);
    // Ten come back each second.
    app.clock.advance(Duration::from_secs(1));
    for n in 0..11 {
        let status = identify(&app, "").await.status();
        assert_eq!(status, if n < 10 { 200 } else { 429 }, "{n}");
    }
    assert_eq!(app.log().await.len(), 210);
}

#[tokio::test]
async fn a_session_that_writes_like_a_script_is_slowed_and_nobody_else() {
    let app = limited(&Limits::default()).await;
    let mut script = Client::new();
    let session = script.chat(&app, "Hello", None).await.accepted().session.clone();
    assert_eq!(script.session, session);
    for _ in 0..20 {
        assert_eq!(ask(&app, &mut script).await.status(), 200);
    }
    let stored = messages(&app).await;
    for _ in 0..5 {
        assert_eq!(refused(ask(&app, &mut script).await).await, 2);
    }
    assert_eq!(messages(&app).await, stored, "nothing is stored of what is refused");
    let mut person = newcomer(1);
    person.chat(&app, "Hello", None).await;
    person.chat(&app, "Is anybody there?", None).await;
    // A moment later it is still a whole second that is told, never none.
    app.clock.advance(Duration::from_millis(1_999));
    assert_eq!(refused(ask(&app, &mut script).await).await, 1);
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(ask(&app, &mut script).await.status(), 200);
    assert_eq!(refused(ask(&app, &mut script).await).await, 2);
}

#[tokio::test]
async fn an_office_behind_one_address_gets_in() {
    let app = limited(&Limits::default()).await;
    // A morning: two hundred people, each a page with a session of its own and a few requests.
    for person in 0..200_u64 {
        let client = Client::new();
        for _ in 0..4 {
            assert_eq!(client.get(app.api("/conversations")).send().await.unwrap().status(), 200, "{person}");
        }
        let token = app.token(json!({ "user_id": person.to_string() }));
        let response =
            client.post(app.api("/identify")).json(&json!({ "token": token.expose() })).send().await.unwrap();
        assert_eq!(response.status(), 200, "{person}");
    }
}

#[tokio::test]
async fn anonymous_sessions_of_an_address_are_bounded_and_those_who_have_one_go_on() {
    let rates = Rates { new_sessions: Rate::new(3, Duration::from_secs(10)), ..wide() };
    let app = limited(&Limits::of(rates)).await;
    let mut kept = newcomer(1);
    kept.chat(&app, "Hello", None).await;
    for n in 2..=3 {
        assert_eq!(ask(&app, &mut newcomer(n)).await.status(), 200);
    }
    let stored = messages(&app).await;
    // Without a session, with one that was never issued, with a token that identifies nobody.
    let made_up = SessionToken::parse(format!("vst_{}", "a".repeat(43))).unwrap();
    let strangers = [
        newcomer(4),
        Client { session: Some(made_up), ..newcomer(5) },
        Client { token: Some("no token".to_owned()), ..newcomer(6) },
    ];
    for mut stranger in strangers {
        assert_eq!(refused(ask(&app, &mut stranger).await).await, 10, "{stranger:?}");
    }
    assert_eq!(messages(&app).await, stored);
    kept.chat(&app, "I was here before", None).await;
    let token = app.token(json!({ "user_id": "ada" })).expose().to_owned();
    let mut ada = Client { token: Some(token), ..newcomer(7) };
    ada.chat(&app, "I am somebody", None).await;
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(ask(&app, &mut newcomer(8)).await.status(), 200);
    assert_eq!(refused(ask(&app, &mut newcomer(9)).await).await, 10);
    assert_eq!(app.log().await.len(), 1, "only ada's message came with a token and was taken");
}

#[tokio::test]
async fn each_client_behind_a_proxy_has_a_bucket_of_its_own() {
    let mut rates = wide();
    rates.identify.address = Rate::new(2, Duration::from_secs(30));
    let app = proxied(&rates).await;
    for from in ["192.0.2.1", "192.0.2.2", "2001:db8:0:1::1"] {
        for _ in 0..2 {
            assert_eq!(identify(&app, from).await.status(), 200, "{from}");
        }
        assert_eq!(refused(identify(&app, from).await).await, 30, "{from}");
    }
    // The same client in other words: what it sent itself, its IPv4 address as IPv6, its own /64.
    for from in ["203.0.113.9, 192.0.2.1", "::ffff:192.0.2.1", "2001:db8:0:1:ffff::2", "192.0.2.2, 127.0.0.1"]
    {
        assert_eq!(refused(identify(&app, from).await).await, 30, "{from}");
    }
    assert_eq!(identify(&app, "2001:db8:0:2::1").await.status(), 200);
}

#[tokio::test]
async fn a_new_session_each_time_is_no_way_around_the_address() {
    let mut rates = wide();
    rates.identify.session = Rate::new(1, Duration::from_mins(1));
    rates.identify.address = Rate::new(3, Duration::from_secs(8));
    let app = limited(&Limits::of(rates)).await;
    let identify = async |n: u32| {
        let session = SessionToken::parse(format!("vst_{n:0>43}")).unwrap();
        let client = Client { session: Some(session), ..Client::new() };
        client.post(app.api("/identify")).json(&json!({ "token": "x" })).send().await.unwrap()
    };
    assert_eq!(identify(0).await.status(), 200);
    // The session's own bucket comes first: what it refuses takes nothing from the address.
    for _ in 0..5 {
        assert_eq!(refused(identify(0).await).await, 60);
    }
    for n in 1..=2 {
        assert_eq!(identify(n).await.status(), 200);
    }
    assert_eq!(refused(identify(3).await).await, 8);
}

#[tokio::test]
async fn an_agent_is_bounded_whoever_asks() {
    let mut rates = wide();
    rates.identify.agent = Rate::new(3, Duration::from_secs(4));
    let app = proxied(&rates).await;
    for n in 1..=3 {
        assert_eq!(identify(&app, &format!("192.0.2.{n}")).await.status(), 200);
    }
    assert_eq!(refused(identify(&app, "192.0.2.4").await).await, 4);
    assert_eq!(ask(&app, &mut Client::new()).await.status(), 200);
}

#[tokio::test]
async fn a_refusal_is_for_the_page_to_read() {
    let mut rates = wide();
    rates.chat.agent = Rate::new(1, Duration::from_secs(7));
    rates.read.address = Rate::new(3, Duration::from_secs(7));
    let origins = vec!["https://shop.example".to_owned()];
    let app =
        TestApp::with(TestOptions { limits: Limits::of(rates), origins, ..TestOptions::default() }).await;
    let from_page = |method: Method, path: &str| {
        let request = reqwest::Client::new().request(method, app.api(path));
        request.header("origin", "https://shop.example")
    };
    let body = json!({ "message": { "id": message_id(1), "text": "Hello" } });
    assert_eq!(from_page(Method::POST, "/chat").json(&body).send().await.unwrap().status(), 200);
    let response = from_page(Method::POST, "/chat").json(&body).send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(response.headers()["access-control-expose-headers"], "retry-after");
    assert_eq!(response.headers()["vary"], "origin");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(refused(response).await, 7);
    // Before the agent is known, every page may read that it asks too often. A preflight is a read.
    for n in 0..3 {
        assert_eq!(from_page(Method::OPTIONS, "/chat").send().await.unwrap().status(), 204, "{n}");
    }
    for method in [Method::OPTIONS, Method::GET] {
        let response = from_page(method, "/config").send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(response.headers()["access-control-expose-headers"], "retry-after");
        assert_eq!(refused(response).await, 7);
    }
}

#[tokio::test]
async fn who_tries_agents_at_random_meets_the_limits_too() {
    let mut rates = wide();
    rates.read.address = Rate::new(2, Duration::from_secs(3));
    let app = limited(&Limits::of(rates)).await;
    let config = |id: &str| reqwest::get(app.at(&format!("/v1/agents/{id}/config")));
    for id in ["agt_01h2xcejqtf2nbrexx3vqjhp41", "x"] {
        assert_eq!(config(id).await.unwrap().status(), 404);
    }
    assert_eq!(refused(config("agt_01h2xcejqtf2nbrexx3vqjhp42").await.unwrap()).await, 3);
}

/// What comes back on a connection whose client sends all of a large body before it reads, the body a little
/// later than the head.
async fn response_to_a_slow_writer(app: &TestApp, head: &str) -> std::io::Result<String> {
    const BODY_BYTES: usize = 60_000;
    let address = app.url.trim_start_matches("http://");
    let mut peer = TcpStream::connect(address).await?;
    let head = format!(
        "POST /v1/agents/{head}\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {BODY_BYTES}\r\n\r\n"
    );
    peer.write_all(head.as_bytes()).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    for part in vec![b' '; BODY_BYTES].chunks(20_000) {
        peer.write_all(part).await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut response = String::new();
    peer.read_to_string(&mut response).await?;
    Ok(response)
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_writing() {
    let narrow = Rate::new(1, Duration::from_hours(1));
    let rates = Rates { chat: Scopes { address: narrow, ..wide().chat }, ..wide() };
    let limits = Limits::of(rates);
    let origins = vec!["https://shop.example".to_owned()];
    let app = TestApp::with(TestOptions { limits, origins, ..TestOptions::default() }).await;
    ask(&app, &mut Client::new()).await;
    let agent = app.agent;
    for (head, status) in [
        (format!("{agent}/chat HTTP/1.1"), "429"),
        (format!("{agent}/identify HTTP/1.1\r\norigin: https://other.example"), "403"),
        ("agt_nobody/identify HTTP/1.1".to_owned(), "404"),
    ] {
        let response = response_to_a_slow_writer(&app, &head).await.unwrap();
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {response}");
        assert!(response.contains("application/problem+json"), "{response}");
    }
}
