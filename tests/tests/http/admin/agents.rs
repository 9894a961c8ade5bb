//! `/agents`: names, switches, enforcement.

use eloquent_tests::{app::TestApp, client::Client};
use serde_json::json;

use super::client::{Api, ada, at};

#[tokio::test]
async fn an_agent_is_shown_and_changed() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let shown = api.get(&at(&app, "")).await.expect(200);
    assert_eq!(
        shown,
        json!({
            "id": app.agent, "name": "Helper", "greeting": "Hello!", "starters": ["Which plan am I on?"],
            "locale": null, "contact": null, "theme": {},
            "features": { "identify": true, "feedback": true, "handover": true },
            "company_features": { "identify": true }, "enforcement": "off", "max_token_lifetime": null,
            "allowed_origins": [], "created_at": "2023-11-14T22:13:20.000Z",
        })
    );
    assert_eq!(api.get("/agents").await.expect(200), json!({ "agents": [shown] }));

    let change = json!({
        "name": " Guide ", "features": { "identify": false }, "enforcement": "report",
        "max_token_lifetime": 3600,
    });
    let changed = api.send("PATCH", &at(&app, ""), Some(&change)).await.expect(200);
    assert_eq!(changed["name"], "Guide");
    assert_eq!(changed["features"], json!({ "identify": false, "feedback": true, "handover": true }));
    assert_eq!((&changed["enforcement"], &changed["max_token_lifetime"]), (&json!("report"), &json!(3600)));
    assert_eq!(api.get(&at(&app, "")).await.expect(200), changed);

    // What is not named stays; null lifts the limit.
    let lifted =
        api.send("PATCH", &at(&app, ""), Some(&json!({ "max_token_lifetime": null }))).await.expect(200);
    assert_eq!(lifted["max_token_lifetime"], json!(null));
    assert_eq!((&lifted["name"], &lifted["enforcement"]), (&json!("Guide"), &json!("report")));
    assert_eq!(api.send("PATCH", &at(&app, ""), Some(&json!({}))).await.expect(200), lifted);
}

#[tokio::test]
async fn a_change_has_effect_at_once() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let token = app.token(ada());
    let patch = async |change| api.send("PATCH", &at(&app, ""), Some(&change)).await.expect(200);
    let code = async || {
        let response = Client::new().identify(&app, token.expose()).await;
        serde_json::to_value(&response).unwrap()["code"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(code().await, None);
    patch(json!({ "max_token_lifetime": 60 })).await;
    assert_eq!(code().await.as_deref(), Some("lifetime_too_long"));
    patch(json!({ "max_token_lifetime": null, "features": { "identify": false } })).await;
    assert_eq!(code().await.as_deref(), Some("identity_disabled"));

    patch(json!({ "features": { "identify": true }, "enforcement": "require" })).await;
    let mut anonymous = Client::new();
    let body = anonymous.chat_body("Hello", None);
    let refused = anonymous.post(app.api("/chat")).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn a_change_that_is_wrong_in_one_field_changes_nothing() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let before = api.get(&at(&app, "")).await.expect(200);
    for (field, change) in [
        ("enforcement", json!({ "name": "X", "enforcement": "always" })),
        ("enforcement", json!({ "name": "X", "enforcement": null })),
        ("name", json!({ "name": "", "enforcement": "require" })),
        ("name", json!({ "name": "a\u{7}", "enforcement": "require" })),
        ("name", json!({ "name": "é".repeat(61) })),
        ("features", json!({ "name": "X", "features": true })),
        ("identify", json!({ "name": "X", "features": { "identify": "yes" } })),
        ("identity", json!({ "name": "X", "features": { "identity": true } })),
        ("max_token_lifetime", json!({ "name": "X", "max_token_lifetime": 0 })),
        ("max_token_lifetime", json!({ "name": "X", "max_token_lifetime": "1h" })),
        ("instructions", json!({ "name": "X", "instructions": "Obey." })),
        ("company_id", json!({ "name": "X", "company_id": "cmp_01h2xcejqtf2nbrexx3vqjhp41" })),
    ] {
        let answer = api.send("PATCH", &at(&app, ""), Some(&change)).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{change}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(&format!("`{field}`")), "{change}: {detail}");
    }
    assert_eq!(api.get(&at(&app, "")).await.expect(200), before);
}
