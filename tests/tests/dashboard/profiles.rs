//! Profiles: found, told of claim by claim, blocked, handed out, erased.

use std::time::Duration;

use eloquent_store::{ClaimUse, Enforcement, Profile, StoreError};
use eloquent_tests::{
    app::{EMAIL, START, TestApp, agent_named, mint},
    client::{self, Client},
};
use eloquent_types::{id::ProfileId, text::UserId};
use serde_json::{Value, json};

use super::member::{Browser, Page, escaped};

fn list(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/profiles", app.agent)
}

fn at(app: &TestApp, profile: ProfileId, rest: &str) -> String {
    format!("{}/{profile}{rest}", list(app))
}

async fn find(app: &TestApp, user_id: &str) -> Option<Profile> {
    let (scope, user_id) = (app.scope, UserId::parse(user_id).unwrap());
    app.store.read(move |reader| reader.profile_by_user_id(&scope, &user_id)).await.unwrap()
}

/// A profile from one token.
async fn identified(app: &TestApp, claims: Value) -> ProfileId {
    let user_id = claims["user_id"].as_str().unwrap().to_owned();
    Client::new().identify(app, app.token(claims).expose()).await;
    find(app, &user_id).await.unwrap().id
}

/// The user ids in the list, in its order.
fn user_ids(page: &Page) -> Vec<&str> {
    let cells = page.body.split("class=\"mono small\"><bdi>").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap()).collect()
}

/// One part of a page.
fn section<'p>(page: &'p Page, id: &str) -> &'p str {
    let start = format!("aria-labelledby=\"{id}\"");
    let (_, after) = page.body.split_once(&start).unwrap_or_else(|| panic!("no {id} in {}", page.body));
    after.split_once("</section>").unwrap().0
}

#[tokio::test]
async fn everybody_is_found_by_each_thing_that_is_known_of_them() {
    let app = TestApp::start().await;
    for (n, claims) in [
        json!({ "user_id": "cust_ada", "email": "Ada@example.com", "plan": "Enterprise", "seats": 5 }),
        json!({ "user_id": "cust_ben", "email": "ben@example.com", "plan": "Pro", "seats": "5" }),
        json!({ "user_id": "CUST_ADA", "plan": "Enterprise plus & more" }),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock.advance(Duration::from_secs(n as u64));
        identified(&app, claims).await;
    }
    let ben = find(&app, "cust_ben").await.unwrap().id;
    let scope = app.scope;
    app.write(move |writer| writer.set_profile_blocked(&scope, ben, true, "test", START)).await;
    let browser = Browser::logged_in(&app).await;
    for (query, found) in [
        ("", &["CUST_ADA", "cust_ben", "cust_ada"][..]),
        ("search=ada", &["CUST_ADA", "cust_ada"]),
        ("search=+EXAMPLE.com+", &["cust_ben", "cust_ada"]),
        ("search=enterprise", &["CUST_ADA", "cust_ada"]),
        ("search=seats", &["cust_ben", "cust_ada"]),
        ("user_id=cust_ada", &["cust_ada"]),
        ("user_id=cust_ad", &[]),
        ("user_id=cust_ada+", &[]),
        ("email=ada%40EXAMPLE.com", &["cust_ada"]),
        ("email=example.com", &[]),
        ("claim=plan", &["CUST_ADA", "cust_ben", "cust_ada"]),
        ("claim=plan%3DEnterprise", &["cust_ada"]),
        ("claim=plan%3DEnterprise+plus+%26+more", &["CUST_ADA"]),
        ("claim=seats%3D5", &["cust_ben", "cust_ada"]),
        ("claim=seats%3D%225%22", &["cust_ben"]),
        ("claim=nothing", &[]),
        ("blocked=true", &["cust_ben"]),
        ("blocked=false", &["CUST_ADA", "cust_ada"]),
        ("search=ada&claim=seats&blocked=false", &["cust_ada"]),
        ("search=ben&blocked=false", &[]),
        ("search=&user_id=&email=&claim=&blocked=", &["CUST_ADA", "cust_ben", "cust_ada"]),
    ] {
        let page = browser.get(&app, &format!("{}?{query}", list(&app))).await;
        assert_eq!((page.status, user_ids(&page)), (200, found.to_vec()), "{query}");
        assert_eq!(page.body.contains("Nobody matches this search"), found.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn what_was_typed_stays_in_the_form_and_in_the_links_to_other_pages() {
    let app = TestApp::start().await;
    for user in 0..51 {
        identified(&app, json!({ "user_id": format!("user-{user}"), "plan": "a&b" })).await;
    }
    let browser = Browser::logged_in(&app).await;
    let page =
        browser.get(&app, &format!("{}?search=user-&claim=plan%3Da%26b&blocked=false", list(&app))).await;
    assert_eq!((page.field("search"), page.field("claim")), ("user-", "plan=a&amp;b"));
    assert!(page.body.contains("<details class=\"exact\" open>"));
    assert!(page.body.contains("<option value=\"false\" selected>"));
    let next = page.links(&format!("{}?", list(&app)));
    let query = "search=user-&amp;claim=plan%3Da%26b&amp;blocked=false&amp;page=2";
    assert_eq!(next, [format!("{}?{query}", list(&app))]);
    let second = browser.get(&app, &next[0].replace("&amp;", "&")).await;
    assert_eq!(user_ids(&second).len(), 1);
    assert_eq!(second.field("claim"), "plan=a&amp;b");
    let plain = browser.get(&app, &list(&app)).await;
    assert!(plain.body.contains("<details class=\"exact\">") && !plain.body.contains("Show all"));
}

#[tokio::test]
async fn a_claims_value_leads_to_everybody_who_shares_it() {
    let app = TestApp::start().await;
    let ada =
        identified(&app, json!({ "user_id": "ada", "plan": "Pro", "a=b": 1, "long": "x".repeat(500) })).await;
    identified(&app, json!({ "user_id": "ben", "plan": "Pro" })).await;
    identified(&app, json!({ "user_id": "cy", "plan": "Pro plus" })).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &at(&app, ada, "")).await;
    let links = page.links(&format!("{}?", list(&app)));
    // What the form cannot say, and what is too long for an address, leads nowhere.
    assert_eq!(links, [format!("{}?claim=plan%3DPro", list(&app))]);
    let found = browser.get(&app, &links[0]).await;
    let mut found = user_ids(&found);
    found.sort_unstable();
    assert_eq!(found, ["ada", "ben"]);
}

#[tokio::test]
async fn each_claim_tells_since_which_token_it_stands_and_who_signed_it() {
    let app = TestApp::start().await;
    let start = app.now_secs();
    let claims = json!({ "user_id": "ada", "email": "ada@example.com", "name": "Ada", "plan": "Pro", "iat": start - 60 });
    let ada = identified(&app, claims).await;
    app.clock.advance(Duration::from_hours(1));
    identified(&app, json!({ "user_id": "ada", "name": "Ada", "plan": "Enterprise" })).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &at(&app, ada, "")).await;
    let claims = section(&page, "claims-title");
    let row = |name: &str| {
        let (_, after) = claims.split_once(&format!("<bdi>{name}</bdi></th>")).unwrap();
        after.split("</tr>").next().unwrap()
    };
    let last_four = &app.secret.expose()[app.secret.expose().len() - 4..];
    for (name, since) in [("name", "2023-11-14T22:12:20"), ("plan", "2023-11-14T23:13:20")] {
        assert!(row(name).contains(&format!("datetime=\"{since}")), "{name}: {}", row(name));
        assert!(
            row(name).contains("Signed with <bdi>test</bdi>") && row(name).contains(last_four),
            "{}",
            row(name)
        );
        assert!(row(name).contains(">Agent</span>"));
    }
    assert!(row("plan").contains("Enterprise") && !row("plan").contains("Pro<"));
    let details = section(&page, "details-title");
    let (_, email) = details.split_once("ada@example.com").unwrap();
    let email = email.split("</dd>").next().unwrap();
    assert!(email.contains("datetime=\"2023-11-14T22:12:20") && email.contains("Verified"), "{email}");
    assert!(details.contains(&format!("identity/log?profile_id={ada}")));
    assert!(details.contains("<dt>Sessions</dt><dd>2</dd>"), "{details}");
}

#[tokio::test]
async fn tokens_without_a_time_or_with_an_absurd_one_are_told_of_as_what_they_are() {
    let app = TestApp::start().await;
    let none = identified(&app, json!({ "user_id": "none", "plan": "Pro", "iat": null })).await;
    let absurd = identified(&app, json!({ "user_id": "absurd", "plan": "Pro", "iat": 1e300 })).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &at(&app, none, "")).await;
    let claims = section(&page, "claims-title");
    assert!(claims.contains("datetime=\"2023-11-14T22:13:20") && claims.contains("(received)"), "{claims}");
    assert!(section(&page, "history-title").contains("Token without a time"));
    let page = browser.get(&app, &at(&app, absurd, "")).await;
    assert!(section(&page, "claims-title").contains("1000000000"), "{}", page.body);
}

#[tokio::test]
async fn what_a_page_said_stands_apart_from_what_was_signed() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "ada", "plan": "Pro" }));
    let mut visitor = Client::with_token(&token);
    let mut body = visitor.chat_body("Hello", None);
    body["attributes"] = json!({ "plan": "Gold", "mood": "<i>happy</i>" });
    let response = visitor.post(app.api("/chat")).json(&body).send().await.unwrap();
    let conversation = client::read(response).await.accepted().conversation_id;
    let ada = find(&app, "ada").await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &at(&app, ada, "")).await;
    let hints = section(&page, "hints-title");
    assert!(hints.contains("Not verified") && hints.contains("mood") && hints.contains("&lt;i&gt;happy"));
    assert!(hints.contains("datetime=\"2023-11-14T22:13:20"));
    // A hint never stands beside what was signed under its name.
    assert!(!hints.contains("Gold") && !page.body.contains("<i>happy"));
    let claims = section(&page, "claims-title");
    assert!(!claims.contains("mood") && !claims.contains("Gold") && claims.contains("Pro"));

    let path = format!("/dashboard/agents/{}/conversations/{conversation}", app.agent);
    let page = browser.get(&app, &path).await;
    let (_, said) = page.body.split_once("Hints from the page").unwrap();
    let said = said.split("</details>").next().unwrap();
    assert!(
        said.contains("Not verified") && said.contains("Gold") && said.contains("&lt;i&gt;happy"),
        "{said}"
    );
    assert!(page.body.contains(&format!("identity/log?conversation_id={conversation}")));

    // Where nothing was said, nothing is shown.
    let ben = identified(&app, json!({ "user_id": "ben" })).await;
    let page = browser.get(&app, &at(&app, ben, "")).await;
    assert!(!page.body.contains("hints-title") && page.body.contains("held none besides"));
}

#[tokio::test]
async fn what_the_agent_is_not_told_is_marked_on_profile_and_conversation() {
    let app = TestApp::start().await;
    let token = app.token(json!({ "user_id": "ada", "email": "ada@example.com", "plan": "Pro", "seats": 5 }));
    let conversation = Client::with_token(&token).chat(&app, "Hello", None).await.accepted().conversation_id;
    let ada = find(&app, "ada").await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    let shown = format!("/dashboard/agents/{}/conversations/{conversation}", app.agent);
    for path in [at(&app, ada, ""), shown.clone()] {
        assert!(!browser.get(&app, &path).await.body.contains("Dashboard only"), "{path}");
    }
    let scope = app.scope;
    app.write(move |writer| {
        for name in ["email", "plan"] {
            writer.set_claim_policy(&scope, name, ClaimUse::Dashboard, START).unwrap();
        }
        Ok(())
    })
    .await;
    for path in [at(&app, ada, ""), shown] {
        assert_eq!(browser.get(&app, &path).await.body.matches("Dashboard only").count(), 2, "{path}");
    }
}

#[tokio::test]
async fn the_history_tells_what_became_of_what_by_which_token_or_by_whom() {
    let app = TestApp::start().await;
    let ada = identified(&app, json!({ "user_id": "ada", "email": "a@example.com", "plan": "Pro" })).await;
    app.clock.advance(Duration::from_secs(5));
    let claims = json!({ "user_id": "ada", "email": "b@example.com", "plan": "<b>Max", "seats": 3 });
    identified(&app, claims).await;
    let browser = Browser::logged_in(&app).await;
    browser.post(&app, &at(&app, ada, "/block"), &[]).await;
    for path in [at(&app, ada, ""), at(&app, ada, "/history")] {
        let page = browser.get(&app, &path).await;
        let rows: Vec<_> =
            page.body.split("class=\"list changes\"").nth(1).unwrap().split("<tr").skip(2).collect();
        assert!(rows[0].contains("Blocked") && rows[0].contains(EMAIL), "{path}: {}", rows[0]);
        assert!(rows.last().unwrap().contains("First verified"), "{path}");
        let of = |text: &str| rows.iter().find(|row| row.contains(text)).unwrap().to_string();
        let plan = of("<bdi>plan</bdi>");
        assert!(plan.contains("<del><bdi class=\"plain\">Pro</bdi></del>"), "{plan}");
        assert!(plan.contains("<ins><bdi class=\"plain\">&lt;b&gt;Max</bdi></ins>"), "{plan}");
        assert!(
            plan.contains("Token issued <time") && plan.contains("Signed with <bdi>test</bdi>"),
            "{plan}"
        );
        let seats = of("<bdi>seats</bdi>");
        assert!(
            seats.contains("none") && seats.contains("<ins><code class=\"json\">3</code></ins>"),
            "{seats}"
        );
        let email = of("b@example.com");
        assert!(email.contains("<del><bdi>a@example.com"), "{email}");
    }
}

#[tokio::test]
async fn a_long_history_has_pages_and_the_profile_its_newest_end() {
    let app = TestApp::start().await;
    let mut ada = None;
    for n in 0..120 {
        app.clock.advance(Duration::from_secs(1));
        ada = Some(identified(&app, json!({ "user_id": "ada", "visit": format!("visit-{n}.") })).await);
    }
    let (ada, browser) = (ada.unwrap(), Browser::logged_in(&app).await);
    let page = browser.get(&app, &at(&app, ada, "")).await;
    assert_eq!(page.body.matches("<ins>").count(), 10);
    let (mut address, mut seen) = (page.links(&at(&app, ada, "/history"))[0].clone(), Vec::new());
    loop {
        let page = browser.get(&app, &address).await;
        let new = page.body.split("<ins><bdi class=\"plain\">visit-").skip(1);
        seen.extend(new.map(|part| part.split('.').next().unwrap().to_owned()));
        let Some(older) = page.links(&at(&app, ada, "/history?before=")).pop() else { break };
        address = older;
    }
    let expected: Vec<_> = (1..120).rev().map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
    let beyond = browser.get(&app, &at(&app, ada, "/history?before=0")).await;
    assert!(beyond.status == 200 && beyond.body.contains("There are no older changes"));
    for nonsense in ["before=x", "before=-1", "before=1&before=2"] {
        let page = browser.get(&app, &at(&app, ada, &format!("/history?{nonsense}"))).await;
        assert!(page.status == 200 && page.body.contains("visit-119."), "{nonsense}");
    }
}

#[tokio::test]
async fn a_blocked_user_is_identified_by_no_token_until_the_block_is_lifted() {
    let app = TestApp::start().await;
    let ada = identified(&app, json!({ "user_id": "ada", "name": "Ada" })).await;
    let browser = Browser::logged_in(&app).await;
    let question = browser.get(&app, &at(&app, ada, "/block")).await;
    assert!(question.status == 200 && question.body.contains("identity_blocked"));
    assert!(question.body.contains("They can still chat") && question.body.contains("Nothing is deleted"));
    assert!(!find(&app, "ada").await.unwrap().blocked, "a question changes nothing");
    // What is not blocked cannot be unblocked.
    let page = browser.get(&app, &at(&app, ada, "/unblock")).await;
    assert_eq!((page.status, page.location()), (303, at(&app, ada, "").as_str()));

    let token = app.token(json!({ "user_id": "ada" }));
    for (deed, blocked, said) in
        [("block", true, "no token identifies"), ("unblock", false, "identify this user again")]
    {
        // Once more does no harm.
        for _ in 0..2 {
            let page = browser.post(&app, &at(&app, ada, &format!("/{deed}")), &[]).await;
            assert_eq!(
                (page.status, page.location()),
                (303, at(&app, ada, &format!("?notice={deed}ed")).as_str())
            );
            let page = browser.get(&app, page.location()).await;
            assert!(page.body.contains(said), "{}", page.body);
            assert_eq!(page.body.contains("badge bad\">Blocked</span></div>"), blocked);
        }
        assert_eq!(find(&app, "ada").await.unwrap().blocked, blocked);
        let result = serde_json::to_value(Client::new().identify(&app, token.expose()).await).unwrap();
        assert_eq!(result["identified"], !blocked, "{result}");
        let asked = browser.get(&app, &at(&app, ada, &format!("/{deed}"))).await;
        assert_eq!((asked.status, asked.location()), (303, at(&app, ada, "").as_str()), "done already");
    }
    // Two changes are noted, not four.
    let history = browser.get(&app, &at(&app, ada, "/history")).await;
    assert_eq!(history.body.matches(&format!("<bdi>{EMAIL}</bdi>")).count(), 2);
}

#[tokio::test]
async fn where_identity_is_required_the_question_says_that_a_block_ends_the_chat() {
    let app = TestApp::start().await;
    let ada = identified(&app, json!({ "user_id": "ada" })).await;
    let scope = app.scope;
    app.write(move |writer| writer.set_enforcement(&scope, Enforcement::Require)).await;
    let browser = Browser::logged_in(&app).await;
    let question = browser.get(&app, &at(&app, ada, "/block")).await;
    assert!(question.body.contains("they cannot chat any more"), "{}", question.body);
}

#[tokio::test]
async fn an_export_is_a_file_with_all_that_is_kept_of_one_person() {
    let app = TestApp::start().await;
    let name = "\"; filename=\"evil.html\r\n";
    let token = app.token(json!({ "user_id": "a\"da/../x", "name": name, "plan": "Pro" }));
    Client::with_token(&token).chat(&app, "My question", None).await;
    let other = app.token(json!({ "user_id": "ben" }));
    Client::with_token(&other).chat(&app, "Somebody else's", None).await;
    let ada = find(&app, "a\"da/../x").await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    let file = browser.get(&app, &at(&app, ada, "/export")).await;
    assert_eq!(file.status, 200);
    for (header, value) in [
        ("content-type", "application/json".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{ada}.json\"")),
        ("cache-control", "no-store".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ] {
        assert_eq!(file.headers[header].to_str().unwrap(), value);
    }
    let kept: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(kept["profile"]["user_id"], "a\"da/../x");
    assert_eq!(kept["conversations"][0]["messages"][0]["text"], "My question");
    assert!(!file.body.contains("Somebody else"));
}

#[tokio::test]
async fn a_person_is_erased_only_by_name_and_nothing_of_them_is_left() {
    let app = TestApp::start().await;
    let token =
        app.token(json!({ "user_id": "cust_ada", "email": "ada@example.com", "plan": "Pro", "seats": 2 }));
    let mut visitor = Client::with_token(&token);
    let conversation = visitor.chat(&app, "One", None).await.accepted().conversation_id.to_string();
    visitor.chat(&app, "Two", Some(&conversation)).await;
    visitor.chat(&app, "Three", None).await;
    identified(&app, json!({ "user_id": "ben" })).await;
    app.log().await;
    let ada = find(&app, "cust_ada").await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    let path = at(&app, ada, "/erase");

    let question = browser.get(&app, &path).await;
    assert_eq!(question.status, 200);
    for loss in ["2 verified claims", "2 conversations", "6 messages", "3 attempts", "1 session"] {
        assert!(question.body.contains(loss), "{loss} is not in {}", question.body);
    }
    assert!(question.body.contains("cannot be undone") && question.body.contains(&at(&app, ada, "/export")));

    for wrong in ["", "CUST_ADA", "cust_ad", "ada@example.com", "<b>"] {
        let page = browser.post(&app, &path, &[("user_id", wrong)]).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert!(page.body.contains("Nothing was erased") && page.body.contains("aria-invalid"), "{wrong}");
        assert!(!page.body.contains("<b>"), "what was typed is no markup");
    }
    assert_eq!(browser.post(&app, &path, &[]).await.status, 422);
    assert_eq!(find(&app, "cust_ada").await.map(|profile| profile.id), Some(ada), "not yet");

    let page = browser.post(&app, &path, &[("user_id", " cust_ada ")]).await;
    assert_eq!((page.status, page.location()), (303, format!("{}?notice=erased", list(&app)).as_str()));
    let page = browser.get(&app, page.location()).await;
    assert!(page.body.contains("Erased: the profile") && user_ids(&page) == ["ben"], "{}", page.body);
    let gone = format!("/dashboard/agents/{}/conversations/{conversation}", app.agent);
    for path in [&at(&app, ada, ""), &path, &at(&app, ada, "/export"), &at(&app, ada, "/history"), &gone] {
        assert_eq!(browser.get(&app, path).await.status, 404, "{path}");
    }
    assert_eq!(browser.post(&app, &path, &[("user_id", "cust_ada")]).await.status, 404, "a second time");
    assert!(app.log().await.iter().all(|attempt| attempt.profile != Some(ada)));

    // The user comes back as somebody of whom nothing is known.
    let again = identified(&app, json!({ "user_id": "cust_ada" })).await;
    let page = browser.get(&app, &at(&app, again, "")).await;
    assert!(again != ada && !page.body.contains("ada@example.com") && !page.body.contains("plan"));
}

#[tokio::test]
async fn while_somebody_reads_an_older_state_the_erasure_says_that_the_files_are_cleaned_later() {
    let app = TestApp::start().await;
    let ada = identified(&app, json!({ "user_id": "ada" })).await;
    let browser = Browser::logged_in(&app).await;
    let (scope, (started, start)) = (app.scope, tokio::sync::oneshot::channel());
    let (release, hold) = std::sync::mpsc::channel::<()>();
    let reading = app.store.read(move |reader| {
        let found = reader.profile(&scope, ada)?.is_some();
        started.send(()).unwrap();
        let _ = hold.recv();
        Ok::<_, StoreError>(found)
    });
    let erasing = async {
        start.await.unwrap();
        let page = browser.post(&app, &at(&app, ada, "/erase"), &[("user_id", "ada")]).await;
        drop(release);
        page
    };
    let (found, page) = tokio::join!(reading, erasing);
    assert!(found.unwrap());
    assert_eq!((page.status, find(&app, "ada").await.is_some()), (303, false));
    let page = browser.get(&app, page.location()).await;
    assert!(page.body.contains("with the next writes"), "{}", page.body);
}

#[tokio::test]
async fn a_user_id_that_is_spaces_apart_from_another_must_be_typed_with_its_spaces() {
    let app = TestApp::start().await;
    let spaced = identified(&app, json!({ "user_id": " ada " })).await;
    let browser = Browser::logged_in(&app).await;
    let refused = browser.post(&app, &at(&app, spaced, "/erase"), &[("user_id", "ada")]).await;
    assert_eq!(refused.status, 422);
    let erased = browser.post(&app, &at(&app, spaced, "/erase"), &[("user_id", " ada ")]).await;
    assert_eq!(erased.status, 303);
}

#[tokio::test]
async fn the_conversations_of_one_profile_have_a_list() {
    let app = TestApp::start().await;
    let mut visitor = Client::with_token(&app.token(json!({ "user_id": "ada", "name": "Ada" })));
    for n in 0..12 {
        visitor.chat(&app, &format!("question-{n}"), None).await;
    }
    Client::new().chat(&app, "anonymous", None).await;
    let ada = find(&app, "ada").await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &at(&app, ada, "")).await;
    let base = format!("/dashboard/agents/{}/conversations", app.agent);
    assert_eq!(page.links(&format!("{base}/")).len(), 10);
    let all = page.links(&format!("{base}?profile_id="));
    let page = browser.get(&app, &all[0]).await;
    assert_eq!(page.links(&format!("{base}/")).len(), 12);
    assert!(page.body.contains("Only those of") && !page.body.contains("anonymous"));
    for id in
        ["x".to_owned(), app.agent.to_string(), mint::<eloquent_types::id::ProfileKind>(START).to_string()]
    {
        assert_eq!(browser.get(&app, &format!("{base}?profile_id={id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn nothing_that_was_signed_or_said_becomes_markup_or_an_address() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let app = TestApp::start().await;
    let mut visitor = Client::with_token(&app.token(json!({
        "user_id": EVIL, "email": EVIL, "name": EVIL, EVIL: EVIL, "x": "javascript:alert(1)",
    })));
    let mut body = visitor.chat_body("Hello", None);
    body["attributes"] = json!({ format!("h{EVIL}"): EVIL });
    client::read(visitor.post(app.api("/chat")).json(&body).send().await.unwrap()).await;
    app.clock.advance(Duration::from_secs(1));
    identified(&app, json!({ "user_id": EVIL, "email": format!("{EVIL}2"), EVIL: "2" })).await;
    let id = find(&app, EVIL).await.unwrap().id;
    let browser = Browser::logged_in(&app).await;
    for path in [
        list(&app),
        format!("{}?search={}&claim={}", list(&app), escaped(EVIL), escaped(EVIL)),
        at(&app, id, ""),
        at(&app, id, "/history"),
        at(&app, id, "/block"),
        at(&app, id, "/erase"),
        format!("/dashboard/agents/{}/identity/claims", app.agent),
        format!("/dashboard/agents/{}/conversations?profile_id={id}", app.agent),
    ] {
        let page = browser.get(&app, &path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("&lt;script&gt;alert(1)"), "{path}: {}", page.body);
        for live in ["<script>", "<img", "href=\"javascript", " style=", "\"'&gt;"] {
            assert!(!page.body.contains(live), "{live} is in {path}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn another_agents_profile_is_not_found_and_not_changed() {
    let app = TestApp::start().await;
    let ada = identified(&app, json!({ "user_id": "ada" })).await;
    let (company, agent) = (app.company, agent_named("Second"));
    let second = agent.id;
    app.write(move |writer| writer.create_agent(&company, &agent).map(drop)).await;
    let browser = Browser::logged_in(&app).await;
    let foreign = format!("/dashboard/agents/{second}/profiles");
    for id in [ada.to_string(), mint::<eloquent_types::id::ProfileKind>(START).to_string(), "x".to_owned()] {
        for rest in ["", "/history", "/export", "/block", "/unblock", "/erase"] {
            let page = browser.get(&app, &format!("{foreign}/{id}{rest}")).await;
            assert_eq!(page.status, 404, "{id}{rest}");
        }
        for (rest, fields) in [("/block", &[][..]), ("/unblock", &[]), ("/erase", &[("user_id", "ada")])] {
            let page = browser.post(&app, &format!("{foreign}/{id}{rest}"), fields).await;
            assert_eq!(page.status, 404, "{id}{rest}");
        }
    }
    assert_eq!(
        browser.get(&app, &format!("/dashboard/agents/{second}/conversations?profile_id={ada}")).await.status,
        404
    );
    let profile = find(&app, "ada").await.unwrap();
    assert!(!profile.blocked);
    let scope = app.scope;
    let changes = app
        .store
        .read(move |reader| Ok::<_, StoreError>(reader.profile_history(&scope, ada, None, 9)?.len()));
    assert_eq!(changes.await.unwrap(), 1);
}
