//! How a running program follows a change of the master key.
//!
//! The database's check value tells which key it is under. A program that does not know the value looks
//! for what was handed over to it: the new key, sealed under the one that it has. Whoever changes the key
//! leaves that only where a server is running, and the server removes it, and empties the log, as soon as
//! it has the key: from then on the old key opens nothing that remains.
//!
//! Invariants: the check value is read in the same snapshot as what is to be opened or sealed, so that
//! nothing is opened under a key that the database is not under, and nothing is sealed under a former one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, params};
use zeroize::Zeroizing;

use crate::{
    error::StoreError,
    seal::{Cipher, MasterKey, Place, Vault},
    store::{Reader, Writer},
};

/// How long the log's emptying waits for readers. They are short; it is tried again with the next write.
const EMPTYING_TIMEOUT: Duration = Duration::from_millis(100);

/// How many changes are followed at most that were made one after the other.
const CHANGES_MAX: usize = 1000;

const CHECK_VALUE: &str = "SELECT value FROM meta WHERE name = 'master_key_check'";

/// The master keys of a running program, and its part in handing them over.
pub(crate) struct Custody {
    pub(crate) vault: Vault,
    /// Whether this is the program to which new keys are handed over.
    in_charge: AtomicBool,
    /// Whether the writer should look at what was handed over, now.
    waiting: AtomicBool,
    /// Whether the log may hold what the former key opens.
    log_is_due: AtomicBool,
}

impl Custody {
    pub(crate) fn new(master: &MasterKey) -> Self {
        Self {
            vault: Vault::new(master),
            in_charge: AtomicBool::new(false),
            waiting: AtomicBool::new(false),
            log_is_due: AtomicBool::new(false),
        }
    }

    pub(crate) fn take_charge(&self) {
        self.in_charge.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_in_charge(&self) -> bool {
        self.in_charge.load(Ordering::SeqCst)
    }

    /// Whether a reader came upon a change since this was last asked, and the writer is to finish it.
    pub(crate) fn take_waiting(&self) -> bool {
        self.waiting.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn note_due_log(&self) {
        self.log_is_due.store(true, Ordering::SeqCst);
    }
}

impl Reader<'_> {
    /// What was sealed at this place.
    pub(crate) fn open_sealed(
        &self,
        place: Place,
        nonce: [u8; 24],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let current = self.custody.vault.current();
        match current.open(place, nonce, sealed) {
            Err(StoreError::Sealed) => {}
            outcome => return outcome,
        }
        let cipher = self.cipher()?;
        if Arc::ptr_eq(&cipher, &current) {
            Err(StoreError::Sealed)
        } else {
            cipher.open(place, nonce, sealed)
        }
    }

    /// What seals and opens in this snapshot. [`StoreError::MasterKeyChanged`] if this program does not
    /// have it and it was not handed over.
    pub(crate) fn cipher(&self) -> Result<Arc<Cipher>, StoreError> {
        let check_value = self.check_value()?;
        let vault = &self.custody.vault;
        if let Some(cipher) = vault.knowing(&check_value) {
            return Ok(cipher);
        }
        let sql = "SELECT value FROM meta WHERE name GLOB 'master_key_successor/*'";
        let values: Vec<Vec<u8>> = self.rows(sql, [], |row| row.get(0))?;
        for _ in 0..values.len().min(CHANGES_MAX) {
            // The key may have been changed several times: each successor opens the next one.
            for key in vault.successors(&values) {
                if vault.knowing(&Cipher::new(&key).check_value()?).is_none() {
                    vault.take_in(&key);
                }
            }
            if let Some(cipher) = vault.knowing(&check_value) {
                vault.promote(&check_value);
                self.custody.waiting.store(true, Ordering::SeqCst);
                return Ok(cipher);
            }
        }
        Err(StoreError::MasterKeyChanged)
    }

    /// The value by which the database knows its master key.
    pub(crate) fn check_value(&self) -> Result<Vec<u8>, StoreError> {
        self.row(CHECK_VALUE, [], |row| row.get(0))?.ok_or(StoreError::Sealed)
    }
}

impl Writer<'_> {
    /// Seals a value for this place.
    pub(crate) fn seal(&self, place: Place, nonce: [u8; 24], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.cipher()?.seal(place, nonce, plain)
    }

    /// Leaves the new master key for the programs that have the old one.
    pub(crate) fn hand_over(&self, old: &Cipher, nonce: [u8; 24], new: &MasterKey) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (name, value) VALUES ('master_key_successor/' || hex(?1), ?2)";
        self.change(sql, params![nonce, old.seal_successor(nonce, new)?]).map(drop)
    }

    /// Removes what was handed over, and tells whether there was anything.
    pub(crate) fn remove_successors(&self) -> Result<bool, StoreError> {
        let sql = "DELETE FROM meta WHERE name GLOB 'master_key_successor/*'";
        Ok(self.change(sql, params![])? > 0)
    }

    /// Takes over what was handed over to this program, at the beginning of a transaction.
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        if !self.custody.in_charge.load(Ordering::SeqCst) {
            return Ok(());
        }
        let sql = "SELECT 1 FROM meta WHERE name GLOB 'master_key_successor/*' LIMIT 1";
        if self.row(sql, [], |_| Ok(()))?.is_none() {
            return Ok(());
        }
        self.cipher()?;
        if self.remove_successors()? {
            self.custody.note_due_log();
            tracing::info!("the master key was changed; this program has the new one");
        }
        Ok(())
    }
}

/// Empties the log after a change of the master key, and drops the former key. What readers stand in the
/// way of is tried again after the next transaction.
pub(crate) fn empty_due_log(connection: &Connection, custody: &Custody) {
    if !custody.log_is_due.load(Ordering::SeqCst) {
        return;
    }
    match empty_log(connection, &custody.vault) {
        Ok(true) => custody.log_is_due.store(false, Ordering::SeqCst),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the log was not emptied after a change of the master key"),
    }
}

fn empty_log(connection: &Connection, vault: &Vault) -> Result<bool, StoreError> {
    let check_value: Vec<u8> = connection.query_row(CHECK_VALUE, [], |row| row.get(0))?;
    vault.promote(&check_value);
    let usual: i64 = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
    connection.busy_timeout(EMPTYING_TIMEOUT)?;
    let blocked = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(Duration::from_millis(usual.unsigned_abs()))?;
    if blocked? {
        return Ok(false);
    }
    // An emptied log means that every snapshot is of now: nobody needs a former key.
    vault.forget_others();
    Ok(true)
}
