//! What becomes of each claim: seen, chosen, dropped.

use eloquent_store::{ClaimUse, claim_policy::CLAIM_POLICIES_MAX};
use eloquent_tests::{
    app::{START, TestApp, agent_named},
    client::Client,
};
use eloquent_types::text::UserId;
use serde_json::{Map, Value, json};

use super::member::{Browser, Page};

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/identity/claims", app.agent)
}

async fn identify(app: &TestApp, claims: Value) {
    Client::new().identify(app, app.token(claims).expose()).await;
}

/// The names on the page in its order, each with how many profiles it says and what is chosen.
fn rows(page: &Page) -> Vec<(String, String, String)> {
    let rows = page.body.split("class=\"list policy\"").nth(1).unwrap().split("</table>").next().unwrap();
    let text = |html: &str| {
        html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>()
    };
    rows.split("<tr")
        .skip(2)
        .map(|row| {
            let cells: Vec<_> = row.split("<td").collect();
            let chosen = cells[3].split("\" selected").next().unwrap().rsplit('"').next().unwrap();
            (text(&format!("<td{}", cells[1])), text(&format!("<td{}", cells[2])), chosen.to_owned())
        })
        .collect()
}

fn row(name: &str, profiles: u64, chosen: &str) -> (String, String, String) {
    (name.to_owned(), profiles.to_string(), chosen.to_owned())
}

async fn use_of(app: &TestApp, name: &'static str) -> ClaimUse {
    let agent = app.agent;
    let policies = app.store.read(move |reader| reader.claim_policies(agent)).await.unwrap();
    policies.use_of(name)
}

/// The value of a claim on a profile.
async fn kept(app: &TestApp, user_id: &str, name: &str) -> Option<String> {
    let (scope, user_id) = (app.scope, UserId::parse(user_id).unwrap());
    let found = app.store.read(move |reader| reader.profile_by_user_id(&scope, &user_id)).await.unwrap();
    found.unwrap().claims.get(name).map(ToOwned::to_owned)
}

/// What the agent is told for an answer.
async fn told(app: &TestApp, visitor: &mut Client) -> String {
    let conversation = visitor.chat(app, "Hello", None).await.accepted().conversation_id;
    let scope = app.scope;
    let record = app.store.read(move |reader| reader.conversation(&scope, conversation)).await.unwrap();
    record.unwrap().messages.into_iter().find_map(|message| message.context).unwrap()
}

#[tokio::test]
async fn every_claim_that_was_seen_is_listed_with_the_number_of_its_profiles() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    assert_eq!(rows(&browser.get(&app, &path(&app)).await), [row("email", 0, "agent")]);
    identify(
        &app,
        json!({ "user_id": "ada", "email": "a@example.com", "plan": "Pro", "seats": 1, "a=b": 1 }),
    )
    .await;
    identify(&app, json!({ "user_id": "ben", "plan": "Free" })).await;
    let scope = app.scope;
    app.write(move |writer| {
        writer.set_claim_policy(&scope, "plan", ClaimUse::Dashboard, START).unwrap();
        writer.set_claim_policy(&scope, "ssn", ClaimUse::Dropped, START).unwrap();
        Ok(())
    })
    .await;
    let page = browser.get(&app, &path(&app)).await;
    let expected = [
        row("email", 1, "agent"),
        row("plan", 2, "dashboard"),
        row("a=b", 1, "agent"),
        row("seats", 1, "agent"),
        row("ssn", 0, "dropped"),
    ];
    assert_eq!(rows(&page), expected);
    // A number leads to those profiles, where an address can ask for them.
    let profiles = format!("/dashboard/agents/{}/profiles?", app.agent);
    assert_eq!(page.links(&profiles), [format!("{profiles}claim=plan"), format!("{profiles}claim=seats")]);
}

#[tokio::test]
async fn of_very_many_claims_the_commonest_are_listed() {
    let app = TestApp::start().await;
    let mut claims: Map<_, _> = (0..250).map(|n| (format!("claim-{n:03}"), json!(n))).collect();
    claims.insert("user_id".to_owned(), json!("ada"));
    identify(&app, Value::Object(claims)).await;
    identify(&app, json!({ "user_id": "ben", "claim-249": 1 })).await;
    let page = Browser::logged_in(&app).await.get(&app, &path(&app)).await;
    let rows = rows(&page);
    assert_eq!((rows.len(), &rows[1]), (201, &row("claim-249", 2, "agent")));
    assert!(page.body.contains("claims that most profiles hold"));
}

#[tokio::test]
async fn a_claim_for_the_dashboard_alone_is_kept_from_the_agent() {
    let app = TestApp::start().await;
    let claims = json!({ "user_id": "ada", "email": "a@example.com", "plan": "Enterprise" });
    let mut visitor = Client::with_token(&app.token(claims));
    let before = told(&app, &mut visitor).await;
    assert!(before.contains("Enterprise") && before.contains("a@example.com"), "{before}");
    let browser = Browser::logged_in(&app).await;
    for name in ["plan", "email"] {
        let page = browser.post(&app, &path(&app), &[("name", name), ("use", "dashboard")]).await;
        assert_eq!(
            (page.status, page.location()),
            (303, format!("{}?notice=claim_saved", path(&app)).as_str())
        );
        assert!(browser.get(&app, page.location()).await.body.contains("with the next message"));
    }
    let after = told(&app, &mut visitor).await;
    assert!(!after.contains("Enterprise") && !after.contains("a@example.com"), "{after}");
    assert_eq!(kept(&app, "ada", "plan").await.as_deref(), Some("\"Enterprise\""));
    assert_eq!(rows(&browser.get(&app, &path(&app)).await)[1], row("plan", 1, "dashboard"));

    browser.post(&app, &path(&app), &[("name", "plan"), ("use", "agent")]).await;
    assert!(told(&app, &mut visitor).await.contains("Enterprise"));
}

#[tokio::test]
async fn a_claim_is_dropped_only_after_the_page_said_what_is_lost() {
    let app = TestApp::start().await;
    for user in ["ada", "ben"] {
        identify(&app, json!({ "user_id": user, "name": user, "plan": "Pro" })).await;
    }
    let browser = Browser::logged_in(&app).await;
    let drop = [("name", "plan"), ("use", "dropped")];
    let question = browser.post(&app, &path(&app), &drop).await;
    assert_eq!(question.status, 200);
    assert!(question.body.contains("2 profiles hold it now") && question.body.contains("cannot be undone"));
    assert_eq!((question.field("name"), question.field("use")), ("plan", "dropped"));
    assert_eq!(question.field("confirmed"), "true");
    assert_eq!(use_of(&app, "plan").await, ClaimUse::Agent, "a question changes nothing");
    assert!(kept(&app, "ada", "plan").await.is_some());

    let confirmed = [drop[0], drop[1], ("confirmed", "true")];
    let page = browser.post(&app, &path(&app), &confirmed).await;
    assert_eq!(
        (page.status, page.location()),
        (303, format!("{}?notice=claim_dropped", path(&app)).as_str())
    );
    assert!(browser.get(&app, page.location()).await.body.contains("no token brings it back"));
    for user in ["ada", "ben"] {
        identify(&app, json!({ "user_id": user, "name": user, "plan": "Pro" })).await;
        assert_eq!(kept(&app, user, "plan").await, None, "{user}");
        assert!(kept(&app, user, "name").await.is_some());
    }
    assert_eq!(rows(&browser.get(&app, &path(&app)).await).last().unwrap(), &row("plan", 0, "dropped"));
    // What is dropped already is not asked about again.
    assert_eq!(browser.post(&app, &path(&app), &drop).await.status, 303);

    browser.post(&app, &path(&app), &[("name", "plan"), ("use", "agent")]).await;
    identify(&app, json!({ "user_id": "ada", "plan": "Pro" })).await;
    assert!(kept(&app, "ada", "plan").await.is_some());
}

#[tokio::test]
async fn the_question_counts_and_says_what_else_changes() {
    let app = TestApp::start().await;
    identify(&app, json!({ "user_id": "ada", "name": "Ada", "email": "a@example.com" })).await;
    let browser = Browser::logged_in(&app).await;
    let ask = async |name| browser.post(&app, &path(&app), &[("name", name), ("use", "dropped")]).await.body;
    let name = ask("name").await;
    assert!(name.contains("1 profile holds it now") && name.contains("called by their email"));
    let email = ask("email").await;
    assert!(email.contains("1 profile holds it now") && !email.contains("called by their email"));
    let evil = ask("\"><script>").await;
    assert!(evil.contains("No profile holds it now") && !evil.contains("<script>"));
}

#[tokio::test]
async fn what_is_no_claim_has_no_use() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let long = "x".repeat(256);
    for (name, said) in [
        ("", "1 to 255 characters"),
        (long.as_str(), "1 to 255 characters"),
        ("user_id", "not a claim"),
        ("iat", "not a claim"),
        ("exp", "not a claim"),
        ("nbf", "not a claim"),
    ] {
        for fields in [
            &[("name", name), ("use", "dashboard")][..],
            &[("name", name), ("use", "dropped")],
            &[("name", name), ("use", "dropped"), ("confirmed", "true")],
        ] {
            let page = browser.post(&app, &path(&app), fields).await;
            assert_eq!(page.status, 422, "{name}");
            assert!(page.body.contains(said) && page.body.contains("aria-invalid"), "{name}");
            assert!(
                page.body.contains(&format!("id=\"claim\" type=\"text\" name=\"name\" value=\"{name}\"")),
                "{name}"
            );
        }
    }
    for fields in [
        &[][..],
        &[("name", "plan")],
        &[("use", "agent")],
        &[("name", "plan"), ("use", "everybody")],
        &[("name", "plan"), ("use", "")],
        &[("name", "plan"), ("use", "dropped"), ("confirmed", "maybe")],
    ] {
        assert_eq!(browser.post(&app, &path(&app), fields).await.status, 422, "{fields:?}");
    }
    let agent = app.agent;
    let policies = app.store.read(move |reader| reader.claim_policies(agent)).await.unwrap();
    assert_eq!(policies.iter().count(), 0);
}

#[tokio::test]
async fn a_full_policy_says_so() {
    let app = TestApp::start().await;
    let scope = app.scope;
    app.write(move |writer| {
        for n in 0..CLAIM_POLICIES_MAX {
            writer.set_claim_policy(&scope, &format!("claim-{n}"), ClaimUse::Dashboard, START).unwrap();
        }
        Ok(())
    })
    .await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.post(&app, &path(&app), &[("name", "plan"), ("use", "dashboard")]).await;
    assert!(page.status == 422 && page.body.contains("names 200 claims"), "{}", page.body);
    let changed = browser.post(&app, &path(&app), &[("name", "claim-0"), ("use", "agent")]).await;
    assert_eq!(changed.status, 303);
    assert_eq!(browser.post(&app, &path(&app), &[("name", "plan"), ("use", "dashboard")]).await.status, 303);
}

#[tokio::test]
async fn another_agents_claims_are_not_its_own() {
    let app = TestApp::start().await;
    identify(&app, json!({ "user_id": "ada", "plan": "Pro" })).await;
    let company = app.company;
    let second = agent_named("Second");
    let id = second.id;
    app.write(move |writer| writer.create_agent(&company, &second).map(drop)).await;
    let browser = Browser::logged_in(&app).await;
    let path = format!("/dashboard/agents/{id}/identity/claims");
    assert_eq!(rows(&browser.get(&app, &path).await), [row("email", 0, "agent")]);
    let fields = [("name", "plan"), ("use", "dropped"), ("confirmed", "true")];
    assert_eq!(browser.post(&app, &path, &fields).await.status, 303);
    assert!(kept(&app, "ada", "plan").await.is_some() && use_of(&app, "plan").await == ClaimUse::Agent);
    let policies = app.store.read(move |reader| reader.claim_policies(id)).await.unwrap();
    assert_eq!(policies.use_of("plan"), ClaimUse::Dropped);
}
