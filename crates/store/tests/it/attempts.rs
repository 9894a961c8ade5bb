//! The log of attempts: what it says, what it is asked, and what it never holds more of.

use std::time::Duration;

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{
    ATTEMPTS_MAX, ATTEMPTS_MAX_AGE, Attempt, AttemptFilter, Enforcement, NewAttempt, OutcomeFilter,
    StoreError, Surface, Writer,
};
use eloquent_types::{
    id::{ConversationId, Id, ProfileId},
    identify::IdentityCode,
    text::UserId,
    time::Timestamp,
};
use rusqlite::Connection;

use crate::setup::{NOW, Shop, id, tenant};

fn at(secs: u64) -> Timestamp {
    NOW + Duration::from_secs(secs)
}

fn signed(user: Option<&str>) -> Signed {
    Signed {
        key: Id::from_u128(7),
        issued_at: Some(NOW.as_secs_f64() - 30.25),
        not_before: None,
        expires_at: Some(1e300),
        user_id: user.map(|user| UserId::parse(user).unwrap()),
    }
}

fn attempt(shop: &Shop) -> NewAttempt {
    NewAttempt {
        agent: shop.agent_id(),
        at: NOW,
        surface: Surface::Chat,
        verdict: Ok(()),
        enforcement: Enforcement::Off,
        signed: None,
        origin: None,
        conversation: None,
        profile: None,
    }
}

async fn record(shop: &Shop, new: NewAttempt) {
    shop.store.write(move |writer| writer.record_attempt(&new)).await.unwrap();
}

async fn log(shop: &Shop, filter: AttemptFilter) -> Vec<Attempt> {
    let agent = shop.agent;
    shop.store.read(move |reader| reader.attempts(&agent, &filter)).await.unwrap()
}

async fn newest(shop: &Shop) -> Attempt {
    log(shop, AttemptFilter::default()).await.remove(0)
}

#[tokio::test]
async fn every_verdict_comes_back_as_it_was_recorded() {
    let shop = Shop::open().await;
    let verdicts = Rejection::ALL.into_iter().map(Err).chain([Ok(())]);
    for (number, verdict) in verdicts.enumerate() {
        let surface = Surface::ALL[number % 3];
        let enforcement = Enforcement::ALL[number / 3 % 3];
        let seconds = u64::try_from(number).unwrap();
        record(&shop, NewAttempt { at: at(seconds), surface, verdict, enforcement, ..attempt(&shop) }).await;
        let read = newest(&shop).await;
        assert_eq!((read.verdict, read.surface, read.enforcement), (verdict, surface, enforcement));
        assert_eq!((read.id, read.at), (seconds + 1, at(seconds)));
        assert!(read.signed.is_none() && read.origin.is_none());
    }
}

#[tokio::test]
async fn what_was_signed_is_kept_and_nothing_where_nothing_was() {
    let shop = Shop::open().await;
    let bare = Signed { issued_at: None, expires_at: None, ..signed(None) };
    for what in [signed(Some("ann")), signed(None), bare.clone(), Signed { not_before: Some(-0.5), ..bare }] {
        let verdict = Err(Rejection::Expired);
        record(&shop, NewAttempt { signed: Some(what.clone()), verdict, ..attempt(&shop) }).await;
        assert_eq!(newest(&shop).await.signed, Some(what));
    }
    let outside = Connection::open(&shop.file).unwrap();
    outside.execute("DELETE FROM identity_attempt", []).unwrap();
    record(&shop, NewAttempt { verdict: Err(Rejection::SignatureInvalid), ..attempt(&shop) }).await;
    let empty = "SELECT count(*) FROM identity_attempt WHERE key_id IS NULL AND issued_at IS NULL
        AND not_before IS NULL AND expires_at IS NULL AND user_id IS NULL AND profile_id IS NULL";
    assert_eq!(outside.query_row(empty, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[tokio::test]
async fn the_profile_is_that_of_the_signed_user_id() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let ann = shop.verified("ann").await.0.verified_profile().unwrap();
    let bob = shop.verified("bob").await.0.verified_profile().unwrap();
    let foreign = NewAttempt { agent: other.agent_id(), ..attempt(&shop) };
    for (new, expected) in [
        (NewAttempt { signed: Some(signed(Some("ann"))), ..attempt(&shop) }, Some(ann)),
        (NewAttempt { signed: Some(signed(Some("Ann"))), ..attempt(&shop) }, None),
        (NewAttempt { signed: Some(signed(None)), ..attempt(&shop) }, None),
        (NewAttempt { profile: Some(bob), ..attempt(&shop) }, Some(bob)),
        (NewAttempt { profile: Some(bob), signed: Some(signed(Some("ann"))), ..attempt(&shop) }, Some(bob)),
        (NewAttempt { profile: Some(id()), ..attempt(&shop) }, None),
        // The same user id, and even the same profile, at another agent.
        (NewAttempt { signed: Some(signed(Some("ann"))), ..foreign.clone() }, None),
        (NewAttempt { profile: Some(ann), ..foreign }, None),
    ] {
        let scope = if new.agent == shop.agent_id() { shop.agent } else { other };
        record(&shop, new).await;
        let read = shop.store.read(move |r| r.attempts(&scope, &AttemptFilter::default())).await.unwrap();
        assert_eq!(read[0].profile, expected);
    }
}

#[tokio::test]
async fn a_conversation_that_is_not_the_agents_is_left_out() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let (visitor, _) = shop.anonymous().await;
    let own = shop.ask(&visitor, None).await.conversation;
    for (conversation, expected) in [(Some(own), Some(own)), (Some(id()), None), (None, None)] {
        record(&shop, NewAttempt { conversation, ..attempt(&shop) }).await;
        assert_eq!(newest(&shop).await.conversation, expected);
    }
    let foreign = NewAttempt { agent: other.agent_id(), conversation: Some(own), ..attempt(&shop) };
    record(&shop, foreign).await;
    let read = shop.store.read(move |r| r.attempts(&other, &AttemptFilter::default())).await.unwrap();
    assert_eq!((read.len(), read[0].conversation), (1, None));
    let unknown = NewAttempt { agent: id(), ..attempt(&shop) };
    let refused = shop.store.write(move |writer| writer.record_attempt(&unknown)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "there is no such agent");
}

#[tokio::test]
async fn an_origin_is_kept_up_to_255_characters() {
    let shop = Shop::open().await;
    for (sent, kept) in [(255, 255), (256, 255), (9000, 255), (0, 0)] {
        record(&shop, NewAttempt { origin: Some("é".repeat(sent)), ..attempt(&shop) }).await;
        assert_eq!(newest(&shop).await.origin, Some("é".repeat(kept)));
    }
}

/// Attempts of every kind, about two conversations and by two profiles.
async fn mixed(shop: &Shop) -> ([ConversationId; 2], [ProfileId; 2]) {
    let mut conversations = [id(); 2];
    for conversation in &mut conversations {
        let (visitor, _) = shop.anonymous().await;
        *conversation = shop.ask(&visitor, None).await.conversation;
    }
    let mut profiles = [id(); 2];
    for (profile, user) in profiles.iter_mut().zip(["ann", "bob"]) {
        *profile = shop.verified(user).await.0.verified_profile().unwrap();
    }
    let verdicts =
        [Ok(()), Err(Rejection::Expired), Err(Rejection::Missing), Err(Rejection::ExpiryIsDuration)];
    let new = attempt(shop);
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let job = move |writer: &Writer<'_>| {
        for number in 0..108 {
            let new = NewAttempt {
                verdict: verdicts[number % 4],
                surface: Surface::ALL[number / 4 % 3],
                conversation: conversations.get(number / 12 % 3).copied(),
                profile: profiles.get(number / 36 % 3).copied(),
                ..new.clone()
            };
            writer.record_attempt(&new)?;
            // Another agent's are in nobody's way.
            writer.record_attempt(&NewAttempt { agent: other.agent_id(), ..new })?;
        }
        Ok::<_, StoreError>(())
    };
    shop.store.write(job).await.unwrap();
    (conversations, profiles)
}

fn passes(attempt: &Attempt, filter: &AttemptFilter) -> bool {
    let outcome = match filter.outcome {
        None => true,
        Some(OutcomeFilter::Identified) => attempt.verdict.is_ok(),
        Some(OutcomeFilter::Rejected) => attempt.verdict.is_err(),
        Some(OutcomeFilter::Code(code)) => attempt.verdict.err().map(Rejection::code) == Some(code),
    };
    outcome
        && filter.surface.is_none_or(|surface| attempt.surface == surface)
        && filter.conversation.is_none_or(|id| attempt.conversation == Some(id))
        && filter.profile.is_none_or(|id| attempt.profile == Some(id))
        && filter.before.is_none_or(|id| attempt.id < id)
}

#[tokio::test]
async fn each_filter_lets_through_what_it_says_the_newest_first() {
    let shop = Shop::open().await;
    let (conversations, profiles) = mixed(&shop).await;
    let everything = AttemptFilter { limit: 1000, ..AttemptFilter::default() };
    let all = log(&shop, everything).await;
    assert_eq!(all.len(), 108);
    assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
    let codes = [IdentityCode::TokenExpired, IdentityCode::TokenMissing, IdentityCode::KeyRevoked];
    let outcomes = codes.map(OutcomeFilter::Code).into_iter();
    let outcomes: Vec<_> =
        outcomes.chain([OutcomeFilter::Identified, OutcomeFilter::Rejected]).map(Some).collect();
    let mut answers = 0;
    for outcome in outcomes.into_iter().chain([None]) {
        for surface in [None, Some(Surface::Identify), Some(Surface::Chat)] {
            for conversation in [None, Some(conversations[0]), Some(id())] {
                for profile in [None, Some(profiles[1]), Some(id())] {
                    for (before, limit) in [(None, 1000), (Some(50), 5), (Some(u64::MAX), 1), (Some(0), 9)] {
                        let filter = AttemptFilter { outcome, surface, conversation, profile, before, limit };
                        let expected = all.iter().filter(|one| passes(one, &filter)).map(|one| one.id);
                        let expected: Vec<_> = expected.take(limit as usize).collect();
                        let found: Vec<_> = log(&shop, filter).await.iter().map(|one| one.id).collect();
                        assert_eq!(found, expected, "{filter:?}");
                        answers += found.len();
                    }
                }
            }
        }
    }
    assert!(answers > 1000);
}

#[tokio::test]
async fn the_pages_of_the_log_are_the_log() {
    let shop = Shop::open().await;
    mixed(&shop).await;
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let page = log(&shop, AttemptFilter { before, ..AttemptFilter::default() }).await;
        assert!(page.len() <= 50);
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        pages.extend(page.iter().map(|one| one.id));
    }
    assert_eq!(pages, (1..=108).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_log_of_an_agent_ends_at_its_bound_and_anothers_is_not_touched() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let new = attempt(&shop);
    let job = move |writer: &Writer<'_>| {
        writer.record_attempt(&NewAttempt { agent: other.agent_id(), ..new.clone() })?;
        for _ in 0..ATTEMPTS_MAX + 3 {
            writer.record_attempt(&new)?;
        }
        Ok::<_, StoreError>(())
    };
    shop.store.write(job).await.unwrap();
    let all = log(&shop, AttemptFilter { limit: 99_999, ..AttemptFilter::default() }).await;
    assert_eq!(
        all.iter().map(|one| one.id).collect::<Vec<_>>(),
        (4..=ATTEMPTS_MAX + 3).rev().collect::<Vec<_>>()
    );
    let read = shop.store.read(move |r| r.attempts(&other, &AttemptFilter::default())).await.unwrap();
    assert_eq!(read.len(), 1);
}

#[tokio::test]
async fn what_is_too_old_goes_with_the_next_attempt_of_any_agent() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    for secs in [0, 1, 2] {
        record(&shop, NewAttempt { at: at(secs), ..attempt(&shop) }).await;
    }
    let later = at(1) + ATTEMPTS_MAX_AGE;
    record(&shop, NewAttempt { agent: other.agent_id(), at: later, ..attempt(&shop) }).await;
    let left: Vec<_> = log(&shop, AttemptFilter::default()).await.iter().map(|one| one.at).collect();
    assert_eq!(left, [at(2), at(1)], "one that is exactly so old is kept");
    // A chat request without a token is enough.
    let (agent, now) = (other.agent_id(), at(2) + ATTEMPTS_MAX_AGE);
    let count = move |writer: &Writer<'_>| writer.count_chat(agent, now, None, Ok(()), Enforcement::Off);
    shop.store.write(count).await.unwrap();
    let left: Vec<_> = log(&shop, AttemptFilter::default()).await.iter().map(|one| one.at).collect();
    assert_eq!(left, [at(2)]);
}

#[test]
fn age_and_clock_are_read_from_what_was_signed() {
    let seen = |issued_at, not_before| Attempt {
        id: 1,
        at: Timestamp::from_secs(1000),
        surface: Surface::Identify,
        verdict: Ok(()),
        enforcement: Enforcement::Off,
        signed: Some(Signed { issued_at, not_before, ..signed(None) }),
        origin: None,
        conversation: None,
        profile: None,
    };
    for (issued_at, not_before, age, ahead) in [
        (None, None, None, None),
        (Some(990.5), None, Some(9.5), None),
        (Some(1000.0), Some(1000.0), Some(0.0), None),
        (Some(1004.5), None, Some(0.0), Some(4.5)),
        (Some(990.0), Some(1003.0), Some(10.0), Some(3.0)),
        (Some(1005.0), Some(1003.0), Some(0.0), Some(5.0)),
        (None, Some(1003.0), None, Some(3.0)),
        (Some(-1e308), Some(1e308), Some(1e308), Some(1e308)),
        // Digits that only the difference of two large numbers has.
        (Some(999.9), Some(1000.1), Some(0.1), Some(0.1)),
        (Some(1_000.000_4), None, Some(0.0), None),
    ] {
        let seen = seen(issued_at, not_before);
        assert_eq!((seen.token_age(), seen.clock_difference()), (age, ahead), "{seen:?}");
    }
    let unsigned = Attempt { signed: None, ..seen(None, None) };
    assert_eq!((unsigned.token_age(), unsigned.clock_difference()), (None, None));
}

#[test]
fn a_chat_message_that_report_let_pass_would_be_refused() {
    for surface in Surface::ALL {
        for enforcement in Enforcement::ALL {
            for verdict in [Ok(()), Err(Rejection::Expired)] {
                let attempt = Attempt {
                    id: 1,
                    at: NOW,
                    surface,
                    verdict,
                    enforcement,
                    signed: None,
                    origin: None,
                    conversation: None,
                    profile: None,
                };
                let expected =
                    surface == Surface::Chat && enforcement == Enforcement::Report && verdict.is_err();
                assert_eq!(attempt.would_be_refused(), expected, "{attempt:?}");
            }
        }
    }
}

#[test]
fn closed_sets_have_one_spelling() {
    for surface in Surface::ALL {
        assert_eq!(Surface::parse(surface.as_str()), Some(surface));
    }
    for enforcement in Enforcement::ALL {
        assert_eq!(Enforcement::parse(enforcement.as_str()), Some(enforcement));
    }
    for wrong in ["", "Chat", "chat ", "OFF", "none"] {
        assert_eq!((Surface::parse(wrong), Enforcement::parse(wrong)), (None, None), "{wrong}");
    }
}

#[tokio::test]
async fn a_reason_that_is_not_known_is_read_as_the_first_of_its_code() {
    let shop = Shop::open().await;
    record(&shop, NewAttempt { verdict: Err(Rejection::ExpiryIsDuration), ..attempt(&shop) }).await;
    let outside = Connection::open(&shop.file).unwrap();
    for reason in ["from_a_former_program", "missing"] {
        outside.execute("UPDATE identity_attempt SET reason = ?1", [reason]).unwrap();
        assert_eq!(newest(&shop).await.verdict, Err(Rejection::Expired), "the code counts");
    }
    outside.execute("UPDATE identity_attempt SET reason = NULL", []).unwrap();
    assert_eq!(newest(&shop).await.verdict, Err(Rejection::Expired));
}
