//! What the pages show of visitors, and that nothing which anybody wrote becomes markup.

use eloquent_store::{NewAgent, NewKey};
use eloquent_tests::{
    app::{START, TestApp, mint},
    client::Client,
};
use serde_json::json;

use super::member::Browser;

#[tokio::test]
async fn the_overview_holds_the_tag_for_the_site() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let agents = browser.get(&app, "/dashboard").await;
    assert_eq!(agents.links("/dashboard/agents/"), [format!("/dashboard/agents/{}", app.agent)]);
    let page = browser.get(&app, &format!("/dashboard/agents/{}", app.agent)).await;
    let tag = format!(
        "&lt;script async src=&quot;{}/eloquent.js&quot; data-agent-id=&quot;{}&quot;&gt;",
        app.url, app.agent
    );
    assert!(page.body.contains(&tag), "{}", page.body);
    assert!(page.body.contains("No conversations yet"));
}

#[tokio::test]
async fn the_tag_brings_the_colour_of_its_agent() {
    let mut app = TestApp::start().await;
    let agent = NewAgent {
        id: mint(START),
        name: "Green".to_owned(),
        greeting: String::new(),
        instructions: String::new(),
        starters: Vec::new(),
        accent: Some("#1f6f4a".to_owned()),
        locale: None,
        allowed_origins: Vec::new(),
        now: START,
    };
    let company = app.company;
    app.agent = agent.id;
    app.write(move |writer| writer.create_agent(&company, &agent)).await;
    let browser = Browser::logged_in(&app).await;
    let page = browser.get(&app, &format!("/dashboard/agents/{}", app.agent)).await;
    let tag = format!("data-agent-id=&quot;{}&quot; data-accent=&quot;#1f6f4a&quot;&gt;", app.agent);
    assert!(page.body.contains(&tag), "{}", page.body);
}

#[tokio::test]
async fn a_verified_conversation_shows_who_it_was_and_what_the_agent_saw() {
    let app = TestApp::start().await;
    let token = app.token(json!({
        "user_id": "42", "email": "ada@example.com", "name": "Ada Okafor", "plan": "Enterprise", "seats": 5,
        "limits": { "a": 12_345_678_901_234_567_890_u64 },
    }));
    let mut visitor = Client::with_token(&token);
    let question = "How do I ask for a refund?";
    let id = visitor.chat(&app, question, None).await.accepted().conversation_id.to_string();
    // The same session goes on without the token: what it says is not vouched for.
    visitor.token = None;
    visitor.chat(&app, "And am I an admin?", Some(&id)).await;

    let browser = Browser::logged_in(&app).await;
    let base = format!("/dashboard/agents/{}", app.agent);
    let list = browser.get(&app, &format!("{base}/conversations")).await;
    assert!(list.body.contains(question) && list.body.contains("ada@example.com"));
    let page = browser.get(&app, &list.links(&format!("{base}/conversations/"))[0]).await;
    let (verified, unverified) = page.body.split_once("And am I an admin?").unwrap();
    let (before, byline) = verified.rsplit_once("class=\"byline\"").unwrap();
    assert!(before.contains("Ada Okafor") && before.contains("Verified"));
    assert!(
        byline.contains("Visitor") && byline.contains("Not verified") && !byline.contains("Ada"),
        "{byline}"
    );
    // The answer is Markdown that became elements, with its source; its context is there to the letter.
    assert!(page.body.contains("<strong>Ask for a refund</strong>"), "{}", page.body);
    assert!(page.body.contains(
        "href=\"https://help.example.com/refunds\" target=\"_blank\" rel=\"noopener noreferrer nofollow\""
    ));
    assert!(
        before.contains("The context that the agent saw") && before.contains("&lt;verified_identity&gt;")
    );
    assert!(!unverified.split("class=\"beside\"").next().unwrap().contains("&quot;Enterprise&quot;"));

    let profiles = browser.get(&app, &format!("{base}/profiles")).await;
    let profile = browser.get(&app, &profiles.links(&format!("{base}/profiles/"))[0]).await;
    for shown in [
        "Ada Okafor",
        "ada@example.com",
        "Enterprise",
        "seats",
        "{&quot;a&quot;:12345678901234567890}",
        question,
    ] {
        assert!(profile.body.contains(shown), "{shown} is not in {}", profile.body);
    }
    for left_out in ["<bdi>iat</bdi>", "<bdi>exp</bdi>"] {
        assert!(!profile.body.contains(left_out), "{left_out}");
    }
    let found = browser.get(&app, &format!("{base}/profiles?search=ADA%40")).await;
    assert_eq!(found.links(&format!("{base}/profiles/")).len(), 1);
    let none = browser.get(&app, &format!("{base}/profiles?search=%3Cb%3Enobody")).await;
    assert!(none.body.contains("Nobody matches this search") && !none.body.contains("<b>nobody"));
}

#[tokio::test]
async fn an_anonymous_visitor_is_called_that() {
    let app = TestApp::start().await;
    Client::new().chat(&app, "Hello, I am Ada", None).await;
    let browser = Browser::logged_in(&app).await;
    let base = format!("/dashboard/agents/{}", app.agent);
    let list = browser.get(&app, &format!("{base}/conversations")).await;
    assert!(list.body.contains("Anonymous") && !list.body.contains("Verified<"));
    let page = browser.get(&app, &list.links(&format!("{base}/conversations/"))[0]).await;
    assert!(page.body.contains("Anonymous visitor") && page.body.contains("Not verified"));
    assert!(!page.body.contains("badge good"), "{}", page.body);
    let profiles = browser.get(&app, &format!("{base}/profiles")).await;
    assert!(profiles.body.contains("No verified visitors yet"));
}

#[tokio::test]
async fn nothing_that_anybody_wrote_becomes_markup() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut app = TestApp::start().await;
    let agent = NewAgent {
        id: mint(START),
        name: EVIL.to_owned(),
        greeting: EVIL.to_owned(),
        instructions: EVIL.to_owned(),
        starters: Vec::new(),
        accent: Some(EVIL.to_owned()),
        locale: None,
        allowed_origins: Vec::new(),
        now: START,
    };
    let (company, id, nonce) = (app.company, mint(START), [9; 24]);
    let secret = eloquent_identity::Secret::generate([3; 32]);
    app.agent = agent.id;
    app.secret = eloquent_identity::Secret::parse(secret.expose()).unwrap();
    app.write(move |writer| {
        let scope = writer.create_agent(&company, &agent)?;
        let key = NewKey { id, name: EVIL.to_owned(), secret: &secret, nonce, now: START };
        writer.create_key(&scope, &key).unwrap();
        Ok(())
    })
    .await;
    let claims = json!({
        "user_id": EVIL, "email": EVIL, "name": EVIL, EVIL: EVIL, "nested": { EVIL: [EVIL] },
        "link": "javascript:alert(1)",
    });
    let mut visitor = Client::with_token(&app.token(claims));
    let mut body = visitor.chat_body(EVIL, None);
    body["page"] = json!({ "url": format!("javascript:{EVIL}"), "title": EVIL });
    let response = visitor.post(app.api("/chat")).json(&body).send().await.unwrap();
    eloquent_tests::client::read(response).await;

    let browser = Browser::logged_in(&app).await;
    let base = format!("/dashboard/agents/{}", app.agent);
    let mut pages = vec![
        browser.get(&app, "/dashboard").await,
        browser.get(&app, &base).await,
        browser.get(&app, &format!("{base}/identity")).await,
        browser.get(&app, &format!("{base}/identity/keys/{id}/revoke")).await,
    ];
    for list in ["profiles", "conversations"] {
        let page = browser.get(&app, &format!("{base}/{list}")).await;
        pages.push(browser.get(&app, &page.links(&format!("{base}/{list}/"))[0]).await);
        pages.push(page);
    }
    for page in pages {
        assert_eq!(page.status, 200);
        assert!(page.body.contains("&lt;script&gt;alert(1)"), "{}", page.body);
        for live in ["<script>", "<img", "href=\"javascript", "\"'&gt;"] {
            assert!(!page.body.contains(live), "{live} is in {}", page.body);
        }
    }
}

#[tokio::test]
async fn long_lists_have_pages() {
    let app = TestApp::start().await;
    for user in 0..51 {
        let token = app.token(json!({ "user_id": format!("user-{user}") }));
        Client::new().identify(&app, token.expose()).await;
    }
    let browser = Browser::logged_in(&app).await;
    let path = format!("/dashboard/agents/{}/profiles", app.agent);
    let first = browser.get(&app, &path).await;
    assert_eq!(first.links(&format!("{path}/")).len(), 50);
    assert_eq!(first.links(&format!("{path}?")), [format!("{path}?page=2")]);
    let second = browser.get(&app, &format!("{path}?page=2")).await;
    assert_eq!(second.links(&format!("{path}/")).len(), 1);
    assert_eq!(second.links(&format!("{path}?")), [format!("{path}?page=1")]);
    let searched = browser.get(&app, &format!("{path}?search=user-&page=1")).await;
    assert_eq!(searched.links(&format!("{path}?")), [format!("{path}?search=user-&amp;page=2")]);
    let overview = browser.get(&app, &format!("/dashboard/agents/{}", app.agent)).await;
    assert!(overview.body.contains("<dd>51</dd>"), "{}", overview.body);
    for nonsense in ["page=0", "page=-1", "page=x", "page=99999999999", "search=%FF", "page=1&page=2"] {
        assert_eq!(browser.get(&app, &format!("{path}?{nonsense}")).await.status, 200, "{nonsense}");
    }
}
