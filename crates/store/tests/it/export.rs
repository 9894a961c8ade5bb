//! What is handed out to a person: all that is kept about them, and nothing about anybody else.

use std::{collections::BTreeMap, time::Duration};

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{
    AgentScope, AnswerEnd, Caller, Enforcement, NewAttempt, Question, SessionNeed, StoreError, Surface,
};
use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::{MessageState, Source},
    id::{ConversationId, ProfileId},
    rich::Href,
    text::{MessageText, UserId},
};
use serde_json::{Value, json};

use crate::setup::{NOW, Shop, id, profile_of, proof, question, tenant};

/// Someone of whom everything is known that can be; every text of theirs has `mark` in it.
async fn live(shop: &Shop, scope: AgentScope, user: &str, mark: &str) -> (ProfileId, ConversationId) {
    let agent = scope.agent_id();
    let first = json!({"iat": 1.5, "plan": format!("{mark}-old")});
    let caller = Caller { agent, session: None, proof: Some(proof(agent, user, first)) };
    shop.admit(caller, SessionNeed::OnlyIfVerified).await;
    let claims =
        json!({"iat": 2, "email": format!("{mark}@x"), "plan": mark, "n": 12_345_678_901_234_567_890_u64});
    let caller = Caller { agent, session: None, proof: Some(proof(agent, user, claims)) };
    let (admission, session) = shop.admit_at(caller, SessionNeed::Always, NOW + Duration::from_secs(5)).await;
    let profile = profile_of(&admission);
    let page = Page { url: format!("https://x/{mark}"), title: format!("Title {mark}") };
    let asked = Question {
        text: MessageText::parse(format!("question {mark}")).unwrap(),
        page: Some(page),
        locale: Some("en-GB".into()),
        attributes: BTreeMap::from([("cart".into(), format!("cart {mark}"))]),
        client_id: format!("client {mark} {user}"),
        ..question()
    };
    let posted = shop.post(&admission.visitor, asked).await.unwrap();
    let (expired, _) =
        shop.admit(Caller { agent, session: Some(session), proof: None }, SessionNeed::Always).await;
    let text = MessageText::parse(format!("unverified {mark}")).unwrap();
    shop.post(&expired.visitor, Question { text, ..question() }).await.unwrap();
    let mark = mark.to_owned();
    shop.store
        .write(move |writer| {
            let answer = posted.answer_ref().unwrap();
            writer.record_context(&answer, &format!("context {mark}"))?;
            writer.append_text(&answer, &format!("answer {mark}"))?;
            let url = Href::parse("https://x/help").unwrap();
            let sources = [Source { title: format!("source {mark}"), url: Some(url) }];
            writer.finish_answer(
                &answer,
                &AnswerEnd {
                    sources: sources.into(),
                    ..AnswerEnd::of(MessageState::Complete, Some(FinishReason::Stop))
                },
                NOW,
            )?;
            writer.set_profile_blocked(&scope, profile, true, "olga@FOREIGN.example", NOW)
        })
        .await
        .unwrap();
    (profile, posted.conversation)
}

fn attempt(scope: AgentScope, origin: &str) -> NewAttempt {
    NewAttempt {
        agent: scope.agent_id(),
        at: NOW,
        surface: Surface::Chat,
        verdict: Err(Rejection::Expired),
        enforcement: Enforcement::Report,
        signed: None,
        origin: Some(origin.into()),
        conversation: None,
        profile: None,
    }
}

fn signed(user: &str) -> Signed {
    Signed {
        key: id(),
        issued_at: Some(1.0),
        not_before: None,
        expires_at: Some(2.5),
        user_id: Some(UserId::parse(user).unwrap()),
    }
}

#[tokio::test]
async fn an_export_holds_everything_of_the_person_and_nothing_of_anybody_else() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let scope = shop.agent;
    let (ann, of_ann) = live(&shop, scope, "ann", "MINE").await;
    let (bob, of_bob) = live(&shop, scope, "bob", "FOREIGN").await;
    let (there, _) = live(&shop, other, "ann", "FOREIGN").await;
    let attempts = [
        NewAttempt { signed: Some(signed("ann")), ..attempt(scope, "https://MINE.signed") },
        NewAttempt { conversation: Some(of_ann), ..attempt(scope, "https://MINE.conversation") },
        NewAttempt {
            profile: Some(ann),
            verdict: Ok(()),
            signed: Some(signed("ann")),
            ..attempt(scope, "https://MINE.ok")
        },
        // Another user's token, sent along with this person's conversation.
        NewAttempt {
            conversation: Some(of_ann),
            signed: Some(signed("bob")),
            ..attempt(scope, "https://FOREIGN.bob")
        },
        NewAttempt { signed: Some(signed("Ann")), ..attempt(scope, "https://FOREIGN.case") },
        NewAttempt { conversation: Some(of_bob), ..attempt(scope, "https://FOREIGN.conversation") },
        NewAttempt { signed: Some(signed("ann")), ..attempt(other, "https://FOREIGN.agent") },
        attempt(scope, "https://FOREIGN.nobody"),
    ];
    shop.store
        .write(move |writer| attempts.iter().try_for_each(|attempt| writer.record_attempt(attempt)))
        .await
        .unwrap();
    let (anonymous, _) = shop.anonymous().await;
    let text = MessageText::parse("FOREIGN anonymous").unwrap();
    shop.post(&anonymous, Question { text, ..question() }).await.unwrap();

    let mine = shop.export(scope, ann).await.unwrap();
    let written = mine.to_string();
    assert!(!written.contains("FOREIGN"), "{written}");
    for part in ["question", "unverified", "answer", "context", "cart", "Title", "source", "client"] {
        assert!(written.contains(&format!("{part} MINE")), "{part} in {written}");
    }
    let origins: Vec<&str> = mine["identity_attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["origin"].as_str().unwrap())
        .collect();
    assert_eq!(origins, ["https://MINE.signed", "https://MINE.conversation", "https://MINE.ok"]);
    for (scope, profile) in [(other, ann), (scope, there), (scope, id())] {
        assert!(shop.export(scope, profile).await.is_none());
    }
    let theirs = shop.export(scope, bob).await.unwrap().to_string();
    assert!(theirs.contains("FOREIGN.bob") && !theirs.contains(&of_ann.to_string()));
    assert!(shop.export(other, there).await.is_some());
}

#[tokio::test]
async fn an_export_has_this_shape() {
    let shop = Shop::open().await;
    let scope = shop.agent;
    let (ann, conversation) = live(&shop, scope, "ann", "MINE").await;
    let sent = NewAttempt { conversation: Some(conversation), ..attempt(scope, "https://shop.example") };
    let sent = NewAttempt { signed: Some(signed("ann")), ..sent };
    let key = sent.signed.as_ref().unwrap().key;
    shop.store.write(move |writer| writer.record_attempt(&sent)).await.unwrap();
    let mine = shop.export(scope, ann).await.unwrap();
    let (first, second) = ("2023-11-14T22:13:20.000Z", "2023-11-14T22:13:25.000Z");
    let signing = eloquent_types::id::KeyId::from_u128(7).to_string();
    let from = json!({"issued_at": 2.0, "received_at": second});
    assert_eq!(mine["agent_id"], scope.agent_id().to_string());
    assert_eq!(
        mine["profile"],
        json!({"id": ann.to_string(), "user_id": "ann", "email": "MINE@x", "email_from": from,
            "blocked": true, "created_at": first, "updated_at": second, "last_seen_at": second,
            "newest_issued_at": 2.0})
    );
    assert_eq!(
        mine["claims"],
        json!([
            {"name": "n", "value": 12_345_678_901_234_567_890_u64, "issued_at": 2.0, "received_at": second},
            {"name": "plan", "value": "MINE", "issued_at": 2.0, "received_at": second},
        ])
    );
    assert_eq!(mine["hints"], json!([{"name": "cart", "value": "cart MINE", "received_at": first}]));
    let by_token = |at: &str, issued_at: f64| json!({"at": at, "key_id": signing, "issued_at": issued_at});
    let changed = |mut change: Value, more: Value| {
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        change
    };
    let nothing = json!({"old": null, "new": null});
    let blocked = json!({"at": first, "kind": "blocked", "key_id": null, "issued_at": null});
    assert_eq!(
        mine["history"],
        json!([
            changed(blocked, nothing.clone()),
            changed(by_token(second, 2.0), json!({"kind": "email", "old": null, "new": "MINE@x"})),
            changed(
                by_token(second, 2.0),
                json!({"kind": "claim", "name": "plan", "old": "MINE-old", "new": "MINE"})
            ),
            changed(
                by_token(second, 2.0),
                json!({"kind": "claim", "name": "n", "old": null, "new": 12_345_678_901_234_567_890_u64})
            ),
            changed(changed(by_token(first, 1.5), json!({"kind": "created"})), nothing),
        ])
    );
    let conversations = mine["conversations"].as_array().unwrap();
    assert_eq!(conversations.len(), 2);
    assert_eq!(conversations[0]["id"], conversation.to_string());
    assert_eq!(conversations[0]["title"], "question MINE");
    let mut messages = conversations[0]["messages"].clone();
    for message in messages.as_array_mut().unwrap() {
        assert!(message.as_object_mut().unwrap().remove("id").unwrap().as_str().unwrap().starts_with("msg_"));
    }
    assert_eq!(
        messages,
        json!([
            {"seq": 1, "role": "visitor", "text": "question MINE", "verified": true, "state": "complete",
                "finish_reason": null, "sources": [], "context": null, "client_id": "client MINE ann",
                "page_url": "https://x/MINE", "page_title": "Title MINE", "locale": "en-GB",
                "attributes": {"cart": "cart MINE"}, "created_at": first, "finished_at": null,
                "author": null, "suggestions": [], "rating": null, "rating_comment": null, "rated_at": null},
            {"seq": 2, "role": "agent", "text": "answer MINE", "verified": false, "state": "complete",
                "finish_reason": "stop", "sources": [{"title": "source MINE", "url": "https://x/help"}],
                "context": "context MINE", "client_id": null, "page_url": null, "page_title": null,
                "locale": null, "attributes": {}, "created_at": first, "finished_at": first,
                "author": null, "suggestions": [], "rating": null, "rating_comment": null, "rated_at": null},
        ])
    );
    assert_eq!(
        mine["identity_attempts"],
        json!([{"at": first, "surface": "chat", "code": "token_expired", "reason": Rejection::Expired.name(),
            "enforcement": "report", "origin": "https://shop.example", "key_id": key.to_string(),
            "issued_at": 1.0, "not_before": null, "expires_at": 2.5, "user_id": "ann",
            "conversation_id": conversation.to_string()}])
    );
    let session = json!({"created_at": second, "last_seen_at": first});
    assert_eq!(mine["sessions"].as_array().unwrap().len(), 2);
    assert!(mine["sessions"].as_array().unwrap().contains(&session), "{}", mine["sessions"]);
}

#[tokio::test]
async fn a_claim_stands_in_the_export_digit_for_digit() {
    let shop = Shop::open().await;
    let (scope, agent) = (shop.agent, shop.agent_id());
    let caller = Caller { agent, session: None, proof: Some(shop.proof("ann", json!({"n": 1}))) };
    let ann = profile_of(&shop.admit(caller, SessionNeed::OnlyIfVerified).await.0);
    let outside = rusqlite::Connection::open(&shop.file).unwrap();
    let number = "0.10000000000000000000000000000000000001";
    outside.execute("UPDATE profile_claim SET value = ?1", [number]).unwrap();
    let export = shop.store.read(move |reader| reader.export_profile(&scope, ann)).await.unwrap().unwrap();
    let written = serde_json::to_string(&export).unwrap();
    assert!(written.contains(&format!("\"value\":{number},")), "{written}");

    outside.execute("UPDATE profile_claim SET value = '{'", []).unwrap();
    let broken = shop.store.read(move |reader| reader.export_profile(&scope, ann)).await;
    assert!(matches!(broken, Err(StoreError::Database(_))), "never a document that is no JSON");
}
