//! The log of attempts.

use std::time::Duration;

use eloquent_identity::{Rejection, Signed};
use eloquent_server::clock::Clock as _;
use eloquent_store::{Enforcement, NewAttempt, Surface};
use eloquent_tests::{app::TestApp, client::Client};
use eloquent_types::text::UserId;
use serde_json::json;

use super::member::Browser;

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity/log", app.agent)
}

fn attempt(app: &TestApp, verdict: Result<(), Rejection>, signed: Option<Signed>) -> NewAttempt {
    NewAttempt {
        agent: app.agent,
        at: app.clock.now(),
        surface: Surface::Chat,
        verdict,
        enforcement: Enforcement::Report,
        signed,
        origin: Some("https://shop.example.com".to_owned()),
        conversation: None,
        profile: None,
    }
}

fn signed(app: &TestApp, user_id: &str, issued: f64) -> Signed {
    let now = app.clock.now().as_secs_f64();
    Signed {
        key: app.key,
        issued_at: Some(now + issued),
        not_before: None,
        expires_at: Some(now + 3600.0),
        user_id: UserId::parse(user_id).ok(),
    }
}

async fn record(app: &TestApp, attempts: Vec<NewAttempt>) {
    app.write(move |writer| attempts.iter().try_for_each(|attempt| writer.record_attempt(attempt))).await;
}

#[tokio::test]
async fn an_attempt_is_explained_and_the_token_told_of_only_where_it_was_signed() {
    let app = TestApp::start().await;
    let ahead = signed(&app, "<b>ada</b>", 42.0);
    record(
        &app,
        vec![
            attempt(&app, Err(Rejection::SignatureInvalid), None),
            attempt(&app, Err(Rejection::NotYetValid), Some(ahead)),
            attempt(&app, Ok(()), Some(signed(&app, "ben", -75.0))),
        ],
    )
    .await;
    let page = Browser::logged_in(&app).await.get(&app, &path(&app)).await;
    assert_eq!((page.status, page.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let rows: Vec<_> = page.body.split("<tr").skip(2).collect();
    assert_eq!(rows.len(), 3, "{}", page.body);
    // The newest first.
    assert!(rows[0].contains("Identified") && rows[0].contains("1 minute") && rows[0].contains("ben"));
    assert!(rows[1].contains("token_not_yet_valid") && rows[1].contains("Signer's clock 42 seconds ahead"));
    assert!(rows[1].contains("&lt;b&gt;ada&lt;/b&gt;") && rows[1].contains("elq_…"), "{}", rows[1]);
    assert!(
        rows[2].contains("signature_invalid")
            && rows[2].contains(Rejection::SignatureInvalid.hint().split(':').next().unwrap())
    );
    assert!(rows[2].contains("nothing that a token said is kept") && !rows[2].contains("user_id"));
    // Those without an identity would have been refused.
    assert_eq!(page.body.matches("Would be refused").count(), 2);
    assert_eq!(page.body.matches("https://shop.example.com").count(), 3);
}

#[tokio::test]
async fn the_log_is_narrowed_by_verdict_and_surface() {
    let app = TestApp::start().await;
    let read = NewAttempt { surface: Surface::Read, ..attempt(&app, Err(Rejection::Expired), None) };
    record(
        &app,
        vec![
            attempt(&app, Ok(()), Some(signed(&app, "ada", 0.0))),
            attempt(&app, Err(Rejection::AlgNone), None),
            attempt(&app, Err(Rejection::AlgAsymmetric), None),
            read,
        ],
    )
    .await;
    let browser = Browser::logged_in(&app).await;
    for (query, rows) in [
        ("", 4),
        ("?outcome=identified", 1),
        ("?outcome=rejected", 3),
        ("?outcome=alg_not_allowed", 2),
        ("?outcome=token_expired&surface=chat", 0),
        ("?outcome=token_expired&surface=read", 1),
        ("?surface=chat", 3),
        ("?outcome=%3Cb%3E&surface=moon&before=x", 4),
    ] {
        let page = browser.get(&app, &format!("{}{query}", path(&app))).await;
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(page.body.matches("<details").count(), rows, "{query}");
        assert_eq!(page.body.contains("No attempts like that"), rows == 0, "{query}");
    }
    let chosen = browser.get(&app, &format!("{}?outcome=token_expired&surface=read", path(&app))).await.body;
    assert!(
        chosen.contains("value=\"token_expired\" selected") && chosen.contains("value=\"read\" selected")
    );
}

#[tokio::test]
async fn the_log_of_one_conversation_and_of_one_profile_has_an_address() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42" }));
    let mut visitor = Client::with_token(&token);
    let conversation = visitor.chat(&app, "Hello", None).await.accepted().conversation_id;
    let scope = app.scope;
    let filter = eloquent_store::ProfileFilter::default();
    let profile = app.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap()[0].id;
    let of_both = NewAttempt {
        conversation: Some(conversation),
        profile: Some(profile),
        ..attempt(&app, Err(Rejection::UserIdNumber), None)
    };
    record(&app, vec![of_both, attempt(&app, Err(Rejection::Missing), None)]).await;
    let browser = Browser::logged_in(&app).await;
    for query in [format!("conversation_id={conversation}"), format!("profile_id={profile}")] {
        let page = browser.get(&app, &format!("{}?{query}", path(&app))).await.body;
        assert!(
            page.contains("user_id_not_string</span>") && !page.contains("token_missing</span>"),
            "{query}"
        );
        assert!(page.contains("Only attempts"), "{query}");
        let agent = format!("/dashboard/agents/{}", app.agent);
        assert!(page.contains(&format!("{agent}/profiles/{profile}")), "{query}");
        assert!(page.contains(&format!("{agent}/conversations/{conversation}")), "{query}");
    }
    for query in ["conversation_id=x".to_owned(), format!("profile_id={conversation}")] {
        assert_eq!(browser.get(&app, &format!("{}?{query}", path(&app))).await.status, 404, "{query}");
    }
}

#[tokio::test]
async fn older_attempts_follow_on_further_pages() {
    let app = TestApp::start().await;
    let attempts = (0..120).map(|n| attempt(&app, Ok(()), Some(signed(&app, &format!("user-{n}."), 0.0))));
    record(&app, attempts.collect()).await;
    let browser = Browser::logged_in(&app).await;
    let (mut address, mut seen) = (format!("{}?surface=chat", path(&app)), Vec::new());
    loop {
        let page = browser.get(&app, &address).await;
        seen.extend(
            page.body.split("<bdi>user-").skip(1).map(|part| part.split('.').next().unwrap().to_owned()),
        );
        let older = page.links(&path(&app)).into_iter().find(|link| link.contains("before="));
        let Some(older) = older else { break };
        assert!(older.contains("surface=chat"), "what was asked for is kept: {older}");
        address = older.replace("&amp;", "&");
    }
    let expected: Vec<_> = (0..120).rev().map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn an_empty_log_says_what_will_be_here() {
    let app = TestApp::start().await;
    let page = Browser::logged_in(&app).await.get(&app, &path(&app)).await;
    assert!(page.body.contains("No attempts yet"), "{}", page.body);
    assert!(page.body.contains("Kept for 30 days, at most 10,000 of each kind per agent: refused, identified, identified readers."), "{}", page.body);
}

#[tokio::test]
async fn a_real_attempt_is_in_the_log_without_its_token() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "42", "exp": app.now_secs() - 3600 }));
    Client::new().identify(&app, token.expose()).await;
    app.clock.advance(Duration::from_secs(1));
    let browser = Browser::logged_in(&app).await;
    // A refusal is written down after it was answered.
    let mut page = browser.get(&app, &path(&app)).await.body;
    for _ in 0..1_000 {
        if page.contains("token_expired</span>") {
            break;
        }
        page = browser.get(&app, &path(&app)).await.body;
    }
    assert!(page.contains("token_expired</span>"), "{page}");
    assert!(page.contains("<bdi>42</bdi>"), "{page}");
    for part in token.expose().split('.') {
        assert!(!page.contains(part));
    }
}
