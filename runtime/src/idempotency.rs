//! One effect for calls that say they are the same.
//!
//! A client that does not know whether its call arrived may make it again under the same key: the first one's
//! outcome is kept and given to all. The key belongs to one caller and one tool, and stands for one set of
//! arguments. What a key was used for outlives the process, so that neither a crash nor a restart lets a call have
//! its effect twice; where it cannot be known whether there was an effect, that is said instead.

mod journal;
mod line;
mod local;
mod records;
mod store;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::approval::Binding;
use crate::clock::Clock;
use crate::json::Json;
use crate::native::CallError;
use crate::tool_error::ToolError;

pub use journal::JournalError;
use local::Local;
use store::{KeyStore, Ticket};

/// Longest key, in characters.
const LONGEST_KEY: usize = 255;

/// A key that a client may choose: 1 to 255 printable ASCII characters, as it is sent in a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// Reads a key; `None` for one that may not be used.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let valid =
            (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose key it is: the same text of another tenant, actor or tool is another key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    pub(crate) tool: String,
    pub(crate) key: Key,
}

/// A call that comes with a key.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) scope: Arc<Scope>,
    /// What the key stands for.
    pub(crate) binding: Binding,
    /// Whether the call changes something, so that its key has to outlive the process.
    pub(crate) lasts: bool,
    /// Whether the call may be made again where nobody knows if it took effect: its service gets the key too, and
    /// does not do the same thing twice.
    pub(crate) repeatable: bool,
}

/// How a call ended, as it is given to all that are the same.
pub(crate) type Kept = Arc<Result<Json, ToolError>>;

/// What a call with a key finds.
pub(crate) enum Found {
    /// Nothing: it is the first, and has to be carried out under this reservation.
    First(Reservation),
    /// The outcome of the first.
    Done(Kept),
    /// The first is under way; the sender goes away when that is over.
    UnderWay(watch::Receiver<()>),
}

/// How many keys are kept, and what was found under them since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyFigures {
    pub(crate) kept: usize,
    pub(crate) bytes: usize,
    pub(crate) first: u64,
    pub(crate) replayed: u64,
    pub(crate) waited: u64,
    pub(crate) conflicts: u64,
    pub(crate) unknown: u64,
}

/// All keys.
#[derive(Clone, Debug)]
pub(crate) struct Idempotency(Arc<dyn KeyStore>);

impl Idempotency {
    /// Keys that outlive the process in this journal; without one, in memory alone.
    pub(crate) fn open(journal: Option<&Path>, clock: Clock) -> Result<Self, JournalError> {
        let local = match journal {
            Some(path) => Local::open(path, clock)?,
            None => Local::in_memory(clock),
        };
        Ok(Self(Arc::new(local)))
    }

    /// What another call has done with a key already; `None` where there was none. Waits for one under way.
    pub(crate) async fn find(&self, claim: &Claim) -> Result<Option<Kept>, CallError> {
        loop {
            match self.0.find(claim).await? {
                Some(Found::Done(outcome)) => return Ok(Some(outcome)),
                Some(Found::UnderWay(mut first)) => {
                    let _over = first.changed().await;
                }
                Some(Found::First(_)) | None => return Ok(None),
            }
        }
    }

    /// Reserves a key for a call, or gives the outcome of the one that was before it. Of calls that come at once one
    /// is the first, and all others wait for its outcome.
    pub(crate) async fn reserve(&self, claim: &Claim) -> Result<Result<Reservation, Kept>, CallError> {
        loop {
            match Arc::clone(&self.0).reserve(claim).await? {
                Found::First(reservation) => return Ok(Ok(reservation)),
                Found::Done(outcome) => return Ok(Err(outcome)),
                Found::UnderWay(mut first) => {
                    let _over = first.changed().await;
                }
            }
        }
    }

    pub(crate) fn figures(&self) -> KeyFigures {
        self.0.figures()
    }

    /// Writes what there is and gives the keys back, so that the next server can have them.
    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}

/// The right, and the duty, to carry out the first call of a key. Dropped without an outcome, as by a call whose
/// task broke down, it leaves the key as one whose outcome is unknown: what was done must not be done again.
#[derive(Debug)]
pub(crate) struct Reservation {
    store: Arc<dyn KeyStore>,
    ticket: Ticket,
    /// Its end wakes all that wait.
    _under_way: watch::Sender<()>,
}

impl Reservation {
    /// Keeps an outcome for all calls of this key.
    pub(crate) async fn keep(self, outcome: Result<Json, ToolError>) {
        self.store.keep(&self.ticket, Arc::new(outcome)).await;
    }

    /// Gives the key back: nothing was done, so the next call is a first one again.
    pub(crate) async fn release(self) {
        self.store.release(&self.ticket).await;
    }
}
