//! Conversations that go on elsewhere: other tabs, persons of the company, a tab that nobody sees, a
//! machine that slept.

use eloquent_types::{
    chat::{Status, StatusKind, StreamEvent},
    conversation::{MessageState, Role},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{BubbleState, Command, Effect, Msg, Stored, TransportError, UiEvent};

fn whole(number: u128, role: Role, text: &str) -> StreamEvent {
    StreamEvent::Message(message_view(number, role, MessageState::Complete, text))
}

fn stored() -> Stored {
    Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: true, sound: false }
}

/// After an exchange, the server has ended the answer's stream.
fn following() -> Machine {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    machine.exchange("Hi", "Hello", 10);
    let ticket = machine.open_stream().expect("the answer's");
    machine.send(Msg::StreamEnded { ticket, result: Ok(()) });
    machine
}

#[test]
fn after_an_answer_the_conversation_is_followed_from_its_end() {
    let machine = following();
    let (_, id, after, credentials) = machine.resumed();
    assert_eq!((id, after.as_str()), (conversation(1), "3"));
    assert_eq!(credentials.session, Some(session(1)));
    assert!(!machine.has("StartTimer"), "a stream that ends with its answer is not a broken one");
    assert!(!machine.view().panel.typing && !machine.view().panel.composer.can_stop);
}

#[test]
fn what_is_said_elsewhere_comes_once_and_in_order() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.stream(ticket, "4", whole(20, Role::Visitor, "From my phone"));
    assert!(machine.events().is_empty(), "the visitor's own is no news");
    machine.stream(ticket, "5", delta(21, 0, &["An ans"]));
    assert!(machine.view().panel.composer.can_stop, "an answer begun elsewhere can be stopped here");
    machine.stream(ticket, "6", delta(21, 0, &["An answer"]));
    machine.stream(ticket, "7", done(21));
    assert_eq!(machine.events(), ["message:received"]);
    machine.stream(ticket, "8", whole(22, Role::Operator, "Ann here"));
    assert_eq!(machine.texts(), ["Hi", "Hello", "From my phone", "An answer", "Ann here"]);
    assert_eq!(machine.open_stream(), Some(ticket), "one stream all the time");
    machine.break_stream(ticket);
    let (timer, millis) = machine.started_timer();
    assert!(is_pause(millis, 1000));
    machine.fire(timer);
    assert_eq!(machine.resumed().2, "8");
}

#[test]
fn a_message_of_this_tab_finds_its_place_among_those_of_others() {
    let mut machine = following();
    machine.ui(UiEvent::Submitted("Mine".into()));
    assert!(machine.has("AbortStream"), "one stream at a time");
    let (ticket, request, _) = machine.posted();
    assert_eq!(request.after.as_deref(), Some("3"));
    machine.stream(ticket, "3", accepted(1, 30));
    assert!(machine.view().panel.typing);
    machine.stream(ticket, "4", whole(20, Role::Operator, "Meanwhile"));
    machine.stream(ticket, "5", whole(30, Role::Visitor, "Mine"));
    assert_eq!(machine.texts(), ["Hi", "Hello", "Meanwhile", "Mine"]);
    machine.stream(ticket, "6", delta(31, 0, &["Yours"]));
    machine.stream(ticket, "7", done(31));
    assert_eq!(machine.texts(), ["Hi", "Hello", "Meanwhile", "Mine", "Yours"]);
    assert!(!machine.view().panel.composer.can_stop);
}

#[test]
fn another_tabs_answer_is_not_taken_for_the_awaited_one() {
    let mut machine = following();
    machine.ui(UiEvent::Submitted("Mine".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "3", accepted(1, 30));
    machine.stream(ticket, "4", whole(20, Role::Visitor, "Theirs"));
    machine.stream(ticket, "5", delta(21, 0, &["For them"]));
    machine.stream(ticket, "6", done(21));
    assert!(machine.view().panel.typing, "the own one is still to come");
    machine.stream(ticket, "7", whole(30, Role::Visitor, "Mine"));
    machine.stream(ticket, "8", done(31));
    assert!(!machine.view().panel.typing);
    assert_eq!(machine.texts(), ["Hi", "Hello", "Theirs", "For them", "Mine", ""]);
}

#[test]
fn a_server_that_goes_on_behind_the_message_is_understood() {
    let mut machine = following();
    machine.ui(UiEvent::Submitted("Mine".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "9", accepted(1, 30));
    machine.stream(ticket, "10", delta(31, 0, &["Yours"]));
    assert_eq!(machine.texts(), ["Hi", "Hello", "Mine", "Yours"]);
}

#[test]
fn a_message_that_had_arrived_before_its_acceptance_was_heard_is_shown_once() {
    let mut machine = Machine::ready_with(stored());
    let ticket = machine.ticket_of("FetchConversation");
    machine.ui(UiEvent::Submitted("Did it arrive?".into()));
    let messages = vec![
        message_view(10, Role::Visitor, MessageState::Complete, "Did it arrive?"),
        message_view(11, Role::Agent, MessageState::Complete, "It did"),
    ];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "41")) });
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "41", accepted(1, 10));
    assert_eq!(machine.texts(), ["Did it arrive?", "It did"]);
    assert_eq!(machine.events(), ["message:sent"]);
    assert!(!machine.view().panel.typing, "its answer is there");
}

#[test]
fn an_answer_without_a_word_yet_comes_before_what_was_said_after_it() {
    let mut machine = Machine::ready_with(stored());
    let ticket = machine.ticket_of("FetchConversation");
    let messages = vec![
        message_view(10, Role::Visitor, MessageState::Complete, "Hi"),
        message_view(11, Role::Agent, MessageState::Streaming, ""),
        message_view(12, Role::Operator, MessageState::Complete, "Ann here"),
    ];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "2.0")) });
    let (ticket, ..) = machine.resumed();
    machine.stream(ticket, "2.5", delta(11, 0, &["Hello"]));
    machine.stream(ticket, "2.end", done(11));
    machine.stream(ticket, "3.end", whole(12, Role::Operator, "Ann here"));
    assert_eq!(machine.texts(), ["Hi", "Hello", "Ann here"]);
}

#[test]
fn a_conversation_that_is_gone_is_quietly_left() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.refuse_stream(ticket, ProblemCode::ConversationNotFound, None);
    assert!(machine.events().is_empty() && machine.bubbles().is_empty());
    assert_eq!(machine.open_stream(), None);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!((machine.posted().1.conversation_id, machine.posted().1.after), (None, None));
}

#[test]
fn a_follower_that_is_refused_does_not_insist() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.refuse_stream(ticket, ProblemCode::InvalidField, None);
    assert_eq!(machine.open_stream(), None);
    assert!(!machine.has("StartTimer"));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);

    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.refuse_stream(ticket, ProblemCode::RateLimited, Some(1));
    assert_eq!(machine.started_timer().1, 30_000, "others follow already");
    machine.pass(10_000);
    assert_eq!(machine.view().panel.banner, None, "nothing is wrong with the chat");
}

#[test]
fn following_is_taken_up_ever_more_rarely_and_never_given_up() {
    let mut machine = following();
    for failures in 0..30_u32 {
        let ticket = machine.open_stream().expect("a stream");
        machine.break_stream(ticket);
        let (timer, millis) = machine.started_timer();
        assert!(is_pause(millis, (1000 << failures.min(5)).min(30_000)), "{failures}: {millis}");
        machine.fire(timer);
    }
    let ticket = machine.open_stream().expect("a stream");
    machine.send(Msg::StreamAlive { ticket });
    machine.stream(ticket, "4", whole(20, Role::Operator, "Back"));
    machine.break_stream(ticket);
    assert!(is_pause(machine.started_timer().1, 1000));
}

#[test]
fn a_message_does_not_wait_for_the_pause_of_a_stream_that_followed() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.break_stream(ticket);
    machine.ui(UiEvent::Submitted("Now".into()));
    assert_eq!(machine.posted().1.message.text, "Now");
}

#[test]
fn a_short_break_is_not_worth_a_word() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.break_stream(ticket);
    machine.pass(3_999);
    assert_eq!(machine.view().panel.banner, None);
    machine.pass(1);
    let reconnecting = machine.view().strings.reconnecting;
    assert_eq!(machine.view().panel.banner.map(|banner| banner.text), Some(reconnecting));
    let ticket = machine.open_stream().expect("a stream");
    machine.send(Msg::StreamAlive { ticket });
    assert_eq!(machine.view().panel.banner, None, "all is well as soon as the server answers");
}

#[test]
fn being_offline_is_said_after_a_while_and_over_at_once() {
    let mut machine = following();
    machine.send(Msg::Offline);
    machine.pass(2_000);
    machine.send(Msg::Online);
    machine.send(Msg::Offline);
    machine.pass(3_000);
    assert_eq!(machine.view().panel.banner, None, "the time starts anew");
    machine.pass(1_000);
    assert!(machine.view().panel.banner.is_some());
    machine.send(Msg::Online);
    machine.resumed();
    assert_eq!(machine.view().panel.banner, None);
}

#[test]
fn a_tab_that_nobody_sees_lets_go_after_a_minute_and_catches_up() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.send(Msg::Visibility { hidden: true });
    machine.pass(50_000);
    machine.stream(ticket, "4", whole(20, Role::Operator, "Still there?"));
    machine.pass(50_000);
    assert_eq!(machine.open_stream(), Some(ticket), "a minute after the last sign of life");
    machine.pass(70_000);
    assert_eq!(machine.open_stream(), None);
    machine.pass(600_000);
    assert_eq!(machine.open_stream(), None);
    machine.send(Msg::Visibility { hidden: false });
    assert_eq!(machine.resumed().2, "4");
    assert!(machine.running_timers().is_empty());
}

#[test]
fn an_answer_is_heard_to_its_end_also_by_a_tab_that_nobody_sees() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.send(Msg::Visibility { hidden: true });
    machine.pass(300_000);
    assert_eq!(machine.open_stream(), Some(ticket));
    machine.stream(ticket, "2", done(11));
    machine.pass(130_000);
    assert_eq!(machine.open_stream(), None);
}

#[test]
fn a_page_loaded_in_the_background_dozes_off_too() {
    let mut machine = Machine::new(crate::Options { stored: stored(), ..crate::Options::default() });
    machine.send(Msg::Visibility { hidden: true });
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("FetchConversation");
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, vec![], "0")) });
    assert!(machine.open_stream().is_some());
    machine.pass(130_000);
    assert_eq!(machine.open_stream(), None);
}

#[test]
fn a_machine_that_slept_trusts_no_old_stream() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.send(Msg::StreamAlive { ticket });
    machine.sleep(10_000);
    machine.send(Msg::Woken);
    assert_eq!(machine.open_stream(), Some(ticket), "a moment is nothing");
    machine.sleep(3_600_000);
    machine.send(Msg::Woken);
    assert!(machine.effects.contains(&Effect::AbortStream { ticket }));
    assert_eq!(machine.resumed().2, "3");
}

#[test]
fn waking_up_ends_every_pause() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.break_stream(ticket);
    machine.sleep(3_600_000);
    machine.send(Msg::Visibility { hidden: false });
    machine.resumed();

    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("Hi".into()));
    machine.sleep(3_600_000);
    machine.send(Msg::Woken);
    assert!(machine.has("AbortStream"), "a message that nobody accepted is sent again");
    machine.posted();
}

#[test]
fn messages_written_offline_go_out_once_and_in_order() {
    let mut machine = following();
    machine.send(Msg::Offline);
    let ticket = machine.open_stream().expect("a stream");
    machine.break_stream(ticket);
    machine.ui(UiEvent::Submitted("one".into()));
    let (ticket, first, _) = machine.posted();
    machine.ui(UiEvent::Submitted("two".into()));
    assert!(!machine.has("OpenStream"));
    machine.break_stream(ticket);
    machine.pass(4_000);
    let states: Vec<BubbleState> = machine.bubbles().iter().map(|bubble| bubble.state).collect();
    assert_eq!(states[2..], [BubbleState::Waiting, BubbleState::Waiting]);
    if let Some(ticket) = machine.open_stream() {
        machine.break_stream(ticket);
    }
    machine.send(Msg::Online);
    let (ticket, again, _) = machine.posted();
    assert!(again.message == first.message);
    machine.stream(ticket, "3", accepted(1, 30));
    machine.stream(ticket, "4", whole(30, Role::Visitor, "one"));
    machine.stream(ticket, "5", done(31));
    assert_eq!(machine.posted().1.message.text, "two");
    assert_eq!(machine.bubbles()[4].state, BubbleState::Sending);
}

#[test]
fn a_second_tab_joins_the_conversation_that_the_first_one_begins() {
    let mut machine = Machine::ready();
    machine.send(Msg::StoredElsewhere(Stored { open: true, ..Stored::default() }));
    assert!(machine.effects.is_empty(), "each tab has a panel of its own");
    machine.send(Msg::StoredElsewhere(stored()));
    let ticket = machine.ticket_of("FetchConversation");
    assert!(!machine.has("Store") && !machine.view().panel.open);
    let messages = vec![message_view(10, Role::Visitor, MessageState::Complete, "Hi")];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "1.end")) });
    assert_eq!((machine.texts(), machine.resumed().2), (vec!["Hi".into()], "1.end".into()));
    let other = Stored { session: Some(session(2)), conversation: Some(conversation(2)), ..stored() };
    assert!(machine.send(Msg::StoredElsewhere(other)).is_empty(), "who has a conversation keeps it");
}

#[test]
fn who_is_somebody_joins_nobodys_conversation() {
    let mut machine = Machine::identified("ann");
    assert!(machine.send(Msg::StoredElsewhere(stored())).is_empty());
    let mut machine = Machine::ready();
    machine.call(Command::Identify { token: token("ann"), get_token: false });
    assert!(machine.send(Msg::StoredElsewhere(stored())).is_empty());
}

#[test]
fn a_users_tab_looks_for_the_conversation_begun_in_another_one() {
    let mut machine = Machine::identified("ann");
    machine.send(Msg::Visibility { hidden: true });
    machine.send(Msg::Visibility { hidden: false });
    let ticket = machine.ticket_of("ListConversations");
    machine.send(Msg::Conversations { ticket, result: Ok(list(&[7])) });
    machine.ticket_of("FetchConversation");
    let mut machine = Machine::identified("ann");
    machine.ui(UiEvent::NewConversationPressed);
    machine.send(Msg::Visibility { hidden: false });
    assert!(!machine.has("ListConversations"), "a new one was asked for");
}

#[test]
fn with_other_credentials_the_stream_is_opened_anew() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.call(Command::Identify { token: token("ann"), get_token: false });
    let identify = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket: identify, result: Ok(verified("ann", true)) });
    assert!(machine.effects.contains(&Effect::AbortStream { ticket }));
    assert!(machine.resumed().3.token.is_some());
}

#[test]
fn what_was_given_up_too_early_goes_on_where_it_was() {
    let mut machine = Machine::ready();
    let mut ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    for _ in 0..9 {
        machine.break_stream(ticket);
        let (timer, _) = machine.started_timer();
        machine.fire(timer);
        ticket = machine.resumed().0;
    }
    assert!(matches!(machine.bubbles()[1].state, BubbleState::Failed { can_retry: true, .. }));
    machine.stream(ticket, "3", delta(11, 0, &["Hello"]));
    assert_eq!(machine.bubbles()[1].state, BubbleState::Streaming);
    machine.stream(ticket, "4", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
}

#[test]
fn typing_is_no_message() {
    let mut machine = following();
    let ticket = machine.open_stream().expect("a stream");
    machine.stream(ticket, "4", StreamEvent::Status(Status { status: StatusKind::Typing, operator: None }));
    assert!(machine.effects.is_empty());
    machine.send(Msg::StreamEnded { ticket, result: Err(TransportError::Unexpected) });
    assert!(machine.has("StartTimer"));
}
