//! Taking out of the files what was deleted from the tables.
//!
//! `secure_delete` overwrites what is deleted, where it is deleted. It does not reach the copies that
//! SQLite leaves behind when it moves rows between pages to balance its trees: they stay in the unused
//! space of pages that are in use. (Measured: of 67 users with texts of all sizes, 8 could still be read
//! in the file after their rows were gone.) So the whole database is written anew by `VACUUM`, which
//! copies rows and nothing else, and then the log is emptied into the file and cut to nothing.
//!
//! That takes time in proportion to the whole database (a second for some 150 MB, where this was measured)
//! and holds up all writes meanwhile; it is meant for erasures, which are rare. Where another program does
//! it beside the server, the server's writes wait as long as for anything that other program writes: with
//! a very large database, some are refused as [`StoreError::Busy`].
//!
//! Invariant: `meta` says that there is something left to do from the transaction that deletes until
//! the files are clean. It is done right after that transaction, whether or not anybody waits for it; what
//! cannot be done then is done at the next opportunity: a later order, a later write, the end of the
//! program if only the log is left, or the next start of a server.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension};

use crate::{
    error::StoreError,
    migration::BUSY_TIMEOUT,
    store::{Store, Writer},
};

/// Counts the requests, and the last one that was carried out, in `meta`.
const REQUESTED: &str = "scrub_requested";
const DONE: &str = "scrub_done";

/// How long the log's last readers are waited for while writes are held up.
const READERS_WAIT: Duration = Duration::from_millis(50);

/// How long after an attempt in vain a later write tries again, where only the log is left, and where the
/// database is still to be written anew.
const EMPTY_AFTER: Duration = Duration::from_secs(1);
const REWRITE_AFTER: Duration = Duration::from_mins(10);

/// How long an order waits between attempts, and how often it tries.
const PAUSE: Duration = Duration::from_millis(100);
const ATTEMPTS: u32 = 20;

impl Writer<'_> {
    /// Asks for the files to be cleaned once this transaction is committed.
    pub(crate) fn request_scrub(&self) -> Result<(), StoreError> {
        let next = number(self.connection, REQUESTED)?.wrapping_add(1);
        put_number(self.connection, REQUESTED, next)?;
        Ok(())
    }
}

impl Store {
    /// Cleans the files, if that was asked for. A reader that still looks at an old state is waited for
    /// some seconds; after that it is [`StoreError::Unscrubbed`], and done at the next opportunity.
    pub(crate) async fn scrub(&self) -> Result<(), StoreError> {
        for _ in 1..ATTEMPTS {
            match self.scrub_once().await {
                Err(StoreError::Unscrubbed) => tokio::time::sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
        self.scrub_once().await
    }
}

/// The writer's memory of what it has still to clean.
pub(crate) struct Scrubber {
    /// The last request that earlier programs left; the server's to carry out.
    inherited: u64,
    /// The request for which the database was written anew, its log not yet emptied.
    rewritten: Option<u64>,
    /// When cleaning was last tried in vain.
    failed: Option<Instant>,
}

impl Scrubber {
    pub(crate) fn new(connection: &Connection) -> Self {
        // A database that cannot be read now is read again by the first request.
        let inherited = number(connection, REQUESTED).unwrap_or_default();
        Self { inherited, rewritten: None, failed: None }
    }

    /// Cleans the files if that was asked for. Must not be called within a transaction.
    pub(crate) fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let outcome = self.clean(connection);
        self.failed = outcome.is_err().then(Instant::now);
        outcome.map_err(|error| {
            tracing::warn!(%error, "what was erased is still in the files; this is tried again");
            StoreError::Unscrubbed
        })
    }

    /// Carries out what a transaction has just asked for, or, some time after it was in vain, what was asked
    /// for earlier; also by an earlier program, if this is the server on the data (`in_charge`).
    pub(crate) fn resume(&mut self, connection: &Connection, in_charge: bool) {
        let wait = if self.rewritten.is_some() { EMPTY_AFTER } else { REWRITE_AFTER };
        if self.failed.is_some_and(|failed| failed.elapsed() < wait) {
            return;
        }
        let requested = number(connection, REQUESTED).unwrap_or_default();
        if in_charge || requested != self.inherited {
            // It has told the log, and whoever waits asks by an order.
            let _ = self.run(connection);
        }
    }

    /// Empties the log if that is all that is left: nobody waits at the end for more.
    pub(crate) fn end(mut self, connection: &Connection) {
        if self.failed.is_some() && self.rewritten.is_some() {
            let _ = self.run(connection);
        }
    }

    fn clean(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let requested = number(connection, REQUESTED)?;
        if number(connection, DONE)? == requested {
            return Ok(());
        }
        if self.rewritten != Some(requested) {
            self.rewritten = None;
            rewrite(connection)?;
            self.rewritten = Some(requested);
        }
        empty_log(connection)?;
        put_number(connection, DONE, requested)?;
        Ok(())
    }
}

/// Writes the database anew. The copy that this needs is a nameless file beside the database and not in
/// memory, which could be too small for it, nor in the system's folder for such files, which is open to
/// all.
fn rewrite(connection: &Connection) -> rusqlite::Result<()> {
    let folder = connection.path().map(Path::new).and_then(Path::parent).and_then(Path::to_str);
    connection.pragma_update(None, "temp_store_directory", folder.unwrap_or_default())?;
    connection.pragma_update(None, "temp_store", "file")?;
    let rewritten = connection.execute_batch("VACUUM");
    rewritten.and(connection.pragma_update(None, "temp_store", "memory"))
}

/// Moves the log into the database file and cuts it to nothing.
fn empty_log(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(READERS_WAIT)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(BUSY_TIMEOUT)?;
    if busy? { Err(StoreError::Busy) } else { Ok(()) }
}

fn number(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    let value: Option<[u8; 8]> = statement.query_row([name], |row| row.get(0)).optional()?;
    Ok(value.map_or(0, u64::from_be_bytes))
}

fn put_number(connection: &Connection, name: &str, number: u64) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute((name, number.to_be_bytes()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        migration,
        seal::{MasterKey, Vault},
    };

    fn request(connection: &Connection) {
        put_number(connection, REQUESTED, number(connection, REQUESTED).unwrap() + 1).unwrap();
    }

    fn pending(connection: &Connection) -> bool {
        number(connection, REQUESTED).unwrap() != number(connection, DONE).unwrap()
    }

    #[test]
    fn what_fails_is_left_for_later_and_done_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("eloquent.db");
        let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
        let connection = migration::open(&file, &vault).unwrap();
        let mut scrubber = Scrubber::new(&connection);
        scrubber.run(&connection).unwrap();
        assert_eq!(scrubber.rewritten, None, "nothing was asked for");

        // Another program writes for longer than is waited.
        request(&connection);
        connection.busy_timeout(Duration::ZERO).unwrap();
        let outside = Connection::open(&file).unwrap();
        outside.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(scrubber.run(&connection), Err(StoreError::Unscrubbed)));
        assert!(scrubber.failed.is_some() && scrubber.rewritten.is_none() && pending(&connection));
        outside.execute_batch("ROLLBACK; BEGIN; SELECT * FROM meta").unwrap();

        // Somebody reads: the database is written anew, and only the log is left.
        assert!(matches!(scrubber.run(&connection), Err(StoreError::Unscrubbed)));
        assert!(scrubber.rewritten == Some(1) && pending(&connection));
        request(&connection);
        assert!(matches!(scrubber.run(&connection), Err(StoreError::Unscrubbed)));
        assert_eq!(scrubber.rewritten, Some(2), "a later request is one of its own");
        outside.execute_batch("ROLLBACK").unwrap();
        scrubber.run(&connection).unwrap();
        assert!(scrubber.failed.is_none() && !pending(&connection));
        let temp_store: i64 = connection.pragma_query_value(None, "temp_store", |row| row.get(0)).unwrap();
        assert_eq!(temp_store, 2, "other temporary tables are in memory, as before");
    }

    #[test]
    fn what_another_program_left_is_the_servers_to_clean() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
        let connection = migration::open(&dir.path().join("eloquent.db"), &vault).unwrap();
        request(&connection);
        let mut scrubber = Scrubber::new(&connection);
        scrubber.resume(&connection, false);
        assert!(pending(&connection));
        scrubber.resume(&connection, true);
        assert!(!pending(&connection));
        request(&connection);
        scrubber.resume(&connection, false);
        assert!(!pending(&connection), "a program's own request");
    }

    #[test]
    fn the_end_waits_for_no_rewriting() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
        let connection = migration::open(&dir.path().join("eloquent.db"), &vault).unwrap();
        request(&connection);
        Scrubber { failed: Some(Instant::now()), ..Scrubber::new(&connection) }.end(&connection);
        assert!(pending(&connection));
        let emptied = Scrubber { rewritten: Some(1), failed: Some(Instant::now()), inherited: 0 };
        emptied.end(&connection);
        assert!(!pending(&connection));
    }
}
