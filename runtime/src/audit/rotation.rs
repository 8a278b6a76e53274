//! Putting a log away that is long or old: under a name with the number of its first line, compressed, and after
//! a while removed. The chain runs through all of the files.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::head::HeadFile;
use super::log_file::LogFile;
use super::paths::{Archive, Paths};
use crate::append_file::{private, remove};

/// When the log is put away, and for how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rotation {
    /// Length from which on.
    pub(crate) bytes: u64,
    /// Age of the first line from which on.
    pub(crate) age: Duration,
    /// Rotated files that are kept.
    pub(crate) keep: usize,
}

/// Puts the log away and gives an empty one, in which there is room for all that is promised.
pub(super) fn rotate(paths: &Paths, log: &LogFile, first: u64) -> io::Result<LogFile> {
    log.sync()?;
    remove(&paths.next)?;
    let mut next = LogFile::create(&paths.next)?;
    next.promise(log.promised());
    next.make_room(0)?;
    let archive = paths.archive(first);
    fs::rename(&paths.log, &archive)?;
    if let Err(error) = fs::rename(&paths.next, &paths.log) {
        fs::rename(&archive, &paths.log)?;
        return Err(error);
    }
    paths.sync_folder()?;
    Ok(next)
}

/// Removes the oldest files beyond those that are kept. The head says so first: a file that is missing without
/// the head's word was not removed by the server.
pub(super) fn forget(paths: &Paths, head: &mut HeadFile, keep: usize) -> io::Result<()> {
    let archives = paths.archives()?;
    let Some(too_many) = archives.len().checked_sub(keep).filter(|too_many| *too_many > 0) else {
        return Ok(());
    };
    let (old, kept) = archives.split_at(too_many);
    if let Some(oldest) = kept.first() {
        head.begin_at(oldest.first)?;
        old.iter().try_for_each(|archive| remove(&archive.path))?;
    }
    Ok(())
}

/// Compresses, in a thread of its own, what was put away and is not compressed yet.
pub(super) fn compress_in_background(paths: Paths) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let work = move || {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let archives = paths.archives().unwrap_or_default();
        for archive in archives.iter().filter(|archive| !archive.compressed) {
            if let Err(error) = compress(archive) {
                // It stays as it is, which is only longer; the next rotation tries again.
                let file = archive.path.display().to_string();
                tracing::warn!(file, error = error.to_string(), "audit file not compressed");
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("audit-compress".to_owned()).spawn(work) {
        tracing::warn!(error = error.to_string(), "audit files not compressed");
    }
}

fn compress(archive: &Archive) -> io::Result<()> {
    let mut target = archive.path.clone().into_os_string();
    target.push(".gz");
    let mut unfinished = target.clone();
    unfinished.push(".part");
    let written = (|| {
        remove(unfinished.as_ref())?;
        let file = private().write(true).create_new(true).open(&unfinished)?;
        let mut encoder = GzEncoder::new(file, Compression::default());
        io::copy(&mut BufReader::new(File::open(&archive.path)?), &mut encoder)?;
        encoder.finish()?.sync_all()?;
        fs::rename(&unfinished, &target)?;
        fs::remove_file(&archive.path)
    })();
    if written.is_err() {
        let _not_there = fs::remove_file(&unfinished);
    }
    written
}
