//! One user in two browsers: the history comes with a valid token, and an older one takes nothing back.

use eloquent_identity::{Secret, Token};
use serde_json::{Value, json};

use super::{HERS, Scene, assert_nothing_of_ada, at_rest, conversation};

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_shown_in_another_browser_to_a_valid_token_alone() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    let now = scene.app.now_secs();
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let id = conversation(one).await;
    let foreign = Secret::generate([9; 32]);
    let cases: [(Option<&str>, Option<Token>); 4] = [
        (None, None),
        (
            Some("token_expired"),
            Some(scene.app.token(json!({ "user_id": "ada", "iat": now - 90, "exp": now - 60 }))),
        ),
        (Some("signature_invalid"), Some(scene.app.token_with(&foreign, json!({ "user_id": "ada" })))),
        (None, Some(scene.token("bob"))),
    ];
    for (code, token) in cases {
        scene.other.reload().await;
        if let Some(token) = &token {
            let result = other.identify(token.expose()).await;
            assert_eq!(result["code"].as_str(), code, "{result}");
        }
        other.call("open", json!({ "conversationId": id })).await;
        other.is_open().await;
        // It has asked for the conversation, and was told that there is none.
        scene
            .other
            .until::<bool>("window.sent.some(({ kind, answered }) => kind === 'conversation' && answered)")
            .await;
        at_rest(&scene.other).await;
        assert_eq!(other.lines().await, [], "{code:?}");
        assert_nothing_of_ada(&scene.other).await;
    }
    scene.other.reload().await;
    scene.identify(other, "ada").await;
    other.call("open", Value::Null).await;
    assert!(other.answer_to(HERS).await.contains("Open the order"));
    assert_eq!(conversation(other).await, id);
    assert_eq!(one.lines().await.len(), 2);
    scene.one.assert_no_errors(&[]).await;
    scene.other.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_token_changes_nothing_whichever_device_has_it() {
    let scene = Scene::start().await;
    let now = scene.app.now_secs();
    for (user, newer_first) in [("ada", true), ("bob", false)] {
        let token = |plan: &str, iat: i64| {
            let email = format!("{plan}@example.com");
            scene.app.token(json!({ "user_id": user, "plan": plan, "email": email, "iat": iat }))
        };
        let (older, newer) = (token("Older", now - 30), token("Newer", now));
        let (first, second) = if newer_first { (&newer, &older) } else { (&older, &newer) };
        for (chat, token) in [(scene.one(), first), (scene.other(), second)] {
            let result = chat.identify(token.expose()).await;
            assert_eq!((&result["identified"], &result["userId"]), (&json!(true), &json!(user)), "{result}");
        }
        // Both devices are verified, and whichever writes last, the newer token is what counts.
        for chat in [scene.one(), scene.other(), scene.one()] {
            assert_eq!(chat.call("sendMessage", json!("Hello")).await["ok"], true);
            let profile = scene.profiles().await.into_iter().find(|it| it.user_id.as_str() == user).unwrap();
            assert_eq!(profile.claims.iter().collect::<Vec<_>>(), [("plan", "\"Newer\"")], "{user}");
            assert_eq!(profile.email.as_deref(), Some("Newer@example.com"), "{user}");
        }
    }
    scene.assert_no_errors(&[]).await;
}
