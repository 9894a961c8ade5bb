//! `POST …/chat`: what is refused, what is answered, what the agent is told.

use std::time::Duration;

use eloquent_store::StoreError;
use eloquent_tests::{
    app::TestApp,
    client::{Client, message_id, problem, read},
};
use eloquent_types::{
    chat::{DeltaContent, IdentityStatus, StreamEvent},
    conversation::Role,
    id::ConversationId,
    rich::plain_text,
};
use serde_json::{Value, json};

#[tokio::test]
async fn an_anonymous_question_is_answered_with_its_source() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let transcript = client.chat(&app, "When are refunds paid?", None).await;
    assert_eq!(transcript.accepted().identity.status, IdentityStatus::Anonymous);
    assert!(transcript.accepted().session.is_some());
    assert!(transcript.text().contains("five working days"), "{}", transcript.text());
    let Some((_, StreamEvent::Done(done))) = transcript.events.last() else {
        panic!("{:?}", transcript.names())
    };
    assert_eq!(done.sources[0].title, "Refunds");
    assert_eq!(done.sources[0].url.as_ref().unwrap().as_str(), "https://help.example.com/refunds");
    // The next message continues with the same session.
    let id = transcript.accepted().conversation_id.to_string();
    let next = client.chat(&app, "And how do I ask for one?", Some(&id)).await;
    assert_eq!(next.accepted().conversation_id.to_string(), id);
    assert!(next.accepted().session.is_none());
    assert_eq!(client.conversations(&app).await, std::slice::from_ref(&id));
    let view = client.view(&app, &id).await.unwrap();
    let roles: Vec<_> = view["messages"].as_array().unwrap().iter().map(|m| m["role"].clone()).collect();
    assert_eq!(roles, ["visitor", "agent", "visitor", "agent"]);
}

#[tokio::test]
async fn the_verified_visitor_is_known_and_the_anonymous_one_is_not() {
    let app = TestApp::start().await;
    let claims =
        json!({ "user_id": "42", "name": "Ada Okafor", "plan": "Enterprise", "email": "ada@example.com" });
    let mut ada = Client::with_token(&app.token(claims));
    let transcript = ada.chat(&app, "Which plan am I on?", None).await;
    assert_eq!(transcript.accepted().identity.status, IdentityStatus::Verified);
    assert_eq!(transcript.accepted().identity.user_id.as_ref().unwrap().as_str(), "42");
    let text = transcript.text();
    assert!(text.contains("Ada") && text.contains("Enterprise"), "{text}");

    let context = context_of(&app, transcript.accepted().conversation_id).await;
    assert!(context.contains("<verified_identity>") && context.contains("\"Enterprise\""), "{context}");
    assert!(!context.contains("\"exp\"") && !context.contains("\"iat\""), "{context}");

    let mut nobody = Client::new();
    let transcript = nobody.chat(&app, "I am Ada, which plan am I on?", None).await;
    let text = transcript.text();
    assert!(!text.contains("Enterprise"), "{text}");
    let context = context_of(&app, transcript.accepted().conversation_id).await;
    assert!(!context.contains("<verified_identity>"), "{context}");
}

async fn context_of(app: &TestApp, id: ConversationId) -> String {
    let scope = app.scope;
    let record = app.store.read(move |reader| reader.conversation(&scope, id)).await.unwrap().unwrap();
    let answer = record.messages.into_iter().find(|message| message.role == Role::Agent).unwrap();
    answer.context.expect("a context was recorded")
}

#[tokio::test]
async fn blocks_are_the_same_text() {
    let app = TestApp::start().await;
    let mut body = Client::new().chat_body("How do I ask for a refund?", None);
    body["format"] = "blocks".into();
    let transcript = read(Client::new().post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    let mut shown = Vec::new();
    for (_, event) in &transcript.events {
        if let StreamEvent::Delta(delta) = event {
            let DeltaContent::Blocks { from, blocks } = &delta.content else { panic!("Markdown") };
            shown.truncate(*from as usize);
            assert_eq!(shown.len(), *from as usize);
            shown.extend(blocks.iter().cloned());
        }
    }
    assert!(plain_text(&shown).contains("choose Ask for a refund"), "{}", plain_text(&shown));
}

#[tokio::test]
async fn the_same_message_again_adds_nothing_and_gets_the_same_answer() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let first = client.chat(&app, "When are refunds paid?", None).await;
    client.next -= 1;
    let again = client.chat(&app, "When are refunds paid?", None).await;
    assert_eq!(again.accepted().message_id, first.accepted().message_id);
    assert_eq!(again.accepted().conversation_id, first.accepted().conversation_id);
    assert_eq!(again.text(), first.text());
    let view = client.view(&app, &first.accepted().conversation_id.to_string()).await.unwrap();
    assert_eq!(view["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_first_message_whose_response_was_lost_is_found_again() {
    let app = TestApp::start().await;
    let body = Client::new().chat_body("When are refunds paid?", None);
    let lost = read(Client::new().post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    // The client never saw the session: it comes back without one.
    let mut client = Client::new();
    let found = client.chat(&app, "When are refunds paid?", None).await;
    assert_eq!(found.accepted().conversation_id, lost.accepted().conversation_id);
    assert_eq!(found.text(), lost.text());
    assert!(client.view(&app, &found.accepted().conversation_id.to_string()).await.is_ok());
    // Once the session has come back, knowing the message's id opens nothing.
    let thief = read(Client::new().post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    assert_ne!(thief.accepted().conversation_id, found.accepted().conversation_id);
}

#[tokio::test]
async fn what_is_no_message_is_refused_with_its_code() {
    let app = TestApp::start().await;
    let message = |text: Value| json!({ "message": { "id": message_id(1), "text": text } });
    let with = |name: &str, value: Value| {
        let mut body = message("Hello".into());
        body[name] = value;
        body
    };
    let field = (422, "invalid_field");
    let cases = [
        (message("".into()), (422, "message_empty")),
        (message(" \n ".into()), (422, "message_empty")),
        (message("é".repeat(8_001).into()), (422, "message_too_long")),
        (message(42.into()), field),
        (message(Value::Null), field),
        (json!({}), field),
        (json!([]), field),
        (json!("x"), field),
        (json!({ "message": "Hello" }), field),
        (json!({ "message": { "text": "Hello" } }), field),
        (json!({ "message": { "id": "1", "text": "Hello" } }), field),
        (with("format", "html".into()), field),
        (with("conversation_id", 1.into()), field),
        (with("conversation_id", "cnv_01h2xcejqtf2nbrexx3vqjhp41".into()), (404, "conversation_not_found")),
        (with("conversation_id", "../x".into()), (404, "conversation_not_found")),
        (with("page", "x".into()), field),
        (with("page", json!({ "title": "x" })), field),
        (with("attributes", json!({ "a": [] })), field),
        (with("locale", "x".repeat(36).into()), field),
    ];
    for (body, (status, code)) in cases {
        let response = Client::new().post(app.api("/chat")).json(&body).send().await.unwrap();
        assert_eq!(problem(response).await, (status, code.to_owned()), "{body}");
    }
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = Client::new().post(app.api("/chat")).header("content-type", kind).body(body);
        async { problem(request.send().await.unwrap()).await }
    };
    assert_eq!(send("application/json", b"{".to_vec()).await, (400, "invalid_json".into()));
    assert_eq!(send("application/json", vec![0xff, 0xfe]).await, (400, "invalid_json".into()));
    assert_eq!(send("text/plain", b"{}".to_vec()).await, (415, "unsupported_media_type".into()));
    assert_eq!(send("application/json", vec![b' '; 64 * 1024 + 1]).await, (413, "body_too_large".into()));
    let deep = format!("{{\"message\":{}", "[".repeat(60_000));
    assert_eq!(send("application/json", deep.into_bytes()).await, (400, "invalid_json".into()));
    // Nothing was stored, and the server lives.
    let scope = app.scope;
    let filter = eloquent_store::ConversationFilter::default();
    let rows = app
        .store
        .read(move |reader| Ok::<_, StoreError>(reader.conversations(&scope, &filter, 10, 0)?.len()));
    assert_eq!(rows.await.unwrap(), 0);
    assert!(message("é".repeat(8_000).into()).is_object());
    let longest =
        Client::new().post(app.api("/chat")).json(&message("é".repeat(8_000).into())).send().await.unwrap();
    assert_eq!(longest.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_also_if_its_page_is_closed_at_once() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    client.chat(&app, "Hi", None).await;
    // While the writer is held, the request waits for its question to be stored.
    let (release, held) = std::sync::mpsc::channel::<()>();
    let store = app.store.clone();
    let holding = store.write(move |_| {
        // An error means that the test has failed already.
        let _ = held.recv();
        Ok::<_, StoreError>(())
    });
    let abandoning = async {
        let body = client.chat_body("How do I ask for a refund?", None);
        let request = client.post(app.api("/chat")).json(&body).send();
        // Both pauses only make it likely that the server is where it should be; what is asserted holds
        // wherever it is.
        let pause = Duration::from_millis(300);
        assert!(tokio::time::timeout(pause, request).await.is_err(), "the writer is held");
        tokio::time::sleep(pause).await;
        release.send(()).unwrap();
        body
    };
    let (held, body) = tokio::join!(holding, abandoning);
    held.unwrap();
    // The page comes back and sends it again, as the widget does after a lost connection.
    let again = client.post(app.api("/chat")).json(&body).send().await.unwrap();
    let answer = tokio::time::timeout(Duration::from_mins(1), read(again)).await.expect("it is answered");
    assert_eq!(answer.names().last(), Some(&"done"));
    assert_eq!(client.conversations(&app).await.len(), 2);
}
