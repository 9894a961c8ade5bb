//! Random sequences of what two users do with any sessions they can get hold of, compared after every
//! step with a plain model of who may read what.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use eloquent_identity::VerifiedIdentity;
use eloquent_store::{
    AgentScope, Caller, Fresh, PostError, Question, SessionHash, SessionNeed, Store, StoreError, Visitor,
    Writer,
};
use eloquent_types::{
    id::{ConversationId, ProfileId},
    text::MessageText,
    time::Timestamp,
};
use proptest::{prelude::*, sample::Index};
use serde_json::json;

use crate::setup::{NOW, Shop, id, new_agent, profile_of, proof, question, session, tenant};

const USERS: [&str; 2] = ["ann", "bob"];

/// What somebody does. Sessions and conversations are chosen from all that ever were, whoever's.
#[derive(Clone, Debug)]
enum Step {
    Identify { session: Option<Index>, user: Option<usize> },
    Ask { session: Option<Index>, user: Option<usize>, conversation: Option<Index> },
    End { session: Index },
    Block { user: usize, blocked: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let session = || proptest::option::weighted(0.8, any::<Index>());
    let user = || proptest::option::of(0..USERS.len());
    let step = prop_oneof![
        3 => (session(), user()).prop_map(|(session, user)| Step::Identify { session, user }),
        6 => (session(), user(), proptest::option::of(any::<Index>()))
            .prop_map(|(session, user, conversation)| Step::Ask { session, user, conversation }),
        1 => any::<Index>().prop_map(|session| Step::End { session }),
        1 => (0..USERS.len(), any::<bool>()).prop_map(|(user, blocked)| Step::Block { user, blocked }),
    ];
    proptest::collection::vec(step, 1..24)
}

/// Who may read what, said as plainly as possible.
#[derive(Default)]
struct Model {
    sessions: Vec<ModelSession>,
    conversations: Vec<ModelConversation>,
    profiles: BTreeMap<usize, ProfileId>,
    blocked: BTreeSet<usize>,
}

struct ModelSession {
    hash: SessionHash,
    live: bool,
    user: Option<usize>,
}

struct ModelConversation {
    id: ConversationId,
    user: Option<usize>,
    session: Option<usize>,
    took_part: BTreeSet<usize>,
}

/// The bearer of a request, after admission or look-up.
#[derive(Clone, Copy)]
struct Bearer {
    session: Option<usize>,
    verified: Option<usize>,
}

impl Model {
    fn live(&self, session: Option<usize>) -> Option<usize> {
        session.filter(|&at| self.sessions[at].live)
    }

    fn counts(&self, user: Option<usize>) -> Option<usize> {
        user.filter(|user| !self.blocked.contains(user))
    }

    fn admit(
        &mut self,
        session: Option<usize>,
        user: Option<usize>,
        always: bool,
        fresh: SessionHash,
    ) -> Bearer {
        let presented = self.live(session);
        let Some(user) = self.counts(user) else {
            let session = presented.or_else(|| always.then(|| self.open(fresh, None)));
            return Bearer { session, verified: None };
        };
        let own = presented.filter(|&at| self.sessions[at].user == Some(user));
        let session = own.unwrap_or_else(|| self.open(fresh, Some(user)));
        if let Some(old) = presented {
            if self.sessions[old].user.is_none_or(|owner| owner == user) {
                for it in
                    self.conversations.iter_mut().filter(|it| it.user.is_none() && it.session == Some(old))
                {
                    it.user = Some(user);
                    it.session = Some(session);
                    it.took_part.insert(session);
                }
            }
            if old != session {
                self.end(old);
            }
        }
        Bearer { session: Some(session), verified: Some(user) }
    }

    fn open(&mut self, hash: SessionHash, user: Option<usize>) -> usize {
        self.sessions.push(ModelSession { hash, live: true, user });
        self.sessions.len() - 1
    }

    fn end(&mut self, session: usize) {
        self.sessions[session].live = false;
        for conversation in &mut self.conversations {
            conversation.took_part.remove(&session);
            conversation.session = conversation.session.filter(|&at| at != session);
        }
    }

    fn look_up(&self, session: Option<usize>, user: Option<usize>) -> Bearer {
        let user = self.counts(user);
        let of_this_bearer = |at: &usize| match (user, self.sessions[*at].user) {
            (Some(user), Some(owner)) => user == owner,
            _ => true,
        };
        let verified = user.filter(|user| self.profiles.contains_key(user));
        Bearer { session: self.live(session).filter(of_this_bearer), verified }
    }

    fn owns(&self, bearer: Bearer, conversation: &ModelConversation) -> bool {
        match conversation.user {
            None => bearer.session.is_some() && conversation.session == bearer.session,
            Some(user) => {
                let by_session = bearer.session.is_some_and(|at| {
                    self.sessions[at].user == Some(user) && conversation.took_part.contains(&at)
                });
                bearer.verified == Some(user) || by_session
            }
        }
    }
}

/// A difference between store and model.
#[derive(Debug)]
struct Difference(String);

impl From<StoreError> for Difference {
    fn from(error: StoreError) -> Self {
        Self(format!("{error:?}"))
    }
}

struct Run<'w> {
    writer: &'w Writer<'w>,
    agent: AgentScope,
    other: AgentScope,
    /// The identities of the users, verified once, at the agent and at the other one.
    proofs: [[VerifiedIdentity; 2]; 2],
    model: Model,
}

impl Run<'_> {
    fn caller(&self, session: Option<usize>, user: Option<usize>) -> Caller {
        let agent = self.agent.agent_id();
        let proof = user.map(|user| self.proofs[0][user].clone());
        Caller { agent, session: session.map(|at| self.model.sessions[at].hash), proof }
    }

    fn choose(&self, session: Option<&Index>) -> Option<usize> {
        session
            .filter(|_| !self.model.sessions.is_empty())
            .map(|index| index.index(self.model.sessions.len()))
    }

    fn admit(
        &mut self,
        session: Option<usize>,
        user: Option<usize>,
        need: SessionNeed,
    ) -> Result<(Visitor, Bearer), Difference> {
        let fresh = Fresh { session: self::session(), profile: id(), now: NOW };
        let admission = self.writer.admit(&self.caller(session, user), &fresh, need)?;
        let before = self.model.sessions.len();
        let bearer = self.model.admit(session, user, need == SessionNeed::Always, fresh.session);
        same("session issued", admission.session_issued, self.model.sessions.len() > before)?;
        if let Some(user) = bearer.verified {
            let profile = profile_of(&admission);
            same("profile", *self.model.profiles.entry(user).or_insert(profile), profile)?;
        }
        Ok((admission.visitor, bearer))
    }

    fn ask(
        &mut self,
        session: Option<usize>,
        user: Option<usize>,
        conversation: Option<usize>,
    ) -> Result<(), Difference> {
        let (visitor, bearer) = self.admit(session, user, SessionNeed::Always)?;
        let wanted = conversation.map(|at| self.model.conversations[at].id);
        let posted = self.writer.post_question(&visitor, &Question { conversation: wanted, ..question() });
        let allowed = conversation.is_none_or(|at| self.model.owns(bearer, &self.model.conversations[at]));
        let at = match (posted, conversation) {
            (Err(PostError::ConversationNotFound), Some(_)) => return same("refused", false, allowed),
            (Err(error), _) => return Err(Difference(format!("{error:?}"))),
            (Ok(_), Some(at)) => at,
            (Ok(posted), None) => {
                self.model.conversations.push(ModelConversation {
                    id: posted.conversation,
                    user: None,
                    session: bearer.session,
                    took_part: BTreeSet::new(),
                });
                self.model.conversations.len() - 1
            }
        };
        same("accepted", true, allowed)?;
        if let Some(user) = bearer.verified {
            let conversation = &mut self.model.conversations[at];
            conversation.user = conversation.user.or(Some(user));
            conversation.took_part.extend(bearer.session);
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), Difference> {
        match step {
            Step::Identify { session, user } => {
                self.admit(self.choose(session.as_ref()), *user, SessionNeed::OnlyIfVerified).map(drop)
            }
            Step::Ask { session, user, conversation } => {
                let known = self.model.conversations.len();
                let conversation = conversation.filter(|_| known > 0).map(|index| index.index(known));
                self.ask(self.choose(session.as_ref()), *user, conversation)
            }
            Step::End { session } => {
                let Some(at) = self.choose(Some(session)) else { return Ok(()) };
                let visitor = self.writer.visitor(&self.caller(Some(at), None))?;
                self.writer.end_session(&visitor)?;
                if self.model.sessions[at].live {
                    self.model.end(at);
                }
                Ok(())
            }
            Step::Block { user, blocked } => {
                let Some(&profile) = self.model.profiles.get(user) else { return Ok(()) };
                self.writer.set_profile_blocked(&self.agent, profile, *blocked, "test", NOW)?;
                if *blocked {
                    self.model.blocked.insert(*user)
                } else {
                    self.model.blocked.remove(user)
                };
                Ok(())
            }
        }
    }

    /// Everybody who could ask, with any session that ever was, against every conversation.
    fn compare(&self) -> Result<(), Difference> {
        let sessions = (0..self.model.sessions.len()).map(Some).chain([None]);
        for (session, user) in sessions.flat_map(|at| [(at, None), (at, Some(0)), (at, Some(1))]) {
            let visitor = self.writer.visitor(&self.caller(session, user))?;
            let bearer = self.model.look_up(session, user);
            let listed = self.writer.conversations_of(&visitor)?;
            for conversation in &self.model.conversations {
                let what = format!("{:?} for session {session:?} and user {user:?}", conversation.id);
                let expected = self.model.owns(bearer, conversation);
                same(&what, self.writer.messages_from(&visitor, conversation.id, 0)?.is_some(), expected)?;
                same(&what, listed.iter().any(|row| row.id == conversation.id), expected)?;
            }
            let agent = self.other.agent_id();
            let proof = user.map(|user| self.proofs[1][user].clone());
            let elsewhere = self.writer.visitor(&Caller { agent, proof, ..self.caller(session, None) })?;
            same("conversations at another agent", self.writer.conversations_of(&elsewhere)?.len(), 0)?;
        }
        Ok(())
    }
}

fn same<T: Copy + PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), Difference> {
    if found == expected {
        return Ok(());
    }
    Err(Difference(format!("{what}: the store says {found:?}, the model {expected:?}")))
}

async fn run(store: &Store, steps: Vec<Step>) -> Result<(), Difference> {
    let job = move |writer: &Writer<'_>| {
        let (company, agent) = tenant(writer)?;
        let other = writer.create_agent(&company, &new_agent(id()))?;
        let proofs_at = |scope: AgentScope| USERS.map(|user| proof(scope.agent_id(), user, json!({})));
        let proofs = [proofs_at(agent), proofs_at(other)];
        let mut run = Run { writer, agent, other, proofs, model: Model::default() };
        for step in &steps {
            run.step(step)?;
            run.compare()?;
        }
        Ok(())
    };
    store.write(job).await
}

#[test]
fn nobody_ever_reads_a_conversation_that_is_not_theirs() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shop = runtime.block_on(Shop::open());
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        let outcome = runtime.block_on(run(&shop.store, steps));
        prop_assert!(outcome.is_ok(), "{}", outcome.unwrap_err().0);
    });
}

#[tokio::test]
async fn a_foreign_conversation_looks_like_none() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let (stranger, _) = shop.anonymous().await;
    let of_ann = shop.ask(&ann, None).await.conversation;
    let anonymous = shop.ask(&stranger, None).await.conversation;
    let (bob, _) = shop.verified("bob").await;
    for (visitor, conversation) in [(&bob, of_ann), (&bob, anonymous), (&stranger, of_ann), (&ann, anonymous)]
    {
        let text = MessageText::parse("let me in").unwrap();
        let refused =
            shop.post(visitor, Question { conversation: Some(conversation), text, ..question() }).await;
        assert!(matches!(refused, Err(PostError::ConversationNotFound)));
        let unknown = shop.post(visitor, Question { conversation: Some(id()), ..question() }).await;
        assert!(matches!(unknown, Err(PostError::ConversationNotFound)));
    }
}

#[tokio::test]
async fn a_session_that_took_no_part_needs_the_identity() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    let (tab, second) = shop.verified("ann").await;
    assert!(shop.can_read(&tab, conversation).await, "with the identity");
    let without = || shop.caller(Some(second), None);
    assert!(!shop.can_read(&shop.visitor(without()).await, conversation).await);
    shop.ask(&tab, Some(conversation)).await;
    assert!(shop.can_read(&shop.visitor(without()).await, conversation).await, "it took part by posting");
}

/// The same connection that an operator could open: for states that the API never leaves behind.
fn tamper(shop: &Shop, sql: &str, params: impl rusqlite::Params) {
    assert!(rusqlite::Connection::open(&shop.file).unwrap().execute(sql, params).unwrap() > 0);
}

#[tokio::test]
async fn each_condition_of_the_owner_rule_holds_by_itself() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let (visitor, _) = shop.anonymous().await;
    let conversation = shop.ask(&visitor, None).await.conversation;
    let to = other.agent_id().as_u128().to_be_bytes();
    tamper(&shop, "UPDATE conversation SET agent_id = ?1", [to]);
    assert!(!shop.can_read(&visitor, conversation).await, "the session is its own, the agent is not");

    let (ann, session) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    tamper(&shop, "DELETE FROM session_conversation", []);
    let without = shop.visitor(shop.caller(Some(session), None)).await;
    assert!(!shop.can_read(&without, conversation).await, "begun under the session, which took no part");
    assert!(shop.can_read(&ann, conversation).await);
}

#[tokio::test]
async fn a_block_holds_for_a_visitor_who_was_verified_before() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    let (tab, _) = shop.verified("ann").await;
    assert!(shop.can_read(&tab, conversation).await);
    let (scope, profile) = (shop.agent, ann.verified_profile().unwrap());
    shop.store
        .write(move |writer| writer.set_profile_blocked(&scope, profile, true, "test", NOW))
        .await
        .unwrap();
    assert!(!shop.can_read(&tab, conversation).await);
}

#[tokio::test]
async fn what_only_the_token_gave_is_gone_from_the_moment_it_ends() {
    const SKEW: Duration = Duration::from_secs(10);
    let shop = Shop::open().await;
    let (owner, _) = shop.verified("ann").await;
    let conversation = shop.ask(&owner, None).await.conversation;
    let ends = NOW + Duration::from_mins(1);
    let token = shop.proof("ann", json!({"exp": ends.as_millis() / 1000}));
    let elsewhere = shop.visitor(shop.caller(None, Some(token))).await;

    for (now, reads) in [(NOW, true), (ends, true), (ends + SKEW, false), (ends + 2 * SKEW, false)] {
        let mut visitor = elsewhere.clone();
        visitor.expire(now, SKEW);
        assert_eq!(shop.can_read(&visitor, conversation).await, reads, "{now}");
        assert_eq!(visitor.verified_profile().is_some(), reads, "{now}");
    }
    let mut last = elsewhere.clone();
    last.expire(Timestamp::from_millis((ends + SKEW).as_millis() - 1), SKEW);
    assert!(shop.can_read(&last, conversation).await, "a millisecond before");
    let mut endless = owner;
    endless.expire(ends + 2 * SKEW, SKEW);
    assert!(endless.verified_profile().is_some(), "a token without an end");
}

#[tokio::test]
async fn who_is_blocked_is_known_before_anything_of_them_is_used() {
    let shop = Shop::open().await;
    let blocked = |caller: Caller| shop.store.read(move |reader| reader.is_blocked(&caller));
    let ann = || shop.caller(None, Some(shop.proof("ann", json!({}))));
    assert!(!blocked(ann()).await.unwrap(), "no profile yet");
    let profile = shop.verified("ann").await.0.verified_profile().unwrap();
    assert!(!blocked(ann()).await.unwrap());
    let scope = shop.agent;
    let block = move |writer: &Writer<'_>| writer.set_profile_blocked(&scope, profile, true, "test", NOW);
    assert!(shop.store.write(block).await.unwrap());
    assert!(blocked(ann()).await.unwrap());
    assert!(!blocked(shop.caller(None, Some(shop.proof("bob", json!({}))))).await.unwrap());
    assert!(!blocked(shop.caller(None, None)).await.unwrap());
}
