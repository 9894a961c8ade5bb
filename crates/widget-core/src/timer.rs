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
    Config,
    /// The server has not answered `identify` in time.
    IdentifyTimeout,
    /// The server has not accepted the message in time.
    AcceptTimeout,
    /// Try the message again, or take up the stream again.
    Reconnect,
    /// Ask for the history again.
    Restore,
}
