//! The one writer: a thread that takes everything waiting into one transaction and one
//! synchronisation with the disk, and answers each caller after it.
//!
//! Invariants: a caller is told of success only after the commit; what fails in one job is undone for
//! that job alone; no job, and no failure of the disk, ends the thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread, vec,
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{
    error::{OpenCause, OpenError, StoreError},
    handover::{self, Custody},
    scrub::Scrubber,
    store::{Reader, Writer},
};

/// How many jobs share a transaction at most: bounds what one failing commit takes along, and how long
/// the first of them waits for the last.
const BATCH_MAX: usize = 256;

/// How many jobs wait at most before callers are held back.
const QUEUE_MAX: usize = 1024;

/// Runs with the writer, or is told why there is none; then it is known whether its changes are to be
/// kept, and how to answer its caller once the transaction has ended.
type Job = Box<dyn FnOnce(Result<&Writer<'_>, StoreError>) -> Ran + Send>;
type Answer = Box<dyn FnOnce(Result<(), StoreError>)>;

struct Ran {
    keep: bool,
    answer: Answer,
}

enum Order {
    Run(Job),
    Scrub(oneshot::Sender<Result<(), StoreError>>),
    Close(oneshot::Sender<()>),
}

/// Hands jobs to the writer's thread.
pub(crate) struct Committer(mpsc::Sender<Order>);

impl Committer {
    /// Starts the thread. It ends after [`Committer::close`], or when the last sender is gone.
    pub(crate) fn start(connection: Connection, custody: Arc<Custody>) -> Result<Self, OpenError> {
        let (sender, orders) = mpsc::channel(QUEUE_MAX);
        let file = connection.path().unwrap_or_default().into();
        thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || work(connection, &custody, orders))
            .map_err(|error| OpenError::Unopenable { file, source: OpenCause::System(error) })?;
        Ok(Self(sender))
    }

    pub(crate) async fn write<T, E>(
        &self,
        job: impl FnOnce(&Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        self.0.send(Order::Run(job_of(job, reply))).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// Tries once to clean the files, after everything that was handed over before.
    pub(crate) async fn scrub(&self) -> Result<(), StoreError> {
        let (reply, outcome) = oneshot::channel();
        self.0.send(Order::Scrub(reply)).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// Makes the writer run a transaction soon, if none is waiting.
    pub(crate) fn wake(&self) {
        let nothing = |_: Result<&Writer<'_>, StoreError>| Ran { keep: true, answer: Box::new(drop) };
        // With a full queue, there are transactions to come anyway; a closed one needs none.
        let _ = self.0.try_send(Order::Run(Box::new(nothing)));
    }

    /// Returns when everything that was handed over before is committed and the database is closed.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.0.send(Order::Close(reply)).await.is_ok() {
            // An error means that the thread ended before it could answer: it is closed all the same.
            let _ = closed.await;
        }
    }
}

fn job_of<T, E>(
    job: impl FnOnce(&Writer<'_>) -> Result<T, E> + Send + 'static,
    reply: oneshot::Sender<Result<T, E>>,
) -> Job
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    Box::new(move |writer| {
        let outcome = writer.map_err(E::from).and_then(|writer| {
            catch_unwind(AssertUnwindSafe(|| job(writer)))
                .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
        });
        let keep = outcome.is_ok();
        let answer = move |committed: Result<(), StoreError>| {
            // A job that failed says so itself, whatever became of the others. A caller who is gone
            // needs no answer.
            let _ = reply.send(outcome.and_then(|value| committed.map(|()| value).map_err(E::from)));
        };
        Ran { keep, answer: Box::new(answer) }
    })
}

fn work(connection: Connection, custody: &Custody, mut orders: mpsc::Receiver<Order>) {
    let mut closers = Vec::new();
    let mut scrubber = Scrubber::new(&connection);
    while let Some(first) = orders.blocking_recv() {
        let mut batch = Vec::new();
        let mut scrubs = Vec::new();
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Run(job) => batch.push(job),
                Order::Scrub(reply) => scrubs.push(reply),
                Order::Close(closer) => {
                    orders.close();
                    closers.push(closer);
                }
            }
            next = if batch.len() < BATCH_MAX { orders.try_recv().ok() } else { None };
        }
        run_all(&Writer(Reader { connection: &connection, custody }), batch);
        if scrubs.is_empty() {
            scrubber.resume(&connection, custody.is_in_charge());
        } else {
            let outcome = scrubber.run(&connection);
            for reply in scrubs {
                let _ = reply.send(outcome.clone());
            }
        }
    }
    scrubber.end(&connection);
    finish(connection);
    for closer in closers {
        let _ = closer.send(());
    }
}

/// One transaction for all, and another one for what is left where a failure ended the first early.
fn run_all(writer: &Writer<'_>, batch: Vec<Job>) {
    let mut waiting = batch.into_iter();
    while waiting.len() > 0 {
        let mut answers = Vec::new();
        let committed = transact(writer, &mut waiting, &mut answers);
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = answers.len(), "a transaction was not committed");
            end_transaction(writer.connection);
        }
        handover::empty_due_log(writer.connection, writer.custody);
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// Takes at least one of those that wait.
fn transact(
    writer: &Writer<'_>,
    waiting: &mut vec::IntoIter<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    if let Err(error) = writer.connection.execute_batch("BEGIN IMMEDIATE") {
        let error = StoreError::from(error);
        answers.extend(waiting.map(|job| job(Err(error.clone())).answer));
        return Err(error);
    }
    if let Err(error) = writer.settle() {
        // Not the jobs' fault: those that need the key are told when they ask for it.
        tracing::error!(%error, "a new master key was not taken over");
    }
    for job in waiting {
        let (answer, going_on) = run(writer, job);
        answers.push(answer);
        going_on?;
    }
    Ok(writer.connection.execute_batch("COMMIT")?)
}

/// One job within a savepoint. The second value is an error if the whole transaction cannot go on.
fn run(writer: &Writer<'_>, job: Job) -> (Answer, Result<(), StoreError>) {
    let connection = writer.connection;
    if let Err(error) = connection.execute_batch("SAVEPOINT job") {
        let error = StoreError::from(error);
        return (job(Err(error.clone())).answer, Err(error));
    }
    let ran = job(Ok(writer));
    // SQLite undoes the whole transaction by itself after some failures (a full disk, for one): then
    // nothing of the batch so far is there any more.
    if connection.is_autocommit() {
        return (ran.answer, Err(StoreError::Undone));
    }
    let end = if ran.keep { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    (ran.answer, connection.execute_batch(end).map_err(StoreError::from))
}

fn end_transaction(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

/// Leaves the whole database in its one file, if nobody is reading. Nothing is lost otherwise: the log
/// is read again at the next start.
fn finish(connection: Connection) {
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let closed = connection.close().map_err(|(_, error)| error);
    if let Err(error) = emptied.and(closed) {
        tracing::warn!(%error, "the database was not closed cleanly");
    }
}

#[cfg(test)]
mod tests;
