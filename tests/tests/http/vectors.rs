//! The golden tokens over HTTP: each gets its code from `identify` and from `chat`, and the chat answers
//! all the same; in a header it opens what it should and nothing more. (Those that need other keys or another policy are judged by the verifier's own tests.)

use std::{fs, path::Path};

use eloquent_identity::{Rejection, Secret};
use eloquent_store::{NewKey, Surface};
use eloquent_tests::{
    app::{START, TestApp},
    client::Client,
};
use eloquent_types::{
    chat::IdentityStatus,
    id::KeyId,
    identify::{IdentifyResult, IdentityCode},
};
use serde_json::Value;

const FILES: [&str; 6] = ["accepted", "algorithms", "form", "signatures", "times", "users"];

fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/jwt").join(name).with_extension("json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// An agent that has the vectors' active key.
async fn app_with(keys: &Value) -> TestApp {
    let app = TestApp::start().await;
    let id: KeyId = keys["active"]["id"].as_str().unwrap().parse().unwrap();
    let secret = Secret::parse(keys["active"]["secret"].as_str().unwrap()).unwrap();
    let scope = app.scope;
    app.write(move |writer| {
        let name = "golden".to_owned();
        let key = NewKey { id, name, secret: &secret, nonce: [1; 24], now: START };
        writer.create_key(&scope, &key).unwrap();
        Ok(())
    })
    .await;
    app
}

/// Whether a token can stand in a header as it is: HTTP allows no control characters there, takes white
/// space at the ends away, and servers take no header of any length.
fn fits_a_header(token: &str) -> bool {
    token.len() <= 32_000 && !token.contains(|c: char| c.is_ascii_control()) && token.trim() == token
}

#[tokio::test]
async fn every_golden_token_in_a_header_is_judged_as_anywhere_else() {
    let mut judged = 0;
    for name in FILES {
        let file = file(name);
        let app = app_with(&file["keys"]).await;
        let mut expected = Vec::new();
        let fits = |vector: &&Value| {
            let plain = vector.get("keys").is_none() && vector.get("policy").is_none();
            plain && fits_a_header(vector["token"].as_str().unwrap())
        };
        for vector in file["vectors"].as_array().unwrap().iter().filter(fits) {
            let token = vector["token"].as_str().unwrap().to_owned();
            let reader = Client { token: Some(token), ..Client::new() };
            assert!(reader.conversations(&app).await.is_empty(), "{name}: {}", vector["name"]);
            let code: Option<IdentityCode> =
                serde_json::from_value(vector["expect"]["code"].clone()).unwrap();
            expected.push((vector["name"].clone(), code));
            // It is written beside the answer: when it is there, the next one comes behind it.
            assert_eq!(app.log().await.len(), expected.len());
        }
        let log = app.log().await;
        for (attempt, (vector, code)) in log.iter().rev().zip(&expected) {
            assert_eq!(attempt.surface, Surface::Read);
            assert_eq!(attempt.verdict.err().map(Rejection::code), *code, "{name}: {vector}");
        }
        judged += expected.len();
    }
    assert_eq!(judged, 335, "all but six");
}

#[tokio::test]
async fn every_golden_token_gets_its_verdict_and_a_chat_that_works() {
    let mut judged = 0;
    for name in FILES {
        let file = file(name);
        assert_eq!(file["now"], START.as_millis() / 1000);
        let app = app_with(&file["keys"]).await;
        let plain = |vector: &&Value| vector.get("keys").is_none() && vector.get("policy").is_none();
        for vector in file["vectors"].as_array().unwrap().iter().filter(plain) {
            let token = vector["token"].as_str().unwrap();
            let expected: Option<IdentityCode> =
                serde_json::from_value(vector["expect"]["code"].clone()).unwrap();
            let told = format!("{name}: {}", vector["name"]);

            let mut client = Client::new();
            let code = match client.identify(&app, token).await.result {
                IdentifyResult::Identified(who) => {
                    assert_eq!(vector["expect"]["identity"]["user_id"], who.user_id.as_str(), "{told}");
                    None
                }
                IdentifyResult::Refused(refused) => Some(refused.code),
            };
            assert_eq!(code, expected, "{told}");

            let mut visitor = Client { token: Some(token.to_owned()), ..Client::new() };
            let transcript = visitor.chat(&app, "When are refunds paid?", None).await;
            let heard = &transcript.accepted().identity;
            assert_eq!(
                (heard.code, heard.status == IdentityStatus::Verified),
                (expected, expected.is_none()),
                "{told}"
            );
            assert!(transcript.text().contains("five working days"), "{told}");
            judged += 1;
        }
    }
    assert_eq!(judged, 341);
}
