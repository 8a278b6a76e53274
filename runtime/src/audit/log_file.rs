//! The file that lines are appended to, with room kept for what has to be written whatever happens to the disk.
//!
//! A call that changes something is let through only if there is room for its outcome as well.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use crate::append_file::AppendFile;

/// The log while it is written.
#[derive(Debug)]
pub(super) struct LogFile {
    file: AppendFile,
    /// Room that is promised to lines still to come.
    promised: u64,
    /// Number of the first line, if there is any.
    pub(super) first: Option<u64>,
    /// When the first line was written.
    pub(super) began: SystemTime,
}

impl LogFile {
    /// Opens the log, or makes an empty one.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        AppendFile::open(path).map(Self::of)
    }

    /// Makes a log that was not there.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        AppendFile::create(path).map(Self::of)
    }

    fn of(file: AppendFile) -> Self {
        Self { file, promised: 0, first: None, began: SystemTime::UNIX_EPOCH }
    }

    /// The same log on a disk that syncs like this.
    #[cfg(test)]
    pub(super) fn set_sync(&mut self, sync: fn(&File) -> io::Result<()>) {
        self.file.set_sync(sync);
    }

    pub(super) fn size(&self) -> u64 {
        self.file.size()
    }

    /// The file itself, for reading what is there already.
    pub(super) fn reader(&self) -> &File {
        self.file.file()
    }

    pub(super) fn promised(&self) -> u64 {
        self.promised
    }

    /// Makes sure that `bytes` fit after the end, beside what is promised.
    pub(super) fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        self.file.make_room(self.promised + bytes)
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
        self.file.append(lines)
    }

    /// Cuts the file after `size` bytes.
    pub(super) fn cut(&mut self, size: u64) -> io::Result<()> {
        self.file.cut(size)
    }

    /// Makes what was appended last.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}
