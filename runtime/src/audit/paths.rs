//! The files of an audit log: the log itself, its head and key beside it, and the files it was rotated into.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::append_file::{self, folder_of};

/// Digits of the number in the name of a rotated file, so that names sort as the chain runs.
const DIGITS: usize = 15;

/// Where the files of one log are.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) log: PathBuf,
    pub(super) head: PathBuf,
    pub(super) key: PathBuf,
    /// The next log while the last one is being put away.
    pub(super) next: PathBuf,
    folder: PathBuf,
    /// Name of a rotated file before and after its number.
    around_number: (String, String),
}

/// A file that the log was rotated into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Archive {
    /// Number of its first line.
    pub(super) first: u64,
    pub(super) compressed: bool,
    pub(super) path: PathBuf,
}

impl Paths {
    pub(super) fn of(log: &Path) -> Self {
        let text = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let stem = text(log.file_stem()).unwrap_or_default();
        let extension = text(log.extension()).map(|text| format!(".{text}")).unwrap_or_default();
        let mut next = OsString::from(log);
        next.push(".next");
        Self {
            log: log.to_owned(),
            head: log.with_extension("head"),
            key: log.with_extension("key"),
            next: next.into(),
            folder: folder_of(log).to_owned(),
            around_number: (format!("{stem}-"), extension),
        }
    }

    /// Makes the folder, for its owner alone, where there is none.
    pub(super) fn make_folder(&self) -> io::Result<()> {
        append_file::make_folder(&self.folder)
    }

    /// Makes changes of names last.
    pub(super) fn sync_folder(&self) -> io::Result<()> {
        append_file::sync_folder(&self.folder)
    }

    /// Where a log that begins with line `first` is put away.
    pub(super) fn archive(&self, first: u64) -> PathBuf {
        let (before, after) = &self.around_number;
        self.folder.join(format!("{before}{first:0DIGITS$}{after}"))
    }

    /// The rotated files, oldest first. One that is there both plain and compressed counts once, as plain, since
    /// it was still being compressed.
    pub(super) fn archives(&self) -> io::Result<Vec<Archive>> {
        let (before, after) = &self.around_number;
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let (plain, compressed) = name.strip_suffix(".gz").map_or((name, false), |plain| (plain, true));
            let number =
                plain.strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
            let number =
                number.filter(|number| number.len() == DIGITS).and_then(|number| number.parse().ok());
            found.extend(number.map(|first| Archive { first, compressed, path: path.clone() }));
        }
        found.sort();
        found.dedup_by_key(|archive| archive.first);
        Ok(found)
    }
}
