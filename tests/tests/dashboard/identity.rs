//! Integrations → Identity Verification.

use eloquent_identity::Secret;
use eloquent_store::{Enforcement, KeyInfo};
use eloquent_tests::{app::TestApp, client::Client};
use serde_json::{Value, json};

use super::member::{Browser, Page};

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity", app.agent)
}

/// Fills in the form for a new key and sends it.
async fn generate(browser: &Browser, app: &TestApp, name: &str) -> (Page, String) {
    let form = browser.get(app, &path(app)).await;
    let key_id = form.field("key_id").to_owned();
    let fields = [("name", name), ("key_id", key_id.as_str())];
    (browser.post(app, &format!("{}/keys", path(app)), &fields).await, key_id)
}

/// The first secret that stands in a text.
fn secret_in(text: &str) -> Option<Secret> {
    let starts = text.match_indices("elq_").map(|(at, _)| at);
    starts.filter_map(|at| text.get(at..at + 47)).find_map(|text| Secret::parse(text).ok())
}

async fn keys(app: &TestApp) -> Vec<KeyInfo> {
    let scope = app.scope;
    app.store.read(move |reader| reader.keys(&scope)).await.unwrap()
}

/// What `identify` says to a token signed with the secret.
async fn identify(app: &TestApp, secret: &Secret) -> Value {
    let token = app.token_with(secret, json!({ "user_id": "42" }));
    serde_json::to_value(Client::new().identify(app, token.expose()).await).unwrap()
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let (shown, key_id) = generate(&browser, &app, "Production").await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let secret = secret_in(&shown.body).expect("the secret");
    assert!(shown.body.contains(&format!("ELOQUENT_SECRET={}", secret.expose())));

    // Every way to ask again: the page, the form's address, the form itself.
    let again = format!("{}/keys", path(&app));
    let page = browser.get(&app, &path(&app)).await;
    assert!(page.body.contains("Production") && page.body.contains(&format!("elq_…{}", secret.last_four())));
    let reloaded = browser.get(&app, &again).await;
    assert_eq!((reloaded.status, reloaded.location()), (303, path(&app).as_str()));
    let sent_again = browser.post(&app, &again, &[("name", "Production"), ("key_id", &key_id)]).await;
    assert_eq!(
        (sent_again.status, sent_again.location()),
        (303, format!("{}?notice=already_created", path(&app)).as_str())
    );
    let noticed = browser.get(&app, sent_again.location()).await;
    assert!(noticed.body.contains("This key had been created already"));
    for later in [page, reloaded, sent_again, noticed] {
        assert!(secret_in(&later.body).is_none());
    }
    assert_eq!(keys(&app).await.len(), 2, "the form that was sent twice made one key");
}

#[tokio::test]
async fn a_generated_secret_identifies_until_its_key_is_revoked() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let (shown, key_id) = generate(&browser, &app, "Production").await;
    let secret = secret_in(&shown.body).unwrap();
    assert_eq!(identify(&app, &secret).await["identified"], true);
    assert_eq!(identify(&app, &app.secret).await["identified"], true, "both keys are active");
    let key = keys(&app).await.into_iter().find(|key| key.id.to_string() == key_id).unwrap();
    assert_eq!((key.name.as_str(), key.use_count), ("Production", 1));

    let revoke = format!("{}/keys/{key_id}/revoke", path(&app));
    let asked = browser.get(&app, &revoke).await;
    assert!(asked.body.contains("Revoke “<bdi>Production</bdi>”?"), "{}", asked.body);
    assert_eq!(identify(&app, &secret).await["identified"], true, "asking changes nothing");

    let done = browser.post(&app, &revoke, &[]).await;
    assert_eq!((done.status, done.location()), (303, format!("{}?notice=revoked", path(&app)).as_str()));
    let refused = identify(&app, &secret).await;
    assert_eq!((&refused["identified"], &refused["code"]), (&json!(false), &json!("signature_invalid")));
    assert_eq!(identify(&app, &app.secret).await["identified"], true, "the other key is not concerned");
    let page = browser.get(&app, &path(&app)).await;
    assert!(page.body.contains("Revoked") && !page.body.contains(&revoke));
    // What is revoked cannot be revoked again, and that is no failure.
    assert_eq!(browser.get(&app, &revoke).await.status, 303);
    assert_eq!(browser.post(&app, &revoke, &[]).await.status, 303);
}

#[tokio::test]
async fn the_feature_has_a_switch_for_the_agent_and_one_for_the_company() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let feature = format!("{}/feature", path(&app));
    for level in ["agent", "company"] {
        let off = browser.post(&app, &feature, &[("level", level), ("enabled", "false")]).await;
        assert_eq!(
            (off.status, off.location()),
            (303, format!("{}?notice=switched_off", path(&app)).as_str())
        );
        assert_eq!(identify(&app, &app.secret).await["code"], "identity_disabled", "{level}");
        let page = browser.get(&app, off.location()).await;
        assert_eq!(page.body.matches("aria-checked=\"false\"").count(), 1, "{level}");
        assert_eq!(page.body.contains("on for this agent and off for the company"), level == "company");
        let on = browser.post(&app, &feature, &[("level", level), ("enabled", "true")]).await;
        assert_eq!(on.location(), format!("{}?notice=switched_on", path(&app)));
        assert_eq!(identify(&app, &app.secret).await["identified"], true, "{level}");
    }
    for nonsense in
        [&[("level", "world"), ("enabled", "true")][..], &[("level", "agent"), ("enabled", "maybe")], &[]]
    {
        assert_eq!(browser.post(&app, &feature, nonsense).await.status, 422, "{nonsense:?}");
    }
}

#[tokio::test]
async fn a_key_needs_a_name_that_can_be_shown() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let long = "x".repeat(61);
    for (name, problem) in [
        ("  ", "Give the key a name"),
        (long.as_str(), "A name has 60 characters at most."),
        ("<b>\u{7}", "characters that cannot be shown"),
    ] {
        let (page, _) = generate(&browser, &app, name).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.body.contains(problem), "{name}");
        assert!(!page.body.contains("<b>"), "{name}");
        assert!(secret_in(&page.body).is_none(), "{name}");
    }
    // What was typed is kept.
    let (page, _) = generate(&browser, &app, &long).await;
    assert_eq!(page.field("name"), long);
    for broken in [
        &[("name", "x")][..],
        &[("name", "x"), ("key_id", "key_1")],
        &[("name", "x"), ("key_id", &app.agent.to_string())],
    ] {
        let page = browser.post(&app, &format!("{}/keys", path(&app)), broken).await;
        assert_eq!(page.status, 422, "{broken:?}");
    }
    assert_eq!(keys(&app).await.len(), 1);
}

#[tokio::test]
async fn a_notice_is_one_of_ours_or_none() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &format!("{}?notice=%3Cb%3EYou%20won", path(&app))).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("You won") && !page.body.contains("class=\"notice\""));
}

#[tokio::test]
async fn the_address_of_a_form_leads_to_the_page_that_has_it() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let identity = path(&app);
    for (form, page) in [("/feature", ""), ("/keys", ""), ("/lifetime", "/enforcement")] {
        let answer = browser.get(&app, &format!("{identity}{form}")).await;
        assert_eq!((answer.status, answer.location()), (303, format!("{identity}{page}").as_str()), "{form}");
    }
    let slash = browser.get(&app, "/dashboard/").await;
    assert_eq!((slash.status, slash.location()), (308, "/dashboard"));
}

#[tokio::test]
async fn what_is_said_of_those_without_a_token_depends_on_what_is_required() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let identity = path(&app);
    let key = app.store.read(move |reader| reader.keys(&app.scope)).await.unwrap()[0].id;
    let revoking = format!("{identity}/keys/{key}/revoke");
    assert!(browser.get(&app, &revoking).await.body.contains("chat anonymously"));
    let scope = app.scope;
    app.write(move |writer| {
        writer.set_enforcement(&scope, Enforcement::Require)?;
        writer.set_agent_identify(&scope, false)
    })
    .await;
    let question = browser.get(&app, &revoking).await.body;
    assert!(question.contains("cannot chat until") && !question.contains("anonymously"), "{question}");
    assert!(browser.get(&app, &identity).await.body.contains("every chat is refused"));
}
