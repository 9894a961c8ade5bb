//! The inspector.

use eloquent_server::clock::Clock as _;
use eloquent_tests::app::TestApp;
use serde_json::json;

use super::member::{Browser, Page};

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity/inspector", app.agent)
}

async fn inspect(app: &TestApp, token: &str) -> Page {
    Browser::logged_in(app).await.post(app, &path(app), &[("token", token)]).await
}

/// The class of each check, in order.
fn checks(page: &Page) -> Vec<&str> {
    let rows = page.body.split("<li class=\"check ").skip(1);
    rows.map(|row| row.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn a_good_token_passes_every_check_and_shows_what_it_says() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42", "plan": "<b>Pro</b>" }));
    let page = inspect(&app, token.expose()).await;
    assert_eq!((page.status, page.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    assert_eq!(checks(&page), ["passed"; 11]);
    assert!(page.body.contains("This token identifies <bdi>42</bdi>"), "{}", page.body);
    assert!(page.body.contains("&quot;plan&quot;: &quot;&lt;b&gt;Pro&lt;/b&gt;&quot;"), "{}", page.body);
    assert!(page.body.contains("&quot;alg&quot;: &quot;HS256&quot;"));
    assert!(page.body.contains(&app.key.to_string()));
    // The token goes back into the field, and nowhere else.
    assert_eq!(page.body.matches(token.expose()).count(), 1);
    assert!(page.body.contains(&format!("{}</textarea>", token.expose())));
    let empty = Browser::logged_in(&app).await.get(&app, &path(&app)).await;
    assert!(!empty.body.contains(token.expose()) && checks(&empty).is_empty());
}

#[tokio::test]
async fn the_first_failure_decides_and_all_that_can_be_judged_is() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": 42, "exp": app.now_secs() - 3600 }));
    let page = inspect(&app, token.expose()).await;
    assert!(page.body.contains("This token identifies nobody"));
    let (passed, failed, skipped) = ("passed", "failed", "skipped");
    let expected = [passed, passed, passed, passed, passed, passed, passed, failed, passed, failed, skipped];
    assert_eq!(checks(&page), expected, "{}", page.body);
    for code in ["token_expired", "user_id_not_string"] {
        assert!(page.body.contains(&format!("<code>{code}</code>")), "{code}");
    }
}

#[tokio::test]
async fn a_payload_that_nobody_signed_is_not_shown() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42", "secret_plan": "x" }));
    let (start, _) = token.expose().rsplit_once('.').unwrap();
    let page = inspect(&app, &format!("{start}.AAAA")).await;
    assert!(page.body.contains("<code>signature_invalid</code>"), "{}", page.body);
    assert!(!page.body.contains("secret_plan"));
    assert!(page.body.contains("What a token says is shown only where its signature verifies"));
}

#[tokio::test]
async fn any_text_is_judged() {
    let app = TestApp::start().await;
    let long = "x".repeat(9_000);
    for (text, code) in [
        ("", "token_missing"),
        ("   ", "token_missing"),
        ("</textarea><script>alert(1)</script>", "token_malformed"),
        ("a.b.c", "token_malformed"),
        (long.as_str(), "token_too_large"),
    ] {
        let page = inspect(&app, text).await;
        assert_eq!(page.status, 200, "{code}");
        assert!(page.body.contains(&format!("<code>{code}</code>")), "{code}: {}", page.body);
        assert!(!page.body.contains("<script>alert"), "{code}");
        assert_eq!(checks(&page).len(), 11);
    }
    let browser = Browser::logged_in(&app).await;
    assert_eq!(browser.post(&app, &path(&app), &[]).await.status, 422);
    let flood = browser.post(&app, &path(&app), &[("token", &"x".repeat(30_000))]).await;
    assert_eq!(flood.status, 413);
    assert!(flood.body.contains("a token has 8 KB at most"), "{}", flood.body);
}

#[tokio::test]
async fn a_blocked_user_fails_the_last_check() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42" }));
    eloquent_tests::client::Client::new().identify(&app, token.expose()).await;
    let (scope, now) = (app.scope, app.clock.now());
    let filter = eloquent_store::ProfileFilter::default();
    let profile = app.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap()[0].id;
    app.write(move |writer| writer.set_profile_blocked(&scope, profile, true, "test", now)).await;
    let page = inspect(&app, token.expose()).await;
    assert!(page.body.contains("<code>identity_blocked</code>"), "{}", page.body);
    assert_eq!(checks(&page)[10], "failed");
}

#[tokio::test]
async fn inspecting_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let token = app.token(json!({ "user_id": "42" }));
    browser.post(&app, &path(&app), &[("token", token.expose())]).await;
    let (scope, now) = (app.scope, app.clock.now());
    let (profiles, attempts, keys, coverage) = app
        .store
        .read(move |reader| {
            Ok::<_, eloquent_store::StoreError>((
                reader.profiles(&scope, &eloquent_store::ProfileFilter::default())?,
                reader.attempts(&scope, &eloquent_store::AttemptFilter::default())?,
                reader.keys(&scope)?,
                reader.coverage(&scope, now, now)?,
            ))
        })
        .await
        .unwrap();
    assert!(profiles.is_empty() && attempts.is_empty() && coverage.rows.is_empty());
    assert_eq!((keys[0].use_count, keys[0].last_used_at), (0, None));
}
