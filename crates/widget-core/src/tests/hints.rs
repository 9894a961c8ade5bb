//! What the page tells of its visitor.

use std::collections::BTreeMap;

use super::{harness::*, samples::*};
use crate::{
    CallError, Command, CommandResult, Effect, Msg, UiEvent,
    hints::{BYTES_MAX, CHARS_MAX, NAMES_MAX},
};

fn update(changes: &[(&str, Option<&str>)]) -> Command {
    let change = |&(name, value): &(&str, Option<&str>)| (name.to_owned(), value.map(ToOwned::to_owned));
    Command::Update { attributes: changes.iter().map(change).collect() }
}

/// What the next message carries.
fn sent(machine: &mut Machine) -> BTreeMap<String, String> {
    machine.ui(UiEvent::Submitted("Hi".into()));
    machine.posted().1.attributes.into_iter().collect()
}

#[test]
fn hints_are_merged_and_go_with_every_message() {
    let mut machine = Machine::ready();
    assert_eq!(machine.ask(update(&[("plan", Some("team")), ("cart", Some("3"))])), CommandResult::Done);
    assert_eq!(
        machine.ask(update(&[("cart", None), ("plan", Some("solo")), ("gone", None)])),
        CommandResult::Done
    );
    assert_eq!(machine.ask(update(&[("page", Some("prices"))])), CommandResult::Done);
    let expected = [("page", "prices"), ("plan", "solo")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(sent(&mut machine), BTreeMap::from(expected));
    assert!(!format!("{:?}", machine.view()).contains("solo"), "they are for the agent alone");
}

#[test]
fn too_many_or_too_long_ones_change_nothing() {
    let mut machine = Machine::ready();
    let (long, fits) = ("ä".repeat(CHARS_MAX + 1), "ä".repeat(CHARS_MAX));
    let names: Vec<String> = (0..=NAMES_MAX).map(|number| number.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), Some("x"))).collect();
    for bad in [
        &[("a", Some("b")), ("plan", Some(long.as_str()))][..],
        &[(&long, Some("x"))],
        &[("", Some("x"))],
        &many,
    ] {
        assert_eq!(machine.ask(update(bad)), CommandResult::Failed(CallError::InvalidArgument));
    }
    assert_eq!(sent(&mut machine), BTreeMap::new());
    let mut machine = Machine::ready();
    assert_eq!(machine.ask(update(&[(&fits, Some(&fits))])), CommandResult::Done);
    assert_eq!(machine.ask(update(&many[1..NAMES_MAX])), CommandResult::Done);
    assert_eq!(machine.ask(update(&many[..1])), CommandResult::Failed(CallError::InvalidArgument));
    assert_eq!(
        machine.ask(update(&[(&fits, None), many[0]])),
        CommandResult::Done,
        "one in place of another"
    );
    assert_eq!(sent(&mut machine).len(), NAMES_MAX);
}

#[test]
fn all_together_leave_room_for_a_message_in_its_request() {
    let mut machine = Machine::ready();
    let wide = "\u{10000}".repeat(CHARS_MAX);
    let names: Vec<String> = (10..18).map(|number| number.to_string()).collect();
    let mut all: Vec<_> = names.iter().map(|name| (name.as_str(), Some(wide.as_str()))).collect();
    assert_eq!(machine.ask(update(&all)), CommandResult::Failed(CallError::InvalidArgument));
    all.pop();
    assert_eq!(machine.ask(update(&all)), CommandResult::Done);
    let rest = BYTES_MAX - all.len() * (2 + wide.len()) - 2;
    let (fits, long) = ("x".repeat(CHARS_MAX), "x".repeat(rest - 3 * (CHARS_MAX + 2) + 1));
    let most = [("20", Some(fits.as_str())), ("21", Some(&fits)), ("22", Some(&fits))];
    assert_eq!(machine.ask(update(&most)), CommandResult::Done);
    assert_eq!(
        machine.ask(update(&[("23", Some(&long))])),
        CommandResult::Failed(CallError::InvalidArgument)
    );
    assert_eq!(machine.ask(update(&[("23", Some(&long[1..]))])), CommandResult::Done);
    let sent = sent(&mut machine);
    assert_eq!(sent.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>(), BYTES_MAX);
}

#[test]
fn they_end_with_the_visitor_of_whom_they_tell() {
    let start = || {
        let mut machine = Machine::ready();
        machine.ask(update(&[("plan", Some("team"))]));
        machine
    };
    let mut machine = start();
    machine.identify("a");
    machine.no_conversations();
    assert_eq!(sent(&mut machine).len(), 1, "who was nobody in particular is the same person");

    let mut machine = start();
    machine.identify("a");
    machine.no_conversations();
    machine.identify("b");
    machine.no_conversations();
    assert!(sent(&mut machine).is_empty());

    for logout in [true, false] {
        let mut machine = start();
        if logout {
            machine.call(Command::Logout);
        } else {
            machine.send(Msg::LoggedOutElsewhere);
        }
        assert!(sent(&mut machine).is_empty());
    }
}

#[test]
fn the_linter_gets_what_the_page_gave_last_and_nothing_of_the_one_before() {
    let mut machine = Machine::ready();
    let given = |machine: &mut Machine| {
        assert_eq!(machine.ask(Command::Debug { on: true }), CommandResult::Done);
        machine.effects.iter().find_map(|effect| match effect {
            Effect::Lint { on: true, token } => Some(token.clone()),
            _ => None,
        })
    };
    assert_eq!(given(&mut machine), Some(None));
    machine.identify("a");
    machine.no_conversations();
    assert_eq!(given(&mut machine), Some(Some(token("a"))));
    machine.call(Command::Logout);
    assert_eq!(given(&mut machine), Some(None));
    assert_eq!(machine.ask(Command::Debug { on: false }), CommandResult::Done);
    assert!(machine.effects.iter().any(|effect| matches!(effect, Effect::Lint { on: false, .. })));
}
