//! The same user again, and another one on the same page.

use eloquent_tests::browser::Browser;
use serde_json::{Value, json};

use super::{HERS, ROWS, Scene, WHICH_PLAN, assert_nothing_of_ada, conversation, conversations, sessions};
use crate::browser::scene::LONG_QUESTION;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_user_again_keeps_the_conversation_here_and_finds_it_elsewhere() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let id = conversation(one).await;
    let again = scene.identify(one, "ada").await;
    assert_eq!((&again["switchedUser"], &again["claimedConversation"]), (&json!(false), &json!(false)));
    one.ask(WHICH_PLAN).await;
    assert_eq!((one.lines().await.len(), conversation(one).await), (4, id.clone()));
    let sessions = sessions(&scene.one).await;
    assert!(sessions.len() == 2 && sessions[0].is_some() && sessions[0] == sessions[1], "{sessions:?}");

    // On her second device, and after a reload on the first.
    scene.identify(other, "ada").await;
    other.open().await;
    other.until(&format!("{ROWS} == 4")).await;
    other.ask("And from here?").await;
    assert_eq!(conversation(other).await, id);
    scene.one.reload().await;
    scene.identify(one, "ada").await;
    one.until(&format!("{ROWS} == 6")).await;
    assert_eq!(conversation(one).await, id);
    assert_eq!(scene.stored().await, [(Some("ada".to_owned()), 6)]);
    scene.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_sees_and_extends_nothing_and_the_running_answer_is_aborted() {
    let scene = Scene::slow().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.send(LONG_QUESTION).await;
    one.until("root.querySelector('.row.streaming')").await;
    let hers = conversation(one).await;
    let message = message_id(&scene.one).await;

    let result = scene.identify(one, "bob").await;
    assert_eq!((&result["switchedUser"], &result["claimedConversation"]), (&json!(true), &json!(false)));
    one.until(&format!("{ROWS} == 0")).await;
    assert_nothing_of_ada(&scene.one).await;
    // With the id in his hands: by the widget, and by all that his page can send.
    one.call("open", json!({ "conversationId": hers })).await;
    assert!(one.ask(WHICH_PLAN).await.contains("Starter"));
    let his = conversation(one).await;
    assert_ne!(his, hers);
    assert_eq!(knocked(&scene, &hers).await, [404, 404, 404, 404, 404]);
    let replayed = replay(&scene, &message).await;
    assert!(replayed.contains("accepted") && !replayed.contains(hers.as_str().unwrap()), "{replayed}");
    assert_nothing_of_ada(&scene.one).await;

    // Her other device finds the answer whole: nobody stopped it, nobody added to it.
    scene.identify(other, "ada").await;
    other.open().await;
    assert!(other.answer_to(LONG_QUESTION).await.contains("machine --rinse 2"));
    assert_eq!((other.lines().await.len(), conversation(other).await), (2, hers));
    let whose: Vec<_> = scene.stored().await.into_iter().map(|(user, _)| user).collect();
    assert_eq!(whose.iter().filter(|user| user.as_deref() == Some("ada")).count(), 1, "{whose:?}");
    // The browser's console mentions every 404.
    scene.one.assert_no_errors(&["404"]).await;
    scene.other.assert_no_errors(&[]).await;
}

/// The id that the page's last message was sent under.
async fn message_id(browser: &Browser) -> String {
    let last = "return JSON.parse(window.sent.filter(({ kind }) => kind === 'chat').pop().body).message.id";
    browser.eval(last, json!(null)).await
}

/// The statuses of all ways to a conversation, with the session and the token of the page's visitor.
async fn knocked(scene: &Scene, conversation: &Value) -> Vec<u16> {
    let script = "
        const headers = { authorization: args.session, 'x-eloquent-identity': args.token, 'content-type': 'application/json' };
        const at = args.api + '/conversations/' + args.conversation;
        const chat = JSON.stringify({
            message: { id: crypto.randomUUID(), text: 'Let me in' },
            conversation_id: args.conversation,
            identity_token: args.token,
        });
        const statuses = [];
        for (const [method, url, body] of [
            ['GET', at], ['GET', at + '/events?after=1.end'], ['GET', at + '/events?after=2.7'],
            ['POST', at + '/stop', '{}'], ['POST', args.api + '/chat', chat],
        ]) statuses.push((await fetch(url, { method, headers, body })).status);
        return statuses;";
    let credentials = credentials(scene, conversation).await;
    scene.one.eval(script, credentials).await
}

/// Sends a message under an id that was used already, as the page's visitor: the beginning of the answer.
async fn replay(scene: &Scene, message: &str) -> String {
    let script = "
        const response = await fetch(args.api + '/chat', {
            method: 'POST',
            headers: { authorization: args.session, 'content-type': 'application/json' },
            body: JSON.stringify({ message: { id: args.conversation, text: 'Once more' }, identity_token: args.token }),
        });
        const reader = response.body.getReader();
        const { value } = await reader.read();
        reader.cancel();
        return new TextDecoder().decode(value);";
    let credentials = credentials(scene, &json!(message)).await;
    scene.one.eval(script, credentials).await
}

async fn credentials(scene: &Scene, conversation: &Value) -> Value {
    let session = sessions(&scene.one).await.pop().flatten().expect("a session");
    let token = scene.token("bob");
    json!({ "api": scene.app.api(""), "session": session, "token": token.expose(), "conversation": conversation })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_comes_back_finds_their_own_and_that_alone() {
    let scene = Scene::start().await;
    let (one, other) = (scene.one(), scene.other());
    scene.identify(one, "ada").await;
    one.open().await;
    one.ask(HERS).await;
    let hers = conversation(one).await;
    scene.identify(one, "bob").await;
    one.ask(WHICH_PLAN).await;
    scene.identify(one, "ada").await;
    one.until("root.textContent.includes('refund')").await;
    assert_eq!((one.lines().await.len(), conversation(one).await), (2, hers));
    assert!(!one.all_text().await.contains("Starter"));
    // And he finds his on his own machine.
    scene.identify(other, "bob").await;
    other.open().await;
    assert!(other.answer_to(WHICH_PLAN).await.contains("Starter"));
    assert_nothing_of_ada(&scene.other).await;
    assert_eq!(conversations(&scene.app, scene.app.scope).await.len(), 2);
    scene.assert_no_errors(&[]).await;
}
