//! Nobody ever reads or extends what is not theirs, whatever the order of logins and logouts: each
//! rule of isolation over HTTP, as a client that keeps to no rule of the widget's could try it.
//!
//! The table of the rules, with these tests and those in real browsers, heads `browser/isolation.rs`.

mod changes;
mod claiming;
mod devices;
mod ending;
mod users;

use eloquent_store::{AgentScope, ConversationFilter, Profile, ProfileFilter, StoreError};
use eloquent_tests::{
    app::TestApp,
    client::{Client, Transcript, message_id, problem},
};
use eloquent_types::{
    id::ProfileId,
    identify::{Identified, IdentifyResponse, IdentifyResult},
};
use serde_json::{Value, json};

fn claims(user: &str) -> Value {
    json!({ "user_id": user, "name": user })
}

fn identified(response: IdentifyResponse) -> Identified {
    match response.result {
        IdentifyResult::Identified(who) => who,
        IdentifyResult::Refused(refused) => panic!("refused: {refused:?}"),
    }
}

/// The page says that this user is there.
async fn become_user(app: &TestApp, client: &mut Client, user: &str) -> Identified {
    identified(client.identify(app, app.token(claims(user)).expose()).await)
}

/// Asks something in a new conversation and gives its id.
async fn converse(app: &TestApp, client: &mut Client, text: &str) -> String {
    client.chat(app, text, None).await.accepted().conversation_id.to_string()
}

/// A request to stop an answer, with session and token.
fn stop(client: &Client, url: String) -> reqwest::RequestBuilder {
    let request = client.post(url);
    match &client.token {
        Some(token) => request.header("x-eloquent-identity", token),
        None => request,
    }
}

/// Every way to reach a conversation answers 404 with the same body as for one that does not exist.
async fn assert_unreachable(app: &TestApp, client: &Client, id: &str) {
    let missing = "cnv_01h2xcejqtf2nbrexx3vqjhp41";
    for path in [
        "",
        "?format=blocks",
        "?limit=1",
        "?before=msg_01h2xcejqtf2nbrexx3vqjhp41",
        "/events",
        "/events?after=1.end",
        "/events?after=2.3",
        "/stop",
    ] {
        let send = |id: &str| {
            let url = app.api(&format!("/conversations/{id}{path}"));
            let request = if path == "/stop" { stop(client, url) } else { client.get(url) };
            async { request.send().await.unwrap() }
        };
        let (theirs, none) = (send(id).await, send(missing).await);
        assert_eq!(
            (theirs.status(), none.status()),
            (reqwest::StatusCode::NOT_FOUND, reqwest::StatusCode::NOT_FOUND),
            "{path}"
        );
        assert_eq!(theirs.text().await.unwrap(), none.text().await.unwrap(), "{path}");
    }
    for (path, body) in [
        ("/feedback", json!({ "message_id": "msg_01h2xcejqtf2nbrexx3vqjhp41", "rating": "up" })),
        ("/handover", json!({})),
    ] {
        let send = |id: &str| {
            let request = stop(client, app.api(&format!("/conversations/{id}{path}")));
            async { request.json(&body).send().await.unwrap() }
        };
        let (theirs, none) = (send(id).await, send(missing).await);
        assert_eq!((theirs.status().as_u16(), none.status().as_u16()), (404, 404), "{path}");
        assert_eq!(theirs.text().await.unwrap(), none.text().await.unwrap(), "{path}");
    }
    let listed = client.get(app.api(&format!("/conversations?before={id}"))).send().await.unwrap();
    assert_eq!(problem(listed).await, (422, "invalid_field".into()));
    let resumed =
        client.get(app.api(&format!("/conversations/{id}/events"))).header("last-event-id", "1.end");
    assert_eq!(resumed.send().await.unwrap().status(), 404);
    let body = client.clone().chat_body("Let me in", Some(id));
    let response = client.post(app.api("/chat")).json(&body).send().await.unwrap();
    assert_eq!(problem(response).await, (404, "conversation_not_found".into()));
    assert!(!client.conversations(app).await.contains(&id.to_owned()));
}

/// Sending a message under an id that somebody else has used already leads to nothing of theirs.
async fn assert_replay_leads_elsewhere(app: &TestApp, client: &Client, message: u128, theirs: &str) {
    let mut client = Client { next: message - 1, ..client.clone() };
    let transcript = client.chat(app, "A message of my own", None).await;
    let id = transcript.accepted().conversation_id.to_string();
    assert_ne!(id, theirs, "the message {} is another's", message_id(message));
    let view = client.view(app, &id).await.unwrap();
    assert_eq!(view["messages"][0]["text"], "A message of my own");
    assert_eq!(view["messages"].as_array().map(Vec::len), Some(2));
}

/// What the visitor's messages of a conversation say about themselves: verified or not.
async fn marks(app: &TestApp, client: &Client, id: &str) -> Vec<bool> {
    let view = client.view(app, id).await.unwrap();
    let messages = view["messages"].as_array().unwrap().iter();
    messages.filter(|m| m["role"] == "visitor").map(|m| m["verified"] == true).collect()
}

async fn profiles(app: &TestApp, scope: AgentScope) -> Vec<Profile> {
    app.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default())).await.unwrap()
}

async fn profile(app: &TestApp, id: ProfileId) -> Profile {
    let scope = app.scope;
    app.store.read(move |reader| reader.profile(&scope, id)).await.unwrap().unwrap()
}

/// The agent's conversations: whose each is, and how many messages it has.
async fn conversations(app: &TestApp, scope: AgentScope) -> Vec<(Option<String>, usize)> {
    app.store
        .read(move |reader| {
            let rows = reader.conversations(&scope, &ConversationFilter::default(), 50, 0)?;
            let records = rows.into_iter().map(|row| reader.conversation(&scope, row.id));
            let records: Vec<_> = records.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            Ok::<_, StoreError>(
                records
                    .into_iter()
                    .map(|it| {
                        (it.row.profile.map(|(_, user, _)| user.as_str().to_owned()), it.messages.len())
                    })
                    .collect(),
            )
        })
        .await
        .unwrap()
}

/// Whether a stream that was cut off had the answer's end.
fn is_finished(transcript: &Transcript) -> bool {
    transcript.names().contains(&"done")
}
