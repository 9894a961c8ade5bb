//! Long conversations: what is on screen of them, and the pages of older messages.

use eloquent_types::{
    conversation::{ConversationView, MessageState, MessageView, Role},
    id::MessageId,
};

use super::{harness::*, samples::*};
use crate::{Effect, Msg, Stored, Ticket, TransportError, UiEvent};

/// Messages `from..to`, the text of each its number.
fn messages(from: u128, to: u128) -> Vec<MessageView> {
    let view =
        |number: u128| message_view(number, Role::Operator, MessageState::Complete, &number.to_string());
    (from..to).map(view).collect()
}

fn page(from: u128, to: u128) -> ConversationView {
    ConversationView { earlier: from > 1, ..conversation_view(1, messages(from, to), "c") }
}

/// A conversation of so many messages, of which the newest hundred are there.
fn long(count: u128) -> Machine {
    let mut machine = Machine::ready_with(Stored {
        session: Some(session(1)),
        conversation: Some(conversation(1)),
        open: true,
        sound: false,
    });
    let ticket = machine.ticket_of("FetchConversation");
    machine.send(Msg::Conversation { ticket, result: Ok(page(count.saturating_sub(99).max(1), count + 1)) });
    machine
}

fn asked(machine: &Machine) -> (Ticket, MessageId) {
    let asked = machine.effects.iter().find_map(|effect| match effect {
        Effect::FetchConversation { ticket, before: Some(before), .. } => Some((*ticket, *before)),
        _ => None,
    });
    asked.expect("a page is asked for")
}

fn first_and_last(machine: &Machine) -> (u32, u32) {
    let number = |text: Option<&String>| text.and_then(|text| text.parse().ok()).expect("a number");
    let texts = machine.texts();
    (number(texts.first()), number(texts.last()))
}

/// Scrolls up to the first message of all, with every page at once there.
fn scroll_to_top(machine: &mut Machine) {
    for _ in 0..2_000 {
        machine.ui(UiEvent::ReachedTop);
        if machine.has("FetchConversation") {
            let (ticket, before) = asked(machine);
            let before = before.as_u128();
            machine.send(Msg::Conversation {
                ticket,
                result: Ok(page(before.saturating_sub(100).max(1), before)),
            });
        }
        if !machine.view().panel.earlier {
            return;
        }
    }
    panic!("no top");
}

#[test]
fn of_a_long_history_the_end_is_shown() {
    let machine = long(500);
    assert_eq!(first_and_last(&machine), (421, 500));
    let seen = machine.view();
    assert!(seen.panel.earlier && !seen.panel.later);
    let machine = long(3);
    assert_eq!(first_and_last(&machine), (1, 3));
    assert!(!machine.view().panel.earlier);
}

#[test]
fn scrolling_up_brings_what_is_there_and_then_the_page_before() {
    let mut machine = long(500);
    machine.ui(UiEvent::ReachedTop);
    assert_eq!(first_and_last(&machine), (401, 500));
    let (ticket, before) = asked(&machine);
    assert_eq!(before, message_id(401));
    machine.ui(UiEvent::ReachedTop);
    assert!(!machine.has("FetchConversation"), "one page at a time");
    machine.send(Msg::Conversation { ticket, result: Ok(page(301, 401)) });
    assert_eq!(first_and_last(&machine), (361, 480));
    assert!(machine.view().panel.later);
    machine.ui(UiEvent::ReachedEnd);
    assert_eq!(first_and_last(&machine), (381, 500));
    machine.ui(UiEvent::ReachedTop);
    machine.ui(UiEvent::ReachedTop);
    assert_eq!(first_and_last(&machine), (301, 420));
    assert_eq!(asked(&machine).1, message_id(301));
}

#[test]
fn what_comes_while_the_visitor_reads_further_up_is_counted() {
    let mut machine = long(500);
    let ticket = machine.open_stream().expect("it is followed");
    machine.ui(UiEvent::LeftEnd);
    let before = machine.texts();
    for number in 501..=650 {
        let message = message_view(number, Role::Operator, MessageState::Complete, &number.to_string());
        machine.stream(ticket, &number.to_string(), eloquent_types::chat::StreamEvent::Message(message));
    }
    assert_eq!(machine.view().panel.fresh, 150);
    assert_eq!(machine.texts()[..80], before, "what is read stays where it is");
    assert!(machine.view().panel.later);
    machine.ui(UiEvent::LatestPressed);
    assert_eq!(first_and_last(&machine), (571, 650));
    assert_eq!(machine.view().panel.fresh, 0);
    let message = message_view(651, Role::Operator, MessageState::Complete, "651");
    machine.stream(ticket, "651", eloquent_types::chat::StreamEvent::Message(message));
    assert_eq!((machine.view().panel.fresh, first_and_last(&machine).1), (0, 651));
}

#[test]
fn coming_back_to_the_end_by_scrolling_ends_the_count() {
    let mut machine = long(20);
    let ticket = machine.open_stream().expect("it is followed");
    machine.ui(UiEvent::LeftEnd);
    let message = message_view(21, Role::Operator, MessageState::Complete, "21");
    machine.stream(ticket, "21", eloquent_types::chat::StreamEvent::Message(message));
    assert_eq!(machine.view().panel.fresh, 1);
    machine.ui(UiEvent::ReachedEnd);
    assert_eq!(machine.view().panel.fresh, 0);
}

#[test]
fn sending_something_leads_to_the_end() {
    let mut machine = long(500);
    scroll_to_top(&mut machine);
    assert_eq!(first_and_last(&machine).0, 1);
    machine.ui(UiEvent::Submitted("501".into()));
    assert_eq!(first_and_last(&machine).1, 501);
    assert!(!machine.view().panel.later);
}

#[test]
fn ten_thousand_messages_are_a_window_and_what_is_far_is_let_go() {
    let mut machine = long(10_000);
    scroll_to_top(&mut machine);
    assert_eq!(first_and_last(&machine).0, 1);
    assert_eq!(machine.state.visitor.thread.bubbles.len(), 10_000);
    machine.ui(UiEvent::LatestPressed);
    assert_eq!(first_and_last(&machine), (9_921, 10_000));
    assert!(machine.state.visitor.thread.bubbles.len() <= 200, "what can be fetched again is not kept");
    machine.ui(UiEvent::ReachedTop);
    machine.ui(UiEvent::ReachedTop);
    machine.ui(UiEvent::ReachedTop);
    assert_eq!(asked(&machine).1, message_id(9_801));
}

#[test]
fn a_message_that_was_not_sent_is_never_let_go() {
    let mut machine = long(10);
    machine.ui(UiEvent::Submitted("lost".into()));
    let (ticket, ..) = machine.posted();
    machine.refuse_stream(ticket, eloquent_types::problem::ProblemCode::IdentityRequired, None);
    let ticket = machine.open_stream().expect("it is followed");
    for number in 500..900 {
        let message = message_view(number, Role::Operator, MessageState::Complete, &number.to_string());
        machine.stream(ticket, &number.to_string(), eloquent_types::chat::StreamEvent::Message(message));
    }
    machine.ui(UiEvent::LatestPressed);
    let kept = &machine.state.visitor.thread.bubbles;
    assert!(kept.iter().any(|bubble| bubble.plain_text() == "lost"));
}

#[test]
fn a_page_out_of_reach_is_asked_for_again_and_then_when_the_top_is_reached_again() {
    let mut machine = long(500);
    machine.ui(UiEvent::ReachedTop);
    for pause in [1000, 2000, 4000] {
        let (ticket, _) = asked(&machine);
        machine.send(Msg::Conversation { ticket, result: Err(TransportError::Unreachable) });
        let (timer, millis) = machine.started_timer();
        assert!(is_pause(millis, pause));
        machine.fire(timer);
    }
    let (ticket, _) = asked(&machine);
    machine.send(Msg::Conversation { ticket, result: Err(TransportError::Unreachable) });
    assert!(!machine.has("StartTimer"));
    assert_eq!(machine.view().panel.banner, None, "what is on screen is all right");
    machine.ui(UiEvent::ReachedTop);
    asked(&machine);
}

#[test]
fn a_page_disturbs_neither_a_running_answer_nor_what_waits() {
    let mut machine = long(500);
    let ticket = machine.say("Hi", 501);
    machine.stream(ticket, "2", delta(502, 0, &["Hel"]));
    machine.ui(UiEvent::Submitted("waits".into()));
    machine.ui(UiEvent::ReachedTop);
    let (page_ticket, before) = asked(&machine);
    assert!(!machine.has("AbortStream"));
    let from = before.as_u128() - 100;
    machine.send(Msg::Conversation { ticket: page_ticket, result: Ok(page(from, before.as_u128())) });
    machine.stream(ticket, "3", delta(502, 0, &["Hello"]));
    machine.stream(ticket, "4", done(502));
    assert_eq!(machine.posted().1.message.text, "waits");
    machine.ui(UiEvent::LatestPressed);
    let texts = machine.texts();
    assert_eq!(texts[texts.len() - 3..], ["Hi", "Hello", "waits"]);
}

#[test]
fn a_page_of_a_conversation_that_was_left_is_nothing() {
    let mut machine = long(500);
    machine.ui(UiEvent::ReachedTop);
    let (ticket, _) = asked(&machine);
    machine.ui(UiEvent::NewConversationPressed);
    machine.send(Msg::Conversation { ticket, result: Ok(page(301, 401)) });
    assert!(machine.bubbles().is_empty() && !machine.view().panel.earlier);
}
