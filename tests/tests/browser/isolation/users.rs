//! Who is the same user, and what becomes of one who is blocked or erased while a page of theirs is open.

use eloquent_store::Writer;
use eloquent_tests::app::START;
use serde_json::{Value, json};

use super::{HERS, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, at_rest, conversation, embed, marks};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_at_two_agents_is_two_users() {
    let mut scene = Scene::start().await;
    scene.identify(scene.one(), "ada").await;
    scene.one().open().await;
    scene.one().ask(HERS).await;
    let hers = conversation(scene.one()).await;
    let token = scene.token("ada");

    let mut sales = scene.app.another_agent().await;
    scene.app.swap_agent(&mut sales);
    let host = embed(&scene.app).await;
    scene.other.goto(&host.url).await;
    let other = scene.other();
    let stray = other.identify(token.expose()).await;
    assert_eq!(stray["code"], "signature_invalid", "{stray}");
    scene.identify(other, "ada").await;
    other.call("open", json!({ "conversationId": hers })).await;
    other.is_open().await;
    at_rest(&scene.other).await;
    assert_nothing_of_ada(&scene.other).await;
    assert_eq!(other.lines().await, []);
    assert!(other.ask(WHICH_PLAN).await.contains("Enterprise"));
    assert_eq!(scene.stored().await, [(Some("ada".to_owned()), 2)]);
    // Also where both agents' chats come to the same browser, one after the other.
    scene.one.goto(&host.url).await;
    scene.identify(scene.one(), "ada").await;
    scene.one().call("open", Value::Null).await;
    scene.one().answer_to(WHICH_PLAN).await;
    assert!(!scene.one().all_text().await.contains("refund"));
    scene.app.swap_agent(&mut sales);
    assert_eq!(scene.stored().await, [(Some("ada".to_owned()), 2)]);
    scene.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alike_is_not_the_same_and_an_email_merges_nobody() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    let token = |user: &str| scene.app.token(json!({ "user_id": user, "email": "one@example.com" }));
    one.identify(token("ad\u{e9}le  o").expose()).await;
    one.open().await;
    one.ask(HERS).await;
    other.call("open", Value::Null).await;
    let alike = [
        "ade\u{301}le  o",
        "Ad\u{e9}le  o",
        "ad\u{e9}le o",
        " ad\u{e9}le  o",
        "ad\u{e9}le  o ",
        "ad\u{e9}le\u{a0} o",
    ];
    for user in alike {
        let result = other.identify(token(user).expose()).await;
        assert_eq!(result["userId"], user, "byte for byte");
        at_rest(&scene.other).await;
        assert_eq!((other.lines().await, conversation(other).await), (Vec::new(), Value::Null), "{user:?}");
    }
    // Their lists were asked for, each with its own token.
    let lists = "return window.sent.filter(({ kind }) => kind === 'conversations').length";
    assert_eq!(scene.other.eval::<usize>(lists, json!(null)).await, alike.len());
    assert_eq!(scene.profiles().await.len(), 1 + alike.len());
    other.identify(token("ad\u{e9}le  o").expose()).await;
    other.until(&format!("{ROWS} == 2")).await;
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_user_goes_on_unverified_here_and_sees_nothing_elsewhere() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let id = conversation(one).await;
    let (scope, profile) = (scene.app.scope, scene.profiles().await[0].id);
    let set = |blocked: bool| {
        scene.app.write(move |writer: &Writer<'_>| {
            writer.set_profile_blocked(&scope, profile, blocked, "test", START)
        })
    };
    assert!(set(true).await);
    assert!(one.ask(WHICH_PLAN).await.contains("I cannot know that"));
    assert_eq!(
        (one.state().await["identified"].clone(), conversation(one).await),
        (json!(false), id.clone())
    );
    assert_eq!(marks(&scene.app).await, [true, false]);
    let result = other.identify(scene.token("ada").expose()).await;
    assert_eq!(result["code"], "identity_blocked", "{result}");
    other.call("open", json!({ "conversationId": id })).await;
    other.is_open().await;
    at_rest(&scene.other).await;
    assert_nothing_of_ada(&scene.other).await;
    assert!(other.ask(WHICH_PLAN).await.contains("I cannot know that"), "the chat works");
    assert_ne!(conversation(other).await, id);

    assert!(set(false).await);
    scene.one.reload().await;
    scene.identify(one, "ada").await;
    one.until(&format!("{ROWS} == 4")).await;
    assert_eq!(conversation(one).await, id);
    scene.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_user_finds_nothing_in_any_tab_and_starts_afresh() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let id = conversation(one).await;
    let before = scene.profiles().await[0].id;
    scene.app.store.erase_profile(scene.app.scope, before).await.unwrap().expect("a profile");

    // The tab that is still open learns it with its next message, which begins anew.
    assert!(one.ask(WHICH_PLAN).await.contains("Enterprise"), "the token says so, not what was erased");
    one.until(&format!("{ROWS} == 2")).await;
    let fresh = conversation(one).await;
    assert_ne!(fresh, id);
    assert!(!one.all_text().await.contains("refund"));
    // Another device finds that conversation, and nothing from before.
    scene.identify(other, "ada").await;
    other.open().await;
    other.until(&format!("{ROWS} == 2")).await;
    assert_eq!(conversation(other).await, fresh);
    other.call("open", json!({ "conversationId": id })).await;
    at_rest(&scene.other).await;
    assert!(!other.all_text().await.contains("refund"));
    let profiles = scene.profiles().await;
    assert_eq!(profiles.len(), 1);
    assert_ne!(profiles[0].id, before);
    assert_eq!(scene.stored().await, [(Some("ada".to_owned()), 2)]);
    scene.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_and_not_identified_finds_nothing_of_the_user_before() {
    let scene = Scene::start().await;
    let one = scene.one();
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    // Her own token, which is not good any more: she stays where she is.
    let stale = scene.app.token(json!({ "user_id": "ada", "exp": START.as_millis() / 1000 - 3600 }));
    assert_eq!(one.identify(stale.expose()).await["code"], "token_expired");
    assert!(one.all_text().await.contains("refund"));

    let named = scene.app.token(json!({ "user_id": "bob", "exp": START.as_millis() / 1000 - 3600 }));
    assert_eq!(one.identify(named.expose()).await["code"], "token_expired");
    at_rest(&scene.one).await;
    assert_nothing_of_ada(&scene.one).await;
    one.ask(WHICH_PLAN).await;
    assert_eq!(scene.stored().await, [(None, 2), (Some("ada".to_owned()), 2)]);
    // The other browser never knew.
    scene.identify(scene.other(), "ada").await;
    scene.other().call("open", Value::Null).await;
    scene.other().until(&format!("{ROWS} == 2")).await;
    scene.assert_no_errors(&[]).await;
}
