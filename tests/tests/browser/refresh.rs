//! Tokens that end while the page stays open: fresh ones from `getToken`, and what becomes of the chat
//! without them. Tokens of a few seconds, the browser's real timers, and no wait but for what happens.

use std::time::Duration;

use eloquent_identity::Token;
use eloquent_tests::{
    app::{TestApp, TestOptions},
    browser::{
        Browser,
        chat::Chat,
        host::{HostPage, STUB, page, tag},
    },
};
use serde_json::{Value, json};

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, SLOW, conversations, teach};

/// A page whose `getToken` is answered by the test (`give`), and which notes the events about identity
/// and what is sent to the chat's server.
const PAGE: &str = "<script>
    window.heard = [];
    for (const name of ['identify', 'identity:expiring', 'identity:expired', 'identity:changed', 'logout', 'message:sent'])
        addEventListener('eloquent:' + name, (event) => heard.push(event.detail));
    window.asked = 0;
    window.getToken = () => { asked++; return window.auto ? auto() : new Promise((resolve, reject) => { window.give = resolve; window.refuse = reject; }); };
    window.sent = [];
    const original = window.fetch;
    window.fetch = (request, ...rest) => {
        if (request instanceof Request)
            request.clone().text().then((body) => sent.push({
                url: request.url,
                session: request.headers.get('authorization'),
                token: request.headers.get('x-eloquent-identity') ?? (body && JSON.parse(body).identity_token),
                body: body && JSON.parse(body),
            }));
        return original(request, ...rest);
    };
    </script>";

/// A server, a browser, and the page.
struct Scene {
    app: TestApp,
    browser: Browser,
    _host: HostPage,
}

impl Scene {
    async fn start() -> Self {
        Self::with(scene::app(Duration::ZERO).await, "").await
    }

    async fn with(app: TestApp, before: &str) -> Self {
        let host = HostPage::serve(page(&format!("{before}{PAGE}{STUB}"), &tag(&app, ""))).await;
        let browser = Browser::start().await;
        browser.goto(&host.url).await;
        Self { app, browser, _host: host }
    }

    fn chat(&self) -> Chat<'_> {
        Chat(&self.browser)
    }

    /// A token of this user's that has so many seconds left.
    fn token(&self, user: &str, plan: &str, seconds: i64) -> Token {
        self.app.token(json!({ "user_id": user, "plan": plan, "exp": self.app.now_secs() + seconds }))
    }

    /// `identify` with the page's `getToken`.
    async fn identify(&self, token: &Token) -> Value {
        let script = "return eloquent('identify', { token: args, getToken: window.getToken })";
        self.browser.eval(script, json!(token.expose())).await
    }

    /// Waits until `getToken` is called.
    async fn asked(&self) {
        self.browser.until::<bool>("window.asked > 0").await;
    }

    /// From here on `getToken` gives this at once.
    async fn gives(&self, token: &Token) {
        self.browser.eval::<()>("window.auto = async () => args", json!(token.expose())).await;
    }

    async fn give(&self, token: &Token) {
        self.browser.eval::<()>("window.give(args)", json!(token.expose())).await;
    }

    /// Waits for an event.
    async fn hears(&self, name: &str) {
        self.browser.until::<bool>(&format!("window.heard.some((event) => event.type === '{name}')")).await;
    }

    async fn heard(&self) -> Vec<String> {
        self.browser.eval("return window.heard.map((event) => event.type)", json!(null)).await
    }

    /// Waits until the widget has a token that ends this late, in seconds from now, at least.
    async fn lasts(&self, seconds: i64) {
        let end = (self.app.now_secs() + seconds) * 1000;
        let later =
            format!("eloquent('getState').then((state) => Date.parse(state.tokenExpiresAt) >= {end})");
        self.browser.until::<bool>(&format!("await {later}")).await;
    }

    /// The verified marks of the visitor's messages in the store.
    async fn marks(&self) -> Vec<bool> {
        let newest =
            conversations(&self.app, self.app.scope).await.into_iter().next().expect("a conversation");
        let asked = newest
            .messages
            .into_iter()
            .filter(|message| message.role == eloquent_types::conversation::Role::Visitor);
        asked.map(|message| message.verified).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_comes_before_the_old_one_ends_and_nothing_is_seen_of_it() {
    let scene = Scene::start().await;
    scene.gives(&scene.token("ada", "Enterprise", 3600)).await;
    assert_eq!(scene.identify(&scene.token("ada", "Starter", 15)).await["identified"], true);
    let chat = scene.chat();
    chat.open().await;
    scene.lasts(3000).await;
    assert_eq!(scene.heard().await, ["identify", "identity:expiring", "identify"]);
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("Enterprise"), "{answer}");
    assert_eq!(scene.marks().await, [true]);
    assert_eq!(scene.browser.eval::<u32>("return window.asked", json!(null)).await, 1);
    let expiring = "return window.heard.find((event) => event.type === 'identity:expiring').data";
    let data: Value = scene.browser.eval(expiring, json!(null)).await;
    assert!(data["expiresAt"].as_str().is_some_and(|time| time.ends_with('Z')), "{data}");
    assert_eq!(scene.browser.storage().await.matches("eyJ").count(), 0);
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_function_the_page_hears_of_the_end_and_the_conversation_goes_on_unverified() {
    let scene = Scene::start().await;
    let chat = scene.chat();
    let result = chat.identify(scene.token("ada", "Enterprise", 15).expose()).await;
    assert_eq!(result["identified"], true);
    chat.open().await;
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    let before = chat.state().await["conversationId"].clone();
    scene.hears("identity:expired").await;
    let events = scene.heard().await;
    let identity: Vec<_> = events.iter().filter(|name| name.starts_with("identity:")).collect();
    assert_eq!(identity, ["identity:expiring", "identity:expired"]);
    let state = chat.state().await;
    assert_eq!((&state["identified"], &state["userId"]), (&json!(false), &Value::Null), "{state}");
    chat.until("!root.querySelector('.status.verified')").await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("I cannot know that"), "{answer}");
    assert_eq!((chat.lines().await.len(), chat.state().await["conversationId"].clone()), (4, before));
    assert_eq!(scene.marks().await, [true, false]);
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_fails_loses_no_message_and_is_asked_again_when_the_visitor_writes() {
    let scene = Scene::start().await;
    scene.identify(&scene.token("ada", "Enterprise", 4)).await;
    let chat = scene.chat();
    chat.open().await;
    scene.asked().await;
    // From here on it throws at once.
    let fails =
        "window.auto = () => { throw new Error('the site is down') }; window.refuse(new Error('is down'))";
    scene.browser.eval::<()>(fails, json!(null)).await;
    scene.hears("identity:expired").await;
    let asked: u32 = scene.browser.eval("return window.asked", json!(null)).await;
    assert!(chat.ask("How do I ask for a refund?").await.contains("Open the order"));
    assert!(scene.browser.eval::<u32>("return window.asked", json!(null)).await > asked);
    assert_eq!(scene.marks().await, [false]);
    scene.gives(&scene.token("ada", "Enterprise", 3600)).await;
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    assert_eq!(scene.marks().await, [false, true]);
    // Not even the page's own error has become one of the page's.
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_finds_expired_is_refreshed_whatever_the_browser_thinks() {
    // The server's clock is moved by hand; in the browser no time passes.
    let scene = Scene::with(TestApp::with(TestOptions::default()).await, "").await;
    scene.identify(&scene.token("ada", "Starter", 3600)).await;
    let chat = scene.chat();
    chat.open().await;
    assert!(chat.ask("Which plan am I on?").await.contains("Starter"));
    scene.app.clock.advance(Duration::from_hours(2));
    assert!(chat.ask("Which plan am I on?").await.contains("I cannot know that"));
    scene.hears("identity:expired").await;
    scene.asked().await;
    scene.give(&scene.token("ada", "Enterprise", 3600)).await;
    scene.browser.until::<bool>("(await eloquent('getState')).identified").await;
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    assert_eq!(scene.marks().await, [true, false, true]);
    assert_eq!(chat.lines().await.len(), 6, "all of it is one conversation");
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_starts_with_an_expired_token_gets_a_fresh_one() {
    let scene = Scene::start().await;
    let result = scene.identify(&scene.token("ada", "Starter", -60)).await;
    assert_eq!((&result["code"], &result["retryable"]), (&json!("token_expired"), &json!(true)), "{result}");
    scene.asked().await;
    scene.give(&scene.token("ada", "Enterprise", 3600)).await;
    scene.browser.until::<bool>("(await eloquent('getState')).identified").await;
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_whose_clock_is_wrong_by_hours_keeps_a_token_for_as_long_as_it_lasts() {
    for hours in [-3, 3] {
        let off =
            format!("<script>{{ const now = Date.now; Date.now = () => now() + {hours} * 3600e3 }}</script>");
        let scene = Scene::with(scene::app(Duration::ZERO).await, &off).await;
        assert_eq!(scene.identify(&scene.token("ada", "Enterprise", 3600)).await["identified"], true);
        let chat = scene.chat();
        chat.open().await;
        assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"), "{hours}");
        assert_eq!(chat.state().await["identified"], true, "{hours}");
        assert_eq!(scene.heard().await, ["identify", "message:sent"], "{hours}");
        // A short one ends all the same.
        chat.identify(scene.token("ada", "Enterprise", 4).expose()).await;
        scene.hears("identity:expired").await;
        scene.browser.assert_no_errors(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_wakes_after_the_end_asks_once() {
    // The browser's timers do not run while the machine sleeps; the clock does.
    let sleep =
        "<script>{ const now = Date.now; window.slept = 0; Date.now = () => now() + slept; }</script>";
    let scene = Scene::with(scene::app(Duration::ZERO).await, sleep).await;
    scene.identify(&scene.token("ada", "Starter", 3600)).await;
    let chat = scene.chat();
    chat.open().await;
    scene.gives(&scene.token("ada", "Enterprise", 3600)).await;
    let wake = "window.slept = 8 * 3600e3;
        for (let i = 0; i < 5; i++) { dispatchEvent(new Event('pageshow')); document.dispatchEvent(new Event('visibilitychange')); }";
    scene.browser.eval::<()>(wake, json!(null)).await;
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    assert_eq!(scene.browser.eval::<u32>("return window.asked", json!(null)).await, 1);
    assert!(!scene.heard().await.contains(&"identity:expired".to_owned()), "it was never lost");
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_the_browsers_cache_asks_who_is_there_and_shows_nothing_until_then() {
    let scene = Scene::start().await;
    scene.identify(&scene.token("ada", "Enterprise", 3600)).await;
    let chat = scene.chat();
    chat.open().await;
    assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
    let back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    scene.browser.eval::<()>(back, json!(null)).await;
    scene.asked().await;
    assert_eq!(chat.lines().await, []);
    assert!(!chat.all_text().await.contains("Enterprise"));
    assert_eq!(chat.state().await["identified"], false);
    // Somebody else has logged in meanwhile.
    scene.give(&scene.token("bob", "Starter", 3600)).await;
    scene.browser.until::<bool>("(await eloquent('getState')).userId === 'bob'").await;
    assert!(chat.ask("Which plan am I on?").await.contains("Starter"));
    assert!(!chat.all_text().await.contains("Enterprise"));
    // Back once more, and this time it is the same user: the conversation comes again.
    scene.browser.eval::<()>(back, json!(null)).await;
    scene.browser.until::<bool>("window.asked === 2").await;
    scene.give(&scene.token("bob", "Starter", 3600)).await;
    chat.until("root.querySelectorAll('.log > .row').length == 2").await;
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_of_another_user_changes_the_user_with_all_that_this_means() {
    let app = scene::app(SLOW).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let scene = Scene::with(app, "").await;
    let first = scene.token("ada", "Enterprise", 3600);
    scene.identify(&first).await;
    let chat = scene.chat();
    chat.open().await;
    chat.call("update", json!({ "attributes": { "cart": "ada's" } })).await;
    chat.ask("Which plan am I on?").await;
    let hers = chat.state().await["conversationId"].clone();
    scene.identify(&scene.token("ada", "Enterprise", 5)).await;
    chat.send(LONG_QUESTION).await;
    chat.until("root.querySelector('.row.streaming')").await;
    scene.asked().await;
    scene.give(&scene.token("bob", "Starter", 3600)).await;
    scene.browser.until::<bool>("(await eloquent('getState')).userId === 'bob'").await;
    scene.hears("identity:changed").await;
    chat.until("!root.querySelector('.log > .row')").await;
    let text = chat.all_text().await;
    assert!(!text.contains("Enterprise") && !text.contains("descale"), "{text}");
    let switched = "return window.heard.filter((event) => event.type === 'identify').pop().data.switchedUser";
    assert!(scene.browser.eval::<bool>(switched, json!(null)).await);

    scene.browser.eval::<()>("window.sent.length = 0", json!(null)).await;
    assert!(chat.ask("Which plan am I on?").await.contains("Starter"));
    let his = chat.state().await["conversationId"].clone();
    assert!(his.is_string() && his != hers, "{his} {hers}");
    let sent: Vec<Value> = scene.browser.eval("return window.sent", json!(null)).await;
    let post = sent.iter().find(|request| request["url"].as_str().unwrap().ends_with("/chat")).unwrap();
    assert!(
        post["body"].get("attributes").is_none() && post["body"].get("conversation_id").is_none(),
        "{post}"
    );
    assert!(!json!(sent).to_string().contains(first.expose()), "no request of his carries her token");
    // In the store it is the same: two conversations, each with its own owner's words.
    let stored = conversations(&scene.app, scene.app.scope).await;
    assert_eq!(stored.iter().map(|record| record.messages.len()).collect::<Vec<_>>(), [2, 4]);
    scene.browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_that_comes_after_the_logout_identifies_nobody() {
    let scene = Scene::start().await;
    scene.identify(&scene.token("ada", "Enterprise", 5)).await;
    let chat = scene.chat();
    chat.open().await;
    scene.asked().await;
    chat.call("logout", Value::Null).await;
    scene.browser.eval::<()>("window.sent.length = 0", json!(null)).await;
    scene.give(&scene.token("ada", "Enterprise", 3600)).await;
    chat.open().await;
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains("I cannot know that"), "{answer}");
    assert_eq!(chat.state().await["identified"], false);
    let urls: Vec<String> = scene.browser.eval("return window.sent.map(({ url }) => url)", json!(null)).await;
    assert!(!urls.iter().any(|url| url.ends_with("/identify")), "{urls:?}");
    scene.browser.assert_no_errors(&[]).await;
}
