//! What every request shares: the store, the clock, the running answers; and the router that is put
//! together from it.

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

use eloquent_store::Store;
use eloquent_types::{id::Id, time::Timestamp};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    client_address::Network,
    clock::Clock,
    entropy::{self, EntropyError},
    identity_log::IdentityLog,
    limits::{Followers, Limiters, Limits},
    live::Live,
};

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What the application is made of.
pub struct Inner {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Doorbells of conversations and the answers being written.
    pub live: Live,
    /// Every task that outlives its request.
    pub tasks: TaskTracker,
    /// Cancelled when the server stops: streams end, answers are marked.
    pub stopping: CancellationToken,
    /// The identity log, where it is written beside the answers.
    pub identity_log: IdentityLog,
    /// How often visitors may still ask.
    pub limiters: Limiters,
    /// Who follows conversations, counted.
    pub followers: Followers,
    /// What can be set.
    pub options: Options,
}

/// The settings that requests depend on.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address under which browsers reach this server, without a slash at the end.
    pub public_url: String,
    /// Tolerance for the clocks of the sites that sign tokens.
    pub clock_skew: Duration,
    /// The pause between two pieces of a built-in answer.
    pub pace: Duration,
    /// How often visitors may ask.
    pub limits: Limits,
    /// The proxies that are believed when they name the client's address.
    pub trusted_proxies: Vec<Network>,
    /// The demo shop's server part, where it is served.
    pub demo: Option<crate::demo::Shop>,
}

impl Options {
    /// The defaults, reached under this address.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            clock_skew: Duration::from_secs(10),
            pace: Duration::from_millis(12),
            limits: Limits::default(),
            trusted_proxies: Vec::new(),
            demo: None,
        }
    }
}

impl App {
    /// Puts the application together.
    pub fn new(store: Store, clock: impl Clock, options: Options) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let limiters = Limiters::new(options.limits, Arc::clone(&clock));
        Self(Arc::new(Inner {
            store,
            clock,
            live: Live::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            identity_log: IdentityLog::default(),
            limiters,
            followers: Followers::new(&options.limits),
            options,
        }))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id.
    pub fn mint<K>(&self) -> Result<Id<K>, EntropyError> {
        Ok(Id::mint(self.now(), entropy::bytes()?))
    }

    /// Whether a stop was asked for; what runs may still go on.
    pub fn is_stopping(&self) -> bool {
        self.tasks.is_closed()
    }

    /// Stops: open streams end, running answers get `grace` to finish and are marked interrupted
    /// after that.
    pub async fn stop(&self, grace: Duration) {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                running = self.tasks.len(),
                "answers were still running and are marked interrupted"
            );
        }
        self.stopping.cancel();
        self.tasks.wait().await;
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("options", &self.options).finish_non_exhaustive()
    }
}
