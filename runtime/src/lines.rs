//! Reading lines of a file that may hold anything, without ever holding much of it.

use std::io::{self, BufRead, Read};

/// A line as it was found.
pub(crate) struct Found {
    /// Its bytes without the line break; of one that is too long, the beginning.
    pub(crate) bytes: Vec<u8>,
    /// Its length with the line break.
    pub(crate) length: u64,
    /// Whether it ends with a line break, and not with the file.
    pub(crate) ended: bool,
}

/// The next line; `None` at the end of the file. Of a line that is longer than `longest`, in bytes, that much is held.
pub(crate) fn next(file: &mut (impl BufRead + ?Sized), longest: u64) -> io::Result<Option<Found>> {
    let mut bytes = Vec::new();
    let mut length = file.take(longest).read_until(b'\n', &mut bytes)? as u64;
    let mut ended = bytes.pop_if(|last| *last == b'\n').is_some();
    while !ended && length >= longest {
        let mut more = Vec::new();
        let read = file.take(longest).read_until(b'\n', &mut more)? as u64;
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

    const LONGEST: u64 = 1024;

    #[test]
    fn lines_come_one_by_one_and_none_is_held_whole_that_is_too_long() {
        let long = "x".repeat(3 * LONGEST as usize);
        let text = format!("one\n\n{long}\nlast");
        let mut file = text.as_bytes();
        let mut found = Vec::new();
        while let Some(line) = next(&mut file, LONGEST).unwrap() {
            found.push((line.bytes.len(), line.length, line.ended));
        }
        let long = long.len() as u64 + 1;
        assert_eq!(found, [(3, 4, true), (0, 1, true), (LONGEST as usize, long, true), (4, 4, false)]);
    }
}
