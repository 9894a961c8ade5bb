//! Finding profiles: by text, user id, email, claim, block, and by several at once.

use std::time::Duration;

use eloquent_store::{Caller, ProfileFilter, SessionNeed};
use eloquent_types::text::UserId;
use serde_json::{Value, json};

use crate::setup::{NOW, Shop, profile_of, proof, tenant};

/// Users in the order in which they were last seen, and one at another agent who passes every filter.
async fn crowd(users: &[(&str, Value)]) -> Shop {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    for (at, (user, claims)) in (1..).zip(users) {
        let now = NOW + Duration::from_secs(at);
        let caller = shop.caller(None, Some(shop.proof(user, claims.clone())));
        shop.admit_at(caller, SessionNeed::OnlyIfVerified, now).await;
        let agent = other.agent_id();
        let caller = Caller { agent, session: None, proof: Some(proof(agent, user, claims.clone())) };
        shop.admit_at(caller, SessionNeed::OnlyIfVerified, now).await;
    }
    shop
}

async fn found(shop: &Shop, filter: ProfileFilter) -> Vec<String> {
    let scope = shop.agent;
    let profiles = shop.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap();
    profiles.iter().map(|profile| profile.user_id.as_str().to_owned()).collect()
}

fn text(sought: &str) -> ProfileFilter {
    ProfileFilter { text: Some(sought.into()), ..ProfileFilter::default() }
}

fn claim(name: &str, value: Option<&str>) -> ProfileFilter {
    ProfileFilter { claim: Some((name.into(), value.map(str::to_owned))), ..ProfileFilter::default() }
}

#[tokio::test]
async fn a_text_is_found_anywhere_and_means_nothing_but_itself() {
    let shop = crowd(&[
        ("ann", json!({"email": "Ann@Example.com", "note": "100% a_b \"quoted\" back\\slash"})),
        ("b%b", json!({"deep": {"list": [1, "needle"]}, "NEEDLE": true, "line": "one\ntwo"})),
        ("c_c", json!({"a\0b": "nul", "u": "Ünïcode", "x": "'; DROP TABLE profile; --"})),
    ])
    .await;
    for (sought, expected) in [
        ("", &["c_c", "b%b", "ann"] as &[&str]),
        ("ANN", &["ann"]),
        ("@example.COM", &["ann"]),
        ("%", &["b%b", "ann"]),
        ("_", &["c_c", "ann"]),
        ("*", &[]),
        ("needle", &["b%b"]),
        ("Needle", &["b%b"]),
        ("\"quoted\"", &["ann"]),
        ("back\\slash", &["ann"]),
        ("one\ntwo", &["b%b"]),
        ("a\0b", &["c_c"]),
        ("a\0c", &[]),
        ("Ünï", &["c_c"]),
        ("';", &["c_c"]),
        ("ann%", &[]),
        ("iat", &[]),
    ] {
        assert_eq!(found(&shop, text(sought)).await, expected, "{sought:?}");
    }
}

#[tokio::test]
async fn a_user_id_is_compared_byte_for_byte() {
    let names = ["a", "A", " a", "a ", "é", "e\u{301}", "a%", "1", "1.0"];
    let users = names.map(|name| (name, json!({"name": name})));
    let shop = crowd(&users).await;
    let scope = shop.agent;
    for name in names {
        let filter = ProfileFilter { user_id: Some(name.into()), ..ProfileFilter::default() };
        assert_eq!(found(&shop, filter).await, [name]);
        let id = UserId::parse(name).unwrap();
        let profile = shop.store.read(move |r| r.profile_by_user_id(&scope, &id)).await.unwrap().unwrap();
        assert_eq!(profile.user_id.as_str(), name);
        assert_eq!(profile.claims.get("name"), Some(Value::from(name).to_string().as_str()));
    }
    for name in ["", "b", "a\0", "%"] {
        let filter = ProfileFilter { user_id: Some(name.into()), ..ProfileFilter::default() };
        assert!(found(&shop, filter).await.is_empty(), "{name:?}");
    }
    let unknown = UserId::parse("nobody").unwrap();
    assert!(shop.store.read(move |r| r.profile_by_user_id(&scope, &unknown)).await.unwrap().is_none());
}

#[tokio::test]
async fn an_email_is_compared_without_regard_to_ascii_case() {
    let shop = crowd(&[
        ("ann", json!({"email": "Ann@Example.com"})),
        ("also ann", json!({"email": "ann@example.COM"})),
        ("longer", json!({"email": "ann@example.com.uk"})),
        ("nul", json!({"email": "a\0b@x"})),
        ("umlaut", json!({"email": "Ä@x"})),
        ("none", json!({"Email": "ann@example.com"})),
    ])
    .await;
    for (email, expected) in [
        ("ann@example.com", &["also ann", "ann"] as &[&str]),
        ("ANN@EXAMPLE.COM", &["also ann", "ann"]),
        ("A\0B@x", &["nul"]),
        ("a\0c@x", &[]),
        ("Ä@X", &["umlaut"]),
        ("ä@x", &[]),
        ("%@example.com", &[]),
        ("", &[]),
    ] {
        let filter = ProfileFilter { email: Some(email.into()), ..ProfileFilter::default() };
        assert_eq!(found(&shop, filter).await, expected, "{email:?}");
    }
}

#[tokio::test]
async fn a_claim_is_found_by_name_and_by_value() {
    let shop = crowd(&[
        ("ann", json!({"plan": "pro", "seats": 3})),
        ("bob", json!({"plan": "Pro", "seats": "3"})),
        ("eve", json!({"Plan": "pro", "list": ["a", 1], "null": null, "quote": "\"\\"})),
    ])
    .await;
    for (name, value, expected) in [
        ("plan", None, &["bob", "ann"] as &[&str]),
        ("Plan", None, &["eve"]),
        ("pla", None, &[]),
        ("%", None, &[]),
        ("plan", Some("pro"), &["ann"]),
        ("plan", Some("\"pro\""), &["ann"]),
        ("plan", Some("pr"), &[]),
        ("plan", Some("p%"), &[]),
        ("seats", Some("3"), &["bob", "ann"]),
        ("seats", Some("\"3\""), &["bob"]),
        ("list", Some("[\"a\",1]"), &["eve"]),
        ("null", Some("null"), &["eve"]),
        ("quote", Some("\"\\"), &["eve"]),
        ("email", None, &[]),
    ] {
        assert_eq!(found(&shop, claim(name, value)).await, expected, "{name} {value:?}");
    }
}

#[tokio::test]
async fn everything_that_is_given_must_hold() {
    let shop = crowd(&[
        ("ann", json!({"email": "a@x", "plan": "pro"})),
        ("bob", json!({"email": "a@x", "plan": "pro"})),
        ("eve", json!({"email": "e@x", "plan": "free"})),
    ])
    .await;
    let bob = shop.caller(None, Some(shop.proof("bob", json!({"email": "a@x", "plan": "pro"}))));
    let bob = profile_of(&shop.admit(bob, SessionNeed::OnlyIfVerified).await.0);
    let scope = shop.agent;
    shop.store.write(move |w| w.set_profile_blocked(&scope, bob, true, "test", NOW)).await.unwrap();
    let blocked = |blocked| ProfileFilter { blocked: Some(blocked), ..claim("plan", Some("pro")) };
    assert_eq!(found(&shop, blocked(true)).await, ["bob"]);
    assert_eq!(found(&shop, blocked(false)).await, ["ann"]);
    let whole = ProfileFilter {
        text: Some("pr".into()),
        user_id: Some("ann".into()),
        email: Some("A@x".into()),
        ..blocked(false)
    };
    assert_eq!(found(&shop, whole.clone()).await, ["ann"]);
    for spoilt in [
        ProfileFilter { text: Some("other".into()), ..whole.clone() },
        ProfileFilter { user_id: Some("eve".into()), ..whole.clone() },
        ProfileFilter { email: Some("e@x".into()), ..whole.clone() },
        ProfileFilter { claim: Some(("plan".into(), Some("free".into()))), ..whole.clone() },
        ProfileFilter { blocked: Some(true), ..whole },
    ] {
        assert!(found(&shop, spoilt).await.is_empty());
    }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let users: Vec<String> = (0..60).map(|at| format!("user-{at:02}")).collect();
    let users: Vec<(&str, Value)> = users.iter().map(|user| (user.as_str(), json!({"n": 1}))).collect();
    let shop = crowd(&users).await;
    let all: Vec<&str> = users.iter().rev().map(|(user, _)| *user).collect();
    assert_eq!(found(&shop, ProfileFilter::default()).await, all[..50], "50 by default");
    for (limit, offset, expected) in
        [(7, 0, &all[..7]), (7, 7, &all[7..14]), (99, 55, &all[55..]), (9, 60, &[])]
    {
        let filter = ProfileFilter { limit, offset, ..claim("n", None) };
        assert_eq!(found(&shop, filter).await, expected);
    }
}
