//! The visitor's messages: in order, each once, and never silently lost.

use eloquent_types::{chat::Format, problem::ProblemCode};

use super::{harness::*, samples::*};
use crate::{BubbleState, CallError, Command, CommandResult, Effect, Msg, Stored, TransportError, UiEvent};

#[test]
fn a_message_is_on_screen_before_the_network_is_asked() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::DraftChanged("Hi there".into()));
    assert!(machine.view().panel.composer.can_send);
    machine.ui(UiEvent::Submitted("Hi there".into()));
    assert_eq!(machine.texts(), ["Hi there"]);
    assert_eq!(machine.bubbles()[0].state, BubbleState::Sending);
    assert_eq!(machine.view().panel.composer.draft, "");
    let (_, request, session) = machine.posted();
    assert_eq!((request.message.text.as_str(), request.format), ("Hi there", Format::Blocks));
    assert_eq!((request.conversation_id, request.identity_token, session), (None, None, None));
    assert_eq!(request.message.id.len(), 36);
}

#[test]
fn accepted_adopts_conversation_and_session_and_stores_them() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    assert_eq!(machine.stored(), Some(Stored { open: true, ..Stored::default() }));
    let ticket = machine.say("Hi", 10);
    assert_eq!(machine.events(), ["conversation:started", "message:sent"]);
    let expected =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: true, sound: false };
    assert_eq!(machine.stored(), Some(expected));
    assert_eq!(machine.bubbles()[0].state, BubbleState::Complete);
    assert!(machine.view().panel.typing && machine.view().panel.composer.can_stop);
    machine.stream(ticket, "2", done(11));
    machine.ui(UiEvent::Submitted("And?".into()));
    let (ticket, request, credential) = machine.posted();
    assert_eq!((request.conversation_id, credential), (Some(conversation(1)), Some(session(1))));
    machine.stream(ticket, "1", accepted(1, 20));
    assert_eq!(machine.events(), ["message:sent"]);
}

#[test]
fn further_messages_wait_and_go_out_in_order() {
    let mut machine = Machine::ready();
    let first = machine.say("one", 10);
    for text in ["two", "three"] {
        machine.ui(UiEvent::Submitted(text.into()));
        assert!(!machine.has("OpenStream"));
    }
    machine.stream(first, "2", delta(11, 0, &["answer"]));
    assert_eq!(machine.texts(), ["one", "answer", "two", "three"]);
    machine.stream(first, "3", done(11));
    assert!(machine.has("AbortStream"), "the finished stream is let go");
    let (second, request, _) = machine.posted();
    assert_eq!(request.message.text, "two");
    machine.stream(second, "4", accepted(1, 20));
    machine.stream(second, "5", done(21));
    assert_eq!(machine.posted().1.message.text, "three");
}

#[test]
fn a_broken_attempt_is_repeated_under_the_same_id_until_it_is_given_up() {
    let mut machine = Machine::ready();
    let call = machine.call(Command::SendMessage { text: "Hi".into() });
    let (mut ticket, first, _) = machine.posted();
    machine.ui(UiEvent::Submitted("And?".into()));
    for pause in [1000, 2000, 4000] {
        machine.break_stream(ticket);
        let (timer, millis) = machine.started_timer();
        assert!(is_pause(millis, pause));
        assert_eq!(machine.bubbles()[0].state, BubbleState::Sending);
        machine.fire(timer);
        let (again, request, _) = machine.posted();
        assert_eq!(request, first);
        ticket = again;
    }
    assert!(machine.is_pending(call));
    machine.break_stream(ticket);
    assert_eq!(machine.result_of(call), Some(CommandResult::Failed(CallError::NotSent)));
    assert_eq!(machine.events(), ["error"]);
    let not_sent = BubbleState::NotSent { reason: "Not sent.", can_retry: true };
    assert!(machine.bubbles().iter().all(|bubble| bubble.state == not_sent));
    assert!(machine.running_timers().is_empty(), "nothing is waited for");

    let key = machine.bubbles()[0].key;
    machine.ui(UiEvent::RetryPressed(key));
    let (ticket, again, _) = machine.posted();
    assert!(again.message == first.message);
    assert_eq!(machine.texts(), ["And?", "Hi"], "it comes after what was said meanwhile");
    machine.break_stream(ticket);
    let (timer, millis) = machine.started_timer();
    assert!(is_pause(millis, 1000), "the count starts anew");
    machine.fire(timer);
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "1", accepted(1, 10));
    assert_eq!(machine.bubbles()[1].state, BubbleState::Complete);
    machine.ui(UiEvent::RetryPressed(key));
    assert!(machine.effects.is_empty(), "a message that was sent is not sent again");
}

#[test]
fn a_server_that_never_accepts_is_a_broken_attempt() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, first, _) = machine.posted();
    let (timer, _) = machine.started_timer();
    machine.fire(timer);
    assert!(machine.effects.contains(&Effect::AbortStream { ticket }));
    let (timer, _) = machine.started_timer();
    machine.fire(timer);
    assert_eq!(machine.posted().1, first);
}

#[test]
fn offline_gives_nothing_up_and_online_tries_at_once() {
    let mut machine = Machine::ready();
    machine.send(Msg::Offline);
    assert_eq!(machine.view().panel.banner, None, "a short break is not worth a word");
    machine.pass(4000);
    assert_eq!(machine.view().panel.banner.map(|banner| banner.text), Some(machine.view().strings.offline));
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.bubbles()[0].state, BubbleState::Waiting);
    for _ in 0..10 {
        let (ticket, ..) = machine.posted();
        machine.break_stream(ticket);
        let (timer, millis) = machine.started_timer();
        assert!(millis <= 30_000);
        machine.fire(timer);
    }
    let (ticket, ..) = machine.posted();
    machine.break_stream(ticket);
    assert_eq!(machine.bubbles()[0].state, BubbleState::Waiting);
    machine.send(Msg::Online);
    assert!(machine.has("CancelTimer"));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "1", accepted(1, 10));
    assert_eq!(machine.view().panel.banner, None, "all is well at once");
    assert_eq!(machine.bubbles()[0].state, BubbleState::Complete);
}

#[test]
fn each_refusal_leads_to_a_state_that_makes_sense() {
    use ProblemCode as Code;
    let words = crate::Strings::english();
    for (code, reason, can_retry, told) in [
        (Code::MessageEmpty, words.not_sent, false, CallError::NotSent),
        (Code::MessageTooLong, words.too_long, false, CallError::MessageTooLong),
        (Code::BodyTooLarge, words.too_long, false, CallError::MessageTooLong),
        (Code::InvalidField, words.not_sent, false, CallError::NotSent),
        (Code::InvalidJson, words.not_sent, false, CallError::NotSent),
        (Code::UnsupportedMediaType, words.not_sent, false, CallError::NotSent),
        (Code::IdentityRequired, words.log_in_first, true, CallError::IdentityRequired),
        (Code::OriginNotAllowed, words.not_available, false, CallError::NotSent),
        (Code::AgentNotFound, words.not_available, false, CallError::NotSent),
        (Code::Unauthorized, words.not_sent, true, CallError::NotSent),
        (Code::NotFound, words.not_sent, true, CallError::NotSent),
    ] {
        let mut machine = Machine::ready();
        let call = machine.call(Command::SendMessage { text: "Hi".into() });
        let (ticket, ..) = machine.posted();
        machine.ui(UiEvent::Submitted("next".into()));
        machine.refuse_stream(ticket, code, None);
        assert_eq!(machine.bubbles()[0].state, BubbleState::NotSent { reason, can_retry }, "{code:?}");
        assert_eq!(machine.result_of(call), Some(CommandResult::Failed(told)), "{code:?}");
        assert_eq!(machine.events(), ["error"]);
        assert_eq!(machine.posted().1.message.text, "next", "the next message is tried");
        assert_eq!(machine.running_timers().len(), 1, "the wait for the first is over");
        let key = machine.bubbles()[0].key;
        machine.ui(UiEvent::RetryPressed(key));
        let queued = machine.bubbles().iter().filter(|bubble| bubble.state == BubbleState::Sending).count();
        assert_eq!(queued, 1 + usize::from(can_retry), "{code:?}");
    }
}

#[test]
fn a_busy_server_is_given_the_time_it_asks_for() {
    for code in [ProblemCode::RateLimited, ProblemCode::ServerBusy] {
        for (retry_after, pause) in
            [(Some(7), Some(7000)), (Some(0), Some(1000)), (None, Some(1000)), (Some(31), None)]
        {
            let mut machine = Machine::ready();
            machine.ui(UiEvent::Submitted("Hi".into()));
            let (ticket, ..) = machine.posted();
            machine.refuse_stream(ticket, code, retry_after);
            if let Some(pause) = pause {
                let millis = machine.started_timer().1;
                assert!(if retry_after.is_some() { millis == pause } else { is_pause(millis, pause) });
            } else {
                let reason = machine.view().strings.busy;
                let expected = BubbleState::NotSent { reason, can_retry: true };
                assert_eq!(machine.bubbles()[0].state, expected);
            }
        }
    }
}

#[test]
fn a_conversation_that_is_gone_is_replaced_once() {
    let mut machine = Machine::ready();
    machine.exchange("Hi", "Hello", 10);
    machine.ui(UiEvent::Submitted("Still there?".into()));
    let (ticket, first, _) = machine.posted();
    machine.refuse_stream(ticket, ProblemCode::ConversationNotFound, None);
    let (ticket, again, _) = machine.posted();
    assert!(again.conversation_id.is_none() && again.message == first.message);
    assert_eq!(machine.texts(), ["Still there?"]);
    machine.refuse_stream(ticket, ProblemCode::ConversationNotFound, None);
    assert!(!machine.has("OpenStream"));
    let expected = BubbleState::NotSent { reason: machine.view().strings.not_sent, can_retry: true };
    assert_eq!(machine.bubbles()[0].state, expected);
}

#[test]
fn a_text_that_is_too_long_stays_in_the_composer() {
    let mut machine = Machine::ready();
    let text = "x".repeat(8_001);
    machine.ui(UiEvent::Submitted(text.clone()));
    assert_eq!(machine.view().panel.composer.draft, text);
    assert_eq!(machine.view().panel.banner.map(|banner| banner.text), Some(machine.view().strings.too_long));
    assert!(machine.bubbles().is_empty());
    machine.ui(UiEvent::DraftChanged("x".into()));
    assert_eq!(machine.view().panel.banner, None);
    machine.ui(UiEvent::Submitted("  ".into()));
    assert!(machine.bubbles().is_empty());
}

#[test]
fn an_agent_that_does_not_exist_takes_no_messages() {
    let mut machine = Machine::new(crate::Options::default());
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    machine.send(Msg::Config { ticket, result: Err(refused(ProblemCode::AgentNotFound, None)) });
    assert!(machine.has("Warn"));
    assert_eq!(machine.events(), ["error"]);
    assert!(!machine.view().panel.composer.enabled);
    let result = machine.ask(Command::SendMessage { text: "Hi".into() });
    assert_eq!(result, CommandResult::Failed(CallError::NotSent));
}

/// The agent was asked for as often as it is asked for unasked.
fn agent_out_of_reach() -> Machine {
    let mut machine = Machine::new(crate::Options::default());
    machine.send(Msg::Start);
    for _ in 0..3 {
        let ticket = machine.ticket_of("LoadConfig");
        machine.send(Msg::Config { ticket, result: Err(TransportError::Unexpected) });
        let (timer, _) = machine.started_timer();
        machine.fire(timer);
    }
    let ticket = machine.ticket_of("LoadConfig");
    machine.send(Msg::Config { ticket, result: Err(TransportError::Unreachable) });
    assert_eq!(machine.events(), ["error"]);
    assert!(machine.view().panel.banner.expect("it says so").action.is_some());
    machine
}

#[test]
fn an_agent_out_of_reach_is_asked_for_on_request() {
    for request in [UiEvent::BannerPressed, UiEvent::LauncherPressed] {
        let mut machine = agent_out_of_reach();
        machine.ui(request);
        let ticket = machine.ticket_of("LoadConfig");
        machine.send(Msg::Config { ticket, result: Ok(config()) });
        assert_eq!(machine.events(), ["ready"]);
        assert_eq!(machine.view().panel.banner, None);
    }
}

#[test]
fn while_offline_an_agent_is_not_given_up() {
    let mut machine = agent_out_of_reach();
    machine.ui(UiEvent::LauncherPressed);
    let mut ticket = machine.ticket_of("LoadConfig");
    machine.send(Msg::Offline);
    for _ in 0..5 {
        machine.send(Msg::Config { ticket, result: Err(TransportError::Unreachable) });
        assert!(machine.events().is_empty());
        let (timer, _) = machine.started_timer();
        machine.fire(timer);
        ticket = machine.ticket_of("LoadConfig");
    }
    machine.send(Msg::Config { ticket, result: Err(TransportError::Unreachable) });
    machine.send(Msg::Online);
    assert!(machine.has("CancelTimer"), "the pause is over");
    machine.ticket_of("LoadConfig");
}
