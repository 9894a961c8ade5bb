//! Random sequences of what happens to profiles (tokens, questions, blocks, erasures, policies), compared
//! after every step with a plain model of what each profile holds and since when.

use std::{collections::BTreeMap, time::Duration};

use eloquent_store::{
    Admitted, AgentScope, Caller, ClaimRecord, ClaimUse, Hint, Profile, ProfileChangeKind, ProfileDetails,
    Question, SessionNeed, TokenTime,
};
use eloquent_types::{claims::Claims, id::ProfileId, text::UserId, time::Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::setup::{NOW, Shop, profile_of, proof, question, tenant};

const USERS: [&str; 2] = ["ann", "Ann"];
const NAMES: [&str; 4] = ["plan", "Plan", "a\0b", "email"];

/// What happens to a user at an agent.
#[derive(Clone, Debug)]
enum Step {
    /// A token with these values by the names' place; 0 stands for none. With a hint, a question is asked.
    Token {
        issued_at: Option<u8>,
        values: [u8; 4],
        hint: Option<(usize, u8)>,
    },
    Block(bool),
    Erase,
    Policy {
        name: usize,
        it: ClaimUse,
    },
}

fn steps() -> impl Strategy<Value = Vec<(usize, usize, Step)>> {
    let hint = proptest::option::weighted(0.3, (0..NAMES.len(), 0..3_u8));
    let it = proptest::sample::select(&ClaimUse::ALL[..]);
    let step = prop_oneof![
        12 => (proptest::option::weighted(0.8, 0..4_u8), [0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8], hint)
            .prop_map(|(issued_at, values, hint)| Step::Token { issued_at, values, hint }),
        2 => any::<bool>().prop_map(Step::Block),
        1 => Just(Step::Erase),
        3 => (0..NAMES.len(), it).prop_map(|(name, it)| Step::Policy { name, it }),
    ];
    proptest::collection::vec((0..2_usize, 0..USERS.len(), step), 1..30)
}

/// What a profile holds, said as plainly as possible. The email is the claim of that name.
#[derive(Clone)]
struct Model {
    id: ProfileId,
    values: BTreeMap<&'static str, (String, TokenTime)>,
    hints: BTreeMap<&'static str, (String, Timestamp)>,
    blocked: bool,
    newest: Option<f64>,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_seen_at: Timestamp,
    /// The oldest first.
    history: Vec<ProfileChangeKind>,
}

type Policies = BTreeMap<&'static str, ClaimUse>;

impl Model {
    fn new(id: ProfileId, now: Timestamp) -> Self {
        Self {
            id,
            values: BTreeMap::new(),
            hints: BTreeMap::new(),
            blocked: false,
            newest: None,
            created_at: now,
            updated_at: now,
            last_seen_at: now,
            history: Vec::new(),
        }
    }

    fn token(&mut self, issued_at: Option<f64>, given: &BTreeMap<&'static str, String>, now: Timestamp) {
        self.last_seen_at = now;
        if issued_at.is_some_and(|at| self.newest.is_some_and(|newest| at < newest)) {
            return;
        }
        self.newest = issued_at.or(self.newest);
        for name in NAMES {
            let old = self.values.get(name).map(|(value, _)| value.clone());
            let new = given.get(name).cloned();
            if old == new || (name == "email" && new.is_none()) {
                continue;
            }
            match &new {
                Some(value) => {
                    let from = TokenTime { issued_at, received_at: now };
                    self.values.insert(name, (value.clone(), from));
                }
                None => drop(self.values.remove(name)),
            }
            self.updated_at = now;
            self.history.push(change(name, old, new));
        }
    }

    fn drop_name(&mut self, name: &'static str, now: Timestamp) {
        if self.values.remove(name).is_some() {
            self.updated_at = now;
        }
        self.hints.remove(name);
        self.history.retain(|change| match change {
            ProfileChangeKind::Claim { name: of, .. } => of != name,
            ProfileChangeKind::Email { .. } => name != "email",
            _ => true,
        });
    }

    fn details(&self, user: &str) -> ProfileDetails {
        let claims = || self.values.iter().filter(|(name, _)| **name != "email");
        let email = self.values.get("email");
        let json = |value: &str| Value::from(value).to_string();
        ProfileDetails {
            profile: Profile {
                id: self.id,
                user_id: UserId::parse(user).unwrap(),
                email: email.map(|(value, _)| value.clone()),
                claims: Claims::from_json_values(
                    claims().map(|(name, (value, _))| ((*name).to_owned(), json(value))),
                ),
                blocked: self.blocked,
                created_at: self.created_at,
                updated_at: self.updated_at,
                last_seen_at: self.last_seen_at,
                newest_issued_at: self.newest,
            },
            email_from: email.map(|(_, from)| *from),
            claims: claims()
                .map(|(name, (value, from))| ClaimRecord {
                    name: (*name).to_owned(),
                    value: json(value),
                    from: *from,
                })
                .collect(),
            hints: self
                .hints
                .iter()
                .filter(|(name, _)| !self.values.contains_key(*name))
                .map(|(name, (value, at))| Hint {
                    name: (*name).to_owned(),
                    value: value.clone(),
                    received_at: *at,
                })
                .collect(),
        }
    }
}

fn change(name: &str, old: Option<String>, new: Option<String>) -> ProfileChangeKind {
    let json = |value: String| Value::from(value).to_string();
    match name {
        "email" => ProfileChangeKind::Email { old, new },
        _ => ProfileChangeKind::Claim { name: name.into(), old: old.map(json), new: new.map(json) },
    }
}

struct Run<'s> {
    shop: &'s Shop,
    agents: [AgentScope; 2],
    now: Timestamp,
    profiles: BTreeMap<(usize, usize), Model>,
    policies: [Policies; 2],
    /// Every profile id that ever was.
    known: Vec<(usize, ProfileId)>,
}

impl Run<'_> {
    async fn step(&mut self, agent: usize, user: usize, step: &Step) {
        self.now = self.now + Duration::from_secs(1);
        match step {
            Step::Token { issued_at, values, hint } => {
                let issued_at = issued_at.map(f64::from);
                self.token((agent, user), issued_at, values, *hint).await;
            }
            Step::Block(blocked) => self.block((agent, user), *blocked).await,
            Step::Erase => {
                let Some(model) = self.profiles.remove(&(agent, user)) else { return };
                let erased = self.shop.store.erase_profile(self.agents[agent], model.id).await;
                assert!(erased.unwrap().is_some());
            }
            Step::Policy { name, it } => self.set_policy(agent, NAMES[*name], *it).await,
        }
    }

    async fn token(
        &mut self,
        at: (usize, usize),
        issued_at: Option<f64>,
        values: &[u8; 4],
        hint: Option<(usize, u8)>,
    ) {
        let (agent, now) = (self.agents[at.0].agent_id(), self.now);
        let given: BTreeMap<&str, String> = NAMES
            .into_iter()
            .zip(values)
            .filter(|(_, value)| **value > 0)
            .map(|(name, value)| (name, format!("value {value}")))
            .collect();
        let mut claims: Map<String, Value> =
            given.iter().map(|(name, value)| ((*name).into(), value.as_str().into())).collect();
        if let Some(issued_at) = issued_at {
            claims.insert("iat".into(), issued_at.into());
        }
        let caller = Caller { agent, session: None, proof: Some(proof(agent, USERS[at.1], claims.into())) };
        let (admission, _) = self.shop.admit_at(caller, SessionNeed::Always, now).await;
        let blocked = self.profiles.get(&at).is_some_and(|model| model.blocked);
        assert_eq!(admission.identity == Admitted::Blocked, blocked);
        let policies = self.policies[at.0].clone();
        let dropped = |name: &str| policies.get(name) == Some(&ClaimUse::Dropped);
        if !blocked {
            let id = profile_of(&admission);
            let kept = given.into_iter().filter(|(name, _)| !dropped(name)).collect();
            self.admitted(at, id, issued_at, &kept);
        }
        let Some((name, value)) = hint else { return };
        let (name, value) = (NAMES[name], format!("hint {value}"));
        let attributes = BTreeMap::from([(name.to_owned(), value.clone())]);
        self.shop.post(&admission.visitor, Question { attributes, now, ..question() }).await.unwrap();
        if !blocked && !dropped(name) {
            self.profiles.get_mut(&at).unwrap().hints.insert(name, (value, now));
        }
    }

    fn admitted(
        &mut self,
        at: (usize, usize),
        id: ProfileId,
        issued_at: Option<f64>,
        kept: &BTreeMap<&'static str, String>,
    ) {
        let fresh = !self.profiles.contains_key(&at);
        if fresh {
            assert!(self.known.iter().all(|(_, known)| *known != id), "a new one, also after an erasure");
            self.known.push((at.0, id));
        }
        let now = self.now;
        let model = self.profiles.entry(at).or_insert_with(|| Model::new(id, now));
        assert_eq!(model.id, id);
        model.token(issued_at, kept, now);
        if fresh {
            model.history = vec![ProfileChangeKind::Created];
        }
    }

    async fn block(&mut self, at: (usize, usize), blocked: bool) {
        let Some(model) = self.profiles.get_mut(&at) else { return };
        let (scope, id, now) = (self.agents[at.0], model.id, self.now);
        let job = self.shop.store.write(move |w| w.set_profile_blocked(&scope, id, blocked, "olga", now));
        assert!(job.await.unwrap());
        if model.blocked != blocked {
            let kind = if blocked { ProfileChangeKind::Blocked } else { ProfileChangeKind::Unblocked };
            model.history.push(kind);
        }
        model.blocked = blocked;
    }

    async fn set_policy(&mut self, agent: usize, name: &'static str, it: ClaimUse) {
        let (scope, now) = (self.agents[agent], self.now);
        self.shop.store.write(move |w| w.set_claim_policy(&scope, name, it, now)).await.unwrap();
        self.policies[agent].insert(name, it);
        if it == ClaimUse::Dropped {
            for (_, model) in self.profiles.iter_mut().filter(|((of, _), _)| *of == agent) {
                model.drop_name(name, now);
            }
        }
    }

    /// Every profile that ever was, asked of every agent.
    async fn compare(&self) {
        for &(agent, id) in &self.known {
            let model = self.profiles.iter().find(|(_, model)| model.id == id);
            let expected = model.map(|((_, user), model)| model.details(USERS[*user]));
            let (own, other) = (self.agents[agent], self.agents[1 - agent]);
            let (found, history, foreign) = self
                .shop
                .store
                .read(move |reader| {
                    let history = reader.profile_history(&own, id, None, 1_000)?;
                    let foreign = reader.profile_details(&other, id)?;
                    Ok::<_, eloquent_store::StoreError>((reader.profile_details(&own, id)?, history, foreign))
                })
                .await
                .unwrap();
            assert!(found == expected, "{}: {}", shown(found.as_ref()), shown(expected.as_ref()));
            assert!(foreign.is_none());
            let told: Vec<_> = history.into_iter().rev().map(|change| change.kind).collect();
            let mut expected = model.map(|(_, model)| model.history.clone()).unwrap_or_default();
            assert_eq!(told.len(), expected.len());
            // What one token changed has no order.
            for kind in told {
                let at = expected.iter().position(|it| *it == kind);
                expected.remove(at.unwrap_or_else(|| panic!("{} is not in the model", kind.name())));
            }
        }
    }
}

/// What `Debug` hides.
fn shown(details: Option<&ProfileDetails>) -> String {
    let Some(details) = details else { return "none".into() };
    let claims: Vec<_> = details.claims.iter().map(|it| (&it.name, &it.value, it.from)).collect();
    let hints: Vec<_> = details.hints.iter().map(|it| (&it.name, &it.value, it.received_at)).collect();
    let profile = &details.profile;
    let times = (profile.created_at, profile.updated_at, profile.last_seen_at, profile.newest_issued_at);
    format!("{claims:?} {hints:?} {:?} {:?} {times:?}", profile.email, details.email_from)
}

#[test]
fn a_profile_holds_what_its_tokens_say_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let shop = runtime.block_on(Shop::open());
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        runtime.block_on(async {
            let mut agents = Vec::new();
            for _ in 0..2 {
                agents.push(shop.store.write(tenant).await.unwrap().1);
            }
            let mut run = Run {
                shop: &shop,
                agents: [agents[0], agents[1]],
                now: NOW,
                profiles: BTreeMap::new(),
                policies: [Policies::new(), Policies::new()],
                known: Vec::new(),
            };
            for (agent, user, step) in &steps {
                run.step(*agent, *user, step).await;
                run.compare().await;
            }
        });
    });
}
