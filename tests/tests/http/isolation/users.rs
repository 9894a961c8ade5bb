//! Who is a user: by agent and by the exact bytes of the id, and neither blocked nor erased.

use eloquent_identity::Token;
use eloquent_tests::{
    app::{START, TestApp},
    client::Client,
};
use eloquent_types::{
    chat::IdentityStatus,
    id::ProfileId,
    identify::{IdentifyResult, IdentityCode},
};
use serde_json::json;

use super::{
    assert_replay_leads_elsewhere, assert_unreachable, become_user, claims, conversations, converse,
    identified, marks, profile, profiles,
};

#[tokio::test]
async fn the_same_user_under_two_agents_is_two_profiles() {
    let mut app = TestApp::start().await;
    let mut other = app.another_agent().await;
    let mut ada = Client::with_token(&app.token(claims("ada")));
    let hers = converse(&app, &mut ada, "Hello").await;
    let former = app.scope;

    app.swap_agent(&mut other);
    // Neither the token nor the session of the one agent is anything at the other.
    let mut stray = Client { next: 100, ..ada.clone() };
    let response = stray.identify(&app, ada.token.as_deref().unwrap()).await;
    assert!(
        matches!(response.result, IdentifyResult::Refused(refused) if refused.code == IdentityCode::SignatureInvalid)
    );
    assert_unreachable(&app, &stray, &hers).await;
    assert!(stray.chat(&app, "Hello", None).await.accepted().session.is_some(), "its session is unknown");
    // With a token of this agent it is another profile, which knows nothing of the first.
    let mut there = Client { next: 200, session: ada.session.clone(), ..Client::new() };
    let who = identified(there.identify(&app, app.token(claims("ada")).expose()).await);
    assert!(!who.switched_user && !who.claimed_conversation);
    assert!(there.conversations(&app).await.is_empty());
    assert_unreachable(&app, &there, &hers).await;
    let theirs = converse(&app, &mut there, "Hello").await;
    let (first, second) = (profiles(&app, former).await, profiles(&app, app.scope).await);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].id, second[0].id);

    app.swap_agent(&mut other);
    assert!(ada.view(&app, &hers).await.is_ok(), "her session is as it was");
    assert_unreachable(&app, &there, &theirs).await;
    assert_unreachable(&app, &ada, &theirs).await;
}

#[tokio::test]
async fn every_byte_of_a_user_id_counts_and_an_email_merges_nobody() {
    let app = TestApp::start().await;
    // Case, surrounding and inner space, composed and decomposed letters, look-alikes, compatibility forms.
    let users = [
        "ada",
        "Ada",
        "ADA",
        " ada",
        "ada ",
        "ad a",
        "ad  a",
        "ad\u{a0}a",
        "jos\u{e9}",
        "jose\u{301}",
        "JOS\u{c9}",
        "\u{430}da",
        "a\u{200d}da",
        "\u{ff41}da",
        "1",
        "01",
        "1.0",
        "stra\u{df}e",
        "strasse",
        "i",
        "\u{131}",
        "I",
    ];
    let mut all: Vec<(Client, String)> = Vec::new();
    for (index, user) in (0_u128..).zip(users) {
        let token = app.token(json!({ "user_id": user, "email": "one@example.com" }));
        let mut client = Client { next: index * 10, ..Client::with_token(&token) };
        let id = converse(&app, &mut client, "Hello").await;
        assert_eq!(client.conversations(&app).await, std::slice::from_ref(&id), "{user:?}");
        all.push((client, id));
    }
    assert_eq!(profiles(&app, app.scope).await.len(), users.len());
    for (at, (client, _)) in all.iter().enumerate() {
        for (other, (_, id)) in all.iter().enumerate() {
            assert_eq!(
                client.view(&app, id).await.is_ok(),
                at == other,
                "{:?} {:?}",
                users[at],
                users[other]
            );
        }
    }
}

async fn block(app: &TestApp, id: ProfileId, blocked: bool) {
    let scope = app.scope;
    let set = move |writer: &eloquent_store::Writer<'_>| {
        writer.set_profile_blocked(&scope, id, blocked, "test", START)
    };
    app.write(set).await;
}

#[tokio::test]
async fn a_blocked_user_is_anonymous_everywhere_until_unblocked() {
    let app = TestApp::start().await;
    let token: Token = app.token(json!({ "user_id": "ada", "plan": "Pro" }));
    let mut page = Client::new();
    let who = identified(page.identify(&app, token.expose()).await);
    let id = converse(&app, &mut page, "Which plan am I on?").await;
    block(&app, who.profile_id, true).await;

    // The page goes on in its session, unverified.
    let transcript = page.chat(&app, "Which plan am I on?", Some(&id)).await;
    let identity = &transcript.accepted().identity;
    assert_eq!(
        (identity.status, identity.code),
        (IdentityStatus::Anonymous, Some(IdentityCode::IdentityBlocked))
    );
    assert!(!transcript.text().contains("Pro"), "{}", transcript.text());
    assert_eq!(marks(&app, &page, &id).await, [true, false]);
    // No other device sees anything of it.
    let mut phone = Client { next: 100, ..Client::with_token(&token) };
    assert_unreachable(&app, &phone, &id).await;
    let begun = converse(&app, &mut phone, "Hello").await;
    assert_eq!(conversations(&app, app.scope).await.iter().filter(|(user, _)| user.is_none()).count(), 1);
    // A newer token is not used either.
    let newer = json!({ "user_id": "ada", "plan": "Free", "iat": app.now_secs() + 5 });
    phone.identify(&app, app.token(newer).expose()).await;
    assert_eq!(profile(&app, who.profile_id).await.claims.get("plan"), Some("\"Pro\""));

    block(&app, who.profile_id, false).await;
    let response = identified(phone.identify(&app, token.expose()).await);
    assert_eq!((response.profile_id, response.claimed_conversation), (who.profile_id, true));
    assert!(phone.view(&app, &id).await.is_ok() && phone.view(&app, &begun).await.is_ok());
}

#[tokio::test]
async fn an_erased_user_is_unknown_at_once_and_starts_afresh() {
    let app = TestApp::start().await;
    let mut page = Client::new();
    let who = become_user(&app, &mut page, "ada").await;
    let id = converse(&app, &mut page, "Hello").await;
    let mut ben = Client::with_token(&app.token(claims("ben")));
    let his = converse(&app, &mut ben, "Hello").await;
    assert!(app.store.erase_profile(app.scope, who.profile_id).await.unwrap().is_some());

    // The open tab has nothing left: not by its session, not by its token, not by an old message's id.
    for client in [&page, &Client { token: None, ..page.clone() }, &Client { session: None, ..page.clone() }]
    {
        assert_unreachable(&app, client, &id).await;
        assert!(client.conversations(&app).await.is_empty());
    }
    assert_replay_leads_elsewhere(&app, &page, 1, &id).await;
    // The token is still good: it makes a profile that knows nothing of the former one.
    let again = become_user(&app, &mut page, "ada").await;
    assert_ne!(again.profile_id, who.profile_id);
    assert!(!page.conversations(&app).await.contains(&id));
    assert_unreachable(&app, &page, &id).await;
    assert!(ben.view(&app, &his).await.is_ok(), "nobody else is touched");
}
