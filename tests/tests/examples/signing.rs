//! Each example, from its log-in to the profile that the server keeps.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_tests::{
    app::{TestApp, TestOptions},
    client::Client,
};
use eloquent_types::identify::IdentifyResult;
use serde_json::{Value, json};

use super::{customers::SigningFile, languages::Language, site::Site};

#[tokio::test]
async fn node_signs() {
    identifies_every_customer(Language::Node).await;
}

#[tokio::test]
async fn python_signs() {
    identifies_every_customer(Language::Python).await;
}

#[tokio::test]
async fn ruby_signs() {
    identifies_every_customer(Language::Ruby).await;
}

#[tokio::test]
async fn php_signs() {
    identifies_every_customer(Language::Php).await;
}

#[tokio::test]
async fn go_signs() {
    identifies_every_customer(Language::Go).await;
}

#[tokio::test]
async fn java_signs() {
    identifies_every_customer(Language::Java).await;
}

#[tokio::test]
async fn rust_signs() {
    identifies_every_customer(Language::Rust).await;
}

async fn identifies_every_customer(language: Language) {
    let customers = SigningFile::read().customers;
    let app = TestApp::with(TestOptions { real_time: true, ..TestOptions::default() }).await;
    let mut site = Site::start(language, app.secret.expose(), &customers).await;
    gives_no_token_to_strangers(&site).await;

    // All are logged in before the first asks: nobody gets the token of who came last.
    let mut cookies = Vec::new();
    for titled in &customers {
        cookies.push(site.log_in(titled).await);
    }
    for (titled, cookie) in customers.iter().zip(&cookies) {
        let told = format!("{language:?}, {}", titled.title);
        let before = app.now_secs();
        let token = site.token(cookie).await;
        let [header, payload] = read(&token);
        assert_eq!(header["alg"], "HS256", "{told}");
        assert_eq!(payload["user_id"], titled.customer.id, "{told}");
        let expires = payload["exp"].as_i64().unwrap();
        assert!((before + 3600..=app.now_secs() + 3600).contains(&expires), "{told}: {expires}");

        let who = match Client::new().identify(&app, &token).await.result {
            IdentifyResult::Identified(who) => who,
            IdentifyResult::Refused(refused) => panic!("{told}: {refused:?}"),
        };
        let scope = app.scope;
        let profile = app.store.read(move |reader| reader.profile(&scope, who.profile_id)).await.unwrap();
        titled.customer.assert_is(&profile.unwrap(), &told);
    }
    let status = site.get(&cookies[0]).await;
    assert!(!status.is_success(), "{language:?}: a GET is no request for a token: {status}");
    assert!(site.is_running());
    drop(site);
    signs_nothing_without_a_secret(language).await;
}

/// No cookie, and one that nobody was given.
async fn gives_no_token_to_strangers(site: &Site) {
    for cookie in [None, Some("session=made-up; PHPSESSID=made-up"), Some("session=")] {
        let response = site.ask(cookie).await;
        assert_eq!(response.status(), 401, "{cookie:?}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "error": "not_logged_in" }), "{cookie:?}");
    }
}

/// A site that lost its secret must not sign with the empty one. PHP's answers a request with an error,
/// the others do not start.
async fn signs_nothing_without_a_secret(language: Language) {
    let customers = SigningFile::read().customers;
    for secret in [None, Some("")] {
        match Site::try_start(language, secret, &customers).await {
            Err(status) => assert!(!status.success(), "{language:?}: {status}"),
            Ok(site) => {
                assert_eq!(language, Language::Php, "it starts with {secret:?}");
                let cookie = site.log_in(&customers[0]).await;
                let response = site.ask(Some(&cookie)).await;
                assert_eq!(response.status(), 500, "{secret:?}");
                assert!(!response.text().await.unwrap().contains("eyJ"), "{secret:?}");
            }
        }
    }
}

/// Header and payload.
fn read(token: &str) -> [Value; 2] {
    let mut parts = token.split('.');
    let mut part =
        || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap();
    [part(), part()]
}
