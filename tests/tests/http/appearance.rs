//! How the widget looks and speaks: set by the administration API, served to the widget, refused where it
//! could not be read or drawn.

use eloquent_tests::{app::TestApp, client::problem};
use reqwest::{Client as Http, Response};
use serde_json::{Value, json};

use super::admin::client::{Answer, Api, at};

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";

async fn patch(app: &TestApp, api: &Api, change: Value) -> Answer {
    api.send("PATCH", &at(app, ""), Some(&change)).await
}

async fn config(app: &TestApp) -> Value {
    Http::new().get(app.api("/config")).send().await.unwrap().json().await.unwrap()
}

async fn put_logo(app: &TestApp, api: &Api, bytes: &[u8]) -> Answer {
    let request = api.request(reqwest::Method::PUT, &at(app, "/logo")).body(bytes.to_vec());
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_look_is_set_token_by_token_and_served() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let theme = json!({
        "scheme": "dark", "accent": "#1F6F4A", "background": "#ffffff", "text": "#222222", "radius": 0,
        "font": "serif", "position": "left", "launcher_icon": "wave", "launcher_label": "Ask us",
    });
    let change = json!({
        "theme": theme, "contact": "help@shop.example", "greeting": " Hi!\nWhat can I do? ",
        "starters": ["One?", "Two?"], "locale": "pt-BR", "features": { "feedback": false, "handover": false },
    });
    let changed = patch(&app, &api, change).await.expect(200);
    let mut served = theme;
    served["accent"] = "#1f6f4a".into();
    assert_eq!(changed["theme"], served);
    let config = config(&app).await;
    assert_eq!(config["theme"], served);
    assert_eq!(config["contact"], "help@shop.example");
    assert_eq!(config["greeting"], "Hi!\nWhat can I do?");
    assert_eq!(config["starters"], json!(["One?", "Two?"]));
    assert_eq!(config["locale"], "pt-BR");
    assert_eq!(config["features"], json!({ "identify": true, "feedback": false, "handover": false }));

    // What is not named stays; null takes a token away.
    let change = json!({ "theme": { "scheme": null, "radius": 28 }, "contact": null, "locale": null });
    let changed = patch(&app, &api, change).await.expect(200);
    let mut left = served;
    left.as_object_mut().unwrap().remove("scheme");
    left["radius"] = 28.into();
    assert_eq!(changed["theme"], left);
    assert_eq!((&changed["contact"], &changed["locale"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_by_its_field_and_changes_nothing() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let before = api.get(&at(&app, "")).await.expect(200);
    for (field, change) in [
        ("accent", json!({ "theme": { "accent": "red" } })),
        ("background", json!({ "theme": { "background": "url(//evil.example)" } })),
        ("text", json!({ "theme": { "text": 3 } })),
        ("radius", json!({ "theme": { "radius": 29 } })),
        ("radius", json!({ "theme": { "radius": -1 } })),
        ("radius", json!({ "theme": { "radius": "4" } })),
        ("font", json!({ "theme": { "font": "Comic Sans" } })),
        ("position", json!({ "theme": { "position": "top" } })),
        ("scheme", json!({ "theme": { "scheme": "Dark" } })),
        ("launcher_icon", json!({ "theme": { "launcher_icon": "<svg>" } })),
        ("launcher_label", json!({ "theme": { "launcher_label": "x".repeat(25) } })),
        ("logo", json!({ "theme": { "logo": "https://evil.example/x.png" } })),
        ("theme", json!({ "theme": "dark" })),
        ("contact", json!({ "contact": "javascript:alert(1)" })),
        ("contact", json!({ "contact": "http://shop.example" })),
        ("greeting", json!({ "greeting": "" })),
        ("greeting", json!({ "greeting": "x".repeat(501) })),
        ("greeting", json!({ "greeting": "a\u{0}b" })),
        ("starters", json!({ "starters": vec!["x"; 7] })),
        ("starters", json!({ "starters": ["x".repeat(121)] })),
        ("starters", json!({ "starters": [" "] })),
        ("locale", json!({ "locale": "en_US" })),
        ("handover", json!({ "features": { "handover": "yes" } })),
    ] {
        let answer = patch(&app, &api, change.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{change}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(&format!("`{field}`")), "{detail} for {change}");
    }
    let both = json!({ "name": "Other", "theme": { "text": "#999999" } });
    let answer = patch(&app, &api, both).await;
    assert_eq!(answer.problem(), (422, "contrast_too_low".to_owned()));
    assert_eq!(
        answer.json()["detail"],
        "text #999999 on background #ffffff has a contrast of 2.84:1 and needs 4.5:1."
    );
    assert_eq!(api.get(&at(&app, "")).await.expect(200), before, "all of it or nothing");
    // The other half of the pair makes it readable, in the same change or against what is set.
    patch(&app, &api, json!({ "theme": { "text": "#eeeeee", "background": "#111111" } })).await.expect(200);
    let answer = patch(&app, &api, json!({ "theme": { "background": null } })).await;
    assert_eq!(answer.problem(), (422, "contrast_too_low".to_owned()));
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn a_logo_is_a_picture_that_changes_its_address() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let get = async |address: &str| Http::new().get(app.at(address)).send().await.unwrap();
    assert_eq!(problem(get(&format!("/v1/agents/{}/logo", app.agent)).await).await.0, 404);

    let changed = put_logo(&app, &api, GIF).await.expect(200);
    let first = changed["theme"]["logo"].as_str().unwrap().to_owned();
    assert!(first.starts_with(&format!("v1/agents/{}/logo?", app.agent)), "{first}");
    assert_eq!(config(&app).await["theme"]["logo"], first.as_str());
    let response = get(&format!("/{first}")).await;
    assert_eq!(header(&response, "content-type"), "image/gif");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "cross-origin-resource-policy"), "cross-origin");
    assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(response.bytes().await.unwrap(), GIF);
    let stale = get(&format!("/v1/agents/{}/logo?0000000000000000", app.agent)).await;
    assert_eq!(header(&stale, "cache-control"), "no-cache", "an address of another picture is not kept");

    let second = put_logo(&app, &api, &[GIF, b"more"].concat()).await.expect(200);
    assert_ne!(second["theme"]["logo"], first.as_str());
    // A change of the look leaves the picture.
    let changed = patch(&app, &api, json!({ "theme": { "radius": 3 } })).await.expect(200);
    assert_eq!(changed["theme"]["logo"], second["theme"]["logo"]);

    let svg = put_logo(&app, &api, b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>").await;
    assert_eq!(svg.problem(), (415, "unsupported_media_type".to_owned()));
    let large = put_logo(&app, &api, &[GIF, &vec![0; 64 * 1024]].concat()).await;
    assert_eq!(large.problem(), (413, "body_too_large".to_owned()));
    let gone = api.send("DELETE", &at(&app, "/logo"), None).await.expect(200);
    assert_eq!(gone["theme"], json!({ "radius": 3 }));
    assert_eq!(get(&format!("/{first}")).await.status(), 404);
    api.send("DELETE", &at(&app, "/logo"), None).await.expect(200);
}
