//! `setTheme` and `showPreview`: what the page may change of what is seen.

use eloquent_types::theme::{Position, Scheme, Theme};

use super::{harness::*, samples::*};
use crate::{CallError, Command, CommandResult, Msg, Options, UiEvent, Value};

fn theme(tokens: &[(&str, Value)]) -> Command {
    let tokens = tokens.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Command::SetTheme { tokens }
}

fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("scheme", "dark".into()),
        ("accent", "#12AB34".into()),
        ("background", "#ffffff".into()),
        ("text", "#000000".into()),
        ("radius", Value::Number(28)),
        ("font", "mono".into()),
        ("position", "left".into()),
        ("launcherIcon", "spark".into()),
        ("launcherLabel", "Ask us".into()),
    ]
}

const INVALID: CommandResult = CommandResult::Failed(CallError::InvalidArgument);

#[test]
fn tokens_are_merged_over_the_agents_and_null_gives_the_agents_own_back() {
    let mut machine = Machine::new(Options::default());
    machine.send(Msg::Start);
    let ticket = machine.ticket_of("LoadConfig");
    let mut config = config();
    config.theme = Theme { scheme: Some(Scheme::Light), position: Some(Position::Left), ..Theme::default() };
    let agents = config.theme.clone();
    machine.send(Msg::Config { ticket, result: Ok(config) });
    assert_eq!(machine.view().theme, agents);
    assert_eq!(machine.ask(theme(&[("scheme", "dark".into())])), CommandResult::Done);
    assert_eq!(machine.ask(theme(&[("accent", "#12AB34".into())])), CommandResult::Done);
    let both = machine.view().theme;
    assert_eq!((both.scheme, both.position), (Some(Scheme::Dark), Some(Position::Left)));
    assert_eq!(both.accent.map(|color| color.as_str().to_owned()).as_deref(), Some("#12ab34"));
    let back: Vec<_> = all().into_iter().map(|(name, _)| (name, Value::Null)).collect();
    assert_eq!(machine.ask(theme(&all())), CommandResult::Done);
    assert_eq!(machine.ask(theme(&back)), CommandResult::Done);
    assert_eq!(machine.view().theme, agents);
    assert_eq!(machine.ask(theme(&[])), CommandResult::Done);
}

#[test]
fn one_bad_token_changes_nothing() {
    let mut machine = Machine::ready();
    let bad = [
        ("scheme", "Dark".into()),
        ("accent", "red".into()),
        ("accent", "#12345".into()),
        ("accent", Value::Number(7)),
        ("background", "url(x)".into()),
        ("text", "".into()),
        ("radius", Value::Number(29)),
        ("radius", Value::Number(256 + 4)),
        ("radius", "4".into()),
        ("font", "Comic Sans".into()),
        ("position", "top".into()),
        ("launcherIcon", "dog".into()),
        ("launcherLabel", "x".repeat(25).as_str().into()),
        ("launcherLabel", " ".into()),
        ("launcherLabel", Value::Bool(true)),
        ("logo", "v1/agents/x/logo".into()),
        ("launcher_icon", "spark".into()),
        ("", Value::Null),
    ];
    for token in bad {
        let name = format!("{token:?}");
        assert_eq!(
            machine.ask(theme(&[("font", "serif".into()), token, ("radius", Value::Number(1))])),
            INVALID,
            "{name}"
        );
        assert_eq!(machine.view().theme, Theme::default(), "{name}");
    }
}

#[test]
fn the_options_tokens_are_the_pages() {
    let page = Theme { position: Some(Position::Left), ..Theme::default() };
    let mut machine = Machine::new(Options { theme: page.clone(), ..Options::default() });
    machine.send(Msg::Start);
    assert_eq!(machine.view().theme, page);
    let ticket = machine.ticket_of("LoadConfig");
    let mut config = config();
    config.theme.position = Some(Position::Right);
    machine.send(Msg::Config { ticket, result: Ok(config) });
    assert_eq!(machine.view().theme, page);
}

#[test]
fn a_preview_stands_beside_the_closed_panel_until_it_is_hidden_or_the_panel_opens() {
    let mut machine = Machine::ready();
    let show = |text: &str| Command::ShowPreview { text: text.into() };
    assert_eq!(machine.ask(show("Need help?")), CommandResult::Done);
    assert_eq!(machine.view().preview, Some("Need help?"));
    assert_eq!(machine.ask(Command::HidePreview), CommandResult::Done);
    assert_eq!(machine.view().preview, None);
    assert_eq!(machine.ask(Command::HidePreview), CommandResult::Done, "twice is no mistake");
    for bad in [String::new(), " \n".into(), "ä".repeat(281)] {
        assert_eq!(machine.ask(show(&bad)), INVALID, "{}", bad.len());
        assert_eq!(machine.view().preview, None);
    }
    let longest = "ä".repeat(280);
    assert_eq!(machine.ask(show(&longest)), CommandResult::Done);
    assert_eq!(machine.view().preview, Some(longest.as_str()));
    machine.ui(UiEvent::LauncherPressed);
    assert_eq!(machine.view().preview, None);
}
