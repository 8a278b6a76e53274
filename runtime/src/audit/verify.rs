//! Reading a whole log, rotated files included, and finding whatever was changed, removed, moved or cut.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::chain::{Line, Link};
use super::continuation::{self, LONGEST_LINE, Repair};
use super::head::{self, Found, Head, Key};
use super::paths::{Archive, Paths};
use crate::lines;

/// Faults that are told one by one; a file that is no log at all has one in each line.
const MOST_FAULTS: usize = 1_000;

/// Something that is not as the server wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFault {
    /// The file.
    pub file: String,
    /// The line in it, from 1 on; 0 where the fault is of no single line.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for AuditFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.file, self.message),
            line => write!(formatter, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// What a log was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Lines read.
    pub lines: u64,
    /// Number of the first line.
    pub first: Option<u64>,
    /// Number of the last line.
    pub last: Option<u64>,
    /// Whether the head proves that no line is missing from the end.
    pub tail_proven: bool,
    /// Lines of changes that were begun and of whose end nothing is known.
    pub open_intents: Vec<u64>,
    /// What an auditor should know though nothing is wrong.
    pub notes: Vec<String>,
    /// Everything that is wrong.
    pub faults: Vec<AuditFault>,
}

/// Verifies the log at `path` with all files that it was rotated into.
///
/// # Errors
///
/// When a file cannot be read. What is wrong with its content is in the report.
pub fn verify(path: &Path) -> io::Result<AuditReport> {
    let paths = Paths::of(path);
    let is_held = head::is_held(&paths.head);
    // The log is opened before the head is read and before names are listed, so that lines that a server writes
    // and files that it rotates meanwhile are not taken for faults.
    let log = match File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let key = Key::read(&paths.key)?;
    let found = read_head(&paths, key.as_ref())?;
    let archives = paths.archives()?;
    if log.is_none() && archives.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no {}", path.display())));
    }
    let head = if let Found::Proven(head) = found { Some(head) } else { None };
    let mut check = Check { head, is_held, ..Check::default() };
    for archive in &archives {
        check.file(&archive.path.display().to_string(), open(&paths, archive)?, false)?;
    }
    if let Some(log) = log {
        check.file(&path.display().to_string(), Box::new(BufReader::new(log)), true)?;
    }
    check.end(&paths, found, key.is_some());
    Ok(check.report)
}

/// Opens a file that was put away. One that was compressed since its name was read has another name now.
fn open(paths: &Paths, archive: &Archive) -> io::Result<Box<dyn BufRead>> {
    match continuation::open(archive) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let renewed = paths.archives()?.into_iter().find(|renewed| renewed.first == archive.first);
            renewed.map_or(Err(error), |renewed| continuation::open(&renewed))
        }
        opened => opened,
    }
}

/// Reads the head, again if a server was just writing it.
fn read_head(paths: &Paths, key: Option<&Key>) -> io::Result<Found> {
    let Some(key) = key else {
        return Ok(if paths.head.exists() { Found::Foreign } else { Found::Absent });
    };
    let mut found = head::look(&paths.head, key)?;
    for _ in 0..3 {
        if found != Found::Foreign {
            break;
        }
        found = head::look(&paths.head, key)?;
    }
    Ok(found)
}

/// The parts of a record that matter here.
#[derive(Deserialize)]
struct Record<'a> {
    kind: &'a str,
    #[serde(default)]
    intent: Option<u64>,
    #[serde(default)]
    repair: Option<Repair>,
    #[serde(default)]
    refused: Option<u64>,
}

#[derive(Default)]
struct Check {
    head: Option<Head>,
    /// Whether a server is writing the log.
    is_held: bool,
    /// The line before, as far as it can be trusted.
    before: Option<Link>,
    /// Whether the hash of the line before is known.
    broken: bool,
    fits_head: bool,
    open: BTreeMap<u64, ()>,
    report: AuditReport,
}

impl Check {
    fn file(&mut self, name: &str, mut file: Box<dyn BufRead>, is_last: bool) -> io::Result<()> {
        for number in 1.. {
            let found = match lines::next(&mut *file, LONGEST_LINE) {
                Ok(Some(found)) => found,
                Ok(None) => break,
                // What the unpacking of a compressed file says of its content.
                Err(error) if error.raw_os_error().is_none() => {
                    self.fault(name, 0, format!("cannot be unpacked: {error}"));
                    self.broken = true;
                    break;
                }
                Err(error) => return Err(error),
            };
            match found.ended {
                true => self.line(name, number, &found.bytes),
                // A server that is writing is no fault.
                false if is_last && self.is_held => {}
                false => self.fault(name, number, "the line is torn: it has no end".to_owned()),
            }
        }
        Ok(())
    }

    fn line(&mut self, name: &str, number: u64, bytes: &[u8]) {
        self.report.lines += 1;
        let Some(line) = Line::read(bytes) else {
            self.fault(name, number, "this is no line of an audit log, or it was changed".to_owned());
            self.before = self.before.map(|before| Link { seq: before.seq + 1, ..before });
            self.broken = true;
            return;
        };
        let Link { seq, .. } = line.link;
        if !line.intact {
            self.fault(name, number, format!("line {seq} was changed"));
        } else {
            self.place(name, number, &line);
        }
        self.report.first.get_or_insert(seq);
        self.before = Some(line.link);
        // What a changed line says of its hash may be wrong as well, which is one fault and not two.
        self.broken = !line.intact;
        let head = self.head.map(|head| head.last).unwrap_or_default();
        self.fits_head |= line.link == head || (seq == head.seq + 1 && line.prev == head.hash);
        if line.intact {
            self.record(name, number, seq, bytes);
        }
    }

    /// Whether a line follows the one before.
    fn place(&mut self, name: &str, number: u64, line: &Line) {
        let seq = line.link.seq;
        let Some(before) = self.before else {
            match self.head.map(|head| head.first) {
                Some(first) if seq > first => {
                    self.fault(name, number, format!("lines {first} to {} were removed", seq - 1));
                }
                None if seq > 1 => self.report.notes.push(format!(
                    "the log begins with line {seq}; without its head nothing tells whether earlier lines may be gone"
                )),
                _ => {}
            }
            return;
        };
        let message = match seq.checked_sub(before.seq + 1) {
            Some(0) if self.broken || line.prev == before.hash => return,
            Some(0) => format!("line {seq} does not go on from the line before"),
            Some(1) => format!("line {} is missing before this one", seq - 1),
            Some(_) => format!("lines {} to {} are missing before this one", before.seq + 1, seq - 1),
            None => format!("line {seq} stands after line {}", before.seq),
        };
        self.fault(name, number, message);
    }

    fn record(&mut self, name: &str, number: u64, seq: u64, bytes: &[u8]) {
        let Ok(record) = serde_json::from_slice::<Record<'_>>(bytes) else {
            self.fault(name, number, format!("line {seq} is no record"));
            return;
        };
        match (record.kind, record.intent) {
            ("intent", _) => {
                self.open.insert(seq, ());
            }
            ("outcome", Some(intent)) => {
                self.open.remove(&intent);
            }
            _ => {}
        }
        if let Some(refused) = record.refused {
            self.report
                .notes
                .push(format!("line {seq}: the log could not be written; {refused} calls were refused"));
        }
        let Some(repair) = record.repair else { return };
        if let Some(bytes) = repair.torn_bytes {
            self.report.notes.push(format!("line {seq}: at start {bytes} bytes of a torn line were cut off"));
        }
        if let Some(lines) = repair.after_head {
            let message =
                format!("line {seq}: the head did not prove the {lines} lines before, as after a kill");
            self.report.notes.push(message);
        }
        if let Some((from, to)) = repair.missing {
            self.fault(name, number, format!("when this server started, lines {from} to {to} were missing"));
        }
        if let Some(head) = repair.head {
            let message = format!("when this server started, the head proved nothing: {head}");
            self.fault(name, number, message);
        }
    }

    fn end(&mut self, paths: &Paths, found: Found, has_key: bool) {
        self.report.last = self.before.map(|before| before.seq);
        self.report.open_intents = self.open.keys().copied().collect();
        let name = paths.head.display().to_string();
        match found {
            Found::Absent => {
                let note = "the tail is not proven: there is no head, so lines may be missing from the end";
                self.report.notes.push(note.to_owned());
            }
            Found::Foreign if !has_key => {
                let note = "the tail is not proven: the head cannot be checked without its key";
                self.report.notes.push(note.to_owned());
            }
            Found::Foreign => {
                self.fault(&name, 0, "the head was changed, or is under another key".to_owned())
            }
            Found::Proven(head) => self.hold_against(&name, head.last),
        }
    }

    fn hold_against(&mut self, name: &str, head: Link) {
        let last = self.before.map_or(0, |before| before.seq);
        if last < head.seq {
            let message = format!("lines {} to {} are missing from the end", last + 1, head.seq);
            self.fault(name, 0, message);
        } else if !self.fits_head {
            self.fault(name, 0, format!("line {} is another than the head says", head.seq));
        } else {
            self.report.tail_proven = last == head.seq || self.is_held;
            if !self.report.tail_proven {
                let lines = last - head.seq;
                self.report.notes.push(format!(
                    "the last {lines} lines are not proven: the server was killed before it could, or they were added"
                ));
            }
        }
    }

    fn fault(&mut self, file: &str, line: u64, message: String) {
        if self.report.faults.len() < MOST_FAULTS {
            self.report.faults.push(AuditFault { file: file.to_owned(), line, message });
        }
    }
}
