//! `…/identity/inspect`: every verdict is told check by check, and nothing comes of it.

use eloquent_identity::Secret;
use eloquent_server::entropy;
use eloquent_store::NewKey;
use eloquent_tests::app::{START, TestApp, agent_named, mint};
use serde_json::{Value, json};

use super::client::{Api, ada, at, bytes, talk};

/// The first check that failed, with its number; 12 if none did.
fn failed(inspection: &Value) -> u64 {
    let steps = inspection["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 11);
    steps.iter().find(|step| step["outcome"] == "failed").map_or(12, |step| step["number"].as_u64().unwrap())
}

#[tokio::test]
async fn every_check_is_told() {
    let app = TestApp::start().await;
    talk(&app, json!({ "user_id": "blocked" })).await;
    let api = Api::of(&app).await;
    let found = api.get(&at(&app, "/profiles?user_id=blocked")).await.expect(200);
    let blocked = found["profiles"][0]["id"].as_str().unwrap().to_owned();
    api.send("POST", &at(&app, &format!("/profiles/{blocked}/block")), None).await.expect(200);
    let good = app.token(ada()).expose().to_owned();
    let signed = |claims: Value| app.token(claims).expose().to_owned();
    let other = Secret::generate(entropy::bytes().unwrap());
    for (token, number, code) in [
        (good.clone(), 12, Value::Null),
        (String::new(), 1, json!("token_missing")),
        ("a".repeat(60 * 1024), 2, json!("token_too_large")),
        ("[object Promise]".to_owned(), 3, json!("token_malformed")),
        (format!("Bearer {good}"), 3, json!("token_malformed")),
        ("eyJhbGciOiJub25lIn0.e30.AA".to_owned(), 4, json!("alg_not_allowed")),
        (app.token_with(&other, ada()).expose().to_owned(), 7, json!("signature_invalid")),
        (signed(json!({ "user_id": "x", "exp": 1 })), 8, json!("token_expired")),
        (signed(json!({ "user_id": 7 })), 10, json!("user_id_not_string")),
        (signed(json!({ "user_id": "blocked" })), 11, json!("identity_blocked")),
    ] {
        let shown = api.post(&at(&app, "/identity/inspect"), json!({ "token": token })).await.expect(200);
        assert_eq!((failed(&shown), &shown["code"]), (number, &code), "{shown}");
        assert_eq!(shown["identified"], number == 12);
        let tells = number == 12 || number > 7;
        assert_eq!(shown.get("payload").is_some(), tells, "{shown}");
        assert_eq!(shown.get("user_id").is_some() && shown.get("key_id").is_some(), tells && number != 10);
        for step in shown["steps"].as_array().unwrap().iter().filter(|step| step["outcome"] == "failed") {
            assert!(
                !step["message"].as_str().unwrap().is_empty() && !step["hint"].as_str().unwrap().is_empty()
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_created_counted_or_logged() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    api.get("/agents").await.expect(200);
    let before = bytes(&app);
    let keys = api.get(&at(&app, "/identity/keys")).await.expect(200);
    for claims in [ada(), json!({ "user_id": "new" }), json!({ "user_id": "x", "exp": 1 })] {
        let token = app.token(claims);
        api.post(&at(&app, "/identity/inspect"), json!({ "token": token.expose() })).await.expect(200);
    }
    api.post(&at(&app, "/identity/inspect"), json!({ "token": "x" })).await.expect(200);
    assert!(bytes(&app) == before, "something was written");
    assert_eq!(api.get(&at(&app, "/identity/keys")).await.expect(200), keys);
    assert_eq!(api.get(&at(&app, "/profiles")).await.expect(200)["profiles"], json!([]));
    assert_eq!(api.get(&at(&app, "/identity/log")).await.expect(200)["attempts"], json!([]));
}

#[tokio::test]
async fn the_key_of_another_agent_of_the_company_is_recognised() {
    let app = TestApp::start().await;
    let (company, agent, id) = (app.company, agent_named("Second site"), mint(START));
    let secret = Secret::generate(entropy::bytes().unwrap());
    let (kept, nonce) = (Secret::parse(secret.expose()).unwrap(), entropy::bytes().unwrap());
    app.write(move |writer| {
        let scope = writer.create_agent(&company, &agent)?;
        let key = NewKey { id, name: "second".to_owned(), secret: &kept, nonce, now: START };
        writer.create_key(&scope, &key).expect("a key");
        Ok(())
    })
    .await;
    let token = app.token_with(&secret, ada());
    let api = Api::of(&app).await;
    let shown =
        api.post(&at(&app, "/identity/inspect"), json!({ "token": token.expose() })).await.expect(200);
    assert_eq!((failed(&shown), shown.get("payload")), (7, None));
    assert!(shown["steps"][6]["hint"].as_str().unwrap().contains("Second site"), "{shown}");
}

#[tokio::test]
async fn only_the_token_is_taken_and_it_is_never_repeated_in_a_refusal() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let token = app.token(ada()).expose().to_owned();
    for body in [
        json!({}),
        json!({ "token": null }),
        json!({ "token": [token] }),
        json!({ "token": { "token": token } }),
        json!({ "token": token, "now": 0 }),
        json!({ "tokens": token }),
    ] {
        let answer = api.post(&at(&app, "/identity/inspect"), body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{body}");
        assert!(!answer.text.contains(&token[..20]), "{}", answer.text);
    }
    let in_the_address = api.get(&at(&app, &format!("/identity/inspect?token={token}"))).await;
    assert_eq!(in_the_address.problem().0, 405);
    assert!(!in_the_address.text.contains(&token[..20]));
}
