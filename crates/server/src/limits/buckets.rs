//! Where token buckets stand: in a map that is bounded, by a clock that never goes back.
//!
//! A bucket is one number (governor's GCRA: the time at which it is full again), so that nothing has to
//! refill it. The map keeps the keys that were asked for last, in two generations: when the newer one is
//! full, it becomes the older one, and what the older one held is forgotten at once. A key that goes on
//! asking is moved along and never forgotten; one that is forgotten has been quiet while at least
//! [`GENERATION`] others asked, and finds a full bucket when it comes back.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use eloquent_types::time::Timestamp;
use governor::{RateLimiter, middleware::NoOpMiddleware, nanos::Nanos, state::StateStore};

use super::{Rate, TooMany};
use crate::clock::Clock;

/// How many keys a generation holds. Two of them with keys of 40 bytes take about 3 MB.
const GENERATION: usize = 16_384;

/// The buckets of one kind.
pub(super) struct Buckets<K: Hash + Eq + Clone>(
    RateLimiter<K, Recent<K>, SteadyClock, NoOpMiddleware<Duration>>,
);

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub(super) fn new(rate: Rate, clock: SteadyClock) -> Self {
        Self(RateLimiter::new(rate.quota(), Recent::default(), clock))
    }

    /// Takes one from the key's bucket, or says how long it will be empty.
    pub(super) fn take(&self, key: &K) -> Result<(), TooMany> {
        let clock = self.0.clock();
        self.0
            .check_key(key)
            .map_err(|refusal| TooMany { wait: refusal.wait_time_from(governor::clock::Clock::now(clock)) })
    }
}

/// The state of the keys that were asked for last.
struct Recent<K>(Mutex<Generations<K>>);

struct Generations<K> {
    newer: HashMap<K, Nanos>,
    older: HashMap<K, Nanos>,
}

impl<K> Default for Recent<K> {
    fn default() -> Self {
        Self(Mutex::new(Generations { newer: HashMap::new(), older: HashMap::new() }))
    }
}

impl<K: Hash + Eq + Clone> Generations<K> {
    fn put(&mut self, key: &K, state: Nanos) {
        if self.newer.len() >= GENERATION && !self.newer.contains_key(key) {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(key.clone(), state);
    }
}

impl<K: Hash + Eq + Clone> StateStore for Recent<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.newer.get(key).or_else(|| kept.older.get(key)).copied();
        match decide(known) {
            Ok((outcome, next)) => {
                kept.put(key, next);
                Ok(outcome)
            }
            Err(refusal) => {
                // Who is refused is kept as well: or else knocking on would be rewarded.
                if let Some(known) = known {
                    kept.put(key, known);
                }
                Err(refusal)
            }
        }
    }
}

/// The longest step that the clock takes: after it every bucket is full anyway.
const LONGEST_STEP: Duration = Duration::from_hours(24);

/// The time that has passed since the start, by the application's clock. Where that is put back, this
/// one stands still for as long as it takes to read it again, so that nobody waits for hours; where it is
/// put forward, buckets are full early.
#[derive(Clone)]
pub(super) struct SteadyClock(Arc<Steady>);

struct Steady {
    clock: Arc<dyn Clock>,
    reading: Mutex<Reading>,
}

struct Reading {
    last: Timestamp,
    passed: Duration,
}

impl SteadyClock {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let reading = Mutex::new(Reading { last: clock.now(), passed: Duration::ZERO });
        Self(Arc::new(Steady { clock, reading }))
    }
}

impl governor::clock::Clock for SteadyClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let now = self.0.clock.now();
        let mut reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let step = now.since(reading.last).min(LONGEST_STEP);
        reading.passed = reading.passed.saturating_add(step);
        reading.last = now;
        reading.passed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    /// A clock that can be put back, too.
    struct AnyClock(AtomicI64);

    impl AnyClock {
        fn at(millis: i64) -> Arc<Self> {
            Arc::new(Self(AtomicI64::new(millis)))
        }

        fn set(&self, millis: i64) {
            self.0.store(millis, Ordering::SeqCst);
        }
    }

    impl Clock for AnyClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    fn buckets(burst: u32, every: Duration, clock: &Arc<AnyClock>) -> Buckets<u64> {
        Buckets::new(Rate::new(burst, every), SteadyClock::new(Arc::clone(clock) as Arc<dyn Clock>))
    }

    fn waits(buckets: &Buckets<u64>, key: u64) -> Option<Duration> {
        buckets.take(&key).err().map(|TooMany { wait }| wait)
    }

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let clock = AnyClock::at(1_000_000);
        let buckets = buckets(3, Duration::from_secs(2), &clock);
        for _ in 0..3 {
            assert_eq!(waits(&buckets, 1), None);
        }
        assert_eq!(waits(&buckets, 1), Some(Duration::from_secs(2)));
        assert_eq!(waits(&buckets, 2), None, "each key has a bucket of its own");
        clock.set(1_001_500);
        assert_eq!(waits(&buckets, 1), Some(Duration::from_millis(500)));
        clock.set(1_002_000);
        assert_eq!(waits(&buckets, 1), None);
        assert!(waits(&buckets, 1).is_some(), "being refused costs nothing, and one came back");
        clock.set(1_100_000);
        for _ in 0..3 {
            assert_eq!(waits(&buckets, 1), None, "no more than the burst is saved up");
        }
        assert!(waits(&buckets, 1).is_some());
    }

    #[test]
    fn a_clock_that_is_put_back_makes_nobody_wait() {
        let clock = AnyClock::at(1_000_000_000);
        let buckets = buckets(1, Duration::from_secs(2), &clock);
        assert_eq!(waits(&buckets, 1), None);
        clock.set(1);
        assert_eq!(waits(&buckets, 1), Some(Duration::from_secs(2)));
        clock.set(2_001);
        assert_eq!(waits(&buckets, 1), None);
        clock.set(i64::MAX);
        assert_eq!(waits(&buckets, 1), None);
        clock.set(i64::MIN);
        assert!(waits(&buckets, 1).is_some());
    }

    #[test]
    fn a_flood_of_keys_takes_bounded_memory_and_frees_nobody_who_goes_on() {
        let clock = AnyClock::at(0);
        let buckets = buckets(1, Duration::from_hours(1), &clock);
        assert_eq!(waits(&buckets, 0), None);
        let many = u64::try_from(GENERATION).unwrap() * 5;
        for key in 1..many {
            assert_eq!(waits(&buckets, key), None);
            if key % 1_000 == 0 {
                assert!(waits(&buckets, 0).is_some(), "after {key} others");
            }
        }
        assert_eq!(waits(&buckets, 1), None, "one who was quiet since is forgotten");
        let kept = buckets.0.into_state_store().0.into_inner().unwrap();
        assert!(kept.newer.len() + kept.older.len() <= 2 * GENERATION);
    }
}
