//! The one connection that writes, on its own thread. Jobs that wait are taken together: each runs in a
//! savepoint of its own, one commit makes them all durable, and only then is any of them acknowledged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::Value as Json;
use tokio::sync::{mpsc, oneshot};

use super::Job;
use crate::failure::Failure;

/// How many jobs may wait before callers wait too.
const QUEUE: usize = 1_024;

/// The most jobs that share a commit, which bounds how long the first of them waits.
const TOGETHER: usize = 64;

/// The writing thread.
pub(super) struct Writer {
    jobs: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Run(Queued),
    Forget(oneshot::Sender<Result<(), Failure>>),
    Close,
}

struct Queued {
    job: Job,
    reply: Reply,
}

type Reply = oneshot::Sender<Result<Json, Failure>>;

// === impl Writer ===

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// A system that grants no thread.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("dev-backend-writer".to_owned())
            .spawn(move || run(&connection, queue))?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)) })
    }

    /// Queues a job; the receiver gets its answer once its changes are on the disk.
    pub(super) async fn submit(&self, job: Job) -> Result<oneshot::Receiver<Result<Json, Failure>>, Failure> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Message::Run(Queued { job, reply })).await.map_err(|_| Failure::Busy)?;
        Ok(answer)
    }

    /// Rewrites the file behind everything queued before, and empties its log.
    pub(super) async fn forget(&self) -> Result<oneshot::Receiver<Result<(), Failure>>, Failure> {
        let (reply, done) = oneshot::channel();
        self.jobs.send(Message::Forget(reply)).await.map_err(|_| Failure::Busy)?;
        Ok(done)
    }

    /// Waits until everything queued before is done and the connection is closed.
    pub(super) async fn close(&self) {
        // An error means that the thread has gone already.
        let _gone = self.jobs.send(Message::Close).await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        if let Ok(Err(_)) = tokio::task::spawn_blocking(move || thread.join()).await {
            tracing::error!("the writing thread had crashed");
        }
    }
}

fn run(connection: &Connection, mut queue: mpsc::Receiver<Message>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(Message::Run(queued)) = next {
            batch.push(queued);
            next = if batch.len() < TOGETHER { queue.try_recv().ok() } else { None };
        }
        commit(connection, batch);
        match next {
            Some(Message::Forget(reply)) => answer(reply, forget(connection)),
            Some(Message::Close) => return,
            Some(Message::Run(_)) | None => {}
        }
    }
}

/// Rewrites the file, since a page may keep copies of rows that once moved to another page, and moves the
/// log into it.
fn forget(connection: &Connection) -> Result<(), Failure> {
    connection.execute_batch("VACUUM")?;
    let unfinished: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if unfinished { Err(Failure::Busy) } else { Ok(()) }
}

/// Runs the batch in one transaction and answers each job.
fn commit(connection: &Connection, batch: Vec<Queued>) {
    if batch.is_empty() {
        return;
    }
    let mut transaction = match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            tracing::error!(%error, "no write transaction");
            return refuse(batch.into_iter().map(|queued| queued.reply));
        }
    };
    let mut succeeded = Vec::new();
    let mut batch = batch.into_iter();
    for queued in batch.by_ref() {
        match in_savepoint(&mut transaction, queued.job) {
            Ok(answer) => succeeded.push((queued.reply, answer)),
            Err(failure) => answer(queued.reply, Err(failure)),
        }
        // A full disk makes SQLite give up the whole transaction; nothing may run outside of one.
        if transaction.is_autocommit() {
            tracing::error!("the database gave up a transaction");
            refuse(succeeded.into_iter().map(|(reply, _)| reply));
            return refuse(batch.map(|queued| queued.reply));
        }
    }
    match transaction.commit() {
        Ok(()) => succeeded.into_iter().for_each(|(reply, done)| answer(reply, Ok(done))),
        Err(error) => {
            tracing::error!(%error, "not committed");
            refuse(succeeded.into_iter().map(|(reply, _)| reply));
        }
    }
}

/// Runs one job; where it fails, its own changes are undone and no other's.
fn in_savepoint(transaction: &mut Transaction<'_>, job: Job) -> Result<Json, Failure> {
    let savepoint = transaction.savepoint()?;
    // A job that crashes is undone like one that fails, and the others go on.
    let done = catch_unwind(AssertUnwindSafe(|| job(&savepoint)))
        .unwrap_or_else(|_| Err(Failure::Broken("a write crashed".to_owned())))?;
    savepoint.commit()?;
    Ok(done)
}

fn refuse(replies: impl Iterator<Item = Reply>) {
    replies.for_each(|reply| answer(reply, Err(Failure::Busy)));
}

fn answer<T>(reply: oneshot::Sender<Result<T, Failure>>, answer: Result<T, Failure>) {
    if reply.send(answer).is_err() {
        tracing::debug!("nobody waits for the answer");
    }
}
