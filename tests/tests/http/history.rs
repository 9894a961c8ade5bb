//! A visitor's history by pages: of messages, and of the list.

use eloquent_store::{AnswerEnd, Caller, Question, SessionHash, Writer};
use eloquent_tests::{
    app::{START, TestApp, mint},
    client::{Client, message_id, problem},
};
use eloquent_types::{conversation::MessageState, text::MessageText};
use serde_json::Value;

/// Adds turns to a visitor's conversation as fast as the store takes them.
async fn fill(app: &TestApp, client: &Client, conversation: &str, turns: usize) {
    let caller =
        Caller { agent: app.agent, session: client.session.as_ref().map(SessionHash::of), proof: None };
    let conversation = conversation.parse().unwrap();
    let add = move |writer: &Writer<'_>| {
        let visitor = writer.visitor(&caller)?;
        for turn in 0..turns {
            let question = Question {
                conversation: Some(conversation),
                new_conversation: mint(START),
                id: mint(START),
                answer_id: mint(START),
                client_id: message_id(1_000_000 + turn as u128),
                text: MessageText::parse(format!("Question {turn}")).unwrap(),
                page: None,
                locale: None,
                attributes: std::collections::BTreeMap::new(),
                events: Vec::new(),
                now: START,
            };
            let posted = writer.post_question(&visitor, &question).unwrap();
            let answer = posted.answer_ref().unwrap();
            writer.append_text(&answer, "An **answer**.")?;
            writer.finish_answer(&answer, &AnswerEnd::of(MessageState::Complete, None), START)?;
        }
        Ok(())
    };
    app.write(add).await;
}

async fn page(app: &TestApp, client: &Client, conversation: &str, query: &str) -> Value {
    client.view(app, &format!("{conversation}{query}")).await.unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let messages = page["messages"].as_array().unwrap().iter();
    messages.map(|message| message["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn ten_thousand_messages_come_by_pages_none_twice_and_none_missing() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let conversation = client.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    fill(&app, &client, &conversation, 4_999).await;

    let newest = page(&app, &client, &conversation, "").await;
    assert_eq!((ids(&newest).len(), &newest["earlier"]), (100, &true.into()));
    assert_eq!(newest["cursor"], "10000.end");
    let (mut seen, mut before) = (ids(&newest), ids(&newest)[0].clone());
    for _ in 0..200 {
        let earlier = page(&app, &client, &conversation, &format!("?limit=77&before={before}")).await;
        let mut these = ids(&earlier);
        before.clone_from(&these[0]);
        these.append(&mut seen);
        seen = these;
        if earlier["earlier"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 10_000);
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), 10_000);
    let first = page(&app, &client, &conversation, &format!("?limit=1&before={}", seen[1])).await;
    assert_eq!((first["messages"][0]["text"].as_str(), &first["earlier"]), (Some("Hello"), &false.into()));
    let none = page(&app, &client, &conversation, &format!("?before={}", seen[0])).await;
    assert_eq!((ids(&none).len(), &none["earlier"]), (0, &false.into()));
    assert_eq!(first["created_at"], newest["created_at"], "the conversation's own time");
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    let one = client.chat(&app, "Hello", None).await.accepted().conversation_id.to_string();
    let other = client.chat(&app, "Hello again", None).await;
    let elsewhere = other.accepted().message_id.to_string();
    for query in [
        "limit=0".to_owned(),
        "limit=101".to_owned(),
        "limit=-1".to_owned(),
        "limit=ten".to_owned(),
        "limit=".to_owned(),
        "before=x".to_owned(),
        format!("before={one}"),
        format!("before={elsewhere}"),
        "before=msg_01h2xcejqtf2nbrexx3vqjhp41".to_owned(),
    ] {
        let response = client.get(app.api(&format!("/conversations/{one}?{query}"))).send().await.unwrap();
        assert_eq!(problem(response).await, (422, "invalid_field".into()), "{query}");
    }
    for query in ["limit=0", "limit=101", "before=x", "before=cnv_01h2xcejqtf2nbrexx3vqjhp41"] {
        let response = client.get(app.api(&format!("/conversations?{query}"))).send().await.unwrap();
        assert_eq!(problem(response).await, (422, "invalid_field".into()), "{query}");
    }
}

#[tokio::test]
async fn the_list_has_pages_too() {
    let app = TestApp::start().await;
    let mut client = Client::new();
    for _ in 0..7 {
        client.chat(&app, "Hello", None).await;
    }
    let all = client.conversations(&app).await;
    assert_eq!(all.len(), 7);
    let list = async |query: &str| -> Vec<String> {
        let list: Value = client
            .get(app.api(&format!("/conversations?{query}")))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let rows = list["conversations"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let (first, mut seen) = (list("limit=3").await, Vec::new());
    seen.extend(first.clone());
    loop {
        let next = list(&format!("limit=3&before={}", seen.last().unwrap())).await;
        if next.is_empty() {
            break;
        }
        seen.extend(next);
    }
    assert_eq!(seen, all);
}
