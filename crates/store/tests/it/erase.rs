//! Forgetting a person: nothing of them is left, in no table and in no byte of the files, and everybody
//! else's data stays.

use std::{collections::BTreeMap, path::Path};

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{
    Admitted, AgentScope, AttemptFilter, Caller, Enforcement, Erased, MasterKey, NewArticle, NewAttempt,
    PostError, Question, Section, SessionNeed, Store, StoreError, Surface,
};
use eloquent_types::{
    conversation::MessageState,
    id::{ConversationId, ProfileId},
    text::{MessageText, UserId},
};
use rusqlite::{Connection, types::Value as Sql};
use serde_json::{Map, Value, json};

use crate::setup::{MASTER, NOW, Shop, id, profile_of, proof, question, tenant};

/// What stands in everything that is this user's.
fn canary(user: usize) -> String {
    format!("canary-{user:04}-yranac")
}

/// A text of about `length` bytes, of which every piece of some 40 bytes names its user.
fn canaries(user: usize, length: usize) -> String {
    let word = canary(user);
    word.chars().chain([' ']).cycle().take(length.max(word.len())).collect()
}

/// How often each user is named in the files of a folder.
fn named(folder: &Path, users: usize) -> Vec<usize> {
    let mut found = vec![0; users];
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for at in 0..bytes.len() {
            let Some(rest) = bytes[at..].strip_prefix(b"canary-") else { continue };
            let user = rest.get(..4).and_then(|text| std::str::from_utf8(text).ok()?.parse::<usize>().ok());
            if let Some(count) = user.and_then(|user| found.get_mut(user)) {
                *count += 1;
            }
        }
    }
    found
}

/// Users of whom everything is known that can be, interleaved, in texts of all sizes.
struct Crowd {
    shop: Shop,
    random: u64,
    users: Vec<(ProfileId, Vec<ConversationId>)>,
}

impl Crowd {
    async fn gather(users: usize, rounds: usize) -> Self {
        let users = vec![(id(), Vec::new()); users];
        let mut crowd = Self { shop: Shop::open().await, random: 0x9e37_79b9_7f4a_7c15, users };
        for round in 0..rounds {
            for user in 0..crowd.users.len() {
                crowd.turn(user, round).await;
            }
        }
        crowd
    }

    fn below(&mut self, limit: usize) -> usize {
        // Xorshift: the same sequence in every run.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % u64::try_from(limit).unwrap()).unwrap()
    }

    fn text(&mut self, user: usize) -> String {
        let length = match self.below(10) {
            0 => self.below(7_000),
            1..4 => self.below(1_500),
            _ => self.below(300),
        };
        canaries(user, length)
    }

    /// What a token can hold: up to 8 KiB in all.
    fn claims(&mut self, user: usize, round: usize) -> Value {
        let mut claims = Map::new();
        claims.insert("iat".into(), json!(1_000 + round));
        claims.insert("email".into(), json!(format!("{}-{round}@example.com", canary(user))));
        for at in 0..self.below(6) {
            let (name, text) = (format!("claim{at}-{}", canary(user)), self.text(user));
            claims.insert(name.clone(), text.into());
            if Value::from(claims.clone()).to_string().len() > 5_500 {
                claims.remove(&name);
            }
        }
        claims.into()
    }

    async fn turn(&mut self, user: usize, round: usize) {
        let claims = self.claims(user, round);
        let caller = self.shop.caller(None, Some(self.shop.proof(&canary(user), claims)));
        let (admission, _) = self.shop.admit(caller, SessionNeed::Always).await;
        self.users[user].0 = profile_of(&admission);
        let known = self.users[user].1.clone();
        let conversation = (!known.is_empty() && self.below(3) > 0).then(|| known[self.below(known.len())]);
        let text = MessageText::parse(self.text(user)).unwrap();
        let attributes = BTreeMap::from([(format!("hint{}", self.below(4)), self.text(user))]);
        let asked = Question { conversation, text, attributes, ..question() };
        let posted = self.shop.post(&admission.visitor, asked).await.unwrap();
        if conversation.is_none() {
            self.users[user].1.push(posted.conversation);
        }
        let (answer, context) = (posted.answer_ref(), self.text(user));
        let pieces: Vec<String> = (0..self.below(6)).map(|_| self.text(user)).collect();
        let written = self.shop.store.write(move |writer| {
            writer.record_context(&answer, &context)?;
            for piece in &pieces {
                writer.append_text(&answer, piece)?;
            }
            writer.finish_answer(&answer, MessageState::Complete, None, &[], NOW)
        });
        assert!(written.await.unwrap());
    }

    async fn erase(&self, user: usize) -> Result<Option<Erased>, StoreError> {
        self.shop.store.erase_profile(self.shop.agent, self.users[user].0).await
    }

    async fn export(&self, user: usize) -> Option<Value> {
        export(&self.shop, self.shop.agent, self.users[user].0).await
    }

    /// Waits until the first user is in no file, while others write; a few, because very many would
    /// overwrite the log by themselves.
    async fn cleaned_by_writes(&self) {
        let mut writes = 0;
        while self.named()[0] > 0 {
            self.shop.store.write(tenant).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            writes += 1;
            assert!(writes < 100);
        }
    }

    fn named(&self) -> Vec<usize> {
        named(self.shop.dir.path(), self.users.len())
    }
}

async fn export(shop: &Shop, scope: AgentScope, profile: ProfileId) -> Option<Value> {
    let export = shop.store.read(move |reader| reader.export_profile(&scope, profile)).await.unwrap();
    export.map(|export| serde_json::to_value(export).unwrap())
}

/// Rows of every size, changed many times, of many users side by side: the trees are balanced over and
/// over, which leaves copies of rows behind that no deletion reaches. (Without the rewriting, about every
/// tenth of these users is still found.)
#[tokio::test]
async fn erased_users_are_in_no_byte_of_the_files() {
    for (users, rounds) in [(60, 10), (8, 50)] {
        let crowd = Crowd::gather(users, rounds).await;
        let erased = |user: &usize| user % 3 == 1;
        let left: Vec<usize> = (0..users).filter(|user| !erased(user)).collect();
        let mut before = Vec::new();
        for &user in &left {
            before.push(crowd.export(user).await.unwrap());
        }
        assert!(crowd.named().iter().all(|&count| count > 10), "the search itself works");
        for user in (0..users).filter(erased) {
            let messages = u64::try_from(2 * rounds).unwrap();
            let conversations = u64::try_from(crowd.users[user].1.len()).unwrap();
            assert_eq!(crowd.erase(user).await.unwrap(), Some(Erased { conversations, messages }));
        }
        let found = crowd.named();
        assert!((0..users).all(|user| (found[user] == 0) == erased(&user)), "while it runs on: {found:?}");
        for (&user, before) in left.iter().zip(&before) {
            assert_eq!(&crowd.export(user).await.unwrap(), before, "user {user} is untouched");
        }
        crowd.shop.store.clone().close().await;
        for (user, count) in crowd.named().into_iter().enumerate() {
            assert_eq!(count == 0, erased(&user), "user {user} is named {count} times");
        }
        let file = Connection::open(&crowd.shop.file).unwrap();
        let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

/// Every cell of every table.
fn cells(file: &Path) -> BTreeMap<String, Vec<Vec<Sql>>> {
    let connection = Connection::open(file).unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut tables = connection.prepare(sql).unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names
        .map(|name| {
            let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
            (name, rows.map(Result::unwrap).collect())
        })
        .collect()
}

/// A user's life at one agent: claims that changed, a hint, a block, a conversation with an answer, one that
/// was begun after the token had expired, and attempts.
async fn live(shop: &Shop, scope: AgentScope, user: &str, said: &str) -> ProfileId {
    let agent = scope.agent_id();
    let caller = |claims| Caller { agent, session: None, proof: Some(proof(agent, user, claims)) };
    shop.admit(caller(json!({"iat": 1, "was": said})), SessionNeed::Always).await;
    let (admission, session) =
        shop.admit(caller(json!({"iat": 2, "email": said, "plan": said})), SessionNeed::Always).await;
    let profile = profile_of(&admission);
    let text = || MessageText::parse(said).unwrap();
    let attributes = BTreeMap::from([("hint".to_owned(), said.to_owned())]);
    let asked = Question { text: text(), attributes, ..question() };
    let posted = shop.post(&admission.visitor, asked).await.unwrap();
    let expired = Caller { agent, session: Some(session), proof: None };
    let (expired, _) = shop.admit(expired, SessionNeed::Always).await;
    shop.post(&expired.visitor, Question { text: text(), ..question() }).await.unwrap();
    let (actor, context) = (said.to_owned(), said.to_owned());
    let origin = Some(said.to_owned());
    shop.store
        .write(move |writer| {
            writer.record_context(&posted.answer_ref(), &context)?;
            writer.append_text(&posted.answer_ref(), &context)?;
            writer.set_profile_blocked(&scope, profile, true, &actor, NOW)?;
            writer.set_profile_blocked(&scope, profile, false, &actor, NOW)?;
            for (verdict, conversation, profile) in
                [(Ok(()), None, Some(profile)), (Err(Rejection::Expired), Some(posted.conversation), None)]
            {
                writer.record_attempt(&NewAttempt {
                    agent,
                    at: NOW,
                    surface: Surface::Chat,
                    verdict,
                    enforcement: Enforcement::Off,
                    signed: None,
                    origin: origin.clone(),
                    conversation,
                    profile,
                })?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    profile
}

#[tokio::test]
async fn everything_of_one_person_goes_and_nothing_of_anybody_else() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    // Counted by the database, which numbers on.
    let uncounted = |mut cells: BTreeMap<String, Vec<Vec<Sql>>>| {
        cells.retain(|name, _| name != "sqlite_sequence" && name != "meta");
        cells
    };
    live(&shop, shop.agent, "bob", "of bob").await;
    live(&shop, other, "ann", "of another ann").await;
    let before = uncounted(cells(&shop.file));
    let ann = live(&shop, shop.agent, "ann", "of ann").await;
    for table in ["profile", "profile_claim", "profile_hint", "profile_change", "visitor_session"]
        .into_iter()
        .chain(["conversation", "session_conversation", "message", "identity_attempt"])
    {
        assert!(cells(&shop.file)[table].len() > before[table].len(), "{table}");
    }
    let erased = shop.store.erase_profile(shop.agent, ann).await.unwrap();
    assert_eq!(erased, Some(Erased { conversations: 2, messages: 4 }));
    assert_eq!(uncounted(cells(&shop.file)), before);
}

#[tokio::test]
async fn attempts_with_the_persons_user_id_go_too() {
    let shop = Shop::open().await;
    let agent = shop.agent_id();
    let before_there_was_a_profile = |user: &str| NewAttempt {
        agent,
        at: NOW,
        surface: Surface::Identify,
        verdict: Err(Rejection::LifetimeTooLong),
        enforcement: Enforcement::Off,
        signed: Some(Signed {
            key: id(),
            issued_at: None,
            not_before: None,
            expires_at: None,
            user_id: Some(UserId::parse(user).unwrap()),
        }),
        origin: None,
        conversation: None,
        profile: None,
    };
    let attempts = ["ann", "Ann"].map(before_there_was_a_profile);
    shop.store
        .write(move |writer| attempts.iter().try_for_each(|attempt| writer.record_attempt(attempt)))
        .await
        .unwrap();
    let ann = live(&shop, shop.agent, "ann", "of ann").await;
    shop.store.erase_profile(shop.agent, ann).await.unwrap().unwrap();
    let scope = shop.agent;
    let left =
        shop.store.read(move |reader| reader.attempts(&scope, &AttemptFilter::default())).await.unwrap();
    let users: Vec<_> = left.iter().map(|it| it.signed.as_ref().unwrap().user_id.clone().unwrap()).collect();
    assert_eq!(users, [UserId::parse("Ann").unwrap()]);
}

#[tokio::test]
async fn only_the_agents_own_profile_is_erased() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let ann = live(&shop, shop.agent, "ann", "of ann").await;
    assert_eq!(shop.store.erase_profile(other, ann).await.unwrap(), None);
    assert_eq!(shop.store.erase_profile(shop.agent, id()).await.unwrap(), None);
    assert!(export(&shop, shop.agent, ann).await.is_some());
    assert!(shop.store.erase_profile(shop.agent, ann).await.unwrap().is_some());
    assert_eq!(shop.store.erase_profile(shop.agent, ann).await.unwrap(), None, "the second time");
}

#[tokio::test]
async fn a_user_who_comes_back_starts_afresh() {
    let shop = Shop::open().await;
    let (ann, session) = shop.verified("ann").await;
    let old = shop.ask(&ann, None).await.conversation;
    let profile = ann.verified_profile().unwrap();
    let scope = shop.agent;
    shop.store.write(move |w| w.set_profile_blocked(&scope, profile, true, "test", NOW)).await.unwrap();
    shop.store.erase_profile(shop.agent, profile).await.unwrap().unwrap();

    assert!(!shop.can_read(&ann, old).await, "a visitor from before the erasure");
    assert!(!shop.visitor(shop.caller(Some(session), None)).await.has_session());
    let refused = shop.post(&ann, Question { conversation: Some(old), ..question() }).await;
    assert!(matches!(refused, Err(PostError::Store(StoreError::NoSession))));

    let caller = shop.caller(Some(session), Some(shop.proof("ann", json!({"iat": 1}))));
    let (admission, _) = shop.admit(caller, SessionNeed::Always).await;
    assert!(admission.session_issued);
    assert!(matches!(admission.identity, Admitted::Verified { profile: new, switched_user: false, .. }
            if new != profile));
    assert!(!shop.can_read(&admission.visitor, old).await);
    let refused = shop.post(&admission.visitor, Question { conversation: Some(old), ..question() }).await;
    assert!(matches!(refused, Err(PostError::ConversationNotFound)));
    let new = profile_of(&admission);
    let history = shop.store.read(move |r| r.profile_history(&scope, new, None, 10)).await.unwrap();
    assert_eq!(history.len(), 1, "created, and nothing before");
}

#[tokio::test]
async fn an_answer_that_is_being_written_does_not_come_back() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let posted = shop.ask(&ann, None).await;
    let (answer, profile) = (posted.answer_ref(), ann.verified_profile().unwrap());
    assert!(shop.store.write(move |w| w.append_text(&answer, "Your ")).await.unwrap());
    shop.store.erase_profile(shop.agent, profile).await.unwrap().unwrap();
    let (appended, finished) = shop
        .store
        .write(move |writer| {
            writer.record_context(&answer, "canary-0000")?;
            let appended = writer.append_text(&answer, "canary-0000")?;
            Ok::<_, StoreError>((
                appended,
                writer.finish_answer(&answer, MessageState::Complete, None, &[], NOW)?,
            ))
        })
        .await
        .unwrap();
    assert!(!appended && !finished);
    let history = shop.store.read(move |reader| reader.history(&answer)).await.unwrap();
    assert!(history.is_empty());
    assert!(cells(&shop.file)["message"].is_empty());
    assert_eq!(named(shop.dir.path(), 1), [0]);
}

/// Somebody who looks at the state before the erasure, and so keeps the log from being emptied.
fn old_reader(shop: &Shop) -> Connection {
    let reader = Connection::open(&shop.file).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let profiles: u32 = reader.query_row("SELECT count(*) FROM profile", [], |row| row.get(0)).unwrap();
    assert!(profiles > 0);
    reader
}

#[tokio::test]
async fn what_an_old_reader_keeps_in_the_files_is_cleaned_later() {
    let crowd = Crowd::gather(2, 3).await;
    let shop = &crowd.shop;
    let reader = old_reader(shop);
    assert!(matches!(crowd.erase(0).await, Err(StoreError::Unscrubbed)));
    assert!(crowd.export(0).await.is_none(), "the rows are gone all the same");
    assert!(crowd.named()[0] > 0, "this test can fail");

    // As if the program had been killed now.
    let killed = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(shop.dir.path()).unwrap().map(Result::unwrap) {
        if !file.file_name().to_str().unwrap().ends_with("-shm") {
            std::fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
        }
    }

    drop(reader);
    assert_eq!(crowd.erase(0).await.unwrap(), None, "there is nothing to erase, but to clean");
    assert_eq!(crowd.named()[0], 0);
    assert!(crowd.named()[1] > 0);

    let store = Store::open(&killed.path().join("eloquent.db"), &MasterKey::from_bytes(MASTER)).unwrap();
    store.write(tenant).await.unwrap();
    assert!(named(killed.path(), 2)[0] > 0, "left to the server, if another program starts beside it");
    store.take_charge().unwrap();
    // It cleans after the next transaction; the one behind that waits for it.
    for _ in 0..2 {
        store.write(tenant).await.unwrap();
    }
    let found = named(killed.path(), 2);
    assert!(found[0] == 0 && found[1] > 0, "{found:?}");
}

#[tokio::test]
async fn a_program_that_ends_cleans_what_it_could_not_before() {
    let crowd = Crowd::gather(2, 3).await;
    let reader = old_reader(&crowd.shop);
    assert!(matches!(crowd.erase(0).await, Err(StoreError::Unscrubbed)));
    drop(reader);
    crowd.shop.store.clone().close().await;
    assert_eq!(crowd.named()[0], 0);
}

#[tokio::test]
async fn later_writes_clean_what_could_not_be_cleaned_before() {
    let crowd = Crowd::gather(2, 3).await;
    let reader = old_reader(&crowd.shop);
    assert!(matches!(crowd.erase(0).await, Err(StoreError::Unscrubbed)));
    drop(reader);
    crowd.cleaned_by_writes().await;
}

#[tokio::test]
async fn an_erasure_for_which_nobody_waits_any_more_is_clean_all_the_same() {
    let crowd = Crowd::gather(2, 3).await;
    tokio::select! {
        biased;
        _ = crowd.erase(0) => unreachable!("it takes a commit"),
        () = std::future::ready(()) => {}
    }
    crowd.cleaned_by_writes().await;
    assert!(crowd.export(0).await.is_none() && crowd.export(1).await.is_some());
}

#[tokio::test]
async fn the_knowledge_is_found_after_an_erasure_as_before() {
    let shop = Shop::open().await;
    let (scope, replaced) = (shop.agent, id());
    let section = |text: &str| vec![Section { heading: None, text: text.into() }];
    let article =
        |id, text| NewArticle { id, title: "Help".into(), url: None, sections: section(text), now: NOW };
    let (first, second) = (article(replaced, "a vanishing dromedary"), article(replaced, "a lasting camel"));
    shop.store
        .write(move |writer| {
            writer.put_article(&scope, &first)?;
            writer.put_article(&scope, &second)?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let ann = live(&shop, shop.agent, "ann", "of ann").await;
    shop.store.erase_profile(shop.agent, ann).await.unwrap().unwrap();
    let found = async |word: &'static str| {
        let passages = shop.store.read(move |reader| reader.search(scope.agent_id(), word, 5)).await.unwrap();
        passages.into_iter().map(|passage| passage.text).collect::<Vec<_>>()
    };
    assert_eq!(found("camel").await, ["a lasting camel"]);
    assert!(found("dromedary").await.is_empty());
    let third = article(id(), "a second camel");
    shop.store.write(move |writer| writer.put_article(&scope, &third)).await.unwrap();
    assert_eq!(found("camel").await.len(), 2, "the index goes on");
}

#[tokio::test]
async fn two_erasures_at_once_are_both_clean() {
    let crowd = Crowd::gather(4, 6).await;
    let (first, second) = tokio::join!(crowd.erase(0), crowd.erase(2));
    assert!(first.unwrap().is_some() && second.unwrap().is_some());
    let found = crowd.named();
    assert!(found[0] == 0 && found[2] == 0 && found[1] > 0 && found[3] > 0, "{found:?}");
}
