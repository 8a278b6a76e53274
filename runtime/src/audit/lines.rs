//! Reading lines of a file that may hold anything, without ever holding much of it.

use std::io::{self, BufRead, Read};

/// Longest line that is looked at, in bytes; the server writes none that comes near.
const LONGEST: u64 = 1024 * 1024;

/// A line as it was found.
pub(super) struct Found {
    /// Its bytes without the line break; of one that is too long, the beginning.
    pub(super) bytes: Vec<u8>,
    /// Its length with the line break.
    pub(super) length: u64,
    /// Whether it ends with a line break, and not with the file.
    pub(super) ended: bool,
}

/// The next line; `None` at the end of the file.
pub(super) fn next(file: &mut (impl BufRead + ?Sized)) -> io::Result<Option<Found>> {
    let mut bytes = Vec::new();
    let mut length = file.take(LONGEST).read_until(b'\n', &mut bytes)? as u64;
    let mut ended = bytes.pop_if(|last| *last == b'\n').is_some();
    while !ended && length >= LONGEST {
        let mut more = Vec::new();
        let read = file.take(LONGEST).read_until(b'\n', &mut more)? as u64;
        if read == 0 {
            break;
        }
        length += read;
        ended = more.last() == Some(&b'\n');
    }
    Ok((length > 0).then_some(Found { bytes, length, ended }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one_and_none_is_held_whole_that_is_too_long() {
        let long = "x".repeat(3 * LONGEST as usize);
        let text = format!("one\n\n{long}\nlast");
        let mut file = text.as_bytes();
        let mut found = Vec::new();
        while let Some(line) = next(&mut file).unwrap() {
            found.push((line.bytes.len(), line.length, line.ended));
        }
        let long = long.len() as u64 + 1;
        assert_eq!(found, [(3, 4, true), (0, 1, true), (LONGEST as usize, long, true), (4, 4, false)]);
    }
}
