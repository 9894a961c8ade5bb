//! `debug(true)`: what the console says of a page that goes wrong about identities.

use std::time::{Duration, Instant};

use eloquent_tests::{
    app::TestApp,
    browser::{
        Browser, PATIENCE,
        chat::Chat,
        host::{HostPage, STUB, page, tag},
    },
};
use serde_json::{Value, json};

use super::scene;

/// What a claim's value must not be found in.
const SECRET_CLAIM: &str = "Okafor-the-canary";

async fn start(policy: &str, body: &str) -> (TestApp, HostPage, Browser) {
    let app = scene::app(Duration::ZERO).await;
    let policy = policy.replace("URL", &app.url);
    let meta = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">{STUB}{body}");
    let host = HostPage::serve(page(&meta, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    (app, host, browser)
}

/// What the linter has said since it was last asked.
async fn said(browser: &Browser) -> Vec<String> {
    let console = browser.console().await;
    console.into_iter().filter(|line| line.contains("[eloquent] debug")).collect()
}

/// The same, as soon as it has said so much.
async fn until_said(browser: &Browser, count: usize) -> Vec<String> {
    let start = Instant::now();
    let mut all = Vec::new();
    while all.len() < count {
        assert!(start.elapsed() < PATIENCE, "{all:#?}");
        all.extend(said(browser).await);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    all
}

fn policy(more: &str) -> String {
    format!("default-src 'none'; script-src URL 'unsafe-inline' 'wasm-unsafe-eval' {more}; connect-src URL")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_named_with_what_to_do_and_nothing_is_given_away() {
    let (app, _host, browser) = start(&policy(""), "").await;
    let chat = Chat(&browser);
    assert_eq!(chat.call("debug", json!(true)).await, json!({ "ok": true }));
    let now = app.now_secs();
    let token = |claims: Value| {
        let mut all = json!({ "user_id": "ada", "name": SECRET_CLAIM, "exp": now + 10 * 3600 });
        all.as_object_mut().unwrap().extend(claims.as_object().cloned().unwrap());
        json!(app.token(all).expose())
    };
    let good = token(json!({}));
    let other_algorithm = |header: Value| {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
        let parts: Vec<&str> = good.as_str().unwrap().split('.').collect();
        json!(format!("{}.{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()), parts[1], parts[2]))
    };
    let cases = [
        (good.clone(), None),
        (good.clone(), Some("again with the same token")),
        (token(json!({ "exp": (now + 3600) * 1000 })), Some("exp is in milliseconds")),
        (token(json!({ "iat": now * 1000 })), Some("iat is in milliseconds")),
        (token(json!({ "nbf": now * 1000 })), Some("nbf is in milliseconds")),
        (token(json!({ "exp": null })), Some("no exp")),
        (token(json!({ "exp": "soon" })), Some("exp is not a number")),
        (token(json!({ "exp": now - 600 })), Some("has expired")),
        (token(json!({ "exp": now + 30 * 86_400 })), Some("more than 24 hours")),
        (token(json!({ "exp": now + 600 })), Some("no getToken")),
        (token(json!({ "user_id": 4_211_977 })), Some("user_id is a number")),
        (token(json!({ "user_id": null })), Some("no user_id")),
        (token(json!({ "user_id": null, "sub": "ada" })), Some("name it user_id")),
        (token(json!({ "user_id": "  " })), Some("1 to 255 characters")),
        (token(json!({ "user_id": "bob" })), Some("without a logout")),
        (token(json!({ "email": ["x"] })), Some("email is not a string")),
        (other_algorithm(json!({ "alg": "RS256" })), Some("private key")),
        (other_algorithm(json!({ "alg": "none" })), Some("not signed")),
        (other_algorithm(json!({ "alg": "hs256" })), Some("in this spelling")),
        (other_algorithm(json!({ "alg": "HS256", "crit": ["x"] })), Some("crit")),
        (json!(format!("Bearer {}", good.as_str().unwrap())), Some("Bearer")),
        (json!(format!("\"{}\"", good.as_str().unwrap())), Some("quoted string")),
        (json!({ "token": good }), Some("of the type object")),
        (json!(format!("{}\n", good.as_str().unwrap())), Some("white space")),
        (json!("<!doctype html>"), Some("HTML page")),
        (json!("undefined"), Some("no token")),
        (json!("only-one-part"), Some("three parts")),
        (json!(app.secret.expose()), Some("the identity secret itself")),
    ];
    // Without a token it has something to say as soon as it is there.
    chat.call("identify", json!({})).await;
    until_said(&browser, 1).await;
    said(&browser).await;
    for (token, expected) in cases {
        if expected != Some("without a logout") && expected.is_some_and(|text| !text.contains("again")) {
            chat.call("logout", Value::Null).await;
        }
        if expected == Some("without a logout") {
            chat.call("identify", json!({ "token": good })).await;
        }
        said(&browser).await;
        chat.call("identify", json!({ "token": token })).await;
        let warnings = said(&browser).await;
        match expected {
            None => assert!(warnings.is_empty(), "{warnings:#?}"),
            Some(text) => assert!(
                warnings.len() == 1 && warnings[0].starts_with("WARNING") && warnings[0].contains(text),
                "{text}: {warnings:#?}"
            ),
        }
        let all = warnings.join("\n");
        assert!(!all.contains(SECRET_CLAIM) && !all.contains("eyJ") && !all.contains("4211977"), "{all}");
        assert!(!all.contains(app.secret.expose()), "{all}");
    }
    // A promise, as where somebody forgot to wait.
    browser.eval::<()>("await eloquent('identify', { token: Promise.resolve('x') })", json!(null)).await;
    assert!(said(&browser).await.iter().any(|line| line.contains("Await it first")));
    assert_eq!(chat.call("debug", json!(false)).await, json!({ "ok": true }));
    chat.identify("only-one-part").await;
    assert!(said(&browser).await.is_empty());
    assert_eq!(chat.call("debug", json!("on")).await["code"], "invalid_argument");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_holds_and_should_not_is_found_also_for_an_earlier_token() {
    let secret = format!("elq_{}", "a".repeat(43));
    let (app, _host, browser) = start(&policy(""), &format!("<script>const key = '{secret}'</script>")).await;
    let chat = Chat(&browser);
    let token = app.token(json!({ "user_id": "ada", "exp": app.now_secs() + 10 * 3600 }));
    browser
        .eval::<()>(
            "localStorage.setItem('jwt', args); history.replaceState(null, '', '?t=' + args)",
            json!(token.expose()),
        )
        .await;
    chat.identify(token.expose()).await;
    assert!(said(&browser).await.is_empty());
    chat.call("debug", json!(true)).await;
    let all = until_said(&browser, 3).await;
    for text in ["storage", "address", "secret"] {
        assert!(all.iter().any(|line| line.contains(text)), "{text}: {all:#?}");
    }
    assert!(!all.join("\n").contains(&secret) && !all.join("\n").contains(token.expose()), "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linter_that_the_page_forbids_is_one_warning_and_nothing_else() {
    // The files that open the chat are allowed one by one.
    let policy =
        "script-src URL/eloquent.js URL/assets/widget.js 'unsafe-inline' 'wasm-unsafe-eval'; connect-src URL";
    let (app, _host, browser) = start(policy, "").await;
    let chat = Chat(&browser);
    assert_eq!(chat.call("debug", json!(true)).await, json!({ "ok": true }));
    let warnings = until_said(&browser, 1).await;
    assert!(warnings.len() == 1 && warnings[0].contains("could not be loaded"), "{warnings:#?}");
    let result = chat.identify(app.token(json!({ "user_id": "ada" })).expose()).await;
    assert_eq!(result["identified"], true, "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_gives_the_same_token_again_is_named() {
    let (app, _host, browser) = start(&policy(""), "").await;
    let chat = Chat(&browser);
    chat.call("debug", json!(true)).await;
    // Without a token it has something to say as soon as it is there.
    chat.call("identify", json!({})).await;
    until_said(&browser, 1).await;
    let token = app.token(json!({ "user_id": "ada", "exp": app.now_secs() - 600 }));
    let identify = "return eloquent('identify', { token: args, getToken: async () => args })";
    browser.eval::<Value>(identify, json!(token.expose())).await;
    let all = until_said(&browser, 2).await;
    for text in ["has expired", "getToken gave the same token again"] {
        assert_eq!(all.iter().filter(|line| line.contains(text)).count(), 1, "{all:#?}");
    }
    assert!(!all.iter().any(|line| line.contains("identify was called again")), "{all:#?}");
}
