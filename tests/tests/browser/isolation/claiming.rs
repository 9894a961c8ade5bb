//! Anonymous conversations become a user's once; no session outlives a change of identity.

use serde_json::{Value, json};

use super::{
    HERS, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, at_rest, conversation, kept, plant, sessions,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_conversation_is_claimed_once_whoever_has_its_session() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    one.open().await;
    one.ask(HERS).await;
    // The other browser has all that this one keeps, as a copy of its profile would.
    plant(&scene.other, &kept(&scene.one).await).await;
    other.until(&format!("{ROWS} == 2")).await;
    let id = conversation(one).await;
    assert_eq!(conversation(other).await, id);

    assert_eq!(scene.identify(one, "ada").await["claimedConversation"], true);
    let result = scene.identify(other, "bob").await;
    assert_eq!((&result["claimedConversation"], &result["switchedUser"]), (&json!(false), &json!(false)));
    other.until(&format!("{ROWS} == 0")).await;
    assert_nothing_of_ada(&scene.other).await;
    assert!(other.ask(WHICH_PLAN).await.contains("Starter"));
    assert_ne!(conversation(other).await, id);
    assert!(one.ask(WHICH_PLAN).await.contains("Enterprise"));
    assert_eq!((one.lines().await.len(), conversation(one).await), (4, id));
    // Nor can the next user of this very browser claim it again.
    let result = scene.identify(one, "bob").await;
    assert_eq!((&result["claimedConversation"], &result["switchedUser"]), (&json!(false), &json!(true)));
    one.until(&format!("!root.textContent.includes('refund') && {ROWS} == 2")).await;
    let stored = [(Some("ada".to_owned()), 4), (Some("bob".to_owned()), 2)];
    assert_eq!(scene.stored().await, stored);
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_ten_times_at_once_makes_one_conversation_and_one_profile() {
    let scene = Scene::start().await;
    let token = scene.token("ada");
    let script = "const ten = (name, argument) =>
            Promise.all([...Array(10)].map((_, at) => eloquent(name, argument(at))));
        const [identified, sent] = await Promise.all([
            ten('identify', () => ({ token: args.token })),
            args.write ? ten('sendMessage', (at) => 'Message ' + at) : [],
        ]);
        return [identified, sent];";
    let run = |browser, write: bool| {
        scene_eval(browser, script, json!({ "token": token.expose(), "write": write }))
    };
    let (one, other) = tokio::join!(run(&scene.one, true), run(&scene.other, false));
    for results in [&one[0], &other[0]] {
        let codes: Vec<_> = results.as_array().unwrap().iter().map(|it| it["code"].as_str()).collect();
        assert_eq!(codes, [[Some("superseded"); 9].as_slice(), &[None]].concat());
    }
    assert!(one[1].as_array().unwrap().iter().all(|it| it["ok"] == true), "{}", one[1]);
    scene.one().until("!root.querySelector('.row.streaming, .row.sending')").await;
    assert_eq!(scene.profiles().await.len(), 1);
    assert_eq!(scene.stored().await, [(Some("ada".to_owned()), 20)]);
    scene.assert_no_errors(&[]).await;
}

async fn scene_eval(browser: &eloquent_tests::browser::Browser, script: &str, argument: Value) -> Value {
    browser.until::<bool>("!!window.eloquent").await;
    browser.eval(script, argument).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_identity_brings_another_session_and_the_former_open_nothing() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    one.open().await;
    let mut left = Vec::new();
    for user in [None, Some("ada"), Some("bob"), None] {
        if let Some(user) = user {
            scene.identify(one, user).await;
        } else if !left.is_empty() {
            one.call("logout", Value::Null).await;
            one.open().await;
        }
        scene.one.eval::<()>("window.sent.length = 0", json!(null)).await;
        one.ask("Hello").await;
        one.ask("Hello again").await;
        // An anonymous visitor's first message brings the session, a user has one before it.
        let sent = sessions(&scene.one).await;
        let session = sent[1].clone().expect("a session");
        assert_eq!(sent[0], user.map(|_| session.clone()), "{user:?}");
        assert!(left.iter().all(|(_, former, _)| *former != session), "{user:?} has a former session");
        left.push((user, session, conversation(one).await));
    }
    // Another browser that has got hold of a former session and knows the conversation sees nothing of it,
    // and what it writes goes elsewhere.
    left.pop();
    let key = format!("eloquent:{}", scene.app.agent);
    for (user, session, id) in left {
        let session = session.trim_start_matches("Bearer ");
        let entry = json!({ "session": session, "conversation": id, "open": true }).to_string();
        plant(&scene.other, &json!([[key, entry]])).await;
        other.is_open().await;
        at_rest(&scene.other).await;
        let asked = "window.sent.some(({ kind, session }) => kind === 'conversation' && session !== null)";
        assert!(scene.other.until::<bool>(asked).await, "{user:?}: the session was tried");
        assert_eq!(other.lines().await, [], "{user:?}");
        other.ask("Let me in").await;
        assert_eq!(other.lines().await.len(), 2, "{user:?}");
        assert_ne!(conversation(other).await, id, "{user:?}");
    }
    scene.one.assert_no_errors(&[]).await;
    scene.other.assert_no_errors(&["404"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_session_shows_its_owner_nothing_of_the_victim() {
    let scene = Scene::start().await;
    let (victim, attacker) = (scene.one(), scene.other());
    attacker.open().await;
    attacker.ask("Bait").await;
    let planted = kept(&scene.other).await;
    plant(&scene.one, &planted).await;
    victim.until(&format!("{ROWS} == 2")).await;
    scene.identify(victim, "ada").await;
    victim.ask(HERS).await;
    assert!(victim.ask(WHICH_PLAN).await.contains("Enterprise"));
    let used = sessions(&scene.one).await;
    let planted = planted.to_string();
    for session in used {
        let session = session.expect("a session");
        assert!(!planted.contains(session.trim_start_matches("Bearer ")), "the planted session was used");
    }

    // The page that is still open can neither go on in the conversation nor read it.
    attacker.ask("What did they say?").await;
    assert_nothing_of_ada(&scene.other).await;
    assert_ne!(conversation(attacker).await, conversation(victim).await);
    // Nor can one that begins with what was kept.
    plant(&scene.other, &serde_json::from_str(&planted).unwrap()).await;
    attacker.is_open().await;
    at_rest(&scene.other).await;
    assert_eq!(attacker.lines().await, []);
    assert_eq!(victim.lines().await.len(), 6, "the victim's own page has not changed");
    scene.one.assert_no_errors(&[]).await;
    scene.other.assert_no_errors(&["404"]).await;
}
