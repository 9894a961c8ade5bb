//! Becoming somebody: by a host site's real tokens, too early, and with tokens that do not verify.

use eloquent_identity::{Secret, Token};
use eloquent_store::NewAgent;
use eloquent_tests::{
    app::{TestApp, TestOptions, mint},
    browser::{
        Browser,
        chat::Chat,
        express::Express,
        host::{HostPage, STUB, page, tag},
    },
};
use eloquent_types::{id::AgentId, time::Timestamp};
use serde_json::{Value, json};

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, conversations, teach};

/// Notes what is sent to the chat's server: the path, the session, and the whole of it.
const SPY: &str = "<script>
    window.sent = [];
    const original = window.fetch;
    window.fetch = (request, ...rest) => {
        if (request instanceof Request)
            request.clone().text().then((body) => sent.push({
                path: new URL(request.url).pathname.split('/').pop(),
                session: request.headers.get('authorization'),
                all: request.url + [...request.headers] + body,
            }));
        return original(request, ...rest);
    };
    </script>";

/// The sessions of the messages that were sent, in their order.
async fn sessions(browser: &Browser) -> Vec<Option<String>> {
    let chats = "return window.sent.filter(({ path }) => path === 'chat').map(({ session }) => session)";
    browser.eval(chats, json!(null)).await
}

async fn app() -> TestApp {
    TestApp::with(TestOptions { real_time: true, ..TestOptions::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_the_express_site_is_greeted_by_name_and_told_the_plan() {
    let app = app().await;
    let site = Express::start(&app).await;
    let browser = Browser::start().await;
    browser.goto(&site.url).await;
    browser.until::<bool>("document.querySelector('#identity').dataset.state === 'anonymous'").await;

    browser.click("#login button[type=submit]").await;
    browser.until::<bool>("document.querySelector('#identity').dataset.state === 'identified'").await;
    let result: Value = browser
        .eval("return JSON.parse(document.querySelector('#identity').dataset.result)", json!(null))
        .await;
    assert_eq!(result["ok"], true);
    assert_eq!(result["userId"], "cust_ada");

    let chat = Chat(&browser);
    chat.open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Ada") && answer.contains("Enterprise"), "{answer}");
    assert_eq!(chat.state().await["userId"], "cust_ada");
    // The site answers 401 while nobody is logged in, which the browser's console mentions.
    browser.assert_no_errors(&["/api/eloquent-token"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_verify_leaves_an_anonymous_chat_that_works() {
    let app = app().await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    let stranger = Secret::generate([9; 32]);
    let now = app.now_secs();
    let cases = [
        ("token_expired", app.token(json!({ "user_id": "ada", "iat": now - 120, "exp": now - 60 }))),
        ("signature_invalid", app.token_with(&stranger, json!({ "user_id": "ada" }))),
        ("user_id_not_string", app.token(json!({ "user_id": 42 }))),
        // {"alg":"none","typ":"JWT"} and {"user_id":"ada"}, without a signature.
        ("alg_not_allowed", Token::new("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJ1c2VyX2lkIjoiYWRhIn0.")),
    ];
    for (code, token) in cases {
        browser.goto(&host.url).await;
        browser.eval::<()>("localStorage.clear()", json!(null)).await;
        browser.reload().await;
        let chat = Chat(&browser);
        let result = chat.identify(token.expose()).await;
        assert_eq!((&result["ok"], &result["identified"]), (&json!(false), &json!(false)), "{result}");
        assert_eq!(result["code"], code, "{result}");
        assert!(result["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{result}");

        chat.open().await;
        let answer = chat.ask("Which plan am I on?").await;
        assert!(answer.contains("I cannot know that"), "{code}: {answer}");
        let answer = chat.ask("How do I ask for a refund?").await;
        assert!(answer.contains("Open the order"), "{code}: {answer}");
        assert_eq!(chat.state().await["identified"], false);
        // The visitor sees nothing of it.
        let seen = chat.all_text().await;
        assert!(!seen.contains(code) && !seen.contains("token"), "{seen}");
        chat.until("!root.querySelector('.status.verified')").await;
        assert!(chat.lines().await.iter().all(|line| line.state.is_empty() && line.note.is_empty()));
        browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identify_works_before_the_script_has_loaded_and_after() {
    let app = app().await;
    let token = app.token(json!({ "user_id": "ada", "name": "Ada Okafor" }));
    let early = format!(
        "{STUB}<script>window.waiting = []; window.early = eloquent('identify', {{ token: '{}' }});\
        window.queued = eloquent.q.length</script>",
        token.expose()
    );
    let host = HostPage::serve(page(&early, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    assert_eq!(browser.eval::<u32>("return window.queued", json!(null)).await, 1);
    let result: Value = browser.eval("return window.early", json!(null)).await;
    assert_eq!((&result["identified"], &result["userId"]), (&json!(true), &json!("ada")), "{result}");
    assert_eq!(result["switchedUser"], false);

    // The same again, now that the widget is there.
    let chat = Chat(&browser);
    let again = chat.identify(app.token(json!({ "user_id": "ada", "name": "Ada" })).expose()).await;
    assert_eq!((&again["identified"], &again["profileId"]), (&json!(true), &result["profileId"]), "{again}");
    assert_eq!(chat.state().await["identified"], true);
    chat.open().await;
    chat.until("root.querySelector('.status.verified')").await;
    assert!(!browser.storage().await.contains(token.expose()));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_conversation_is_claimed_once_and_gets_a_session_of_its_own() {
    let app = app().await;
    let host = HostPage::serve(page(SPY, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    chat.open().await;
    for _ in 0..2 {
        chat.ask("How do I ask for a refund?").await;
    }
    let before = chat.state().await["conversationId"].clone();
    let ada = app.token(json!({ "user_id": "ada", "plan": "Enterprise" }));
    let result = chat.identify(ada.expose()).await;
    assert_eq!((&result["claimedConversation"], &result["switchedUser"]), (&json!(true), &json!(false)));
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    assert_eq!((chat.lines().await.len(), &chat.state().await["conversationId"]), (6, &before));
    // The same user again, with another token: nothing is claimed, nothing changes.
    let again = app.token(json!({ "user_id": "ada", "plan": "Starter" }));
    let result = chat.identify(again.expose()).await;
    assert_eq!((&result["claimedConversation"], &result["switchedUser"]), (&json!(false), &json!(false)));
    assert!(chat.ask("Which plan am I on?").await.contains("Starter"));
    assert_eq!((chat.lines().await.len(), &chat.state().await["conversationId"]), (8, &before));
    let sessions = sessions(&browser).await;
    let [None, Some(anonymous), Some(first), Some(second)] = sessions.as_slice() else {
        panic!("{sessions:?}");
    };
    assert_ne!(anonymous, first, "an anonymous session does not become a user's");
    assert_eq!(first, second);
    assert!(!browser.storage().await.contains("vst_"));
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_on_the_same_page_sees_and_sends_nothing_of_the_one_before() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let host = HostPage::serve(page(SPY, &tag(&app, ""))).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let ada = app.token(json!({ "user_id": "ada" }));
    chat.identify(ada.expose()).await;
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming')").await;
    let hers = chat.state().await["conversationId"].clone();
    let result = chat.identify(app.token(json!({ "user_id": "bob" })).expose()).await;
    assert_eq!((&result["userId"], &result["switchedUser"]), (&json!("bob"), &json!(true)), "{result}");
    chat.until("!root.querySelector('.log > .row')").await;
    browser.eval::<()>("window.sent.length = 0", json!(null)).await;
    chat.ask("How do I ask for a refund?").await;
    assert!(!chat.all_text().await.contains("descale"));
    let sent: Value = browser.eval("return window.sent", json!(null)).await;
    let sent = sent.to_string();
    assert!(!sent.contains(ada.expose()) && !sent.contains(hers.as_str().unwrap()), "{sent}");
    // She comes back: her conversation does, too, with the answer that went on without her.
    let result = chat.identify(ada.expose()).await;
    assert_eq!(result["switchedUser"], true, "{result}");
    let answer = chat.answer_to(LONG_QUESTION).await;
    assert!(answer.contains("machine --rinse 2"), "{answer}");
    assert_eq!(chat.state().await["conversationId"], hers);
    assert!(!chat.all_text().await.contains("Open the order"));
    assert_eq!(conversations(&app, app.scope).await.len(), 2);
    browser.assert_no_errors(&[]).await;
}

/// A second agent of the company; nobody is identified there.
async fn second_agent(app: &TestApp) -> AgentId {
    let now = Timestamp::from_secs(app.now_secs());
    let agent = NewAgent {
        id: mint(now),
        name: "Sales".to_owned(),
        greeting: "Hello!".to_owned(),
        instructions: "Be brief.".to_owned(),
        starters: Vec::new(),
        accent: None,
        locale: None,
        allowed_origins: Vec::new(),
        now,
    };
    let (id, company) = (agent.id, app.company);
    app.write(move |writer| writer.create_agent(&company, &agent)).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_clears_all_tabs_of_the_agent_and_no_other_agents() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let sales = second_agent(&app).await;
    // One origin, whose pages embed the agent of their address.
    let embed = format!(
        "<script>const tag = document.createElement('script'); tag.src = '{}/eloquent.js';
        tag.dataset.agentId = new URLSearchParams(location.search).get('agent'); document.head.append(tag)</script>",
        app.url
    );
    let host = HostPage::serve(page("", &embed)).await;
    let browser = Browser::start().await;
    let chat = Chat(&browser);
    let at = |agent: AgentId| format!("{}?agent={agent}", host.url);
    let token = app.token(json!({ "user_id": "ada" }));

    browser.goto(&at(sales)).await;
    chat.open().await;
    chat.send("Hello, sales").await;
    chat.until("root.querySelector('.row.agent:not(.streaming)')").await;
    let other = browser.tab().await;
    browser.new_tab().await;
    browser.goto(&at(app.agent)).await;
    chat.identify(token.expose()).await;
    chat.open().await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming')").await;
    let first = browser.tab().await;
    browser.new_tab().await;
    browser.goto(&at(app.agent)).await;
    chat.identify(token.expose()).await;
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    assert_eq!(chat.call("logout", Value::Null).await, json!({ "ok": true }));
    assert_eq!(chat.lines().await, []);

    browser.switch_to(&first).await;
    chat.until("!root.querySelector('.log > .row')").await;
    assert!(!chat.all_text().await.contains("descale"));
    let state = chat.state().await;
    assert_eq!((&state["identified"], &state["conversationId"]), (&json!(false), &Value::Null), "{state}");

    browser.switch_to(&other).await;
    assert!(chat.all_text().await.contains("Hello, sales"));
    assert!(browser.storage().await.contains(&sales.to_string()));
    assert!(!browser.storage().await.contains(&format!("eloquent:{}", app.agent)));
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_of_two_users_never_meet_and_two_of_one_user_do() {
    let app = app().await;
    let host = HostPage::embedding(&app).await;
    let (ada, bob) = (app.token(json!({ "user_id": "ada" })), app.token(json!({ "user_id": "bob" })));
    let (one, other) = Browser::pair().await;
    for (browser, token) in [(&one, &ada), (&other, &bob)] {
        browser.goto(&host.url).await;
        Chat(browser).identify(token.expose()).await;
        Chat(browser).open().await;
    }
    Chat(&one).ask("How do I ask for a refund?").await;
    let hers = Chat(&one).state().await["conversationId"].clone();
    // He knows the conversation's id, and asks for it.
    Chat(&other).call("open", json!({ "conversationId": hers })).await;
    Chat(&other).ask("Hello").await;
    assert_ne!(Chat(&other).state().await["conversationId"], hers);
    assert!(!Chat(&other).all_text().await.contains("refund?"));
    // With a token of hers it is another device of hers.
    let result = Chat(&other).identify(ada.expose()).await;
    assert_eq!(result["switchedUser"], true, "{result}");
    assert!(Chat(&other).answer_to("How do I ask for a refund?").await.contains("Open the order"));
    assert_eq!(Chat(&other).state().await["conversationId"], hers);
    other.eval::<()>("await eloquent('logout')", json!(null)).await;
    // After the log-out the id alone opens nothing, there or by loading the page again.
    Chat(&other).call("open", json!({ "conversationId": hers })).await;
    Chat(&other).ask("Hello").await;
    assert!(!Chat(&other).all_text().await.contains("refund?"));
    assert_eq!(Chat(&one).lines().await.len(), 2, "her own page has not changed");
    // The server says 404 to what is not his, which the browser's console mentions.
    other.assert_no_errors(&["404"]).await;
    one.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reload_the_history_needs_the_token_again() {
    let app = app().await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let token = app.token(json!({ "user_id": "ada", "iat": app.now_secs() - 30 }));
    chat.identify(token.expose()).await;
    chat.open().await;
    chat.ask("How do I ask for a refund?").await;
    browser.reload().await;
    chat.is_open().await;
    assert_eq!(chat.lines().await, []);
    assert_eq!(chat.state().await["conversationId"], Value::Null);
    chat.identify(token.expose()).await;
    assert!(chat.answer_to("How do I ask for a refund?").await.contains("Open the order"));
    browser.assert_no_errors(&[]).await;
}
