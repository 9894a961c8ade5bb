//! `…/identity/coverage`: shares over one, seven and thirty days.

use std::time::Duration;

use eloquent_store::Enforcement;
use eloquent_tests::app::{START, TestApp};
use eloquent_types::identify::IdentityCode;
use serde_json::json;

use super::client::{Api, at};

#[tokio::test]
async fn what_require_would_refuse_is_told_by_origin_and_code() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let agent = app.agent;
    app.write(move |writer| {
        let shop = Some("https://shop.example.com");
        let long_ago = START;
        let week_ago = START + Duration::from_hours(24 * 20);
        let now = START + Duration::from_hours(24 * 25);
        for (time, origin, verdict) in [
            (long_ago, shop, Err(IdentityCode::TokenMissing)),
            (week_ago, shop, Ok(())),
            (now, shop, Ok(())),
            (now, shop, Ok(())),
            (now, shop, Err(IdentityCode::TokenExpired)),
            (now, None, Err(IdentityCode::TokenMissing)),
        ] {
            writer.count_chat(agent, time, origin, verdict, Enforcement::Report)?;
        }
        Ok(())
    })
    .await;
    app.clock.advance(Duration::from_hours(24 * 25));
    let day = api.get(&at(&app, "/identity/coverage?days=1")).await.expect(200);
    assert_eq!(
        day,
        json!({
            "days": 1, "since": "2023-12-08T22:13:20.000Z", "requests": 4, "identified": 2, "share": 0.5,
            "not_identified": 2,
            "by_origin": [
                { "origin": "https://shop.example.com", "requests": 3, "identified": 2 },
                { "origin": null, "requests": 1, "identified": 0 },
            ],
            "by_code": [
                { "code": null, "requests": 2 },
                { "code": "token_missing", "requests": 1 },
                { "code": "token_expired", "requests": 1 },
            ],
        })
    );
    let week = api.get(&at(&app, "/identity/coverage")).await.expect(200);
    assert_eq!((&week["days"], &week["requests"]), (&json!(7), &json!(5)));
    let month = api.get(&at(&app, "/identity/coverage?days=30")).await.expect(200);
    assert_eq!((&month["requests"], &month["identified"]), (&json!(6), &json!(3)));
}

#[tokio::test]
async fn without_requests_there_is_no_share() {
    let app = TestApp::start().await;
    let coverage = Api::of(&app).await.get(&at(&app, "/identity/coverage")).await.expect(200);
    assert_eq!((&coverage["requests"], &coverage["share"]), (&json!(0), &json!(null)));
    assert_eq!((&coverage["by_origin"], &coverage["by_code"]), (&json!([]), &json!([])));
}
