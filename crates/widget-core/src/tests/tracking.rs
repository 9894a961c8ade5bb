//! `trackEvent` and `page`: hints that go along with messages.

use eloquent_types::chat::Page;

use super::{harness::*, samples::*};
use crate::{
    CallError, Command, CommandResult, UiEvent,
    track::{EVENT_MAX_BYTES, EVENTS_MAX, NAME_MAX_CHARS},
};

const INVALID: CommandResult = CommandResult::Failed(CallError::InvalidArgument);

fn track(name: impl Into<String>, properties: &[(&str, &str)]) -> Command {
    let properties = properties.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Command::TrackEvent { name: name.into(), properties }
}

fn page(url: &str, title: &str) -> Command {
    Command::Page { url: url.into(), title: title.into() }
}

/// The names of the events that the message on its way carries.
fn posted(machine: &Machine) -> Vec<String> {
    machine.posted().1.events.into_iter().map(|event| event.name).collect()
}

fn write(machine: &mut Machine) -> Vec<String> {
    machine.ui(UiEvent::Submitted("Hi".into()));
    posted(machine)
}

#[test]
fn events_go_along_with_one_message_in_their_order() {
    let mut machine = Machine::ready();
    for name in ["cart", "checkout"] {
        assert_eq!(machine.ask(track(name, &[("items", "3")])), CommandResult::Done);
    }
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, request, _) = machine.posted();
    assert_eq!(
        request.events.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(),
        ["cart", "checkout"]
    );
    assert_eq!(request.events[0].properties, [("items".to_owned(), "3".to_owned())]);
    assert!(!format!("{:?}", machine.view()).contains("checkout"), "they are for the agent alone");
    // What happens meanwhile waits for the message after this one.
    machine.ask(track("paid", &[]));
    machine.stream(ticket, "1", accepted(1, 5));
    machine.stream(ticket, "2", done(6));
    assert_eq!(write(&mut machine), ["paid"]);
}

#[test]
fn a_message_that_is_tried_again_carries_what_it_carried() {
    let mut machine = Machine::ready();
    machine.ask(track("cart", &[]));
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    machine.ask(track("paid", &[]));
    machine.break_stream(ticket);
    let (timer, _) = machine.started_timer();
    machine.fire(timer);
    assert_eq!(posted(&machine), ["cart"], "the server may have it");
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "1", accepted(1, 5));
    machine.stream(ticket, "2", done(6));
    assert_eq!(write(&mut machine), ["paid"]);
}

#[test]
fn the_oldest_make_room_for_the_newest() {
    let mut machine = Machine::ready();
    for number in 0..EVENTS_MAX + 3 {
        machine.ask(track(number.to_string(), &[]));
    }
    let expected: Vec<String> = (3..EVENTS_MAX + 3).map(|number| number.to_string()).collect();
    assert_eq!(write(&mut machine), expected);
}

#[test]
fn an_event_that_is_too_large_or_has_no_name_is_refused() {
    let mut machine = Machine::ready();
    let (name, long) = ("ä".repeat(NAME_MAX_CHARS), "x".repeat(EVENT_MAX_BYTES));
    for bad in [
        track("", &[]),
        track(" ", &[]),
        track("ä".repeat(NAME_MAX_CHARS + 1), &[]),
        track("a", &[("b", &long)]),
        track("a", &[(&long, "")]),
        track("a", &[("b", &long[3..]), ("c", "d")]),
    ] {
        assert_eq!(machine.ask(bad), INVALID);
    }
    assert_eq!(machine.ask(track(name.clone(), &[])), CommandResult::Done);
    assert_eq!(machine.ask(track("a", &[("b", &long[2..])])), CommandResult::Done);
    assert_eq!(write(&mut machine), [name, "a".into()]);
}

#[test]
fn there_is_always_room_for_the_message_itself() {
    let mut machine = Machine::ready();
    // Quotes are two bytes each on the wire.
    let quotes = "\"".repeat(2_000);
    for number in 0..EVENTS_MAX {
        assert_eq!(machine.ask(track(number.to_string(), &[("p", &quotes)])), CommandResult::Done);
    }
    let mut all = Vec::new();
    for message in 0.. {
        machine.ui(UiEvent::Submitted("😀".repeat(8_000)));
        let (ticket, request, _) = machine.posted();
        let bytes: usize =
            request.events.iter().map(|event| event.name.len() + 2 * event.properties[0].1.len()).sum();
        assert!(bytes + request.message.text.len() < 60_000);
        if request.events.is_empty() {
            break;
        }
        all.extend(request.events.into_iter().map(|event| event.name));
        machine.stream(ticket, "1", accepted(1, 10 + 2 * message));
        machine.stream(ticket, "2", done(11 + 2 * message));
    }
    let expected: Vec<String> = (0..EVENTS_MAX).map(|number| number.to_string()).collect();
    assert_eq!(all, expected);
}

#[test]
fn they_are_forgotten_with_their_visitor() {
    for switches in [false, true] {
        let mut machine = Machine::identified("a");
        machine.ask(track("cart", &[]));
        if switches {
            machine.identify("b");
            machine.no_conversations();
        } else {
            machine.ask(Command::Logout);
        }
        assert_eq!(write(&mut machine), Vec::<String>::new());
    }
}

#[test]
fn the_page_is_what_the_page_says_until_it_says_nothing() {
    let mut machine = Machine::ready();
    let seen = |machine: &mut Machine| {
        machine.ui(UiEvent::Submitted("Hi".into()));
        let (ticket, request, _) = machine.posted();
        machine.stream(ticket, "1", accepted(1, 5));
        machine.stream(ticket, "2", done(6));
        request.page
    };
    assert_eq!(seen(&mut machine), None);
    assert_eq!(machine.ask(page("/checkout", "")), CommandResult::Done);
    assert_eq!(seen(&mut machine), Some(Page { url: "/checkout".into(), title: String::new() }));
    let (url, title) = ("ü".repeat(2_100), "t".repeat(400));
    assert_eq!(machine.ask(page(&url, &title)), CommandResult::Done);
    let cut = Page { url: "ü".repeat(2_000), title: "t".repeat(300) };
    assert_eq!(seen(&mut machine), Some(cut));
    assert_eq!(machine.ask(page("", "")), CommandResult::Done);
    assert_eq!(seen(&mut machine), None);
}
