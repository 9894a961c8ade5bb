//! What is counted of profiles: of one, before it is erased, and of all, claim by claim.

use std::collections::BTreeMap;

use eloquent_identity::Rejection;
use eloquent_store::{
    AgentScope, ClaimCount, Enforcement, Footprint, NewAttempt, Question, SessionNeed, StoreError, Surface,
};
use eloquent_types::id::ProfileId;
use serde_json::json;

use crate::setup::{NOW, Shop, id, profile_of, question, tenant};

async fn footprint(shop: &Shop, scope: AgentScope, profile: ProfileId) -> Option<Footprint> {
    shop.store.read(move |reader| reader.profile_footprint(&scope, profile)).await.unwrap()
}

async fn sessions(shop: &Shop, scope: AgentScope, profile: ProfileId) -> u64 {
    shop.store.read(move |reader| reader.profile_sessions(&scope, profile)).await.unwrap()
}

async fn counts(shop: &Shop, limit: u32) -> Vec<(String, u64)> {
    let scope = shop.agent;
    let counts: Vec<ClaimCount> =
        shop.store.read(move |reader| reader.claim_counts(&scope, limit)).await.unwrap();
    counts.into_iter().map(|count| (count.name, count.profiles)).collect()
}

#[tokio::test]
async fn what_is_counted_is_what_an_erasure_takes() {
    let shop = Shop::open().await;
    let caller = shop.caller(None, Some(shop.proof("ann", json!({}))));
    let (admission, session) = shop.admit(caller, SessionNeed::Always).await;
    let ann = profile_of(&admission);
    let none = Footprint { conversations: 0, messages: 0, attempts: 0, sessions: 1 };
    assert_eq!(footprint(&shop, shop.agent, ann).await, Some(none));

    let first = shop.ask(&admission.visitor, None).await;
    shop.ask(&admission.visitor, Some(first.conversation)).await;
    shop.ask(&admission.visitor, None).await;
    // After the token had expired, a conversation without a profile was begun in the same session.
    let (unverified, _) = shop.admit(shop.caller(Some(session), None), SessionNeed::Always).await;
    shop.ask(&unverified.visitor, None).await;
    let (ben, _) = shop.verified("ben").await;
    shop.ask(&ben, None).await;
    let (stranger, _) = shop.anonymous().await;
    shop.ask(&stranger, None).await;
    for (profile, conversation) in [(Some(ann), None), (None, Some(first.conversation)), (None, None)] {
        let attempt = NewAttempt {
            agent: shop.agent_id(),
            at: NOW,
            surface: Surface::Chat,
            verdict: Err(Rejection::SignatureInvalid),
            enforcement: Enforcement::Off,
            signed: None,
            origin: None,
            conversation,
            profile,
        };
        shop.store.write(move |writer| writer.record_attempt(&attempt)).await.unwrap();
    }
    let all = Footprint { conversations: 3, messages: 8, attempts: 2, sessions: 1 };
    assert_eq!(footprint(&shop, shop.agent, ann).await, Some(all));

    let (_, other) = shop.store.write(tenant).await.unwrap();
    assert_eq!(footprint(&shop, other, ann).await, None);
    assert_eq!((sessions(&shop, shop.agent, ann).await, sessions(&shop, other, ann).await), (1, 0));
    assert_eq!(footprint(&shop, shop.agent, id()).await, None);
    let erased = shop.store.erase_profile(shop.agent, ann).await.unwrap().unwrap();
    assert_eq!((erased.conversations, erased.messages), (all.conversations, all.messages));
    assert_eq!(footprint(&shop, shop.agent, ann).await, None);
}

#[tokio::test]
async fn claims_are_counted_by_name_the_commonest_first_after_the_email() {
    let shop = Shop::open().await;
    assert_eq!(counts(&shop, 9).await, [("email".to_owned(), 0)]);
    for (user, claims) in [
        ("ann", json!({ "email": "a@x", "plan": "pro", "seats": 1, "A": null })),
        ("ben", json!({ "plan": "pro", "a": 1 })),
        ("cy", json!({ "plan": "free", "seats": 2 })),
    ] {
        let caller = shop.caller(None, Some(shop.proof(user, claims)));
        shop.admit(caller, SessionNeed::OnlyIfVerified).await;
    }
    let of = |counts: &[(&str, u64)]| -> Vec<(String, u64)> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    assert_eq!(counts(&shop, 9).await, of(&[("email", 1), ("plan", 3), ("seats", 2), ("A", 1), ("a", 1)]));
    assert_eq!(counts(&shop, 2).await, of(&[("email", 1), ("plan", 3), ("seats", 2)]));
    // Another agent's are not among them.
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let elsewhere = shop.store.read(move |reader| reader.claim_counts(&other, 9)).await.unwrap();
    assert_eq!(elsewhere, [ClaimCount { name: "email".into(), profiles: 0 }]);
}

#[tokio::test]
async fn only_members_read_what_a_page_said_along_with_a_message() {
    let shop = Shop::open().await;
    let (visitor, _) = shop.verified("ann").await;
    let attributes = BTreeMap::from([("plan".to_owned(), "gold".to_owned())]);
    let posted =
        shop.post(&visitor, Question { attributes: attributes.clone(), ..question() }).await.unwrap();
    let (scope, conversation) = (shop.agent, posted.conversation);
    let (record, read) = shop
        .store
        .read(move |reader| {
            let record = reader.conversation(&scope, conversation)?.unwrap();
            Ok::<_, StoreError>((record, reader.messages_from(&visitor, conversation, 0)?.unwrap()))
        })
        .await
        .unwrap();
    assert_eq!(record.messages[0].attributes, attributes);
    assert_eq!(record.messages[1].attributes, BTreeMap::new());
    assert_eq!(read.len(), 2);
    assert!(read.iter().all(|message| message.attributes.is_empty()));
}
