//! The identity log, as requests write it: beside the answer, which never waits for it, and with bounded
//! memory. What belongs to a change that is made anyway (an identity that is admitted) is written with
//! that change instead, in its transaction.
//!
//! A token never comes here; what it signed comes only where its signature held.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use eloquent_identity::{Judgement, Rejection, Signed};
use eloquent_store::{Agent, Enforcement, NewAttempt, StoreError, Surface, Writer};
use eloquent_types::{
    id::{AgentId, ConversationId, ProfileId},
    identify::IdentityCode,
    time::Timestamp,
};
use tokio::sync::Semaphore;

use crate::app::App;

/// How many entries may wait to be written. They come to the writer one by one, and it takes 256 at once:
/// that many wait only where the disk does not keep up.
const WAITING_MAX: u32 = 1024;

/// One in so many entries that are lost is told to the program's log, after the first.
const TOLD_EACH: u64 = 1000;

/// The entries that are being written beside their answers.
pub struct IdentityLog {
    places: Arc<Semaphore>,
    lost: AtomicU64,
}

impl Default for IdentityLog {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(WAITING_MAX as usize)), lost: AtomicU64::new(0) }
    }
}

impl IdentityLog {
    /// How many entries were lost since the start, because the store failed or too many waited for it.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Returns when everything that was handed over before is written, or lost.
    pub async fn settled(&self) {
        // An error would mean that the semaphore was closed, which nobody does.
        let _ = self.places.acquire_many(WAITING_MAX).await;
    }

    fn lose(&self, reason: &dyn fmt::Display) {
        let before = self.lost.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(TOLD_EACH) {
            tracing::error!(lost = before + 1, %reason, "entries of the identity log are lost");
        }
    }
}

impl fmt::Debug for IdentityLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityLog").field("lost", &self.lost()).finish_non_exhaustive()
    }
}

/// Writes what `entries` writes, beside the answer: in a task that a stop waits for.
pub fn write_beside(app: &App, entries: impl FnOnce(&Writer<'_>) -> Result<(), StoreError> + Send + 'static) {
    let Ok(place) = Arc::clone(&app.identity_log.places).try_acquire_owned() else {
        return app.identity_log.lose(&"too many of them wait for the database");
    };
    let writing = app.clone();
    app.tasks.spawn(async move {
        if let Err(error) = writing.store.write(entries).await {
            writing.identity_log.lose(&error);
        }
        drop(place);
    });
}

/// What the log says of a request, whatever becomes of it.
#[derive(Clone, Debug)]
pub struct Entry {
    agent: AgentId,
    at: Timestamp,
    surface: Surface,
    enforcement: Enforcement,
    /// Whether there was a token at all.
    presented: bool,
    verdict: Result<(), Rejection>,
    signed: Option<Signed>,
    origin: Option<String>,
}

impl Entry {
    /// Of a request to this agent, from a page of this origin, and what became of its token if it had one.
    #[must_use]
    pub fn new(
        app: &App,
        agent: &Agent,
        surface: Surface,
        judgement: Option<&Judgement>,
        origin: Option<String>,
    ) -> Self {
        Self {
            agent: agent.id,
            at: app.now(),
            surface,
            enforcement: agent.enforcement,
            presented: judgement.is_some(),
            verdict: judgement.map_or(Err(Rejection::Missing), |judgement| match &judgement.outcome {
                Ok(_) => Ok(()),
                Err(rejection) => Err(*rejection),
            }),
            signed: judgement.and_then(|judgement| judgement.signed.clone()),
            origin,
        }
    }

    /// Whether there was a token.
    #[must_use]
    pub const fn was_presented(&self) -> bool {
        self.presented
    }

    /// The verdict on the token.
    pub const fn verdict(&self) -> Result<(), Rejection> {
        self.verdict
    }

    /// The same with the last check failed, which only the store can make: the profile is blocked.
    #[must_use]
    pub fn blocked(self) -> Self {
        Self { verdict: Err(Rejection::Blocked), ..self }
    }

    /// Writes the attempt, and what it led to. Where an identity that only reads was taken, its key was
    /// used; that of one that is admitted is counted there.
    pub fn record(
        &self,
        writer: &Writer<'_>,
        conversation: Option<ConversationId>,
        profile: Option<ProfileId>,
    ) -> Result<(), StoreError> {
        writer.record_attempt(&NewAttempt {
            agent: self.agent,
            at: self.at,
            surface: self.surface,
            verdict: self.verdict,
            enforcement: self.enforcement,
            signed: self.signed.clone(),
            origin: self.origin.clone(),
            conversation,
            profile,
        })?;
        match (self.surface, self.verdict, &self.signed) {
            (Surface::Read, Ok(()), Some(signed)) => writer.count_key_use(self.agent, signed.key, self.at),
            _ => Ok(()),
        }
    }

    /// Counts the request among the agent's chat requests.
    pub fn count(&self, writer: &Writer<'_>) -> Result<(), StoreError> {
        let verdict: Result<(), IdentityCode> = self.verdict.map_err(Rejection::code);
        writer.count_chat(self.agent, self.at, self.origin.as_deref(), verdict, self.enforcement)
    }
}
