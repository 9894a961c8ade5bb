//! What can go wrong with the store.

use std::{path::PathBuf, sync::Arc};

use rusqlite::ErrorCode;

/// Why a read or a write failed. A failed write has changed nothing ([`StoreError::Unscrubbed`] aside);
/// the store stays usable.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left for the database.
    #[error("no space is left for the database")]
    Full,
    /// Another process holds the database for longer than is waited for.
    #[error("the database is held by another process")]
    Busy,
    /// A row of this id exists already, or one that is referred to does not exist.
    #[error("the row is there already, or one that it refers to is not")]
    Conflict,
    /// A sealed value does not open: it was altered, moved, or sealed under another master key.
    #[error("a sealed value does not open")]
    Sealed,
    /// The database is under another master key than this program, and nothing leads from one to the other.
    #[error("the master key was changed while this program was running: start it again")]
    MasterKeyChanged,
    /// The identity was verified for another agent than the one that is asked.
    #[error("the identity was verified for another agent")]
    WrongAgent,
    /// The visitor has no live session.
    #[error("the visitor has no live session")]
    NoSession,
    /// Another write of the same transaction failed in a way that undid this one too.
    #[error("a failure in the same transaction undid the write")]
    Undone,
    /// The job panicked; what it had written was rolled back.
    #[error("the job panicked")]
    Panicked,
    /// What was to be erased is gone from the tables, and still in the files, because somebody reads an
    /// older state or the disk is full. It is tried again by itself: with later writes, and at
    /// the next start.
    #[error("what was erased is still in the files; they are cleaned as soon as possible")]
    Unscrubbed,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Any other failure of the database.
    #[error("the database failed")]
    Database(#[source] DatabaseError),
}

/// What SQLite says about a failure. For logs: it can name tables, columns and files.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(Arc<rusqlite::Error>);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::ConstraintViolation) => Self::Conflict,
            _ => Self::Database(DatabaseError(Arc::new(error))),
        }
    }
}

/// Why the database could not be opened. Each variant is one clear line for whoever starts the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be opened or created: a missing folder, missing rights, not a file.
    #[error("the database {} cannot be opened or created", file.display())]
    Unopenable {
        /// The file.
        file: PathBuf,
        /// What the system or SQLite says.
        #[source]
        source: OpenCause,
    },
    /// The file can be read, not written.
    #[error("the database {} cannot be written", file.display())]
    ReadOnly {
        /// The file.
        file: PathBuf,
    },
    /// The file is no database, or one of another program.
    #[error("{} is not a database of this program", file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// The database was written by a newer version of this program.
    #[error(
        "the database has schema version {found}, and this program knows only up to {known}: use a newer program"
    )]
    Newer {
        /// The schema's version in the file.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The master key is not the one that the database was made with.
    #[error("the master key is not the one that this database was made with")]
    WrongMasterKey,
    /// The database failed while it was being opened or migrated.
    #[error("the database could not be made ready")]
    Database(#[source] StoreError),
}

/// What the system or SQLite says about a file that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenCause {
    /// The system.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// SQLite.
    #[error(transparent)]
    Database(#[from] StoreError),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}
