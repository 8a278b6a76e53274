//! The journal of keys: a file of lines that one thread appends to. Whatever waits while the disk is busy is
//! written and synced together.
//!
//! It is no use of the audit log's writer: that one chains its lines, keeps every one of them and promises room for
//! outcomes of a known size, while this one forgets what is over and writes its file anew from memory when most of
//! it is past. They share the file that only grows.

use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::oneshot;

use super::line::{Line, Replay};
use super::local::lock;
use super::records::{KEPT, Records};
use crate::append_file::{AppendFile, folder_of, make_folder, remove, sync_folder};
use crate::clock::Clock;
use crate::lines;

/// Messages that are written together at most.
const LARGEST_GROUP: usize = 1024;
/// How often lines that cannot be written are tried again.
const RETRY: Duration = Duration::from_millis(200);
/// Longest wait for a line to be on the disk.
const PATIENCE: Duration = Duration::from_secs(2);
/// Length from which on the file is written anew, without what is past; and again when it is twice what was left.
const COMPACT_FROM: u64 = 16 * 1024 * 1024;
/// Longest line, in bytes: the longest answer of a backend, with every character escaped.
const LONGEST_LINE: u64 = 32 * 1024 * 1024;

/// Why the journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep idempotency keys in {path}: {cause}; {advice}")]
pub struct JournalError {
    path: String,
    cause: io::Error,
    advice: &'static str,
}

impl JournalError {
    fn new(path: &Path, cause: io::Error) -> Self {
        let advice = match cause.kind() {
            io::ErrorKind::WouldBlock => "stop the other server, or give each its own with idempotency.path",
            io::ErrorKind::StorageFull => {
                "make room on its disk, or choose another place with idempotency.path"
            }
            io::ErrorKind::InvalidData => {
                "bring it back from a copy, or move it away: calls that are made again may then take effect twice"
            }
            _ => "let this user write in its folder, or choose another place with idempotency.path",
        };
        Self { path: path.display().to_string(), cause, advice }
    }
}

/// What becomes of a line that cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is refused, and what it announces is not done.
    Refusable,
    /// It has happened, so it is written as soon as that is possible.
    Kept,
}

enum Message {
    Line { line: Vec<u8>, weight: Weight, reply: oneshot::Sender<bool> },
    Close(oneshot::Sender<()>),
}

/// A way to the journal.
#[derive(Debug)]
pub(super) struct Journal {
    messages: mpsc::Sender<Message>,
    clock: Clock,
}

/// What becomes of a line.
#[derive(Debug)]
pub(super) struct Receipt(oneshot::Receiver<bool>);

impl Receipt {
    /// Waits until the line is on the disk; false where it is not.
    pub(super) async fn wait(self) -> bool {
        matches!(tokio::time::timeout(PATIENCE, self.0).await, Ok(Ok(true)))
    }
}

impl Journal {
    /// Opens the journal, and gives what it holds.
    pub(super) fn open(path: &Path, clock: Clock) -> Result<(Self, Arc<Mutex<Records>>), JournalError> {
        let failed = |cause| JournalError::new(path, cause);
        let (file, records) = open(path, &clock).map_err(failed)?;
        let records = Arc::new(Mutex::new(records));
        let journal = Self::go_on(path, file, Arc::clone(&records), clock).map_err(failed)?;
        Ok((journal, records))
    }

    /// Goes on with a file that was opened.
    pub(super) fn go_on(
        path: &Path,
        file: AppendFile,
        records: Arc<Mutex<Records>>,
        clock: Clock,
    ) -> io::Result<Self> {
        let (sender, messages) = mpsc::channel();
        let writer = Writer {
            path: path.to_owned(),
            file,
            records,
            clock: clock.clone(),
            pending: Vec::new(),
            failing: false,
            compact_from: COMPACT_FROM,
        };
        thread::Builder::new().name("idempotency".to_owned()).spawn(move || writer.run(&messages))?;
        Ok(Self { messages: sender, clock })
    }

    /// Milliseconds since 1970 of a moment of the server's own time.
    pub(super) fn wall(&self, moment: Duration) -> u64 {
        wall(&self.clock, moment)
    }

    pub(super) fn line(&self, line: &Line<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        line.write(&mut out);
        out
    }

    pub(super) fn send(&self, line: &Line<'_>, weight: Weight) -> Receipt {
        self.send_line(self.line(line), weight)
    }

    /// Hands a line over. From here on it is written whether or not anybody waits for it.
    pub(super) fn send_line(&self, line: Vec<u8>, weight: Weight) -> Receipt {
        let (reply, receipt) = oneshot::channel();
        // A writer that has ended drops the line, which its receipt tells.
        let _ended = self.messages.send(Message::Line { line, weight, reply });
        Receipt(receipt)
    }

    /// Writes what there is and gives the file back.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.messages.send(Message::Close(reply)).is_ok() {
            let _in_time = tokio::time::timeout(PATIENCE, closed).await;
        }
    }
}

fn wall(clock: &Clock, moment: Duration) -> u64 {
    let now = clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let then = now + moment.saturating_sub(clock.elapsed());
    u64::try_from(then.as_millis()).unwrap_or(u64::MAX)
}

/// Opens the file for this server alone, reads it, and cuts off a line that was never finished.
pub(super) fn open(path: &Path, clock: &Clock) -> io::Result<(AppendFile, Records)> {
    make_folder(folder_of(path))?;
    remove(&next_of(path))?;
    let mut file = AppendFile::open(path)?;
    take(&file)?;
    let (now, wall_now) = (clock.elapsed(), wall(clock, clock.elapsed()));
    // Whatever the calendar did meanwhile, no key is kept longer than if it were new.
    let until = |wall: u64| now + Duration::from_millis(wall.saturating_sub(wall_now)).min(KEPT);
    let mut replay = Replay::default();
    let mut reader = BufReader::new(file.file());
    let (mut whole, mut number) = (0, 0_u64);
    while let Some(found) = lines::next(&mut reader, LONGEST_LINE)? {
        number += 1;
        if !found.ended {
            break;
        }
        let taken = Line::read(&found.bytes).is_some_and(|line| replay.take(line, until));
        if !taken {
            let message = format!("line {number} is not as a server wrote it");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        whole += found.length;
    }
    if whole < file.size() {
        tracing::warn!(bytes = file.size() - whole, "the journal of idempotency keys ends in a torn line");
        file.cut(whole)?;
    }
    file.sync()?;
    sync_folder(folder_of(path))?;
    let mut records = Records::default();
    for (scope, record) in replay.finish() {
        records.put(scope, record);
    }
    Ok((file, records))
}

fn take(file: &AppendFile) -> io::Result<()> {
    match file.file().try_lock() {
        Ok(()) => Ok(()),
        Err(fs::TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::WouldBlock, "another server writes to it"))
        }
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn next_of(path: &Path) -> PathBuf {
    let mut next = path.as_os_str().to_owned();
    next.push(".next");
    next.into()
}

/// The thread that writes.
struct Writer {
    path: PathBuf,
    file: AppendFile,
    records: Arc<Mutex<Records>>,
    clock: Clock,
    /// Lines that could not be written and must be.
    pending: Vec<u8>,
    failing: bool,
    compact_from: u64,
}

impl Writer {
    /// Writes until it is told to end, or nobody is left to send.
    fn run(mut self, messages: &Receiver<Message>) {
        let closed = loop {
            let patience = if self.failing { RETRY } else { Duration::MAX };
            let mut next = match messages.recv_timeout(patience) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => {
                    self.commit(Vec::new());
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break None,
            };
            let mut group = Vec::new();
            let closed = loop {
                match next {
                    Message::Line { line, weight, reply } => group.push((line, weight, reply)),
                    Message::Close(reply) => break Some(reply),
                }
                match messages.try_recv() {
                    Ok(message) if group.len() < LARGEST_GROUP => next = message,
                    Ok(message) => {
                        next = message;
                        continue;
                    }
                    Err(_) => break None,
                }
            };
            self.commit(group);
            if closed.is_some() {
                break closed;
            }
            self.compact_if_due();
        };
        if self.failing {
            self.commit(Vec::new());
        }
        drop(self);
        if let Some(reply) = closed {
            // Whoever asked may have lost patience.
            let _gone = reply.send(());
        }
    }

    fn commit(&mut self, group: Vec<(Vec<u8>, Weight, oneshot::Sender<bool>)>) {
        let pending = self.pending.len();
        let mut lines = std::mem::take(&mut self.pending);
        group.iter().for_each(|(line, _, _)| lines.extend_from_slice(line));
        let written = self.write(&lines);
        if let Err(error) = &written {
            if !self.failing {
                tracing::error!(
                    error = error.to_string(),
                    "idempotency keys cannot be kept: calls with one are refused"
                );
            }
            lines.truncate(pending);
            self.pending = lines;
        } else if self.failing {
            tracing::info!("idempotency keys can be kept again");
        }
        self.failing = written.is_err();
        for (line, weight, reply) in group {
            if self.failing && weight == Weight::Kept {
                self.pending.extend_from_slice(&line);
            }
            // Whoever asked may have lost patience.
            let _gone = reply.send(!self.failing);
        }
    }

    /// Appends lines in a way that lasts. What is not known to last is cut off again: a refused call was not made.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let before = self.file.size();
        self.file.make_room(lines.len() as u64)?;
        self.file.append(lines)?;
        self.file.sync().inspect_err(|_| {
            let _as_far_as_it_can = self.file.cut(before);
        })
    }

    fn compact_if_due(&mut self) {
        if self.file.size() < self.compact_from || self.failing {
            return;
        }
        match self.compact() {
            Ok(file) => self.file = file,
            Err(error) => {
                tracing::warn!(
                    error = error.to_string(),
                    "the journal of idempotency keys is not made shorter"
                );
            }
        }
        self.compact_from = (self.file.size() * 2).max(COMPACT_FROM);
    }

    /// Writes a new file of what is not past and puts it in the place of the old one. Lines that are still on their
    /// way say nothing that the memory does not know already, and come after it once more.
    fn compact(&self) -> io::Result<AppendFile> {
        let next = next_of(&self.path);
        remove(&next)?;
        let mut file = AppendFile::create(&next)?;
        take(&file)?;
        let lines = self.lines_of_memory();
        file.make_room(lines.len() as u64)?;
        file.append(&lines)?;
        file.sync()?;
        fs::rename(&next, &self.path)?;
        sync_folder(folder_of(&self.path))?;
        Ok(file)
    }

    fn lines_of_memory(&self) -> Vec<u8> {
        let records = lock(&self.records);
        let now = self.clock.elapsed();
        let mut lines = Vec::new();
        for (scope, record) in records.iter().filter(|(_, record)| record.lasts && record.until > now) {
            let until = wall(&self.clock, record.until);
            Line::reserved(scope, record.number, &record.binding, until).write(&mut lines);
            if let Some(outcome) = &record.outcome {
                Line::ended(record.number, outcome).write(&mut lines);
            }
        }
        lines
    }
}
