//! Streams: resumed at any event, from any place, also after a restart; stopped; followed live.

use std::time::Duration;

use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::{Client, Transcript, problem, read, read_until},
};
use eloquent_types::chat::{FinishReason, StreamEvent};
use serde_json::{Value, json};

async fn slow() -> TestApp {
    TestApp::with(TestOptions { pace: Duration::from_millis(15), ..TestOptions::default() }).await
}

fn events_url(app: &TestApp, id: &str) -> String {
    app.api(&format!("/conversations/{id}/events"))
}

/// A visitor who asks and goes away with the answer's first words: the visitor, what they have seen, and
/// the conversation.
async fn leave_in_mid_answer(app: &TestApp) -> (Client, Transcript, String) {
    let mut client = Client::new();
    let body = client.chat_body("How do I ask for a refund?", None);
    let response = client.post(app.api("/chat")).json(&body).send().await.unwrap();
    let begun = read_until(response, |event| matches!(event, StreamEvent::Delta(_))).await;
    client.session.clone_from(&begun.accepted().session);
    let id = begun.accepted().conversation_id.to_string();
    (client, begun, id)
}

fn is_end(event: &StreamEvent) -> bool {
    matches!(event, StreamEvent::Done(_) | StreamEvent::Error(_))
}

#[tokio::test]
async fn from_every_event_the_rest_is_the_rest() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let whole = client.chat(&app, "How do I ask for a refund?", None).await;
    let id = whole.accepted().conversation_id.to_string();
    for index in 0..whole.events.len() - 1 {
        let after = &whole.events[index].0;
        for by_header in [true, false] {
            let request = if by_header {
                client.get(events_url(&app, &id)).header("last-event-id", after)
            } else {
                client.get(format!("{}?after={after}", events_url(&app, &id)))
            };
            let rest = read_until(request.send().await.unwrap(), is_end).await;
            let had: String = Transcript { events: whole.events[..=index].to_vec() }.text();
            assert_eq!([had, rest.text()].concat(), whole.text(), "after {after}");
            assert_eq!(rest.last_id(), whole.last_id());
        }
    }
    // From the beginning, the question comes as a whole message.
    let all = read_until(client.get(events_url(&app, &id)).send().await.unwrap(), is_end).await;
    assert_eq!(all.names()[0], "message");
    assert_eq!(all.text(), whole.text());
}

#[tokio::test]
async fn the_answer_is_finished_when_nobody_listens() {
    let app = slow().await;
    let (client, begun, id) = leave_in_mid_answer(&app).await;
    let rest =
        client.get(events_url(&app, &id)).header("last-event-id", begun.last_id()).send().await.unwrap();
    let rest = read_until(rest, is_end).await;
    assert!(rest.names().contains(&"delta") && !rest.names().contains(&"message"), "{:?}", rest.names());
    let view = client.view(&app, &id).await.unwrap();
    assert_eq!(view["messages"][1]["state"], "complete");
    assert_eq!(view["messages"][1]["text"], [begun.text(), rest.text()].concat());
    assert_eq!(view["cursor"], rest.last_id());
}

#[tokio::test]
async fn a_view_in_mid_answer_continues_exactly_at_its_cursor() {
    let app = slow().await;
    let (client, _, id) = leave_in_mid_answer(&app).await;
    let view = client.view(&app, &id).await.unwrap();
    assert_eq!(view["messages"][1]["state"], "streaming");
    let had = view["messages"][1]["text"].as_str().unwrap_or_default().to_owned();
    let url = format!("{}?after={}", events_url(&app, &id), view["cursor"].as_str().unwrap());
    let rest = read_until(client.get(url).send().await.unwrap(), is_end).await;
    let end: Value = client.view(&app, &id).await.unwrap();
    assert_eq!(end["messages"][1]["text"], [had, rest.text()].concat());
}

#[tokio::test]
async fn stop_ends_the_answer_and_keeps_its_text() {
    let app = slow().await;
    let (client, begun, id) = leave_in_mid_answer(&app).await;
    let stop = || async {
        let response = client.post(app.api(&format!("/conversations/{id}/stop"))).send().await.unwrap();
        response.json::<Value>().await.unwrap()
    };
    assert_eq!(stop().await, json!({ "stopped": true }));
    let rest =
        client.get(events_url(&app, &id)).header("last-event-id", begun.last_id()).send().await.unwrap();
    let rest = read_until(rest, is_end).await;
    let Some((_, StreamEvent::Done(done))) = rest.events.last() else { panic!("{:?}", rest.names()) };
    assert_eq!(done.finish_reason, FinishReason::Stopped);
    let view = client.view(&app, &id).await.unwrap();
    assert_eq!(view["messages"][1]["state"], "stopped");
    assert_eq!(view["messages"][1]["text"], [begun.text(), rest.text()].concat());
    assert_eq!(stop().await, json!({ "stopped": false }));
}

#[tokio::test]
async fn a_restart_in_mid_answer_keeps_the_text_and_says_so() {
    let mut app = slow().await;
    let (client, begun, id) = leave_in_mid_answer(&app).await;
    app.restart().await;
    let rest =
        client.get(events_url(&app, &id)).header("last-event-id", begun.last_id()).send().await.unwrap();
    let rest = read_until(rest, is_end).await;
    let Some((_, StreamEvent::Error(failure))) = rest.events.last() else { panic!("{:?}", rest.names()) };
    assert!(failure.retryable);
    let view = client.view(&app, &id).await.unwrap();
    assert_eq!(view["messages"][1]["state"], "interrupted");
    assert_eq!(view["messages"][1]["text"], [begun.text(), rest.text()].concat());
}

#[tokio::test]
async fn another_tab_sees_the_question_and_the_answer() {
    let app = slow().await;
    let mut client = Client::new();
    let first = client.chat(&app, "When are refunds paid?", None).await;
    let id = first.accepted().conversation_id.to_string();
    let tab =
        client.get(events_url(&app, &id)).header("last-event-id", first.last_id()).send().await.unwrap();
    let mut other = client.clone();
    let (seen, said) =
        tokio::join!(read_until(tab, is_end), other.chat(&app, "And how do I ask?", Some(&id)));
    assert_eq!(seen.names()[0], "message");
    assert_eq!(seen.text(), said.text());
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_read_it() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let first = client.chat(&app, "Hello", None).await;
    let id = first.accepted().conversation_id.to_string();
    let open =
        client.get(events_url(&app, &id)).header("last-event-id", first.last_id()).send().await.unwrap();
    let before = client.clone();
    client.identify(&app, app.token(json!({ "user_id": "ada" })).expose()).await;
    let mut ada = client.clone();
    // What ada writes next wakes the old reader, whose session is gone by now.
    let (seen, said) = tokio::join!(read(open), ada.chat(&app, "My secret question", Some(&id)));
    assert!(seen.events.is_empty(), "{:?}", seen.names());
    assert!(!said.events.is_empty());
    assert!(before.view(&app, &id).await.is_err());
}

#[tokio::test]
async fn a_stream_that_a_token_alone_opened_ends_with_the_token() {
    let app = TestApp::start().await;
    let exp = app.now_secs() + 60;
    let mut page = Client::with_token(&app.token(json!({ "user_id": "ada", "exp": exp })));
    let first = page.chat(&app, "Hello", None).await;
    let id = first.accepted().conversation_id.to_string();
    let open =
        |client: &Client| client.get(events_url(&app, &id)).header("last-event-id", first.last_id()).send();
    let by_token = open(&Client { session: None, ..page.clone() }).await.unwrap();
    let by_session = open(&page).await.unwrap();

    app.clock.advance(Duration::from_secs(71));
    let said = page.chat(&app, "Is anybody there?", Some(&id)).await;
    assert!(read(by_token).await.events.is_empty());
    let seen = read_until(by_session, is_end).await;
    assert_eq!(seen.text(), said.text());
}

#[tokio::test]
async fn cursors_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let id = client.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    for bad in ["x", "1", "-1.0", "1.x", "99999999999.0", "1.end.2", ""] {
        let response = client.get(events_url(&app, &id)).header("last-event-id", bad).send().await.unwrap();
        assert_eq!(problem(response).await, (422, "invalid_field".into()), "{bad}");
    }
    // One that points into the middle of a character, or behind the end, is no way to crash the server.
    for odd in ["2.1", "2.99999999", "0.0", "1.5"] {
        let response = client.get(events_url(&app, &id)).header("last-event-id", odd).send().await.unwrap();
        assert!(is_end(&read_until(response, is_end).await.events.last().unwrap().1), "{odd}");
    }
}
