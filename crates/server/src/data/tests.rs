//! The folder, its key, and the ways in which a change of the key can be cut off.

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
async fn what_commands_left_that_were_cut_off_is_removed_once_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::open(folder.path(), None).unwrap();
    let make = |name: &str, age: Duration| {
        let file = File::create(folder.path().join(name)).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
    };
    let is_there = |name: &str| folder.path().join(name).exists();
    let hours = Duration::from_hours;
    for age in [hours(2), hours(48)] {
        make(".new-old", age);
        make(".new-young", Duration::from_mins(1));
        make("eloquent.toml", age);
        if age == hours(2) {
            drop(data.lock().unwrap());
        } else {
            drop(data.begin_reseal().await.unwrap());
        }
        let left = [".new-old", ".new-young", "eloquent.toml", FILE].map(is_there);
        assert_eq!(left, [false, true, true, true]);
    }
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

const FILE: &str = "master.key";
const NEXT: &str = "master.key.new";

/// The opened data, and the key in its file.
fn open_with_file(folder: &Path) -> (Data, String) {
    (Data::open(folder, None).unwrap(), fs::read_to_string(folder.join(FILE)).unwrap())
}

#[tokio::test]
async fn the_key_in_the_file_is_changed_with_and_without_a_server() {
    for serves in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (server, former) = open_with_file(folder.path());
        let lock = serves.then(|| server.lock().unwrap());
        let command = Data::open(folder.path(), None).unwrap();
        let reseal = command.begin_reseal().await.unwrap();
        assert_eq!(reseal.reaches_a_server(), serves);
        assert!(reseal.key_to_set().is_none(), "the file keeps it");
        assert!(matches!(server.begin_reseal().await, Err(DataError::Resealing(_))));
        if !serves {
            assert!(matches!(server.lock(), Err(DataError::InUse(_))), "no server starts meanwhile");
        }
        reseal.commit().await.unwrap();
        let (again, new) = open_with_file(folder.path());
        assert_ne!(new, former);
        assert!(!folder.path().join(NEXT).exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let old = MasterKey::parse(former.trim()).unwrap();
        let refused = Data::open(folder.path(), Some(old));
        assert!(matches!(refused, Err(DataError::Database(OpenError::WrongMasterKey))));
        drop((lock, command));
        assert_eq!(server.lock().is_ok(), serves, "only a server that was told goes on");
        again.lock().unwrap();
    }
}

#[tokio::test]
async fn a_key_from_the_settings_is_shown_before_it_counts_and_touches_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let former = MasterKey::from_bytes([7; 32]);
    let data = Data::open(folder.path(), Some(former.clone())).unwrap();
    let reseal = data.begin_reseal().await.unwrap();
    let new = reseal.key_to_set().unwrap().clone();
    assert!(Data::open(folder.path(), Some(former.clone())).is_ok());
    reseal.commit().await.unwrap();
    assert!(Data::open(folder.path(), Some(new)).is_ok());
    assert!(Data::open(folder.path(), Some(former)).is_err());
    assert!(!folder.path().join(FILE).exists() && !folder.path().join(NEXT).exists());
}

#[tokio::test]
async fn a_change_that_was_cut_off_before_the_database_leaves_the_former_key() {
    let folder = tempfile::tempdir().unwrap();
    let (data, former) = open_with_file(folder.path());
    let cut_off = MasterKey::from_bytes([9; 32]);
    data.key_file.as_ref().unwrap().write_next(&cut_off).unwrap();
    drop(data);

    let (data, key) = open_with_file(folder.path());
    assert_eq!(key, former);
    assert!(folder.path().join(NEXT).exists(), "it may be somebody's who is changing it just now");
    data.begin_reseal().await.unwrap().commit().await.unwrap();
    let (_, new) = open_with_file(folder.path());
    assert!(new != former && new.trim() != cut_off.encode().as_str());
    assert!(!folder.path().join(NEXT).exists());
}

#[tokio::test]
async fn a_change_that_was_cut_off_after_the_database_is_finished() {
    for by_another_change in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (data, former) = open_with_file(folder.path());
        let new = MasterKey::from_bytes([9; 32]);
        data.key_file.as_ref().unwrap().write_next(&new).unwrap();
        data.store.reseal(&new, None).await.unwrap();
        if by_another_change {
            // Of the program itself, which has not started again since.
            data.begin_reseal().await.unwrap();
        } else {
            drop(data);
            Data::open(folder.path(), None).unwrap().lock().unwrap();
        }
        let key = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_ne!(key, former);
        assert_eq!(key.trim(), new.encode().as_str());
        assert!(!folder.path().join(NEXT).exists());
    }
}

#[tokio::test]
async fn a_change_that_fails_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (data, former) = open_with_file(folder.path());
    let reseal = data.begin_reseal().await.unwrap();
    data.store.clone().close().await;
    assert!(matches!(reseal.commit().await, Err(DataError::NotResealed(_))));
    let (_, key) = open_with_file(folder.path());
    assert_eq!(key, former);
}

#[tokio::test]
async fn a_program_that_missed_a_change_changes_nothing_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (stale, _) = open_with_file(folder.path());
    Data::open(folder.path(), None).unwrap().begin_reseal().await.unwrap().commit().await.unwrap();
    let (_, new) = open_with_file(folder.path());
    let refused = stale.begin_reseal().await.unwrap().commit().await;
    assert!(matches!(refused, Err(DataError::NotResealed(StoreError::MasterKeyChanged))));
    assert_eq!(open_with_file(folder.path()).1, new);
    assert!(!folder.path().join(NEXT).exists());
}

#[tokio::test]
async fn two_wrong_keys_are_refused_and_an_open_next_one_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let (data, _) = open_with_file(folder.path());
    let wrong = MasterKey::from_bytes([9; 32]);
    data.key_file.as_ref().unwrap().write_next(&wrong).unwrap();
    drop(data);
    fs::write(folder.path().join(FILE), MasterKey::from_bytes([8; 32]).encode().as_bytes()).unwrap();
    let refused = Data::open(folder.path(), None);
    assert!(matches!(refused, Err(DataError::Database(OpenError::WrongMasterKey))), "{refused:?}");
    assert!(folder.path().join(NEXT).exists() && folder.path().join(FILE).exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder.path().join(NEXT), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Data::open(folder.path(), None), Err(DataError::OpenKey(_))));
    }
}

#[tokio::test]
async fn programs_may_start_while_the_key_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let server = Data::open(&path, None).unwrap();
    let _lock = server.lock().unwrap();
    let starting = std::thread::spawn({
        let path = path.clone();
        move || (0..40).for_each(|_| drop(Data::open(&path, None).unwrap()))
    });
    while !starting.is_finished() {
        let command = Data::open(&path, None).unwrap();
        command.begin_reseal().await.unwrap().commit().await.unwrap();
    }
    starting.join().unwrap();
}

#[test]
fn an_unusable_folder_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Data::open(&file.path().join("data"), None).unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
}
