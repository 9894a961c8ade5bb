//! Who the visitor is, and what that changes.

use eloquent_types::{
    chat::IdentityStatus,
    conversation::{MessageState, Role},
    identify::{IdentifyResult, IdentityCode},
    problem::ProblemCode,
};

use super::{harness::*, samples::*};
use crate::{
    CallError, Command, CommandResult, Effect, IdentifyFailure, IdentityToken, Msg, Stored, TransportError,
    UiEvent,
};

fn identify(user: &str) -> Command {
    Command::Identify { token: token(user), get_token: false }
}

fn code(result: Option<CommandResult>) -> &'static str {
    match result {
        Some(CommandResult::NotIdentified(IdentifyFailure { code, .. })) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_identified_visitor_sends_the_token_and_is_never_stored() {
    let mut machine = Machine::ready();
    let call = machine.call(identify("a"));
    let (ticket, session_sent) = machine
        .effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Identify { ticket, session, .. } => Some((*ticket, session.clone())),
            _ => None,
        })
        .expect("asked");
    assert_eq!(session_sent, None);
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", false)) });
    let IdentifyResult::Identified(who) = verified("a", false).result else { unreachable!() };
    assert_eq!(machine.result_of(call), Some(CommandResult::Identified(who)));
    assert_eq!(machine.events(), ["identify"]);
    assert!(machine.view().panel.verified);
    machine.no_conversations();
    machine.ui(UiEvent::LauncherPressed);
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, request, credential) = machine.posted();
    assert_eq!(request.identity_token.as_deref(), Some(token("a").expose()));
    assert_eq!(credential, verified("a", false).session);
    machine.stream(ticket, "1", accepted_as(1, 10, IdentityStatus::Verified, None));
    assert!(machine.bubbles()[0].verified);
    assert_eq!(machine.state.stored, Stored { open: true, ..Stored::default() });
}

#[test]
fn a_refused_token_leaves_an_anonymous_chat_that_works() {
    for verdict in IdentityCode::ALL {
        let mut machine = Machine::ready();
        let call = machine.call(identify("a"));
        let ticket = machine.ticket_of("Identify");
        machine.send(Msg::Identify { ticket, result: Ok(not_verified(verdict)) });
        assert_eq!(code(machine.result_of(call)), verdict.as_str());
        assert_eq!(machine.events(), ["identify"]);
        assert!(machine.has("Warn"));
        machine.exchange("Hi", "Hello", 10);
        assert_eq!(machine.texts(), ["Hi", "Hello"]);
        machine.ui(UiEvent::Submitted("More".into()));
        assert_eq!(machine.posted().1.identity_token, None);
    }
}

#[test]
fn a_failed_request_resolves_and_changes_nothing() {
    for (error, expected, retryable) in [
        (TransportError::Unreachable, "network_error", true),
        (TransportError::Unexpected, "unexpected_response", true),
        (refused(ProblemCode::RateLimited, Some(5)), "rate_limited", true),
        (refused(ProblemCode::AgentNotFound, None), "agent_not_found", false),
    ] {
        let mut machine = Machine::identified("a");
        let call = machine.call(identify("a"));
        let ticket = machine.ticket_of("Identify");
        machine.send(Msg::Identify { ticket, result: Err(error) });
        let Some(CommandResult::NotIdentified(failure)) = machine.result_of(call) else { panic!("resolved") };
        assert_eq!((failure.code, failure.retryable), (expected, retryable));
        assert!(machine.view().panel.verified, "still the one before");
    }
}

#[test]
fn a_silent_server_is_not_waited_for() {
    let mut machine = Machine::ready();
    let call = machine.call(identify("a"));
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert!(!machine.has("OpenStream"), "as whom, is not known yet");
    let timer = machine.running_timers()[0];
    machine.fire(timer);
    assert_eq!(code(machine.result_of(call)), "network_error");
    assert_eq!(machine.posted().1.identity_token, None);
}

#[test]
fn the_last_identify_wins() {
    let mut machine = Machine::ready();
    let first = machine.call(identify("a"));
    let early = machine.ticket_of("Identify");
    let second = machine.call(identify("b"));
    assert_eq!(code(machine.result_of(first)), "superseded");
    let late = machine.ticket_of("Identify");
    assert!(machine.send(Msg::Identify { ticket: early, result: Ok(verified("a", false)) }).is_empty());
    machine.send(Msg::Identify { ticket: late, result: Ok(verified("b", false)) });
    assert!(
        matches!(machine.result_of(second), Some(CommandResult::Identified(who)) if who.user_id.as_str() == "b")
    );
}

#[test]
fn identify_waits_for_a_message_on_its_way_so_that_it_can_be_claimed() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("Hi".into()));
    let (ticket, ..) = machine.posted();
    machine.call(identify("a"));
    assert!(!machine.has("Identify"));
    machine.stream(ticket, "1", accepted(1, 10));
    let known = machine.effects.iter().any(
        |effect| matches!(effect, Effect::Identify { session: Some(known), .. } if *known == session(1)),
    );
    assert!(known);
}

#[test]
fn an_anonymous_conversation_and_its_running_answer_come_along() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::DraftChanged("half a".into()));
    let old = machine.say("Hi", 10);
    machine.ui(UiEvent::DraftChanged("half a thought".into()));
    machine.stream(old, "2", delta(11, 0, &["Hel"]));
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.stream(old, "3", delta(11, 0, &["Hell"]));
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", true)) });
    assert!(machine.effects.contains(&Effect::AbortStream { ticket: old }));
    let (resumed, id, after, credentials) = machine.resumed();
    assert_eq!((id, after.as_str()), (conversation(1), "3"));
    assert_eq!(credentials.token, Some(token("a")));
    assert_eq!(credentials.session, verified("a", true).session);
    assert_eq!(machine.stored(), None, "the anonymous session was replaced");
    assert!(!machine.has("ListConversations"));
    machine.stream(resumed, "4", delta(11, 0, &["Hello"]));
    machine.stream(resumed, "5", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hello"]);
    assert_eq!(machine.view().panel.composer.draft, "half a thought");
}

#[test]
fn a_conversation_that_was_not_claimed_goes() {
    let mut machine = Machine::ready();
    machine.exchange("Hi", "Hello", 10);
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", false)) });
    assert!(machine.bubbles().is_empty());
    machine.ticket_of("ListConversations");
}

#[test]
fn the_newest_conversation_of_a_user_comes_back() {
    let mut machine = Machine::ready();
    machine.identify("a");
    let ticket = machine.ticket_of("ListConversations");
    machine.ui(UiEvent::Submitted("Me again".into()));
    machine.send(Msg::Conversations { ticket, result: Ok(list(&[7, 3])) });
    let credentials = machine.effects.iter().find_map(|effect| match effect {
        Effect::FetchConversation { conversation: id, credentials, .. } if *id == conversation(7) => {
            Some(credentials)
        }
        _ => None,
    });
    assert_eq!(credentials.and_then(|credentials| credentials.token.clone()), Some(token("a")));
    let ticket = machine.ticket_of("FetchConversation");
    let messages = vec![
        message_view(70, Role::Visitor, MessageState::Complete, "Hi"),
        message_view(71, Role::Agent, MessageState::Streaming, "Hel"),
    ];
    machine.send(Msg::Conversation { ticket, result: Ok(conversation_view(7, messages, "40")) });
    assert_eq!(machine.texts(), ["Hi", "Hel", "Me again"]);
    let (ticket, id, after, _) = machine.resumed();
    assert_eq!((id, after.as_str()), (conversation(7), "40"));
    machine.stream(ticket, "41", done(71));
    assert_eq!(machine.posted().1.conversation_id, Some(conversation(7)));
    assert_eq!(machine.state.stored, Stored::default());
}

#[test]
fn a_new_conversation_is_not_replaced_by_an_old_one() {
    let mut machine = Machine::ready();
    machine.ask(Command::NewConversation);
    machine.identify("a");
    assert!(!machine.has("ListConversations"));
}

#[test]
fn the_same_user_again_changes_nothing_on_screen() {
    let mut machine = Machine::identified("a");
    let ticket = machine.say("Hi", 10);
    machine.stream(ticket, "2", delta(11, 0, &["Hel"]));
    machine.identify("a");
    assert_eq!(machine.open_stream(), Some(ticket));
    assert!(!machine.has("ListConversations"));
    machine.stream(ticket, "3", done(11));
    assert_eq!(machine.texts(), ["Hi", "Hel"]);
}

#[test]
fn nothing_of_one_user_is_left_for_the_next() {
    let mut machine = Machine::identified("a");
    machine.exchange("a's question", "a's answer", 10);
    let ticket = machine.say("a's second", 20);
    machine.stream(ticket, "5", delta(21, 0, &["a's running"]));
    let waiting = machine.call(Command::SendMessage { text: "a's third".into() });
    machine.ui(UiEvent::DraftChanged("a's draft".into()));
    machine.call(identify("b"));
    let asked = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket: asked, result: Ok(verified("b", false)) });
    assert_eq!(machine.result_of(waiting), Some(CommandResult::Failed(CallError::Aborted)));
    assert!(machine.effects.contains(&Effect::AbortStream { ticket }));
    assert!(machine.effects.contains(&Effect::Announce(String::new())), "what was said is taken back");
    let seen = format!("{:?}", machine.view());
    assert!(!seen.contains("a's"), "{seen}");
    assert_eq!(machine.view().launcher.unread, 0);
    let switched = machine.effects.iter().any(|effect| {
        matches!(effect, Effect::Resolve { result: CommandResult::Identified(who), .. } if who.switched_user)
    });
    assert!(switched, "the result says so");
    machine.no_conversations();
    for event in [delta(21, 0, &["a's late"]), done(21)] {
        assert!(machine.stream(ticket, "6", event).is_empty());
    }
    machine.ui(UiEvent::Submitted("b's".into()));
    let (_, request, credential) = machine.posted();
    assert_eq!((request.conversation_id, credential), (None, verified("b", false).session));
    assert_eq!(request.identity_token.as_deref(), Some(token("b").expose()));
}

#[test]
fn without_a_session_of_its_own_the_next_user_gets_none_of_the_former() {
    let mut machine = Machine::identified("a");
    machine.call(identify("b"));
    let ticket = machine.ticket_of("Identify");
    let mut response = verified("b", false);
    response.session = None;
    machine.send(Msg::Identify { ticket, result: Ok(response) });
    machine.no_conversations();
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().2, None);
}

#[test]
fn a_token_found_expired_ends_the_verified_mark_and_nothing_else() {
    for (verdict, event) in [
        (Some(IdentityCode::TokenExpired), "identity:expired"),
        (Some(IdentityCode::KeyRevoked), "identity:changed"),
        (None, "identity:changed"),
    ] {
        let mut machine = Machine::identified("a");
        machine.ui(UiEvent::Submitted("Hi".into()));
        let (ticket, ..) = machine.posted();
        let mut event_heard = accepted_as(1, 10, IdentityStatus::Anonymous, verdict);
        if let eloquent_types::chat::StreamEvent::Accepted(accepted) = &mut event_heard {
            accepted.session = None;
        }
        machine.stream(ticket, "1", event_heard);
        assert_eq!(machine.events(), ["conversation:started", "message:sent", event]);
        assert!(!machine.view().panel.verified);
        machine.stream(ticket, "2", done(11));
        assert_eq!(machine.state.stored, Stored::default(), "the session is still a user's");
        machine.ui(UiEvent::Submitted("More".into()));
        let (_, request, credential) = machine.posted();
        assert_eq!((request.identity_token, request.conversation_id), (None, Some(conversation(1))));
        assert_eq!(credential, verified("a", false).session);
    }
}

#[test]
fn after_its_token_lapsed_a_user_can_come_back_and_another_sees_nothing() {
    for (user, kept) in [("a", true), ("b", false)] {
        let mut machine = Machine::identified("a");
        machine.ui(UiEvent::Submitted("Hi".into()));
        let (ticket, ..) = machine.posted();
        let expired = accepted_as(1, 10, IdentityStatus::Anonymous, Some(IdentityCode::TokenExpired));
        machine.stream(ticket, "1", expired);
        machine.stream(ticket, "2", done(11));
        machine.identify(user);
        assert_eq!(!machine.bubbles().is_empty(), kept);
    }
}

#[test]
fn a_refused_token_in_place_of_a_good_one_ends_the_verified_mark() {
    let mut machine = Machine::identified("a");
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket, result: Ok(not_verified(IdentityCode::TokenExpired)) });
    assert_eq!(machine.events(), ["identity:expired", "identify"]);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().1.identity_token, None);
}

#[test]
fn a_name_that_is_not_the_users_own_leaves_nothing_of_them_whatever_became_of_it() {
    let outcomes =
        [Ok(not_verified(IdentityCode::IdentityBlocked)), Err(refused(ProblemCode::RateLimited, Some(1)))];
    for outcome in outcomes {
        for named in [token("b"), IdentityToken::new(""), IdentityToken::new("a"), IdentityToken::new("..")] {
            for lapsed in [false, true] {
                let mut machine = Machine::identified("a");
                machine.exchange("Hi", "Hello", 10);
                if lapsed {
                    machine.call(identify("a"));
                    let ticket = machine.ticket_of("Identify");
                    machine
                        .send(Msg::Identify { ticket, result: Ok(not_verified(IdentityCode::KeyRevoked)) });
                    assert_eq!(machine.texts(), ["Hi", "Hello"], "the user's own token: they stay");
                }
                machine.call(Command::Identify { token: named.clone(), get_token: false });
                let ticket = machine.ticket_of("Identify");
                machine.send(Msg::Identify { ticket, result: outcome.clone() });
                assert!(machine.events().ends_with(&["identity:changed", "identify"]));
                assert!(machine.texts().is_empty() && !machine.view().panel.verified);
                machine.ui(UiEvent::Submitted("Mine".into()));
                let (_, request, session) = machine.posted();
                assert_eq!((request.identity_token, request.conversation_id, session), (None, None, None));
            }
        }
    }
}

#[test]
fn a_restore_that_is_on_its_way_is_asked_for_again_as_the_user() {
    let stored =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: false, sound: false };
    let mut machine = Machine::ready_with(stored);
    let early = machine.ticket_of("FetchConversation");
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", true)) });
    let late = machine.ticket_of("FetchConversation");
    let said = |text| vec![message_view(10, Role::Visitor, MessageState::Complete, text)];
    let answer =
        |ticket, text| Msg::Conversation { ticket, result: Ok(conversation_view(1, said(text), "1")) };
    assert!(machine.send(answer(early, "early")).is_empty());
    machine.send(answer(late, "late"));
    assert_eq!(machine.texts(), ["late"]);
}

#[test]
fn a_stream_that_the_new_session_cut_off_waits_for_the_new_credentials() {
    let mut machine = Machine::ready();
    let old = machine.say("Hi", 10);
    machine.stream(old, "2", delta(11, 0, &["Hel"]));
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.send(Msg::StreamEnded { ticket: old, result: Ok(()) });
    let (timer, _) = machine.started_timer();
    machine.fire(timer);
    assert!(!machine.has("ResumeStream"));
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", true)) });
    assert_eq!(machine.resumed().3.token, Some(token("a")));
    let resumed = machine.resumed().0;

    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    machine.refuse_stream(resumed, ProblemCode::ConversationNotFound, None);
    assert_eq!(machine.texts(), ["Hi", "Hel"]);
    machine.send(Msg::Identify { ticket, result: Err(TransportError::Unreachable) });
    machine.resumed();
}

#[test]
fn a_history_refused_while_identify_is_awaited_is_asked_for_again() {
    let stored =
        Stored { session: Some(session(1)), conversation: Some(conversation(1)), open: false, sound: false };
    let mut machine = Machine::ready_with(stored);
    let early = machine.ticket_of("FetchConversation");
    machine.call(identify("a"));
    let ticket = machine.ticket_of("Identify");
    let gone = refused(ProblemCode::ConversationNotFound, None);
    machine.send(Msg::Conversation { ticket: early, result: Err(gone) });
    assert!(machine.view().panel.loading && !machine.has("FetchConversation"));
    machine.send(Msg::Identify { ticket, result: Ok(verified("a", true)) });
    machine.ticket_of("FetchConversation");
}

#[test]
fn every_change_of_identity_is_a_generation() {
    let mut machine = Machine::ready();
    for (user, grows) in [("a", true), ("a", false), ("b", true)] {
        let before = machine.state.generation;
        machine.identify(user);
        assert_eq!(machine.state.generation > before, grows, "{user}");
    }
    let before = machine.state.generation;
    machine.call(Command::Logout);
    assert!(machine.state.generation > before);
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().0.generation(), machine.state.generation);
}

#[test]
fn a_session_that_comes_with_a_refusal_is_not_stored_before_the_visitor_acts() {
    let mut machine = Machine::ready();
    machine.call(identify("x"));
    let ticket = machine.ticket_of("Identify");
    let mut response = not_verified(IdentityCode::TokenExpired);
    response.session = Some(session(5));
    machine.send(Msg::Identify { ticket, result: Ok(response) });
    assert!(!machine.has("Store"));
    machine.ui(UiEvent::LauncherPressed);
    assert_eq!(machine.stored().and_then(|stored| stored.session), Some(session(5)));
}
