//! Enforcement, and what it rests on: coverage.

use std::time::Duration;

use eloquent_server::clock::Clock as _;
use eloquent_store::Enforcement;
use eloquent_tests::{
    app::TestApp,
    client::{Client, problem},
};
use eloquent_types::identify::IdentityCode;

use super::member::Browser;

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity/enforcement", app.agent)
}

/// Counts chat requests as the chat would.
async fn count(app: &TestApp, times: u32, origin: Option<&'static str>, verdict: Result<(), IdentityCode>) {
    let (agent, now) = (app.agent, app.clock.now());
    app.write(move |writer| {
        for _ in 0..times {
            writer.count_chat(agent, now, origin, verdict, Enforcement::Off)?;
        }
        Ok(())
    })
    .await;
}

async fn enforcement(app: &TestApp) -> Enforcement {
    let agent = app.agent;
    app.store.read(move |reader| reader.agent(agent)).await.unwrap().unwrap().enforcement
}

const SHOP: Option<&str> = Some("https://shop.example.com");

#[tokio::test]
async fn coverage_is_shown_by_window_origin_and_reason() {
    let app = TestApp::start().await;
    count(&app, 3, SHOP, Err(IdentityCode::TokenExpired)).await;
    app.clock.advance(Duration::from_hours(3 * 24));
    count(&app, 6, SHOP, Ok(())).await;
    count(&app, 2, Some("https://help.example.com"), Err(IdentityCode::TokenMissing)).await;
    app.clock.advance(Duration::from_hours(2));
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &path(&app)).await.body;
    // 6 of 8 in the last day, 6 of 11 in the last week and month.
    for figure in ["<dd>75%</dd>", "of 8 requests", "<dd>54.5%</dd>", "of 11 requests"] {
        assert!(page.contains(figure), "{figure}: {page}");
    }
    assert!(page.contains("https://shop.example.com") && page.contains("https://help.example.com"));
    assert!(page.contains("<code>token_expired</code>") && page.contains("<code>token_missing</code>"));
    let day = browser.get(&app, &format!("{}?days=1", path(&app))).await.body;
    assert!(!day.contains("token_expired") && day.contains("<code>token_missing</code>"), "{day}");
    // The bars are drawn without a style that the policy would refuse.
    assert!(
        day.contains("<rect class=\"part\" width=\"100.00\"") && day.contains("width=\"25.00\""),
        "{day}"
    );
}

#[tokio::test]
async fn without_requests_there_is_no_share() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    for address in [path(&app), format!("{}?days=1", path(&app)), format!("{}?days=%3Cb%3E", path(&app))] {
        let page = browser.get(&app, &address).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("No chat requests in this time") && !page.body.contains("%</dd>"));
    }
}

#[tokio::test]
async fn an_origin_is_shown_as_text() {
    let app = TestApp::start().await;
    count(&app, 1, Some("https://<script>alert(1)</script>"), Ok(())).await;
    let page = Browser::logged_in(&app).await.get(&app, &path(&app)).await;
    assert!(page.body.contains("https://&lt;script&gt;"), "{}", page.body);
}

#[tokio::test]
async fn enforcement_is_off_report_or_require() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    for (name, expected) in [("report", Enforcement::Report), ("off", Enforcement::Off)] {
        let sent = browser.post(&app, &path(&app), &[("enforcement", name)]).await;
        assert_eq!(
            (sent.status, sent.location()),
            (303, format!("{}?notice=enforcement_set", path(&app)).as_str())
        );
        assert_eq!(enforcement(&app).await, expected);
        let page = browser.get(&app, sent.location()).await.body;
        assert!(page.contains(&format!("value=\"{name}\" checked")), "{page}");
    }
    for broken in [&[][..], &[("enforcement", "Require")], &[("enforcement", "")]] {
        assert_eq!(browser.post(&app, &path(&app), broken).await.status, 422, "{broken:?}");
    }
}

#[tokio::test]
async fn before_chats_are_refused_the_page_says_how_many_it_would_have_been() {
    let app = TestApp::start().await;
    count(&app, 9, SHOP, Ok(())).await;
    count(&app, 3, SHOP, Err(IdentityCode::TokenMissing)).await;
    let browser = Browser::logged_in(&app).await;
    let asked = browser.post(&app, &path(&app), &[("enforcement", "require")]).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("turned away 3 of 12 chat requests (25%)"), "{}", asked.body);
    assert!(asked.body.contains("token_missing") && asked.body.contains("https://shop.example.com"));
    assert_eq!(enforcement(&app).await, Enforcement::Off, "asking changes nothing");

    let confirmed = [("enforcement", "require"), ("confirmed", "true")];
    assert_eq!(browser.post(&app, &path(&app), &confirmed).await.status, 303);
    assert_eq!(enforcement(&app).await, Enforcement::Require);
    let body = Client::new().chat_body("Hello?", None);
    let refused = Client::new().post(app.api("/chat")).json(&body).send().await.unwrap();
    assert_eq!(problem(refused).await, (403, "identity_required".to_owned()));
    // What is required already is not asked about again.
    assert_eq!(browser.post(&app, &path(&app), &[("enforcement", "require")]).await.status, 303);
}

#[tokio::test]
async fn where_nobody_would_have_been_refused_nobody_is_asked() {
    let app = TestApp::start().await;
    count(&app, 4, SHOP, Ok(())).await;
    let browser = Browser::logged_in(&app).await;
    assert_eq!(browser.post(&app, &path(&app), &[("enforcement", "require")]).await.status, 303);
    assert_eq!(enforcement(&app).await, Enforcement::Require);
}

#[tokio::test]
async fn where_it_cannot_be_told_or_everybody_would_be_refused_it_is_asked() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let unknown = browser.post(&app, &path(&app), &[("enforcement", "require")]).await;
    assert!(unknown.body.contains("it cannot be told whom this would turn away"), "{}", unknown.body);

    count(&app, 4, SHOP, Ok(())).await;
    let scope = app.scope;
    app.write(move |writer| writer.set_agent_identify(&scope, false)).await;
    let off = browser.post(&app, &path(&app), &[("enforcement", "require")]).await;
    assert!(off.body.contains("Identity verification is off, so every chat would be refused."));
    app.write(move |writer| writer.set_agent_identify(&scope, true)).await;
    let (key, now) = (app.key, app.clock.now());
    app.write(move |writer| writer.revoke_key(&scope, key, now)).await;
    let keyless = browser.post(&app, &path(&app), &[("enforcement", "require")]).await;
    assert!(keyless.body.contains("There is no active key, so every chat would be refused."));
    assert_eq!(enforcement(&app).await, Enforcement::Off);
}

#[tokio::test]
async fn the_longest_lifetime_is_chosen_from_a_list() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let lifetime = format!("/dashboard/agents/{}/identity/lifetime", app.agent);
    let agent = app.agent;
    let longest =
        async || app.store.read(move |reader| reader.agent(agent)).await.unwrap().unwrap().max_token_lifetime;
    let sent = browser.post(&app, &lifetime, &[("seconds", "900")]).await;
    assert_eq!(sent.location(), format!("{}?notice=lifetime_set", path(&app)));
    assert_eq!(longest().await, Some(Duration::from_mins(15)));
    // The test's tokens live an hour.
    let token = app.token(serde_json::json!({ "user_id": "42" }));
    let refused = serde_json::to_value(Client::new().identify(&app, token.expose()).await).unwrap();
    assert_eq!(refused["code"], "lifetime_too_long");
    for broken in ["1", "-900", "", "forever", "18446744073709551616"] {
        assert_eq!(browser.post(&app, &lifetime, &[("seconds", broken)]).await.status, 422, "{broken}");
    }
    browser.post(&app, &lifetime, &[("seconds", "0")]).await;
    assert_eq!(longest().await, None);

    // One that was set elsewhere is shown, and stays when the form is sent as it is.
    let scope = app.scope;
    app.write(move |writer| writer.set_max_token_lifetime(&scope, Some(Duration::from_hours(5)))).await;
    assert!(
        browser
            .get(&app, &path(&app))
            .await
            .body
            .contains("<option value=\"18000\" selected>5 hours</option>")
    );
    assert_eq!(browser.post(&app, &lifetime, &[("seconds", "18000")]).await.status, 303);
}
