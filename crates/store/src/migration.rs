//! Opening the database file and bringing its schema up to date.
//!
//! The schema's version is SQLite's `user_version`. Each migration is one transaction: a start that is
//! cut off in the middle goes on from the last whole one.

use std::{
    fs::OpenOptions,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

use crate::{
    error::{OpenCause, OpenError, StoreError},
    seal::Vault,
};

/// In order; number `n` (from 1) makes schema version `n` of version `n - 1`. Never changed once
/// released.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_identity_operations.sql"),
    include_str!("../migrations/0003_people_in_conversations.sql"),
];

/// "Eloq": SQLite's `application_id`, by which our databases are known from other programs'.
const APPLICATION_ID: i64 = 0x456c_6f71;

/// How long a statement waits for another process (the command line beside the server).
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before opening is tried once more.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// The connection of the writer, on a database whose schema and master key are as they should be.
pub(crate) fn open(file: &Path, vault: &Vault) -> Result<Connection, OpenError> {
    // Two programs that switch a new database to its log at once do not wait for each other as they do
    // everywhere else: one of them is told at once that it is busy.
    let begun = Instant::now();
    loop {
        match open_once(file, vault) {
            Err(OpenError::Database(StoreError::Busy)) if begun.elapsed() < BUSY_TIMEOUT => {
                thread::sleep(BUSY_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

fn open_once(file: &Path, vault: &Vault) -> Result<Connection, OpenError> {
    create_file(file)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags).map_err(|error| refusal(file, error))?;
    check_ours(&connection)
        .map_err(|error| refusal(file, error))?
        .then_some(())
        .ok_or_else(|| OpenError::Foreign { file: file.to_owned() })?;
    let found = version(&connection)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    check_master_key(&connection, vault)?;
    prepare_writer(&connection).map_err(|error| refusal(file, error))?;
    migrate(&mut connection, MIGRATIONS).map_err(|error| refusal(file, error))?;
    keep_master_key_check(&connection, vault)?;
    Ok(connection)
}

/// A connection that only reads. The database must have been opened by [`open`] before.
pub(crate) fn open_reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Nobody but the owner may read the file; SQLite gives the log beside it the same rights.
fn create_file(file: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = file.to_owned();
    match options.open(&file) {
        Ok(_) => Ok(()),
        Err(error) if file.is_file() && is_refused_write(error.kind()) => Err(OpenError::ReadOnly { file }),
        Err(error) => Err(OpenError::Unopenable { file, source: OpenCause::System(error) }),
    }
}

fn is_refused_write(kind: std::io::ErrorKind) -> bool {
    matches!(kind, std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
}

fn refusal(file: &Path, error: rusqlite::Error) -> OpenError {
    let file = file.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { file },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => OpenError::ReadOnly { file },
        Some(ErrorCode::CannotOpen) => OpenError::Unopenable { file, source: StoreError::from(error).into() },
        _ => error.into(),
    }
}

/// Whether the database is empty or was made by this program.
fn check_ours(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // In this order: another process may make the tables and the id just now, both in one transaction.
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(application == APPLICATION_ID || (application == 0 && objects == 0))
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn prepare_writer(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // The log is synchronised at every commit: what was answered survives the loss of power.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    for (target, sql) in (1i64..).zip(migrations) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked inside the transaction: another process may have been faster.
        if version(&transaction)? < target {
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", target)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a wrong key before anything is changed. A database that is still empty has no key.
fn check_master_key(connection: &Connection, vault: &Vault) -> Result<(), OpenError> {
    if version(connection)? == 0 {
        return Ok(());
    }
    let sql = "SELECT value FROM meta WHERE name = 'master_key_check'";
    let value: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    match value {
        Some(value) if !vault.current().knows(&value) => Err(OpenError::WrongMasterKey),
        _ => Ok(()),
    }
}

/// Keeps the check value of a new database, and looks again: another process may have been faster.
fn keep_master_key_check(connection: &Connection, vault: &Vault) -> Result<(), OpenError> {
    let sql = "INSERT INTO meta (name, value) VALUES ('master_key_check', ?1) ON CONFLICT DO NOTHING";
    connection.execute(sql, [vault.current().check_value()?])?;
    check_master_key(connection, vault)
}

#[cfg(test)]
mod tests;
