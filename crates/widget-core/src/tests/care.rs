//! Persons of the company: asked for, come, gone.

use eloquent_types::{
    chat::{Status, StatusKind, StreamEvent},
    conversation::{ConversationView, MessageState, MessageView, Role},
};

use super::{harness::*, samples::*};
use crate::{Content, Effect, EventKind, Msg, Stored, TransportError, UiEvent};

fn status(status: StatusKind, operator: Option<&str>) -> StreamEvent {
    StreamEvent::Status(Status { status, operator: operator.map(Into::into) })
}

fn row(number: u128, kind: StatusKind, operator: Option<&str>) -> MessageView {
    let view = message_view(number, Role::Status, MessageState::Complete, "");
    MessageView { text: kind.as_str().into(), blocks: None, author: operator.map(Into::into), ..view }
}

/// After an exchange, with the panel open.
fn following() -> Machine {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    machine.exchange("Hi", "Hello", 10);
    machine
}

#[test]
fn a_person_is_asked_for_once_and_waited_for() {
    let mut machine = following();
    assert!(machine.view().panel.can_handover);
    machine.ui(UiEvent::HandoverPressed);
    let ticket = machine.ticket_of("RequestHandover");
    assert!(machine.view().panel.waiting_for_human && !machine.view().panel.can_handover);
    assert!(machine.ui(UiEvent::HandoverPressed).is_empty());
    machine.send(Msg::Handover { ticket, result: Ok(()) });
    assert_eq!(
        machine.effects.iter().find_map(event_kind),
        Some(&EventKind::HandoffRequested { conversation: conversation(1) })
    );
    assert!(machine.view().panel.waiting_for_human);
    let stream = machine.open_stream().expect("a stream");
    machine.stream(stream, "4", status(StatusKind::Waiting, None));
    assert!(machine.view().panel.waiting_for_human);
    assert_eq!(machine.bubbles()[2].content, Content::Status(StatusKind::Waiting));
    let words = machine.view().strings.waiting_for_person;
    assert!(machine.effects.contains(&Effect::Announce(words.into())));
    machine.stream(stream, "5", status(StatusKind::Assigned, Some("Ann")));
    assert_eq!((machine.view().panel.operator, machine.view().panel.waiting_for_human), (Some("Ann"), false));
}

#[test]
fn a_request_that_was_not_passed_on_can_be_made_again() {
    let mut machine = following();
    machine.ui(UiEvent::HandoverPressed);
    let ticket = machine.ticket_of("RequestHandover");
    machine.send(Msg::Handover { ticket, result: Err(TransportError::Unreachable) });
    let words = machine.view().strings.not_passed_on;
    assert_eq!(machine.view().panel.banner.map(|banner| banner.text), Some(words));
    assert!(machine.view().panel.can_handover && !machine.view().panel.waiting_for_human);
    machine.ui(UiEvent::HandoverPressed);
    assert!(machine.has("RequestHandover") && machine.view().panel.banner.is_none());
    assert!(machine.send(Msg::Handover { ticket, result: Ok(()) }).is_empty(), "an old answer");
}

#[test]
fn there_has_to_be_a_conversation_to_be_handed_over() {
    let mut machine = Machine::ready();
    assert!(!machine.view().panel.can_handover);
    assert!(machine.ui(UiEvent::HandoverPressed).iter().all(|effect| effect_name(effect) == "Store"));
    let mut machine = Machine::new(crate::Options::default());
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    let mut without = config();
    without.features.handover = false;
    machine.send(Msg::Config { ticket, result: Ok(without) });
    machine.exchange("Hi", "Hello", 10);
    assert!(!machine.view().panel.can_handover);
}

#[test]
fn who_comes_and_goes_is_told_and_said() {
    let mut machine = following();
    let stream = machine.open_stream().expect("a stream");
    machine.stream(stream, "4", status(StatusKind::Assigned, Some("Ann")));
    let told = machine.effects.iter().find_map(event_kind).cloned();
    let expected =
        EventKind::ConversationAssigned { conversation: conversation(1), operator: Some("Ann".into()) };
    assert_eq!(told, Some(expected));
    assert!(machine.effects.contains(&Effect::Announce("Ann joined the conversation".into())));
    assert_eq!(machine.bubbles()[2].author_name.as_deref(), Some("Ann"));
    assert!(machine.stream(stream, "4", status(StatusKind::Assigned, Some("Ann"))).is_empty(), "once");
    machine.stream(stream, "5", status(StatusKind::Resolved, None));
    assert_eq!(machine.events(), ["conversation:resolved"]);
    assert_eq!(machine.view().panel.operator, None);
    assert_eq!(machine.view().launcher.unread, 0, "that is no message");
    assert_eq!(machine.bubbles().len(), 4);
}

#[test]
fn rows_of_the_log_say_the_same_and_come_once() {
    let mut machine = following();
    let stream = machine.open_stream().expect("a stream");
    machine.stream(stream, "4", StreamEvent::Message(row(20, StatusKind::Assigned, Some("Ann"))));
    assert_eq!(machine.events(), ["conversation:assigned"]);
    machine.stream(stream, "4", StreamEvent::Message(row(20, StatusKind::Assigned, Some("Ann"))));
    assert!(machine.effects.is_empty());
    let unknown = MessageView { text: "promoted".into(), ..row(21, StatusKind::Assigned, None) };
    machine.stream(stream, "5", StreamEvent::Message(unknown));
    assert!(machine.effects.is_empty(), "a later server's kind");
    assert_eq!(machine.bubbles().len(), 3);
    assert!(!machine.bubbles()[2].can_rate);
}

#[test]
fn nobody_waits_for_three_dots_while_a_person_answers() {
    let mut machine = following();
    let stream = machine.open_stream().expect("a stream");
    machine.stream(stream, "4", status(StatusKind::Assigned, Some("Ann")));
    machine.ui(UiEvent::Submitted("Hi Ann".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "4", accepted(1, 30));
    assert!(!machine.view().panel.typing && !machine.view().panel.composer.can_stop);
    machine.ui(UiEvent::Submitted("And another".into()));
    let (ticket, request, _) = machine.posted();
    assert_eq!(request.message.text, "And another", "the next one goes out at once");
    machine.stream(ticket, "4", accepted(1, 31));
    for (number, id, text) in [(30, "5", "Hi Ann"), (31, "6", "And another")] {
        let echo = message_view(number, Role::Visitor, MessageState::Complete, text);
        machine.stream(ticket, id, StreamEvent::Message(echo));
    }
    let reply = message_view(32, Role::Operator, MessageState::Complete, "Hi!");
    machine.stream(ticket, "7", StreamEvent::Message(MessageView { author: Some("Ann".into()), ..reply }));
    assert_eq!(machine.texts(), ["Hi", "Hello", "", "Hi Ann", "And another", "Hi!"]);
    assert_eq!(machine.bubbles()[5].author_name.as_deref(), Some("Ann"));
}

#[test]
fn who_takes_over_before_the_agent_has_begun_ends_the_three_dots() {
    let mut machine = following();
    machine.ui(UiEvent::Submitted("Anybody?".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "3", accepted(1, 30));
    assert!(machine.view().panel.typing);
    machine.stream(ticket, "4", status(StatusKind::Assigned, Some("Ann")));
    assert!(!machine.view().panel.typing);
    let texts: Vec<Content> = machine.bubbles()[2..].iter().map(|bubble| bubble.content.clone()).collect();
    let expected = [Content::Status(StatusKind::Assigned), Content::Plain("Anybody?".into())];
    assert_eq!(texts, expected, "she came first");
}

#[test]
fn after_it_was_resolved_the_agent_answers_again() {
    let mut machine = following();
    let stream = machine.open_stream().expect("a stream");
    machine.stream(stream, "4", status(StatusKind::Assigned, Some("Ann")));
    machine.stream(stream, "5", status(StatusKind::Resolved, None));
    machine.ui(UiEvent::Submitted("One more thing".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "5", accepted(1, 30));
    assert!(machine.view().panel.typing);
    let echo = message_view(30, Role::Visitor, MessageState::Complete, "One more thing");
    machine.stream(ticket, "6", StreamEvent::Message(echo));
    machine.stream(ticket, "7", delta(31, 0, &["Yes?"]));
    machine.stream(ticket, "8", done(31));
    machine.stream(ticket, "9", status(StatusKind::Resolved, None));
    assert_eq!(machine.events(), ["conversation:resolved"], "resolved again");
}

#[test]
fn a_history_tells_who_answers_without_telling_the_page() {
    let stored =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), ..Stored::default() };
    for (operator, resolved, last, expected) in [
        (Some("Ann"), false, StatusKind::Assigned, (Some("Ann"), false)),
        (None, true, StatusKind::Resolved, (None, false)),
        (None, false, StatusKind::Waiting, (None, true)),
        (None, false, StatusKind::Resolved, (None, false)),
    ] {
        let mut machine = Machine::ready_with(stored.clone());
        let ticket = machine.ticket_of("FetchConversation");
        let messages =
            vec![message_view(10, Role::Visitor, MessageState::Complete, "Hi"), row(11, last, operator)];
        let view = ConversationView {
            operator: operator.map(Into::into),
            resolved,
            ..conversation_view(1, messages, "2.end")
        };
        machine.send(Msg::Conversation { ticket, result: Ok(view) });
        assert!(machine.events().is_empty());
        let seen = machine.view();
        assert_eq!((seen.panel.operator, seen.panel.waiting_for_human), expected);
        assert_eq!(machine.bubbles()[1].content, Content::Status(last));
    }
}
