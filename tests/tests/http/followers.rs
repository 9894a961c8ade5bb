//! Streams that follow a conversation: what they bring while no answer runs, how many there may be, and that
//! they end with the server.

use std::time::Duration;

use eloquent_server::limits::{Limits, Rate, Rates, Scopes, StreamLimits};
use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::{Client, problem, read, read_until},
};
use eloquent_types::chat::StreamEvent;
use reqwest::Response;

async fn follow(app: &TestApp, client: &Client, conversation: &str, after: &str) -> Response {
    let url = app.api(&format!("/conversations/{conversation}/events?after={after}"));
    client.get(url).send().await.unwrap()
}

async fn begin(app: &TestApp, client: &mut Client) -> (String, String) {
    let transcript = client.chat(app, "Hello", None).await;
    (transcript.accepted().conversation_id.to_string(), transcript.last_id().to_owned())
}

fn is_done(event: &StreamEvent) -> bool {
    matches!(event, StreamEvent::Done(_))
}

#[tokio::test]
async fn every_follower_hears_what_another_tab_begins_and_resumes_from_each_id() {
    let mut app = TestApp::start().await;
    let mut client = Client::new();
    let (conversation, end) = begin(&app, &mut client).await;
    let readers =
        [follow(&app, &client, &conversation, &end).await, follow(&app, &client, &conversation, &end).await];
    let asked = client.chat(&app, "How long do refunds take?", Some(&conversation)).await;
    let [one, two] = readers.map(|reader| read_until(reader, is_done));
    let (one, two) = (one.await, two.await);
    assert_eq!(one.names().first(), Some(&"message"));
    assert_eq!((one.text(), two.text()), (asked.text(), asked.text()));
    assert_eq!(one.last_id(), asked.last_id());

    app.restart().await;
    for (at, (id, _)) in one.events.iter().enumerate() {
        if at + 1 == one.events.len() {
            break;
        }
        let rest = read_until(follow(&app, &client, &conversation, id).await, is_done).await;
        let text: String =
            one.events[..=at].iter().filter_map(delta).chain(rest.events.iter().filter_map(delta)).collect();
        assert_eq!(text, asked.text(), "from {id}");
        assert_eq!(rest.last_id(), one.last_id());
    }
}

fn delta((_, event): &(String, StreamEvent)) -> Option<String> {
    match event {
        StreamEvent::Delta(delta) => match &delta.content {
            eloquent_types::chat::DeltaContent::Markdown(text) => Some(text.clone()),
            eloquent_types::chat::DeltaContent::Blocks { .. } => None,
        },
        _ => None,
    }
}

async fn bounded(streams: StreamLimits) -> TestApp {
    let rate = Rate::new(1_000_000, Duration::from_millis(1));
    let scopes = Scopes { session: rate, address: rate, agent: rate };
    let rates = Rates { identify: scopes, chat: scopes, read: scopes, new_sessions: rate, streams };
    TestApp::with(TestOptions { limits: Limits::of(rates), ..TestOptions::default() }).await
}

/// Asks until there is room: that a connection has gone is noticed soon, but not at once.
async fn finds_room(app: &TestApp, client: &Client, conversation: &str) -> Response {
    for _ in 0..200 {
        let response = follow(app, client, conversation, "2.end").await;
        if response.status() == 200 {
            return response;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("a stream that has ended keeps its place");
}

#[tokio::test]
async fn a_session_follows_with_so_many_streams_at_once() {
    let app = bounded(StreamLimits { session: 2, address: 100, total: 100 }).await;
    let (mut ann, mut ben) = (Client::new(), Client { next: 500, ..Client::new() });
    let (anns, _) = begin(&app, &mut ann).await;
    let (bens, _) = begin(&app, &mut ben).await;
    let (first, _second) =
        (follow(&app, &ann, &anns, "2.end").await, follow(&app, &ann, &anns, "2.end").await);
    let refused = follow(&app, &ann, &anns, "2.end").await;
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(problem(refused).await, (429, "rate_limited".into()));
    assert_eq!(follow(&app, &ben, &bens, "2.end").await.status(), 200, "nobody else is meant");
    // Asking goes on all the same.
    assert_eq!(ann.chat(&app, "And now?", Some(&anns)).await.names().last(), Some(&"done"));
    drop(first);
    finds_room(&app, &ann, &anns).await;
}

#[tokio::test]
async fn an_address_and_the_server_have_bounds_too() {
    for streams in [
        StreamLimits { session: 100, address: 2, total: 100 },
        StreamLimits { session: 100, address: 100, total: 2 },
    ] {
        let app = bounded(streams).await;
        let mut ann = Client::new();
        let (anns, _) = begin(&app, &mut ann).await;
        let open = [follow(&app, &ann, &anns, "2.end").await, follow(&app, &ann, &anns, "2.end").await];
        let refused = follow(&app, &ann, &anns, "2.end").await;
        assert_eq!(problem(refused).await, (429, "rate_limited".into()), "{streams:?}");
        drop(open);
        finds_room(&app, &ann, &anns).await;
    }
}

#[tokio::test]
async fn what_is_not_mine_takes_no_place() {
    let app = bounded(StreamLimits { session: 1, address: 1, total: 1 }).await;
    let (mut ann, mut ben) = (Client::new(), Client { next: 500, ..Client::new() });
    let (anns, _) = begin(&app, &mut ann).await;
    begin(&app, &mut ben).await;
    for _ in 0..3 {
        assert_eq!(problem(follow(&app, &ben, &anns, "2.end").await).await.0, 404);
    }
    assert_eq!(follow(&app, &ann, &anns, "2.end").await.status(), 200);
}

#[tokio::test]
async fn followers_end_with_the_server() {
    let mut app = TestApp::start().await;
    let mut client = Client::new();
    let (conversation, end) = begin(&app, &mut client).await;
    let readers =
        [follow(&app, &client, &conversation, &end).await, follow(&app, &client, &conversation, &end).await];
    // It waits for every connection: one that did not end would be waited for without end.
    app.restart().await;
    for reader in readers {
        assert!(read(reader).await.events.is_empty());
    }
}
