//! What people have done in a conversation: who took over, what they wrote, what the visitor thought.

use eloquent_store::Reply;
use eloquent_tests::{
    app::{START, TestApp, mint},
    client::{Client, message_id, read, read_until},
};
use eloquent_types::{chat::StreamEvent, id::ConversationId};
use serde_json::{Value, json};

use super::member::Browser;

/// A POST of the visitor's to a conversation of theirs.
async fn post(app: &TestApp, visitor: &Client, conversation: &str, what: &str, body: Value) {
    let url = app.api(&format!("/conversations/{conversation}/{what}"));
    let answer = visitor.post(url).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 204, "{what}: {}", answer.text().await.unwrap());
}

/// The operator takes the conversation over and replies.
async fn take_over(app: &TestApp, conversation: &str, text: &str) {
    let (scope, id): (_, ConversationId) = (app.scope, conversation.parse().unwrap());
    let reply = Reply {
        id: mint(START),
        status_id: mint(START),
        author: "Noor <Support>".to_owned(),
        text: text.to_owned(),
        now: START,
    };
    app.write(move |writer| {
        writer.assign(&scope, id, &reply.author, mint(START), START)?;
        writer.reply(&scope, id, &reply)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_conversation_shows_who_took_over_and_what_the_visitor_thought() {
    let app = TestApp::start().await;
    let mut visitor = Client::new();
    let transcript = visitor.chat(&app, "How do I ask for a refund?", None).await;
    let id = transcript.accepted().conversation_id.to_string();
    let view = visitor.view(&app, &id).await.unwrap();
    let answer = &view["messages"][1]["id"];
    let thought = json!({ "message_id": answer, "rating": "down", "comment": "<b>Too long</b>\nfor me" });
    post(&app, &visitor, &id, "feedback", thought).await;
    post(&app, &visitor, &id, "handover", json!({})).await;

    let browser = Browser::logged_in(&app).await;
    let base = format!("/dashboard/agents/{}/conversations", app.agent);
    let page = browser.get(&app, &format!("{base}/{id}")).await;
    assert!(page.body.contains("This did not help the visitor"), "{}", page.body);
    assert!(page.body.contains("&lt;b&gt;Too long&lt;/b&gt;\nfor me") && !page.body.contains("<b>Too long"));
    assert!(page.body.contains("The visitor asked for a person"));
    let listed = async |status: &str| {
        let page = browser.get(&app, &format!("{base}?status={status}")).await;
        assert_eq!(page.status, 200);
        page.body.contains(&id)
    };
    assert!(listed("waiting").await && !listed("assigned").await && !listed("resolved").await);
    assert!(listed("").await && listed("nonsense").await);

    take_over(&app, &id, "Hello, this is **Noor**.").await;
    let page = browser.get(&app, &format!("{base}/{id}")).await;
    assert!(page.body.contains("<bdi>Noor &lt;Support&gt;</bdi> took over"), "{}", page.body);
    assert!(page.body.contains("<span class=\"author\"><bdi>Noor &lt;Support&gt;</bdi></span>"));
    assert!(page.body.contains("Hello, this is <strong>Noor</strong>."));
    assert!(page.body.contains("With <bdi>Noor &lt;Support&gt;</bdi>"));
    assert!(listed("assigned").await && !listed("waiting").await);

    let (scope, conversation) = (app.scope, id.parse().unwrap());
    app.write(move |writer| writer.resolve(&scope, conversation, "Noor", mint(START), START)).await.unwrap();
    let page = browser.get(&app, &format!("{base}/{id}")).await;
    assert!(page.body.contains("<bdi>Noor</bdi> marked it as resolved"));
    assert!(listed("resolved").await && !listed("assigned").await);
}

#[tokio::test]
async fn what_the_page_says_has_happened_is_shown_as_unverified_and_as_text() {
    let app = TestApp::start().await;
    let visitor = Client::new();
    let body = json!({
        "message": { "id": message_id(1), "text": "How do I ask for a refund?" },
        "events": [{ "name": "cart<b>", "properties": { "total": "84 €", "item": "<i>mug</i>" }, "at": START }],
    });
    let answer = visitor.post(app.api("/chat")).json(&body).send().await.unwrap();
    let id = read(answer).await.accepted().conversation_id.to_string();
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &format!("/dashboard/agents/{}/conversations/{id}", app.agent)).await;
    let (_, said) = page.body.split_once("What the page says").expect("the section");
    for part in ["Not verified", "cart&lt;b&gt;", "84 €", "&lt;i&gt;mug&lt;/i&gt;"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[tokio::test]
async fn a_member_takes_over_replies_and_marks_as_resolved() {
    let app = TestApp::start().await;
    let mut visitor = Client::new();
    let id = visitor.chat(&app, "Can I talk to somebody?", None).await.accepted().conversation_id.to_string();
    let browser = Browser::logged_in(&app).await;
    let path = format!("/dashboard/agents/{}/conversations/{id}", app.agent);
    let page = browser.get(&app, &path).await;
    assert!(page.body.contains("Take over") && page.body.contains("Mark as resolved"));
    assert!(page.body.contains("The agent goes on answering until somebody takes over."));

    let taken = browser.post(&app, &format!("{path}/assign"), &[]).await;
    assert_eq!((taken.status, taken.location()), (303, format!("{path}#reply").as_str()));
    let page = browser.get(&app, &path).await;
    assert!(!page.body.contains("Take over") && page.body.contains("<bdi>Olu Owner</bdi> took over"));

    // The agent is silent now; the visitor reads what the member writes.
    let body = visitor.chat_body("Are you there?", Some(&id));
    let answer = visitor.post(app.api("/chat")).json(&body).send().await.unwrap();
    read_until(answer, |event| matches!(event, StreamEvent::Accepted(_))).await;
    let sent = browser.post(&app, &format!("{path}/reply"), &[("text", "Yes.\r\n**Always.**")]).await;
    assert_eq!(sent.status, 303);
    let view = visitor.view(&app, &id).await.unwrap();
    let last = view["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["role"], &last["author"]), (&json!("operator"), &json!("Olu Owner")));
    assert_eq!(last["text"], "Yes.\n**Always.**");
    assert_eq!(view["operator"], "Olu Owner");

    let done = browser.post(&app, &format!("{path}/resolve"), &[]).await;
    assert_eq!(done.status, 303);
    let view = visitor.view(&app, &id).await.unwrap();
    assert_eq!(view["resolved"], true);
    let page = browser.get(&app, &path).await;
    assert!(!page.body.contains("Mark as resolved") && page.body.contains("Take over"));
    for rest in ["reply", "assign", "resolve"] {
        let page = browser.get(&app, &format!("{path}/{rest}")).await;
        assert_eq!((page.status, page.location()), (303, path.as_str()));
    }
}

#[tokio::test]
async fn a_reply_that_cannot_be_sent_is_kept_as_typed() {
    let app = TestApp::start().await;
    let id = Client::new().chat(&app, "Hello?", None).await.accepted().conversation_id;
    let browser = Browser::logged_in(&app).await;
    let path = format!("/dashboard/agents/{}/conversations/{id}", app.agent);
    let long = format!("<i>{}", "x".repeat(7_998));
    for (text, shown, problem) in [
        ("  ", "\n  </textarea>", "Write something first."),
        (long.as_str(), "\n&lt;i&gt;xxx", "A reply has 8,000 characters at most."),
    ] {
        let page = browser.post(&app, &format!("{path}/reply"), &[("text", text)]).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(shown) && page.body.contains(problem), "{}", page.body);
    }
    let unknown: ConversationId = mint(START);
    let elsewhere = format!("/dashboard/agents/{}/conversations/{unknown}", app.agent);
    for (rest, fields) in [("reply", &[("text", "Hello")][..]), ("assign", &[]), ("resolve", &[])] {
        assert_eq!(browser.post(&app, &format!("{elsewhere}/{rest}"), fields).await.status, 404, "{rest}");
    }
    let scope = app.scope;
    let record = app.store.read(move |reader| reader.conversation(&scope, id)).await.unwrap().unwrap();
    assert_eq!(record.messages.len(), 2);
}
