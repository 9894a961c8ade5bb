//! What is new to a visitor who is elsewhere, and what is said to one who cannot see it.

use eloquent_types::{
    chat::{FailureCode, StreamEvent},
    conversation::{MessageState, Role},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{Command, Effect, EventKind, Msg, Options, Stored, UiEvent};

fn operator(number: u128, text: &str) -> StreamEvent {
    StreamEvent::Message(message_view(number, Role::Operator, MessageState::Complete, text))
}

fn following() -> Machine {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    machine.exchange("Hi", "Hello", 10);
    machine
}

fn hear(machine: &mut Machine, number: u128, text: &str) {
    let ticket = machine.open_stream().expect("a stream");
    machine.stream(ticket, &number.to_string(), operator(number, text));
}

#[test]
fn messages_are_counted_while_nobody_looks_at_the_tab_or_the_panel() {
    let mut machine = following();
    hear(&mut machine, 20, "seen");
    assert_eq!(machine.view().launcher.unread, 0);
    machine.send(Msg::Visibility { hidden: true });
    hear(&mut machine, 21, "unseen");
    assert!(machine.effects.contains(&Effect::Title { unread: 1 }));
    assert_eq!(machine.events(), ["message:received", "unread"]);
    machine.send(Msg::Visibility { hidden: false });
    assert!(machine.effects.contains(&Effect::Title { unread: 0 }));
    machine.ui(UiEvent::ClosePressed);
    hear(&mut machine, 22, "closed");
    machine.send(Msg::Visibility { hidden: true });
    hear(&mut machine, 23, "closed and hidden");
    machine.send(Msg::Visibility { hidden: false });
    assert_eq!(machine.view().launcher.unread, 2, "the panel is still closed");
    machine.ui(UiEvent::LauncherPressed);
    assert_eq!(machine.view().launcher.unread, 0);
}

#[test]
fn a_panel_opened_where_nobody_sees_it_is_not_looked_at() {
    let mut machine = following();
    machine.ui(UiEvent::ClosePressed);
    hear(&mut machine, 20, "new");
    machine.send(Msg::Visibility { hidden: true });
    machine.ask(Command::Open { prefill: None, conversation: None });
    assert_eq!(machine.view().launcher.unread, 1);
    machine.send(Msg::Visibility { hidden: false });
    assert_eq!(machine.view().launcher.unread, 0);
}

#[test]
fn sound_is_off_until_the_visitor_wants_it_and_only_for_who_does_not_look() {
    let mut machine = following();
    machine.ui(UiEvent::ClosePressed);
    hear(&mut machine, 20, "silent");
    assert!(!machine.has("Chime"));
    machine.ui(UiEvent::SoundPressed);
    assert!(machine.view().panel.sound && machine.stored().expect("kept").sound);
    hear(&mut machine, 21, "heard");
    assert!(machine.has("Chime"));
    machine.ui(UiEvent::LauncherPressed);
    hear(&mut machine, 22, "seen");
    assert!(!machine.has("Chime"));
    let stored = machine.state.stored.clone();
    assert!(Machine::ready_with(stored).view().panel.sound);
    machine.ui(UiEvent::SoundPressed);
    assert!(!machine.stored().expect("kept").sound);
}

#[test]
fn sound_alone_is_worth_keeping_but_nothing_is_kept_before_the_first_action() {
    let mut machine = Machine::ready();
    assert!(!machine.has("Store"));
    machine.ui(UiEvent::SoundPressed);
    assert_eq!(machine.stored(), Some(Stored { sound: true, ..Stored::default() }));
}

#[test]
fn a_message_stands_beside_the_closed_launcher_until_it_is_opened_or_dismissed() {
    let mut machine = following();
    hear(&mut machine, 20, "seen");
    assert_eq!(machine.view().preview, None);
    machine.ui(UiEvent::ClosePressed);
    assert_eq!(machine.view().preview, None, "what was seen is no news");
    let long = "ä".repeat(500);
    hear(&mut machine, 21, &long);
    assert_eq!(machine.view().preview.map(|text| text.chars().count()), Some(120));
    machine.ui(UiEvent::PreviewDismissed);
    assert_eq!((machine.view().preview, machine.view().launcher.unread), (None, 1));
    machine.ask(Command::ShowPreview { text: "An offer".into() });
    assert_eq!(machine.view().preview, Some("An offer"));
    machine.ui(UiEvent::PreviewPressed);
    assert!(machine.view().panel.open);
    machine.ui(UiEvent::ClosePressed);
    assert_eq!(machine.view().preview, None);
    machine.ask(Command::Hide);
    hear(&mut machine, 22, "unseen");
    assert_eq!(machine.view().preview, None, "there is no launcher to stand beside");
}

#[test]
fn answers_are_said_in_whole_paragraphs_and_short_ones_at_their_end() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    let ticket = machine.say("Hi", 10);
    let first = "One. ".repeat(50).trim_end().to_owned();
    machine.stream(ticket, "2", delta(11, 0, &["One."]));
    assert!(!machine.has("Announce"), "never a word of what is being written");
    machine.stream(ticket, "3", delta(11, 0, &[&first]));
    assert!(!machine.has("Announce"));
    machine.stream(ticket, "4", delta(11, 1, &["Two"]));
    assert!(machine.effects.contains(&Effect::Announce(first)));
    machine.stream(ticket, "5", delta(11, 1, &["Two.", "Thr"]));
    assert!(!machine.has("Announce"), "a short paragraph waits for the next");
    machine.stream(ticket, "6", delta(11, 2, &["Three."]));
    machine.stream(ticket, "7", done(11));
    assert!(machine.effects.contains(&Effect::Announce("Two.\nThree.".into())));
    machine.ui(UiEvent::Submitted("More".into()));
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "7", accepted(1, 20));
    let echo = message_view(20, Role::Visitor, MessageState::Complete, "More");
    machine.stream(ticket, "8", StreamEvent::Message(echo));
    machine.stream(ticket, "9", delta(21, 0, &["Short."]));
    machine.stream(ticket, "10", done(21));
    assert!(machine.effects.contains(&Effect::Announce("Short.".into())), "the next one from its beginning");
}

#[test]
fn what_goes_wrong_is_said() {
    let mut machine = following();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    machine.refuse_stream(ticket, ProblemCode::IdentityRequired, None);
    let words = machine.view().strings.log_in_first;
    assert!(machine.effects.contains(&Effect::Announce(words.into())));
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", failure(FailureCode::AgentFailed, true));
    let words = machine.view().strings.agent_failed;
    assert!(machine.effects.contains(&Effect::Announce(words.into())));
    machine.ui(UiEvent::ClosePressed);
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    machine.refuse_stream(ticket, ProblemCode::IdentityRequired, None);
    assert!(!machine.has("Announce"), "nobody is there to hear it");
}

#[test]
fn texts_are_told_to_a_page_that_wants_them_alone() {
    for expose_messages in [false, true] {
        let mut machine = Machine::new(Options { expose_messages, ..Options::default() });
        machine.send(Msg::Start);
        let ticket = machine.say("Hi", 10);
        let texts = |machine: &Machine| -> Vec<Option<String>> {
            let told = machine.effects.iter().filter_map(event_kind);
            told.filter_map(|kind| match kind {
                EventKind::MessageSent { text, .. } | EventKind::MessageReceived { text, .. } => {
                    Some(text.clone())
                }
                _ => None,
            })
            .collect()
        };
        assert_eq!(texts(&machine), [expose_messages.then(|| "Hi".to_owned())]);
        machine.stream(ticket, "2", delta(11, 0, &["Hello"]));
        machine.stream(ticket, "3", done(11));
        assert_eq!(texts(&machine), [expose_messages.then(|| "Hello".to_owned())]);
    }
}

#[test]
fn links_are_told_with_the_message_that_they_stood_in() {
    let mut machine = following();
    let key = machine.bubbles()[1].key;
    for (key, message) in [(Some(key), Some(message_id(11))), (Some(9_999), None), (None, None)] {
        let url = "https://example.com/".to_owned();
        machine.ui(UiEvent::LinkPressed { url: url.clone(), key });
        let told = machine.effects.iter().find_map(event_kind).cloned();
        assert_eq!(told, Some(EventKind::LinkClick { url, message }));
    }
}
