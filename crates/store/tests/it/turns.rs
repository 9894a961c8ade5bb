//! Questions and their answers: order, idempotence, what a lost response leaves behind.

use std::collections::BTreeMap;

use eloquent_store::{
    AnswerEnd, AnswerRef, Caller, ConversationFilter, ConversationRecord, Fresh, MessageRecord, Posted,
    Question, SessionNeed, StoreError, Visitor,
};
use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::{MessageState, Role, Source},
    id::ConversationId,
    rich::Href,
    text::MessageText,
    time::Timestamp,
};
use serde_json::json;

use crate::setup::{NOW, Shop, id, question, session, tenant};

async fn messages(
    shop: &Shop,
    visitor: &Visitor,
    conversation: ConversationId,
    from: u32,
) -> Vec<MessageRecord> {
    let visitor = visitor.clone();
    let job = move |reader: &eloquent_store::Reader<'_>| reader.messages_from(&visitor, conversation, from);
    shop.store.read(job).await.unwrap().unwrap()
}

async fn record(shop: &Shop, conversation: ConversationId) -> ConversationRecord {
    let scope = shop.agent;
    shop.store.read(move |reader| reader.conversation(&scope, conversation)).await.unwrap().unwrap()
}

async fn append(shop: &Shop, answer: AnswerRef, text: &'static str) -> bool {
    shop.store.write(move |writer| writer.append_text(&answer, text)).await.unwrap()
}

async fn finish(shop: &Shop, answer: AnswerRef, state: MessageState, reason: Option<FinishReason>) -> bool {
    let sources = [
        Source { title: "Plans".into(), url: Some(Href::parse("https://x.example/plans").unwrap()) },
        Source { title: "Notes".into(), url: None },
    ];
    shop.store
        .write(move |writer| {
            writer.finish_answer(
                &answer,
                &AnswerEnd { sources: sources.into(), ..AnswerEnd::of(state, reason) },
                NOW,
            )
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_question_and_its_answer_are_kept_with_all_that_belongs_to_them() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let asked = Question {
        page: Some(Page { url: "https://shop.example/".into(), title: "Shop".into() }),
        locale: Some("en".into()),
        attributes: BTreeMap::from([("cart".to_owned(), "2".to_owned())]),
        client_id: "uuid".into(),
        ..question()
    };
    let posted = shop.post(&ann, asked.clone()).await.unwrap();
    assert!(posted.fresh);
    assert_eq!((posted.question.id, posted.question.seq), (asked.id, 1));
    assert_eq!(posted.answer.map(|answer| (answer.id, answer.seq)), Some((asked.answer_id, 2)));
    assert_eq!(posted.conversation, asked.new_conversation);

    let answer = posted.answer_ref().unwrap();
    assert!(append(&shop, answer, "You are on ").await && append(&shop, answer, "**Pro** 😀.").await);
    shop.store.write(move |writer| writer.record_context(&answer, "the context")).await.unwrap();
    assert!(finish(&shop, answer, MessageState::Complete, Some(FinishReason::Stop)).await);

    let read = messages(&shop, &ann, posted.conversation, 0).await;
    assert_eq!(read.len(), 2);
    assert_eq!(
        (read[0].role, read[0].verified, read[0].state),
        (Role::Visitor, true, MessageState::Complete)
    );
    assert_eq!((read[0].text.as_str(), read[0].client_id.as_deref()), (asked.text.as_str(), Some("uuid")));
    assert_eq!(read[0].page, asked.page);
    assert_eq!((read[1].role, read[1].verified, read[1].state), (Role::Agent, false, MessageState::Complete));
    assert_eq!(read[1].text, "You are on **Pro** 😀.");
    assert_eq!(read[1].finish_reason, Some(FinishReason::Stop));
    assert_eq!(read[1].sources.len(), 2);
    assert_eq!(read[1].context, None, "a visitor never sees the agent's context");
    let full = record(&shop, posted.conversation).await;
    assert_eq!(full.messages[1].context.as_deref(), Some("the context"));
    assert_eq!(full.row.message_count, 2);
    let (profile, user, _) = full.row.profile.unwrap();
    assert_eq!((Some(profile), user.as_str()), (ann.verified_profile(), "ann"));
}

#[tokio::test]
async fn an_answer_ends_once() {
    let shop = Shop::open().await;
    let (visitor, _) = shop.anonymous().await;
    let posted = shop.ask(&visitor, None).await;
    let answer = posted.answer_ref().unwrap();
    assert!(!finish(&shop, answer, MessageState::Streaming, None).await, "streaming is no end");
    assert!(finish(&shop, answer, MessageState::Stopped, Some(FinishReason::Stopped)).await);
    assert!(!finish(&shop, answer, MessageState::Complete, Some(FinishReason::Stop)).await);
    assert!(!append(&shop, answer, "late").await);
    let question = AnswerRef { message: posted.question.id, ..answer };
    assert!(!append(&shop, question, "x").await, "a question is never written to");
    let elsewhere = AnswerRef { conversation: id(), ..answer };
    assert!(!append(&shop, elsewhere, "x").await);
    let read = messages(&shop, &visitor, posted.conversation, 0).await;
    assert_eq!((read[1].text.as_str(), read[1].state), ("", MessageState::Stopped));
}

#[tokio::test]
async fn what_a_crash_cut_off_is_interrupted_at_the_next_start() {
    let shop = Shop::open().await;
    let (visitor, _) = shop.anonymous().await;
    let (done, cut) = (shop.ask(&visitor, None).await, shop.ask(&visitor, None).await);
    finish(&shop, done.answer_ref().unwrap(), MessageState::Complete, Some(FinishReason::Stop)).await;
    append(&shop, cut.answer_ref().unwrap(), "so f").await;
    assert_eq!(shop.store.write(|writer| writer.interrupt_streaming(NOW)).await.unwrap(), 1);
    assert_eq!(shop.store.write(|writer| writer.interrupt_streaming(NOW)).await.unwrap(), 0);
    let read = messages(&shop, &visitor, cut.conversation, 2).await;
    assert_eq!((read[0].text.as_str(), read[0].state), ("so f", MessageState::Interrupted));
    let read = messages(&shop, &visitor, done.conversation, 2).await;
    assert_eq!(read[0].state, MessageState::Complete);
}

#[tokio::test]
async fn messages_are_numbered_without_gaps_and_read_from_anywhere() {
    let shop = Shop::open().await;
    let (visitor, _) = shop.anonymous().await;
    let conversation = shop.ask(&visitor, None).await.conversation;
    let last = {
        shop.ask(&visitor, Some(conversation)).await;
        shop.ask(&visitor, Some(conversation)).await
    };
    let seqs = |messages: &[MessageRecord]| messages.iter().map(|message| message.seq).collect::<Vec<_>>();
    assert_eq!(seqs(&messages(&shop, &visitor, conversation, 0).await), [1, 2, 3, 4, 5, 6]);
    assert_eq!(seqs(&messages(&shop, &visitor, conversation, 5).await), [5, 6]);
    assert_eq!(seqs(&messages(&shop, &visitor, conversation, 7).await), [0; 0]);
    let answer = last.answer_ref().unwrap();
    let history = shop.store.read(move |reader| reader.history(&answer)).await.unwrap();
    assert_eq!(seqs(&history), [1, 2, 3, 4, 5], "up to the question, without the answer itself");
}

#[tokio::test]
async fn history_is_bounded_to_the_newest() {
    let shop = Shop::open().await;
    let (visitor, _) = shop.anonymous().await;
    let last = shop
        .store
        .write(move |writer| {
            let mut last = writer.post_question(&visitor, &question())?;
            for _ in 0..120 {
                let next = Question { conversation: Some(last.conversation), ..question() };
                last = writer.post_question(&visitor, &next)?;
            }
            Ok::<_, eloquent_store::PostError>(last)
        })
        .await
        .unwrap();
    let answer = last.answer_ref().unwrap();
    let history = shop.store.read(move |reader| reader.history(&answer)).await.unwrap();
    assert_eq!((history.len(), history[0].seq, history[199].seq), (200, 42, 241));
}

#[tokio::test]
async fn the_same_client_id_adds_nothing() {
    let shop = Shop::open().await;
    for (visitor, _) in [shop.anonymous().await, shop.verified("ann").await] {
        let asked = Question { client_id: "same".into(), ..question() };
        let first = shop.post(&visitor, asked.clone()).await.unwrap();
        let conversations = [None, Some(first.conversation), Some(id())];
        for conversation in conversations {
            let text = MessageText::parse("another text").unwrap();
            let again = Question { conversation, text, client_id: "same".into(), ..question() };
            let posted = shop.post(&visitor, again).await.unwrap();
            assert_eq!(posted, Posted { fresh: false, ..first });
        }
        assert_eq!(record(&shop, first.conversation).await.messages.len(), 2);
    }
}

#[tokio::test]
async fn a_client_id_means_nothing_to_another_visitor() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let (bob, _) = shop.verified("bob").await;
    let asked = || Question { client_id: "same".into(), ..question() };
    let of_ann = shop.post(&ann, asked()).await.unwrap();
    let of_bob = shop.post(&bob, asked()).await.unwrap();
    assert!(of_bob.fresh && of_bob.conversation != of_ann.conversation);
}

async fn first_message(shop: &Shop, caller: Caller, asked: Question) -> (Posted, Visitor) {
    let fresh = Fresh { session: session(), profile: id(), now: NOW };
    let job = move |writer: &eloquent_store::Writer<'_>| {
        let admission = writer.admit(&caller, &fresh, SessionNeed::Always)?;
        let posted = writer.post_question(&admission.visitor, &asked)?;
        Ok::<_, eloquent_store::PostError>((posted, admission.visitor))
    };
    shop.store.write(job).await.unwrap()
}

#[tokio::test]
async fn a_lost_first_response_is_made_up_for() {
    let shop = Shop::open().await;
    let asked = || Question { client_id: "same".into(), ..question() };
    let (lost, first) = first_message(&shop, shop.caller(None, None), asked()).await;
    let (again, second) = first_message(&shop, shop.caller(None, None), asked()).await;
    assert_eq!(again, Posted { fresh: false, ..lost });
    assert!(shop.can_read(&second, lost.conversation).await);
    assert!(!shop.can_read(&first, lost.conversation).await, "the session that reached nobody has ended");
}

#[tokio::test]
async fn a_verified_visitor_who_asks_again_takes_part_with_the_new_session() {
    let shop = Shop::open().await;
    let verified = || shop.caller(None, Some(shop.proof("ann", json!({}))));
    let asked = || Question { client_id: "same".into(), ..question() };
    let (lost, _) = first_message(&shop, verified(), asked()).await;
    let fresh = Fresh { session: session(), profile: id(), now: NOW };
    let caller = verified();
    let job = move |writer: &eloquent_store::Writer<'_>| {
        let admission = writer.admit(&caller, &fresh, SessionNeed::Always)?;
        writer.post_question(&admission.visitor, &asked())
    };
    assert_eq!(shop.store.write(job).await.unwrap(), Posted { fresh: false, ..lost });
    let later = shop.visitor(shop.caller(Some(fresh.session), None)).await;
    assert!(shop.can_read(&later, lost.conversation).await, "also when the token has expired");
}

#[tokio::test]
async fn a_session_that_came_back_is_never_taken_over() {
    let shop = Shop::open().await;
    let asked = || Question { client_id: "same".into(), ..question() };
    let (_, first) = shop.anonymous().await;
    let (kept, owner) = first_message(&shop, shop.caller(Some(first), None), asked()).await;
    let (other, thief) = first_message(&shop, shop.caller(None, None), asked()).await;
    assert!(other.fresh && other.conversation != kept.conversation);
    assert!(
        !shop.can_read(&thief, kept.conversation).await && shop.can_read(&owner, kept.conversation).await
    );
}

#[tokio::test]
async fn only_the_same_agents_anonymous_conversations_are_taken_over() {
    let shop = Shop::open().await;
    let asked = || Question { client_id: "same".into(), ..question() };
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let elsewhere = Caller { agent: other.agent_id(), session: None, proof: None };
    let (there, stranger) = first_message(&shop, elsewhere, asked()).await;
    let verified = shop.caller(None, Some(shop.proof("ann", json!({}))));
    let (of_ann, _) = first_message(&shop, verified, asked()).await;
    let (here, anonymous) = first_message(&shop, shop.caller(None, None), asked()).await;
    assert!(there.fresh && of_ann.fresh && here.fresh);
    assert!(shop.can_read(&stranger, there.conversation).await, "the other agent's visitor lost nothing");
    assert!(!shop.can_read(&anonymous, of_ann.conversation).await);
    // And one with an older session has no business with a lost response.
    let (_, older) = shop.anonymous().await;
    let (own, _) = first_message(&shop, shop.caller(Some(older), None), asked()).await;
    assert!(own.fresh);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_parallel_first_messages_make_one_conversation_and_one_profile() {
    let shop = Shop::open().await;
    for proof in [None, Some(shop.proof("ann", json!({"plan": "pro"})))] {
        let client_id = if proof.is_some() { "verified" } else { "anonymous" };
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (store, caller) = (shop.store.clone(), shop.caller(None, proof.clone()));
            let fresh = Fresh { session: session(), profile: id(), now: NOW };
            let asked = Question { client_id: client_id.into(), ..question() };
            tasks.spawn(async move {
                let job = move |writer: &eloquent_store::Writer<'_>| {
                    let admission = writer.admit(&caller, &fresh, SessionNeed::Always)?;
                    writer.post_question(&admission.visitor, &asked)
                };
                store.write(job).await.unwrap()
            });
        }
        let posted = tasks.join_all().await;
        assert_eq!(posted.iter().filter(|posted| posted.fresh).count(), 1);
        assert!(
            posted
                .iter()
                .all(|it| it.conversation == posted[0].conversation && it.answer == posted[0].answer)
        );
        assert_eq!(record(&shop, posted[0].conversation).await.messages.len(), 2);
    }
    let scope = shop.agent;
    let (profiles, conversations) = shop
        .store
        .read(move |reader| {
            let filter = ConversationFilter::default();
            Ok::<_, StoreError>((
                reader.profiles(&scope, &eloquent_store::ProfileFilter::default())?.len(),
                reader.conversations(&scope, &filter, 100, 0)?.len(),
            ))
        })
        .await
        .unwrap();
    assert_eq!((profiles, conversations), (1, 2));
}

#[tokio::test]
async fn a_message_after_expiry_is_unverified_in_the_same_conversation() {
    let shop = Shop::open().await;
    let (ann, session) = shop.verified("ann").await;
    let conversation = shop.ask(&ann, None).await.conversation;
    let (expired, _) = shop.admit(shop.caller(Some(session), None), SessionNeed::Always).await;
    shop.ask(&expired.visitor, Some(conversation)).await;
    let read = messages(&shop, &expired.visitor, conversation, 0).await;
    assert_eq!(read.iter().map(|message| message.verified).collect::<Vec<_>>(), [true, false, false, false]);
    let visitor = expired.visitor;
    let profile = shop.store.read(move |reader| reader.profile_of_visitor(&visitor)).await.unwrap();
    assert!(profile.is_none(), "no claims without an identity that came with the request");
    let profile = shop.store.read(move |reader| reader.profile_of_visitor(&ann)).await.unwrap();
    assert_eq!(profile.unwrap().user_id.as_str(), "ann");
}

#[tokio::test]
async fn lists_show_the_newest_first_with_a_title() {
    let shop = Shop::open().await;
    let (ann, _) = shop.verified("ann").await;
    let at = |secs: i64, text: &str| Question {
        now: Timestamp::from_secs(secs),
        text: MessageText::parse(text).unwrap(),
        ..question()
    };
    let old = shop.post(&ann, at(10, " Where\n is  it? ")).await.unwrap().conversation;
    let new = shop.post(&ann, at(20, &"é".repeat(81))).await.unwrap().conversation;
    shop.post(&ann, Question { conversation: Some(old), ..at(30, "again") }).await.unwrap();
    let (anonymous, _) = shop.anonymous().await;
    shop.post(&anonymous, at(5, "hi")).await.unwrap();

    let visitor = ann.clone();
    let own = shop.store.read(move |reader| reader.conversations_of(&visitor)).await.unwrap();
    assert_eq!(own.iter().map(|row| row.id).collect::<Vec<_>>(), [old, new]);
    assert_eq!(own[0].title, "Where is it?");
    assert_eq!(own[1].title, format!("{}…", "é".repeat(79)));
    assert_eq!(own[0].updated_at, Timestamp::from_secs(30));

    let (scope, profile) = (shop.agent, ann.verified_profile());
    let store = &shop.store;
    let list = async |filter: ConversationFilter, limit, offset| {
        store.read(move |reader| reader.conversations(&scope, &filter, limit, offset)).await
    };
    assert_eq!(list(ConversationFilter::default(), 10, 0).await.unwrap().len(), 3);
    let second = list(ConversationFilter { profile }, 10, 1).await.unwrap();
    assert_eq!(second.iter().map(|row| row.id).collect::<Vec<_>>(), [new]);
    assert!(list(ConversationFilter { profile: Some(id()) }, 10, 0).await.unwrap().is_empty());
}
