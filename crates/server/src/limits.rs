//! How often somebody may ask: token buckets by session, by client address and by agent, apart for
//! `identify`, for `chat` and for everything else; and how many new anonymous sessions an address may
//! make.
//!
//! Refusing is all that happens here, and nothing is stored of what is refused. It comes before the body
//! is read; by session and address also before the database is asked for anything, and by agent once it is
//! known that there is such an agent. Only that a session is new turns out later: then what was begun is
//! undone. A request takes from the narrowest bucket first, so that one session that asks too often uses up
//! nothing of the address and the agent that it shares with others.
//!
//! By default ([`Rates::default`]), so many at once and then so many more:
//!
//! | | with one session | from one address | to one agent |
//! |---|---|---|---|
//! | `identify` | 20, one each 2 s | 200, 10 a second | 2,000, 200 a second |
//! | `chat` | 20, one each 2 s | 200, 10 a second | 2,000, 200 a second |
//! | anything else | 100, 5 a second | 1,000, 50 a second | 10,000, 1,000 a second |
//! | `chat` that begins an anonymous session | | 60, one each 10 s | |
//!
//! Streams that follow conversations are counted while they are open ([`StreamLimits`]): by default 8 with one
//! session, 64 from one address, 10,000 in all.
//!
//! In memory, for one process: a restart fills every bucket. The memory is bounded, whatever is sent.

mod buckets;
mod followers;

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use eloquent_store::SessionHash;
use eloquent_types::id::AgentId;
use governor::Quota;

pub use self::followers::{Followers, Slot, StreamLimits};

use self::buckets::{Buckets, SteadyClock};
use crate::{client_address::ClientAddress, clock::Clock};

/// So many at once, and one more each time this long has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: NonZeroU32,
    every: Duration,
}

impl Rate {
    /// A rate; a burst of none counts as one.
    #[must_use]
    pub const fn new(burst: u32, every: Duration) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, every }
    }

    fn quota(self) -> Quota {
        // No time between two of them means no limit, which a nanosecond is as good as.
        let every = self.every.max(Duration::from_nanos(1));
        Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(self.burst)
    }
}

/// How often one kind of request may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// With the same session.
    pub session: Rate,
    /// From the same client address.
    pub address: Rate,
    /// To the same agent.
    pub agent: Rate,
}

/// All rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of `identify`.
    pub identify: Scopes,
    /// Of `chat`.
    pub chat: Scopes,
    /// Of everything else in the widget's API.
    pub read: Scopes,
    /// Of chat messages that would begin an anonymous session, from the same client address.
    pub new_sessions: Rate,
    /// How many streams may follow conversations at once.
    pub streams: StreamLimits,
}

impl Default for Rates {
    /// What a person who types never meets, nor an office of 200 of them behind one address; a script
    /// does.
    fn default() -> Self {
        let a_second = |count| Duration::from_secs(1) / count;
        let writing = Scopes {
            session: Rate::new(20, Duration::from_secs(2)),
            address: Rate::new(200, a_second(10)),
            agent: Rate::new(2_000, a_second(200)),
        };
        // Opening the chat takes four requests, and each message that comes back one more where a
        // connection does not last.
        let reading = Scopes {
            session: Rate::new(100, a_second(5)),
            address: Rate::new(1_000, a_second(50)),
            agent: Rate::new(10_000, a_second(1_000)),
        };
        let new_sessions = Rate::new(60, Duration::from_secs(10));
        Self {
            identify: writing,
            chat: writing,
            read: reading,
            new_sessions,
            streams: StreamLimits::default(),
        }
    }
}

/// Whether there are limits, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits(Option<Rates>);

impl Limits {
    /// These.
    #[must_use]
    pub const fn of(rates: Rates) -> Self {
        Self(Some(rates))
    }

    /// No limits: for measurements, and where something in front of the server has its own.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(Rates::default())
    }
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `identify`.
    Identify,
    /// `chat`.
    Chat,
    /// Anything else.
    Read,
}

/// The bucket is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests")]
pub struct TooMany {
    /// How long it stays so.
    pub wait: Duration,
}

/// Every bucket.
pub struct Limiters(Option<All>);

struct All {
    identify: Limiter,
    chat: Limiter,
    read: Limiter,
    new_sessions: Buckets<ClientAddress>,
}

struct Limiter {
    sessions: Buckets<SessionHash>,
    addresses: Buckets<ClientAddress>,
    agents: Buckets<AgentId>,
}

impl Limiters {
    /// Full buckets, refilled by this clock.
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let clock = SteadyClock::new(clock);
        let limiter = |scopes: Scopes| Limiter {
            sessions: Buckets::new(scopes.session, clock.clone()),
            addresses: Buckets::new(scopes.address, clock.clone()),
            agents: Buckets::new(scopes.agent, clock.clone()),
        };
        Self(limits.0.map(|rates| All {
            identify: limiter(rates.identify),
            chat: limiter(rates.chat),
            read: limiter(rates.read),
            new_sessions: Buckets::new(rates.new_sessions, clock.clone()),
        }))
    }

    fn limiter(&self, kind: Kind) -> Option<&Limiter> {
        let all = self.0.as_ref()?;
        Some(match kind {
            Kind::Identify => &all.identify,
            Kind::Chat => &all.chat,
            Kind::Read => &all.read,
        })
    }

    /// Lets a client ask, by the session that it presents, whether that lives or not, and its address.
    pub fn let_in(
        &self,
        kind: Kind,
        session: Option<&SessionHash>,
        address: Option<&ClientAddress>,
    ) -> Result<(), TooMany> {
        let Some(limiter) = self.limiter(kind) else { return Ok(()) };
        session.map_or(Ok(()), |session| limiter.sessions.take(session))?;
        address.map_or(Ok(()), |address| limiter.addresses.take(address))
    }

    /// Lets an agent that exists be asked.
    pub fn let_through(&self, kind: Kind, agent: &AgentId) -> Result<(), TooMany> {
        self.limiter(kind).map_or(Ok(()), |limiter| limiter.agents.take(agent))
    }

    /// Lets an anonymous session begin.
    pub fn begin_session(&self, address: Option<&ClientAddress>) -> Result<(), TooMany> {
        match (&self.0, address) {
            (Some(all), Some(address)) => all.new_sessions.take(address),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Limiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limiters(…)")
    }
}
