//! Where a log goes on when a server starts: after its last whole line, with all that is odd about its end told
//! in the first new line, so that a restart hides nothing.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::chain::{Line, Link};
use super::head::{Found, Head};
use super::log_file::LogFile;
use super::paths::{Archive, Paths};
use crate::lines;

/// Longest line that is looked at, in bytes; the server writes none that comes near.
pub(super) const LONGEST_LINE: u64 = 1024 * 1024;
/// Longest part of a torn line that is kept.
const LONGEST_TORN: usize = 512;

/// What was odd about the end of the log.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Repair {
    /// Bytes of a line that was never finished and was cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) torn_bytes: Option<u64>,
    /// The beginning of that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) torn_line: Option<String>,
    /// Lines after the head: written when the server was killed, before the head could say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_head: Option<u64>,
    /// Lines that the head knows and the log has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing: Option<(u64, u64)>,
    /// Why the head could not be held against the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) head: Option<String>,
}

/// How to go on.
#[derive(Debug)]
pub(super) struct Continuation {
    pub(super) last: Link,
    /// The oldest line that is there or should be.
    pub(super) first: u64,
    pub(super) repair: Repair,
}

/// Reads what there is, cuts off a torn line, and holds the rest against the head.
pub(super) fn find(paths: &Paths, log: &mut LogFile, found: Found) -> io::Result<Continuation> {
    let head = if let Found::Proven(head) = found { Some(head) } else { None };
    let archives = paths.archives()?;
    let mut tail = Tail { head, ..Tail::default() };
    let end = tail.read(BufReader::new(log.reader()))?;
    log.first = tail.first;
    if let Some(began) = &tail.began {
        log.began = *began;
    }
    let mut repair = Repair::default();
    if !end.torn.is_empty() {
        repair.torn_bytes = Some(log.size() - end.whole);
        repair.torn_line = Some(String::from_utf8_lossy(&end.torn).chars().take(LONGEST_TORN).collect());
        log.cut(end.whole)?;
    }
    if tail.last.is_none()
        && let Some(newest) = archives.last()
    {
        tail.read(open(newest)?)?;
    }
    let oldest = archives.first().map(|archive| archive.first).or(log.first);
    let last = held_against(&tail, found, &mut repair);
    let first = head.map(|head| head.first).or(oldest).unwrap_or(1).max(1);
    Ok(Continuation { last, first, repair })
}

/// The place after which the log goes on. Where it is not as its head says, it goes on from what the head says,
/// so that the chain shows the break for good.
fn held_against(tail: &Tail, found: Found, repair: &mut Repair) -> Link {
    let last = tail.last.unwrap_or_default();
    let head = match found {
        Found::Proven(head) => head.last,
        Found::Absent | Found::Foreign if last == Link::default() => return last,
        Found::Absent => {
            repair.head = Some("there is none".to_owned());
            return last;
        }
        Found::Foreign => {
            repair.head = Some("it is not under this log's key".to_owned());
            return last;
        }
    };
    if last.seq < head.seq {
        repair.missing = Some((last.seq + 1, head.seq));
        return head;
    }
    if !tail.fits_head {
        repair.head = Some(format!("line {} is another than it says", head.seq));
        return Link { seq: last.seq, hash: head.hash };
    }
    repair.after_head = Some(last.seq - head.seq).filter(|lines| *lines > 0);
    last
}

/// What was found reading to the end of the log.
#[derive(Debug, Default)]
struct Tail {
    head: Option<Head>,
    first: Option<u64>,
    began: Option<SystemTime>,
    last: Option<Link>,
    /// Whether the line of the head was there, or the one that follows it.
    fits_head: bool,
}

/// The end of one file.
struct End {
    /// Length of all whole lines.
    whole: u64,
    /// What follows them.
    torn: Vec<u8>,
}

impl Tail {
    fn read(&mut self, mut file: impl BufRead) -> io::Result<End> {
        let mut end = End { whole: 0, torn: Vec::new() };
        while let Some(found) = lines::next(&mut file, LONGEST_LINE)? {
            if !found.ended {
                end.torn = found.bytes;
                break;
            }
            end.whole += found.length;
            // A line that was changed is left for `audit verify` to tell of; the log never goes on from it.
            if let Some(line) = Line::read(&found.bytes).filter(|line| line.intact) {
                self.first.get_or_insert(line.link.seq);
                self.began = self.began.or_else(|| time(&found.bytes));
                self.last = Some(line.link);
                let head = self.head.map(|head| head.last).unwrap_or_default();
                self.fits_head |=
                    line.link == head || (line.link.seq == head.seq + 1 && line.prev == head.hash);
            }
        }
        Ok(end)
    }
}

/// When a line was written.
fn time(line: &[u8]) -> Option<SystemTime> {
    #[derive(Deserialize)]
    struct Timed<'a> {
        time: &'a str,
    }
    let timed: Timed<'_> = serde_json::from_slice(line).ok()?;
    timed.time.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
}

/// A rotated file as text.
pub(super) fn open(archive: &Archive) -> io::Result<Box<dyn BufRead>> {
    let file: Box<dyn Read> = match archive.compressed {
        true => Box::new(MultiGzDecoder::new(File::open(&archive.path)?)),
        false => Box::new(File::open(&archive.path)?),
    };
    Ok(Box::new(BufReader::new(file)))
}
