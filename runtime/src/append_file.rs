//! A file that only grows: whole pieces are appended or nothing, with room allocated ahead of the end where the
//! file system can do that. It knows nothing of what is written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Room is asked for in pieces of this size while the disk has it.
const PIECE: u64 = 256 * 1024;

/// The file while it is written.
#[derive(Debug)]
pub(crate) struct AppendFile {
    file: File,
    size: u64,
    /// Up to where room is allocated; `None` where the file system cannot say.
    allocated: Option<u64>,
    /// Whether part of a piece that could not be written is still at the end.
    torn: bool,
    /// Makes what was written last; a test may put a slow disk here.
    sync: fn(&File) -> io::Result<()>,
}

impl AppendFile {
    /// Opens a file, or makes an empty one.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::of(private().read(true).append(true).create(true).open(path)?)
    }

    /// Makes a file that was not there.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Self::of(private().read(true).append(true).create_new(true).open(path)?)
    }

    fn of(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let size = metadata.len();
        let can_allocate = match allocate(&file, size, 1) {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::StorageFull,
        };
        Ok(Self { file, size, allocated: can_allocate.then_some(size), torn: false, sync: File::sync_data })
    }

    /// The same file on a disk that syncs like this.
    #[cfg(test)]
    pub(crate) fn set_sync(&mut self, sync: fn(&File) -> io::Result<()>) {
        self.sync = sync;
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The file itself, for reading what is there already, and for locking it.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Makes sure that `bytes` fit after the end.
    pub(crate) fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let Some(allocated) = self.allocated else { return Ok(()) };
        let end = self.size + bytes;
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

    /// Appends all of `bytes`, or nothing.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.torn {
            self.cut_back()?;
        }
        if let Err(error) = self.file.write_all(bytes) {
            self.torn = true;
            // What cannot be cut off now is cut off before the next piece.
            let _later = self.cut_back();
            return Err(error);
        }
        self.size += bytes.len() as u64;
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
    pub(crate) fn cut(&mut self, size: u64) -> io::Result<()> {
        self.size = size;
        self.cut_back()
    }

    /// Makes what was appended last.
    pub(crate) fn sync(&self) -> io::Result<()> {
        (self.sync)(&self.file)
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

/// How files are opened: for their owner alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder, for its owner alone, where there is none.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes changes of the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
