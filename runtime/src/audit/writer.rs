//! The one thread that writes the log. Whatever waits while the disk is busy is written and synced together.
//!
//! A group is written in one piece or not at all. When the log cannot be written, what nobody may forget is kept
//! and all else is refused; a line that says how much was refused is the first sign of recovery.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;

use super::Shared;
use super::chain::Link;
use super::entry::{Entry, Manner, Placed, Unavailable};
use super::head::HeadFile;
use super::log_file::LogFile;
use super::paths::Paths;
use super::record::Recovery;
use super::rotation::{self, Rotation};
use crate::clock::{Clock, iso};

/// Entries that are written together at most.
const LARGEST_GROUP: usize = 1024;
/// How often a log that cannot be written is tried again.
const RETRY: Duration = Duration::from_millis(200);
/// Longest time for which a line that nobody waits for is only written.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Pause after a rotation that failed.
const ROTATE_AGAIN: Duration = Duration::from_secs(60);

/// What comes to the writer.
pub(super) enum Message {
    Entry(Entry),
    /// Write what there is and end.
    Close(oneshot::Sender<()>),
}

/// The state of the log.
pub(super) struct Writer {
    pub(super) paths: Paths,
    pub(super) log: LogFile,
    pub(super) head: HeadFile,
    pub(super) last: Link,
    pub(super) rotation: Rotation,
    /// Whether what has to last is synced, or only written.
    pub(super) syncs: bool,
    pub(super) clock: Clock,
    pub(super) started: Instant,
    pub(super) shared: Arc<Shared>,
    pub(super) pending: Pending,
}

/// What is still to be done.
#[derive(Default)]
pub(super) struct Pending {
    /// Entries that could not be written and must be.
    kept: Vec<Entry>,
    /// Lines that are written and could not be synced.
    unsynced: Vec<Placed>,
    /// Since when there is something that was not synced together with the head.
    dirty: Option<Instant>,
    failing: Option<Failing>,
    rotate_after: Option<Instant>,
}

struct Failing {
    since: SystemTime,
    cause: String,
    retry: Instant,
}

impl Writer {
    /// Writes until it is told to end, or nobody is left to send.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        let closed = loop {
            let mut next = match messages.recv_timeout(self.patience()) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break None,
            };
            let mut group = Vec::new();
            let mut closed = None;
            while let Some(message) = next {
                match message {
                    Message::Entry(entry) => group.push(entry),
                    Message::Close(reply) => closed = Some(reply),
                }
                next = if group.len() < LARGEST_GROUP { messages.try_recv().ok() } else { None };
            }
            self.note_oldest(group.first());
            self.commit(group);
            self.catch_up();
            self.note_oldest(None);
            if closed.is_some() {
                break closed;
            }
        };
        if self.pending.failing.is_some() {
            self.revive();
        }
        if let Err(error) = self.sync_all() {
            tracing::error!(error = error.to_string(), "the end of the audit log may not last");
        }
        // The log is given back before anybody is told that it is closed.
        drop(self);
        if let Some(reply) = closed {
            // Whoever asked may have lost patience.
            let _gone = reply.send(());
        }
    }

    /// Says since when the oldest record waits: one that could not be written yet, or else this.
    fn note_oldest(&self, next: Option<&Entry>) {
        let since = self.pending.kept.first().or(next).map(|entry| entry.since);
        *self.shared.oldest.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self) -> Duration {
        match (&self.pending.failing, self.pending.dirty) {
            (Some(failing), _) => failing.retry.saturating_duration_since(Instant::now()),
            (None, Some(since)) => SYNC_EVERY.saturating_sub(since.elapsed()),
            (None, None) => Duration::from_secs(3600),
        }
    }

    fn catch_up(&mut self) {
        if let Some(failing) = &self.pending.failing {
            if failing.retry <= Instant::now() {
                self.revive();
            }
        } else if self.pending.dirty.is_some_and(|since| since.elapsed() >= SYNC_EVERY)
            && let Err(error) = self.sync_all()
        {
            self.fail(&error);
        }
    }

    fn commit(&mut self, group: Vec<Entry>) {
        if self.pending.failing.is_some() {
            group.into_iter().for_each(|entry| self.refuse(entry));
        } else if !group.is_empty() {
            self.rotate_if_due();
            // What went wrong is kept in `failing`.
            let _failing = self.place(group);
        }
    }

    /// Writes what there is room for, in order, and tells its senders; refuses the rest.
    pub(super) fn place(&mut self, group: Vec<Entry>) -> io::Result<()> {
        let time = iso(self.clock.now());
        let mono_ms = crate::call::duration_ms(self.started.elapsed());
        let promised = self.log.promised();
        let (mut lines, mut last) = (Vec::new(), self.last);
        let (mut placed, mut left) = (Vec::new(), Vec::new());
        let mut result = Ok(());
        for entry in group {
            let start = lines.len();
            let link = last.append(&mut lines, &time, mono_ms, &entry.members);
            let room_after = entry.manner.room_after((lines.len() - start) as u64);
            self.log.release(entry.manner.promised());
            match self.log.make_room(lines.len() as u64 + room_after) {
                Ok(()) => {
                    let promise = if entry.manner == Manner::Intent { room_after } else { 0 };
                    self.log.promise(promise);
                    placed.push(Placed::new(entry, link.seq, promise));
                    last = link;
                }
                Err(error) => {
                    self.log.promise(entry.manner.promised());
                    lines.truncate(start);
                    left.push(entry);
                    result = Err(error);
                }
            }
        }
        if let Err(error) = self.log.append(&lines) {
            self.log.promise_again(promised);
            left.extend(placed.drain(..).map(|placed| placed.entry));
            result = Err(error);
        } else if last != self.last {
            if self.log.first.is_none() {
                self.log.first = Some(self.last.seq + 1);
                self.log.began = self.clock.now();
            }
            self.last = last;
            self.pending.dirty.get_or_insert_with(Instant::now);
        }
        if let Err(error) = &result {
            self.fail(error);
        }
        left.into_iter().for_each(|entry| self.refuse(entry));
        result.and(self.conclude(placed))
    }

    /// Lets the head follow, syncs where somebody relies on it, and tells the senders.
    fn conclude(&mut self, placed: Vec<Placed>) -> io::Result<()> {
        if placed.is_empty() {
            return Ok(());
        }
        let headed = self.head.advance(self.last);
        let (waiting, done): (Vec<_>, Vec<_>) =
            placed.into_iter().partition(|placed| self.syncs && placed.entry.manner.lasts());
        if headed.is_ok() {
            done.into_iter().for_each(|placed| self.tell(placed, Ok(())));
            if waiting.is_empty() {
                return Ok(());
            }
            self.pending.unsynced.extend(waiting);
            let synced = self.sync();
            if let Err(error) = &synced {
                self.fail(error);
            }
            return synced;
        }
        if let Err(error) = &headed {
            self.fail(error);
        }
        done.into_iter()
            .chain(waiting)
            .for_each(|placed| self.tell(placed, Err(Unavailable { written: true })));
        headed
    }

    /// Makes all lines last, and tells those who waited for that.
    fn sync(&mut self) -> io::Result<()> {
        let synced = self.log.sync();
        let waiting = std::mem::take(&mut self.pending.unsynced);
        for placed in waiting {
            match synced {
                Ok(()) => self.tell(placed, Ok(())),
                // An outcome goes on waiting; on an intent nothing was begun.
                Err(_) if placed.entry.manner.is_kept() => self.pending.unsynced.push(placed),
                Err(_) => self.tell(placed, Err(Unavailable { written: true })),
            }
        }
        synced
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.sync()?;
        self.head.sync()?;
        self.pending.dirty = None;
        Ok(())
    }

    fn tell(&mut self, placed: Placed, result: Result<(), Unavailable>) {
        let room = placed.room();
        let refused = result.is_err();
        if !placed.tell(result) || refused {
            // The change will not be made, so its outcome comes without a promise.
            self.log.release(room);
        }
    }

    fn refuse(&mut self, entry: Entry) {
        if entry.manner.is_kept() {
            self.pending.kept.push(entry);
        } else if let Some(reply) = entry.reply {
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
            let _gone = reply.send(Err(Unavailable { written: false }));
        }
    }

    fn fail(&mut self, error: &io::Error) {
        let retry = Instant::now() + RETRY;
        if let Some(failing) = &mut self.pending.failing {
            failing.retry = retry;
            return;
        }
        let cause = error.to_string();
        tracing::error!(error = cause, "the audit log cannot be written: calls are refused");
        self.shared.failing.store(true, Ordering::Release);
        self.pending.failing = Some(Failing { since: self.clock.now(), cause, retry });
    }

    /// Tries to write what was kept, and that the log can be written again.
    fn revive(&mut self) {
        let Some(failing) = &self.pending.failing else { return };
        let refused = self.shared.refused.load(Ordering::Relaxed);
        let recovery =
            Recovery { kind: "recovery", since: iso(failing.since), cause: &failing.cause, refused };
        let recovery = Entry::new(&recovery, Manner::Recovery);
        let mut group = std::mem::take(&mut self.pending.kept);
        group.push(recovery);
        if self.place(group).is_ok() {
            self.shared.refused.fetch_sub(refused, Ordering::Relaxed);
            self.pending.failing = None;
            self.shared.failing.store(false, Ordering::Release);
            tracing::info!(refused, "the audit log can be written again");
        }
    }

    /// Puts the log away if it is long or old enough. One that cannot be put away is written on.
    fn rotate_if_due(&mut self) {
        let Some(first) = self.log.first else { return };
        let age = self.clock.now().duration_since(self.log.began).unwrap_or_default();
        if self.log.size() < self.rotation.bytes && age < self.rotation.age
            || self.pending.rotate_after.is_some_and(|after| after > Instant::now())
        {
            return;
        }
        let rotated = rotation::rotate(&self.paths, &self.log, first).and_then(|next| {
            self.log = next;
            rotation::compress_in_background(self.paths.clone());
            rotation::forget(&self.paths, &mut self.head, self.rotation.keep)
        });
        if let Err(error) = rotated {
            tracing::warn!(error = error.to_string(), "the audit log is not rotated");
            self.pending.rotate_after = Some(Instant::now() + ROTATE_AGAIN);
        }
    }
}
