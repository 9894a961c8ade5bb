//! `…/identity/keys`: created, rotated, retired, revoked, and told apart.

use std::time::Duration;

use eloquent_identity::Secret;
use eloquent_tests::{app::TestApp, client::Client};
use eloquent_types::identify::IdentifyResult;
use serde_json::{Value, json};

use super::client::{Api, ada, at};

/// The verdict on a token signed with this secret.
async fn verdict(app: &TestApp, secret: &str) -> String {
    let token = app.token_with(&Secret::parse(secret).unwrap(), ada());
    match Client::new().identify(app, token.expose()).await.result {
        IdentifyResult::Identified(_) => "identified".to_owned(),
        IdentifyResult::Refused(refused) => refused.code.to_string(),
    }
}

async fn listed(api: &Api, app: &TestApp) -> Vec<Value> {
    let answer = api.get(&at(app, "/identity/keys")).await;
    assert!(!answer.text.contains("elq_"), "{}", answer.text);
    answer.expect(200)["keys"].as_array().unwrap().clone()
}

/// One key as it is listed. (Keys of the same moment have no order.)
async fn shown(api: &Api, app: &TestApp, id: &str) -> Value {
    listed(api, app).await.into_iter().find(|key| key["id"] == id).unwrap()
}

#[tokio::test]
async fn a_secret_is_in_the_one_answer_that_made_it() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let made = api.post(&at(&app, "/identity/keys"), json!({ "name": " Main " })).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(made["env"], format!("ELOQUENT_SECRET={secret}"));
    assert_eq!((&made["name"], &made["status"]), (&json!("Main"), &json!("active")));
    assert_eq!(verdict(&app, secret).await, "identified");

    assert_eq!(listed(&api, &app).await.len(), 2);
    let key = shown(&api, &app, made["id"].as_str().unwrap()).await;
    assert_eq!((&key["last_four"], &key["use_count"]), (&json!(secret[secret.len() - 4..]), &json!(1)));
    assert_eq!((key.get("secret"), key.get("env")), (None, None));
}

#[tokio::test]
async fn rotation_throws_nobody_out() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let (old, key) = (app.secret.expose(), app.key);
    let rotate = at(&app, &format!("/identity/keys/{key}/rotate"));
    let ends = "2023-11-15T22:13:20Z";
    let made = api.post(&rotate, json!({ "name": "next", "retires_at": ends })).await.expect(201);
    let new = made["secret"].as_str().unwrap();
    assert_eq!(verdict(&app, old).await, "identified");
    assert_eq!(verdict(&app, new).await, "identified");
    let retiring = shown(&api, &app, &key.to_string()).await;
    assert_eq!(retiring["status"], "active");
    assert_eq!(retiring["retires_at"], "2023-11-15T22:13:20.000Z");

    app.clock.advance(Duration::from_hours(24));
    assert_eq!(verdict(&app, old).await, "signature_invalid");
    assert_eq!(verdict(&app, new).await, "identified");
    assert_eq!(shown(&api, &app, &key.to_string()).await["status"], "retired");
    // What has ended is not rotated again, nor brought back.
    let again = api.post(&rotate, json!({ "name": "third" })).await;
    assert_eq!(again.problem(), (409, "key_not_active".to_owned()));
    let back = at(&app, &format!("/identity/keys/{key}/retire"));
    assert_eq!(api.post(&back, json!({ "retires_at": null })).await.problem().0, 409);
    assert_eq!(listed(&api, &app).await.len(), 2);
}

#[tokio::test]
async fn without_a_time_the_old_key_goes_on_until_it_is_revoked() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let key_at = |rest: &str| at(&app, &format!("/identity/keys/{}{rest}", app.key));
    api.post(&key_at("/rotate"), json!({ "name": "next", "retires_at": null })).await.expect(201);
    app.clock.advance(Duration::from_hours(24 * 365));
    assert_eq!(verdict(&app, app.secret.expose()).await, "identified");

    let revoked = api.send("POST", &key_at("/revoke"), None).await.expect(200);
    assert_eq!(revoked["status"], "revoked");
    assert_eq!(verdict(&app, app.secret.expose()).await, "signature_invalid");
    app.clock.advance(Duration::from_secs(5));
    let again = api.send("POST", &key_at("/revoke"), None).await.expect(200);
    assert_eq!(again["revoked_at"], revoked["revoked_at"], "the first time stays");
    assert_eq!(api.post(&key_at("/rotate"), json!({ "name": "x" })).await.problem().0, 409);
}

#[tokio::test]
async fn a_chosen_end_can_be_changed_and_taken_back() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let retire = at(&app, &format!("/identity/keys/{}/retire", app.key));
    let set = api.post(&retire, json!({ "retires_at": "2023-11-14T22:14:00Z" })).await.expect(200);
    assert_eq!((&set["retires_at"], &set["status"]), (&json!("2023-11-14T22:14:00.000Z"), &json!("active")));
    let lifted = api.post(&retire, json!({ "retires_at": null })).await.expect(200);
    assert_eq!(lifted["retires_at"], json!(null));
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(verdict(&app, app.secret.expose()).await, "identified");

    for bad in [json!({}), json!({ "retires_at": "tomorrow" }), json!({ "retires_at": 1_800_000_000 })] {
        let answer = api.post(&retire, bad.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{bad}");
        assert!(answer.text.contains("`retires_at`"), "{}", answer.text);
    }
    let rotate = at(&app, &format!("/identity/keys/{}/rotate", app.key));
    for path in [&retire, &rotate] {
        let past = json!({ "name": "x", "retires_at": "2023-11-14T22:13:20Z" });
        assert_eq!(api.post(path, past).await.problem(), (422, "invalid_field".to_owned()));
    }
    assert_eq!(listed(&api, &app).await.len(), 1);
}

#[tokio::test]
async fn at_most_ten_are_active() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let create = at(&app, "/identity/keys");
    for _ in 0..9 {
        api.post(&create, json!({ "name": "more" })).await.expect(201);
    }
    assert_eq!(
        api.post(&create, json!({ "name": "more" })).await.problem(),
        (409, "too_many_keys".to_owned())
    );
    let rotate = at(&app, &format!("/identity/keys/{}/rotate", app.key));
    assert_eq!(api.post(&rotate, json!({ "name": "x" })).await.problem(), (409, "too_many_keys".to_owned()));
    assert_eq!(listed(&api, &app).await.len(), 10);
    api.send("POST", &at(&app, &format!("/identity/keys/{}/revoke", app.key)), None).await.expect(200);
    api.post(&create, json!({ "name": "more" })).await.expect(201);
}

#[tokio::test]
async fn a_key_that_nobody_used_for_long_is_safe_to_revoke() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let safe = async |query: &str| {
        let answer = api.get(&at(&app, &format!("/identity/keys{query}"))).await.expect(200);
        answer["keys"][0]["safe_to_revoke"].as_bool().unwrap()
    };
    app.clock.advance(Duration::from_hours(24));
    assert_eq!(verdict(&app, app.secret.expose()).await, "identified");
    app.clock.advance(Duration::from_hours(24 * 7) - Duration::from_secs(1));
    assert!(!safe("").await && safe("?idle_days=6").await);
    app.clock.advance(Duration::from_secs(1));
    assert!(safe("").await && !safe("?idle_days=8").await);
    api.send("POST", &at(&app, &format!("/identity/keys/{}/revoke", app.key)), None).await.expect(200);
    assert!(!safe("").await, "it is revoked already");
}
