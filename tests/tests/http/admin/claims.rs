//! `…/identity/claims`: what becomes of a claim.

use eloquent_tests::{app::TestApp, client::Client};
use serde_json::{Value, json};

use super::client::{Api, ada, at, talk};

#[tokio::test]
async fn every_claim_has_a_use_that_can_be_set() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    let plan = at(&app, "/identity/claims/plan");
    assert_eq!(api.get(&plan).await.expect(200), json!({ "name": "plan", "use": "agent" }));
    let put =
        async |path: &str, claim_use: &str| api.send("PUT", path, Some(&json!({ "use": claim_use }))).await;
    assert_eq!(put(&plan, "dropped").await.expect(200), json!({ "name": "plan", "use": "dropped" }));
    put(&at(&app, "/identity/claims/email"), "dashboard").await.expect(200);
    let listed = api.get(&at(&app, "/identity/claims")).await.expect(200);
    let expected = json!([{ "name": "email", "use": "dashboard" }, { "name": "plan", "use": "dropped" }]);
    assert_eq!(listed["claims"], expected);

    // What is dropped is gone, and stays away.
    let shown = async || api.get(&at(&app, &format!("/profiles/{profile}"))).await.expect(200);
    let names = |shown: &Value| -> Vec<String> {
        let claims = shown["claims"].as_array().unwrap().iter();
        claims.map(|claim| claim["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&shown().await), ["seats"]);
    assert_eq!(shown().await["email_use"], "dashboard");
    Client::new().identify(&app, app.token(ada()).expose()).await;
    assert_eq!(names(&shown().await), ["seats"]);
    put(&plan, "agent").await.expect(200);
    assert_eq!(
        api.get(&at(&app, "/identity/claims")).await.expect(200)["claims"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn names_may_hold_anything_that_a_claims_name_may() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    for (escaped, name) in [
        ("https%3A%2F%2Fexample.com%2Froles", "https://example.com/roles"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("%E6%84%9B", "愛"),
        ("use", "use"),
    ] {
        let path = at(&app, &format!("/identity/claims/{escaped}"));
        let set = api.send("PUT", &path, Some(&json!({ "use": "dashboard" }))).await.expect(200);
        assert_eq!(set, json!({ "name": name, "use": "dashboard" }));
        assert_eq!(api.get(&path).await.expect(200), set);
    }
}

#[tokio::test]
async fn what_is_no_claim_or_no_use_is_refused() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let long = "a".repeat(256);
    for (name, body) in [
        ("user_id", json!({ "use": "dropped" })),
        ("exp", json!({ "use": "dropped" })),
        (&long, json!({ "use": "dropped" })),
        ("plan", json!({ "use": "hidden" })),
        ("plan", json!({ "use": null })),
        ("plan", json!({})),
        ("plan", json!({ "use": "agent", "name": "other" })),
    ] {
        let answer = api.send("PUT", &at(&app, &format!("/identity/claims/{name}")), Some(&body)).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{name} {body}");
    }
    assert_eq!(api.get(&at(&app, "/identity/claims")).await.expect(200)["claims"], json!([]));
}

#[tokio::test]
async fn a_policy_names_at_most_two_hundred() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let scope = app.scope;
    app.write(move |writer| {
        for number in 0..200 {
            let name = format!("c{number}");
            let set = writer.set_claim_policy(
                &scope,
                &name,
                eloquent_store::ClaimUse::Dashboard,
                eloquent_tests::app::START,
            );
            set.expect("set");
        }
        Ok(())
    })
    .await;
    let path = at(&app, "/identity/claims/one-more");
    let answer = api.send("PUT", &path, Some(&json!({ "use": "dropped" }))).await;
    assert_eq!(answer.problem(), (409, "too_many_claims".to_owned()));
}
