//! What each command resolves with.

use proptest::prelude::*;

use super::{harness::*, samples::*};
use crate::{
    CallError, CallId, Command, CommandKind, CommandResult, Effect, EventKind, Msg, Options, UiEvent, Value,
};

#[test]
fn names_are_spelled_exactly() {
    for (name, kind) in CommandKind::NAMES {
        assert_eq!(CommandKind::parse(name), Some(kind));
    }
    assert_eq!(CommandKind::parse("shutdown"), Some(CommandKind::Logout));
    assert_eq!(CommandKind::parse("resetChat"), Some(CommandKind::NewConversation));
    assert_eq!(CommandKind::Logout.as_str(), "logout");
    for name in ["", "Identify", "identify ", "constructor", "__proto__"] {
        assert_eq!(CommandKind::parse(name), None, "{name:?}");
    }
}

#[test]
fn an_unknown_command_warns_once_and_never_with_what_may_be_a_token() {
    let mut machine = Machine::ready();
    let result = machine.ask(Command::Unknown { name: "opne".into() });
    assert_eq!(result, CommandResult::Failed(CallError::UnknownCommand));
    assert!(machine.effects.contains(&Effect::Warn("Eloquent: there is no command \"opne\".".into())));
    machine.ask(Command::Unknown { name: token("a").expose().into() });
    assert!(machine.effects.contains(&Effect::Warn("Eloquent: there is no command \"…\".".into())));
    let result = machine.ask(Command::Malformed { kind: CommandKind::Prefill });
    assert_eq!(result, CommandResult::Failed(CallError::InvalidArgument));
}

#[test]
fn open_close_and_toggle_tell_where_they_led() {
    let mut machine = Machine::ready();
    let open = |prefill: Option<&str>| Command::Open { prefill: prefill.map(Into::into), conversation: None };
    for (command, expected, events) in [
        (Command::Close, false, vec![]),
        (open(None), true, vec!["open"]),
        (open(Some("Hi")), true, vec![]),
        (Command::Toggle, false, vec!["close"]),
        (Command::Toggle, true, vec!["open"]),
        (Command::Close, false, vec!["close"]),
    ] {
        assert_eq!(machine.ask(command.clone()), CommandResult::Open(expected), "{command:?}");
        assert_eq!(machine.events(), events, "{command:?}");
        assert_eq!(machine.view().panel.open, expected);
    }
    assert_eq!(machine.view().panel.composer.draft, "Hi");
}

#[test]
fn the_launcher_is_shown_and_hidden() {
    let mut machine = Machine::new(Options { launcher_hidden: true, ..Options::default() });
    machine.send(Msg::Start);
    assert!(!machine.view().launcher.visible);
    assert_eq!(machine.ask(Command::Show), CommandResult::Visible(true));
    assert!(machine.view().launcher.visible);
    assert_eq!(machine.ask(Command::Hide), CommandResult::Visible(false));
    assert!(!machine.view().launcher.visible);
}

#[test]
fn prefill_is_never_sent() {
    let mut machine = Machine::ready();
    assert_eq!(machine.ask(Command::Prefill { text: "Where is my order?".into() }), CommandResult::Done);
    assert_eq!(machine.view().panel.composer.draft, "Where is my order?");
    assert!(!machine.has("OpenStream"));
}

#[test]
fn a_prefill_that_could_not_be_sent_changes_nothing() {
    let mut machine = Machine::ready();
    let (fits, long) = ("😀".repeat(8_000), "x".repeat(8_001));
    assert_eq!(machine.ask(Command::Prefill { text: fits.clone() }), CommandResult::Done);
    let open = Command::Open { prefill: Some(long.clone()), conversation: None };
    for command in [Command::Prefill { text: long }, open] {
        assert_eq!(machine.ask(command), CommandResult::Failed(CallError::MessageTooLong));
        assert_eq!(machine.view().panel.composer.draft, fits);
        assert!(!machine.view().panel.open);
    }
}

#[test]
fn a_sent_message_resolves_once_it_is_durable() {
    let mut machine = Machine::ready();
    let call = machine.call(Command::SendMessage { text: "Hi".into() });
    assert!(machine.is_pending(call));
    let (ticket, request, _) = machine.posted();
    assert_eq!(request.message.text, "Hi");
    machine.stream(ticket, "1", accepted(1, 5));
    let expected = CommandResult::Sent { message_id: message_id(5).to_string() };
    assert_eq!(machine.result_of(call), Some(expected));
}

#[test]
fn a_message_that_is_none_is_refused() {
    let mut machine = Machine::ready();
    for (text, error) in
        [(" \n".to_owned(), CallError::MessageEmpty), ("x".repeat(8_001), CallError::MessageTooLong)]
    {
        assert_eq!(machine.ask(Command::SendMessage { text }), CommandResult::Failed(error));
    }
    assert!(machine.bubbles().is_empty());
}

#[test]
fn get_state_tells_all() {
    let mut machine = Machine::new(Options { browser_locale: "de".into(), ..Options::default() });
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    let field = |machine: &mut Machine, name: &str| {
        let fields = machine.ask(Command::GetState).fields();
        fields.into_iter().find(|(known, _)| *known == name).expect("the field is there").1
    };
    assert_eq!(field(&mut machine, "status"), Value::Text("loading".into()));
    machine.send(Msg::Config { ticket, result: Ok(config()) });
    assert_eq!(machine.events(), ["ready"]);
    assert_eq!(field(&mut machine, "status"), Value::Text("ready".into()));
    assert_eq!(field(&mut machine, "locale"), Value::Text("de".into()));
    assert_eq!(field(&mut machine, "identified"), Value::Bool(false));
    assert_eq!(field(&mut machine, "userId"), Value::Null);
    assert_eq!(field(&mut machine, "conversationId"), Value::Null);
    machine.identify("42");
    machine.no_conversations();
    assert_eq!(field(&mut machine, "identified"), Value::Bool(true));
    assert_eq!(field(&mut machine, "userId"), Value::Text("42".into()));
    machine.exchange("Hi", "Hello", 10);
    assert_eq!(field(&mut machine, "unread"), Value::Number(1));
    assert_eq!(field(&mut machine, "conversationId"), Value::Text(conversation(1).to_string()));
    assert_eq!(field(&mut machine, "version"), Value::Text(env!("CARGO_PKG_VERSION").into()));
}

#[test]
fn the_locale_is_the_pages_then_the_agents_then_the_browsers() {
    for (page, agent, expected) in
        [(Some("fr"), Some("es"), "fr"), (None, Some("es"), "es"), (None, None, "de")]
    {
        let options =
            Options { locale: page.map(Into::into), browser_locale: "de".into(), ..Options::default() };
        let mut machine = Machine::new(options);
        machine.send(Msg::Start);
        let ticket = machine.ticket_of("LoadConfig");
        let mut config = config();
        config.locale = agent.map(Into::into);
        machine.send(Msg::Config { ticket, result: Ok(config) });
        let fields = machine.ask(Command::GetState).fields();
        assert!(fields.contains(&("locale", Value::Text(expected.into()))), "{fields:?}");
        machine.ui(UiEvent::Submitted("Hi".into()));
        assert_eq!(machine.posted().1.locale.as_deref(), Some(expected));
    }
}

#[test]
fn destroy_leaves_nothing_behind() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::LauncherPressed);
    let sent = machine.call(Command::SendMessage { text: "Hi".into() });
    let identify = machine.call(Command::Identify { token: token("a"), get_token: false });
    let destroy = machine.call(Command::Destroy);
    assert_eq!(machine.result_of(destroy), Some(CommandResult::Done));
    assert_eq!(machine.result_of(sent), Some(CommandResult::Failed(CallError::Aborted)));
    assert!(matches!(machine.result_of(identify), Some(CommandResult::NotIdentified(_))));
    assert_eq!(machine.stored(), None);
    assert_eq!(machine.events(), ["close", "destroy"]);
    assert_eq!(machine.effect_names().last().map(String::as_str), Some("Unmount"));
    assert!(!machine.view().launcher.visible && !machine.view().panel.open);

    let late = Command::Open { prefill: None, conversation: None };
    assert_eq!(machine.ask(late), CommandResult::Failed(CallError::Destroyed));
    assert!(machine.ui(UiEvent::LauncherPressed).is_empty());
    assert!(machine.send(Msg::Start).is_empty());
    assert_eq!(machine.ask(Command::Destroy), CommandResult::Done);
}

#[test]
fn destroy_stops_what_was_waited_for() {
    let mut machine = Machine::new(Options::default());
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    machine.send(Msg::Config { ticket, result: Err(crate::TransportError::Unreachable) });
    assert_eq!(machine.running_timers().len(), 1);
    machine.ask(Command::Destroy);
    assert!(machine.running_timers().is_empty());
}

#[test]
fn what_the_page_gets_is_spelled_in_camel_case() {
    let who = match verified("42", true).result {
        eloquent_types::identify::IdentifyResult::Identified(who) => CommandResult::Identified(who),
        eloquent_types::identify::IdentifyResult::Refused(_) => unreachable!(),
    };
    let names: Vec<_> = who.fields().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["ok", "identified", "userId", "profileId", "expiresAt", "switchedUser", "claimedConversation"]
    );
    let refused = not_verified(eloquent_types::identify::IdentityCode::TokenExpired).result;
    let eloquent_types::identify::IdentifyResult::Refused(why) = refused else { unreachable!() };
    let fields = CommandResult::NotIdentified(why.into()).fields();
    assert!(fields.contains(&("code", Value::Text("token_expired".into()))));
    assert!(fields.contains(&("retryable", Value::Bool(true))));
    let names: Vec<_> = fields.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ok", "identified", "code", "message", "hint", "retryable"]);
}

#[test]
fn every_event_can_be_listened_to() {
    let conversation = conversation(1);
    let message = message_id(1);
    for kind in [
        EventKind::Ready,
        EventKind::Open,
        EventKind::Close,
        EventKind::Identify(CommandResult::Done),
        EventKind::IdentityExpiring { expires_at: None },
        EventKind::IdentityExpired,
        EventKind::IdentityChanged { code: None },
        EventKind::Logout,
        EventKind::MessageSent { conversation, message, text: None },
        EventKind::MessageReceived { conversation: Some(conversation), message, text: None },
        EventKind::ConversationStarted { conversation },
        EventKind::Unread { count: 1 },
        EventKind::Error { code: "x" },
        EventKind::Destroy,
    ] {
        assert!(EventKind::NAMES.contains(&kind.name()), "{}", kind.name());
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        ("[ab]", any::<bool>())
            .prop_map(|(user, get_token)| Command::Identify { token: token(&user), get_token }),
        Just(Command::Logout),
        Just(Command::Open { prefill: Some("p".into()), conversation: None }),
        Just(Command::Open { prefill: None, conversation: Some(conversation(3)) }),
        Just(Command::Close),
        Just(Command::Toggle),
        Just(Command::Show),
        Just(Command::Hide),
        Just(Command::Prefill { text: "q".into() }),
        "[ a]".prop_map(|text| Command::SendMessage { text }),
        Just(Command::NewConversation),
        Just(Command::Update { attributes: vec![("plan".into(), Some("team".into()))] }),
        prop_oneof![Just(None), Just(Some("fr".to_owned()))].prop_map(|locale| Command::SetLocale { locale }),
        prop_oneof![Just("dark"), Just("no scheme")]
            .prop_map(|scheme| Command::SetTheme { tokens: vec![("scheme".into(), scheme.into())] }),
        "[ a]".prop_map(|text| Command::ShowPreview { text }),
        Just(Command::HidePreview),
        "[ a]".prop_map(|name| Command::TrackEvent { name, properties: Vec::new() }),
        "a?".prop_map(|url| Command::Page { url, title: String::new() }),
        Just(Command::Debug { on: true }),
        Just(Command::GetState),
        Just(Command::Destroy),
        Just(Command::Unknown { name: "nope".into() }),
        Just(Command::Malformed { kind: CommandKind::Open }),
    ]
}

proptest! {
    /// The effects are the same, in the same order, and so is the state.
    #[test]
    fn commands_before_the_start_do_what_they_do_after_it(
        commands in proptest::collection::vec(any_command(), 0..12),
        stored in any::<bool>(),
    ) {
        let stored = if stored {
            crate::Stored { session: Some(session(9)), conversation: Some(conversation(9)), open: true, sound: false }
        } else {
            crate::Stored::default()
        };
        let run = |early: bool| {
            let mut state = crate::State::new(Options { stored: stored.clone(), ..Options::default() });
            let now = eloquent_types::time::Timestamp::from_secs(1);
            let mut effects = Vec::new();
            if !early {
                effects.extend(crate::update(&mut state, now, Msg::Start));
            }
            for (number, command) in (0..).zip(commands.clone()) {
                effects.extend(crate::update(&mut state, now, Msg::Command { call: CallId(number), command }));
            }
            if early {
                prop_assert!(effects.is_empty());
                effects.extend(crate::update(&mut state, now, Msg::Start));
            }
            Ok((effects, format!("{state:?}")))
        };
        prop_assert_eq!(run(true)?, run(false)?);
    }
}
