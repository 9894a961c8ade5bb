//! Bodies and queries that are not what a route takes.

use eloquent_tests::app::TestApp;
use serde_json::json;

use super::client::{Answer, Api, ada, at, bytes, talk};

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let path = at(&app, "/identity/keys");
    api.get(&path).await.expect(200);
    let before = bytes(&app);
    let large = format!(r#"{{"name":"{}"}}"#, "a".repeat(64 * 1024));
    let nested = format!(r#"{{"name":{}"#, "[".repeat(10_000));
    for (content_type, body, expected) in [
        ("application/json", "", (400, "invalid_json")),
        ("application/json", "{", (400, "invalid_json")),
        ("application/json", "{\"name\":\"a\"}x", (400, "invalid_json")),
        ("application/json", &nested, (400, "invalid_json")),
        ("application/json", "[]", (422, "invalid_field")),
        ("application/json", "null", (422, "invalid_field")),
        ("application/json", r#"{"name":"a","name":"b"}"#, (422, "invalid_field")),
        ("application/json", "{}", (422, "invalid_field")),
        ("text/plain", r#"{"name":"a"}"#, (415, "unsupported_media_type")),
        ("application/x-www-form-urlencoded", "name=a", (415, "unsupported_media_type")),
        ("application/json", &large, (413, "body_too_large")),
    ] {
        let request = api.request(reqwest::Method::POST, &path).header("content-type", content_type);
        let answer = Answer::of(request.body(body.to_owned()).send().await.unwrap()).await;
        let (status, code) = answer.problem();
        assert_eq!((status, code.as_str()), expected, "{content_type} {}", &body[..body.len().min(40)]);
    }
    let untyped = api.request(reqwest::Method::POST, &path).body(r#"{"name":"a"}"#).send().await.unwrap();
    assert_eq!(Answer::of(untyped).await.problem().0, 415);
    let invalid = api.request(reqwest::Method::POST, &path).header("content-type", "application/json");
    let invalid = invalid.body(b"{\"name\":\"\xff\"}".to_vec()).send().await.unwrap();
    assert_eq!(Answer::of(invalid).await.problem().0, 400);
    assert!(bytes(&app) == before, "something was written");
}

#[tokio::test]
async fn where_nothing_is_taken_nothing_may_come() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    let path = at(&app, &format!("/profiles/{profile}/block"));
    let answer = api.post(&path, json!({ "blocked": false })).await;
    assert_eq!(answer.problem(), (422, "invalid_field".to_owned()));
    assert!(answer.text.contains("`blocked`"), "{}", answer.text);
    let form = api.request(reqwest::Method::POST, &path).body("blocked=false").send().await.unwrap();
    assert_eq!(Answer::of(form).await.problem().0, 415);
    let large = api.request(reqwest::Method::POST, &path).body(" ".repeat(64 * 1024 + 1));
    assert_eq!(Answer::of(large.send().await.unwrap()).await.problem().0, 413);
    assert_eq!(api.get(&at(&app, &format!("/profiles/{profile}"))).await.expect(200)["blocked"], false);
    assert_eq!(api.post(&path, json!({})).await.expect(200)["blocked"], true);
}

#[tokio::test]
async fn queries_take_known_fields_once_and_within_their_range() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    for (path, field) in [
        ("/identity/keys?idle=3", "`idle`"),
        ("/identity/keys?idle_days=0", "`idle_days`"),
        ("/identity/log?limit=0", "`limit`"),
        ("/identity/log?limit=201", "`limit`"),
        ("/identity/log?limit=5&limit=6", "twice"),
        ("/identity/log?before=-1", "`before`"),
        ("/identity/log?before=99999999999999999999", "`before`"),
        ("/identity/log?code=nonsense", "`code`"),
        ("/identity/log?surface=page", "`surface`"),
        ("/identity/log?profile_id=cnv_01h2xcejqtf2nbrexx3vqjhp41", "`profile_id`"),
        ("/identity/log?conversation_id=x", "`conversation_id`"),
        ("/identity/coverage?days=2", "`days`"),
        ("/identity/coverage?days=", "`days`"),
        ("/identity/claims?page=1", "`page`"),
        ("/profiles?blocked=maybe", "`blocked`"),
        ("/profiles?offset=4294967295", "`offset`"),
        ("/profiles?token=x", "`token`"),
        ("?x", "`x`"),
    ] {
        let answer = api.get(&at(&app, path)).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{path}");
        assert!(answer.text.contains(field), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_changes_something_takes_nothing_from_the_query() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    let key = at(&app, &format!("/identity/keys/{}", app.key));
    for (method, path, body) in [
        ("DELETE", at(&app, &format!("/profiles/{profile}?dry_run=true")), None),
        ("POST", at(&app, &format!("/profiles/{profile}/block?until=tomorrow")), None),
        ("POST", format!("{key}/revoke?at=2030-01-01T00:00:00Z"), None),
        (
            "POST",
            format!("{key}/retire?retires_at=2030-01-01T00:00:00Z"),
            Some(json!({ "retires_at": null })),
        ),
        ("PATCH", at(&app, "?enforcement=require"), Some(json!({}))),
        ("POST", at(&app, "/identity/inspect?token=x"), Some(json!({ "token": "x" }))),
    ] {
        let answer = api.send(method, &path, body.as_ref()).await;
        assert_eq!(answer.problem(), (422, "invalid_field".to_owned()), "{method} {path}");
        assert!(answer.text.contains("takes no query"), "{}", answer.text);
    }
    let shown = api.get(&at(&app, &format!("/profiles/{profile}"))).await.expect(200);
    assert_eq!(shown["blocked"], false);
    assert_eq!(api.get(&at(&app, "/identity/keys")).await.expect(200)["keys"][0]["status"], "active");
    // An empty one asks for nothing.
    api.send("POST", &at(&app, &format!("/profiles/{profile}/block?")), None).await.expect(200);
}

#[tokio::test]
async fn other_methods_are_not_answered() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    for (method, path) in
        [("DELETE", "/agents"), ("PUT", &at(&app, "")), ("GET", &at(&app, "/identity/inspect"))]
    {
        let answer = api.send(method, path, None).await;
        assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()), "{method} {path}");
    }
}
