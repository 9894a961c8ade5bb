//! The data folder: the database, the master key unless it is set elsewhere, and the lock that keeps
//! a second server away from the same data.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use eloquent_store::{MasterKey, OpenError, Store, StoreError};

use crate::entropy::{self, EntropyError};

mod key_file;
mod reseal;

use key_file::KeyFile;
pub(crate) use key_file::is_private;
pub use reseal::Reseal;

/// Why the data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The folder cannot be made or written.
    #[error("the data folder {0} cannot be written: {1}")]
    Folder(PathBuf, #[source] io::Error),
    /// The key file cannot be read or made.
    #[error("the master key {0} cannot be read: {1}")]
    KeyFile(PathBuf, #[source] io::Error),
    /// The key file holds something else.
    #[error("{0} does not hold a master key (64 hexadecimal digits)")]
    InvalidKey(PathBuf),
    /// The key file can be read by others.
    #[error("the master key {0} can be read by others: its mode must be 0600")]
    OpenKey(PathBuf),
    /// There is a database, but the key that seals its secrets is gone.
    #[error("the master key {0} is missing, but there is a database that was sealed with one: put it back")]
    LostKey(PathBuf),
    /// There is no database, and the command makes none.
    #[error("there is no database in the data folder {0}")]
    NoDatabase(PathBuf),
    /// Another server has the data.
    #[error("another eloquent server is running on the data folder {0}")]
    InUse(PathBuf),
    /// Another command is changing the master key.
    #[error("another command is changing the master key of the data folder {0}")]
    Resealing(PathBuf),
    /// The master key was not changed: the database failed, or one of its secrets does not open.
    #[error("the master key was not changed: {0}")]
    NotResealed(#[source] StoreError),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// No random bytes for a new key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// The database's file in the data folder.
const DATABASE: &str = "eloquent.sqlite";

/// Opened data.
#[derive(Debug)]
pub struct Data {
    folder: PathBuf,
    /// The master key's file; none where the key comes from the settings.
    key_file: Option<KeyFile>,
    /// The database.
    pub store: Store,
}

/// Held while a server runs on the data; given back when dropped, also by a crash.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Data {
    /// Opens a folder that has a database, and makes nothing where there is none.
    pub fn open_existing(folder: &Path, master_key: Option<MasterKey>) -> Result<Self, DataError> {
        if !folder.join(DATABASE).exists() {
            return Err(DataError::NoDatabase(folder.to_owned()));
        }
        Self::open(folder, master_key)
    }

    /// Opens the folder, making it, its key and its database where they are missing.
    pub fn open(folder: &Path, master_key: Option<MasterKey>) -> Result<Self, DataError> {
        make_folder(folder).map_err(|error| DataError::Folder(folder.to_owned(), error))?;
        let database = folder.join(DATABASE);
        // Asked before the key is looked for: a command that starts at the same time makes the key first.
        let database_exists = database.exists();
        let folder = folder.to_owned();
        if let Some(key) = master_key {
            return Ok(Self { folder, key_file: None, store: Store::open(&database, &key)? });
        }
        let key_file = KeyFile::of(&folder);
        let store = key_file.open_store(&database, database_exists)?;
        Ok(Self { folder, key_file: Some(key_file), store })
    }

    /// Takes the data for a server. From then on, a new master key is handed over to it.
    pub fn lock(&self) -> Result<ServerLock, DataError> {
        let lock =
            try_lock(&self.folder, "serve.lock")?.ok_or_else(|| DataError::InUse(self.folder.clone()))?;
        remove_old_scratch(&self.folder);
        self.store.take_charge()?;
        Ok(ServerLock(lock))
    }
}

/// The lock of this name, unless somebody has it. It is given back when dropped, also by a crash.
fn try_lock(folder: &Path, name: &str) -> Result<Option<File>, DataError> {
    let failed = |error| DataError::Folder(folder.to_owned(), error);
    let file = lock_file(folder, name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn lock_file(folder: &Path, name: &str) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(name))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // A folder that cannot be written is noticed here, with its name, not later inside SQLite. The file's
    // name is its own: several commands may start at once.
    let probe = scratch_name(folder)?;
    File::create(&probe)?;
    fs::remove_file(probe)
}

/// A name in the folder that nobody else has.
fn scratch_name(folder: &Path) -> io::Result<PathBuf> {
    Ok(folder.join(format!("{SCRATCH_PREFIX}{}", entropy::opaque_token().map_err(io::Error::other)?)))
}

/// How the names begin of files that are there for a moment only.
const SCRATCH_PREFIX: &str = ".new-";

/// From what age on nobody is at work on such a file any more.
const SCRATCH_MAX_AGE: Duration = Duration::from_hours(1);

/// Removes what commands that were cut off have left: it may hold a master key. What cannot be removed
/// now keeps nobody from going on.
#[expect(clippy::disallowed_methods, reason = "the file system's times are of this clock, and of no other")]
fn remove_old_scratch(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_scratch = entry.file_name().to_str().is_some_and(|name| name.starts_with(SCRATCH_PREFIX));
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
        if is_scratch && age.is_some_and(|age| age > SCRATCH_MAX_AGE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
