//! The languages: their files, and how the machine comes to speak one of them.

use std::collections::BTreeMap;

use super::{harness::*, samples::*};
use crate::{Command, CommandResult, Effect, LANGUAGES, Msg, Options, Plural, Strings, UiEvent, Value};

/// Each file as it stands, and the plural categories that CLDR 45 gives the language for whole numbers
/// and fractions.
const FILES: [(&str, &str, &[&str]); 13] = [
    ("de", include_str!("../../../../www/locales/de.json"), &["one", "other"]),
    ("fr", include_str!("../../../../www/locales/fr.json"), &["one", "many", "other"]),
    ("es", include_str!("../../../../www/locales/es.json"), &["one", "many", "other"]),
    ("pt", include_str!("../../../../www/locales/pt.json"), &["one", "many", "other"]),
    ("it", include_str!("../../../../www/locales/it.json"), &["one", "many", "other"]),
    ("nl", include_str!("../../../../www/locales/nl.json"), &["one", "other"]),
    ("pl", include_str!("../../../../www/locales/pl.json"), &["one", "few", "many", "other"]),
    ("tr", include_str!("../../../../www/locales/tr.json"), &["one", "other"]),
    ("ja", include_str!("../../../../www/locales/ja.json"), &["other"]),
    ("ko", include_str!("../../../../www/locales/ko.json"), &["other"]),
    ("zh-Hans", include_str!("../../../../www/locales/zh-Hans.json"), &["other"]),
    ("ar", include_str!("../../../../www/locales/ar.json"), &["zero", "one", "two", "few", "many", "other"]),
    ("he", include_str!("../../../../www/locales/he.json"), &["one", "two", "other"]),
];

/// The lines of a file: one word each, behind its name.
fn entries(file: &str) -> Vec<(String, String)> {
    let body =
        file.strip_prefix("{\n").and_then(|file| file.strip_suffix("\n}\n")).expect("a word on each line");
    body.split(",\n")
        .map(|line| {
            let (name, word) =
                line.strip_prefix("  \"").and_then(|line| line.split_once("\": ")).expect(line);
            (name.to_owned(), serde_json::from_str(word).expect(line))
        })
        .collect()
}

fn words(locale: &str) -> Vec<String> {
    let (_, file, _) = FILES.into_iter().find(|(tag, ..)| *tag == locale).expect("a language");
    entries(file).into_iter().map(|(_, word)| word).collect()
}

fn english() -> BTreeMap<&'static str, &'static str> {
    let source = include_str!("../strings.rs");
    let word = |line: &'static str| {
        let rest = line.strip_prefix("    text ").or_else(|| line.strip_prefix("    plural "))?;
        let (name, word) = rest.split_once(" = \"")?;
        Some((name, word.strip_suffix("\",")?))
    };
    source.lines().filter_map(word).collect()
}

fn is_plural(word: &str) -> bool {
    word.contains('#')
}

fn forms(word: &str) -> Vec<(&str, &str)> {
    word.split_terminator('}').map(|form| form.split_once('{').expect("a category and its text")).collect()
}

#[test]
fn every_language_has_a_file_and_the_other_way_round() {
    let tags: Vec<&str> = FILES.iter().map(|&(tag, ..)| tag).collect();
    assert_eq!(tags, LANGUAGES[1..]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/locales");
    assert_eq!(std::fs::read_dir(folder).expect("the folder").count(), FILES.len());
    assert_eq!(english().len(), Strings::KEYS.len());
}

#[test]
fn every_file_has_exactly_the_words_in_their_order() {
    for (tag, file, _) in FILES {
        let names: Vec<String> = entries(file).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, Strings::KEYS, "{tag}");
    }
}

#[test]
fn every_word_has_the_placeholders_of_the_english_one() {
    let english = english();
    for (tag, file, categories) in FILES {
        for (name, word) in entries(file) {
            let source = english[name.as_str()];
            assert_eq!(word.contains("{name}"), source.contains("{name}"), "{tag} {name}: {word}");
            if is_plural(source) {
                let forms = forms(&word);
                let found: Vec<&str> = forms.iter().map(|(category, _)| *category).collect();
                assert_eq!(found, categories, "{tag} {name}");
                for (category, text) in forms {
                    // Some languages have words for none, one and two.
                    let spelled = ["zero", "one", "two"].contains(&category) && ["ar", "he"].contains(&tag);
                    assert_eq!(text.matches('#').count(), usize::from(!spelled), "{tag} {name} {category}");
                }
            } else {
                assert!(!word.replace("{name}", "").contains(['{', '}', '#']), "{tag} {name}: {word}");
            }
        }
    }
}

/// Words that a language shares with English.
const SHARED: [(&str, &[&str]); 5] = [
    ("de", &["title"]),
    ("fr", &["messages", "sources", "conversations"]),
    ("es", &["title"]),
    ("it", &["title"]),
    ("nl", &["title"]),
];

#[test]
fn no_word_was_left_in_english_or_is_blank() {
    let english = english();
    for (tag, file, _) in FILES {
        let shared = SHARED.into_iter().chain([("pt", &["title"][..])]).find(|(other, _)| *other == tag);
        for (name, word) in entries(file) {
            assert_eq!(word.trim(), word, "{tag} {name}");
            assert!(
                !word.is_empty() && !word.contains("  ") && !word.contains("..."),
                "{tag} {name}: {word}"
            );
            assert!(!word.contains(['\'', '"']), "{tag} {name}: the marks of the language: {word}");
            let same = word == english[name.as_str()];
            let expected = shared.is_some_and(|(_, names)| names.contains(&name.as_str()));
            assert_eq!(same, expected, "{tag} {name}: {word}");
        }
    }
}

#[test]
fn what_stands_on_a_button_is_short() {
    let buttons = [
        "send",
        "retry",
        "copy",
        "copied",
        "back",
        "close_preview",
        "talk_to_person",
        "sound_on",
        "sound_off",
    ];
    for (tag, file, _) in FILES {
        for (name, word) in entries(file) {
            let most = match name.as_str() {
                "copy" | "copied" | "send" | "back" => 14,
                name if buttons.contains(&name) => 28,
                "placeholder" | "online" | "unavailable" | "verified" | "connecting" => 34,
                _ => 110,
            };
            assert!(word.chars().count() <= most || is_plural(&word), "{tag} {name}: {word}");
        }
    }
}

#[test]
fn what_can_go_wrong_has_a_word_of_its_own_in_every_language() {
    for (tag, ..) in FILES {
        let strings = Strings::keep(tag, words(tag)).expect("a whole table");
        let mut reasons = strings.reasons().to_vec();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), strings.reasons().len(), "{tag}");
        assert_eq!(strings.is_rtl(), ["ar", "he"].contains(&tag));
    }
}

#[test]
fn a_plural_has_a_form_for_each_number_and_falls_back_on_other() {
    let polish = Strings::keep("pl", words("pl")).expect("a whole table");
    for (category, expected) in [
        ("one", "5 nowa wiadomość"),
        ("few", "5 nowe wiadomości"),
        ("many", "5 nowych wiadomości"),
        ("two", "5 nowej wiadomości"),
        ("", "5 nowej wiadomości"),
    ] {
        assert_eq!(polish.new_messages.text(category, "5"), expected);
    }
    let english: Plural = Strings::english().unread;
    assert_eq!(english.text("one", "1"), "1 unread message");
    assert_eq!(english.text("other", "1,000"), "1,000 unread messages");
    assert_eq!(Strings::english().joined_by(Some("{name}")), "{name} joined the conversation");
    assert_eq!(Strings::english().joined_by(None), "Support team joined the conversation");
}

fn asked(effects: &[Effect]) -> Vec<&'static str> {
    let locale =
        |effect: &Effect| if let Effect::LoadWords { locale } = effect { Some(*locale) } else { None };
    effects.iter().filter_map(locale).collect()
}

fn set(locale: Option<&str>) -> Command {
    Command::SetLocale { locale: locale.map(Into::into) }
}

#[test]
fn a_language_is_fetched_once_and_then_spoken() {
    let mut machine = Machine::ready();
    assert_eq!(machine.ask(set(Some("fr-CA"))), CommandResult::Done);
    assert_eq!(asked(&machine.effects), ["fr"]);
    assert_eq!(machine.view().strings.locale, "en", "until the words are there");
    machine.ask(Command::GetState);
    assert_eq!(asked(&machine.effects), Vec::<&str>::new(), "nothing is asked twice");
    machine.send(Msg::Words { locale: "fr", words: Some(words("fr")) });
    assert_eq!((machine.view().strings.locale, machine.view().locale), ("fr", "fr-CA"));
    assert_eq!(machine.view().strings.send, "Envoyer");
    assert!(!machine.view().rtl);

    machine.ask(set(Some("ar")));
    machine.send(Msg::Words { locale: "ar", words: Some(words("ar")) });
    assert!(machine.view().rtl);
    machine.ask(set(Some("fr")));
    assert_eq!(asked(&machine.effects), Vec::<&str>::new(), "it is here already");
    assert_eq!(machine.view().strings.locale, "fr");
    machine.ask(set(None));
    assert_eq!(machine.view().strings.locale, "en");
    machine.ui(UiEvent::Submitted("Hi".into()));
    assert_eq!(machine.posted().1.locale, None, "nobody has said");
}

#[test]
fn words_that_are_too_few_or_do_not_come_change_nothing_and_are_asked_for_again() {
    for bad in [None, Some(Vec::new()), Some(words("de")[1..].to_vec())] {
        let mut machine = Machine::ready();
        machine.ask(set(Some("de")));
        machine.send(Msg::Words { locale: "de", words: bad });
        assert_eq!((machine.view().strings.locale, machine.view().locale), ("en", "en"));
        assert_eq!(asked(&machine.effects), Vec::<&str>::new(), "not at once");
        machine.send(Msg::Online);
        assert_eq!(asked(&machine.effects), ["de"]);
        machine.send(Msg::Words { locale: "de", words: None });
        machine.ask(set(Some("de")));
        assert_eq!(asked(&machine.effects), ["de"]);
        machine.send(Msg::Words { locale: "de", words: Some(words("de")) });
        assert_eq!(machine.view().strings.locale, "de");
    }
}

#[test]
fn words_that_come_late_wait_until_they_are_wanted() {
    let mut machine = Machine::ready();
    machine.ask(set(Some("de")));
    machine.ask(set(Some("it")));
    assert_eq!(asked(&machine.effects), ["it"]);
    machine.send(Msg::Words { locale: "it", words: Some(words("it")) });
    machine.send(Msg::Words { locale: "de", words: Some(words("de")) });
    assert_eq!(machine.view().strings.locale, "it");
    machine.ask(set(Some("de")));
    assert_eq!(machine.view().strings.locale, "de");
}

#[test]
fn the_browsers_language_waits_for_the_agents() {
    for (agent, spoken) in [(None, "de"), (Some("fr"), "en")] {
        let mut machine = Machine::new(Options { browser_locale: "de".into(), ..Options::default() });
        machine.send(Msg::Start);
        assert_eq!(asked(&machine.effects), ["de"]);
        let ticket = machine.ticket_of("LoadConfig");
        machine.send(Msg::Words { locale: "de", words: Some(words("de")) });
        assert_eq!(machine.view().strings.locale, "en", "a language is not spoken for a moment");
        let mut config = config();
        config.locale = agent.map(Into::into);
        machine.send(Msg::Config { ticket, result: Ok(config) });
        assert_eq!(machine.view().strings.locale, spoken);
        assert_eq!(asked(&machine.effects), agent.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn what_went_wrong_before_is_said_in_the_new_language_too() {
    let mut machine = Machine::ready();
    machine.ui(UiEvent::Submitted("x".repeat(8_001)));
    let said = |machine: &Machine| machine.view().panel.banner.map(|banner| banner.text);
    assert_eq!(said(&machine), Some(Strings::english().too_long));
    machine.ask(set(Some("es")));
    machine.send(Msg::Words { locale: "es", words: Some(words("es")) });
    assert_eq!(said(&machine), Some(machine.view().strings.too_long));
    assert_eq!(machine.view().strings.locale, "es");
}

#[test]
fn a_language_without_words_is_told_to_the_agent_and_the_visitor_reads_english() {
    let mut machine = Machine::ready();
    assert_eq!(machine.ask(set(Some("sv-SE"))), CommandResult::Done);
    assert_eq!(asked(&machine.effects), Vec::<&str>::new());
    assert_eq!((machine.view().strings.locale, machine.view().locale), ("en", "en"));
    let fields = machine.ask(Command::GetState).fields();
    assert!(fields.contains(&("locale", Value::Text("sv-SE".into()))));
    machine.ui(UiEvent::Submitted("Hej".into()));
    assert_eq!(machine.posted().1.locale.as_deref(), Some("sv-SE"));
}
