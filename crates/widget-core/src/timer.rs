//! Timers: what the machine waits for.

/// A running timer. Its number is never used twice in a machine's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerId(pub(crate) u32);

impl TimerId {
    /// The timer's number.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What a timer is for. At most one of each runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimerKind {
    /// Ask for the configuration again.
    Agent,
    /// The server has not answered `identify` in time.
    Identify,
    /// The server has not accepted the message in time.
    Accept,
    /// Try the message again, or take up the stream again.
    Reconnect,
    /// Ask for the history again.
    Fetch,
}

/// How long the server may take over `identify`.
pub(crate) const IDENTIFY_MILLIS: u32 = 15_000;

/// How long the server may take to accept a message.
pub(crate) const ACCEPT_MILLIS: u32 = 20_000;

/// How often something is tried, the first time included, before the visitor is asked.
pub(crate) const TRIES: u32 = 4;

/// How often a broken stream is taken up again before the visitor is asked.
pub(crate) const RESUMES: u32 = 8;

/// The longest pause.
const PAUSE_MAX_MILLIS: u32 = 30_000;

/// The pause after so many failures: 1 s, 2 s, 4 s, …
pub(crate) fn pause_millis(failures: u32) -> u32 {
    (1000 << failures.saturating_sub(1).min(5)).min(PAUSE_MAX_MILLIS)
}

/// The pause that the server asked for, if it is short enough to be waited for unasked.
pub(crate) fn asked_pause_millis(retry_after: u32) -> Option<u32> {
    let millis = retry_after.saturating_mul(1000).max(1000);
    (millis <= PAUSE_MAX_MILLIS).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let pauses: Vec<u32> = [0, 1, 2, 3, 4, 5, 6, u32::MAX].into_iter().map(pause_millis).collect();
        assert_eq!(pauses, [1000, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn waits_as_long_as_asked_but_not_for_ever() {
        assert_eq!(asked_pause_millis(0), Some(1000));
        assert_eq!(asked_pause_millis(30), Some(30_000));
        assert_eq!(asked_pause_millis(31), None);
        assert_eq!(asked_pause_millis(u32::MAX), None);
    }
}
