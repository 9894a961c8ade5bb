//! `GET /frame/{agent_id}`: who may frame the chat, and what the page may do.

use eloquent_tests::app::TestApp;
use serde_json::json;

async fn policy(app: &TestApp, id: &str) -> (u16, String, String) {
    let response = reqwest::get(app.at(&format!("/frame/{id}"))).await.unwrap();
    let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    (response.status().as_u16(), header("content-security-policy"), response.text().await.unwrap())
}

#[tokio::test]
async fn only_the_agents_origins_may_frame_it() {
    let app = TestApp::start().await;
    let id = app.agent.to_string();
    let (status, anybody, page) = policy(&app, &id).await;
    assert_eq!(status, 200);
    assert!(anybody.ends_with("frame-ancestors *"), "{anybody}");
    assert!(
        page.contains("data-origins=\"\"") && page.contains(&format!("data-agent-id=\"{id}\"")),
        "{page}"
    );
    let scope = app.scope;
    let origins = ["https://a.example".to_owned(), "https://b.example:8443".to_owned()];
    app.write(move |writer| writer.set_allowed_origins(&scope, &origins)).await;
    let (_, named, page) = policy(&app, &id).await;
    assert!(named.ends_with("frame-ancestors 'self' https://a.example https://b.example:8443"), "{named}");
    assert!(page.contains("data-origins=\"https://a.example https://b.example:8443\""), "{page}");
    assert!(!named.contains("unsafe-inline") && !named.contains("'unsafe-eval'"), "{named}");
}

#[tokio::test]
async fn an_unknown_agent_has_the_page_and_nothing_else() {
    let app = TestApp::start().await;
    for id in ["agt_01h2xcejqtf2nbrexx3vqjhp41", "nonsense", "%3Cb%3E"] {
        let (status, policy, page) = policy(&app, id).await;
        assert_eq!(status, 404);
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(!page.contains("<b>"), "{page}");
    }
}

/// The page around a frame counts as the origin of its requests, of the frame's alone.
#[tokio::test]
async fn the_page_around_a_frame_is_what_the_log_and_the_list_see() {
    let app = TestApp::start().await;
    let scope = app.scope;
    app.write(move |writer| writer.set_allowed_origins(&scope, &["https://a.example".to_owned()])).await;
    let identify = |origin: &str, page: &str| {
        reqwest::Client::new()
            .post(app.api("/identify"))
            .header("origin", origin)
            .header("x-eloquent-origin", page)
            .json(&json!({ "token": "x" }))
            .send()
    };
    let own = app.url.clone();
    for (origin, page, status) in [
        (own.as_str(), "https://a.example", 200),
        (own.as_str(), "https://evil.example", 403),
        ("https://evil.example", "https://a.example", 403),
    ] {
        let response = identify(origin, page).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{origin} {page}");
    }
    let log = app.log().await;
    assert_eq!(log[0].origin.as_deref(), Some("https://a.example"));
    assert_eq!(log.len(), 1);
}
