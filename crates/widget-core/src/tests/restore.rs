//! What was there before the page was loaded.

use eloquent_types::{
    conversation::{MessageState, Role},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{BubbleState, Command, Msg, Stored, TransportError, UiEvent};

fn stored() -> Stored {
    Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: true, sound: false }
}

fn said(answer: MessageState, text: &str) -> Vec<eloquent_types::conversation::MessageView> {
    vec![
        message_view(10, Role::Visitor, MessageState::Complete, "Hi"),
        message_view(11, Role::Agent, answer, text),
    ]
}

#[test]
fn a_first_visit_asks_for_nothing_but_the_agent() {
    let machine = Machine::ready();
    assert_eq!(machine.effect_names(), ["LoadConfig", "Emit"]);
    assert!(!machine.view().panel.open);
}

#[test]
fn a_reload_in_mid_answer_goes_on_exactly_there() {
    let mut machine = Machine::ready_with(stored());
    assert!(machine.view().panel.open && machine.view().panel.loading);
    assert!(!machine.has("Focus"), "a page load takes the focus from nobody");
    assert!(machine.view().panel.starters.is_empty());
    let ticket = machine.ticket_of("FetchConversation");
    let view = conversation_view(1, said(MessageState::Streaming, "Hel"), "41");
    machine.send(Msg::Conversation { ticket, result: Ok(view) });
    let (ticket, id, after, credentials) = machine.resumed();
    assert_eq!((id, after.as_str()), (conversation(1), "41"));
    assert_eq!((credentials.session, credentials.token), (Some(session(1)), None));
    assert!(machine.view().panel.composer.can_stop && !machine.view().panel.loading);
    machine.stream(ticket, "42", delta(11, 0, &["Hello"]));
    machine.stream(ticket, "43", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert_eq!(machine.bubbles()[1].state, BubbleState::Complete);
    assert_eq!(machine.open_stream(), Some(ticket), "the conversation is followed");
}

#[test]
fn an_answer_that_has_not_begun_is_three_dots() {
    let mut machine = Machine::ready_with(stored());
    let ticket = machine.ticket_of("FetchConversation");
    let view = conversation_view(1, said(MessageState::Streaming, ""), "41");
    machine.send(Msg::Conversation { ticket, result: Ok(view) });
    assert_eq!(machine.texts(), ["Hi"]);
    assert!(machine.view().panel.typing);
    let (ticket, ..) = machine.resumed();
    machine.stream(ticket, "42", done(11));
    assert!(!machine.view().panel.typing, "an answer without a word is an answer");
}

#[test]
fn what_is_whole_is_followed() {
    let words = crate::Strings::english();
    for (state, expected) in [
        (MessageState::Complete, BubbleState::Complete),
        (MessageState::Stopped, BubbleState::Stopped),
        (MessageState::Interrupted, BubbleState::Failed { reason: words.interrupted, can_retry: true }),
        (MessageState::Failed, BubbleState::Failed { reason: words.agent_failed, can_retry: true }),
    ] {
        let mut machine = Machine::ready_with(stored());
        let ticket = machine.ticket_of("FetchConversation");
        let view = conversation_view(1, said(state, "Hello"), "41");
        machine.send(Msg::Conversation { ticket, result: Ok(view) });
        assert_eq!(machine.resumed().2, "41");
        assert_eq!(machine.bubbles()[1].state, expected);
        assert!(!machine.view().panel.typing && !machine.view().panel.composer.can_stop);
        assert_eq!(machine.view().launcher.unread, 0, "what was there is not new");
        machine.ui(UiEvent::Submitted("Go on".into()));
        assert_eq!(machine.posted().1.conversation_id, Some(conversation(1)));
    }
}

#[test]
fn a_message_written_meanwhile_waits_for_the_history_and_stands_below_it() {
    let mut machine = Machine::ready_with(stored());
    let ticket = machine.ticket_of("FetchConversation");
    machine.ui(UiEvent::Submitted("Me again".into()));
    assert!(!machine.has("OpenStream"));
    let view = conversation_view(1, said(MessageState::Streaming, "Hel"), "41");
    machine.send(Msg::Conversation { ticket, result: Ok(view) });
    assert_eq!(machine.texts(), ["Hi", "Hel", "Me again"]);
    let (ticket, ..) = machine.resumed();
    machine.stream(ticket, "42", done(11));
    assert_eq!(machine.posted().1.message.text, "Me again");
}

#[test]
fn a_conversation_that_is_gone_is_forgotten() {
    let mut machine = Machine::ready_with(stored());
    let ticket = machine.ticket_of("FetchConversation");
    let gone = refused(ProblemCode::ConversationNotFound, None);
    machine.send(Msg::Conversation { ticket, result: Err(gone) });
    assert_eq!(machine.stored().expect("the session stays").conversation, None);
    assert_eq!(machine.view().panel.starters, config().starters);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().1.conversation_id, None);
}

/// The history was asked for as often as it is asked for unasked.
fn out_of_reach() -> Machine {
    let mut machine = Machine::ready_with(stored());
    for pause in [1000, 2000, 4000] {
        let ticket = machine.ticket_of("FetchConversation");
        machine.send(Msg::Conversation { ticket, result: Err(TransportError::Unreachable) });
        let (timer, millis) = machine.started_timer();
        assert!(is_pause(millis, pause));
        machine.fire(timer);
    }
    let ticket = machine.ticket_of("FetchConversation");
    machine.send(Msg::Conversation { ticket, result: Err(TransportError::Unreachable) });
    machine
}

#[test]
fn a_history_out_of_reach_goes_with_its_conversation() {
    let mut machine = out_of_reach();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    machine.refuse_stream(ticket, ProblemCode::ConversationNotFound, None);
    assert_eq!(machine.view().panel.banner, None);
}

#[test]
fn a_history_out_of_reach_is_asked_for_when_something_has_changed() {
    let mut machine = out_of_reach();
    machine.send(Msg::Online);
    machine.ticket_of("FetchConversation");

    let mut machine = out_of_reach();
    machine.call(Command::Identify { token: token("a"), get_token: false });
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", true)) });
    machine.ticket_of("FetchConversation");
}

#[test]
fn a_history_out_of_reach_is_asked_for_again_and_then_on_request() {
    let mut machine = out_of_reach();
    assert!(machine.view().panel.banner.expect("it says so").action.is_some());
    machine.ui(UiEvent::BannerPressed);
    let ticket = machine.ticket_of("FetchConversation");
    let view = conversation_view(1, said(MessageState::Complete, "Hello"), "41");
    machine.send(Msg::Conversation { ticket, result: Ok(view) });
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert_eq!(machine.view().panel.banner, None);
}

#[test]
fn another_conversation_can_be_opened() {
    let mut machine = Machine::ready();
    let running = machine.say("Hi", 10);
    machine.call(Command::Open { prefill: None, conversation: Some(conversation(2)) });
    assert!(machine.effects.contains(&crate::Effect::AbortStream { ticket: running }));
    let ticket = machine.ticket_of("FetchConversation");
    let messages = vec![message_view(20, Role::Visitor, MessageState::Complete, "Older")];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(2, messages, "9")) });
    assert_eq!(machine.texts(), ["Older"]);
    machine.call(Command::Open { prefill: None, conversation: Some(conversation(2)) });
    assert!(!machine.has("FetchConversation"), "it is on screen");
}
