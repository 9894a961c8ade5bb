//! Changing the master key, beside programs that go on using the database.
//!
//! All in one transaction: every sealed value is opened under the old key and sealed anew under the new
//! one, and the check value is replaced. Either all of it is under the new key or nothing.
//!
//! What this is not: it keeps no key. Whoever changes it must have the new key where it will be found at
//! the next start before [`Store::reseal`] is called; the old one opens nothing afterwards.

use eloquent_types::id::{AgentId, KeyId};

use rusqlite::params;

use crate::{
    column::Col,
    error::StoreError,
    key,
    seal::{Cipher, MasterKey},
    store::{Store, Writer},
};

/// What was sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResealReport {
    /// How many identity keys, revoked ones included.
    pub keys: usize,
}

impl Store {
    /// Puts the database under a new master key, which must never have sealed anything before. Other
    /// programs that use the database go on only if the key is handed over to them: with `handover`, 24
    /// bytes of a cryptographic random source used for this alone, it is left in the database, sealed under
    /// the old one, until the program in charge ([`Store::take_charge`]) has it. Without, whatever was left
    /// is removed.
    ///
    /// [`StoreError::Sealed`] if a value does not open; then nothing is changed. Once it returns, the log
    /// is emptied, unless a reader stands in the way; then that is done after a later write, or by
    /// [`Store::close`].
    pub async fn reseal(
        &self,
        new: &MasterKey,
        handover: Option<[u8; 24]>,
    ) -> Result<ResealReport, StoreError> {
        let new = new.clone();
        self.write(move |writer| writer.reseal(&new, handover)).await
    }

    /// Whether the database is under this master key.
    pub async fn is_under(&self, master: &MasterKey) -> Result<bool, StoreError> {
        let cipher = Cipher::new(master);
        self.read(move |reader| Ok(cipher.knows(&reader.check_value()?))).await
    }
}

impl Writer<'_> {
    fn reseal(&self, new: &MasterKey, handover: Option<[u8; 24]>) -> Result<ResealReport, StoreError> {
        let (old, next) = (self.cipher()?, Cipher::new(new));
        let keys = self.reseal_keys(&next)?;
        let sql = "UPDATE meta SET value = ?1 WHERE name = 'master_key_check'";
        self.change(sql, [next.check_value()?])?;
        match handover {
            Some(nonce) => self.hand_over(&old, nonce, new)?,
            None => drop(self.remove_successors()?),
        }
        // Before the commit: from then on a read must open what is under the new key.
        self.custody.vault.take_in(new);
        self.custody.note_due_log();
        Ok(ResealReport { keys })
    }

    /// Under their own nonces: with a key that is new, they are new as well.
    ///
    /// The table is emptied and filled again, because updating its rows would not reach the copies that
    /// SQLite leaves in the unused space of pages when it moves rows between them (measured: of 1,000 rows
    /// beside 1,000 deleted ones, 5 could still be read). Emptying a table overwrites its pages whole.
    fn reseal_keys(&self, next: &Cipher) -> Result<usize, StoreError> {
        // In memory, as all temporary tables of ours.
        self.change("CREATE TEMP TABLE resealed AS SELECT * FROM main.identity_key", [])?;
        let rows = self.rows("SELECT rowid, id, agent_id, nonce, sealed FROM temp.resealed", [], |row| {
            let (id, agent): (Col<KeyId>, Col<AgentId>) = (row.get(1)?, row.get(2)?);
            let sealed = (row.get::<_, [u8; 24]>(3)?, row.get::<_, Vec<u8>>(4)?);
            Ok((row.get::<_, i64>(0)?, key::place(agent.0, id.0), sealed))
        })?;
        for (row, place, (nonce, sealed)) in &rows {
            let plain = self.open_sealed(*place, *nonce, sealed)?;
            let sealed = next.seal(*place, *nonce, &plain)?;
            self.change("UPDATE temp.resealed SET sealed = ?2 WHERE rowid = ?1", params![row, sealed])?;
        }
        self.change("DELETE FROM main.identity_key", [])?;
        self.change("INSERT INTO main.identity_key SELECT * FROM temp.resealed ORDER BY id", [])?;
        self.change("DROP TABLE temp.resealed", [])?;
        Ok(rows.len())
    }
}

#[cfg(test)]
mod tests {
    use crate::{migration, seal::Vault};

    use super::*;

    #[test]
    fn every_table_with_sealed_values_is_known_here() {
        let dir = tempfile::tempdir().unwrap();
        let connection =
            migration::open(&dir.path().join("eloquent.db"), &Vault::new(&MasterKey::from_bytes([1; 32])));
        let sql = "SELECT group_concat(t.name) FROM pragma_table_list t, pragma_table_info(t.name) c
            WHERE t.schema = 'main' AND c.name = 'sealed'";
        let tables: String = connection.unwrap().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(tables, "identity_key");
    }
}
