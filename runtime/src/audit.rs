//! The audit log: what was called, by whom and how it ended, in a form that nobody can bend unnoticed.
//!
//! The log is JSON lines, chained by hashes. It knows nothing of calls: it takes records, gives each its number,
//! time and place in the chain, and says when it is in the file. Nothing is answered before that.

mod chain;
mod continuation;
mod entry;
mod escape;
mod head;
mod log_file;
mod open;
mod paths;
mod record;
mod refusals;
mod rotation;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::clock::Clock;
use crate::config::AuditSection;

pub(crate) use chain::sha256;
use entry::Entry;
pub(crate) use entry::{Intent, Manner, Unavailable};
pub use open::AuditError;
pub(crate) use refusals::Refusals;
pub(crate) use rotation::Rotation;
pub use verify::{AuditFault, AuditReport, verify as verify_audit};
use writer::{Message, Writer};

/// Records that may wait for the writer.
const LONGEST_QUEUE: usize = 4096;
/// Longest wait for a place in the queue, and again for the record to be in the file.
const PATIENCE: Duration = Duration::from_secs(2);

/// A way to the audit log; without a log, the way to nowhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit(Option<Arc<Log>>);

#[derive(Debug)]
struct Log {
    messages: mpsc::Sender<Message>,
    shared: Arc<Shared>,
    seats: Arc<Semaphore>,
}

/// What the writer and its callers share.
#[derive(Debug, Default)]
struct Shared {
    /// Whether the log cannot be written at present.
    failing: AtomicBool,
    /// Calls that were refused since then.
    refused: AtomicU64,
    /// Records that are handed over and not yet where they have to be.
    waiting: AtomicUsize,
    /// When the oldest of them was handed over that the writer has taken up.
    oldest: Mutex<Option<Instant>>,
}

/// How far the log is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lag {
    /// Records that wait.
    pub(crate) records: usize,
    /// For how long the oldest has waited.
    pub(crate) age: Duration,
}

/// A place in the queue.
#[derive(Debug)]
pub(crate) struct Seat(Option<OwnedSemaphorePermit>);

impl Seat {
    /// No place, which whoever must not be refused does not need.
    pub(crate) const NONE: Self = Self(None);
}

impl Audit {
    /// Whether there is a log.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Opens the log and writes that a server has started.
    pub(crate) fn open(section: &AuditSection, clock: Clock) -> Result<Self, AuditError> {
        let shared = Arc::new(Shared::default());
        let writer = open::open(section, clock, shared)?;
        Self::of(writer).map_err(|cause| AuditError::new(&section.path, cause))
    }

    /// The log of a writer that has not begun yet.
    fn of(writer: Writer) -> io::Result<Self> {
        let shared = Arc::clone(&writer.shared);
        let (sender, messages) = mpsc::channel();
        thread::Builder::new().name("audit".to_owned()).spawn(move || writer.run(&messages))?;
        let seats = Arc::new(Semaphore::new(LONGEST_QUEUE));
        Ok(Self(Some(Arc::new(Log { messages: sender, shared, seats }))))
    }

    /// How far the log is behind what has happened.
    pub(crate) fn lag(&self) -> Lag {
        let Some(log) = &self.0 else { return Lag::default() };
        let oldest = *log.shared.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        Lag {
            records: log.shared.waiting.load(Ordering::Relaxed),
            age: oldest.map(|oldest| oldest.elapsed()).unwrap_or_default(),
        }
    }

    /// Refuses a call at once while the log cannot be written. The refusal is counted.
    pub(crate) fn check(&self) -> Result<(), Unavailable> {
        match &self.0 {
            Some(log) if log.shared.failing.load(Ordering::Acquire) => {
                log.shared.refused.fetch_add(1, Ordering::Relaxed);
                Err(Unavailable { written: false })
            }
            _ => Ok(()),
        }
    }

    /// Whether the log cannot be written at present.
    pub(crate) fn is_failing(&self) -> bool {
        self.0.as_ref().is_some_and(|log| log.shared.failing.load(Ordering::Acquire))
    }

    /// Waits for a place in the queue.
    pub(crate) async fn seat(&self) -> Result<Seat, Unavailable> {
        let Some(log) = &self.0 else { return Ok(Seat(None)) };
        let seat = tokio::time::timeout(PATIENCE, Arc::clone(&log.seats).acquire_owned()).await;
        match seat {
            Ok(Ok(seat)) => Ok(Seat(Some(seat))),
            _ => {
                log.shared.refused.fetch_add(1, Ordering::Relaxed);
                Err(Unavailable { written: false })
            }
        }
    }

    /// Hands a record over. From here on it is written whether or not anybody waits for it.
    pub(crate) fn send(&self, seat: Seat, record: &impl Serialize, manner: Manner) -> Receipt {
        let Some(log) = &self.0 else { return Receipt(None) };
        let (reply, receipt) = oneshot::channel();
        let entry = Entry::waiting(record, manner, &log.shared).with_reply(reply, seat.0);
        // A writer that has ended drops the entry, which its receipt tells.
        let _ended = log.messages.send(Message::Entry(entry));
        Receipt(Some(receipt))
    }

    /// Hands over a record of what has happened already. Few enough of these can come at once to need no place.
    pub(crate) fn send_unasked(&self, record: &impl Serialize, manner: Manner) {
        if let Some(log) = &self.0 {
            let _ended = log.messages.send(Message::Entry(Entry::waiting(record, manner, &log.shared)));
        }
    }

    /// Writes what there is and closes the log.
    pub(crate) async fn close(&self) {
        let Some(log) = &self.0 else { return };
        let (reply, closed) = oneshot::channel();
        if log.messages.send(Message::Close(reply)).is_ok() {
            let _in_time = tokio::time::timeout(PATIENCE, closed).await;
        }
    }
}

/// What becomes of a record.
#[derive(Debug)]
pub(crate) struct Receipt(Option<oneshot::Receiver<Result<Intent, Unavailable>>>);

impl Receipt {
    /// Waits until the record is where its manner wants it. `None` where there is no log.
    pub(crate) async fn wait(self) -> Result<Option<Intent>, Unavailable> {
        let Some(receipt) = self.0 else { return Ok(None) };
        match tokio::time::timeout(PATIENCE, receipt).await {
            Ok(Ok(result)) => result.map(Some),
            // The writer has ended, or the disk does not come back. The record may get into the log yet.
            Ok(Err(_)) | Err(_) => Err(Unavailable { written: true }),
        }
    }
}
