//! `…/profiles`: found, explained, blocked, exported, erased.

use std::time::Duration;

use eloquent_tests::{app::TestApp, client::Client};
use eloquent_types::identify::{IdentifyResult, IdentityCode};
use serde_json::{Value, json};

use super::client::{Api, ada, at, talk};

async fn user_ids(api: &Api, app: &TestApp, query: &str) -> Vec<String> {
    let found = api.get(&at(app, &format!("/profiles{query}"))).await.expect(200);
    let rows = found["profiles"].as_array().unwrap().iter();
    rows.map(|row| row["user_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn profiles_are_found_by_what_is_known_of_them() {
    let app = TestApp::start().await;
    for claims in [
        ada(),
        json!({ "user_id": "cust_ben", "email": "ben@example.com", "plan": "free", "vip": true }),
        json!({ "user_id": "cust_ada2", "email": "other@example.com", "plan": "pro", "note": "100%_sure" }),
    ] {
        talk(&app, claims).await;
        app.clock.advance(Duration::from_secs(1));
    }
    let api = Api::of(&app).await;
    for (query, expected) in [
        ("", vec!["cust_ada2", "cust_ben", "cust_ada"]),
        ("?user_id=cust_ada", vec!["cust_ada"]),
        ("?user_id=CUST_ADA", vec![]),
        ("?email=BEN%40example.com", vec!["cust_ben"]),
        ("?claim=vip", vec!["cust_ben"]),
        ("?claim=vip%3Dtrue", vec!["cust_ben"]),
        ("?claim=plan%3Dpro", vec!["cust_ada2", "cust_ada"]),
        ("?claim=seats%3D3", vec!["cust_ada"]),
        ("?claim=plan%3Dpr", vec![]),
        ("?search=EXAMPLE.com", vec!["cust_ada2", "cust_ben", "cust_ada"]),
        ("?search=%25_", vec!["cust_ada2"]),
        ("?search=", vec!["cust_ada2", "cust_ben", "cust_ada"]),
        ("?blocked=true", vec![]),
        ("?claim=plan%3Dpro&search=ada2", vec!["cust_ada2"]),
        ("?limit=1&offset=1", vec!["cust_ben"]),
    ] {
        assert_eq!(user_ids(&api, &app, query).await, expected, "{query}");
    }
    let first = api.get(&at(&app, "/profiles?limit=2")).await.expect(200);
    assert_eq!(first["next_offset"], 2);
    let last = api.get(&at(&app, "/profiles?limit=2&offset=2")).await.expect(200);
    assert_eq!((last["profiles"].as_array().unwrap().len(), &last["next_offset"]), (1, &Value::Null));
}

#[tokio::test]
async fn a_profile_tells_where_each_value_comes_from() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    app.clock.advance(Duration::from_mins(1));
    let mut client =
        Client::with_token(&app.token(json!({ "user_id": "cust_ada", "plan": "team", "seats": 3 })));
    client.next = 1;
    let mut body = client.chat_body("Hello", None);
    body["attributes"] = json!({ "cart": "2 items", "plan": "enterprise" });
    let response = client.post(app.api("/chat")).json(&body).send().await.unwrap();
    eloquent_tests::client::read(response).await;

    let shown = Api::of(&app).await.get(&at(&app, &format!("/profiles/{profile}"))).await.expect(200);
    assert_eq!(
        (&shown["id"], &shown["user_id"], &shown["blocked"]),
        (&json!(profile), &json!("cust_ada"), &json!(false))
    );
    assert_eq!(shown["email"], "ada@example.com");
    assert_eq!(
        shown["email_from"],
        json!({ "iat": 1_700_000_000, "received_at": "2023-11-14T22:13:20.000Z" })
    );
    let late = json!({ "iat": 1_700_000_060, "received_at": "2023-11-14T22:14:20.000Z" });
    let early = json!({ "iat": 1_700_000_000, "received_at": "2023-11-14T22:13:20.000Z" });
    assert_eq!(
        shown["claims"],
        json!([
            { "name": "plan", "value": "team", "use": "agent", "from": late },
            { "name": "seats", "value": 3, "use": "agent", "from": early },
        ])
    );
    let hints = shown["hints"].as_array().unwrap();
    assert_eq!((hints.len(), &hints[0]["name"], &hints[0]["value"]), (1, &json!("cart"), &json!("2 items")));
}

#[tokio::test]
async fn the_history_tells_what_changed_and_who_did_it() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    app.clock.advance(Duration::from_mins(1));
    Client::new().identify(&app, app.token(json!({ "user_id": "cust_ada", "plan": "team" })).expose()).await;
    let api = Api::of(&app).await;
    let at_profile = |rest: &str| at(&app, &format!("/profiles/{profile}{rest}"));
    api.send("POST", &at_profile("/block"), None).await.expect(200);
    api.send("POST", &at_profile("/block"), None).await.expect(200);
    api.send("POST", &at_profile("/unblock"), None).await.expect(200);

    let history = api.get(&at_profile("/history")).await.expect(200);
    let changes = history["changes"].as_array().unwrap();
    let kinds: Vec<_> = changes.iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["unblocked", "blocked", "claim", "claim", "created"]);
    assert_eq!(changes[1]["actor"], format!("API key script ({})", api.key.unwrap()));
    assert_eq!(changes[1]["from"], Value::Null);
    let plan = changes.iter().find(|change| change["name"] == "plan").unwrap();
    assert_eq!((&plan["old"], &plan["new"]), (&json!("pro"), &json!("team")));
    assert_eq!(plan["from"], json!({ "key_id": app.key, "iat": 1_700_000_060 }));
    let seats = changes.iter().find(|change| change["name"] == "seats").unwrap();
    assert_eq!((&seats["old"], &seats["new"]), (&json!(3), &Value::Null));

    let page = api.get(&at_profile("/history?limit=2")).await.expect(200);
    let next = page["next_before"].as_u64().unwrap();
    let rest = api.get(&at_profile(&format!("/history?before={next}"))).await.expect(200);
    assert_eq!((rest["changes"].as_array().unwrap().len(), &rest["next_before"]), (3, &Value::Null));
}

#[tokio::test]
async fn a_blocked_user_is_anonymous_until_the_block_is_lifted() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    let code = async || match Client::new().identify(&app, app.token(ada()).expose()).await.result {
        IdentifyResult::Identified(_) => None,
        IdentifyResult::Refused(refused) => Some(refused.code),
    };
    let blocked = api.send("POST", &at(&app, &format!("/profiles/{profile}/block")), None).await.expect(200);
    assert_eq!((&blocked["id"], &blocked["blocked"]), (&json!(profile), &json!(true)));
    assert_eq!(code().await, Some(IdentityCode::IdentityBlocked));
    assert_eq!(user_ids(&api, &app, "?blocked=true").await, ["cust_ada"]);
    api.send("POST", &at(&app, &format!("/profiles/{profile}/unblock")), None).await.expect(200);
    assert_eq!(code().await, None);
}

#[tokio::test]
async fn an_export_has_all_of_the_person_and_nothing_of_another() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    let (_, foreign) = talk(&app, json!({ "user_id": "cust_ben", "email": "ben@example.com" })).await;
    let export = Api::of(&app).await.get(&at(&app, &format!("/profiles/{profile}/export"))).await;
    assert_eq!(export.headers["cache-control"], "no-store");
    let body = export.expect(200);
    assert_eq!(body["profile"]["user_id"], "cust_ada");
    for part in ["ada@example.com", "How long do refunds take?", "five working days", conversation.as_str()] {
        assert!(export.text.contains(part), "{part} in {}", export.text);
    }
    for part in ["cust_ben", "ben@example.com", foreign.as_str()] {
        assert!(!export.text.contains(part), "{part} in {}", export.text);
    }
}

#[tokio::test]
async fn an_erased_user_starts_afresh() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    talk(&app, json!({ "user_id": "cust_ben" })).await;
    let api = Api::of(&app).await;
    let path = at(&app, &format!("/profiles/{profile}"));
    assert_eq!(
        api.send("DELETE", &path, None).await.expect(200),
        json!({ "conversations": 1, "messages": 2, "files": "clean" })
    );
    for rest in ["", "/history", "/export"] {
        assert_eq!(
            api.get(&format!("{path}{rest}")).await.problem(),
            (404, "not_found".to_owned()),
            "{rest}"
        );
    }
    assert_eq!(api.send("DELETE", &path, None).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(api.send("POST", &format!("{path}/block"), None).await.problem().0, 404);
    assert_eq!(user_ids(&api, &app, "").await, ["cust_ben"]);

    let (again, _) = talk(&app, ada()).await;
    assert_ne!(again, profile);
    let token = app.token(ada());
    assert_eq!(Client::with_token(&token).view(&app, &conversation).await, Err(404));
}
