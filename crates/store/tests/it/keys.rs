//! Keys begin, retire and end; a model says which are active.

use std::time::Duration;

use eloquent_identity::{Policy, Rejection, Secret, Token, Verifier, sign};
use eloquent_store::{
    ACTIVE_KEYS_MAX, AgentScope, KeyError, KeyInfo, MasterKey, NewAgent, NewCompany, NewKey, Store,
    StoreError, Writer,
};
use eloquent_types::{
    id::{Id, KeyId},
    time::Timestamp,
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Map, json};

use crate::setup::{MASTER, NOW, Shop, id, new_agent, number, secret, signing_key, tenant};

fn at(secs: u64) -> Timestamp {
    NOW + Duration::from_secs(secs)
}

fn new_key(secret: &Secret, id: KeyId, now: Timestamp) -> NewKey<'_> {
    NewKey { now, ..signing_key(secret, id) }
}

/// Runs a job that keeps to itself whether it failed: its changes are committed either way.
async fn attempt<T: Send + 'static>(
    shop: &Shop,
    job: impl FnOnce(&Writer<'_>) -> Result<T, KeyError> + Send + 'static,
) -> Result<T, KeyError> {
    shop.store.write(|writer| Ok::<_, StoreError>(job(writer))).await.unwrap()
}

async fn create(shop: &Shop, agent: AgentScope, now: Timestamp) -> Result<KeyId, KeyError> {
    let key = id();
    attempt(shop, move |writer| writer.create_key(&agent, &new_key(&secret(1), key, now))).await?;
    Ok(key)
}

async fn rotate(
    shop: &Shop,
    old: KeyId,
    retires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<KeyId, KeyError> {
    let (agent, key) = (shop.agent, id());
    let job =
        move |writer: &Writer<'_>| writer.rotate_key(&agent, old, &new_key(&secret(2), key, now), retires_at);
    attempt(shop, job).await?;
    Ok(key)
}

async fn keys(shop: &Shop) -> Vec<KeyInfo> {
    let agent = shop.agent;
    shop.store.read(move |reader| reader.keys(&agent)).await.unwrap()
}

async fn info(shop: &Shop, key: KeyId) -> KeyInfo {
    keys(shop).await.into_iter().find(|info| info.id == key).unwrap()
}

async fn retire(shop: &Shop, key: KeyId, retires_at: Option<Timestamp>, now: Timestamp) -> bool {
    let agent = shop.agent;
    shop.store.write(move |writer| writer.set_key_retirement(&agent, key, retires_at, now)).await.unwrap()
}

async fn revoke(shop: &Shop, key: KeyId, now: Timestamp) -> bool {
    let agent = shop.agent;
    shop.store.write(move |writer| writer.revoke_key(&agent, key, now)).await.unwrap()
}

/// What becomes at `now` of a token that is signed with the secret of this seed, naming a key or none.
async fn judge(shop: &Shop, seed: u8, kid: Option<KeyId>, now: Timestamp) -> Result<(), Rejection> {
    let agent = shop.agent_id();
    let keys = shop.store.read(move |reader| reader.verification_keys(agent, now)).await.unwrap();
    let claims: Map<_, _> = json!({"user_id": "ann"}).as_object().unwrap().clone();
    let token: Token = sign(&secret(seed), &claims, kid).unwrap();
    Verifier::new(agent, &keys, Policy::default()).verify(&token, now).map(drop)
}

#[tokio::test]
async fn a_rotation_interrupts_nobody_and_the_old_key_ends_when_it_was_told() {
    let shop = Shop::open().await;
    let old = create(&shop, shop.agent, NOW).await.unwrap();
    let new = rotate(&shop, old, Some(at(60)), at(1)).await.unwrap();
    let (old_info, new_info) = (info(&shop, old).await, info(&shop, new).await);
    assert_eq!((old_info.retires_at, old_info.revoked_at), (Some(at(60)), None));
    assert_eq!((new_info.retires_at, new_info.created_at), (None, at(1)));
    let last = NOW + Duration::from_millis(59_999);
    for (now, active) in [(at(1), true), (last, true), (at(60), false), (at(600), false)] {
        assert_eq!(judge(&shop, 2, None, now).await, Ok(()));
        assert_eq!(judge(&shop, 2, Some(new), now).await, Ok(()));
        assert_eq!((old_info.is_active(now), new_info.is_active(now)), (active, true));
        let expected = |rejection| if active { Ok(()) } else { Err(rejection) };
        assert_eq!(judge(&shop, 1, None, now).await, expected(Rejection::SignatureInvalid));
        assert_eq!(judge(&shop, 1, Some(old), now).await, expected(Rejection::KeyRevoked));
    }
    let store = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    let agent = shop.agent_id();
    let revoked = store.read(move |reader| reader.verification_keys(agent, at(60))).await.unwrap();
    assert_eq!(
        revoked.iter().map(|key| key.revoked).collect::<Vec<_>>(),
        [true, false],
        "also after a start"
    );
}

#[tokio::test]
async fn without_a_time_the_old_key_stays_until_it_is_revoked_or_its_own_time_comes() {
    let shop = Shop::open().await;
    let old = create(&shop, shop.agent, NOW).await.unwrap();
    let next = rotate(&shop, old, None, at(1)).await.unwrap();
    assert_eq!(info(&shop, old).await.retires_at, None);
    assert!(retire(&shop, next, Some(at(50)), at(2)).await);
    rotate(&shop, next, None, at(3)).await.unwrap();
    assert_eq!(info(&shop, next).await.retires_at, Some(at(50)), "a time chosen before is not lost");
    rotate(&shop, next, Some(at(3)), at(3)).await.unwrap();
    assert!(!info(&shop, next).await.is_active(at(3)), "the old one may end at once");
}

#[tokio::test]
async fn only_an_active_key_of_the_agent_can_be_rotated_and_a_refusal_changes_nothing() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let foreign = create(&shop, other, NOW).await.unwrap();
    let [active, revoked, retired] = [(); 3].map(|()| create(&shop, shop.agent, NOW));
    let (active, revoked, retired) = (active.await.unwrap(), revoked.await.unwrap(), retired.await.unwrap());
    assert!(revoke(&shop, revoked, NOW).await && retire(&shop, retired, Some(at(5)), NOW).await);
    let before = keys(&shop).await;
    for unknown in [foreign, id()] {
        assert!(matches!(rotate(&shop, unknown, Some(at(9)), at(5)).await, Err(KeyError::NotFound)));
    }
    for ended in [revoked, retired] {
        assert!(matches!(rotate(&shop, ended, Some(at(9)), at(5)).await, Err(KeyError::NotActive)));
    }
    // A new key with an id that is taken, also by another agent's key.
    for taken in [active, foreign] {
        let agent = shop.agent;
        let job = move |writer: &Writer<'_>| {
            writer.rotate_key(&agent, active, &new_key(&secret(2), taken, at(5)), Some(at(9)))
        };
        let refused = attempt(&shop, job).await;
        assert!(matches!(refused, Err(KeyError::Store(StoreError::Conflict))));
        let refused =
            attempt(&shop, move |writer| writer.create_key(&agent, &new_key(&secret(2), taken, at(5)))).await;
        assert!(matches!(refused, Err(KeyError::Store(StoreError::Conflict))));
    }
    assert_eq!(keys(&shop).await, before);
}

#[tokio::test]
async fn at_most_ten_keys_are_active_at_once() {
    let shop = Shop::open().await;
    let mut all = Vec::new();
    for _ in 0..ACTIVE_KEYS_MAX {
        all.push(create(&shop, shop.agent, NOW).await.unwrap());
    }
    let before = keys(&shop).await;
    assert!(matches!(create(&shop, shop.agent, NOW).await, Err(KeyError::TooManyActive)));
    for retires_at in [None, Some(at(9))] {
        assert!(matches!(rotate(&shop, all[0], retires_at, NOW).await, Err(KeyError::TooManyActive)));
    }
    assert_eq!(keys(&shop).await, before, "what was refused changed nothing");
    let (_, other) = shop.store.write(tenant).await.unwrap();
    create(&shop, other, NOW).await.unwrap();

    // One that ends makes room: replaced at once, revoked, retired.
    rotate(&shop, all[0], Some(NOW), NOW).await.unwrap();
    assert!(matches!(create(&shop, shop.agent, NOW).await, Err(KeyError::TooManyActive)));
    assert!(revoke(&shop, all[1], NOW).await);
    create(&shop, shop.agent, NOW).await.unwrap();
    assert!(retire(&shop, all[2], Some(at(5)), NOW).await);
    assert!(matches!(create(&shop, shop.agent, at(4)).await, Err(KeyError::TooManyActive)));
    create(&shop, shop.agent, at(5)).await.unwrap();
    assert!(matches!(create(&shop, shop.agent, at(5)).await, Err(KeyError::TooManyActive)));
}

#[tokio::test]
async fn a_retirement_can_be_moved_and_taken_back_until_it_has_come() {
    let shop = Shop::open().await;
    let key = create(&shop, shop.agent, NOW).await.unwrap();
    assert!(retire(&shop, key, Some(at(10)), NOW).await);
    assert!(retire(&shop, key, Some(at(20)), at(9)).await);
    assert!(retire(&shop, key, None, at(19)).await);
    assert_eq!(info(&shop, key).await.retires_at, None);
    assert!(retire(&shop, key, Some(at(30)), at(20)).await);
    for late in [None, Some(at(99))] {
        assert!(!retire(&shop, key, late, at(30)).await, "what has ended does not come back");
    }
    assert_eq!(info(&shop, key).await.retires_at, Some(at(30)));
    let revoked = create(&shop, shop.agent, NOW).await.unwrap();
    revoke(&shop, revoked, NOW).await;
    assert!(!retire(&shop, revoked, Some(at(10)), NOW).await);
    assert!(!retire(&shop, id(), Some(at(10)), NOW).await);
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let foreign = create(&shop, other, NOW).await.unwrap();
    assert!(!retire(&shop, foreign, Some(at(10)), NOW).await);
}

#[test]
fn a_key_is_safe_to_revoke_that_is_active_and_was_not_used_for_long() {
    let key = |last_used_at, retires_at, revoked_at| KeyInfo {
        id: Id::from_u128(1),
        name: "K".into(),
        last_four: "abcd".into(),
        created_at: NOW,
        last_used_at,
        use_count: 0,
        retires_at,
        revoked_at,
    };
    let idle = Duration::from_secs(100);
    for (key, since, now, safe) in [
        (key(None, None, None), NOW, at(99), false),
        (key(None, None, None), NOW, at(100), true),
        (key(Some(at(50)), None, None), at(50), at(149), false),
        (key(Some(at(50)), None, None), at(50), at(150), true),
        (key(None, Some(at(200)), None), NOW, at(150), true),
        (key(None, Some(at(150)), None), NOW, at(150), false),
        (key(None, None, Some(at(10))), NOW, at(150), false),
    ] {
        assert_eq!((key.idle_since(), key.is_safe_to_revoke(now, idle)), (since, safe), "{key:?} at {now}");
    }
}

#[tokio::test]
async fn only_active_keys_of_the_companys_other_agents_are_told() {
    let shop = Shop::open().await;
    let (company, agent) = (shop.company, shop.agent);
    let others = shop
        .store
        .write(move |writer| {
            let second = NewAgent { name: "Second".into(), ..new_agent(id()) };
            let (second, third) =
                (writer.create_agent(&company, &second)?, writer.create_agent(&company, &new_agent(id()))?);
            let elsewhere = NewCompany { id: id(), name: "Elsewhere".into(), now: NOW };
            let foreign = writer.create_agent(&writer.create_company(&elsewhere)?, &new_agent(id()))?;
            let add = |scope: &AgentScope, seed| {
                let key = id();
                writer.create_key(scope, &signing_key(&secret(seed), key)).map(|()| key)
            };
            add(&agent, 1)?;
            add(&second, 2)?;
            let (revoked, retired) = (add(&second, 3)?, add(&second, 4)?);
            writer.revoke_key(&second, revoked, NOW)?;
            writer.set_key_retirement(&second, retired, Some(at(5)), NOW)?;
            add(&third, 5)?;
            add(&foreign, 6)?;
            let told = |now| -> Result<Vec<_>, StoreError> {
                let others = writer.other_keys(&agent, now)?;
                Ok(others.into_iter().map(|other| (other.agent_name, other.key.secret)).collect())
            };
            Ok::<_, KeyError>([told(at(4))?, told(at(5))?])
        })
        .await
        .unwrap();
    let expected: [&[(&str, u8)]; 2] =
        [&[("Second", 2), ("Second", 4), ("Fern", 5)], &[("Second", 2), ("Fern", 5)]];
    for (told, expected) in others.iter().zip(expected) {
        let told: Vec<_> = told.iter().map(|(name, key)| (name.as_str(), key.expose().to_owned())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(name, seed)| (*name, secret(*seed).expose().to_owned())).collect();
        assert_eq!(told, expected);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Create,
    Rotate { key: Index, retires_in: Option<u64> },
    Retire { key: Index, retires_in: Option<u64> },
    Revoke { key: Index },
    Wait { secs: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let retires_in = || proptest::option::of(0..4_u64);
    let step = prop_oneof![
        3 => Just(Step::Create),
        2 => (any::<Index>(), retires_in()).prop_map(|(key, retires_in)| Step::Rotate { key, retires_in }),
        2 => (any::<Index>(), retires_in()).prop_map(|(key, retires_in)| Step::Retire { key, retires_in }),
        1 => any::<Index>().prop_map(|key| Step::Revoke { key }),
        2 => (1..3_u64).prop_map(|secs| Step::Wait { secs }),
    ];
    proptest::collection::vec(step, 1..40)
}

/// When a key ends, and whether it was revoked.
#[derive(Clone, Copy)]
struct ModelKey {
    id: KeyId,
    ends: Option<u64>,
    revoked: bool,
}

impl ModelKey {
    fn is_active(&self, now: u64) -> bool {
        !self.revoked && self.ends.is_none_or(|end| now < end)
    }
}

fn active(model: &[ModelKey], now: u64) -> usize {
    model.iter().filter(|key| key.is_active(now)).count()
}

fn play(writer: &Writer<'_>, agent: &AgentScope, steps: &[Step]) -> Result<(), KeyError> {
    let (mut model, mut now): (Vec<ModelKey>, u64) = (Vec::new(), 0);
    for step in steps {
        let chosen = |key: &Index| (!model.is_empty()).then(|| key.index(model.len()));
        let fresh = Id::from_u128(number().into());
        let secret = secret(1);
        let new = new_key(&secret, fresh, at(now));
        match step {
            Step::Wait { secs } => now += secs,
            Step::Create => {
                let room = active(&model, now) < ACTIVE_KEYS_MAX;
                assert_eq!(writer.create_key(agent, &new).is_ok(), room);
                model.extend(room.then_some(ModelKey { id: fresh, ends: None, revoked: false }));
            }
            Step::Rotate { key, retires_in } => {
                let Some(old) = chosen(key) else { continue };
                let mut after = model.clone();
                if let Some(secs) = retires_in {
                    after[old].ends = Some(now + secs);
                }
                after.push(ModelKey { id: fresh, ends: None, revoked: false });
                let good = model[old].is_active(now) && active(&after, now) <= ACTIVE_KEYS_MAX;
                let retires_at = retires_in.map(|secs| at(now + secs));
                assert_eq!(writer.rotate_key(agent, model[old].id, &new, retires_at).is_ok(), good);
                model = if good { after } else { model };
            }
            Step::Retire { key, retires_in } => {
                let Some(key) = chosen(key) else { continue };
                let ends = retires_in.map(|secs| now + secs);
                let changed = writer.set_key_retirement(agent, model[key].id, ends.map(at), at(now))?;
                assert_eq!(changed, model[key].is_active(now));
                if changed {
                    model[key].ends = ends;
                }
            }
            Step::Revoke { key } => {
                let Some(key) = chosen(key) else { continue };
                assert_eq!(writer.revoke_key(agent, model[key].id, at(now))?, !model[key].revoked);
                model[key].revoked = true;
            }
        }
        let expected: Vec<_> = model.iter().map(|key| (key.id, key.is_active(now))).collect();
        let listed =
            writer.keys(agent)?.iter().map(|key| (key.id, key.is_active(at(now)))).collect::<Vec<_>>();
        let verifying = writer.verification_keys(agent.agent_id(), at(now))?;
        let verifying = verifying.iter().map(|key| (key.id, !key.revoked)).collect::<Vec<_>>();
        assert_eq!((&listed, &verifying), (&expected, &expected));
        assert!(active(&model, now) <= ACTIVE_KEYS_MAX);
    }
    Ok(())
}

#[test]
fn whatever_is_done_to_them_the_active_keys_are_those_of_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shop = runtime.block_on(Shop::open());
    let company = shop.company;
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        let play = move |writer: &Writer<'_>| {
            let agent = writer.create_agent(&company, &new_agent(id()))?;
            play(writer, &agent, &steps)
        };
        runtime.block_on(shop.store.write(play)).unwrap();
    });
}
