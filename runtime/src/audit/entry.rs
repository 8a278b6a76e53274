//! What is handed to the writer: a record, and what its sender has to be able to rely on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Shared, escape};

/// An intent that is in the log, from which on its outcome has to be written as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Number of its line.
    pub(crate) seq: u64,
    /// Room that is kept for its outcome, in bytes.
    room: u64,
}

/// The log cannot be written, or not soon enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log cannot be written")]
pub(crate) struct Unavailable {
    /// Whether the record is in the log all the same, and only not known to last.
    pub(crate) written: bool,
}

/// What a record is to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Comes before a change. It lasts before the sender hears of it, and there is room for its outcome.
    Intent,
    /// Ends a change that was begun. It lasts, and is written as soon as the log can be, however late.
    OutcomeOf(Intent),
    /// Happened, and has to be told however late: a decision, or the end of a call whose client is gone.
    Happened,
    /// Ends what changed nothing.
    Plain,
    /// Says that the log can be written again; there has to be some room after it.
    Recovery,
}

impl Manner {
    /// Whether the sender relies on the record even if power fails.
    pub(super) fn lasts(self) -> bool {
        self != Self::Plain
    }

    /// Whether the record is kept until it can be written.
    pub(super) fn is_kept(self) -> bool {
        matches!(self, Self::OutcomeOf(_) | Self::Happened)
    }

    /// Room that was promised to the record.
    pub(super) fn promised(self) -> u64 {
        if let Self::OutcomeOf(intent) = self { intent.room } else { 0 }
    }

    /// Room that is needed after a record of this length.
    pub(super) fn room_after(self, length: u64) -> u64 {
        match self {
            // An outcome repeats its intent and adds how it ended.
            Self::Intent => length + 1024,
            Self::Recovery => 4096,
            Self::OutcomeOf(_) | Self::Happened | Self::Plain => 0,
        }
    }
}

pub(super) type Reply = oneshot::Sender<Result<Intent, Unavailable>>;

/// A record on its way to the log.
#[derive(Debug)]
pub(super) struct Entry {
    /// The record as a JSON object.
    pub(super) members: Vec<u8>,
    pub(super) manner: Manner,
    /// Who waits for it.
    pub(super) reply: Option<Reply>,
    /// Its place in the queue.
    _seat: Option<OwnedSemaphorePermit>,
    /// When it was handed over.
    pub(super) since: Instant,
    _waiting: Option<Waiting>,
}

/// Counts a record for as long as it waits.
#[derive(Debug)]
struct Waiting(Arc<Shared>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Entry {
    pub(super) fn new(record: &impl Serialize, manner: Manner) -> Self {
        Self {
            members: escape::json(record),
            manner,
            reply: None,
            _seat: None,
            since: Instant::now(),
            _waiting: None,
        }
    }

    /// A record that counts as one that waits.
    pub(super) fn waiting(record: &impl Serialize, manner: Manner, shared: &Arc<Shared>) -> Self {
        shared.waiting.fetch_add(1, Ordering::Relaxed);
        Self { _waiting: Some(Waiting(Arc::clone(shared))), ..Self::new(record, manner) }
    }

    /// The record of somebody who waits for it, on a place in the queue.
    pub(super) fn with_reply(self, reply: Reply, seat: Option<OwnedSemaphorePermit>) -> Self {
        Self { reply: Some(reply), _seat: seat, ..self }
    }
}

/// An entry that is in the log.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) entry: Entry,
    pub(super) intent: Intent,
}

impl Placed {
    pub(super) fn new(entry: Entry, seq: u64, room: u64) -> Self {
        Self { entry, intent: Intent { seq, room } }
    }

    /// Room that its outcome will take.
    pub(super) fn room(&self) -> u64 {
        self.intent.room
    }

    /// Tells the sender. False where nobody waits any more.
    pub(super) fn tell(self, result: Result<(), Unavailable>) -> bool {
        let intent = self.intent;
        self.entry.reply.is_none_or(|reply| reply.send(result.map(|()| intent)).is_ok())
    }
}
