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
    /// See whether the token ends.
    Term,
    /// The page has not given a token in time, or is to be asked again.
    Renewal,
    /// What is to be sent has waited long enough for a fresh token.
    Hold,
    /// Ask for a page of older messages again.
    Page,
    /// There has been no connection for long enough to say so.
    Grace,
    /// Nobody has looked at the tab for long enough to stop following the conversation.
    Doze,
}

/// How long the server may take over `identify`.
pub(crate) const IDENTIFY_MILLIS: u32 = 15_000;

/// How long the server may take to accept a message.
pub(crate) const ACCEPT_MILLIS: u32 = 20_000;

/// How long the page may take to give a token.
pub(crate) const GET_TOKEN_MILLIS: u32 = 10_000;

/// How long a message waits for a fresh token.
pub(crate) const HOLD_MILLIS: u32 = 3_000;

/// How often the page is asked for a token in place of one that is over, before it takes the visitor
/// to do something.
pub(crate) const RENEWALS: u32 = 8;

/// After how long the clock is looked at in any case. Far under the 24 days that a browser's timer can
/// count.
pub(crate) const TERM_CHECK_MILLIS: u32 = 300_000;

/// The longest pause between two questions for a token.
const RENEWAL_PAUSE_MAX_MILLIS: u32 = 60_000;

/// How often something is tried, the first time included, before the visitor is asked.
pub(crate) const TRIES: u32 = 4;

/// How often a broken stream is taken up again before the visitor is asked.
pub(crate) const RESUMES: u32 = 8;

/// How long there may be no connection before it is said.
pub(crate) const GRACE_MILLIS: u32 = 4_000;

/// How long the conversation is followed after the last sign of life, while nobody looks at the tab.
pub(crate) const DOZE_MILLIS: u32 = 60_000;

/// How long a stream may be silent before it is opened anew when the tab is looked at again.
pub(crate) const STALE_MILLIS: i64 = 30_000;

/// The longest pause.
pub(crate) const PAUSE_MAX_MILLIS: u32 = 30_000;

/// The pause after so many failures: up to 1 s, 2 s, 4 s, … 30 s, and up to a quarter less, as `chance`
/// has it: the tabs of a server that was down are not to come back at one moment.
pub(crate) fn pause_millis(failures: u32, chance: u32) -> u32 {
    back_off(failures, chance, PAUSE_MAX_MILLIS)
}

/// The pause after so many failures to get a token: the same, up to 60 s.
pub(crate) fn renewal_pause_millis(failures: u32, chance: u32) -> u32 {
    back_off(failures, chance, RENEWAL_PAUSE_MAX_MILLIS)
}

fn back_off(failures: u32, chance: u32, limit: u32) -> u32 {
    let most = (1000 << failures.saturating_sub(1).min(6)).min(limit);
    most - chance % (most / 4)
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
        let most = |failures| pause_millis(failures, 0);
        let pauses: Vec<u32> = [0, 1, 2, 3, 4, 5, 6, u32::MAX].into_iter().map(most).collect();
        assert_eq!(pauses, [1000, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn no_two_pauses_need_be_the_same() {
        for (failures, most) in [(1, 1000), (3, 4000), (u32::MAX, PAUSE_MAX_MILLIS)] {
            for chance in [0, 1, 249, 250, u32::MAX] {
                let pause = pause_millis(failures, chance);
                assert!(pause <= most && pause > most - most / 4, "{failures} {chance}: {pause}");
            }
            assert_ne!(pause_millis(failures, 0), pause_millis(failures, 1));
        }
    }

    #[test]
    fn pauses_between_questions_grow_to_a_limit_and_differ() {
        for (failures, most) in
            [(1, 1000), (2, 2000), (3, 4000), (6, 32_000), (7, 60_000), (u32::MAX, 60_000)]
        {
            for chance in [0, 1, 249, 250, 14_999, 15_000, u32::MAX] {
                let pause = renewal_pause_millis(failures, chance);
                assert!(pause <= most && pause > most - most / 4, "{failures} {chance}: {pause}");
            }
            assert_ne!(renewal_pause_millis(failures, 0), renewal_pause_millis(failures, 1));
        }
    }

    #[test]
    fn waits_as_long_as_asked_but_not_for_ever() {
        assert_eq!(asked_pause_millis(0), Some(1000));
        assert_eq!(asked_pause_millis(30), Some(30_000));
        assert_eq!(asked_pause_millis(31), None);
        assert_eq!(asked_pause_millis(u32::MAX), None);
    }
}
