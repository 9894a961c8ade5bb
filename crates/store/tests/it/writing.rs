//! The writer: what is answered is on the disk, and one job's failure is its own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
    mpsc,
};

use eloquent_store::{MasterKey, NewCompany, Store, StoreError, Writer};
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::setup::{MASTER, NOW, Shop, companies, id};

fn create(writer: &Writer<'_>, name: &str) -> Result<(), StoreError> {
    writer.create_company(&NewCompany { id: id(), name: name.into(), now: NOW }).map(drop)
}

/// What another connection sees, which is what is committed.
fn committed(outside: &Connection) -> Vec<String> {
    let mut statement =
        outside.prepare("SELECT name FROM company WHERE name <> 'Fernhill' ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Occupies the writer until the sender is used, so that what is handed over meanwhile is one batch.
async fn hold(store: &Store) -> (mpsc::Sender<()>, JoinSet<Result<(), StoreError>>) {
    let (release, wait) = mpsc::channel();
    let (started, running) = tokio::sync::oneshot::channel();
    let store = store.clone();
    let mut held = JoinSet::new();
    held.spawn(async move {
        let job = move |_: &Writer<'_>| {
            started.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        };
        store.write(job).await
    });
    running.await.unwrap();
    (release, held)
}

#[tokio::test]
async fn a_batch_is_one_commit_and_a_failing_job_leaves_its_neighbours_alone() {
    let shop = Shop::open().await;
    let store = &shop.store;
    let file = shop.file.clone();
    let first_answered = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&first_answered);
    let (release, held) = hold(store).await;

    let first = async {
        let outcome = store.write(|writer| create(writer, "first")).await;
        first_answered.store(true, Ordering::SeqCst);
        outcome
    };
    let failing = store.write(|writer| {
        create(writer, "failing")?;
        Err::<(), _>(StoreError::NoSession)
    });
    let conflicting = store.write(|writer| {
        let same = NewCompany { id: id(), name: "conflicting".into(), now: NOW };
        writer.create_company(&same)?;
        writer.create_company(&same)
    });
    let panicking = store.write(|writer| -> Result<(), StoreError> {
        create(writer, "panicking")?;
        panic!("on purpose");
    });
    let last = store.write(move |writer| {
        create(writer, "last")?;
        // The others of the batch have run, none is on the disk, and nobody was told that it is.
        assert!(writer.companies()?.iter().any(|company| company.name == "first"));
        assert!(committed(&Connection::open(&file).unwrap()).is_empty());
        assert!(!seen.load(Ordering::SeqCst));
        Ok::<_, StoreError>(())
    });
    let go = async { release.send(()).unwrap() };
    // The branches are polled in this order: everything is handed over before the writer goes on.
    let (first, failing, conflicting, panicking, last, ()) =
        tokio::join!(first, failing, conflicting, panicking, last, go);
    held.join_all().await.remove(0).unwrap();

    assert!(first.is_ok() && last.is_ok(), "{first:?} {last:?}");
    assert!(matches!(failing, Err(StoreError::NoSession)));
    assert!(matches!(conflicting, Err(StoreError::Conflict)));
    assert!(matches!(panicking, Err(StoreError::Panicked)));
    assert_eq!(committed(&Connection::open(&shop.file).unwrap()), ["first", "last"]);
}

#[tokio::test]
async fn what_was_answered_is_seen_by_another_connection() {
    let shop = Shop::open().await;
    let outside = Connection::open(&shop.file).unwrap();
    for round in 1..=5 {
        shop.store.write(|writer| create(writer, "new")).await.unwrap();
        assert_eq!(committed(&outside).len(), round);
    }
}

#[tokio::test]
async fn a_read_sees_one_snapshot_and_does_not_wait_for_the_writer() {
    let shop = Shop::open().await;
    let (release, held) = hold(&shop.store).await;
    let handed_over = shop.store.write(|writer| create(writer, "later"));
    let read = async {
        let found = shop.store.read(companies).await;
        release.send(()).unwrap();
        found
    };
    let (written, found) = tokio::join!(handed_over, read);
    written.unwrap();
    assert_eq!(found.unwrap().len(), 1, "read while the writer was occupied");
    held.join_all().await.remove(0).unwrap();

    let (store, (ask, asked)) = (shop.store.clone(), mpsc::channel());
    let (answer, answered) = mpsc::channel();
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        let job = move |reader: &eloquent_store::Reader<'_>| {
            let before = reader.companies()?.len();
            ask.send(()).unwrap();
            answered.recv().unwrap();
            Ok::<_, StoreError>((before, reader.companies()?.len()))
        };
        store.read(job).await
    });
    tokio::task::spawn_blocking(move || asked.recv().unwrap()).await.unwrap();
    shop.store.write(|writer| create(writer, "meanwhile")).await.unwrap();
    answer.send(()).unwrap();
    assert_eq!(reading.join_all().await.remove(0).unwrap(), (2, 2), "one snapshot");
    assert_eq!(shop.store.read(companies).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_panicking_read_fails_alone() {
    let shop = Shop::open().await;
    for _ in 0..10 {
        let failed = shop.store.read(|_| -> Result<(), StoreError> { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(StoreError::Panicked)));
    }
    assert_eq!(shop.store.read(companies).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_commits_what_waits_and_refuses_what_comes_after() {
    let shop = Shop::open().await;
    let mut writes = JoinSet::new();
    for _ in 0..300 {
        let store = shop.store.clone();
        writes.spawn(async move { store.write(|writer| create(writer, "waiting")).await });
    }
    shop.store.clone().close().await;
    let outcomes = writes.join_all().await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(StoreError::Closed))));
    assert!(matches!(shop.store.write(|writer| create(writer, "late")).await, Err(StoreError::Closed)));
    assert!(matches!(shop.store.read(companies).await, Err(StoreError::Closed)));

    assert!(!shop.file.with_extension("db-wal").exists(), "the log was emptied into the file");
    let store = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    assert_eq!(store.read(companies).await.unwrap().len(), kept + 1);
}

#[tokio::test]
async fn a_caller_who_gives_up_undoes_nothing_and_breaks_nothing() {
    let shop = Shop::open().await;
    let (release, held) = hold(&shop.store).await;
    let given_up = {
        let mut write = Box::pin(shop.store.write(|writer| create(writer, "handed over")));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx).is_ready()));
        polled.await
    };
    assert!(!given_up);
    release.send(()).unwrap();
    held.join_all().await.remove(0).unwrap();
    shop.store.write(|writer| create(writer, "after")).await.unwrap();
    assert_eq!(committed(&Connection::open(&shop.file).unwrap()), ["handed over", "after"]);
}
