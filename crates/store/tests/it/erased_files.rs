//! What is left of erased users in the bytes of the files: nothing, also not later, and whoever reads,
//! waits or ends in between.

use std::{collections::BTreeMap, path::Path};

use eloquent_store::{AnswerEnd, Erased, ErasedFiles, MasterKey, Question, SessionNeed, Store, StoreError};
use eloquent_types::{
    conversation::MessageState,
    id::{ConversationId, ProfileId},
    text::MessageText,
};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::setup::{MASTER, NOW, Shop, id, profile_of, question, tenant};

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
pub(crate) fn named(folder: &Path, users: usize) -> Vec<usize> {
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
        let (answer, context) = (posted.answer_ref().unwrap(), self.text(user));
        let pieces: Vec<String> = (0..self.below(6)).map(|_| self.text(user)).collect();
        let written = self.shop.store.write(move |writer| {
            writer.record_context(&answer, &context)?;
            for piece in &pieces {
                writer.append_text(&answer, piece)?;
            }
            writer.finish_answer(&answer, &AnswerEnd::of(MessageState::Complete, None), NOW)
        });
        assert!(written.await.unwrap());
    }

    async fn erase(&self, user: usize) -> Result<Option<Erased>, StoreError> {
        self.shop.store.erase_profile(self.shop.agent, self.users[user].0).await
    }

    async fn export(&self, user: usize) -> Option<Value> {
        self.shop.export(self.shop.agent, self.users[user].0).await
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

/// Rows of every size, changed many times, of many users side by side: the trees are balanced over and
/// over, which leaves copies of rows behind that no deletion reaches. (Without the rewriting, about every
/// tenth of these users is still found.)
#[tokio::test]
async fn erased_users_are_in_no_byte_of_the_files() {
    let (users, rounds) = (60, 10);
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
        assert_eq!(
            crowd.erase(user).await.unwrap(),
            Some(Erased { conversations, messages, files: ErasedFiles::Clean })
        );
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
    assert_eq!(crowd.erase(0).await.unwrap().unwrap().files, ErasedFiles::CleanedLater);
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
    assert_eq!(crowd.erase(0).await.unwrap().unwrap().files, ErasedFiles::CleanedLater);
    drop(reader);
    crowd.shop.store.clone().close().await;
    assert_eq!(crowd.named()[0], 0);
}

#[tokio::test]
async fn later_writes_clean_what_could_not_be_cleaned_before() {
    let crowd = Crowd::gather(2, 3).await;
    let reader = old_reader(&crowd.shop);
    assert_eq!(crowd.erase(0).await.unwrap().unwrap().files, ErasedFiles::CleanedLater);
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
async fn two_erasures_at_once_are_both_clean() {
    let crowd = Crowd::gather(4, 6).await;
    let (first, second) = tokio::join!(crowd.erase(0), crowd.erase(2));
    assert!(first.unwrap().is_some() && second.unwrap().is_some());
    let found = crowd.named();
    assert!(found[0] == 0 && found[2] == 0 && found[1] > 0 && found[3] > 0, "{found:?}");
}
