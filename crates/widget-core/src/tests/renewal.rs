//! Tokens that end, and the page that is asked for fresh ones.

mod failing;
mod holding;

use std::time::Duration;

use eloquent_types::{
    chat::{IdentityStatus, StreamEvent},
    identify::{IdentifyResult, IdentityCode},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{
    CallError, Command, CommandResult, Effect, EventKind, IdentityToken, Msg, Ticket, TransportError,
    UiEvent, visitor::Visitor,
};

const MINUTE: u64 = 60_000;

/// Identified by a token of five minutes, from a server without conversations.
fn machine(get_token: bool) -> Machine {
    let mut machine = Machine::ready();
    machine.identify_for("a", 5 * MINUTE, get_token);
    machine.no_conversations();
    machine
}

fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects.iter().filter_map(event_kind).map(EventKind::name).collect()
}

fn questions(effects: &[Effect]) -> Vec<Ticket> {
    let asked =
        |effect: &Effect| if let Effect::GetToken { ticket, .. } = effect { Some(*ticket) } else { None };
    effects.iter().filter_map(asked).collect()
}

/// The page answers.
fn give(machine: &mut Machine, ticket: Ticket, token: Option<IdentityToken>) {
    machine.send(Msg::Token { ticket, token });
}

/// The page answers with a fresh token, and the server verifies it for so many milliseconds.
fn renew(machine: &mut Machine, ticket: Ticket, number: u32, millis: u64) {
    give(machine, ticket, Some(fresh_token("a", number)));
    let asked = machine.ticket_of("Identify");
    let result = Ok(verified_for("a", machine.now, millis));
    machine.send(Msg::Identify { ticket: asked, result });
}

/// Lets the token end, with a question that the page leaves open: its ticket.
fn run_out_unanswered(machine: &mut Machine) -> Ticket {
    let asked = questions(&machine.pass(4 * MINUTE));
    machine.sleep(MINUTE);
    machine.send(Msg::Woken);
    *asked.last().expect("asked")
}

/// The server took the message without the token.
fn accepted_unverified(message: u128, code: Option<IdentityCode>) -> StreamEvent {
    let mut event = accepted_as(1, message, IdentityStatus::Anonymous, code);
    if let StreamEvent::Accepted(accepted) = &mut event {
        accepted.session = None;
    }
    event
}

#[test]
fn the_next_token_is_asked_for_before_the_end() {
    for (life, due) in [(5 * MINUTE, 4 * MINUTE), (60 * MINUTE, 59 * MINUTE), (10_000, 8_000)] {
        let mut machine = Machine::ready();
        machine.identify_for("a", life, true);
        machine.no_conversations();
        assert!(questions(&machine.pass(due - 1)).is_empty(), "{life}");
        let effects = machine.pass(1);
        assert_eq!((questions(&effects).len(), names(&effects)), (1, vec!["identity:expiring"]), "{life}");
    }
}

#[test]
fn a_fresh_token_takes_the_place_of_the_old_one_unseen() {
    let mut machine = machine(true);
    let stream = machine.say("Hi", 10);
    let generation = machine.state.generation;
    let effects = machine.pass(4 * MINUTE);
    renew(&mut machine, questions(&effects)[0], 1, 5 * MINUTE);
    assert_eq!(machine.events(), ["identify"]);
    assert!(!machine.has("Resolve") && !machine.has("AbortStream") && !machine.has("ListConversations"));
    assert_eq!((machine.state.generation, machine.open_stream()), (generation, Some(stream)));
    assert_eq!(machine.texts(), ["Hi"]);
    // The old token's end is none any more, and the new one has its own.
    let effects = machine.pass(4 * MINUTE);
    assert_eq!((questions(&effects).len(), names(&effects)), (1, vec!["identity:expiring"]));
    assert!(machine.view().panel.verified);
    machine.stream(stream, "2", done(11));
    machine.ui(UiEvent::Submitted("More".into()));
    assert_eq!(machine.posted().1.identity_token.as_deref(), Some(fresh_token("a", 1).expose()));
}

#[test]
fn without_a_function_the_page_is_told_in_time_and_the_identity_lapses() {
    let mut machine = machine(false);
    machine.exchange("Hi", "Hello", 10);
    let effects = machine.pass(4 * MINUTE);
    let expiring = effects.iter().filter_map(event_kind).find_map(|kind| match kind {
        EventKind::IdentityExpiring { expires_at } => *expires_at,
        _ => None,
    });
    let server = Duration::from_hours(3);
    assert_eq!(expiring, Some(machine.now + server + Duration::from_mins(1)), "as the server told it");
    assert_eq!(names(&machine.pass(MINUTE - 1)), [] as [&str; 0]);
    assert_eq!(names(&machine.pass(1)), ["identity:expired"]);
    assert!(!machine.view().panel.verified && machine.running_timers().is_empty());
    machine.ui(UiEvent::Submitted("More".into()));
    let (_, request, session) = machine.posted();
    assert_eq!((request.identity_token, session), (None, verified("a", false).session));
    assert_eq!(request.conversation_id, Some(conversation(1)), "the conversation goes on");
}

#[test]
fn a_wrong_clock_of_the_visitors_machine_changes_nothing() {
    for hours_behind in [-3_i64, 0, 3] {
        let mut machine = Machine::ready();
        let call = machine.call(Command::Identify { token: token("a"), get_token: false });
        let ticket = machine.ticket_of("Identify");
        let there =
            eloquent_types::time::Timestamp::from_secs(machine.now.as_millis() / 1000 + hours_behind * 3600);
        let mut response = verified("a", false);
        response.server_time = Some(there);
        if let IdentifyResult::Identified(who) = &mut response.result {
            who.expires_at = Some(there + Duration::from_secs(100));
        }
        machine.send(Msg::Identify { ticket, result: Ok(response) });
        assert!(matches!(machine.result_of(call), Some(CommandResult::Identified(_))));
        machine.no_conversations();
        assert_eq!(names(&machine.pass(99_999)), ["identity:expiring"], "{hours_behind}");
        assert_eq!(names(&machine.pass(1)), ["identity:expired"], "{hours_behind}");
    }
}

#[test]
fn a_server_that_does_not_tell_its_time_says_itself_when_a_token_is_over() {
    let mut machine = Machine::ready();
    machine.call(Command::Identify { token: token("a"), get_token: false });
    let ticket = machine.ticket_of("Identify");
    let mut response = verified_for("a", machine.now, MINUTE);
    response.server_time = None;
    machine.send(Msg::Identify { ticket, result: Ok(response) });
    machine.no_conversations();
    assert_eq!(names(&machine.pass(10 * MINUTE)), [] as [&str; 0]);
    assert!(machine.view().panel.verified);
}

#[test]
fn a_long_life_outlasts_what_a_browsers_timer_can_count() {
    let mut machine = Machine::ready();
    let days = 60 * 24 * 60 * MINUTE;
    machine.identify_for("a", days, true);
    machine.no_conversations();
    assert!(questions(&machine.pass(days - MINUTE - 1)).is_empty());
    assert_eq!(questions(&machine.pass(1)).len(), 1);
}

#[test]
fn a_late_answer_is_nothing() {
    let again = Command::Identify { token: token("a"), get_token: false };
    for command in [Command::Logout, again, Command::Destroy] {
        let mut machine = machine(true);
        let ticket = questions(&machine.pass(4 * MINUTE))[0];
        machine.call(command.clone());
        assert!(machine.has("DropGetToken"), "{command:?}");
        let late = Msg::Token { ticket, token: Some(fresh_token("a", 1)) };
        assert!(machine.send(late).is_empty(), "{command:?}");
        assert!(questions(&machine.pass(60 * MINUTE)).is_empty(), "{command:?}");
    }
    let mut machine = machine(true);
    let ticket = questions(&machine.pass(4 * MINUTE))[0];
    machine.send(Msg::LoggedOutElsewhere);
    assert!(machine.send(Msg::Token { ticket, token: Some(fresh_token("a", 1)) }).is_empty());
    assert_eq!(machine.state.visitor, Visitor::default());
}

#[test]
fn a_verdict_that_comes_after_a_logout_is_nothing() {
    let mut machine = machine(true);
    let ticket = questions(&machine.pass(4 * MINUTE))[0];
    give(&mut machine, ticket, Some(fresh_token("a", 1)));
    let asked = machine.ticket_of("Identify");
    machine.call(Command::Logout);
    let result = Ok(verified_for("a", machine.now, MINUTE));
    assert!(machine.send(Msg::Identify { ticket: asked, result }).is_empty());
}

#[test]
fn a_fresh_token_of_another_user_is_a_change_of_user() {
    let mut machine = machine(true);
    machine.ask(Command::Update { attributes: vec![("plan".into(), Some("a's plan".into()))] });
    machine.exchange("a's question", "a's answer", 10);
    let running = machine.say("a's second", 20);
    let waiting = machine.call(Command::SendMessage { text: "a's third".into() });
    machine.ui(UiEvent::DraftChanged("a's draft".into()));
    let (ticket, generation) = (questions(&machine.pass(4 * MINUTE))[0], machine.state.generation);
    give(&mut machine, ticket, Some(fresh_token("b", 1)));
    let asked = machine.ticket_of("Identify");
    // The server lets it end earlier than the other's: that is no reason to ask again.
    let result = Ok(verified_for("b", machine.now, MINUTE / 2));
    machine.send(Msg::Identify { ticket: asked, result });
    assert!(machine.events().ends_with(&["identity:changed", "identify"]));
    assert_eq!(machine.result_of(waiting), Some(CommandResult::Failed(CallError::Aborted)));
    assert!(machine.effects.contains(&Effect::AbortStream { ticket: running }));
    assert!(machine.state.generation > generation);
    let seen = format!("{:?}", machine.view());
    assert!(!seen.contains("a's"), "{seen}");
    machine.no_conversations();
    machine.ui(UiEvent::Submitted("b's".into()));
    let (_, request, session) = machine.posted();
    assert_eq!((request.conversation_id, session), (None, verified("b", false).session));
    assert_eq!(request.identity_token.as_deref(), Some(fresh_token("b", 1).expose()));
    assert!(request.attributes.is_empty());
    assert_eq!(questions(&machine.pass(MINUTE / 2 - 1)).len(), 1, "b's next one, in its time");
}

#[test]
fn the_server_finds_the_token_expired() {
    for (code, event, asks) in [
        (IdentityCode::TokenExpired, "identity:expired", true),
        (IdentityCode::KeyRevoked, "identity:changed", true),
        (IdentityCode::SignatureInvalid, "identity:changed", true),
        (IdentityCode::IdentityBlocked, "identity:changed", false),
        (IdentityCode::IdentityDisabled, "identity:changed", false),
    ] {
        let mut machine = machine(true);
        machine.ui(UiEvent::Submitted("Hi".into()));
        let (stream, ..) = machine.posted();
        machine.stream(stream, "1", accepted_unverified(10, Some(code)));
        assert_eq!(machine.events().last(), Some(&event));
        assert_eq!(questions(&machine.effects).len(), usize::from(asks), "{code}");
        if asks {
            let ticket = questions(&machine.effects)[0];
            renew(&mut machine, ticket, 1, 5 * MINUTE);
            assert!(machine.view().panel.verified);
            assert_eq!(machine.open_stream(), Some(stream), "the running answer goes on");
        }
    }
}

#[test]
fn a_page_that_starts_with_an_old_token_is_asked_for_a_fresh_one() {
    let mut machine = Machine::ready();
    let call = machine.call(Command::Identify { token: token("a"), get_token: true });
    let asked = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket: asked, result: Ok(not_verified(IdentityCode::TokenExpired)) });
    let Some(CommandResult::NotIdentified(why)) = machine.result_of(call) else { panic!("resolved") };
    assert_eq!((why.code, why.retryable), ("token_expired", true));
    let ticket = questions(&machine.effects)[0];
    renew(&mut machine, ticket, 1, 5 * MINUTE);
    assert_eq!(machine.events(), ["identify"]);
    assert!(machine.view().panel.verified);
}

#[test]
fn an_identify_that_failed_in_passing_is_made_up_for() {
    for (error, asks) in [
        (TransportError::Unreachable, 1),
        (refused(ProblemCode::RateLimited, Some(1)), 1),
        (refused(ProblemCode::AgentNotFound, None), 0),
    ] {
        let mut machine = Machine::ready();
        machine.call(Command::Identify { token: token("a"), get_token: true });
        let asked = machine.ticket_of("Identify");
        machine.send(Msg::Identify { ticket: asked, result: Err(error) });
        assert_eq!(questions(&machine.effects).len(), asks, "{error:?}");
    }
}

#[test]
fn a_machine_that_slept_asks_once() {
    let mut machine = machine(true);
    machine.sleep(8 * 60 * MINUTE);
    machine.send(Msg::Woken);
    let asked = questions(&machine.effects);
    assert_eq!((asked.len(), machine.events()), (1, vec![]), "the page is asked before it is told");
    for _ in 0..5 {
        machine.send(Msg::Woken);
        assert!(questions(&machine.effects).is_empty());
    }
    renew(&mut machine, asked[0], 1, 5 * MINUTE);
    assert!(machine.view().panel.verified);
    machine.send(Msg::Woken);
    assert!(machine.effects.is_empty());
}

#[test]
fn a_timer_that_comes_late_or_early_is_only_a_look_at_the_clock() {
    let mut machine = machine(true);
    let timer = machine.running_timers()[0];
    assert_eq!(names(machine.fire(timer)), [] as [&str; 0], "early");
    let timer = machine.running_timers()[0];
    machine.sleep(7 * MINUTE);
    let effects = machine.fire(timer).to_vec();
    assert_eq!((questions(&effects).len(), names(&effects)), (1, vec![]), "late");
}

#[test]
fn without_a_function_a_machine_that_slept_says_once_that_the_token_is_over() {
    let mut machine = machine(false);
    machine.sleep(8 * 60 * MINUTE);
    machine.send(Msg::Woken);
    assert_eq!(machine.events(), ["identity:expired"]);
    machine.send(Msg::Woken);
    assert!(machine.effects.is_empty() && machine.running_timers().is_empty());
}

#[test]
fn the_next_identify_brings_its_own_function_or_none() {
    let mut machine = Machine::ready();
    let first = machine.next_call();
    machine.identify_for("a", 5 * MINUTE, true);
    machine.no_conversations();
    let second = machine.next_call();
    machine.call(Command::Identify { token: fresh_token("a", 1), get_token: true });
    assert!(machine.effects.contains(&Effect::DropGetToken(first)));
    let ticket = machine.ticket_of("Identify");
    let result = Ok(verified_for("a", machine.now, 5 * MINUTE));
    machine.send(Msg::Identify { ticket, result });
    let effects = machine.pass(4 * MINUTE);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::GetToken { call, .. } if *call == second)));
    machine.call(Command::Identify { token: fresh_token("a", 2), get_token: false });
    assert!(machine.effects.contains(&Effect::DropGetToken(second)));
}
