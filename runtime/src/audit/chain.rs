//! The chain: each line names the hash of the line before, and its own hash covers all of its other bytes.
//!
//! Only this file knows the form of a line. It is checked byte for byte and not as JSON, so that two texts of the
//! same meaning are never taken for each other.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Serialize, Serializer};

/// Version of the form of a line.
const START: &[u8] = b"{\"v\":1,\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const HASH: &[u8] = b"\",\"hash\":\"";
const END: &[u8] = b"\"}";
const HEX: usize = 64;

/// The hash of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hash([u8; 32]);

impl Hash {
    fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(hash)
    }

    pub(super) fn hex(self) -> String {
        hex(&self.0)
    }

    /// Reads 64 lower-case hexadecimal digits, the one spelling that is written.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hex())
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Hash::of(bytes).hex()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' + value - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
}

/// Reads 32 bytes from 64 lower-case hexadecimal digits.
pub(super) fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    (text.len() == HEX && hex(&bytes).as_bytes() == text).then_some(bytes)
}

/// A place in the chain: a line's number and its hash. Before the first line both are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

impl Link {
    /// Appends the line that follows this place to `out`. `members` is the JSON of the record, an object.
    pub(super) fn append(self, out: &mut Vec<u8>, time: &str, mono_ms: f64, members: &[u8]) -> Self {
        let start = out.len();
        let seq = self.seq + 1;
        out.extend_from_slice(START);
        out.extend_from_slice(format!("{seq},\"time\":\"{time}\",\"mono_ms\":{mono_ms}").as_bytes());
        let members = members.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or_default();
        if !members.is_empty() {
            out.push(b',');
            out.extend_from_slice(members);
        }
        out.extend_from_slice(PREV);
        out.extend_from_slice(self.hash.hex().as_bytes());
        let hash = Hash::of(out.get(start..).unwrap_or_default());
        out.extend_from_slice(HASH);
        out.extend_from_slice(hash.hex().as_bytes());
        out.extend_from_slice(END);
        out.push(b'\n');
        Self { seq, hash }
    }
}

/// A line as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Its own place.
    pub(super) link: Link,
    /// The hash of the line before, as it says.
    pub(super) prev: Hash,
    /// Whether its hash is that of its content.
    pub(super) intact: bool,
}

impl Line {
    /// Reads a line without its line break; `None` for what has not the form of one.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_suffix(END)?;
        let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(HEX)?)?;
        let sealed = rest.strip_suffix(HASH)?;
        let (rest, prev) = sealed.split_at_checked(sealed.len().checked_sub(HEX)?)?;
        let rest = rest.strip_suffix(PREV)?.strip_prefix(START)?;
        let digits: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).collect();
        let seq: u64 = std::str::from_utf8(&digits).ok()?.parse().ok()?;
        let hash = Hash::parse(hash)?;
        let link = Link { seq, hash };
        Some(Self { link, prev: Hash::parse(prev)?, intact: Hash::of(sealed) == hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_as_it_was_written_and_is_json() {
        let mut out = Vec::new();
        let first = Link::default().append(&mut out, "2026-01-01T00:00:00.000Z", 1.5, br#"{"kind":"start"}"#);
        let line = Line::read(out.strip_suffix(b"\n").unwrap()).unwrap();
        assert!(line.intact && line.link == first && line.prev == Hash::default());
        let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            (&json["seq"], &json["kind"], &json["mono_ms"]),
            (&1.into(), &"start".into(), &1.5.into())
        );
    }

    #[test]
    fn a_line_with_any_byte_changed_is_not_intact() {
        let mut out = Vec::new();
        Link::default().append(&mut out, "2026-01-01T00:00:00.000Z", 1.5, br#"{"kind":"start"}"#);
        let line = out.strip_suffix(b"\n").unwrap();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.to_vec();
                changed[at] ^= 1 << bit;
                assert!(!Line::read(&changed).is_some_and(|line| line.intact), "byte {at} bit {bit}");
            }
        }
    }
}
