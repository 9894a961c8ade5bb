//! The data folder: the database, the master key unless it is set elsewhere, and the lock that keeps
//! a second server away from the same data.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use eloquent_store::{MasterKey, OpenError, Store};

use crate::entropy::{self, EntropyError};

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
    /// Another server has the data.
    #[error("another eloquent server is running on the data folder {0}")]
    InUse(PathBuf),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// No random bytes for a new key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Opened data.
#[derive(Debug)]
pub struct Data {
    folder: PathBuf,
    /// The database.
    pub store: Store,
}

/// Held while a server runs on the data; given back when dropped, also by a crash.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Data {
    /// Opens the folder, making it, its key and its database where they are missing.
    pub fn open(folder: &Path, master_key: Option<MasterKey>) -> Result<Self, DataError> {
        make_folder(folder).map_err(|error| DataError::Folder(folder.to_owned(), error))?;
        let database = folder.join("eloquent.sqlite");
        // Asked before the key is looked for: a command that starts at the same time makes the key first.
        let database_exists = database.exists();
        let master_key = match master_key {
            Some(key) => key,
            None => file_key(&folder.join("master.key"), database_exists)?,
        };
        Ok(Self { folder: folder.to_owned(), store: Store::open(&database, &master_key)? })
    }

    /// Takes the data for a server.
    pub fn lock(&self) -> Result<ServerLock, DataError> {
        let failed = |error| DataError::Folder(self.folder.clone(), error);
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.folder.join("serve.lock"));
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock(file)),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse(self.folder.clone())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
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
    Ok(folder.join(format!(".new-{}", entropy::opaque_token().map_err(io::Error::other)?)))
}

fn file_key(path: &Path, database_exists: bool) -> Result<MasterKey, DataError> {
    let failed = |error| DataError::KeyFile(path.to_owned(), error);
    match fs::read_to_string(path) {
        Ok(text) => {
            if !is_private(path).map_err(failed)? {
                return Err(DataError::OpenKey(path.to_owned()));
            }
            MasterKey::parse(text.trim()).map_err(|_| DataError::InvalidKey(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && database_exists => {
            Err(DataError::LostKey(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = MasterKey::from_bytes(entropy::bytes()?);
            match write_private(path, &key.encode()) {
                Ok(()) => Ok(key),
                // Another command was faster; what it wrote is whole.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => file_key(path, true),
                Err(error) => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

/// Makes a file that only its owner can read. It is there whole or not at all, and one that is there
/// already stays.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let new = scratch_name(folder)?;
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
    // The name must survive a loss of power as the database does that needs the key.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(unix)]
fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
fn is_private(_path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_made_once_and_guarded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        drop(Data::open(&path, None).unwrap());
        let key_file = path.join("master.key");
        let key = fs::read_to_string(&key_file).unwrap();
        drop(Data::open(&path, None).unwrap());
        assert_eq!(fs::read_to_string(&key_file).unwrap(), key);

        fs::remove_file(&key_file).unwrap();
        assert!(matches!(Data::open(&path, None), Err(DataError::LostKey(_))));
        let other = MasterKey::from_bytes([7; 32]);
        assert!(matches!(Data::open(&path, Some(other)), Err(DataError::Database(_))));
        fs::write(&key_file, "not a key").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&key_file, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(Data::open(&path, None), Err(DataError::OpenKey(_))));
            fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert!(matches!(Data::open(&path, None), Err(DataError::InvalidKey(_))));
    }

    #[tokio::test]
    async fn one_server_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Data::open(folder.path(), None).unwrap(), Data::open(folder.path(), None).unwrap());
        let lock = one.lock().unwrap();
        assert!(matches!(two.lock(), Err(DataError::InUse(_))));
        drop(lock);
        two.lock().unwrap();
    }

    #[tokio::test]
    async fn the_first_commands_may_start_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("data");
            std::thread::scope(|scope| {
                let open = || Data::open(&path, None).map(drop);
                let all: Vec<_> = std::iter::repeat_with(|| scope.spawn(open)).take(8).collect();
                for one in all {
                    one.join().unwrap().unwrap();
                }
            });
        }
    }

    #[test]
    fn an_unusable_folder_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Data::open(&file.path().join("data"), None).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }
}
