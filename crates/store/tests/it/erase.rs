//! Forgetting a person: nothing of them is left, in no table, and everybody else's data stays. (For the
//! bytes of the files, see `erased_files`.)

use std::{collections::BTreeMap, path::Path};

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{
    Admitted, AgentScope, AnswerEnd, AttemptFilter, Caller, Enforcement, Erased, ErasedFiles, NewArticle,
    NewAttempt, PostError, Question, Section, SessionNeed, StoreError, Surface,
};
use eloquent_types::{
    conversation::MessageState,
    id::ProfileId,
    text::{MessageText, UserId},
};
use rusqlite::{Connection, types::Value as Sql};
use serde_json::json;

use crate::{
    erased_files::named,
    setup::{NOW, Shop, id, profile_of, proof, question, tenant},
};

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
            writer.record_context(&posted.answer_ref().unwrap(), &context)?;
            writer.append_text(&posted.answer_ref().unwrap(), &context)?;
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
    assert_eq!(erased, Some(Erased { conversations: 2, messages: 4, files: ErasedFiles::Clean }));
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
    assert!(shop.export(shop.agent, ann).await.is_some());
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
    let (answer, profile) = (posted.answer_ref().unwrap(), ann.verified_profile().unwrap());
    assert!(shop.store.write(move |w| w.append_text(&answer, "Your ")).await.unwrap());
    shop.store.erase_profile(shop.agent, profile).await.unwrap().unwrap();
    let (appended, finished) = shop
        .store
        .write(move |writer| {
            writer.record_context(&answer, "canary-0000")?;
            let appended = writer.append_text(&answer, "canary-0000")?;
            Ok::<_, StoreError>((
                appended,
                writer.finish_answer(&answer, &AnswerEnd::of(MessageState::Complete, None), NOW)?,
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
