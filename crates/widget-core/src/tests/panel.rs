//! Opening, closing, unread messages, starters, the keyboard's focus.

use super::{harness::*, samples::*};
use crate::{Command, Effect, FocusTarget, Status, UiEvent};

#[test]
fn the_focus_goes_in_with_the_visitor_and_comes_back() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    assert!(machine.effects.contains(&Effect::Focus(FocusTarget::Composer)));
    assert_eq!(machine.events(), ["open"]);
    machine.ui(UiEvent::EscapePressed);
    assert!(machine.effects.contains(&Effect::Focus(FocusTarget::Launcher)));
    assert_eq!(machine.events(), ["close"]);
    assert!(machine.ui(UiEvent::EscapePressed).is_empty());
    machine.ui(UiEvent::LauncherPressed);
    machine.ask(Command::Close);
    assert!(!machine.has("Focus"), "a page that closes has its own plans for the focus");
    machine.ui(UiEvent::LauncherPressed);
    machine.ui(UiEvent::LauncherPressed);
    assert!(!machine.view().panel.open);
}

#[test]
fn what_comes_while_closed_is_counted_until_opened() {
    let mut machine = Machine::ready();
    machine.exchange("Hi", "Hello", 10);
    assert_eq!(machine.events(), ["message:received", "unread"]);
    assert!(!machine.has("Announce"));
    machine.exchange("More", "There", 20);
    assert_eq!(machine.view().launcher.unread, 2);
    machine.ui(UiEvent::LauncherPressed);
    assert_eq!(machine.events(), ["open", "unread"]);
    assert_eq!(machine.view().launcher.unread, 0);
    machine.exchange("More", "There", 30);
    assert_eq!(machine.view().launcher.unread, 0);
    machine.ui(UiEvent::ClosePressed);
    machine.exchange("More", "There", 40);
    machine.ask(Command::NewConversation);
    assert_eq!(machine.events(), ["unread"]);
    assert_eq!(machine.view().launcher.unread, 0, "what was left is not waiting");
}

#[test]
fn starters_are_there_until_something_is_said() {
    let mut machine = Machine::ready();
    assert_eq!(machine.view().panel.starters, config().starters);
    assert_eq!((machine.view().panel.title, machine.view().panel.greeting), ("Ada", "Hello!"));
    assert_eq!(machine.view().panel.status, Status::Online);
    machine.ui(UiEvent::StarterChosen(7));
    assert!(!machine.has("OpenStream"));
    machine.ui(UiEvent::DraftChanged("half a".into()));
    machine.ui(UiEvent::StarterChosen(1));
    assert_eq!(machine.posted().1.message.text, "Who are you?");
    assert!(machine.view().panel.starters.is_empty());
    assert_eq!(machine.view().panel.composer.draft, "half a", "what is being written stays");
}

#[test]
fn a_new_conversation_leaves_the_old_one_running_and_unseen() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.ui(UiEvent::Submitted("waiting".into()));
    machine.ui(UiEvent::NewConversationPressed);
    assert!(machine.effects.contains(&Effect::AbortStream { ticket }));
    assert!(!machine.has("StopAnswer"));
    assert!(machine.bubbles().is_empty());
    let kept = machine.stored().expect("the session stays");
    assert_eq!((kept.session, kept.conversation), (Some(session(1)), None));
    assert!(machine.stream(ticket, "2", delta(11, 0, &["late"])).is_empty());
    machine.ui(UiEvent::Submitted("Anew".into()));
    let (_, request, credential) = machine.posted();
    assert_eq!((request.conversation_id, credential), (None, Some(session(1))));
}

#[test]
fn nothing_is_stored_before_the_visitor_acts() {
    let mut machine = Machine::ready();
    machine.ask(Command::Open { prefill: Some("x".into()), conversation: None });
    assert!(!machine.has("Store"));
    machine.ui(UiEvent::DraftChanged("xy".into()));
    assert!(!machine.has("Store"));
    machine.ui(UiEvent::ClosePressed);
    machine.ui(UiEvent::LauncherPressed);
    assert!(machine.stored().expect("now it is").open);
}
