//! Whether a key can be revoked without anybody noticing.

use std::time::Duration;

use eloquent_store::KeyInfo;
use eloquent_types::time::Timestamp;

use super::super::words;
use crate::view::IDLE_DAYS;

/// How long a key is to have been unused before it is called safe to revoke.
const IDLE: Duration = Duration::from_hours(IDLE_DAYS as u64 * 24);

/// What is to be considered before a key is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It identifies nobody any more.
    Ended,
    /// Without it nobody is identified.
    OnlyActive,
    /// Nothing has used it for so long.
    Safe(Duration),
    /// It was used so long ago.
    Used(Duration),
    /// It was created so long ago and never used; a server may be about to.
    Fresh(Duration),
}

impl Standing {
    /// The standing of a key of an agent that has so many active ones.
    pub(super) fn of(key: &KeyInfo, active: usize, now: Timestamp) -> Self {
        let idle = now.since(key.idle_since());
        if !key.is_active(now) {
            Self::Ended
        } else if active < 2 {
            Self::OnlyActive
        } else if key.is_safe_to_revoke(now, IDLE) {
            Self::Safe(idle)
        } else if key.last_used_at.is_some() {
            Self::Used(idle)
        } else {
            Self::Fresh(idle)
        }
    }

    pub(super) const fn is_safe(self) -> bool {
        matches!(self, Self::Safe(_))
    }

    /// The standing in words; none for a key that has ended.
    pub(super) fn text(self) -> Option<String> {
        Some(match self {
            Self::Ended => return None,
            Self::OnlyActive => "Your only active key".to_owned(),
            Self::Safe(idle) => format!("Safe to revoke: unused for {}", words::span(idle)),
            Self::Used(idle) if idle < Duration::from_mins(1) => "In use: used just now".to_owned(),
            Self::Used(idle) => format!("In use: used {} ago", words::span(idle)),
            Self::Fresh(idle) if idle < Duration::from_hours(24) => "Never used, created today".to_owned(),
            Self::Fresh(idle) => format!("Never used, created {} ago", words::span(idle)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn key(created: Duration, used: Option<Duration>) -> KeyInfo {
        let before = |passed: Duration| {
            Timestamp::from_millis(NOW.as_millis() - i64::try_from(passed.as_millis()).unwrap())
        };
        KeyInfo {
            id: eloquent_types::id::Id::mint(NOW, [0; 10]),
            name: "Production".to_owned(),
            last_four: "abcd".to_owned(),
            created_at: before(created),
            last_used_at: used.map(before),
            use_count: u64::from(used.is_some()),
            retires_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_is_safe_to_revoke_when_it_is_idle_and_another_one_is_active() {
        let days = |days: u64| Duration::from_hours(24 * days);
        let hours = Duration::from_hours;
        for (created, used, active, expected) in [
            (days(40), Some(days(12)), 2, "Safe to revoke: unused for 12 days"),
            (days(40), None, 2, "Safe to revoke: unused for 40 days"),
            (days(40), Some(hours(2)), 2, "In use: used 2 hours ago"),
            (days(40), Some(hours(0)), 2, "In use: used just now"),
            (hours(3), None, 2, "Never used, created today"),
            (days(3), None, 2, "Never used, created 3 days ago"),
            (days(40), Some(days(12)), 1, "Your only active key"),
        ] {
            let standing = Standing::of(&key(created, used), active, NOW);
            assert_eq!(standing.text().as_deref(), Some(expected));
            assert_eq!(standing.is_safe(), expected.starts_with("Safe"));
        }
    }

    #[test]
    fn of_a_key_that_has_ended_there_is_nothing_to_consider() {
        let revoked = KeyInfo { revoked_at: Some(NOW), ..key(Duration::from_hours(9_999), None) };
        let retired = KeyInfo { retires_at: Some(NOW), ..key(Duration::from_hours(9_999), None) };
        for ended in [revoked, retired] {
            assert_eq!(Standing::of(&ended, 2, NOW), Standing::Ended);
            assert_eq!(Standing::of(&ended, 2, NOW).text(), None);
        }
    }
}
