//! The golden tokens over HTTP: each gets its code from `identify` and from `chat`, and the chat answers
//! all the same. (Those that need other keys or another policy are judged by the verifier's own tests.)

use std::{fs, path::Path};

use eloquent_identity::Secret;
use eloquent_store::NewKey;
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
