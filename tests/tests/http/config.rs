//! `GET …/config`, CORS, health, and what is answered where there is nothing.

use eloquent_store::{Enforcement, ProfileFilter};
use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::{Client, problem},
};
use reqwest::{Client as Http, Method};
use serde_json::{Value, json};

#[tokio::test]
async fn config_holds_what_the_widget_draws_and_nothing_else() {
    let app = TestApp::start().await;
    let response = Http::new().get(app.api("/config")).send().await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let config: Value = response.json().await.unwrap();
    let expected = json!({
        "agent_id": app.agent.to_string(), "name": "Helper", "greeting": "Hello!",
        "starters": ["Which plan am I on?"], "theme": {}, "features": { "identify": true, "feedback": true, "handover": true },
    });
    assert_eq!(config, expected);
}

#[tokio::test]
async fn an_unknown_agent_is_404_on_every_route() {
    let app = TestApp::start().await;
    for id in ["agt_01h2xcejqtf2nbrexx3vqjhp41", "x", "cmp_01h2xcejqtf2nbrexx3vqjhp41"] {
        for (method, path) in [
            (Method::GET, "config"),
            (Method::POST, "identify"),
            (Method::POST, "chat"),
            (Method::GET, "conversations"),
            (Method::GET, "conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41"),
            (Method::GET, "conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41/events"),
            (Method::POST, "conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41/stop"),
            (Method::POST, "conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41/feedback"),
            (Method::POST, "conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41/handover"),
            (Method::GET, "logo"),
            (Method::DELETE, "session"),
        ] {
            let response =
                Http::new().request(method, app.at(&format!("/v1/agents/{id}/{path}"))).send().await;
            assert_eq!(problem(response.unwrap()).await, (404, "agent_not_found".into()), "{id} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let app = TestApp::start().await;
    let get = |url: String| async { problem(Http::new().get(url).send().await.unwrap()).await };
    assert_eq!(get(app.at("/nothing")).await, (404, "not_found".into()));
    assert_eq!(get(app.api("/nothing")).await, (404, "not_found".into()));
    assert_eq!(get(app.api("/chat")).await, (405, "method_not_allowed".into()));
    assert_eq!(get(app.at("/demo/")).await, (404, "not_found".into()));
}

#[tokio::test]
async fn addresses_that_are_no_text_are_problems_too() {
    let app = TestApp::with(TestOptions { demo: true, ..TestOptions::default() }).await;
    let get = |url: String| async { problem(Http::new().get(url).send().await.unwrap()).await };
    let not_found = (404, "not_found".to_owned());
    for path in ["/v1/agents/%ff/config", "/assets/%ff", "/dashboard/assets/%ff", "/demo/%ff"] {
        assert_eq!(get(app.at(path)).await, not_found, "{path}");
    }
    assert_eq!(get(app.api("/conversations/%ff")).await, not_found);
    assert_eq!(get(app.api("/conversations/%ff/events")).await, not_found);
    let twice =
        get(app.api("/conversations/cnv_01h2xcejqtf2nbrexx3vqjhp41?format=blocks&format=blocks")).await;
    assert_eq!(twice, (422, "invalid_field".into()));
    let no_login = Http::new().post(app.at("/demo/api/login")).json(&json!([])).send().await.unwrap();
    assert_eq!(problem(no_login).await, (422, "invalid_field".into()));
}

#[tokio::test]
async fn health() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(Http::new().get(app.at(path)).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn only_listed_origins_are_heard() {
    let origins = vec!["https://shop.example".to_owned()];
    let app = TestApp::with(TestOptions { origins, ..TestOptions::default() }).await;
    let body = Client::new().chat_body("Hello", None);
    let post = |origin: String| {
        let request = Http::new().post(app.api("/chat")).json(&body);
        async { request.header("origin", origin).send().await.unwrap() }
    };
    for foreign in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "null",
        "https://shop.example:8443",
        "https://SHOP.example",
        "https://xshop.example",
        "https://shop.example/",
    ] {
        let response = post(foreign.to_owned()).await;
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{foreign}");
        assert_eq!(response.headers()["vary"], "origin");
        assert_eq!(problem(response).await, (403, "origin_not_allowed".into()), "{foreign}");
    }
    let scope = app.scope;
    let none =
        app.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default())).await.unwrap();
    assert!(none.is_empty());
    for listed in ["https://shop.example".to_owned(), app.url.clone()] {
        let response = post(listed.clone()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["access-control-allow-origin"], listed.as_str());
        assert_eq!(response.headers()["vary"], "origin");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn preflights() {
    let origins = vec!["https://shop.example".to_owned()];
    let app = TestApp::with(TestOptions { origins, ..TestOptions::default() }).await;
    let preflight = |origin: &'static str| {
        let request = Http::new().request(Method::OPTIONS, app.api("/chat")).header("origin", origin);
        async { request.header("access-control-request-method", "POST").send().await.unwrap() }
    };
    let allowed = preflight("https://shop.example").await;
    assert_eq!(allowed.status(), 204);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "https://shop.example");
    let headers = allowed.headers()["access-control-allow-headers"].to_str().unwrap();
    for name in ["authorization", "content-type", "x-eloquent-identity", "last-event-id"] {
        assert!(headers.contains(name), "{name}");
    }
    let refused = preflight("https://evil.example").await;
    assert!(!refused.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn an_agent_can_require_identity() {
    let app = TestApp::start().await;
    let scope = app.scope;
    app.write(move |writer| writer.set_enforcement(&scope, Enforcement::Require)).await;
    let body = Client::new().chat_body("Hello", None);
    let response = Client::new().post(app.api("/chat")).json(&body).send().await.unwrap();
    assert_eq!(problem(response).await, (403, "identity_required".into()));
    let mut known = Client::with_token(&app.token(json!({ "user_id": "42" })));
    assert_eq!(known.chat(&app, "Hello", None).await.names().last(), Some(&"done"));
}
