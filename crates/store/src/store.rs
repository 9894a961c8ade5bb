//! The store's two ways in: [`Store::read`] and [`Store::write`].

use std::{ops::Deref, path::Path, sync::Arc};

use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::{
    commit::Committer,
    error::{OpenError, StoreError},
    handover::Custody,
    migration,
    pool::Pool,
    seal::MasterKey,
};

/// The database of one installation. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Parts>);

struct Parts {
    custody: Arc<Custody>,
    pool: Pool,
    committer: Committer,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(…)")
    }
}

impl Store {
    /// Opens the database, creates it where there is none, and brings its schema up to date. The folder
    /// must exist. Blocks; meant for the program's start.
    ///
    /// A database of a newer program, one of another program and one that was made with another master
    /// key are refused and left as they are.
    pub fn open(file: &Path, master: &MasterKey) -> Result<Self, OpenError> {
        let custody = Arc::new(Custody::new(master));
        let connection = migration::open(file, &custody.vault)?;
        let committer = Committer::start(connection, Arc::clone(&custody))?;
        let pool = Pool::new(file, Arc::clone(&custody));
        Ok(Self(Arc::new(Parts { custody, pool, committer })))
    }

    /// Makes this the program to which a new master key is handed over ([`Store::reseal`]): it removes
    /// what was left for it as soon as it has the key. For the one server on the data; there must be no
    /// other. Blocks; meant for the program's start.
    ///
    /// [`OpenError::WrongMasterKey`] if the key was changed since the store was opened, and not handed over.
    pub fn take_charge(&self) -> Result<(), OpenError> {
        self.0.custody.take_charge();
        match self.0.pool.read_here(|reader| reader.cipher().map(drop)) {
            Err(StoreError::MasterKeyChanged) => return Err(OpenError::WrongMasterKey),
            outcome => outcome?,
        }
        self.0.committer.wake();
        Ok(())
    }

    /// Makes the writer look soon at what other programs left for this one: a new master key that was
    /// handed over, files to be cleaned. Each write does so too; this is for times without any. Returns at
    /// once, and costs an empty transaction.
    pub fn tend(&self) {
        self.0.committer.wake();
    }

    /// Runs `job` on one snapshot of what has been committed, on a thread where it may block. Must be
    /// called within a tokio runtime.
    ///
    /// A job that panics fails with [`StoreError::Panicked`].
    pub async fn read<T, E>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let outcome = self.0.pool.read(job).await;
        if self.0.custody.take_waiting() {
            self.0.committer.wake();
        }
        outcome
    }

    /// Runs `job` on the writer's thread, in a transaction that it shares with whatever else is waiting,
    /// and returns once that transaction is on the disk.
    ///
    /// An `Err` of the job, or a panic ([`StoreError::Panicked`]), undoes this job and no other one. A
    /// commit that fails undoes all of the transaction's jobs, and each of them fails. Dropping the
    /// returned future does not undo a job that was already handed over.
    pub async fn write<T, E>(
        &self,
        job: impl FnOnce(&Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.0.committer.write(job).await
    }

    /// One attempt at what [`Store::scrub`] does.
    pub(crate) async fn scrub_once(&self) -> Result<(), StoreError> {
        self.0.committer.scrub().await
    }

    /// Commits what is waiting, empties the log into the database file, and ends the writer. Later reads
    /// and writes, also by clones, fail with [`StoreError::Closed`].
    ///
    /// Without it, the writer ends by itself after the last clone is gone and what was waiting is
    /// committed.
    pub async fn close(self) {
        self.0.pool.close();
        self.0.committer.close().await;
    }
}

/// Queries on one snapshot.
pub struct Reader<'c> {
    pub(crate) connection: &'c Connection,
    pub(crate) custody: &'c Custody,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(…)")
    }
}

impl Reader<'_> {
    /// All rows of a query.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// The first row of a query, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, read).optional()?)
    }
}

/// Changes, and the queries of a [`Reader`], which see the changes made so far.
#[derive(Debug)]
pub struct Writer<'c>(pub(crate) Reader<'c>);

impl<'c> Deref for Writer<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.0
    }
}

impl Writer<'_> {
    /// Runs a statement that gives no rows, and tells how many it changed.
    pub(crate) fn change(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }
}
