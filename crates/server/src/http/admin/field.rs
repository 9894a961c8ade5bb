//! What the fields of the administration API hold: for each kind a function from the value that came to
//! what it means, or to the end of the sentence "`name` must be …".

use std::{ops::RangeInclusive, str::FromStr, time::Duration};

use eloquent_store::{ClaimUse, Enforcement, OutcomeFilter, Surface};
use eloquent_types::{identify::IdentityCode, time::Timestamp};
use serde_json::Value;

use super::fields::Parsed;
use crate::view::{LONGEST_LIFETIME, NAME_MAX_CHARS};

/// How many rows a page of a list has, unless it is asked otherwise.
pub(super) const LIMIT_DEFAULT: u32 = 50;

/// The same or null, which stands for none.
pub(super) fn or_null<T>(
    parse: impl FnOnce(&Value) -> Parsed<T>,
) -> impl FnOnce(&Value) -> Parsed<Option<T>> {
    |value| if value.is_null() { Ok(None) } else { parse(value).map(Some) }
}

/// Any text.
pub(super) fn text(value: &Value) -> Parsed<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err("a string"),
    }
}

/// A name for people, without the white space around it.
pub(super) fn name(value: &Value) -> Parsed<String> {
    let wanted = "a string of 1 to 60 characters, none of them a control character";
    let text = text(value).map_err(|_| wanted)?;
    let name = text.trim();
    let fits = (1..=NAME_MAX_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(wanted) }
}

/// True or false; in a query, one of the two words.
pub(super) fn flag(value: &Value) -> Parsed<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err("true or false"),
    }
}

/// What becomes of visitors without a valid identity.
pub(super) fn enforcement(value: &Value) -> Parsed<Enforcement> {
    let wanted = "off, report or require";
    value.as_str().and_then(Enforcement::parse).ok_or(wanted)
}

/// A lifetime.
pub(super) fn seconds(value: &Value) -> Parsed<Duration> {
    let lifetime = value.as_u64().filter(|secs| *secs > 0).map(Duration::from_secs);
    lifetime
        .filter(|lifetime| *lifetime <= LONGEST_LIFETIME)
        .ok_or("whole seconds from 1 to 316224000, or null for any lifetime")
}

/// A point in time.
pub(super) fn time(value: &Value) -> Parsed<Timestamp> {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.ok_or("a time like 2026-01-31T12:00:00Z, or null")
}

/// A number of a query.
pub(super) fn number(value: &Value, range: RangeInclusive<u32>) -> Parsed<u32> {
    let number = value.as_str().and_then(|text| text.parse().ok());
    number.filter(|number| range.contains(number)).ok_or("a whole number that is not too large")
}

/// How many rows a page has.
pub(super) fn limit(value: &Value) -> Parsed<u32> {
    number(value, 1..=200).map_err(|_| "a whole number from 1 to 200")
}

/// From how many days without a use on a key counts as safe to revoke.
pub(super) fn idle_days(value: &Value) -> Parsed<u32> {
    number(value, 1..=3650).map_err(|_| "a whole number from 1 to 3650")
}

/// The days of the coverage.
pub(super) fn days(value: &Value) -> Parsed<u32> {
    number(value, 1..=30).ok().filter(|days| [1, 7, 30].contains(days)).ok_or("1, 7 or 30")
}

/// The number of a row of a log, which the answer before had as `next_before`.
pub(super) fn row_number(value: &Value) -> Parsed<u64> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or("the next_before of the page before")
}

/// What became of an attempt.
pub(super) fn outcome(value: &Value) -> Parsed<OutcomeFilter> {
    let text = value.as_str().unwrap_or_default();
    let code = || IdentityCode::ALL.into_iter().find(|code| code.as_str() == text).map(OutcomeFilter::Code);
    match text {
        "ok" => Ok(OutcomeFilter::Identified),
        "rejected" => Ok(OutcomeFilter::Rejected),
        _ => code().ok_or("ok, rejected, or the code of a verdict like token_expired"),
    }
}

/// What a token came with.
pub(super) fn surface(value: &Value) -> Parsed<Surface> {
    value.as_str().and_then(Surface::parse).ok_or("identify, chat or read")
}

/// A claim to look for: its name, or its name and value with a `=` between them.
pub(super) fn claim(value: &Value) -> Parsed<(String, Option<String>)> {
    let claim = text(value)?;
    Ok(match claim.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (claim, None),
    })
}

/// What becomes of a claim.
pub(super) fn claim_use(value: &Value) -> Parsed<ClaimUse> {
    value.as_str().and_then(ClaimUse::parse).ok_or("agent, dashboard or dropped")
}

/// An id of one kind.
pub(super) fn id<T: FromStr>(value: &Value) -> Parsed<T> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or("an id of the right kind")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(name(&json!("  Main key ")), Ok("Main key".to_owned()));
        assert!(name(&json!("é".repeat(60))).is_ok());
        for bad in [json!(""), json!("  "), json!("é".repeat(61)), json!("a\nb"), json!(3), json!(null)] {
            assert!(name(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lifetimes_are_whole_seconds_from_one_on() {
        assert_eq!(seconds(&json!(3600)), Ok(Duration::from_hours(1)));
        assert_eq!(or_null(seconds)(&json!(null)), Ok(None));
        for bad in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!("60"),
            json!(u64::MAX),
            json!(LONGEST_LIFETIME.as_secs() + 1),
        ] {
            assert!(seconds(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn flags_are_words_in_a_query() {
        assert_eq!([json!(true), json!("false")].each_ref().map(flag), [Ok(true), Ok(false)]);
        assert!(flag(&json!("yes")).is_err() && flag(&json!(1)).is_err());
    }
}
