//! What the dashboard shows of what happened on the host's page, in the same browser.

use eloquent_identity::Secret;
use eloquent_tests::browser::{Browser, chat::Chat, host::HostPage};
use serde_json::{Value, json};

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_appears_with_its_claims_and_the_next_token_updates_it() {
    let app = scene::app(std::time::Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let now = app.now_secs();
    let first = app.token(json!({
        "user_id": "cust_7", "email": "ada@example.com", "name": "Ada Okafor", "plan": "Enterprise", "seats": 12,
        "iat": now - 60, "nbf": now - 60,
    }));
    let result = Chat(&browser).identify(first.expose()).await;
    assert_eq!(result["identified"], true, "{result}");

    scene::log_in(&browser, &app).await;
    browser.goto(&app.at(&format!("/dashboard/agents/{}/profiles", app.agent))).await;
    assert!(browser.text("main").await.contains("ada@example.com"));
    browser.click("main table a").await;
    browser.until::<bool>("!!document.querySelector('table.claims')").await;
    assert!(browser.text("main").await.contains("ada@example.com"));
    assert_eq!(claims(&browser).await, json!({ "name": "Ada Okafor", "plan": "Enterprise", "seats": "12" }));
    let profile = browser.address().await;
    assert!(profile.ends_with(result["profileId"].as_str().unwrap()), "{profile}");

    // Another token: what it says takes the place of what was there; the email stays.
    let second = app.token(json!({ "user_id": "cust_7", "plan": "Pro", "iat": now }));
    browser.goto(&host.url).await;
    let again = Chat(&browser).identify(second.expose()).await;
    assert_eq!(again["profileId"], result["profileId"], "{again}");
    browser.goto(&profile).await;
    assert_eq!(claims(&browser).await, json!({ "plan": "Pro" }));
    assert!(browser.text("main").await.contains("ada@example.com"));
    browser.assert_no_errors(&[]).await;
}

/// The claims as the page shows them.
async fn claims(browser: &Browser) -> Value {
    let rows = "return Object.fromEntries([...document.querySelectorAll('table.claims tbody tr')]\
        .map((row) => [row.cells[0].textContent, row.cells[1].textContent]))";
    browser.eval(rows, json!(null)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_signs_tokens_that_identify() {
    let app = scene::app(std::time::Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    let page = app.at(&format!("/dashboard/agents/{}/identity", app.agent));
    browser.goto(&page).await;
    browser.type_into("#name", "Production").await;
    browser.click("form[action$='/identity/keys'] button[type=submit]").await;
    let shown = browser.text("#secret").await;
    assert_eq!(browser.text("#env-line").await, format!("ELOQUENT_SECRET={shown}"));
    let secret = Secret::parse(&shown).expect("a whole secret");

    // Neither a reload nor the way back shows it again or makes another one.
    browser.reload().await;
    assert_gone(&browser, &shown).await;
    browser.goto(&host.url).await;
    let token = app.token_with(&secret, json!({ "user_id": "ada" }));
    let result = Chat(&browser).identify(token.expose()).await;
    assert_eq!(result["identified"], true, "{result}");
    browser.back().await;
    assert_gone(&browser, &shown).await;
    browser.back().await;
    assert_gone(&browser, &shown).await;
    browser.goto(&page).await;
    assert_gone(&browser, &shown).await;
    let keys = browser.text("table.list").await;
    assert_eq!(keys.matches("Production").count(), 1, "{keys}");
    assert!(keys.contains(&shown[shown.len() - 4..]), "{keys}");
    let stored = app.store.read(move |reader| reader.keys(&app.scope)).await.unwrap();
    assert_eq!(stored.len(), 2, "the test's own and the new one");
    browser.assert_no_errors(&[]).await;
}

async fn assert_gone(browser: &Browser, secret: &str) {
    browser
        .until::<bool>("document.readyState === 'complete' && location.pathname.startsWith('/dashboard/')")
        .await;
    let page: String = browser.eval("return document.documentElement.outerHTML", json!(null)).await;
    assert!(!page.contains(secret), "{} shows the secret again", browser.address().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_rotated_and_its_secret_copied() {
    let app = scene::app(std::time::Duration::ZERO).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    let page = app.at(&format!("/dashboard/agents/{}/identity", app.agent));
    browser.goto(&page).await;
    browser.click("a[href$='/rotate']").await;
    browser
        .until::<bool>("location.pathname.endsWith('/rotate') && !!document.querySelector('.choices')")
        .await;
    // Whoever writes a time has chosen it.
    browser
        .eval::<()>(
            "const at = document.querySelector('input[name=at]'); at.value = '2099-01-01T12:00';
            at.dispatchEvent(new Event('input'))",
            json!(null),
        )
        .await;
    browser.click("form[action$='/rotate'] button[type=submit]").await;
    let secret = browser.text("#secret").await;
    Secret::parse(&secret).expect("a whole secret");
    assert!(browser.text("main").await.contains("ends by itself"));

    // Both buttons copy what they say, as a paste elsewhere shows.
    for (of, expected) in [("secret", secret.clone()), ("env-line", format!("ELOQUENT_SECRET={secret}"))] {
        browser.click(&format!("button[data-copy={of}]")).await;
        browser
            .until::<bool>(&format!(
                "document.querySelector('button[data-copy={of}] span').textContent === 'Copied'"
            ))
            .await;
        browser.eval::<()>("document.body.append(document.createElement('textarea'))", json!(null)).await;
        // Control and V, in the words of WebDriver.
        browser.type_into("body > textarea", "\u{e009}v").await;
        let pasted: String = browser.until("document.querySelector('body > textarea').value").await;
        assert_eq!(pasted, expected, "{of}");
        browser.eval::<()>("document.querySelector('body > textarea').remove()", json!(null)).await;
    }

    // Left as it stands: a browser that keeps the page for the way back does not show it again, either.
    browser.goto(&app.at("/dashboard/login")).await;
    browser.back().await;
    assert_gone(&browser, &secret).await;
    let keys = browser.text("table.list").await;
    assert!(keys.contains("Retires in") && keys.contains(&secret[secret.len() - 4..]), "{keys}");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_inspected_and_kept_nowhere() {
    let app = scene::app(std::time::Duration::ZERO).await;
    let browser = Browser::start().await;
    scene::log_in(&browser, &app).await;
    browser.goto(&app.at(&format!("/dashboard/agents/{}/identity/inspector", app.agent))).await;
    let token = app.token(json!({ "user_id": 42, "plan": "Pro" }));
    browser.type_into("#token", token.expose()).await;
    browser.click("form[action$='/inspector'] button[type=submit]").await;
    browser.until::<bool>("document.querySelectorAll('.checks .check').length === 11").await;
    let outcomes: Vec<String> = browser
        .eval(
            "return [...document.querySelectorAll('.check')].map((check) => check.classList[1])",
            json!(null),
        )
        .await;
    let expected = [&["passed"; 9][..], &["failed", "skipped"]].concat();
    assert_eq!(outcomes, expected);
    assert!(browser.text("[data-check='10']").await.contains("String(user.id)"));
    assert!(browser.text("#token-payload").await.contains("\"plan\": \"Pro\""));
    assert!(!browser.address().await.contains("eyJ"), "a token stands in no address");
    let elsewhere: bool = browser
        .eval(
            "const page = document.documentElement.cloneNode(true); page.querySelector('#token').remove();
            return page.outerHTML.includes(args[0])",
            json!([token.expose()]),
        )
        .await;
    assert!(!elsewhere, "only the field holds the token");
    browser.assert_no_errors(&[]).await;
}
