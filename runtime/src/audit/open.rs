//! Opening the log when a server starts.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Shared;
use super::continuation::{self, Repair};
use super::entry::{Entry, Manner};
use super::head::{Found, HeadFile, Key};
use super::log_file::LogFile;
use super::paths::Paths;
use super::record::Start;
use super::rotation;
use super::writer::{Pending, Writer};
use crate::append_file::remove;
use crate::clock::Clock;
use crate::config::{AuditSection, Durability};

/// Times to look whether the log is in use: somebody who verifies it holds it for a moment.
const LOOKS: u32 = 10;
const LOOK: Duration = Duration::from_millis(10);

/// Why the audit log could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the audit log {path}: {cause}; {advice}")]
pub struct AuditError {
    path: String,
    cause: io::Error,
    advice: &'static str,
}

impl AuditError {
    pub(super) fn new(path: &Path, cause: io::Error) -> Self {
        let advice = match cause.kind() {
            io::ErrorKind::WouldBlock => "stop the other server, or give each its own with audit.path",
            io::ErrorKind::StorageFull => "make room on its disk, or choose another place with audit.path",
            io::ErrorKind::InvalidData => {
                "bring back its key from where it is kept, or move the log's files away"
            }
            _ => "let this user write in its folder, or choose another place with audit.path",
        };
        Self { path: path.display().to_string(), cause, advice }
    }
}

/// Opens the log, repairs its end, and writes that a server has started.
pub(super) fn open(section: &AuditSection, clock: Clock, shared: Arc<Shared>) -> Result<Writer, AuditError> {
    let opened = || {
        let paths = Paths::of(&section.path);
        paths.make_folder()?;
        let in_use = || io::Error::new(io::ErrorKind::WouldBlock, "another server writes to it");
        let (mut head, found) = take_head(&paths)?.ok_or_else(in_use)?;
        remove(&paths.next)?;
        let mut log = LogFile::open(&paths.log)?;
        let next = continuation::find(&paths, &mut log, found)?;
        head.resume(next.first);
        paths.sync_folder()?;
        rotation::compress_in_background(paths.clone());
        let writer = Writer {
            paths,
            log,
            head,
            last: next.last,
            rotation: section.rotation,
            syncs: section.durability == Durability::Fsync,
            clock,
            started: Instant::now(),
            shared,
            pending: Pending::default(),
        };
        begin(writer, &next.repair)
    };
    opened().map_err(|cause| AuditError::new(&section.path, cause))
}

/// Takes the head; `None` where a server has it.
fn take_head(paths: &Paths) -> io::Result<Option<(HeadFile, Found)>> {
    for _ in 0..LOOKS {
        if let Some(taken) = HeadFile::take(&paths.head)? {
            let key = match Key::read(&paths.key)? {
                Some(key) => key,
                None => Key::create(&paths.key)?,
            };
            return taken.under(key).map(Some);
        }
        thread::sleep(LOOK);
    }
    Ok(None)
}

/// Writes the first line of this server.
fn begin(mut writer: Writer, repair: &Repair) -> io::Result<Writer> {
    let repair = Some(repair).filter(|repair| **repair != Repair::default());
    if let Some(repair) = repair {
        tracing::warn!(?repair, "the end of the audit log was not as a server leaves it");
    }
    let start = Start { kind: "start", version: env!("CARGO_PKG_VERSION"), repair };
    writer.place(vec![Entry::new(&start, Manner::Happened)])?;
    Ok(writer)
}
