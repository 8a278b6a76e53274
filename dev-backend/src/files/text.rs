//! The text of a file, where it is one: UTF-8 without a zero byte. Only the beginning is read.

use std::fs::File;
use std::io::{self, Read};

/// The beginning of a file.
pub(super) struct Beginning {
    /// Its text, where it is text.
    pub(super) text: Option<String>,
    /// Whether there is more behind it.
    pub(super) is_cut: bool,
}

/// Reads the beginning of a file, at most so many bytes.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn beginning(file: File, most: usize) -> io::Result<Beginning> {
    let mut bytes = Vec::new();
    let with_one_more = most as u64 + 1;
    file.take(with_one_more).read_to_end(&mut bytes)?;
    let is_cut = bytes.len() > most;
    bytes.truncate(most);
    Ok(Beginning { text: decoded(bytes, is_cut), is_cut })
}

fn decoded(mut bytes: Vec<u8>, is_cut: bool) -> Option<String> {
    if is_cut && let Err(error) = std::str::from_utf8(&bytes) {
        // The cut may go through a character.
        if error.error_len().is_none() {
            bytes.truncate(error.valid_up_to());
        }
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
    Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        let cases: [(&[u8], bool, Option<&str>); 7] = [
            (b"plain", false, Some("plain")),
            ("\u{feff}näive".as_bytes(), false, Some("näive")),
            (&[b'a', 0xc3], true, Some("a")),
            (&[b'a', 0xc3], false, None),
            (&[b'a', 0xff, b'b'], true, None),
            (b"PK\0\x03", false, None),
            (b"", false, Some("")),
        ];
        for (bytes, is_cut, expected) in cases {
            assert_eq!(decoded(bytes.to_vec(), is_cut).as_deref(), expected, "{bytes:?}");
        }
    }
}
