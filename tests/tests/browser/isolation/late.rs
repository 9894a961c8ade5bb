//! What comes late for a former identity is dropped. The page holds the server's answers back and delivers
//! them after the change, also those whose requests the widget has aborted, and both while the next user's
//! own answer is still awaited and when it is there.

use eloquent_tests::browser::chat::Chat;
use serde_json::{Value, json};

use super::{
    HERS, Held, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, begin_identify, conversation, sessions,
};
use crate::browser::scene::LONG_QUESTION;

/// Bob's page is his, and goes on as his.
async fn assert_his(scene: &Scene) {
    let one = scene.one();
    one.until("!root.querySelector('.row.streaming')").await;
    let state = one.state().await;
    assert_eq!((&state["userId"], &state["identified"]), (&json!("bob"), &json!(true)), "{state}");
    assert_nothing_of_ada(&scene.one).await;
    one.call("open", Value::Null).await;
    assert!(one.ask(WHICH_PLAN).await.contains("Starter"));
    assert_eq!(one.lines().await.len(), 2);
    assert_nothing_of_ada(&scene.one).await;
    assert!(!scene.one.storage().await.contains("vst_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_comes_after_the_next_identify_makes_nobody_of_the_page() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    // Ada is there, too, on a machine of her own.
    scene.identify(other, "ada").await;
    other.open().await;
    other.ask(HERS).await;

    one.call("open", Value::Null).await;
    let (hers, also_hers) =
        (Held::next(&scene.one, "identify").await, Held::next(&scene.one, "identify").await);
    for held in [&hers, &also_hers] {
        begin_identify(&scene.one, &scene.token("ada")).await;
        held.caught().await;
    }
    let his = Held::next(&scene.one, "identify").await;
    begin_identify(&scene.one, &scene.token("bob")).await;
    his.caught().await;
    hers.release().await;
    let state = one.state().await;
    assert_eq!((&state["identified"], &state["userId"]), (&json!(false), &Value::Null), "{state}");
    assert!(scene.one.eval::<bool>("return window.result === undefined", json!(null)).await);
    assert_nothing_of_ada(&scene.one).await;
    his.release().await;
    let result: Value = scene.one.until("window.result").await;
    assert_eq!((&result["userId"], &result["switchedUser"]), (&json!("bob"), &json!(false)), "{result}");
    also_hers.release().await;
    assert_his(&scene).await;
    let heard: Vec<Value> =
        scene.one.eval("return window.heard.filter(({ data }) => data.userId === 'ada')", json!(null)).await;
    assert!(heard.is_empty(), "{heard:?}");
    assert_eq!(other.lines().await.len(), 2, "her own page has not changed");
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_comes_after_a_logout_makes_nobody_of_the_page() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(other, "ada").await;
    other.open().await;
    other.ask(HERS).await;
    one.call("open", Value::Null).await;
    let held = Held::next(&scene.one, "identify").await;
    begin_identify(&scene.one, &scene.token("ada")).await;
    held.caught().await;
    one.call("logout", Value::Null).await;
    let superseded: Value = scene.one.until("window.result").await;
    assert_eq!(superseded["code"], "superseded", "{superseded}");
    held.release().await;
    assert_eq!(one.state().await["identified"], false);
    assert_nothing_of_ada(&scene.one).await;
    assert_eq!(scene.one.storage().await, "[{},{}]");
    one.open().await;
    assert!(one.ask(WHICH_PLAN).await.contains("I cannot know that"));
    assert_eq!(sessions(&scene.one).await, [None], "the late session was not taken");
    assert_nothing_of_ada(&scene.one).await;
    assert_eq!((other.lines().await.len(), &other.state().await["userId"]), (2, &json!("ada")));
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_comes_after_the_change_is_not_shown() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(other, "ada").await;
    other.open().await;
    other.ask(HERS).await;
    let hers = conversation(other).await;
    for kind in ["conversations", "conversation"] {
        one.call("open", Value::Null).await;
        let late = Held::next(&scene.one, kind).await;
        begin_identify(&scene.one, &scene.token("ada")).await;
        late.caught().await;
        // His own list is asked for, and on its way, when hers arrives.
        let his = Held::next(&scene.one, "conversations").await;
        scene.identify(one, "bob").await;
        his.caught().await;
        late.release().await;
        assert_nothing_of_ada(&scene.one).await;
        assert_eq!((one.lines().await, conversation(one).await), (Vec::new(), Value::Null), "{kind}");
        his.release().await;
        assert_his(&scene).await;
        assert_ne!(conversation(one).await, hers, "{kind}");
        // The next round's user is to begin with nothing.
        one.call("logout", Value::Null).await;
        erase(&scene, "bob").await;
    }
    assert_eq!(other.lines().await.len(), 2);
    scene.assert_no_errors(&[]).await;
}

async fn erase(scene: &Scene, user: &str) {
    let profile = scene.profiles().await.into_iter().find(|it| it.user_id.as_str() == user).unwrap();
    scene.app.store.erase_profile(scene.app.scope, profile.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_an_answer_that_comes_after_the_change_is_not_shown() {
    let scene = Scene::slow().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    let held = Held::next(&scene.one, "chat").await;
    one.send(LONG_QUESTION).await;
    one.until("root.querySelector('.row.streaming')").await;
    let hers = conversation(one).await;
    held.dam().await;
    held.caught().await;
    scene.identify(one, "bob").await;
    held.release().await;
    assert_eq!(one.lines().await, []);
    assert_his(&scene).await;
    assert_ne!(conversation(one).await, hers);
    // Nothing of it is lost for her.
    scene.identify(other, "ada").await;
    other.open().await;
    assert!(other.answer_to(LONG_QUESTION).await.contains("machine --rinse 2"));
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_that_comes_after_a_logout_is_nobodys() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    // Both of them: a user, and an anonymous visitor whose first session is just on its way.
    scene.identify(other, "ada").await;
    for chat in [one, other] {
        let Chat(browser) = chat;
        chat.open().await;
        let held = Held::next(browser, "chat").await;
        held.dam().await;
        chat.send(HERS).await;
        held.caught().await;
        chat.call("logout", Value::Null).await;
        held.release().await;
        assert_nothing_of_ada(browser).await;
        assert_eq!(browser.storage().await, "[{},{}]");
        let state = chat.state().await;
        assert_eq!(
            (&state["identified"], &state["conversationId"]),
            (&json!(false), &Value::Null),
            "{state}"
        );
        chat.open().await;
        chat.until(&format!("{ROWS} == 0")).await;
        browser.eval::<()>("window.sent.length = 0", json!(null)).await;
        assert!(chat.ask(WHICH_PLAN).await.contains("I cannot know that"));
        assert_eq!(sessions(browser).await, [None], "the late session was not taken");
        assert_nothing_of_ada(browser).await;
    }
    scene.assert_no_errors(&[]).await;
}
