//! Logging in and out.

use std::{sync::Arc, time::Duration};

use eloquent_tests::app::{EMAIL, PASSWORD, TestApp};

use tokio::task::JoinSet;

use super::member::{Browser, escaped};

const WRONG: &str = "not the password at all";

#[tokio::test]
async fn a_log_in_sets_a_guarded_cookie_and_leads_to_where_one_was_going() {
    let app = TestApp::start().await;
    let wanted = format!("/dashboard/agents/{}/profiles?search=a%40b&page=2", app.agent);
    let sent_away = Browser::new().get(&app, &wanted).await;
    let login = sent_away.location().to_owned();
    let form = Browser::new().get(&app, &login).await;
    assert_eq!(form.status, 200);
    assert_eq!(form.field("next").replace("&amp;", "&"), wanted);

    let fields = [("email", EMAIL), ("password", PASSWORD), ("next", &wanted)];
    let page = Browser::new().post(&app, "/dashboard/login", &fields).await;
    assert_eq!((page.status, page.location()), (303, wanted.as_str()));
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(value.strip_prefix("eloquent=").unwrap().len(), 43);
    assert_eq!(attributes, "Path=/; Max-Age=43200; HttpOnly; SameSite=Lax");

    // Who is logged in needs no form.
    let browser = Browser::logged_in(&app).await;
    assert_eq!(browser.get(&app, &login).await.location(), wanted);
}

#[tokio::test]
async fn after_the_log_in_nobody_is_led_elsewhere() {
    let app = TestApp::start().await;
    for next in
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/demo/", "javascript:alert(1)"]
    {
        let form = Browser::new().get(&app, &format!("/dashboard/login?next={}", escaped(next))).await;
        assert!(!form.body.contains("name=\"next\""), "{next}");
        let fields = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
        let page = Browser::new().post(&app, "/dashboard/login", &fields).await;
        assert_eq!((page.status, page.location()), (303, "/dashboard"), "{next}");
    }
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_look_the_same() {
    let app = TestApp::start().await;
    let wrong = Browser::new().log_in(&app, EMAIL, WRONG).await;
    let unknown = Browser::new().log_in(&app, "nobody@example.com", WRONG).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("This email and password do not match."));
    assert_eq!(unknown.status, wrong.status);
    assert_eq!(unknown.body.replace("nobody@example.com", EMAIL), wrong.body);
    assert!(wrong.headers.get("set-cookie").is_none());
    assert!(!wrong.body.contains(WRONG), "the password is not sent back");
}

#[tokio::test]
async fn the_form_keeps_the_email_and_says_what_is_missing() {
    let app = TestApp::start().await;
    let browser = Browser::new();
    let hostile = "\"><script>alert(1)</script>";
    let page = browser.post(&app, "/dashboard/login", &[("email", hostile), ("password", "")]).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Enter your password."));
    assert_eq!(page.field("email"), "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    assert!(!page.body.contains("<script>"));
    let page = browser.post(&app, "/dashboard/login", &[("email", "  "), ("password", "x")]).await;
    assert!(page.status == 422 && page.body.contains("Enter your email address."));
    for incomplete in [&[][..], &[("email", EMAIL)]] {
        assert_eq!(browser.post(&app, "/dashboard/login", incomplete).await.status, 422);
    }
}

#[tokio::test]
async fn the_email_is_found_without_regard_to_case_and_space_around_it() {
    let app = TestApp::start().await;
    let page = Browser::new().log_in(&app, &format!(" {} ", EMAIL.to_uppercase()), PASSWORD).await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn guessing_has_to_wait_whether_or_not_the_account_exists() {
    let app = TestApp::start().await;
    for email in [EMAIL, "nobody@example.com"] {
        for _ in 0..5 {
            assert_eq!(Browser::new().log_in(&app, email, WRONG).await.status, 422);
        }
        // Also under another spelling of the same account, and with the right password.
        let page = Browser::new().log_in(&app, &email.to_uppercase(), PASSWORD).await;
        assert_eq!((page.status, page.headers["retry-after"].to_str().unwrap()), (429, "30"));
        assert!(page.body.contains("Try again in 30 seconds."));
    }
    // Another account is not concerned.
    assert_eq!(Browser::new().log_in(&app, "somebody@example.com", WRONG).await.status, 422);

    app.clock.advance(Duration::from_secs(29));
    assert_eq!(Browser::new().log_in(&app, EMAIL, PASSWORD).await.headers["retry-after"], "1");
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(Browser::new().log_in(&app, EMAIL, WRONG).await.status, 422);
    assert_eq!(Browser::new().log_in(&app, EMAIL, PASSWORD).await.headers["retry-after"], "60");
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(Browser::new().log_in(&app, EMAIL, PASSWORD).await.status, 303);
    // A success forgets the failures.
    assert_eq!(Browser::new().log_in(&app, EMAIL, WRONG).await.status, 422);
    assert_eq!(Browser::new().log_in(&app, EMAIL, PASSWORD).await.status, 303);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_way_around_the_wait() {
    let app = Arc::new(TestApp::start().await);
    let mut guesses = JoinSet::new();
    for _ in 0..20 {
        let app = Arc::clone(&app);
        guesses.spawn(async move { Browser::new().log_in(&app, EMAIL, WRONG).await.status });
    }
    let statuses = guesses.join_all().await;
    let refused = statuses.into_iter().filter(|status| *status == 429).count();
    assert_eq!(refused, 15);
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    let app = TestApp::start().await;
    let (browser, other) = (Browser::logged_in(&app).await, Browser::logged_in(&app).await);
    let page = browser.post(&app, "/dashboard/logout", &[]).await;
    assert_eq!((page.status, page.location()), (303, "/dashboard/login"));
    assert!(page.headers["set-cookie"].to_str().unwrap().starts_with("eloquent=; Path=/; Max-Age=0;"));
    // The browser sends the cookie all the same.
    assert_eq!(browser.get(&app, "/dashboard").await.location(), "/dashboard/login");
    assert_eq!(other.get(&app, "/dashboard").await.status, 200, "the other browser stays logged in");
}

#[tokio::test]
async fn every_log_in_has_a_new_session_and_ends_the_browsers_old_one() {
    let app = TestApp::start().await;
    let mut browser = Browser::logged_in(&app).await;
    let old = browser.cookie.clone();
    assert_eq!(browser.log_in(&app, EMAIL, PASSWORD).await.status, 303);
    assert_ne!(browser.cookie, old);
    assert_eq!(browser.get(&app, "/dashboard").await.status, 200);
    browser.cookie = old;
    assert_eq!(browser.get(&app, "/dashboard").await.status, 303);
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_after_twelve_hours() {
    let mut app = TestApp::start().await;
    let mut browser = Browser::new();
    browser.cookie = Browser::logged_in(&app).await.cookie;
    app.restart().await;
    app.clock.advance(Duration::from_hours(12) - Duration::from_secs(1));
    assert_eq!(browser.get(&app, "/dashboard").await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(browser.get(&app, "/dashboard").await.status, 303);
}

#[tokio::test]
async fn the_database_holds_no_session_in_clear() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let token = browser.cookie.unwrap().strip_prefix("eloquent=").unwrap().to_owned();
    for file in std::fs::read_dir(app.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()));
    }
}
