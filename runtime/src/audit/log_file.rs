//! The file that lines are appended to, with room kept for what has to be written whatever happens to the disk.
//!
//! A call that changes something is let through only if there is room for its outcome as well. The room is
//! allocated ahead of the end of the file, where the file system can do that.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use super::paths::private;

/// Room is asked for in pieces of this size while the disk has it.
const PIECE: u64 = 256 * 1024;

/// The log while it is written.
#[derive(Debug)]
pub(super) struct LogFile {
    file: File,
    size: u64,
    /// Up to where room is allocated; `None` where the file system cannot say.
    allocated: Option<u64>,
    /// Room that is promised to lines still to come.
    promised: u64,
    /// Number of the first line, if there is any.
    pub(super) first: Option<u64>,
    /// When the first line was written.
    pub(super) began: SystemTime,
    /// Whether part of a line that could not be written is still at the end.
    torn: bool,
}

impl LogFile {
    /// Opens the log, or makes an empty one.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::of(private().read(true).append(true).create(true).open(path)?)
    }

    /// Makes a log that was not there.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Self::of(private().read(true).append(true).create_new(true).open(path)?)
    }

    fn of(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let size = metadata.len();
        let mut log = Self {
            file,
            size,
            allocated: Some(size),
            promised: 0,
            first: None,
            began: SystemTime::UNIX_EPOCH,
            torn: false,
        };
        if let Err(error) = allocate(&log.file, size, 1)
            && error.kind() != io::ErrorKind::StorageFull
        {
            log.allocated = None;
        }
        Ok(log)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The file itself, for reading what is there already.
    pub(super) fn reader(&self) -> &File {
        &self.file
    }

    pub(super) fn promised(&self) -> u64 {
        self.promised
    }

    /// Makes sure that `bytes` fit after the end, beside what is promised.
    pub(super) fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let Some(allocated) = self.allocated else { return Ok(()) };
        let end = self.size + self.promised + bytes;
        if end <= allocated {
            return Ok(());
        }
        let generous = end.next_multiple_of(PIECE);
        let reached = match allocate(&self.file, self.size, generous - self.size) {
            Ok(()) => generous,
            Err(_) => allocate(&self.file, self.size, end - self.size).map(|()| end)?,
        };
        self.allocated = Some(reached);
        Ok(())
    }

    /// Promises room that was made.
    pub(super) fn promise(&mut self, bytes: u64) {
        self.promised += bytes;
    }

    /// Sets what is promised back to what it was.
    pub(super) fn promise_again(&mut self, bytes: u64) {
        self.promised = bytes;
    }

    /// Gives back a promise: its line comes now, or never.
    pub(super) fn release(&mut self, bytes: u64) {
        self.promised = self.promised.saturating_sub(bytes);
    }

    /// Appends whole lines, or nothing.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.torn {
            self.cut_back()?;
        }
        if let Err(error) = self.file.write_all(lines) {
            self.torn = true;
            // What cannot be cut off now is cut off before the next line.
            let _later = self.cut_back();
            return Err(error);
        }
        self.size += lines.len() as u64;
        Ok(())
    }

    fn cut_back(&mut self) -> io::Result<()> {
        self.file.set_len(self.size)?;
        // Cutting gives up the room behind the end as well.
        self.allocated = self.allocated.map(|_| self.size);
        self.torn = false;
        Ok(())
    }

    /// Cuts the file after `size` bytes.
    pub(super) fn cut(&mut self, size: u64) -> io::Result<()> {
        self.size = size;
        self.cut_back()
    }

    /// Makes what was appended last.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, offset: u64, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    Ok(fallocate(file, FallocateFlags::KEEP_SIZE, offset, length)?)
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &File, _: u64, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
