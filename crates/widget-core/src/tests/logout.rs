//! Forgetting the visitor.

use eloquent_types::{chat::IdentityStatus, identify::IdentityCode};

use super::{harness::*, samples::*};
use crate::{
    CallError, Command, CommandResult, Effect, Msg, Options, Stored, UiEvent,
    visitor::{Identity, Visitor},
};

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
        stored: Stored {
            session: Some(session(1)),
            conversation: Some(conversation(1)),
            open: true,
            sound: false,
        },
        ..crate::Options::default()
    });
    waiting.send(Msg::LoggedOutElsewhere);
    waiting.send(Msg::Start);
    assert_eq!(waiting.effect_names(), ["LoadConfig"]);
}

/// What an anonymous visitor's first message leaves in the storage.
fn kept(open: bool) -> Stored {
    Stored { session: Some(session(1)), conversation: Some(conversation(1)), open, sound: false }
}

#[test]
fn a_page_from_the_browsers_cache_shows_nothing_of_a_user_until_a_token_says_who_is_there() {
    for lapsed in [false, true] {
        let mut machine = Machine::ready();
        machine.identify_for("a", 300_000, true);
        machine.no_conversations();
        machine.ui(UiEvent::LauncherPressed);
        machine.exchange("Hi", "Hello", 10);
        machine.ui(UiEvent::DraftChanged("draft".into()));
        let running = machine.say("More", 20);
        let waiting = machine.call(Command::SendMessage { text: "waiting".into() });
        if lapsed {
            let expired = accepted_as(1, 20, IdentityStatus::Anonymous, Some(IdentityCode::KeyRevoked));
            machine.stream(running, "9", done(21));
            let (ticket, ..) = machine.posted();
            machine.stream(ticket, "1", expired);
            assert!(machine.state.visitor.token().is_none());
        }
        machine.send(Msg::Returned(Stored::default()));
        assert!(machine.bubbles().is_empty() && machine.view().panel.composer.draft.is_empty());
        assert_eq!(machine.state.visitor.identity, Identity::Anonymous);
        assert_eq!(machine.state.visitor.session, None);
        assert!(machine.view().panel.open, "the panel stays as it was");
        assert!(
            !machine.has("DropGetToken") && !machine.has("BroadcastLogout") && !machine.has("EndSession")
        );
        assert!(machine.events().contains(&"identity:changed"));
        if !lapsed {
            assert!(machine.effects.contains(&Effect::AbortStream { ticket: running }));
            assert_eq!(machine.result_of(waiting), Some(CommandResult::Failed(CallError::Aborted)));
        }
        // The page's function says who it is: here the same user, whose history comes back.
        let asked = machine.ticket_of("GetToken");
        machine.send(Msg::Token { ticket: asked, token: Some(fresh_token("a", 1)) });
        let asked = machine.ticket_of("Identify");
        let result = Ok(verified_for("a", machine.now, 300_000));
        machine.send(Msg::Identify { ticket: asked, result });
        assert!(machine.has("ListConversations"));
        assert_eq!(machine.events(), ["identify"]);
    }
}

#[test]
fn without_a_function_the_user_goes_on_until_the_page_says_something_else() {
    let mut machine = Machine::identified("a");
    machine.exchange("Hi", "Hello", 10);
    machine.send(Msg::Returned(Stored::default()));
    assert_eq!((machine.bubbles().len(), machine.effects.len()), (2, 0));
    machine.identify("b");
    machine.no_conversations();
    assert!(machine.bubbles().is_empty());
}

#[test]
fn an_identify_that_was_under_way_when_the_page_was_left_identifies_nobody() {
    let mut machine = Machine::ready();
    let call = machine.call(Command::Identify { token: token("a"), get_token: true });
    let late = machine.ticket_of("Identify");
    machine.send(Msg::Returned(Stored::default()));
    let result = machine.result_of(call);
    assert!(matches!(result, Some(CommandResult::NotIdentified(why)) if why.code == "superseded"));
    assert!(machine.has("GetToken"));
    machine.send(Msg::Identify { ticket: late, result: Ok(verified("a", false)) });
    assert_eq!(machine.state.visitor.identity, Identity::Anonymous);
}

#[test]
fn an_anonymous_conversation_is_there_again_unless_the_storage_is_not_its_own_any_more() {
    let start = || {
        let mut machine = Machine::ready();
        machine.exchange("Hi", "Hello", 10);
        assert_eq!(machine.state.stored, kept(false));
        machine
    };
    let mut machine = start();
    machine.ui(UiEvent::DraftChanged("draft".into()));
    machine.send(Msg::Returned(kept(true)));
    assert_eq!((machine.bubbles().len(), machine.view().panel.composer.draft), (2, "draft"));
    assert!(machine.events().is_empty());
    // Logged out meanwhile.
    let mut machine = start();
    machine.send(Msg::Returned(Stored::default()));
    assert!(machine.bubbles().is_empty() && machine.events().iter().all(|event| *event == "unread"));
    assert_eq!(machine.state.visitor, Visitor::default());
    // Another visitor's by now.
    let mut machine = start();
    let others =
        Stored { session: Some(session(5)), conversation: Some(conversation(5)), open: false, sound: false };
    machine.send(Msg::Returned(others));
    assert!(machine.bubbles().is_empty());
    assert!(machine.effects.iter().any(|effect| matches!(
        effect,
        Effect::FetchConversation { conversation: asked, credentials, .. }
            if *asked == conversation(5) && credentials.session == Some(session(5))
    )));
    // Nothing is to come back before the machine stands.
    let mut waiting = Machine::new(Options::default());
    waiting.send(Msg::Returned(kept(false)));
    waiting.send(Msg::Start);
    assert_eq!(waiting.effect_names(), ["LoadConfig"]);
}
