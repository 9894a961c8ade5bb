//! Answers while they are written, and streams that break.

use eloquent_types::{
    chat::{Delta, DeltaContent, FailureCode, FinishReason, Status, StatusKind, StreamEvent},
    conversation::{MessageState, Role, Source},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{BubbleState, Content, Effect, Msg, UiEvent};

#[test]
fn deltas_replace_the_tail_and_touch_nothing_else() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["a", "b"]));
    let question = machine.bubbles()[0].clone();
    let before = machine.bubbles()[1].clone();
    assert!(!machine.view().panel.typing, "the dots give way to the text");
    machine.stream(ticket, "3", delta(11, 1, &["b c", "d"]));
    let after = machine.bubbles()[1].clone();
    assert_eq!(machine.bubbles()[0], question);
    assert_eq!(after.plain_text(), "a\nb c\nd");
    assert_eq!((after.key, after.state), (before.key, BubbleState::Streaming));
    assert!(after.revision > before.revision);
    let (Content::Rich(old), Content::Rich(new)) = (before.content, after.content) else { panic!("rich") };
    assert_eq!(old[0], new[0], "an untouched block keeps its revision");
    assert!(new[1].revision > old[1].revision);
    machine.stream(ticket, "4", delta(11, 0, &["a", "b c"]));
    assert_eq!(machine.bubbles()[1].plain_text(), "a\nb c", "what is sent again stands once");
    machine.stream(ticket, "4", delta(11, 0, &["a"]));
    assert_eq!(machine.bubbles()[1].plain_text(), "a");
    machine.stream(ticket, "5", delta(11, 9, &["z"]));
    assert_eq!(machine.bubbles()[1].plain_text(), "a\nz", "a gap is closed");
}

#[test]
fn text_deltas_are_appended() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    for text in ["Hel", "lo"] {
        let content = DeltaContent::Markdown(text.into());
        machine.stream(ticket, "2", StreamEvent::Delta(Delta { message_id: message_id(11), content }));
    }
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
}

#[test]
fn a_done_answer_is_announced_with_its_sources() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hello"]));
    let StreamEvent::Done(mut end) = done(11) else { unreachable!() };
    end.sources = vec![Source { title: "T".into(), url: None }];
    machine.stream(ticket, "3", StreamEvent::Done(end.clone()));
    assert_eq!(machine.bubbles()[1].state, BubbleState::Complete);
    assert_eq!(machine.bubbles()[1].sources, end.sources);
    assert!(machine.effects.contains(&Effect::Announce("Hello".into())));
    assert_eq!(machine.events(), ["message:received"]);
    assert!(!machine.view().panel.composer.can_stop);
}

#[test]
fn stop_asks_the_server_and_the_stream_tells() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    assert!(machine.ui(UiEvent::StopPressed).is_empty());
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    machine.ui(UiEvent::StopPressed);
    assert_eq!(machine.effect_names(), ["StopAnswer"]);
    assert!(machine.view().panel.composer.can_stop);
    machine.stream(ticket, "3", done_by(11, FinishReason::Stopped));
    assert_eq!(machine.bubbles()[1].state, BubbleState::Stopped);
    assert!(!machine.has("Announce"));
}

#[test]
fn a_failed_answer_keeps_its_text_and_can_be_asked_for_again() {
    for (code, retryable) in [(FailureCode::AgentFailed, true), (FailureCode::Interrupted, false)] {
        let mut machine = Machine::ready();
        let ticket = machine.say("Hi", 10);
        machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
        machine.stream(ticket, "3", failure(code, retryable));
        assert_eq!(machine.texts(), ["Hi", "Hel"]);
        let bubble = machine.bubbles()[1].clone();
        assert!(matches!(bubble.state, BubbleState::Failed { can_retry, .. } if can_retry == retryable));
        machine.ui(UiEvent::RetryPressed(bubble.key));
        assert_eq!(machine.has("OpenStream"), retryable);
        if retryable {
            assert_eq!(machine.posted().1.message.text, "Hi");
            machine.ui(UiEvent::RetryPressed(bubble.key));
            assert_eq!(machine.texts(), ["Hi", "Hel", "Hi"], "one question per press that counts");
        }
    }
}

#[test]
fn an_answer_that_fails_before_its_first_word_has_a_bubble_that_says_so() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", failure(FailureCode::AgentFailed, true));
    assert_eq!(machine.texts(), ["Hi", ""]);
    assert!(matches!(machine.bubbles()[1].state, BubbleState::Failed { .. }));
    assert!(!machine.view().panel.typing);
}

#[test]
fn a_broken_stream_is_taken_up_behind_the_last_event() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    for ended in [Ok(()), Err(crate::TransportError::Unreachable)] {
        let ticket = machine.open_stream().expect("a stream");
        machine.send(Msg::StreamEnded { ticket, result: ended });
        let (timer, millis) = machine.started_timer();
        assert!(is_pause(millis, 1000), "what was heard in between starts the count anew");
        machine.fire(timer);
        let (ticket, id, after, credentials) = machine.resumed();
        assert_eq!((id, credentials.session), (conversation(1), Some(session(1))));
        assert!(after.starts_with('2'));
        machine.stream(ticket, &format!("{after}2"), delta(11, 0, &["Hello"]));
        // An event without an id moves nothing.
        machine.send(Msg::Stream { ticket, id: None, event: delta(11, 0, &["Hello"]) });
    }
    let ticket = machine.open_stream().expect("a stream");
    machine.stream(ticket, "9", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert!(!machine.view().panel.composer.can_stop);
}

#[test]
fn a_stream_without_event_ids_is_taken_up_by_the_question() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, first, _) = machine.posted();
    machine.send(Msg::Stream { ticket, id: None, event: accepted(1, 10) });
    machine.send(Msg::Stream { ticket, id: None, event: delta(11, 0, &["Hel"]) });
    machine.break_stream(ticket);
    let (timer, _) = machine.started_timer();
    machine.fire(timer);
    let (ticket, again, _) = machine.posted();
    assert!(again.message == first.message);
    machine.stream(ticket, "1", accepted(1, 10));
    assert!(machine.events().is_empty(), "it was sent once");
    machine.stream(ticket, "2", delta(11, 0, &["Hello"]));
    machine.stream(ticket, "3", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
}

#[test]
fn an_answer_out_of_reach_is_given_up_and_can_be_fetched() {
    let mut machine = Machine::ready();
    let mut ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    for _ in 0..8 {
        machine.break_stream(ticket);
        let (timer, _) = machine.started_timer();
        machine.fire(timer);
        ticket = machine.resumed().0;
    }
    assert_eq!(
        machine.view().panel.banner.map(|banner| banner.text),
        None,
        "while a stream is open, all may be well"
    );
    machine.break_stream(ticket);
    assert_eq!(machine.events(), ["error"]);
    let bubble = machine.bubbles()[1].clone();
    assert!(matches!(bubble.state, BubbleState::Failed { can_retry: true, .. }));
    machine.ui(UiEvent::RetryPressed(bubble.key));
    let ticket = machine.ticket_of("FetchConversation");
    let messages = vec![
        message_view(10, Role::Visitor, MessageState::Complete, "Hi"),
        message_view(11, Role::Agent, MessageState::Complete, "Hello"),
    ];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "7")) });
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert_eq!(machine.bubbles()[1].key, bubble.key, "the same message is the same bubble");
}

#[test]
fn a_resume_that_is_refused_is_not_repeated() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.refuse_stream(ticket, ProblemCode::ConversationNotFound, None);
    assert!(!machine.has("StartTimer"));
    assert!(matches!(machine.bubbles()[1].state, BubbleState::Failed { .. }));
    assert_eq!(machine.open_stream(), None);
}

#[test]
fn whole_messages_are_added_once_and_counted() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    let operator = |state, text| StreamEvent::Message(message_view(30, Role::Operator, state, text));
    machine.stream(ticket, "2", operator(MessageState::Complete, "Can I help?"));
    assert_eq!(machine.events(), ["message:received", "unread"]);
    machine.stream(ticket, "3", operator(MessageState::Complete, "Can I help you?"));
    assert!(machine.events().is_empty());
    assert_eq!(machine.texts(), ["Hi", "Can I help you?"]);
    let echo = StreamEvent::Message(message_view(10, Role::Visitor, MessageState::Complete, "Hi"));
    machine.stream(ticket, "4", echo);
    assert_eq!(machine.texts(), ["Hi", "Can I help you?"]);
    let other_tab = StreamEvent::Message(message_view(40, Role::Visitor, MessageState::Complete, "Yes"));
    machine.stream(ticket, "5", other_tab);
    assert!(machine.events().is_empty());
    assert_eq!(machine.texts(), ["Hi", "Can I help you?", "Yes"]);
    machine.stream(ticket, "6", StreamEvent::Status(Status { status: StatusKind::Typing, operator: None }));
    assert!(machine.effects.is_empty());
}

#[test]
fn the_awaited_answer_may_come_whole() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    let whole = StreamEvent::Message(message_view(11, Role::Agent, MessageState::Complete, "Hello"));
    machine.stream(ticket, "3", whole);
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert!(!machine.view().panel.composer.can_stop);
}

#[test]
fn another_answer_does_not_end_the_awaited_one() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    machine.stream(ticket, "3", done(99));
    assert!(machine.view().panel.composer.can_stop);
}

#[test]
fn a_visitors_message_is_nobodys_answer() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    let question = machine.bubbles()[0].clone();
    machine.stream(ticket, "2", delta(10, 0, &["not an answer"]));
    machine.stream(ticket, "3", done_by(10, FinishReason::Stopped));
    assert_eq!(machine.bubbles(), [question]);
    machine.stream(ticket, "4", delta(11, 0, &["an answer"]));
    machine.stream(ticket, "5", done(11));
    assert!(!machine.view().panel.composer.can_stop);
}

#[test]
fn nothing_is_heard_of_a_message_before_it_is_accepted() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    for event in [delta(11, 0, &["x"]), done(11), failure(FailureCode::AgentFailed, true)] {
        assert!(machine.stream(ticket, "1", event).is_empty());
    }
    assert_eq!(machine.texts(), ["Hi"]);
}
