//! Forgetting the visitor.

use super::{harness::*, samples::*};
use crate::{CallError, Command, CommandResult, Effect, Msg, Stored, UiEvent, visitor::Visitor};

#[test]
fn logout_leaves_a_machine_as_it_was_started() {
    let mut machine = Machine::identified("a");
    machine.ui(UiEvent::LauncherPressed);
    machine.exchange("Hi", "Hello", 10);
    let running = machine.say("More", 20);
    let waiting = machine.call(Command::SendMessage { text: "waiting".into() });
    let identifying = machine.call(Command::Identify { token: token("a"), get_token: false });
    machine.ui(UiEvent::DraftChanged("draft".into()));
    let logout = machine.call(Command::Logout);
    assert_eq!(machine.result_of(logout), Some(CommandResult::Done));
    assert_eq!(machine.result_of(waiting), Some(CommandResult::Failed(CallError::Aborted)));
    assert!(matches!(
        machine.result_of(identifying),
        Some(CommandResult::NotIdentified(why)) if why.code == "superseded"
    ));
    assert!(machine.effects.contains(&Effect::AbortStream { ticket: running }));
    let ended = machine.effects.iter().find_map(|effect| match effect {
        Effect::EndSession { credentials } => Some(credentials.clone()),
        _ => None,
    });
    assert_eq!(ended.and_then(|credentials| credentials.session), verified("a", false).session);
    assert!(machine.has("BroadcastLogout"));
    assert_eq!(machine.stored(), None);
    assert_eq!(machine.events(), ["close", "logout"]);
    assert_eq!(machine.state.visitor, Visitor::default());
    assert!(machine.running_timers().is_empty());
    assert_eq!(machine.view(), Machine::ready().view());
}

#[test]
fn a_logout_in_another_tab_is_one_here_without_a_word_to_the_server() {
    let mut machine = Machine::identified("a");
    machine.exchange("Hi", "Hello", 10);
    machine.send(Msg::LoggedOutElsewhere);
    assert_eq!(machine.events().last(), Some(&"logout"));
    assert!(!machine.has("EndSession") && !machine.has("BroadcastLogout"));
    assert_eq!(machine.state.visitor, Visitor::default());
    let mut waiting = Machine::new(crate::Options {
        stored: Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: true },
        ..crate::Options::default()
    });
    waiting.send(Msg::LoggedOutElsewhere);
    waiting.send(Msg::Start);
    assert_eq!(waiting.effect_names(), ["LoadConfig"]);
}
