//! A token that ends while the page stays open.

use std::time::Duration;

use serde_json::{Value, json};

use super::{HERS, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, at_rest, conversation, marks, sessions};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_token_the_conversation_goes_on_here_unverified_and_nowhere_else() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    let token = scene.token("ada");
    one.identify(token.expose()).await;
    one.open().await;
    one.ask(HERS).await;
    assert!(one.ask(WHICH_PLAN).await.contains("Enterprise"));
    let id = conversation(one).await;

    scene.app.clock.advance(Duration::from_hours(2));
    assert!(one.ask(WHICH_PLAN).await.contains("I cannot know that"));
    scene.one.until::<bool>("window.heard.some(({ type }) => type === 'identity:expired')").await;
    let state = one.state().await;
    assert_eq!((&state["identified"], &state["userId"]), (&json!(false), &Value::Null), "{state}");
    one.ask("Hello").await;
    assert_eq!((one.lines().await.len(), conversation(one).await), (8, id.clone()));
    let sessions = sessions(&scene.one).await;
    assert!(sessions.iter().all(|session| session.is_some() && *session == sessions[0]), "{sessions:?}");
    assert_eq!(marks(&scene.app).await, [true, true, false, false]);
    assert!(!scene.one.storage().await.contains("vst_"), "a user's session stays out of storage");

    // Her other device, and this one after a reload, come with a token that is over: they see nothing.
    scene.one.reload().await;
    for chat in [one, other] {
        let result = chat.identify(token.expose()).await;
        assert_eq!((&result["identified"], &result["code"]), (&json!(false), &json!("token_expired")));
        chat.call("open", json!({ "conversationId": id })).await;
        chat.is_open().await;
        at_rest(chat.0).await;
        assert_eq!(chat.lines().await, []);
        assert_nothing_of_ada(chat.0).await;
    }
    // With a valid one it is all there, as it was marked.
    for chat in [one, other] {
        scene.identify(chat, "ada").await;
        chat.call("open", json!({ "conversationId": id })).await;
        chat.until(&format!("{ROWS} == 8")).await;
    }
    assert_eq!(marks(&scene.app).await, [true, true, false, false]);
    scene.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_fresh_token_everything_stays_verified() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    for browser in [&scene.one, &scene.other] {
        // The browser's clock goes with the server's.
        let clock = "const now = Date.now; window.ahead = 0; Date.now = () => now() + ahead";
        browser.eval::<()>(clock, json!(null)).await;
    }
    let identify = "return eloquent('identify', { token: args, getToken: window.getToken })";
    let token = scene.token("ada");
    scene.one.eval::<Value>(identify, json!(token.expose())).await;
    one.open().await;
    assert!(one.ask(WHICH_PLAN).await.contains("Enterprise"));
    let id = conversation(one).await;
    other.identify(token.expose()).await;
    other.open().await;
    assert!(other.ask(WHICH_PLAN).await.contains("Enterprise"));
    assert_eq!(conversation(other).await, id, "two devices, one conversation");

    scene.app.clock.advance(Duration::from_hours(2));
    let fresh = scene.token("ada");
    for browser in [&scene.one, &scene.other] {
        let later = "window.fresh = args; window.ahead = 2 * 3600e3";
        browser.eval::<()>(later, json!(fresh.expose())).await;
    }
    assert!(one.ask(WHICH_PLAN).await.contains("Enterprise"));
    let expired = "return window.heard.some(({ type }) => type === 'identity:expired')";
    assert!(!scene.one.eval::<bool>(expired, json!(null)).await);
    // The browser whose page gave no function goes on unverified, in the same conversation.
    assert!(other.ask(WHICH_PLAN).await.contains("I cannot know that"));
    assert!(scene.other.eval::<bool>(expired, json!(null)).await);
    assert_eq!((conversation(one).await, conversation(other).await), (id.clone(), id));
    assert_eq!(marks(&scene.app).await, [true, true, true, false]);
    scene.assert_no_errors(&[]).await;
}
