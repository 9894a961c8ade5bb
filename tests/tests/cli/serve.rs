//! The running program: what was acknowledged survives `kill -9`, a stop is orderly, the log keeps
//! secrets, the demo works.

use std::path::Path;

use eloquent_tests::client::{Client, problem, read, read_until};
use eloquent_types::chat::StreamEvent;
use serde_json::{Value, json};

use super::program::{Server, succeed};

fn prepare(data: &Path) -> String {
    let agent = succeed(data, &["agent", "create", "--name", "Helper"]);
    succeed(data, &["key", "create"]);
    agent.lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let agent = prepare(folder.path());
    let server = Server::serve(folder.path(), &["--pace", "100"]);
    let api = |url: &str, path: &str| format!("{url}/v1/agents/{agent}{path}");
    let mut client = Client::new();
    let body = client.chat_body("What can you tell me about everything that you know?", None);
    let response = client.post(api(&server.url, "/chat")).json(&body).send().await.unwrap();
    let begun = read_until(response, |event| matches!(event, StreamEvent::Delta(_))).await;
    client.session.clone_from(&begun.accepted().session);
    let id = begun.accepted().conversation_id;
    server.kill();

    let server = Server::serve(folder.path(), &[]);
    let events = client.get(api(&server.url, &format!("/conversations/{id}/events")));
    let rest = events.header("last-event-id", begun.last_id()).send().await.unwrap();
    let rest = read_until(rest, |event| matches!(event, StreamEvent::Done(_) | StreamEvent::Error(_))).await;
    assert_eq!(rest.names().last(), Some(&"error"), "{:?}", rest.names());
    let view = client.get(api(&server.url, &format!("/conversations/{id}"))).send().await.unwrap();
    let view: Value = view.json().await.unwrap();
    assert_eq!(view["messages"][0]["text"], "What can you tell me about everything that you know?");
    assert_eq!(view["messages"][1]["state"], "interrupted");
    // Everything that was shown is there, nothing of it twice.
    assert_eq!(view["messages"][1]["text"], [begun.text(), rest.text()].concat());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_answers_finish_and_ends_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let agent = prepare(folder.path());
    let server = Server::serve(folder.path(), &["--pace", "5"]);
    let url = server.url.clone();
    let mut client = Client::new();
    let body = client.chat_body("Who are you?", None);
    let response = client.post(format!("{url}/v1/agents/{agent}/chat")).json(&body).send().await.unwrap();
    let reading = read(response);
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    let (transcript, stopped) = tokio::join!(reading, stopping);
    assert_eq!(transcript.names().last(), Some(&"done"), "{:?}", transcript.names());
    assert_eq!(stopped.unwrap().0, Some(0));
}

#[cfg(unix)]
#[test]
fn clients_that_send_half_a_request_do_not_hold_up_the_stop() {
    use std::{io::Write as _, net::TcpStream};

    let folder = tempfile::tempdir().unwrap();
    let agent = prepare(folder.path());
    let server = Server::serve(folder.path(), &[]);
    let address = server.url.trim_start_matches("http://");
    let half_a_body = format!(
        "POST /v1/agents/{agent}/chat HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
        content-length: 9\r\n\r\n{{"
    );
    let held: Vec<_> = ["GET /healthz HTTP/1.1\r\n", &half_a_body]
        .into_iter()
        .map(|part| {
            let mut connection = TcpStream::connect(address).unwrap();
            connection.write_all(part.as_bytes()).unwrap();
            connection
        })
        .collect();
    assert_eq!(server.terminate().0, Some(0));
    drop(held);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_takes_no_new_message() {
    let folder = tempfile::tempdir().unwrap();
    let agent = prepare(folder.path());
    // Slow enough that the answer is being written until the server gives up waiting for it.
    let server = Server::serve(folder.path(), &["--pace", "2000"]);
    let chat = format!("{}/v1/agents/{agent}/chat", server.url);
    let ready = format!("{}/readyz", server.url);
    let mut client = Client::new();
    let body = client.chat_body("Who are you?", None);
    let response = client.post(chat.clone()).json(&body).send().await.unwrap();
    let begun = read_until(response, |event| matches!(event, StreamEvent::Delta(_))).await;
    assert!(begun.accepted().session.is_some());
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    while client.get(ready.clone()).send().await.unwrap().status() != 503 {}
    let body = client.chat_body("And you?", None);
    let refused = client.post(chat).json(&body).send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(problem(refused).await, (503, "server_busy".into()));
    assert_eq!(stopping.await.unwrap().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_token_secret_message_or_email() {
    let folder = tempfile::tempdir().unwrap();
    let agent = prepare(folder.path());
    let token = succeed(
        folder.path(),
        &["token", "sign", "--user-id", "canary-user", "--email", "canary@example.com"],
    );
    let server = Server::serve(folder.path(), &["--log-level", "trace,hyper=info", "--log-format", "json"]);
    let mut client = Client { token: Some(token.trim().to_owned()), ..Client::new() };
    for token in [client.token.clone(), Some("canary.bad.token".to_owned())] {
        client.token = token;
        let body = client.chat_body("canary message", None);
        let response =
            client.post(format!("{}/v1/agents/{agent}/chat", server.url)).json(&body).send().await.unwrap();
        let transcript = read(response).await;
        client.session = transcript.accepted().session.clone().or(client.session.take());
        client
            .get(format!("{}/v1/agents/{agent}/conversations?canary=query", server.url))
            .send()
            .await
            .unwrap();
    }
    let session = client.session.clone().unwrap();
    let log = server.kill();
    assert!(log.contains("identity token checked"), "{log}");
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "one JSON object a line: {line}");
    }
    for secret in ["canary", token.trim(), session.expose(), "elq_"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_signs_in_its_customers() {
    let server = Server::start(&["demo"], "Stop it");
    let url = &server.url;
    assert!(
        server.greeting.contains("/dashboard") && server.greeting.contains("demo@fernhill.example"),
        "{}",
        server.greeting
    );
    let http = reqwest::Client::new();
    let page = http.get(format!("{url}/demo/")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
    let session: Value =
        http.get(format!("{url}/demo/api/session")).send().await.unwrap().json().await.unwrap();
    assert_eq!(session["customer"], Value::Null);
    assert_eq!(session["customers"].as_array().unwrap().len(), 3);
    let nobody = http.post(format!("{url}/demo/api/eloquent-token")).send().await.unwrap();
    assert_eq!(nobody.status(), 401);

    let login =
        http.post(format!("{url}/demo/api/login")).json(&json!({ "customer": "ada" })).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token =
        http.post(format!("{url}/demo/api/eloquent-token")).header("cookie", &cookie).send().await.unwrap();
    let token: Value = token.json().await.unwrap();
    let agent = session["agent_id"].as_str().unwrap();
    let mut client = Client { token: token["token"].as_str().map(ToOwned::to_owned), ..Client::new() };
    let body = client.chat_body("Which plan am I on?", None);
    let response = client.post(format!("{url}/v1/agents/{agent}/chat")).json(&body).send().await.unwrap();
    let text = read(response).await.text();
    assert!(text.contains("Ada") && text.contains("Office"), "{text}");
    let body = client.chat_body("How do I pause my subscription?", None);
    let response = client.post(format!("{url}/v1/agents/{agent}/chat")).json(&body).send().await.unwrap();
    let answer = read(response).await;
    let Some((_, StreamEvent::Done(done))) = answer.events.last() else { panic!("{:?}", answer.names()) };
    assert!(!done.sources.is_empty(), "{}", answer.text());
    let logout = http.post(format!("{url}/demo/api/logout")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(logout.status(), 200);
    let token =
        http.post(format!("{url}/demo/api/eloquent-token")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(token.status(), 401);
    // An orderly end takes the demo's data with it.
    #[cfg(unix)]
    assert_eq!(tokio::task::spawn_blocking(|| server.terminate()).await.unwrap().0, Some(0));
}
