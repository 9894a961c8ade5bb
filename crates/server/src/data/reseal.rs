//! Changing the master key, beside a running server too.
//!
//! The order is what makes it safe to be cut off anywhere: the new key is on the disk (or, where the
//! operator keeps it, has been shown), then the database is put under it in one transaction, then the
//! key's file is replaced.

use std::fs::File;

use eloquent_store::{MasterKey, OpenError, ResealReport};

use super::{Data, DataError, KeyFile, remove_old_scratch, try_lock};
use crate::entropy;

/// The lock of whoever changes the key.
pub(super) const LOCK: &str = "reseal.lock";

/// A change of the master key that has been prepared; nothing is changed before [`Reseal::commit`].
#[derive(Debug)]
pub struct Reseal<'d> {
    data: &'d Data,
    new: MasterKey,
    /// Where the running server finds the new key; none where there is no server.
    handover: Option<[u8; 24]>,
    #[expect(
        dead_code,
        reason = "the open files are the locks: of the change, and of the server if none runs"
    )]
    locks: (File, Option<File>),
}

impl Data {
    /// Prepares a change of the master key to a new random one. Until it is committed or dropped, no other
    /// change and, if none is running, no server can begin.
    pub async fn begin_reseal(&self) -> Result<Reseal<'_>, DataError> {
        let lock = try_lock(&self.folder, LOCK)?.ok_or_else(|| DataError::Resealing(self.folder.clone()))?;
        remove_old_scratch(&self.folder);
        if let Some(file) = &self.key_file {
            self.finish_former(file).await?;
        }
        let no_server = try_lock(&self.folder, "serve.lock")?;
        let handover = if no_server.is_none() { Some(entropy::bytes()?) } else { None };
        let new = MasterKey::from_bytes(entropy::bytes()?);
        Ok(Reseal { data: self, new, handover, locks: (lock, no_server) })
    }

    /// Brings a former change to its end that was cut off, so that its key is not lost with this one.
    async fn finish_former(&self, file: &KeyFile) -> Result<(), DataError> {
        let Some(next) = file.read_next()? else { return Ok(()) };
        if self.is_under(&next).await? {
            return file.replace();
        }
        if self.is_under(&file.read()?).await? {
            return file.remove_next();
        }
        Err(OpenError::WrongMasterKey.into())
    }

    async fn is_under(&self, key: &MasterKey) -> Result<bool, DataError> {
        self.store.is_under(key).await.map_err(DataError::NotResealed)
    }
}

impl Reseal<'_> {
    /// The new key, where the operator keeps it and not a file: to be shown before the change is
    /// committed, and to be set before the next start. `None` where a file keeps it.
    pub const fn key_to_set(&self) -> Option<&MasterKey> {
        if self.data.key_file.is_none() { Some(&self.new) } else { None }
    }

    /// Whether a server is running, which will go on with the new key.
    pub const fn reaches_a_server(&self) -> bool {
        self.handover.is_some()
    }

    /// Puts the database under the new key. An error leaves it under the old one, except where the key's
    /// file could not be replaced at the very end; the next start does that.
    pub async fn commit(self) -> Result<ResealReport, DataError> {
        let store = &self.data.store;
        let Some(file) = &self.data.key_file else {
            return store.reseal(&self.new, self.handover).await.map_err(DataError::NotResealed);
        };
        file.write_next(&self.new)?;
        match store.reseal(&self.new, self.handover).await {
            Ok(report) => file.replace().map(|()| report),
            Err(error) => {
                // Without an answer to the question, the file stays: it may be the key.
                if store.is_under(&self.new).await.is_ok_and(|is_under| !is_under) {
                    file.remove_next()?;
                }
                Err(DataError::NotResealed(error))
            }
        }
    }
}
