//! Ratings: shown at once, kept by the server, taken back where it did not keep them.

use eloquent_types::{
    conversation::{MessageState, MessageView, Rating, Role},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{Effect, EventKind, Msg, Stored, Ticket, TransportError, UiEvent};

fn answered() -> (Machine, u32) {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    machine.exchange("Hi", "Hello", 10);
    let key = machine.bubbles()[1].key;
    (machine, key)
}

fn sent(machine: &Machine) -> (Ticket, Rating) {
    let sent = machine.effects.iter().find_map(|effect| match effect {
        Effect::SendFeedback { ticket, request, .. } => {
            assert_eq!(request.message_id, message_id(11));
            Some((*ticket, request.rating))
        }
        _ => None,
    });
    sent.expect("a rating is sent")
}

#[test]
fn a_rating_is_shown_at_once_and_told_when_it_is_kept() {
    let (mut machine, key) = answered();
    assert!(machine.bubbles()[1].can_rate && !machine.bubbles()[0].can_rate);
    let before = machine.bubbles()[1].revision;
    machine.ui(UiEvent::Rated(key, Rating::Up));
    assert_eq!(machine.bubbles()[1].rating, Some(Rating::Up));
    assert!(machine.bubbles()[1].revision > before);
    let (ticket, rating) = sent(&machine);
    assert_eq!(rating, Rating::Up);
    assert!(machine.events().is_empty());
    machine.send(Msg::Feedback { ticket, result: Ok(()) });
    let told = machine.effects.iter().find_map(event_kind);
    let expected =
        EventKind::Feedback { conversation: conversation(1), message: message_id(11), rating: Rating::Up };
    assert_eq!(told, Some(&expected));
    assert!(machine.ui(UiEvent::Rated(key, Rating::Up)).is_empty(), "the same again is nothing");
    machine.ui(UiEvent::Rated(key, Rating::Down));
    assert_eq!(sent(&machine).1, Rating::Down);
}

#[test]
fn a_rating_that_was_not_kept_is_taken_back_with_a_word() {
    let (mut machine, key) = answered();
    machine.ui(UiEvent::Rated(key, Rating::Down));
    let (ticket, _) = sent(&machine);
    machine.send(Msg::Feedback { ticket, result: Err(TransportError::Unreachable) });
    assert_eq!(machine.bubbles()[1].rating, None);
    let notice = machine.view().strings.not_rated;
    assert_eq!(machine.view().panel.banner.map(|banner| banner.text), Some(notice));
    assert!(machine.effects.contains(&Effect::Announce(notice.into())));
    machine.ui(UiEvent::Rated(key, Rating::Down));
    assert_eq!(machine.view().panel.banner, None);
    let (ticket, _) = sent(&machine);
    machine.send(Msg::Feedback { ticket, result: Err(refused(ProblemCode::ConversationNotFound, None)) });
    assert_eq!(machine.bubbles()[1].rating, None);
}

#[test]
fn whoever_thinks_better_of_it_is_heard_last() {
    for first in [Ok(()), Err(TransportError::Unreachable)] {
        let (mut machine, key) = answered();
        machine.ui(UiEvent::Rated(key, Rating::Up));
        let (ticket, _) = sent(&machine);
        machine.ui(UiEvent::Rated(key, Rating::Down));
        assert!(machine.effects.is_empty(), "one at a time");
        machine.send(Msg::Feedback { ticket, result: first });
        let (ticket, rating) = sent(&machine);
        assert_eq!((rating, machine.bubbles()[1].rating), (Rating::Down, Some(Rating::Down)));
        machine.send(Msg::Feedback { ticket, result: Err(TransportError::Unreachable) });
        assert_eq!(machine.bubbles()[1].rating, first.ok().map(|()| Rating::Up), "what the server has");
    }
}

#[test]
fn only_whole_answers_of_the_agents_can_be_rated_and_only_where_that_is_wanted() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    let key = machine.bubbles()[1].key;
    assert!(!machine.bubbles()[1].can_rate);
    assert!(machine.ui(UiEvent::Rated(key, Rating::Up)).is_empty());
    let mut machine = Machine::new(crate::Options::default());
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    let mut without = config();
    without.features.feedback = false;
    machine.send(Msg::Config { ticket, result: Ok(without) });
    machine.exchange("Hi", "Hello", 10);
    assert!(!machine.bubbles()[1].can_rate);
}

#[test]
fn answers_that_were_there_before_the_agent_was_known_can_be_rated_and_show_their_rating() {
    let stored =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), ..Stored::default() };
    let mut machine = Machine::new(crate::Options { stored, ..crate::Options::default() });
    machine.send(Msg::Start);
    let config_ticket = machine.ticket_of("LoadConfig");
    let ticket = machine.ticket_of("FetchConversation");
    let answer = message_view(11, Role::Agent, MessageState::Complete, "Hello");
    let messages = vec![
        message_view(10, Role::Visitor, MessageState::Complete, "Hi"),
        MessageView { rating: Some(Rating::Down), ..answer },
        message_view(12, Role::Operator, MessageState::Complete, "Ann here"),
        message_view(13, Role::Agent, MessageState::Stopped, "Hel"),
    ];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "9")) });
    let before = machine.bubbles()[1].revision;
    machine.send(Msg::Config { ticket: config_ticket, result: Ok(config()) });
    let rates: Vec<bool> = machine.bubbles().iter().map(|bubble| bubble.can_rate).collect();
    assert_eq!(rates, [false, true, false, false]);
    assert_eq!(machine.bubbles()[1].rating, Some(Rating::Down));
    assert!(machine.bubbles()[1].revision > before);
}

#[test]
fn a_rating_on_its_way_is_sent_again_with_the_credentials_of_whoever_the_visitor_turns_out_to_be() {
    let (mut machine, key) = answered();
    machine.ui(UiEvent::Rated(key, Rating::Up));
    let (early, _) = sent(&machine);
    machine.call(crate::Command::Identify { token: token("ann"), get_token: false });
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket, result: Ok(verified("ann", true)) });
    let (ticket, _) = sent(&machine);
    assert!(machine.send(Msg::Feedback { ticket: early, result: Ok(()) }).is_empty());
    machine.send(Msg::Feedback { ticket, result: Ok(()) });
    assert_eq!(machine.events(), ["feedback"]);
}
