//! What the disk can do to a transaction, played by SQLite's own means.

use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::*;
use crate::{migration, seal::MasterKey};

fn start(prepare: impl FnOnce(&mut Connection)) -> (TempDir, Connection, Committer) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("eloquent.db");
    let custody = Arc::new(Custody::new(&MasterKey::from_bytes([1; 32])));
    let mut connection = migration::open(&file, &custody.vault).unwrap();
    prepare(&mut connection);
    let outside = migration::open_reader(&file).unwrap();
    (dir, outside, Committer::start(connection, custody).unwrap())
}

async fn put(committer: &Committer, name: String, length: u32) -> Result<(), StoreError> {
    let job = move |writer: &Writer<'_>| {
        writer.change("INSERT INTO meta (name, value) VALUES (?1, zeroblob(?2))", (name, length)).map(drop)
    };
    committer.write(job).await
}

fn is_there(outside: &Connection, name: &str) -> bool {
    outside
        .query_row("SELECT count(*) FROM meta WHERE name = ?1", [name], |row| row.get::<_, i64>(0))
        .unwrap()
        == 1
}

#[tokio::test]
async fn a_commit_that_fails_fails_every_job_and_the_next_one_works() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    // A commit hook that says no turns the commit into an error and a rollback.
    let refuse = || BROKEN.load(Ordering::SeqCst);
    let (_dir, outside, committer) = start(|connection| connection.commit_hook(Some(refuse)).unwrap());
    put(&committer, "before".into(), 1).await.unwrap();

    let (release, wait) = std::sync::mpsc::channel::<()>();
    let holding = committer.write(move |_| {
        wait.recv().unwrap();
        Ok::<_, StoreError>(())
    });
    let go = async {
        BROKEN.store(true, Ordering::SeqCst);
        release.send(()).unwrap();
    };
    let (held, first, second, own, ()) = tokio::join!(
        holding,
        put(&committer, "first".into(), 1),
        put(&committer, "second".into(), 1),
        committer.write(|_| Err::<(), _>(StoreError::NoSession)),
        go
    );
    assert!(held.is_err() && first.is_err() && second.is_err());
    assert!(matches!(own, Err(StoreError::NoSession)), "a job's own failure is told as it was");
    assert!(!is_there(&outside, "first") && !is_there(&outside, "second"));

    BROKEN.store(false, Ordering::SeqCst);
    put(&committer, "after".into(), 1).await.unwrap();
    assert!(is_there(&outside, "before") && is_there(&outside, "after"));
}

#[tokio::test]
async fn a_full_disk_fails_what_does_not_fit_and_nothing_else_is_lost() {
    let (_dir, outside, committer) = start(|connection| {
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        connection.pragma_update(None, "max_page_count", pages + 40).unwrap();
    });
    let (mut kept, mut refused) = (0, 0);
    for round in 0..40 {
        let name = |kind: &str| format!("{kind} {round}");
        let (small, large, tiny) = tokio::join!(
            put(&committer, name("small"), 100),
            put(&committer, name("large"), 20_000),
            put(&committer, name("tiny"), 1)
        );
        for (kind, outcome) in [("small", small), ("large", large), ("tiny", tiny)] {
            assert_eq!(outcome.is_ok(), is_there(&outside, &name(kind)), "{kind} {round}: {outcome:?}");
            match outcome {
                Ok(()) => kept += 1,
                Err(StoreError::Full | StoreError::Undone) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(kept > 10 && refused > 10, "{kept} kept, {refused} refused");
    let freed =
        committer.write(|writer| writer.change("DELETE FROM meta WHERE name LIKE 'large%'", [])).await;
    assert!(freed.unwrap() > 0);
    put(&committer, "again".into(), 5_000).await.unwrap();
    let sound: String = outside.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test]
async fn a_transaction_that_was_undone_under_a_job_is_told_to_all_before_it() {
    let (_dir, outside, committer) = start(|_| ());
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let holding = committer.write(move |_| {
        wait.recv().unwrap();
        Ok::<_, StoreError>(())
    });
    // What SQLite does by itself after an input or output error, done by hand.
    let broken = committer.write(|writer| {
        writer.connection.execute_batch("ROLLBACK")?;
        Ok::<_, StoreError>(())
    });
    let go = async { release.send(()).unwrap() };
    let (_, before, broken, after, ()) = tokio::join!(
        holding,
        put(&committer, "before".into(), 1),
        broken,
        put(&committer, "after".into(), 1),
        go
    );
    assert!(matches!(before, Err(StoreError::Undone)), "{before:?}");
    assert!(matches!(broken, Err(StoreError::Undone)), "{broken:?}");
    after.unwrap();
    assert!(!is_there(&outside, "before") && is_there(&outside, "after"));
}

#[tokio::test]
async fn the_thread_ends_when_nobody_can_ask_any_more() {
    let (dir, outside, committer) = start(|_| ());
    put(&committer, "kept".into(), 1).await.unwrap();
    assert!(is_there(&outside, "kept"));
    drop(committer);
    drop(outside);
    // The log goes with the last connection; a thread that went on would hold it for ever.
    while dir.path().join("eloquent.db-wal").exists() {
        tokio::task::yield_now().await;
    }
}
