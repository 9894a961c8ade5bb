//! Who gets in: nobody without a session, no company into another's pages, no other site's forms.

use std::time::Duration;

use eloquent_identity::Secret;
use eloquent_server::entropy;
use eloquent_store::{
    AgentScope, ConversationFilter, Enforcement, NewCompany, NewKey, ProfileFilter, Standing, StoreError,
};
use eloquent_tests::{
    app::{START, TestApp, agent_named, mint},
    client::Client,
};
use eloquent_types::{
    id::{AgentId, KeyId},
    theme::Theme,
};
use serde_json::json;

use super::{appearance::ALL, member::Browser};

/// Every address of an agent's pages, with ids of things that it has: those that show, and those that
/// change something, each with a form that it would take.
struct Addresses {
    shown: Vec<String>,
    changing: Vec<(String, Vec<(&'static str, String)>)>,
}

impl Addresses {
    fn of(agent: AgentId, key: KeyId, profile: &str, conversation: &str) -> Self {
        let base = format!("/dashboard/agents/{agent}");
        let at = |rest: &str| format!("{base}{rest}");
        let of_key = |form: &str| at(&format!("/identity/keys/{key}/{form}"));
        let (revoke, rotate, retirement) = (of_key("revoke"), of_key("rotate"), of_key("retirement"));
        let at_once = vec![("end", "1h".to_owned())];
        let feature = |level: &str| vec![("level", level.to_owned()), ("enabled", "false".to_owned())];
        let new_key: KeyId = mint(START);
        let appearance = ALL.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self {
            shown: vec![
                base.clone(),
                at("/identity"),
                at("/identity/keys"),
                rotate.clone(),
                retirement.clone(),
                revoke.clone(),
                at("/identity/enforcement"),
                at("/identity/enforcement?days=30"),
                at("/identity/log"),
                at(&format!("/identity/log?outcome=rejected&conversation_id={conversation}")),
                at(&format!("/identity/log?profile_id={profile}")),
                at("/identity/inspector"),
                at("/identity/playground"),
                at("/identity/samples?language=rust"),
                at("/profiles"),
                at("/profiles?search=a%40b&page=2"),
                at(&format!("/profiles/{profile}")),
                at(&format!("/profiles/{profile}/history")),
                at(&format!("/profiles/{profile}/export")),
                at(&format!("/profiles/{profile}/block")),
                at(&format!("/profiles/{profile}/erase")),
                at("/identity/claims"),
                at("/appearance"),
                at("/appearance/preview"),
                at("/appearance?notice=saved"),
                at("/conversations"),
                at(&format!("/conversations?profile_id={profile}")),
                at(&format!("/conversations/{conversation}")),
            ],
            changing: vec![
                (at("/identity/feature"), feature("agent")),
                (at("/identity/feature"), feature("company")),
                (at("/identity/keys"), vec![("name", "New".to_owned()), ("key_id", new_key.to_string())]),
                (
                    rotate,
                    [vec![("name", "New".to_owned()), ("key_id", new_key.to_string())], at_once.clone()]
                        .concat(),
                ),
                (retirement, at_once),
                (revoke, Vec::new()),
                (at("/identity/enforcement"), vec![("enforcement", "report".to_owned())]),
                (at("/identity/lifetime"), vec![("seconds", "900".to_owned())]),
                (at(&format!("/profiles/{profile}/block")), Vec::new()),
                (at(&format!("/profiles/{profile}/unblock")), Vec::new()),
                (at(&format!("/profiles/{profile}/erase")), vec![("user_id", "42".to_owned())]),
                (
                    at("/identity/claims"),
                    vec![
                        ("name", "plan".to_owned()),
                        ("use", "dropped".to_owned()),
                        ("confirmed", "true".to_owned()),
                    ],
                ),
                (at("/identity/inspector"), vec![("token", "a.b.c".to_owned())]),
                (at("/identity/playground"), vec![("user_id", "42".to_owned())]),
                (at("/appearance"), appearance),
                (at(&format!("/conversations/{conversation}/reply")), vec![("text", "Hello".to_owned())]),
                (at(&format!("/conversations/{conversation}/assign")), Vec::new()),
                (at(&format!("/conversations/{conversation}/resolve")), Vec::new()),
                (at("/appearance/logo"), Vec::new()),
                (at("/appearance/logo/remove"), Vec::new()),
            ],
        }
    }
}

/// A conversation of a verified visitor; the ids of the profile and of the conversation.
async fn talk(app: &TestApp) -> (String, String) {
    let token = app.token(json!({ "user_id": "42", "email": "ada@example.com", "plan": "Pro" }));
    let transcript = Client::with_token(&token).chat(app, "How long do refunds take?", None).await;
    let scope = app.scope;
    let profiles =
        app.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default())).await.unwrap();
    (profiles[0].id.to_string(), transcript.accepted().conversation_id.to_string())
}

async fn send(
    browser: &Browser,
    app: &TestApp,
    path: &str,
    fields: &[(&str, String)],
) -> super::member::Page {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(app, path, &fields).await
}

/// What the forms of [`Addresses`] would have changed.
async fn assert_unchanged(app: &TestApp, agent: &AgentScope) {
    let (scope, id) = (*agent, agent.agent_id());
    let ((keys, found), (policies, profiles)) = app
        .store
        .read(move |reader| {
            let kept = (reader.claim_policies(id)?, reader.profiles(&scope, &ProfileFilter::default())?);
            Ok::<_, StoreError>(((reader.keys(&scope)?, reader.agent(id)?), kept))
        })
        .await
        .unwrap();
    assert_eq!(policies.iter().count(), 0);
    assert_eq!(profiles.len(), usize::from(id == app.agent));
    assert!(profiles.iter().all(|profile| !profile.blocked && profile.claims.get("plan").is_some()));
    assert_eq!(keys.len(), 1);
    assert_eq!((keys[0].revoked_at, keys[0].retires_at), (None, None));
    let found = found.unwrap();
    assert!(found.identifies());
    assert_eq!((found.enforcement, found.max_token_lifetime), (Enforcement::Off, None));
    assert_eq!(found.theme, Theme::default());
    // A question and its answer, by nobody else.
    let filter = ConversationFilter::default();
    let talks = app.store.read(move |reader| reader.conversations(&scope, &filter, 9, 0)).await.unwrap();
    assert!(talks.iter().all(|talk| talk.message_count == 2 && talk.standing == Standing::default()));
}

#[tokio::test]
async fn nothing_opens_without_a_session() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app).await;
    let addresses = Addresses::of(app.agent, app.key, &profile, &conversation);

    let expired = Browser::logged_in(&app).await;
    app.clock.advance(Duration::from_hours(12));
    let mut forged = Browser::new();
    forged.cookie = Some(format!("eloquent={}", "A".repeat(43)));
    for browser in [Browser::new(), expired, forged] {
        for path in &addresses.shown {
            let page = browser.get(&app, path).await;
            assert_eq!(page.status, 303, "{path}");
            assert!(page.location().starts_with("/dashboard/login?next=/dashboard/agents/"), "{path}");
            assert!(page.body.is_empty(), "{path}");
        }
        for path in ["/dashboard", "/dashboard/nothing", "/dashboard/agents", "/dashboard/logout/x"] {
            let page = browser.get(&app, path).await;
            assert_eq!(page.status, 303, "{path}");
            assert!(page.location().starts_with("/dashboard/login"), "{path}");
        }
        for (path, fields) in &addresses.changing {
            let page = send(&browser, &app, path, fields).await;
            assert_eq!((page.status, page.location()), (303, "/dashboard/login"), "{path}");
        }
    }
    assert_unchanged(&app, &app.scope).await;
}

#[tokio::test]
async fn a_member_gets_every_page() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app).await;
    let browser = Browser::logged_in(&app).await;
    for path in Addresses::of(app.agent, app.key, &profile, &conversation).shown {
        let page = browser.get(&app, &path).await;
        // The address of the form that shows a secret leads back to the page.
        let expected = if path.ends_with("/keys") { 303 } else { 200 };
        assert_eq!(page.status, expected, "{path}");
    }
}

#[tokio::test]
async fn another_companys_things_do_not_exist() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app).await;
    let (foreign, foreign_key) = another_company(&app).await;
    let browser = Browser::logged_in(&app).await;
    let unknown = browser
        .get(&app, &format!("/dashboard/agents/{}", mint::<eloquent_types::id::AgentKind>(START)))
        .await;
    assert_eq!(unknown.status, 404);

    let addresses = Addresses::of(foreign.agent_id(), foreign_key, &profile, &conversation);
    for path in &addresses.shown {
        let page = browser.get(&app, path).await;
        assert_eq!((page.status, &page.body), (404, &unknown.body), "{path}");
    }
    for (path, fields) in &addresses.changing {
        assert_eq!(send(&browser, &app, path, fields).await.status, 404, "{path}");
    }
    // Through an agent of one's own the foreign key is as unknown as a made-up one.
    let new_key: KeyId = mint(START);
    let rotation = [("name", "New".to_owned()), ("key_id", new_key.to_string()), ("end", "1h".to_owned())];
    for form in ["revoke", "rotate", "retirement"] {
        let address = format!("/dashboard/agents/{}/identity/keys/{foreign_key}/{form}", app.agent);
        assert_eq!(browser.get(&app, &address).await.status, 404, "{form}");
        assert_eq!(send(&browser, &app, &address, &rotation).await.status, 404, "{form}");
    }
    assert_unchanged(&app, &foreign).await;
    assert!(!browser.get(&app, "/dashboard").await.body.contains("Foreign"));
}

#[tokio::test]
async fn ids_of_the_wrong_kind_or_agent_are_not_found() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app).await;
    let second = second_agent(&app).await.agent_id();
    let browser = Browser::logged_in(&app).await;
    for path in [
        format!("/dashboard/agents/{second}/profiles/{profile}"),
        format!("/dashboard/agents/{second}/conversations/{conversation}"),
        format!("/dashboard/agents/{second}/conversations?profile_id={profile}"),
        format!("/dashboard/agents/{second}/identity/keys/{}/revoke", app.key),
        format!("/dashboard/agents/{}/profiles/{conversation}", app.agent),
        format!("/dashboard/agents/{}/conversations/{profile}", app.agent),
        format!("/dashboard/agents/{}/nothing", app.agent),
        "/dashboard/agents/%3Cscript%3E".to_owned(),
        "/dashboard/agents/%FF".to_owned(),
    ] {
        let page = browser.get(&app, &path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app).await;
    let browser = Browser::logged_in(&app).await;
    let mut changing = Addresses::of(app.agent, app.key, &profile, &conversation).changing;
    let login = vec![
        ("email", eloquent_tests::app::EMAIL.to_owned()),
        ("password", eloquent_tests::app::PASSWORD.to_owned()),
    ];
    changing.push(("/dashboard/login".to_owned(), login));
    changing.push(("/dashboard/logout".to_owned(), Vec::new()));
    let own = app.url.clone();
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", own.as_str())],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ] {
        for (path, fields) in &changing {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let page = browser.post_from(&app, path, &fields, &headers).await;
            assert_eq!(page.status, 403, "{path} {headers:?}");
            assert!(page.headers.get("set-cookie").is_none(), "{path} {headers:?}");
        }
    }
    assert_unchanged(&app, &app.scope).await;
    assert_eq!(browser.get(&app, "/dashboard").await.status, 200, "still logged in");

    // A browser that does not send Sec-Fetch-Site proves it by the origin.
    let feature = format!("/dashboard/agents/{}/identity/feature", app.agent);
    let fields = [("level", "agent"), ("enabled", "false")];
    assert_eq!(browser.post_from(&app, &feature, &fields, &[("origin", &own)]).await.status, 303);
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let (stranger, overview) = (Browser::new(), format!("/dashboard/agents/{}", app.agent));
    for page in [
        browser.get(&app, "/dashboard").await,
        browser.get(&app, &overview).await,
        browser.get(&app, "/dashboard/nothing").await,
        stranger.get(&app, "/dashboard").await,
        stranger.get(&app, "/dashboard/login").await,
        stranger.post(&app, "/dashboard/login", &[]).await,
        stranger.post_from(&app, "/dashboard/login", &[], &[]).await,
    ] {
        assert_eq!(
            page.headers["content-security-policy"],
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
            form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(page.headers["cache-control"], "no-store");
        // Nothing inline, which the policy would refuse.
        for inline in [" style=", " onclick=", "<style", "<script>", "javascript:"] {
            assert!(!page.body.contains(inline), "{inline} in {}", page.body);
        }
    }
}

#[tokio::test]
async fn the_files_of_the_pages_are_there() {
    let app = TestApp::start().await;
    for (file, kind) in [
        ("dashboard.css", "text/css; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("appearance.js", "text/javascript; charset=utf-8"),
        ("preview.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let page = Browser::new().get(&app, &format!("/dashboard/assets/{file}")).await;
        assert_eq!((page.status, page.headers["content-type"].to_str().unwrap()), (200, kind));
        assert!(!page.body.is_empty());
    }
}

/// Another agent of the same company.
async fn second_agent(app: &TestApp) -> AgentScope {
    let (company, agent) = (app.company, agent_named("Second"));
    app.write(move |writer| writer.create_agent(&company, &agent)).await
}

/// An agent of another company, with one key.
async fn another_company(app: &TestApp) -> (AgentScope, KeyId) {
    let company = NewCompany { id: mint(START), name: "Foreign company".to_owned(), now: START };
    let (agent, id) = (agent_named("Foreign agent"), mint(START));
    let secret = Secret::generate(entropy::bytes().unwrap());
    let nonce = entropy::bytes().unwrap();
    app.write(move |writer| {
        let company = writer.create_company(&company)?;
        let scope = writer.create_agent(&company, &agent)?;
        writer.set_company_identify(&company, true)?;
        writer.set_agent_identify(&scope, true)?;
        let key = NewKey { id, name: "Foreign key".to_owned(), secret: &secret, nonce, now: START };
        writer.create_key(&scope, &key).unwrap();
        Ok((scope, id))
    })
    .await
}
