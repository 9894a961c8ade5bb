//! Rotating keys, when they end, and what the list says of them.

use std::time::Duration;

use eloquent_identity::Secret;
use eloquent_server::clock::Clock as _;
use eloquent_store::KeyInfo;
use eloquent_tests::{
    app::{TestApp, mint},
    client::Client,
};
use eloquent_types::id::{KeyId, KeyKind};
use serde_json::{Value, json};

use super::member::{Browser, Page};

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity", app.agent)
}

fn of_key(app: &TestApp, key: KeyId, rest: &str) -> String {
    format!("{}/keys/{key}/{rest}", path(app))
}

/// Fills in the form of a rotation and sends it.
async fn rotate(browser: &Browser, app: &TestApp, key: KeyId, end: &[(&str, &str)]) -> Page {
    let address = of_key(app, key, "rotate");
    let form = browser.get(app, &address).await;
    let mut fields = vec![("name", "Next"), ("key_id", form.field("key_id"))];
    fields.extend(end);
    browser.post(app, &address, &fields).await
}

fn secret_in(page: &Page) -> Secret {
    let starts = page.body.match_indices("elq_").map(|(at, _)| at);
    let found = starts.filter_map(|at| page.body.get(at..at + 47)).find_map(|text| Secret::parse(text).ok());
    found.unwrap_or_else(|| panic!("no secret in {}", page.body))
}

async fn keys(app: &TestApp) -> Vec<KeyInfo> {
    let scope = app.scope;
    app.store.read(move |reader| reader.keys(&scope)).await.unwrap()
}

/// The key that every test server has.
async fn first(app: &TestApp) -> KeyInfo {
    keys(app).await.into_iter().find(|key| key.id == app.key).unwrap()
}

/// The other one, of two. (Keys of one millisecond have no order.)
async fn second(app: &TestApp) -> KeyInfo {
    keys(app).await.into_iter().find(|key| key.id != app.key).unwrap()
}

async fn identify(app: &TestApp, secret: &Secret) -> Value {
    let token = app.token_with(secret, json!({ "user_id": "42" }));
    serde_json::to_value(Client::new().identify(app, token.expose()).await).unwrap()
}

/// Another active key.
async fn add_key(app: &TestApp, browser: &Browser, name: &str) -> Page {
    let key_id = mint::<KeyKind>(app.clock.now()).to_string();
    browser.post(app, &format!("{}/keys", path(app)), &[("name", name), ("key_id", &key_id)]).await
}

#[tokio::test]
async fn a_rotation_gives_a_new_secret_and_the_old_one_works_until_it_is_revoked() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let shown = rotate(&browser, &app, app.key, &[("end", "never")]).await;
    assert_eq!((shown.status, shown.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let next = secret_in(&shown);
    assert!(shown.body.contains(&format!("ELOQUENT_SECRET={}", next.expose())));
    assert!(shown.body.contains("goes on working until you revoke it"));
    for secret in [&app.secret, &next] {
        assert_eq!(identify(&app, secret).await["identified"], true);
    }
    assert_eq!((first(&app).await.retires_at, second(&app).await.name.as_str()), (None, "Next"));

    browser.post(&app, &of_key(&app, app.key, "revoke"), &[]).await;
    assert_eq!(identify(&app, &app.secret).await["code"], "signature_invalid");
    assert_eq!(identify(&app, &next).await["identified"], true);
}

#[tokio::test]
async fn the_old_key_ends_at_the_time_that_was_chosen() {
    let hours = Duration::from_hours;
    // The clock starts at 2023-11-14T22:13:20Z.
    for (end, after) in [
        (&[("end", "1h")][..], hours(1)),
        (&[("end", "24h")], hours(24)),
        (&[("end", "7d")], hours(7 * 24)),
        (&[("end", "at"), ("at", "2023-11-14T23:13")], Duration::from_secs(3_580)),
    ] {
        let app = TestApp::start().await;
        let browser = Browser::logged_in(&app).await;
        let next = secret_in(&rotate(&browser, &app, app.key, end).await);
        assert_eq!(first(&app).await.retires_at, Some(app.clock.now() + after), "{end:?}");

        app.clock.advance(after.saturating_sub(Duration::from_millis(1)));
        assert_eq!(identify(&app, &app.secret).await["identified"], true, "{end:?}");
        app.clock.advance(Duration::from_millis(1));
        assert_eq!(identify(&app, &app.secret).await["code"], "signature_invalid", "{end:?}");
        assert_eq!(identify(&app, &next).await["identified"], true, "{end:?}");
        let browser = Browser::logged_in(&app).await;
        let page = browser.get(&app, &path(&app)).await;
        assert!(page.body.contains("Retired"), "{end:?}");
        let overview = browser.get(&app, &format!("/dashboard/agents/{}", app.agent)).await.body;
        assert!(overview.contains("Active identity keys</a></dt><dd>1</dd>"), "{overview}");
        assert!(!page.body.contains(&of_key(&app, app.key, "rotate")), "an ended key is not rotated");
    }
}

#[tokio::test]
async fn a_rotation_needs_a_name_and_a_time_to_come() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let address = of_key(&app, app.key, "rotate");
    let key_id = mint::<KeyKind>(app.clock.now()).to_string();
    for (name, end, at, problem) in [
        ("", "never", "", "Give the key a name"),
        ("Next", "at", "", "Choose a day and a time."),
        ("Next", "at", "2023-11-14T22:13", "That time has passed."),
        ("Next", "at", "<b>", "Choose a day and a time."),
    ] {
        let fields = [("name", name), ("key_id", key_id.as_str()), ("end", end), ("at", at)];
        let page = browser.post(&app, &address, &fields).await;
        assert_eq!(page.status, 422, "{end} {at}");
        assert!(page.body.contains(problem), "{end} {at}: {}", page.body);
        assert_eq!(page.field("key_id"), key_id, "the form that is sent again means the same key");
        assert!(!page.body.contains("<b>"), "{end} {at}");
    }
    for broken in [
        &[("name", "Next")][..],
        &[("name", "Next"), ("key_id", "key_1"), ("end", "never")],
        &[("name", "Next"), ("key_id", &key_id)],
        &[("name", "Next"), ("key_id", &key_id), ("end", "soon")],
    ] {
        assert_eq!(browser.post(&app, &address, broken).await.status, 422, "{broken:?}");
    }
    assert_eq!(keys(&app).await.len(), 1);
}

#[tokio::test]
async fn a_rotation_that_is_sent_twice_is_done_once() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let address = of_key(&app, app.key, "rotate");
    let key_id = browser.get(&app, &address).await.field("key_id").to_owned();
    let fields = [("name", "Next"), ("key_id", key_id.as_str()), ("end", "24h")];
    assert_eq!(browser.post(&app, &address, &fields).await.status, 200);
    let again = browser.post(&app, &address, &fields).await;
    assert_eq!(
        (again.status, again.location()),
        (303, format!("{}?notice=already_created", path(&app)).as_str())
    );
    assert_eq!(keys(&app).await.len(), 2);
}

#[tokio::test]
async fn the_end_of_a_key_is_changed_and_called_off() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    rotate(&browser, &app, app.key, &[("end", "24h")]).await;
    let address = of_key(&app, app.key, "retirement");
    let list = browser.get(&app, &path(&app)).await;
    assert!(list.body.contains("Retires in 1 day") && list.body.contains(&address), "{}", list.body);
    let form = browser.get(&app, &address).await;
    assert!(form.body.contains("value=\"2023-11-15T22:13\""), "the time that is set: {}", form.body);

    let later = browser.post(&app, &address, &[("end", "at"), ("at", "2023-12-24T18:00")]).await;
    assert_eq!(later.location(), format!("{}?notice=retirement_set", path(&app)));
    assert_eq!(first(&app).await.retires_at, Some("2023-12-24T18:00:00Z".parse().unwrap()));
    let past = browser.post(&app, &address, &[("end", "at"), ("at", "2023-11-14T22:00")]).await;
    assert_eq!(past.status, 422);
    assert!(past.body.contains("To end the key at once, revoke it."));

    let never = browser.post(&app, &address, &[("end", "never")]).await;
    assert_eq!(never.location(), format!("{}?notice=retirement_cancelled", path(&app)));
    assert_eq!(first(&app).await.retires_at, None);
    let noticed = browser.get(&app, never.location()).await;
    assert!(noticed.body.contains("does not end by itself any more"));
}

#[tokio::test]
async fn a_rotation_keeps_to_what_it_says_of_a_key_that_was_to_end_already() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let retirement = of_key(&app, app.key, "retirement");
    browser.post(&app, &retirement, &[("end", "at"), ("at", "2023-12-24T18:00")]).await;
    let form = browser.get(&app, &of_key(&app, app.key, "rotate")).await;
    assert!(form.body.contains("value=\"2023-12-24T18:00\""), "what is set is offered: {}", form.body);
    let shown = rotate(&browser, &app, app.key, &[("end", "never")]).await;
    assert!(shown.body.contains("goes on working until you revoke it"), "{}", shown.body);
    assert_eq!(first(&app).await.retires_at, None);
}

#[tokio::test]
async fn a_key_that_has_ended_stays_so() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    browser.post(&app, &of_key(&app, app.key, "revoke"), &[]).await;
    for form in ["rotate", "retirement"] {
        let asked = browser.get(&app, &of_key(&app, app.key, form)).await;
        assert_eq!((asked.status, asked.location()), (303, path(&app).as_str()), "{form}");
    }
    let key_id = mint::<KeyKind>(app.clock.now()).to_string();
    let fields = [("name", "Next"), ("key_id", key_id.as_str()), ("end", "never")];
    for form in ["rotate", "retirement"] {
        let sent = browser.post(&app, &of_key(&app, app.key, form), &fields).await;
        assert_eq!(
            (sent.status, sent.location()),
            (303, format!("{}?notice=not_active", path(&app)).as_str()),
            "{form}"
        );
    }
    assert_eq!(keys(&app).await.len(), 1);
    assert_eq!(identify(&app, &app.secret).await["code"], "identity_not_configured");
}

#[tokio::test]
async fn ten_keys_are_the_most() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    for number in 2..=10 {
        assert_eq!(add_key(&app, &browser, &format!("Key {number}")).await.status, 200);
    }
    let full = browser.get(&app, &path(&app)).await;
    assert!(full.body.contains("Ten keys are active") && !full.body.contains("name=\"key_id\""));
    let eleventh = add_key(&app, &browser, "One more").await;
    assert_eq!(eleventh.status, 422);
    assert!(eleventh.body.contains("Ten keys are active"));
    let rotated = rotate(&browser, &app, app.key, &[("end", "never")]).await;
    assert_eq!(rotated.status, 422);
    assert!(rotated.body.contains("Ten keys are active"));
    assert_eq!(keys(&app).await.len(), 10);

    browser.post(&app, &of_key(&app, app.key, "revoke"), &[]).await;
    assert_eq!(add_key(&app, &browser, "One more").await.status, 200);
}

#[tokio::test]
async fn the_list_says_when_a_key_is_safe_to_revoke() {
    let app = TestApp::start().await;
    identify(&app, &app.secret).await;
    let list = async || Browser::logged_in(&app).await.get(&app, &path(&app)).await.body;
    assert!(list().await.contains("Your only active key"));
    let next = secret_in(&add_key(&app, &Browser::logged_in(&app).await, "Next").await);
    let page = list().await;
    assert!(page.contains("In use: used just now") && page.contains("Never used, created today"), "{page}");

    app.clock.advance(Duration::from_hours(12 * 24 - 2));
    identify(&app, &next).await;
    app.clock.advance(Duration::from_hours(2));
    let page = list().await;
    assert!(page.contains("Safe to revoke: unused for 12 days"), "{page}");
    assert!(page.contains("In use: used 2 hours ago"), "{page}");
    let browser = Browser::logged_in(&app).await;
    let safe = browser.get(&app, &of_key(&app, app.key, "revoke")).await;
    assert!(safe.body.contains("Safe to revoke") && safe.body.contains("12 days ago"), "{}", safe.body);
    let newest = second(&app).await.id;
    let used = browser.get(&app, &of_key(&app, newest, "revoke")).await;
    assert!(used.body.contains("2 hours ago") && used.body.contains("still signs with it"), "{}", used.body);
    browser.post(&app, &of_key(&app, app.key, "revoke"), &[]).await;
    let only = browser.get(&app, &of_key(&app, newest, "revoke")).await;
    assert!(only.body.contains("It is the only active key"));
}
