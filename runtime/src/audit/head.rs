//! The head: how far the log reaches, under a key. Without it nobody could tell a log that was cut from one that
//! is shorter.
//!
//! It is rewritten in place with each group of lines, so it needs no room on a full disk; it fits into one sector.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use serde::{Deserialize, Serialize};

use super::chain::{self, Hash, Link};
use crate::append_file::private;

/// Length of the file, whatever it says.
const LENGTH: usize = 320;

/// The key of a log's head, kept in a file beside it.
#[derive(Debug)]
pub(super) struct Key(hmac::Key);

impl Key {
    fn of(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, bytes))
    }

    /// Reads the key; `None` where there is no file of that name.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Ok(text) => {
                let bytes = chain::unhex(text.trim_ascii()).ok_or_else(|| {
                    io::Error::new(io::ErrorKind::InvalidData, format!("{} holds no key", path.display()))
                })?;
                Ok(Some(Self::of(&bytes)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a key and keeps it.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| io::Error::other("the system has no randomness to give"))?;
        let mut file = private().write(true).create_new(true).open(path)?;
        file.write_all(format!("{}\n", chain::hex(&bytes)).as_bytes())?;
        file.sync_all()?;
        Ok(Self::of(&bytes))
    }
}

/// What a head says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The oldest line that is kept.
    pub(super) first: u64,
    /// The newest line.
    pub(super) last: Link,
}

/// A head that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Absent,
    /// There is one, and it is not under this key.
    Foreign,
    Proven(Head),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u8,
    first: u64,
    seq: u64,
    hash: String,
    mac: String,
}

impl Head {
    /// The content of the file.
    fn to_bytes(self, key: &Key) -> Vec<u8> {
        let Self { first, last } = self;
        let hash = last.hash.hex();
        let mac = hmac::sign(&key.0, format!("audit head 1 {first} {} {hash}", last.seq).as_bytes());
        let written = Written { v: 1, first, seq: last.seq, hash, mac: chain::hex(mac.as_ref()) };
        let mut bytes = Vec::with_capacity(LENGTH);
        crate::json::write::value(&mut bytes, &written);
        bytes.resize(LENGTH - 1, b' ');
        bytes.push(b'\n');
        bytes
    }

    fn of_bytes(bytes: &[u8], key: &Key) -> Option<Self> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let last = Link { seq: written.seq, hash: Hash::parse(written.hash.as_bytes())? };
        let head = Self { first: written.first, last };
        // Another spelling of the same head is not one that was written.
        let own = head.to_bytes(key);
        aws_lc_rs::constant_time::verify_slices_are_equal(&own, bytes).is_ok().then_some(head)
    }
}

/// Looks for a head without taking it.
pub(super) fn look(path: &Path, key: &Key) -> io::Result<Found> {
    match File::open(path) {
        Ok(file) => read(file, key),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Absent),
        Err(error) => Err(error),
    }
}

/// Whether a server that runs holds this head.
pub(super) fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

fn read(mut file: impl Read, key: &Key) -> io::Result<Found> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(Found::Absent);
    }
    Ok(Head::of_bytes(&bytes, key).map_or(Found::Foreign, Found::Proven))
}

/// The file of a head that no other server can have while this is open.
#[derive(Debug)]
pub(super) struct Taken(File);

/// The head of the server that writes the log.
#[derive(Debug)]
pub(super) struct HeadFile {
    file: File,
    key: Key,
    head: Head,
}

impl HeadFile {
    /// Takes the file, or makes it. `None` where another server has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Taken>> {
        let file = private().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Taken(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Goes on with a log that begins with line `first`. The file says so from the next line on.
    pub(super) fn resume(&mut self, first: u64) {
        self.head.first = first;
    }

    /// Says that the log reaches to `last`.
    pub(super) fn advance(&mut self, last: Link) -> io::Result<()> {
        self.write(Head { last, ..self.head })
    }

    /// Says that the log begins with line `first`, in a way that lasts.
    pub(super) fn begin_at(&mut self, first: u64) -> io::Result<()> {
        self.write(Head { first, ..self.head })?;
        self.sync()
    }

    fn write(&mut self, head: Head) -> io::Result<()> {
        self.file.write_all_at(&head.to_bytes(&self.key), 0)?;
        self.head = head;
        Ok(())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl Taken {
    /// Reads what the file says.
    pub(super) fn under(self, key: Key) -> io::Result<(HeadFile, Found)> {
        let found = read(&self.0, &key)?;
        let head = if let Found::Proven(head) = found { head } else { Head::default() };
        if found == Found::Foreign {
            // What is longer than a head would not be overwritten in full.
            self.0.set_len(0)?;
        }
        Ok((HeadFile { file: self.0, key, head }, found))
    }
}
