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
        // Known before the commit: from then on a read must open what is under the new key.
        self.custody().vault.take_in(&new);
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
        self.custody.note_due_log();
        Ok(ResealReport { keys })
    }

    /// Under their own nonces: with a key that is new, they are new as well.
    fn reseal_keys(&self, next: &Cipher) -> Result<usize, StoreError> {
        let sql = "SELECT id, agent_id, nonce, sealed FROM identity_key";
        let rows = self.rows(sql, [], |row| {
            let (id, agent): (Col<KeyId>, Col<AgentId>) = (row.get(0)?, row.get(1)?);
            Ok((id.0, agent.0, row.get::<_, [u8; 24]>(2)?, row.get::<_, Vec<u8>>(3)?))
        })?;
        for (id, agent, nonce, sealed) in &rows {
            let place = key::place(*agent, *id);
            let plain = self.open_sealed(place, *nonce, sealed)?;
            let sql = "UPDATE identity_key SET sealed = ?2 WHERE id = ?1";
            self.change(sql, params![Col(*id), next.seal(place, *nonce, &plain)?])?;
        }
        Ok(rows.len())
    }
}
