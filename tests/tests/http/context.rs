//! What the agent is told of a visitor in a turn: what was signed and is not kept from it, and nothing
//! once the token has expired.

use std::time::Duration;

use eloquent_store::{ClaimUse, MessageRecord};
use eloquent_tests::{
    app::{START, TestApp},
    client::Client,
};
use eloquent_types::{conversation::Role, id::ConversationId};
use serde_json::json;

async fn messages(app: &TestApp, id: ConversationId) -> Vec<MessageRecord> {
    let scope = app.scope;
    app.store.read(move |reader| reader.conversation(&scope, id)).await.unwrap().unwrap().messages
}

/// The contexts of the answers, in order.
async fn contexts(app: &TestApp, id: ConversationId) -> Vec<String> {
    let answers = messages(app, id).await.into_iter().filter(|message| message.role == Role::Agent);
    answers.map(|answer| answer.context.expect("a context")).collect()
}

#[tokio::test]
async fn what_is_kept_from_the_agent_is_in_no_context_and_no_answer() {
    let app = TestApp::start().await;
    let scope = app.scope;
    for (name, claim_use) in
        [("salary", ClaimUse::Dashboard), ("email", ClaimUse::Dashboard), ("ssn", ClaimUse::Dropped)]
    {
        let set = move |writer: &eloquent_store::Writer<'_>| {
            writer.set_claim_policy(&scope, name, claim_use, START).expect("a policy");
            Ok(())
        };
        app.write(set).await;
    }
    let claims = json!({ "user_id": "ada", "email": "ada@example.com", "plan": "Pro",
        "salary": "50000 a year", "ssn": "078-05-1120" });
    let mut ada = Client::with_token(&app.token(claims));
    let mut body = ada.chat_body("What do you know about me?", None);
    body["attributes"] = json!({ "salary": "a rumour", "plan": "a lie", "cart": "two mugs" });
    let response = ada.post(app.api("/chat")).json(&body).send().await.unwrap();
    let transcript = eloquent_tests::client::read(response).await;
    let id = transcript.accepted().conversation_id;
    let contexts = contexts(&app, id).await;
    assert!(contexts[0].contains("\"plan\":\"Pro\"") && contexts[0].contains("two mugs"), "{}", contexts[0]);
    for hidden in ["50000", "ada@example.com", "078-05-1120", "a rumour", "a lie"] {
        assert!(!contexts[0].contains(hidden), "{hidden} in {}", contexts[0]);
        assert!(!transcript.text().contains(hidden), "{hidden} in {}", transcript.text());
    }
    assert!(transcript.text().contains("Pro"), "{}", transcript.text());
}

#[tokio::test]
async fn a_change_of_the_policy_holds_from_the_next_question_on() {
    let app = TestApp::start().await;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada", "plan": "Pro" })));
    let id = ada.chat(&app, "Which plan am I on?", None).await.accepted().conversation_id;
    let scope = app.scope;
    for claim_use in [ClaimUse::Dashboard, ClaimUse::Agent] {
        let set = move |writer: &eloquent_store::Writer<'_>| {
            writer.set_claim_policy(&scope, "plan", claim_use, START).expect("a policy");
            Ok(())
        };
        app.write(set).await;
        ada.chat(&app, "Which plan am I on?", Some(&id.to_string())).await;
    }
    let told: Vec<_> =
        contexts(&app, id).await.iter().map(|context| context.contains("\"plan\":\"Pro\"")).collect();
    assert_eq!(told, [true, false, true]);
}

#[tokio::test]
async fn after_the_token_expired_nobody_is_known() {
    let app = TestApp::start().await;
    let exp = app.now_secs() + 60;
    let mut ada = Client::with_token(&app.token(json!({ "user_id": "ada", "plan": "Pro", "exp": exp })));
    let id = ada.chat(&app, "Which plan am I on?", None).await.accepted().conversation_id;
    let session = ada.session.clone();
    app.clock.advance(Duration::from_secs(71));
    ada.chat(&app, "Which plan am I on?", Some(&id.to_string())).await;
    assert_eq!(ada.session, session, "the conversation goes on in the same session");
    let contexts = contexts(&app, id).await;
    assert!(contexts[0].contains("<verified_identity>"), "{}", contexts[0]);
    assert!(contexts[1].contains("The visitor is anonymous"), "{}", contexts[1]);
    for hidden in ["verified_identity>", "ada", "Pro"] {
        assert!(!contexts[1].contains(hidden), "{hidden} in {}", contexts[1]);
    }
    let verified: Vec<_> = messages(&app, id).await.iter().map(|message| message.verified).collect();
    assert_eq!(verified, [true, false, false, false]);
}
