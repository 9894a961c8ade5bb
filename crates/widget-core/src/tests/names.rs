//! The names that the page knows, held together: this machine's, the loader's, the declarations', the
//! documentation's.

use eloquent_types::{identify::IdentityCode, theme::Theme};

use crate::{CallError, CommandKind, EventKind, Value, set_token};

const LOADER: &str = include_str!("../../../../www/eloquent.js");
const DECLARATIONS: &str = include_str!("../../../../www/eloquent.d.ts");
const BOOT: &str = include_str!("../../../widget/src/boot.rs");
const MANUAL: &str = include_str!("../../../../docs/widget.md");

const ERRORS: [CallError; 8] = [
    CallError::UnknownCommand,
    CallError::InvalidArgument,
    CallError::MessageEmpty,
    CallError::MessageTooLong,
    CallError::IdentityRequired,
    CallError::NotSent,
    CallError::Aborted,
    CallError::Destroyed,
];

/// What the loader says by itself, when there is no machine.
const LOADER_CODES: [&str; 5] =
    ["unknown_command", "invalid_argument", "destroyed", "load_failed", "crashed"];

/// The tag's options, as they are called in `eloquentConfig`, with what reads them.
const OPTIONS: [(&str, &str); 13] = [
    ("agentId", LOADER),
    ("api", LOADER),
    ("load", LOADER),
    ("mode", LOADER),
    ("contact", LOADER),
    ("accent", LOADER),
    ("launcher", LOADER),
    ("position", LOADER),
    ("locale", BOOT),
    ("theme", BOOT),
    ("storage", BOOT),
    ("exposeMessages", BOOT),
    ("nonce", ""),
];

fn is_declared(name: &str) -> bool {
    [format!("\n  {name}("), format!("\n  {name}<"), format!("\n  {name}: "), format!("\n  \"{name}\": ")]
        .iter()
        .any(|how| DECLARATIONS.contains(how))
}

/// The names between quotes of the declared type's variants.
fn variants(of: &str) -> Vec<&'static str> {
    let start = DECLARATIONS.split(&format!("export type {of} =")).nth(1).expect("it is declared");
    let body = start.split(";\n").next().expect("it ends");
    let mut names: Vec<&str> =
        body.split("\n  | \"").filter_map(|part| part.split_once('"')).map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

/// The members of a declared interface.
fn members(of: &str) -> Vec<&'static str> {
    let start = DECLARATIONS.split(&format!("export interface {of} {{")).nth(1).expect("it is declared");
    let body = start.split("\n}").next().expect("it ends");
    let name = |line: &'static str| {
        let (name, _) = line.strip_prefix("  ")?.split_once([':', '?', '(', '<'])?;
        Some(name.trim_matches('"')).filter(|name| name.chars().all(|c| c.is_ascii_alphabetic() || c == ':'))
    };
    body.lines().filter_map(name).collect()
}

fn is_documented(name: &str) -> bool {
    MANUAL.contains(&format!("`{name}`"))
}

#[test]
fn every_command_is_known_to_the_loader_and_declared_and_documented_and_no_other_is() {
    let line = LOADER.lines().find(|line| line.contains("identify logout")).expect("the loader's names");
    let known: Vec<&str> = line.split('"').nth(1).expect("a string").split(' ').collect();
    let names: Vec<&str> = CommandKind::NAMES.iter().map(|&(name, _)| name).collect();
    assert_eq!(known, names);
    for name in names {
        assert!(is_declared(name), "{name} is not declared");
        assert!(is_documented(name), "{name} is not documented");
    }
    for name in members("EloquentCommands") {
        assert!(CommandKind::parse(name).is_some(), "{name} is declared and is no command");
    }
}

#[test]
fn every_event_is_declared_and_documented_and_no_other_is() {
    for name in EventKind::NAMES {
        assert!(is_declared(name), "{name} is not declared");
        assert!(is_documented(name), "{name} is not documented");
    }
    let declared = members("EloquentEventData");
    assert_eq!(declared.len(), EventKind::NAMES.len(), "{declared:?}");
}

#[test]
fn every_code_is_declared_and_documented_and_no_other_is() {
    let mut codes: Vec<&str> = ERRORS.map(CallError::as_str).to_vec();
    codes.extend(LOADER_CODES);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(variants("EloquentCode"), codes);
    for code in LOADER_CODES {
        assert!(LOADER.contains(&format!("\"{code}\"")), "the loader does not say {code}");
    }
    for code in codes {
        assert!(is_documented(code), "{code} is not documented");
    }
    let mut codes = IdentityCode::ALL.map(IdentityCode::as_str).to_vec();
    codes.sort_unstable();
    assert_eq!(variants("EloquentIdentityCode"), codes);
}

#[test]
fn every_option_is_read_and_declared_and_documented_and_no_other_is() {
    for (name, reader) in OPTIONS {
        let read =
            [format!("options.{name}"), format!("options, \"{name}\""), format!("{{ {name} }} = options")];
        assert!(reader.is_empty() || read.iter().any(|how| reader.contains(how)), "nobody reads {name}");
        let attribute: String = name
            .chars()
            .flat_map(|c| if c.is_ascii_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] })
            .collect();
        let named = ["nonce".to_owned(), format!("data-{attribute}")];
        assert!(named.iter().any(|name| is_documented(name)), "{name} is not documented");
    }
    let mut declared = members("EloquentConfig");
    declared.sort_unstable();
    let mut names = OPTIONS.map(|(name, _)| name);
    names.sort_unstable();
    assert_eq!(declared, names);
}

#[test]
fn every_token_is_declared_and_documented_and_no_other_is() {
    for name in members("EloquentTheme") {
        assert!(set_token(&mut Theme::default(), name, &Value::Null), "{name} is declared and is no token");
        assert!(is_documented(name), "{name} is not documented");
    }
    assert_eq!(members("EloquentTheme").len(), 9, "the logo alone is not the page's to choose");
}
