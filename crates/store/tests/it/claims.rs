//! What is kept of a user, claim by claim: provenance, history, hints, and the policy that says what becomes
//! of a claim.

use std::{collections::BTreeMap, time::Duration};

use eloquent_identity::VerifiedIdentity;
use eloquent_store::{
    AgentScope, Caller, ClaimPolicyError, ClaimRecord, ClaimUse, Hint, ProfileChange, ProfileChangeKind,
    ProfileDetails, Question, SessionNeed, StoreError, TokenTime,
    claim_policy::{CLAIM_NAME_MAX_CHARS, CLAIM_POLICIES_MAX},
    profile::HISTORY_MAX,
};
use eloquent_types::{
    id::{Id, KeyId, ProfileId},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::setup::{NOW, Shop, profile_of, proof, question, tenant};

/// The key with which [`proof`] signs.
const KEY: KeyId = Id::from_u128(7);

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

async fn identify(shop: &Shop, claims: Value, now: Timestamp) -> ProfileId {
    let caller = shop.caller(None, Some(shop.proof("ann", claims)));
    profile_of(&shop.admit_at(caller, SessionNeed::OnlyIfVerified, now).await.0)
}

async fn details(shop: &Shop, profile: ProfileId) -> ProfileDetails {
    let scope = shop.agent;
    shop.store.read(move |reader| reader.profile_details(&scope, profile)).await.unwrap().unwrap()
}

async fn history(shop: &Shop, profile: ProfileId) -> Vec<ProfileChange> {
    let scope = shop.agent;
    shop.store.read(move |reader| reader.profile_history(&scope, profile, None, 1_000)).await.unwrap()
}

async fn set_policy(shop: &Shop, name: &str, it: ClaimUse) -> Result<(), ClaimPolicyError> {
    let (scope, name) = (shop.agent, name.to_owned());
    shop.store.write(move |writer| writer.set_claim_policy(&scope, &name, it, later(1_000))).await
}

/// A visit with a message along with which the page says something of its user.
async fn say(shop: &Shop, claims: Value, attributes: BTreeMap<String, String>, now: Timestamp) -> ProfileId {
    let caller = shop.caller(None, Some(shop.proof("ann", claims)));
    let (admission, _) = shop.admit_at(caller, SessionNeed::Always, now).await;
    shop.post(&admission.visitor, Question { attributes, now, ..question() }).await.unwrap();
    profile_of(&admission)
}

fn claim(name: &str, old: Option<&str>, new: Option<&str>) -> ProfileChangeKind {
    let own = |value: Option<&str>| value.map(str::to_owned);
    ProfileChangeKind::Claim { name: name.into(), old: own(old), new: own(new) }
}

fn record(name: &str, value: &str, issued_at: Option<f64>, received_at: Timestamp) -> ClaimRecord {
    let from = TokenTime { issued_at, received_at };
    ClaimRecord { name: name.into(), value: value.into(), from }
}

#[tokio::test]
async fn each_value_keeps_the_token_that_first_gave_it() {
    let shop = Shop::open().await;
    let id = identify(&shop, json!({"iat": 10, "plan": "pro", "seats": 3, "email": "a@x"}), later(1)).await;
    identify(&shop, json!({"iat": 20.5, "plan": "free", "seats": 3, "role": "x"}), later(2)).await;
    let now = details(&shop, id).await;
    assert_eq!(
        now.claims,
        [
            record("plan", r#""free""#, Some(20.5), later(2)),
            record("role", r#""x""#, Some(20.5), later(2)),
            record("seats", "3", Some(10.0), later(1)),
        ]
    );
    assert_eq!(now.email_from, Some(TokenTime { issued_at: Some(10.0), received_at: later(1) }));
    assert_eq!((now.profile.updated_at, now.profile.last_seen_at), (later(2), later(2)));

    identify(&shop, json!({"email": "b@x", "seats": 3}), later(3)).await;
    let now = details(&shop, id).await;
    assert_eq!(now.claims, [record("seats", "3", Some(10.0), later(1))]);
    assert_eq!(now.email_from, Some(TokenTime { issued_at: None, received_at: later(3) }));
}

#[tokio::test]
async fn the_history_tells_what_changed_and_by_which_token() {
    let shop = Shop::open().await;
    let id = identify(&shop, json!({"iat": 10, "plan": "pro", "seats": 3}), later(1)).await;
    identify(&shop, json!({"iat": 20, "plan": "free", "role": "x", "email": "a@x"}), later(2)).await;
    identify(&shop, json!({"plan": "free", "role": "x", "email": "b@x"}), later(3)).await;
    let scope = shop.agent;
    shop.store
        .write(move |writer| {
            assert!(writer.set_profile_blocked(&scope, id, true, "olga@example.com", later(4))?);
            assert!(writer.set_profile_blocked(&scope, id, true, "again", later(5))?, "blocked already");
            writer.set_profile_blocked(&scope, id, false, "piet@example.com", later(6))
        })
        .await
        .unwrap();
    let email = |old: Option<&str>, new: &str| ProfileChangeKind::Email {
        old: old.map(str::to_owned),
        new: Some(new.into()),
    };
    let by_token = |issued_at| (Some((KEY, issued_at)), None);
    let by = |actor: &str| (None, Some(actor.to_owned()));
    let expected = [
        (later(6), ProfileChangeKind::Unblocked, by("piet@example.com")),
        (later(4), ProfileChangeKind::Blocked, by("olga@example.com")),
        (later(3), email(Some("a@x"), "b@x"), by_token(None)),
        (later(2), email(None, "a@x"), by_token(Some(20.0))),
        (later(2), claim("role", None, Some(r#""x""#)), by_token(Some(20.0))),
        (later(2), claim("plan", Some(r#""pro""#), Some(r#""free""#)), by_token(Some(20.0))),
        (later(2), claim("seats", Some("3"), None), by_token(Some(20.0))),
        (later(1), ProfileChangeKind::Created, by_token(Some(10.0))),
    ];
    let changes = history(&shop, id).await;
    let told: Vec<_> =
        changes.iter().map(|it| (it.at, it.kind.clone(), (it.from, it.actor.clone()))).collect();
    assert!(told == expected, "{changes:?}");

    let page =
        |before, limit| shop.store.read(move |reader| reader.profile_history(&scope, id, before, limit));
    assert!(page(None, 3).await.unwrap() == changes[..3]);
    assert!(page(Some(changes[2].id), 3).await.unwrap() == changes[3..6]);
    assert!(page(Some(changes[7].id), 3).await.unwrap().is_empty());
    assert!(page(Some(u64::MAX), 100).await.unwrap() == changes);
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let foreign = shop.store.read(move |reader| reader.profile_history(&other, id, None, 10)).await;
    assert!(foreign.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_again_and_an_older_token_leave_no_trace_but_last_seen() {
    let shop = Shop::open().await;
    let claims = json!({"iat": 10, "plan": "pro", "email": "a@x"});
    let id = identify(&shop, claims.clone(), later(1)).await;
    let (before, changes) = (details(&shop, id).await, history(&shop, id).await);
    let without_email = json!({"iat": 10, "plan": "pro"});
    let older = json!({"iat": 9, "plan": "old", "email": "old@x", "more": 1});
    for (at, claims) in (2..).zip([claims, without_email, older]) {
        identify(&shop, claims, later(at)).await;
        let mut expected = before.clone();
        expected.profile.last_seen_at = later(at);
        assert!(details(&shop, id).await == expected);
        assert!(history(&shop, id).await == changes);
    }
}

#[tokio::test]
async fn the_newest_changes_are_kept() {
    let shop = Shop::open().await;
    let id = identify(&shop, json!({"n": 0}), NOW).await;
    let proofs: Vec<VerifiedIdentity> =
        (1..=u64::from(HISTORY_MAX) + 20).map(|n| shop.proof("ann", json!({"n": n}))).collect();
    let agent = shop.agent_id();
    shop.store
        .write(move |writer| {
            for proof in proofs {
                let caller = Caller { agent, session: None, proof: Some(proof) };
                let fresh = eloquent_store::Fresh {
                    session: crate::setup::session(),
                    profile: crate::setup::id(),
                    now: NOW,
                };
                writer.admit(&caller, &fresh, SessionNeed::OnlyIfVerified)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let changes = history(&shop, id).await;
    assert_eq!(changes.len(), HISTORY_MAX as usize);
    assert!(changes[0].kind == claim("n", Some("519"), Some("520")), "the newest");
    assert!(changes[499].kind == claim("n", Some("20"), Some("21")), "the oldest that is left");
}

/// Names and values that a careless hand would cut, quote wrongly, fold or merge.
fn hostile() -> Map<String, Value> {
    let texts = ["", "\0", "a\0b", "a\0c", "a", "A", "a ", "\"", "\\", "'; DROP TABLE profile; --", "%", "_"];
    let more =
        ["é", "e\u{301}", "🦊", "\u{2028}", "\u{202e}", "{\"a\":1}", "null", "__proto__", "\u{7f}\n\t"];
    let mut claims: Map<String, Value> = Map::new();
    for (at, text) in texts.iter().chain(&more).enumerate() {
        claims.insert((*text).into(), json!({"text": text, "at": at, *text: [text, null, 1.5, true]}));
    }
    claims
}

#[tokio::test]
async fn hostile_names_and_values_come_back_as_they_were_signed() {
    let shop = Shop::open().await;
    let expected: Vec<(String, String)> =
        shop.proof("ann", hostile().into()).claims().iter().map(|(n, v)| (n.into(), v.into())).collect();
    assert_eq!(expected.len(), hostile().len());
    let id = identify(&shop, hostile().into(), NOW).await;
    for _ in 0..2 {
        let kept = details(&shop, id).await;
        let records: Vec<_> = kept.claims.into_iter().map(|it| (it.name, it.value)).collect();
        assert_eq!(records, expected);
        let claims: Vec<_> =
            kept.profile.claims.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(claims, expected);
        identify(&shop, hostile().into(), NOW).await;
    }
    assert_eq!(history(&shop, id).await.len(), 1, "the second time was the same");
    // Each goes and comes by itself.
    for name in hostile().keys() {
        let mut others = hostile();
        others.remove(name);
        identify(&shop, others.into(), NOW).await;
        let kept = details(&shop, id).await;
        assert!(kept.claims.len() == expected.len() - 1 && kept.claims.iter().all(|it| it.name != *name));
        identify(&shop, hostile().into(), NOW).await;
    }
}

#[tokio::test]
async fn hints_are_kept_apart_and_never_stand_in_for_a_claim() {
    let shop = Shop::open().await;
    let says = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let said = says(&[("plan", "gold"), ("cart", "3"), ("email", "no@x"), ("user_id", "eve"), ("exp", "1")]);
    let id = say(&shop, json!({"plan": "pro"}), said, later(1)).await;
    let hint =
        |name: &str, value: &str, received_at| Hint { name: name.into(), value: value.into(), received_at };
    let kept = details(&shop, id).await;
    assert_eq!(kept.hints, [hint("cart", "3", later(1)), hint("email", "no@x", later(1))]);
    assert_eq!(kept.profile.claims.get("plan"), Some(r#""pro""#));
    assert_eq!((kept.profile.email, kept.profile.claims.len()), (None, 1), "hints are no claims");

    say(&shop, json!({"email": "a@x"}), says(&[("cart", "4")]), later(2)).await;
    let kept = details(&shop, id).await;
    assert_eq!(
        kept.hints,
        [hint("cart", "4", later(2)), hint("plan", "gold", later(1))],
        "the email is verified now, and the plan is not any more"
    );
    assert!(history(&shop, id).await.iter().all(|it| !format!("{:?}", it.kind).contains("gold")));
}

#[tokio::test]
async fn hints_are_bounded_and_need_a_verified_question() {
    let shop = Shop::open().await;
    let attributes = |from: usize| (from..from + 30).map(|at| (format!("h{at:03}"), "x".into())).collect();
    let id = say(&shop, json!({}), attributes(0), later(1)).await;
    say(&shop, json!({}), attributes(100), later(2)).await;
    let names = async || details(&shop, id).await.hints.into_iter().map(|hint| hint.name).collect::<Vec<_>>();
    let kept = names().await;
    assert_eq!(kept.len(), 50);
    assert!((100..130).all(|at| kept.contains(&format!("h{at:03}"))), "the newest stay: {kept:?}");
    say(&shop, json!({}), (0..80).map(|at| (format!("n{at:03}"), "x".into())).collect(), later(3)).await;
    let kept = names().await;
    assert!(kept.len() == 50 && kept.iter().all(|name| name.starts_with('n')), "{kept:?}");

    let long = BTreeMap::from([("long".to_owned(), "é".repeat(600)), ("x".repeat(256), "no".into())]);
    say(&shop, json!({}), long, later(4)).await;
    let kept = details(&shop, id).await.hints;
    let value = &kept.iter().find(|hint| hint.name == "long").unwrap().value;
    assert_eq!(*value, "é".repeat(512));
    assert!(kept.iter().all(|hint| hint.name.len() < 256));

    let (anonymous, _) = shop.anonymous().await;
    let said = BTreeMap::from([("anonymous".to_owned(), "x".to_owned())]);
    shop.post(&anonymous, Question { attributes: said, ..question() }).await.unwrap();
    assert!(!names().await.contains(&"anonymous".to_owned()));
}

#[tokio::test]
async fn a_question_that_is_sent_again_says_nothing_new() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let id = ann.verified_profile().unwrap();
    let said = |value: &str| BTreeMap::from([("cart".to_owned(), value.to_owned())]);
    let first = Question { attributes: said("1"), ..question() };
    shop.post(&ann, first.clone()).await.unwrap();
    shop.post(&ann, Question { attributes: said("2"), id: crate::setup::id(), ..first }).await.unwrap();
    assert_eq!(details(&shop, id).await.hints[0].value, "1");
}

#[tokio::test]
async fn the_agent_is_told_what_its_policy_lets_through() {
    let shop = Shop::open().await;
    for (name, it) in [("ssn", ClaimUse::Dashboard), ("email", ClaimUse::Dashboard), ("x", ClaimUse::Agent)] {
        set_policy(&shop, name, it).await.unwrap();
    }
    let id = identify(&shop, json!({"email": "a@x", "ssn": "1", "SSN": 2, "plan": "pro"}), NOW).await;
    let agent = shop.agent_id();
    let policies = shop.store.read(move |reader| reader.claim_policies(agent)).await.unwrap();
    let named = [("email", ClaimUse::Dashboard), ("ssn", ClaimUse::Dashboard)];
    assert_eq!(policies.iter().collect::<Vec<_>>(), named);
    let kept = details(&shop, id).await.profile;
    assert_eq!((kept.email.as_deref(), kept.claims.len()), (Some("a@x"), 3), "the dashboard sees all");
    let (email, claims) = policies.for_agent(&kept);
    assert_eq!(email, None);
    assert_eq!(claims.iter().collect::<Vec<_>>(), [("SSN", "2"), ("plan", r#""pro""#)], "byte for byte");

    set_policy(&shop, "email", ClaimUse::Agent).await.unwrap();
    let policies = shop.store.read(move |reader| reader.claim_policies(agent)).await.unwrap();
    assert_eq!(policies.for_agent(&kept).0, Some("a@x"));
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let elsewhere = shop.store.read(move |reader| reader.claim_policies(other.agent_id())).await.unwrap();
    assert_eq!(elsewhere.iter().count(), 0);
}

#[tokio::test]
async fn a_dropped_claim_is_kept_nowhere() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let there = proof(other.agent_id(), "ann", json!({"ssn": "theirs", "email": "theirs@x"}));
    let caller = Caller { agent: other.agent_id(), session: None, proof: Some(there) };
    let there = profile_of(&shop.admit(caller, SessionNeed::OnlyIfVerified).await.0);

    identify(&shop, json!({"iat": 1, "ssn": "canary-1", "email": "canary-1@x"}), NOW).await;
    let said = BTreeMap::from([("ssn".to_owned(), "said".to_owned())]);
    let claims = json!({"iat": 2, "ssn": "canary-2", "email": "canary-2@x", "plan": "pro"});
    let id = say(&shop, claims, said.clone(), NOW).await;
    for name in ["ssn", "email"] {
        set_policy(&shop, name, ClaimUse::Dropped).await.unwrap();
    }
    let check = async |seen: Timestamp| {
        let kept = details(&shop, id).await;
        assert_eq!(kept.claims.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["plan"]);
        assert_eq!((kept.profile.email.as_deref(), kept.email_from), (None, None));
        assert!(kept.hints.is_empty());
        assert_eq!((kept.profile.updated_at, kept.profile.last_seen_at), (later(1_000), seen));
        let changes = history(&shop, id).await;
        let told = |change: &ProfileChange| match &change.kind {
            ProfileChangeKind::Claim { name, .. } => name == "ssn",
            kind => matches!(kind, ProfileChangeKind::Email { .. }),
        };
        assert!(!changes.iter().any(told));
    };
    check(NOW).await;
    let holds = |what: &str| {
        let bytes = shop.raw_bytes();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    assert!(holds("theirs@x"));
    // The files are cleaned between two writes, once nobody reads. (Very many writes would overwrite the log
    // by themselves.)
    let mut writes = 0;
    while holds("canary") {
        shop.store.write(tenant).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        writes += 1;
        assert!(writes < 100);
    }
    let claims = json!({"iat": 3, "ssn": "canary-3", "email": "canary-3@x", "plan": "pro"});
    say(&shop, claims.clone(), said, later(9)).await;
    check(later(9)).await;
    let rows = rusqlite::Connection::open(&shop.file).unwrap();
    let count = |sql| rows.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM profile_claim WHERE value LIKE '%canary%'"), 0);
    assert_eq!(count("SELECT count(*) FROM profile_change WHERE old || new LIKE '%canary%'"), 0);
    assert_eq!(count("SELECT count(*) FROM profile WHERE email LIKE '%canary%'"), 0);
    let scope = other;
    let kept = shop.store.read(move |reader| reader.profile(&scope, there)).await.unwrap().unwrap();
    assert_eq!((kept.email.as_deref(), kept.claims.len()), (Some("theirs@x"), 1), "another agent's stays");

    set_policy(&shop, "ssn", ClaimUse::Dashboard).await.unwrap();
    assert_eq!(details(&shop, id).await.claims.len(), 1, "nothing comes back by itself");
    identify(&shop, claims, later(10)).await;
    let kept = details(&shop, id).await.claims;
    assert_eq!(kept[1], record("ssn", r#""canary-3""#, Some(3.0), later(10)));
}

#[tokio::test]
async fn a_policy_is_bounded() {
    let shop = Shop::open().await;
    for name in ["", &"é".repeat(CLAIM_NAME_MAX_CHARS + 1)] {
        let refused = set_policy(&shop, name, ClaimUse::Dropped).await;
        assert!(matches!(refused, Err(ClaimPolicyError::InvalidName)), "{name}");
    }
    for name in ["user_id", "iat", "exp", "nbf"] {
        for it in ClaimUse::ALL {
            assert!(matches!(set_policy(&shop, name, it).await, Err(ClaimPolicyError::NotAClaim)), "{name}");
        }
    }
    let longest = "é".repeat(CLAIM_NAME_MAX_CHARS);
    set_policy(&shop, &longest, ClaimUse::Dashboard).await.unwrap();
    let scope = shop.agent;
    shop.store
        .write(move |writer| {
            (1..CLAIM_POLICIES_MAX)
                .try_for_each(|at| writer.set_claim_policy(&scope, &format!("c{at}"), ClaimUse::Dropped, NOW))
        })
        .await
        .unwrap();
    let refused = set_policy(&shop, "one too many", ClaimUse::Dashboard).await;
    assert!(matches!(refused, Err(ClaimPolicyError::TooMany)));
    set_policy(&shop, &longest, ClaimUse::Dropped).await.unwrap();
    set_policy(&shop, &longest, ClaimUse::Agent).await.unwrap();
    set_policy(&shop, "one for it", ClaimUse::Dashboard).await.unwrap();
}

#[test]
fn uses_have_names() {
    for it in ClaimUse::ALL {
        assert_eq!(ClaimUse::parse(it.as_str()), Some(it));
    }
    assert_eq!(ClaimUse::parse("Agent"), None);
}

#[tokio::test]
async fn debug_shows_no_value() {
    let shop = Shop::open().await;
    let said = BTreeMap::from([("hint".to_owned(), "canary".to_owned())]);
    say(&shop, json!({"plan": "canary", "email": "canary"}), BTreeMap::new(), NOW).await;
    let id = say(&shop, json!({"plan": "canary-2", "email": "canary-2"}), said, NOW).await;
    let (scope, kept, changes): (AgentScope, _, _) =
        (shop.agent, details(&shop, id).await, history(&shop, id).await);
    let export = shop.store.read(move |reader| reader.export_profile(&scope, id)).await.unwrap();
    let shown = format!("{kept:?} {changes:?} {export:?} {:?}", changes[0].kind);
    assert!(!shown.contains("canary") && shown.len() > 100, "{shown}");
}
