//! The list of conversations, what was typed in each, and questions that are suggested.

use eloquent_types::{
    chat::StreamEvent,
    conversation::{MessageState, MessageView, Role},
};

use super::{harness::*, samples::*};
use crate::{Command, Effect, FocusTarget, Msg, Stored, TransportError, UiEvent};

fn listed(machine: &mut Machine, numbers: &[u128]) {
    machine.ui(UiEvent::HistoryPressed);
    let ticket = machine.ticket_of("ListConversations");
    machine.send(Msg::Conversations { ticket, result: Ok(list(numbers)) });
}

#[test]
fn the_list_is_fetched_when_it_is_opened() {
    let mut machine = Machine::ready();
    assert!(!machine.view().panel.can_list);
    machine.ui(UiEvent::HistoryPressed);
    assert_eq!(machine.view().panel.list, None, "there is nobody whose conversations these could be");
    machine.exchange("Hi", "Hello", 10);
    assert!(machine.view().panel.can_list);
    machine.ui(UiEvent::HistoryPressed);
    let ticket = machine.ticket_of("ListConversations");
    assert!(machine.view().panel.list.expect("a list").loading);
    assert!(!machine.view().panel.loading, "the conversation itself is there");
    machine.send(Msg::Conversations { ticket, result: Ok(list(&[1, 2])) });
    let seen = machine.view().panel.list.expect("a list");
    assert_eq!((seen.conversations.len(), seen.current, seen.loading), (2, Some(conversation(1)), false));
    machine.ui(UiEvent::HistoryPressed);
    assert_eq!(machine.view().panel.list, None);
    assert!(machine.effects.contains(&Effect::Focus(FocusTarget::Composer)));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
}

#[test]
fn a_list_out_of_reach_says_so() {
    let mut machine = Machine::identified("ann");
    machine.ui(UiEvent::HistoryPressed);
    let ticket = machine.ticket_of("ListConversations");
    machine.send(Msg::Conversations { ticket, result: Err(TransportError::Unreachable) });
    assert!(!machine.view().panel.list.expect("a list").loading);
    assert!(machine.view().panel.banner.is_some());
    machine.ui(UiEvent::HistoryPressed);
    machine.ui(UiEvent::HistoryPressed);
    machine.ticket_of("ListConversations");
}

#[test]
fn the_chosen_one_is_shown_and_the_one_left_goes_on_at_the_server() {
    let mut machine = Machine::ready();
    let running = machine.say("Hi", 10);
    listed(&mut machine, &[1, 2]);
    machine.ui(UiEvent::ConversationChosen(9));
    assert!(machine.view().panel.list.is_some());
    machine.ui(UiEvent::ConversationChosen(1));
    assert!(machine.effects.contains(&Effect::AbortStream { ticket: running }) && !machine.has("StopAnswer"));
    assert!(machine.effects.contains(&Effect::Focus(FocusTarget::Composer)));
    let ticket = machine.ticket_of("FetchConversation");
    assert_eq!(machine.view().panel.list, None);
    let messages = vec![message_view(20, Role::Visitor, MessageState::Complete, "Older")];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(2, messages, "9")) });
    assert_eq!((machine.texts(), machine.resumed().1), (vec!["Older".into()], conversation(2)));
    listed(&mut machine, &[1, 2]);
    machine.ui(UiEvent::ConversationChosen(1));
    assert!(!machine.has("FetchConversation"), "it is on screen");
    assert_eq!(machine.view().panel.list, None);
}

#[test]
fn what_is_typed_stays_with_its_conversation() {
    let mut machine = Machine::ready();
    machine.exchange("Hi", "Hello", 10);
    machine.ui(UiEvent::DraftChanged("first".into()));
    machine.ui(UiEvent::LauncherPressed);
    machine.ui(UiEvent::ClosePressed);
    assert_eq!(machine.view().panel.composer.draft, "first", "closing the panel loses nothing");
    machine.ui(UiEvent::NewConversationPressed);
    assert_eq!(machine.view().panel.composer.draft, "");
    machine.ui(UiEvent::DraftChanged("new".into()));
    listed(&mut machine, &[1, 2]);
    machine.ui(UiEvent::ConversationChosen(0));
    assert_eq!(machine.view().panel.composer.draft, "first");
    machine.ui(UiEvent::DraftChanged(String::new()));
    machine.ui(UiEvent::NewConversationPressed);
    assert_eq!(machine.view().panel.composer.draft, "new");
    machine.call(Command::Open { prefill: Some("given".into()), conversation: Some(conversation(1)) });
    assert_eq!(machine.view().panel.composer.draft, "given");
}

#[test]
fn nothing_of_it_is_anothers() {
    for leaves in ["logout", "identify"] {
        let mut machine = Machine::identified("ann");
        machine.exchange("Hi", "Hello", 10);
        machine.ui(UiEvent::DraftChanged("ann's".into()));
        machine.ui(UiEvent::NewConversationPressed);
        machine.ask(Command::ShowPreview { text: "For ann".into() });
        listed(&mut machine, &[1]);
        machine.ui(UiEvent::HistoryPressed);
        machine.ui(UiEvent::HistoryPressed);
        let late = machine.ticket_of("ListConversations");
        if leaves == "logout" {
            machine.ask(Command::Logout);
        } else {
            machine.identify("bob");
        }
        machine.send(Msg::Conversations { ticket: late, result: Ok(list(&[1])) });
        let visitor = &machine.state.visitor;
        assert!(visitor.drafts.is_empty() && visitor.draft.is_empty() && visitor.list.is_none());
        assert_eq!(machine.view().preview, None);
    }
}

#[test]
fn suggestions_come_with_an_answer_and_go_with_the_next_message() {
    let mut machine = Machine::ready();
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hello"]));
    let StreamEvent::Done(mut end) = done(11) else { unreachable!() };
    end.suggestions = vec!["What else?".into(), "Why?".into()];
    machine.stream(ticket, "3", StreamEvent::Done(end.clone()));
    assert_eq!(machine.view().panel.suggestions, end.suggestions);
    machine.ui(UiEvent::SuggestionChosen(5));
    assert!(!machine.has("OpenStream"));
    machine.ui(UiEvent::DraftChanged("half a".into()));
    machine.ui(UiEvent::SuggestionChosen(1));
    assert_eq!(machine.posted().1.message.text, "Why?");
    assert!(machine.view().panel.suggestions.is_empty());
    assert_eq!(machine.view().panel.composer.draft, "half a", "what is being written stays");
    let (ticket, ..) = machine.posted();
    machine.stream(ticket, "3", accepted(1, 20));
    machine.stream(ticket, "4", whole(20, "Why?"));
    machine.stream(ticket, "5", done(21));
    assert!(machine.view().panel.suggestions.is_empty(), "those of the answer before are over");
}

fn whole(number: u128, text: &str) -> StreamEvent {
    StreamEvent::Message(message_view(number, Role::Visitor, MessageState::Complete, text))
}

#[test]
fn suggestions_are_there_after_a_reload_and_gone_when_something_is_said_elsewhere() {
    let stored =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), ..Stored::default() };
    let mut machine = Machine::ready_with(stored);
    let ticket = machine.ticket_of("FetchConversation");
    let answer = message_view(11, Role::Agent, MessageState::Complete, "Hello");
    let messages = vec![MessageView { suggestions: vec!["Why?".into()], ..answer }];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(1, messages, "1.end")) });
    assert_eq!(machine.view().panel.suggestions, ["Why?"]);
    let (ticket, ..) = machine.resumed();
    machine.stream(ticket, "2.end", whole(12, "Because"));
    assert!(machine.view().panel.suggestions.is_empty());
}
