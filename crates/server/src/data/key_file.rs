//! The master key's file: one line of 64 hexadecimal digits that only its owner can read.
//!
//! While the key is being changed there is a second file, `master.key.new`. It is on the disk before the
//! database is under the new key, and takes the place of the first one afterwards.
//!
//! Invariant: whenever a change is cut off, one of the two files opens the database. The next start goes
//! on with that one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use eloquent_store::{MasterKey, OpenError, Store};

use super::{DataError, lock_file, reseal};
use crate::entropy;

/// The file and the one that may be about to take its place.
#[derive(Clone, Debug)]
pub(super) struct KeyFile {
    folder: PathBuf,
    path: PathBuf,
    next: PathBuf,
}

impl KeyFile {
    pub(super) fn of(folder: &Path) -> Self {
        let (path, next) = (folder.join("master.key"), folder.join("master.key.new"));
        Self { folder: folder.to_owned(), path, next }
    }

    /// Opens the database with the key of the file, which is made for a new database.
    pub(super) fn open_store(&self, database: &Path, database_exists: bool) -> Result<Store, DataError> {
        let mut key = match read(&self.path)? {
            Some(key) => key,
            None if database_exists => return Err(DataError::LostKey(self.path.clone())),
            None => self.make()?,
        };
        loop {
            match Store::open(database, &key) {
                Err(OpenError::WrongMasterKey) => {}
                outcome => return Ok(outcome?),
            }
            // The key is being changed at this moment, or a change did not come to its end.
            if let Some(next) = read(&self.next)? {
                match Store::open(database, &next) {
                    Err(OpenError::WrongMasterKey) => {}
                    outcome => {
                        self.finish_replacing(&next)?;
                        return Ok(outcome?);
                    }
                }
            }
            match read(&self.path)? {
                Some(other) if other.encode() != key.encode() => key = other,
                _ => return Err(OpenError::WrongMasterKey.into()),
            }
        }
    }

    /// The key in the file.
    pub(super) fn read(&self) -> Result<MasterKey, DataError> {
        read(&self.path)?.ok_or_else(|| DataError::LostKey(self.path.clone()))
    }

    /// The key that is about to take its place, if a change was begun.
    pub(super) fn read_next(&self) -> Result<Option<MasterKey>, DataError> {
        read(&self.next)
    }

    /// Puts a key on the disk that is to take the place of the one in the file.
    pub(super) fn write_next(&self, key: &MasterKey) -> Result<(), DataError> {
        write_private(&self.next, &key.encode()).map_err(|error| DataError::KeyFile(self.next.clone(), error))
    }

    pub(super) fn remove_next(&self) -> Result<(), DataError> {
        let removed = fs::remove_file(&self.next).and_then(|()| sync_names(&self.folder));
        removed.map_err(|error| DataError::KeyFile(self.next.clone(), error))
    }

    /// Gives the next key its place. The caller holds the lock of a change.
    pub(super) fn replace(&self) -> Result<(), DataError> {
        let replaced = fs::rename(&self.next, &self.path).and_then(|()| sync_names(&self.folder));
        replaced.map_err(|error| DataError::KeyFile(self.path.clone(), error))
    }

    /// The same for a key that has been found to open the database, unless that was done meanwhile.
    fn finish_replacing(&self, key: &MasterKey) -> Result<(), DataError> {
        let failed = |error| DataError::KeyFile(self.next.clone(), error);
        // Whoever is changing the key just now comes to the end first.
        let lock = lock_file(&self.folder, reseal::LOCK).map_err(failed)?;
        lock.lock().map_err(failed)?;
        match read(&self.next)? {
            Some(next) if next.encode() == key.encode() => self.replace(),
            _ => Ok(()),
        }
    }

    fn make(&self) -> Result<MasterKey, DataError> {
        let key = MasterKey::from_bytes(entropy::bytes()?);
        match write_private(&self.path, &key.encode()) {
            Ok(()) => Ok(key),
            // Another command was faster; what it wrote is whole.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.read(),
            Err(error) => Err(DataError::KeyFile(self.path.clone(), error)),
        }
    }
}

/// The key in a file; `None` if there is no such file.
fn read(path: &Path) -> Result<Option<MasterKey>, DataError> {
    let failed = |error| DataError::KeyFile(path.to_owned(), error);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    match is_private(path) {
        Ok(true) => {}
        Ok(false) => return Err(DataError::OpenKey(path.to_owned())),
        // It has taken its place between the two looks.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    MasterKey::parse(text.trim()).map(Some).map_err(|_| DataError::InvalidKey(path.to_owned()))
}

/// Makes a file that only its owner can read. It is there whole or not at all, and one that is there
/// already stays.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let new = super::scratch_name(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&new).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    let named = written.and_then(|()| fs::hard_link(&new, path));
    let removed = fs::remove_file(new);
    named.and(removed)?;
    sync_names(folder)
}

/// The key's name must survive a loss of power as the database does that needs the key.
fn sync_names(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Whether nobody but the owner can read or write the file.
#[cfg(unix)]
pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
pub(crate) fn is_private(_path: &Path) -> io::Result<bool> {
    Ok(true)
}
