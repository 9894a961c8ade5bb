//! The readers: a few connections of their own, each used by one query at a time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{error::StoreError, handover::Custody, migration, store::Reader};

/// How many reads run at once. More would only take turns on the processor.
const CONNECTIONS: usize = 4;

pub(crate) struct Pool(Arc<Parts>);

struct Parts {
    file: PathBuf,
    custody: Arc<Custody>,
    /// Open connections that nobody is using.
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    pub(crate) fn new(file: &Path, custody: Arc<Custody>) -> Self {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        Self(Arc::new(Parts { file: file.to_owned(), custody, idle: Mutex::default(), permits }))
    }

    pub(crate) async fn read<T, E>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let parts = Arc::clone(&self.0);
        // The permit moves onto the blocking thread: a caller who gives up does not free the connection
        // that its query is still using.
        let permit = Arc::clone(&parts.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let running = spawn_blocking(move || {
            let _permit = permit;
            parts.run(job)
        });
        running.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Reads on the caller's own thread, which blocks.
    pub(crate) fn read_here<T>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.0.run(job)
    }

    pub(crate) fn close(&self) {
        self.0.permits.close();
        self.0.idle().clear();
    }
}

impl Parts {
    fn run<T, E>(&self, job: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let connection = self.take()?;
        connection.execute_batch("BEGIN DEFERRED").map_err(StoreError::from)?;
        let reader = Reader { connection: &connection, custody: &self.custody };
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&reader)));
        // A connection whose transaction does not end is not used again.
        if connection.execute_batch("ROLLBACK").is_ok() {
            self.put_back(connection);
        }
        outcome.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle().pop();
        idle.map_or_else(|| migration::open_reader(&self.file).map_err(StoreError::from), Ok)
    }

    fn put_back(&self, connection: Connection) {
        if !self.permits.is_closed() {
            self.idle().push(connection);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
