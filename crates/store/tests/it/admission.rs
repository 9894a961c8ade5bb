//! Who a request's visitor is: profiles, sessions, claims of conversations.

use eloquent_store::{Admitted, Caller, Profile, ProfileFilter, SessionHash, SessionNeed, StoreError};
use eloquent_types::{id::ProfileId, time::Timestamp};
use serde_json::{Value, json};

use crate::setup::{NOW, Shop, id, profile_of, proof, secret, session, signing_key, tenant};

async fn profile(shop: &Shop, id: ProfileId) -> Profile {
    let scope = shop.agent;
    shop.store.read(move |reader| reader.profile(&scope, id)).await.unwrap().unwrap()
}

async fn profiles(shop: &Shop) -> Vec<Profile> {
    let scope = shop.agent;
    shop.store.read(move |reader| reader.profiles(&scope, &ProfileFilter::default())).await.unwrap()
}

async fn identify(shop: &Shop, user: &str, claims: Value) -> ProfileId {
    let caller = shop.caller(None, Some(shop.proof(user, claims)));
    profile_of(&shop.admit(caller, SessionNeed::OnlyIfVerified).await.0)
}

fn claims_of(profile: &Profile) -> Vec<(&str, &str)> {
    profile.claims.iter().collect()
}

#[tokio::test]
async fn a_profile_is_created_with_email_and_claims() {
    let shop = Shop::open().await;
    let claims = json!({"email": "a@example.com", "plan": "pro", "n": 12_345_678_901_234_567_890_u64,
        "iat": 1_600_000_000, "exp": 1_800_000_000, "deep": {"x": [1, null]}});
    let id = identify(&shop, "42", claims).await;
    let profile = profile(&shop, id).await;
    assert_eq!((profile.user_id.as_str(), profile.email.as_deref()), ("42", Some("a@example.com")));
    let expected = [("deep", r#"{"x":[1,null]}"#), ("n", "12345678901234567890"), ("plan", r#""pro""#)];
    assert_eq!(claims_of(&profile), expected);
    assert_eq!(profile.newest_issued_at, Some(1_600_000_000.0));
    assert_eq!((profile.created_at, profile.updated_at, profile.last_seen_at), (NOW, NOW, NOW));
    assert!(!profile.blocked);
}

#[tokio::test]
async fn email_is_kept_when_absent_and_claims_are_replaced_whole() {
    let shop = Shop::open().await;
    let id = identify(&shop, "42", json!({"email": "a@example.com", "plan": "pro", "role": "admin"})).await;
    assert_eq!(identify(&shop, "42", json!({"plan": "free"})).await, id);
    let kept = profile(&shop, id).await;
    assert_eq!(kept.email.as_deref(), Some("a@example.com"));
    assert_eq!(claims_of(&kept), [("plan", r#""free""#)]);
    identify(&shop, "42", json!({"email": "b@example.com"})).await;
    let kept = profile(&shop, id).await;
    assert_eq!((kept.email.as_deref(), kept.claims.len()), (Some("b@example.com"), 0));
    assert_eq!(profiles(&shop).await.len(), 1);
}

#[tokio::test]
async fn an_older_token_changes_nothing_but_is_seen() {
    let shop = Shop::open().await;
    let id = identify(&shop, "42", json!({"iat": 1000, "email": "new@x.example", "v": 1})).await;
    let later = NOW + std::time::Duration::from_mins(1);
    let steps = [
        // iat, the value of v given, the value kept, the newest iat kept
        (json!(999.5), 2, "1", 1000.0),
        (json!(1000), 3, "3", 1000.0),
        (Value::Null, 4, "4", 1000.0),
        (json!(500), 5, "4", 1000.0),
        (json!(1000.5), 6, "6", 1000.5),
    ];
    for (issued_at, given, kept, newest) in steps {
        let mut claims = json!({"email": format!("{given}@x.example"), "v": given});
        if !issued_at.is_null() {
            claims["iat"] = issued_at.clone();
        }
        let caller = shop.caller(None, Some(shop.proof("42", claims)));
        let (admission, _) = shop.admit_at(caller, SessionNeed::Always, later).await;
        assert_eq!(profile_of(&admission), id);
        let now = profile(&shop, id).await;
        assert_eq!(now.claims.get("v"), Some(kept), "iat {issued_at}");
        let email = if kept == "1" { "new@x.example".to_owned() } else { format!("{kept}@x.example") };
        assert_eq!(now.email, Some(email), "iat {issued_at}");
        assert_eq!(now.newest_issued_at, Some(newest), "iat {issued_at}");
        assert_eq!(now.last_seen_at, later, "an older token is still a sign of life");
    }
}

#[tokio::test]
async fn user_ids_are_distinguished_byte_for_byte() {
    let shop = Shop::open().await;
    let names = ["a", "A", " a", "a ", "é", "e\u{301}", "1", "1.0", "a%", "a_"];
    for name in names {
        identify(&shop, name, json!({"email": "same@example.com"})).await;
    }
    let mut kept: Vec<_> = profiles(&shop).await.iter().map(|p| p.user_id.as_str().to_owned()).collect();
    kept.sort();
    let mut expected = names.map(str::to_owned);
    expected.sort();
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn the_same_user_at_two_agents_is_two_profiles() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let here = identify(&shop, "42", json!({"plan": "pro"})).await;
    let caller = Caller {
        agent: other.agent_id(),
        session: None,
        proof: Some(proof(other.agent_id(), "42", json!({}))),
    };
    let there = profile_of(&shop.admit(caller, SessionNeed::Always).await.0);
    assert_ne!(here, there);
    assert_eq!(claims_of(&profile(&shop, here).await), [("plan", r#""pro""#)]);
}

#[tokio::test]
async fn an_identity_of_another_agent_is_refused_everywhere() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    identify(&shop, "42", json!({})).await;
    let caller = Caller { agent: other.agent_id(), session: None, proof: Some(shop.proof("42", json!({}))) };
    let (written, read) = (caller.clone(), caller);
    let fresh = eloquent_store::Fresh { session: session(), profile: id(), now: NOW };
    let admitted = shop.store.write(move |writer| writer.admit(&written, &fresh, SessionNeed::Always)).await;
    assert!(matches!(admitted, Err(StoreError::WrongAgent)));
    let visitor = shop.store.read(move |reader| reader.visitor(&read)).await;
    assert!(matches!(visitor, Err(StoreError::WrongAgent)));
    let scope = other;
    assert!(
        shop.store.read(move |r| r.profiles(&scope, &ProfileFilter::default())).await.unwrap().is_empty()
    );
}

#[tokio::test]
async fn a_session_is_issued_where_it_is_needed_and_kept_where_it_lives() {
    let shop = Shop::open().await;
    let (none, _) = shop.admit(shop.caller(None, None), SessionNeed::OnlyIfVerified).await;
    assert!(!none.session_issued && !none.visitor.has_session());
    let (first, token) = shop.admit(shop.caller(None, None), SessionNeed::Always).await;
    assert!(first.session_issued && first.identity == Admitted::Anonymous);
    for need in [SessionNeed::Always, SessionNeed::OnlyIfVerified] {
        let (again, _) = shop.admit(shop.caller(Some(token), None), need).await;
        assert!(!again.session_issued && again.visitor.has_session());
    }
    let (unknown, _) = shop.admit(shop.caller(Some(session()), None), SessionNeed::Always).await;
    assert!(unknown.session_issued);
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let foreign = Caller { agent: other.agent_id(), session: Some(token), proof: None };
    assert!(
        shop.admit(foreign, SessionNeed::Always).await.0.session_issued,
        "a session is bound to its agent"
    );
}

#[tokio::test]
async fn identifying_replaces_the_anonymous_session_and_claims_its_conversation() {
    let shop = Shop::open().await;
    let (visitor, anonymous) = shop.anonymous().await;
    let conversation = shop.ask(&visitor, None).await.conversation;
    let caller = shop.caller(Some(anonymous), Some(shop.proof("42", json!({}))));
    let (admission, verified) = shop.admit(caller, SessionNeed::OnlyIfVerified).await;
    let profile = profile_of(&admission);
    assert!(admission.session_issued, "no fixation: the session is a new one");
    let expected = Admitted::Verified { profile, switched_user: false, claimed_conversation: true };
    assert_eq!(admission.identity, expected);

    assert!(shop.can_read(&admission.visitor, conversation).await);
    assert!(!shop.can_read(&visitor, conversation).await, "the former visitor value is worth nothing");
    let with_old = shop.visitor(shop.caller(Some(anonymous), None)).await;
    assert!(!with_old.has_session() && !shop.can_read(&with_old, conversation).await);
    let with_new = shop.visitor(shop.caller(Some(verified), None)).await;
    assert!(shop.can_read(&with_new, conversation).await, "took part by claiming");

    let again = shop.caller(Some(verified), Some(shop.proof("42", json!({}))));
    let (again, _) = shop.admit(again, SessionNeed::Always).await;
    assert!(!again.session_issued, "the own session is kept");
    assert_eq!(
        again.identity,
        Admitted::Verified { profile, switched_user: false, claimed_conversation: false }
    );
}

#[tokio::test]
async fn another_user_inherits_nothing_of_the_session() {
    let shop = Shop::open().await;
    let (ann, session) = shop.verified("ann").await;
    let verified = shop.ask(&ann, None).await.conversation;
    let (expired, _) = shop.admit(shop.caller(Some(session), None), SessionNeed::Always).await;
    let unverified = shop.ask(&expired.visitor, None).await.conversation;

    let caller = shop.caller(Some(session), Some(shop.proof("bob", json!({}))));
    let (bob, _) = shop.admit(caller.clone(), SessionNeed::Always).await;
    assert!(matches!(
        bob.identity,
        Admitted::Verified { switched_user: true, claimed_conversation: false, .. }
    ));
    assert!(bob.session_issued);
    for conversation in [verified, unverified] {
        assert!(!shop.can_read(&bob.visitor, conversation).await);
        assert!(!shop.can_read(&shop.visitor(caller.clone()).await, conversation).await);
        assert!(!shop.can_read(&ann, conversation).await, "the session that was replaced has ended");
    }
    let back = shop.visitor(shop.caller(None, Some(shop.proof("ann", json!({}))))).await;
    assert!(shop.can_read(&back, verified).await);
    assert!(!shop.can_read(&back, unverified).await, "what had no profile and lost its session is nobody's");
}

#[tokio::test]
async fn a_conversation_begun_after_the_token_expired_is_claimed_by_the_next_token() {
    let shop = Shop::open().await;
    let (_, session) = shop.verified("ann").await;
    let (expired, _) = shop.admit(shop.caller(Some(session), None), SessionNeed::Always).await;
    assert_eq!(expired.identity, Admitted::Anonymous);
    let conversation = shop.ask(&expired.visitor, None).await.conversation;
    let caller = shop.caller(Some(session), Some(shop.proof("ann", json!({}))));
    let (renewed, _) = shop.admit(caller, SessionNeed::Always).await;
    assert!(matches!(renewed.identity, Admitted::Verified { claimed_conversation: true, .. }));
    let elsewhere = shop.visitor(shop.caller(None, Some(shop.proof("ann", json!({}))))).await;
    assert!(shop.can_read(&elsewhere, conversation).await);
}

#[tokio::test]
async fn a_blocked_profile_goes_on_as_without_a_proof() {
    let shop = Shop::open().await;
    let (ann, session) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    let (scope, id) = (shop.agent, ann.verified_profile().unwrap());
    assert!(shop.store.write(move |w| w.set_profile_blocked(&scope, id, true, "test", NOW)).await.unwrap());
    let before = profile(&shop, id).await;

    let proof = shop.proof("ann", json!({"email": "new@example.com", "plan": "x"}));
    let later = NOW + std::time::Duration::from_secs(9);
    let caller = shop.caller(None, Some(proof.clone()));
    let (admission, _) = shop.admit_at(caller, SessionNeed::Always, later).await;
    assert_eq!(admission.identity, Admitted::Blocked);
    assert_eq!(admission.visitor.verified_profile(), None);
    assert_eq!(profile(&shop, id).await, before, "nothing is updated");
    assert!(!shop.can_read(&admission.visitor, conversation).await);
    assert!(!shop.can_read(&shop.visitor(shop.caller(None, Some(proof))).await, conversation).await);
    assert!(!shop.ask(&admission.visitor, None).await.conversation.to_string().is_empty(), "the chat works");
    // The session took part while it was verified, and goes on as after an expiry.
    assert!(shop.can_read(&shop.visitor(shop.caller(Some(session), None)).await, conversation).await);

    assert!(shop.store.write(move |w| w.set_profile_blocked(&scope, id, false, "test", NOW)).await.unwrap());
    assert_eq!(identify(&shop, "ann", json!({})).await, id);
}

#[tokio::test]
async fn a_key_counts_its_uses() {
    let shop = Shop::open().await;
    let (scope, key_id) = (shop.agent, id());
    shop.store.write(move |w| w.create_key(&scope, &signing_key(&secret(1), key_id))).await.unwrap();
    let agent = shop.agent_id();
    let keys = shop.store.read(move |r| r.verification_keys(agent, NOW)).await.unwrap();
    let later = Timestamp::from_secs(1_700_000_100);
    for now in [NOW, later] {
        let proof = crate::setup::proof_by(agent, &keys[0], "42", json!({}));
        shop.admit_at(shop.caller(None, Some(proof)), SessionNeed::Always, now).await;
    }
    let info = shop.store.read(move |r| r.keys(&scope)).await.unwrap();
    assert_eq!((info[0].use_count, info[0].last_used_at), (2, Some(later)));
}

#[tokio::test]
async fn reading_creates_nothing() {
    let shop = Shop::open().await;
    let caller = shop.caller(Some(session()), Some(shop.proof("ann", json!({}))));
    let visitor = shop.visitor(caller).await;
    assert_eq!((visitor.verified_profile(), visitor.has_session()), (None, false));
    assert!(profiles(&shop).await.is_empty());
}

#[tokio::test]
async fn a_reader_with_an_identity_leaves_aside_somebody_elses_session() {
    let shop = Shop::open().await;
    let (ann, session) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    let bob = |known| (shop.caller(Some(session), Some(shop.proof("bob", json!({})))), known);
    for (caller, known) in [bob(false), bob(true)] {
        if known {
            identify(&shop, "bob", json!({})).await;
        }
        let visitor = shop.visitor(caller).await;
        assert!(!visitor.has_session());
        assert!(!shop.can_read(&visitor, conversation).await);
    }
}

#[tokio::test]
async fn a_session_is_confirmed_by_coming_back() {
    let shop = Shop::open().await;
    let (_, session) = shop.anonymous().await;
    let visitor = shop.visitor(shop.caller(Some(session), None)).await;
    assert!(visitor.is_unconfirmed());
    shop.store.write(move |writer| writer.confirm_session(&visitor)).await.unwrap();
    assert!(!shop.visitor(shop.caller(Some(session), None)).await.is_unconfirmed());
}

#[tokio::test]
async fn an_ended_session_owns_nothing() {
    let shop = Shop::open().await;
    for (visitor, session) in [shop.anonymous().await, shop.verified("ann").await] {
        let conversation = shop.ask(&visitor, None).await.conversation;
        let ended = visitor.clone();
        shop.store.write(move |writer| writer.end_session(&ended)).await.unwrap();
        assert!(!shop.can_read(&visitor, conversation).await);
        assert!(!shop.visitor(shop.caller(Some(session), None)).await.has_session());
        let refused = shop.post(&visitor, crate::setup::question()).await;
        assert!(matches!(refused, Err(eloquent_store::PostError::Store(StoreError::NoSession))));
    }
    let ann = shop.visitor(shop.caller(None, Some(shop.proof("ann", json!({}))))).await;
    let listed = shop.store.read(move |reader| reader.conversations_of(&ann)).await.unwrap();
    assert_eq!(listed.len(), 1, "a profile's conversations stay its own");
}

#[tokio::test]
async fn a_session_hash_shows_nothing() {
    assert_eq!(format!("{:?}", SessionHash::of(&crate::setup::token(5))), "SessionHash(…)");
}
