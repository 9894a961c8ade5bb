//! Slows guessing at passwords: after a number of failures that cost nothing, a wait that each
//! further one doubles.
//!
//! In memory, for one process: a restart forgets it. What is kept are hashes of what was tried, of at
//! most [`KEPT_MAX`] accounts and addresses; beyond that the longest quiet one is forgotten. Whoever
//! wants to free an account early by crowding it out must fail at as many others first, and each try
//! costs a password hash.
//!
//! Invariant: an attempt counts as failed from its beginning, so that many at once are no way around.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use eloquent_types::time::Timestamp;

/// The first wait; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// After this long without an attempt, all is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);
/// How many keys are kept.
const KEPT_MAX: usize = 10_000;

/// What is counted: the SHA-256 of an account's email, or of an address.
pub(super) type Key = [u8; 32];

/// Failed attempts by key.
#[derive(Debug)]
pub(super) struct Limiter {
    free: u32,
    kept: Mutex<HashMap<Key, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Limiter {
    /// A limiter for which `free` failures cost no wait.
    pub(super) fn new(free: u32) -> Self {
        Self { free, kept: Mutex::default() }
    }

    /// Lets an attempt begin, counting it as failed, or says how long to wait.
    pub(super) fn begin(&self, key: Key, now: Timestamp) -> Result<(), Duration> {
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX && !kept.contains_key(&key) {
            make_room(&mut kept, now);
        }
        let failures = kept.entry(key).or_insert(Failures { count: 0, last: now });
        if now.since(failures.last) >= FORGOTTEN_AFTER {
            failures.count = 0;
        }
        let left = self.wait_after(failures.count).saturating_sub(now.since(failures.last));
        if !left.is_zero() {
            return Err(left);
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
        Ok(())
    }

    /// The attempt succeeded: all is forgotten.
    pub(super) fn succeeded(&self, key: Key) {
        self.lock().remove(&key);
    }

    fn wait_after(&self, failures: u32) -> Duration {
        let Some(beyond) = failures.checked_sub(self.free) else { return Duration::ZERO };
        FIRST_WAIT.saturating_mul(1 << beyond.min(10)).min(LONGEST_WAIT)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Failures>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(kept: &mut HashMap<Key, Failures>, now: Timestamp) {
    kept.retain(|_, failures| now.since(failures.last) < FORGOTTEN_AFTER);
    if kept.len() >= KEPT_MAX
        && let Some(quietest) = kept.iter().min_by_key(|(_, failures)| failures.last).map(|(key, _)| *key)
    {
        kept.remove(&quietest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: u32 = 5;
    const A: Key = [1; 32];
    const B: Key = [2; 32];

    #[test]
    fn the_wait_doubles_and_is_bounded() {
        let limiter = Limiter::new(FREE);
        let mut now = Timestamp::from_secs(1_700_000_000);
        for _ in 0..FREE {
            assert_eq!(limiter.begin(A, now), Ok(()));
        }
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(limiter.begin(A, now), Err(wait));
            assert_eq!(limiter.begin(B, now), Ok(()), "another account is not concerned");
            limiter.succeeded(B);
            now = now + wait;
            assert_eq!(limiter.begin(A, now), Ok(()));
        }
        now = now + FORGOTTEN_AFTER;
        assert_eq!(limiter.begin(A, now), Ok(()));
        assert_eq!(limiter.begin(A, now), Ok(()));
    }

    #[test]
    fn a_success_forgets() {
        let limiter = Limiter::new(FREE);
        let now = Timestamp::from_secs(1_700_000_000);
        for _ in 0..3 {
            for _ in 0..FREE {
                assert_eq!(limiter.begin(A, now), Ok(()));
            }
            limiter.succeeded(A);
        }
    }

    #[test]
    fn memory_is_bounded_and_the_quietest_goes_first() {
        let limiter = Limiter::new(FREE);
        let start = Timestamp::from_secs(1_700_000_000);
        for _ in 0..FREE {
            limiter.begin(A, start + Duration::from_secs(1)).unwrap();
        }
        for index in 0..KEPT_MAX + 5 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&index.to_be_bytes());
            let at = if index < 10 { start } else { start + Duration::from_secs(2) };
            limiter.begin(key, at).unwrap();
        }
        assert_eq!(limiter.lock().len(), KEPT_MAX);
        assert!(limiter.begin(A, start + Duration::from_secs(2)).is_err());
    }
}
