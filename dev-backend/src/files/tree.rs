//! Walking a folder and opening what is in it, without ever leaving it: every step goes from an open folder to
//! a name in it and follows no link, so nothing that changes meanwhile can lead elsewhere. Only regular files
//! are seen; links, devices, pipes and sockets are not, and neither is what begins with a full stop.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, open as open_path, openat, statat};

/// The most files of a folder that are seen.
const MOST_FILES: usize = 5_000;

/// The most names that are looked at, whatever they are.
const MOST_NAMES: usize = 50_000;

/// How many folders deep.
const DEEPEST: usize = 16;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

// A pipe would keep whoever opens it waiting, and a terminal might become this process's own.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// An open folder.
pub(super) struct Tree(OwnedFd);

/// A file in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Below the folder, with `/` between the names.
    pub(super) path: String,
    pub(super) size: i64,
    /// Nanoseconds since 1970.
    pub(super) modified_ns: i64,
}

// === impl Tree ===

impl Tree {
    /// Opens a folder.
    ///
    /// # Errors
    /// What is no folder, a link to one included.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(open_path(path, FOLDER, Mode::empty())?))
    }

    /// The files, by path.
    ///
    /// # Errors
    /// A folder that cannot be read at all; one below that cannot be is passed over.
    pub(super) fn files(&self) -> io::Result<Vec<Found>> {
        let mut walk = Walk { found: Vec::new(), names: 0 };
        walk.folder(self.0.as_fd(), "", 0)?;
        walk.found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(walk.found)
    }

    /// Opens a file that was found.
    ///
    /// # Errors
    /// A path that leads elsewhere, or to anything but a regular file.
    pub(super) fn file(&self, path: &str) -> io::Result<File> {
        let mut names: Vec<&str> = path.split('/').collect();
        if names.iter().any(|name| !is_seen(OsStr::new(name))) {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        let last = names.pop().unwrap_or_default();
        let mut folder: Option<OwnedFd> = None;
        for name in names {
            let from = folder.as_ref().map_or_else(|| self.0.as_fd(), |folder| folder.as_fd());
            folder = Some(openat(from, name, FOLDER, Mode::empty())?);
        }
        let from = folder.as_ref().map_or_else(|| self.0.as_fd(), |folder| folder.as_fd());
        let file = openat(from, last, FILE, Mode::empty())?;
        if kind(&fstat(&file)?) == FileType::RegularFile {
            Ok(File::from(file))
        } else {
            Err(io::Error::from(io::ErrorKind::NotFound))
        }
    }
}

/// A walk through a folder.
struct Walk {
    found: Vec<Found>,
    names: usize,
}

// === impl Walk ===

impl Walk {
    fn folder(&mut self, folder: BorrowedFd<'_>, path: &str, depth: usize) -> io::Result<()> {
        for entry in Dir::read_from(folder)? {
            self.names += 1;
            if self.names > MOST_NAMES || self.found.len() >= MOST_FILES {
                return Ok(());
            }
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            // A name that is no text cannot be told to anybody.
            let Some(text) = name.to_str().filter(|_| is_seen(name)) else { continue };
            let path = if path.is_empty() { text.to_owned() } else { format!("{path}/{text}") };
            // What went meanwhile is not there.
            let Ok(stat) = statat(folder, text, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            match kind(&stat) {
                FileType::RegularFile => self.found.push(Found {
                    path,
                    size: stat.st_size,
                    modified_ns: stat
                        .st_mtime
                        .saturating_mul(1_000_000_000)
                        .saturating_add(i64::try_from(stat.st_mtime_nsec).unwrap_or_default()),
                }),
                FileType::Directory if depth < DEEPEST => {
                    if let Ok(below) = openat(folder, text, FOLDER, Mode::empty()) {
                        let passed_over = self.folder(below.as_fd(), &path, depth + 1);
                        if let Err(error) = passed_over {
                            tracing::debug!(%error, path, "a folder that cannot be read");
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Whether a name is one that is looked at: not the folder itself, not the one above, not hidden.
fn is_seen(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    !bytes.is_empty() && !bytes.starts_with(b".") && !bytes.contains(&b'/') && !bytes.contains(&0)
}
