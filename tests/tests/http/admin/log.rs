//! `…/identity/log`: what is told of an attempt, and how one is found.

use std::time::Duration;

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{Enforcement, NewAttempt, Surface};
use eloquent_tests::app::{START, TestApp};
use eloquent_types::text::UserId;
use serde_json::{Value, json};

use super::client::{Api, ada, at, talk};

fn attempt(app: &TestApp, surface: Surface, verdict: Result<(), Rejection>) -> NewAttempt {
    NewAttempt {
        agent: app.agent,
        at: START,
        surface,
        verdict,
        enforcement: Enforcement::Report,
        signed: None,
        origin: Some("https://shop.example.com".to_owned()),
        conversation: None,
        profile: None,
    }
}

async fn record(app: &TestApp, attempts: Vec<NewAttempt>) {
    app.write(move |writer| attempts.iter().try_for_each(|attempt| writer.record_attempt(attempt).map(drop)))
        .await;
}

async fn ids(api: &Api, app: &TestApp, query: &str) -> Vec<u64> {
    let log = api.get(&at(app, &format!("/identity/log{query}"))).await.expect(200);
    log["attempts"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn an_attempt_is_told_with_what_was_signed() {
    let app = TestApp::start().await;
    let signed = Signed {
        key: app.key,
        issued_at: Some(1_699_999_910.5),
        not_before: None,
        expires_at: Some(1_699_999_970.0),
        user_id: Some(UserId::parse("cust_ada").unwrap()),
    };
    let expired =
        NewAttempt { signed: Some(signed), ..attempt(&app, Surface::Chat, Err(Rejection::Expired)) };
    let unsigned = attempt(&app, Surface::Identify, Err(Rejection::SignatureInvalid));
    record(&app, vec![expired, unsigned]).await;

    let log = Api::of(&app).await.get(&at(&app, "/identity/log")).await.expect(200);
    let [newest, oldest] = [&log["attempts"][0], &log["attempts"][1]];
    assert_eq!((&newest["code"], &newest["signed"]), (&json!("signature_invalid"), &Value::Null));
    assert_eq!(newest["token_age"], Value::Null);
    assert_eq!((&newest["surface"], &newest["would_be_refused"]), (&json!("identify"), &json!(false)));
    assert_eq!(oldest["at"], "2023-11-14T22:13:20.000Z");
    assert_eq!((&oldest["identified"], &oldest["code"]), (&json!(false), &json!("token_expired")));
    assert_eq!(oldest["message"], Rejection::Expired.message());
    assert_eq!(oldest["hint"], Rejection::Expired.hint());
    assert_eq!((&oldest["enforcement"], &oldest["would_be_refused"]), (&json!("report"), &json!(true)));
    assert_eq!(oldest["origin"], "https://shop.example.com");
    assert_eq!(oldest["token_age"], 89.5);
    let expected = json!({
        "key_id": app.key, "user_id": "cust_ada", "iat": 1_699_999_910.5, "nbf": null, "exp": 1_699_999_970,
    });
    assert_eq!(oldest["signed"], expected);
    assert_eq!(log["next_before"], Value::Null);
}

#[tokio::test]
async fn attempts_are_found_by_outcome_surface_profile_and_conversation() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    record(
        &app,
        vec![
            attempt(&app, Surface::Read, Err(Rejection::Expired)),
            attempt(&app, Surface::Chat, Err(Rejection::AlgNone)),
        ],
    )
    .await;
    let api = Api::of(&app).await;
    let all = ids(&api, &app, "").await;
    assert_eq!(all.len(), 3, "the chat itself and two more");
    let [newest, read, chat] = [all[0], all[1], all[2]];
    for (query, expected) in [
        ("?code=ok".to_owned(), vec![chat]),
        ("?code=rejected".to_owned(), vec![newest, read]),
        ("?code=token_expired".to_owned(), vec![read]),
        ("?code=user_id_missing".to_owned(), vec![]),
        ("?surface=chat".to_owned(), vec![newest, chat]),
        ("?surface=chat&code=alg_not_allowed".to_owned(), vec![newest]),
        (format!("?profile_id={profile}"), vec![chat]),
        (format!("?conversation_id={conversation}"), vec![chat]),
        (format!("?conversation_id={conversation}&code=rejected"), vec![]),
    ] {
        assert_eq!(ids(&api, &app, &query).await, expected, "{query}");
    }
    let told = api.get(&at(&app, &format!("/identity/log?profile_id={profile}"))).await.expect(200);
    let told = &told["attempts"][0];
    assert_eq!((&told["conversation_id"], &told["profile_id"]), (&json!(conversation), &json!(profile)));
    assert_eq!((&told["identified"], &told["code"]), (&json!(true), &Value::Null));
    assert_eq!(told["signed"]["user_id"], "cust_ada");
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let attempts = (0..7).map(|second| NewAttempt {
        at: START + Duration::from_secs(second),
        ..attempt(&app, Surface::Identify, Err(Rejection::Expired))
    });
    record(&app, attempts.collect()).await;
    let all = ids(&api, &app, "").await;
    let (mut pages, mut query) = (Vec::<Vec<u64>>::new(), "?limit=3".to_owned());
    loop {
        let log = api.get(&at(&app, &format!("/identity/log{query}"))).await.expect(200);
        pages.push(
            log["attempts"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect(),
        );
        let Some(next) = log["next_before"].as_u64() else { break };
        query = format!("?limit=3&before={next}");
    }
    assert_eq!(pages, [all[..3].to_vec(), all[3..6].to_vec(), all[6..].to_vec()]);
    assert!(all.is_sorted_by(|one, next| one > next));
}

#[tokio::test]
async fn the_log_of_a_real_attempt_has_no_token() {
    let app = TestApp::start().await;
    let (_, conversation) = talk(&app, ada()).await;
    let token = app.token(ada());
    let log = Api::of(&app).await.get(&at(&app, "/identity/log")).await;
    assert!(log.text.contains(&conversation));
    for part in token.expose().split('.') {
        assert!(!log.text.contains(part), "{part}");
    }
}
