//! What the commands print: rows for people or JSON, and text of other people's on a terminal.

use std::time::Duration;

use serde::Serialize;

use super::say;
use crate::view::NAME_MAX_CHARS;

/// A list, a line each or as one JSON array.
pub(super) fn list<T: Serialize>(as_json: bool, items: &[T], line: impl Fn(&T) -> String) {
    if as_json {
        json(&items);
    } else {
        for item in items {
            say(line(item));
        }
    }
}

/// A value as JSON in one line.
pub(super) fn json(value: &impl Serialize) {
    // Nothing that is shown can fail to become JSON: its keys are strings.
    say(serde_json::to_string(value).unwrap_or_default());
}

/// Text for a terminal: what could steer it, or turn the direction of what follows, is written out.
pub(super) fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

/// A name for people, without the white space around it, as the administration API takes it.
pub(super) fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=NAME_MAX_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        Ok(name.to_owned())
    } else {
        Err("1 to 60 characters, none of them a control character".to_owned())
    }
}

/// A length of time as it is given on the command line: `90s`, `24h`, `7days`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "a time like 90s, 24h or 7days".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain("Ada Okafor — 愛"), "Ada Okafor — 愛");
        assert_eq!(plain("a\u{1b}[2Jb\n\u{9b}\u{202e}"), "a\\u{1b}[2Jb\\u{a}\\u{9b}\\u{202e}");
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name(" Main key "), Ok("Main key".to_owned()));
        assert!(name(&"é".repeat(60)).is_ok());
        for bad in ["", "  ", "a\nb", "a\u{1b}[2J", &"é".repeat(61)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(span("24h"), Ok(Duration::from_hours(24)));
        assert_eq!(span("7days"), Ok(Duration::from_hours(168)));
        assert!(span("24").is_err() && span("").is_err() && span("-1h").is_err());
    }
}
