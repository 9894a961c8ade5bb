//! How spans of time and shares are said.

use std::time::Duration;

use eloquent_types::time::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span in its largest whole unit: `12 days`, `1 hour`, `0 seconds`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        DAY.. => (seconds / DAY, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// How long ago something was: `2 hours ago`.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> String {
    let passed = now.since(then);
    if passed.as_secs() < MINUTE { "just now".to_owned() } else { format!("{} ago", span(passed)) }
}

/// How far ahead something is: `in 3 days`.
pub(super) fn ahead(now: Timestamp, then: Timestamp) -> String {
    let left = then.since(now);
    if left.as_secs() < MINUTE { "in under a minute".to_owned() } else { format!("in {}", span(left)) }
}

/// A span that was measured in seconds, never negative here: with one decimal where it is short.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 10.0 { format!("{:.1} s", seconds.max(0.0)) } else { span(duration(seconds)) }
}

/// The span of so many seconds, whatever number a token holds.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// A share of 0 to 1 in per cent. Neither "0%" nor "100%" is said of what is not exactly that.
pub(super) fn percent(share: f64) -> String {
    if share <= 0.0 {
        "0%".to_owned()
    } else if share >= 1.0 {
        "100%".to_owned()
    } else {
        let tenths = (share * 1000.0).round().clamp(1.0, 999.0);
        format!("{}%", tenths / 10.0)
    }
}

/// A count with its noun.
pub(in crate::http::dashboard) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A number with commas between its thousands.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (7_200, "2 hours"),
            (86_400, "1 day"),
            (12 * 86_400 + 5, "12 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn what_was_and_what_will_be_is_told_from_now() {
        let at = Timestamp::from_secs;
        assert_eq!(ago(at(100), at(90)), "just now");
        assert_eq!(ago(at(10_000), at(10_000 - 7_300)), "2 hours ago");
        assert_eq!(ago(at(90), at(100)), "just now");
        assert_eq!(ahead(at(0), at(3 * 86_400 + 7)), "in 3 days");
        assert_eq!(ahead(at(100), at(90)), "in under a minute");
    }

    #[test]
    fn any_number_of_seconds_can_be_said() {
        for (number, said) in
            [(0.04, "0.0 s"), (4.25, "4.2 s"), (75.0, "1 minute"), (-3.0, "0.0 s"), (f64::NAN, "0 seconds")]
        {
            assert_eq!(seconds(number), said);
        }
        assert!(seconds(1e300).ends_with("days"));
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (share, said) in [
            (0.0, "0%"),
            (0.000_01, "0.1%"),
            (0.5, "50%"),
            (0.123_4, "12.3%"),
            (0.999_99, "99.9%"),
            (1.0, "100%"),
        ] {
            assert_eq!(percent(share), said);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (count, said) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), said);
        }
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(1_200, "request"), "1,200 requests");
    }
}
