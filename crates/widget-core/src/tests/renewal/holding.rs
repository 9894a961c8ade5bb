//! What is to be sent where there is no good token: it waits for one, but not for long.

use eloquent_types::problem::ProblemCode;

use super::{
    super::{harness::*, samples::*},
    MINUTE, accepted_unverified, give, machine, names, questions, renew, run_out_unanswered,
};
use crate::{BubbleState, Effect, Msg, UiEvent, timer::HOLD_MILLIS};

#[test]
fn a_message_waits_for_a_fresh_token_where_the_one_there_is_over() {
    let mut machine = machine(true);
    machine.sleep(6 * MINUTE);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert!(!machine.has("OpenStream"));
    assert_eq!(machine.bubbles()[0].state, BubbleState::Sending);
    let ticket = questions(&machine.effects)[0];
    machine.ui(UiEvent::Submitted("And?".into()));
    assert!(questions(&machine.effects).is_empty(), "one question at a time");
    give(&mut machine, ticket, Some(fresh_token("a", 1)));
    let asked = machine.ticket_of("Identify");
    let result = Ok(verified_for("a", machine.now, 5 * MINUTE));
    machine.send(Msg::Identify { ticket: asked, result });
    assert_eq!(machine.events(), ["identify"], "it was never lost");
    let (_, request, _) = machine.posted();
    assert_eq!(request.message.text, "Hi");
    assert_eq!(request.identity_token.as_deref(), Some(fresh_token("a", 1).expose()));
}

#[test]
fn a_message_that_waited_long_enough_goes_unverified() {
    let mut machine = machine(true);
    machine.sleep(6 * MINUTE);
    machine.ui(UiEvent::Submitted("Hi".into()));
    let ticket = questions(&machine.effects)[0];
    assert!(machine.pass(u64::from(HOLD_MILLIS) - 1).is_empty());
    let effects = machine.pass(1);
    assert_eq!(names(&effects), ["identity:expired"]);
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::OpenStream { request, session, .. }
            if request.identity_token.is_none() && *session == verified("a", false).session
    )));
    // The page comes late, but it comes: what is said next is verified again.
    let stream = machine.open_stream().expect("open");
    machine.stream(stream, "1", accepted_unverified(10, None));
    machine.stream(stream, "2", done(11));
    renew(&mut machine, ticket, 1, 5 * MINUTE);
    assert!(machine.view().panel.verified);
    machine.ui(UiEvent::Submitted("More".into()));
    assert_eq!(machine.posted().1.identity_token.as_deref(), Some(fresh_token("a", 1).expose()));
}

#[test]
fn each_message_waits_but_none_for_longer_than_that() {
    let mut machine = machine(true);
    machine.sleep(6 * MINUTE);
    machine.ui(UiEvent::Submitted("one".into()));
    let effects = machine.pass(u64::from(HOLD_MILLIS));
    let opened = |effect: &&Effect| effect_name(effect) == "OpenStream";
    assert_eq!(effects.iter().filter(opened).count(), 1);
    let stream = machine.open_stream().expect("open");
    machine.stream(stream, "1", accepted_unverified(10, None));
    machine.stream(stream, "2", done(11));
    machine.ui(UiEvent::Submitted("two".into()));
    assert!(!machine.has("OpenStream") && questions(&machine.effects).is_empty());
    machine.ui(UiEvent::Submitted("three".into()));
    let effects = machine.pass(u64::from(HOLD_MILLIS));
    assert_eq!(effects.iter().filter(opened).count(), 1);
}

#[test]
fn a_visitor_who_writes_while_the_page_fails_is_never_kept_waiting_for_the_pause() {
    let mut machine = machine(true);
    machine.sleep(6 * MINUTE);
    machine.send(Msg::Woken);
    let ticket = questions(&machine.effects)[0];
    give(&mut machine, ticket, None);
    assert_eq!(machine.events(), ["identity:expired"]);
    machine.ui(UiEvent::Submitted("Hi".into()));
    let ticket = questions(&machine.effects)[0];
    assert!(!machine.has("OpenStream"));
    give(&mut machine, ticket, None);
    assert_eq!(machine.posted().1.identity_token, None);
}

#[test]
fn an_answer_that_broke_off_is_taken_up_with_the_fresh_token() {
    let mut machine = machine(true);
    let stream = machine.say("Hi", 10);
    machine.stream(stream, "2", delta(11, 0, &["Hel"]));
    let ticket = run_out_unanswered(&mut machine);
    // The server ends what the token alone had opened.
    machine.refuse_stream(stream, ProblemCode::ConversationNotFound, None);
    assert_eq!(machine.texts(), ["Hi", "Hel"]);
    renew(&mut machine, ticket, 1, 5 * MINUTE);
    let (_, _, after, credentials) = machine.resumed();
    assert_eq!((after.as_str(), credentials.token), ("2", Some(fresh_token("a", 1))));
}

#[test]
fn an_answer_that_broke_off_is_taken_up_without_one_where_none_comes() {
    let mut machine = machine(true);
    let stream = machine.say("Hi", 10);
    machine.stream(stream, "2", delta(11, 0, &["Hel"]));
    run_out_unanswered(&mut machine);
    machine.break_stream(stream);
    let effects = machine.pass(u64::from(HOLD_MILLIS));
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::ResumeStream { credentials, .. } if credentials.token.is_none()
    )));
}
