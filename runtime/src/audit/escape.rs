//! JSON in which nothing can pass for something else: every character that does not show as itself is escaped,
//! so that a record is one line in any editor, terminal and parser.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::hidden::is_hidden;

/// The JSON text of a value. One that has no JSON form, which no record is, becomes an empty object.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    match value.serialize(&mut Serializer::with_formatter(&mut out, Escaping)) {
        Ok(()) => out,
        Err(_) => b"{}".to_vec(),
    }
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte.is_ascii() && byte != 0x7F) {
            return out.write_all(fragment.as_bytes());
        }
        let mut buffer = [0; 4];
        for character in fragment.chars() {
            if is_hidden(character) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(character.encode_utf8(&mut buffer).as_bytes())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::json;

    #[test]
    fn what_does_not_show_as_itself_is_escaped_and_reads_back() {
        for text in [
            "plain, Größe 東京 \"quoted\" \\ /",
            "line\nbreak\r\t",
            "\u{0}\u{1b}[31m\u{7f}\u{85}\u{9b}",
            "left\u{202e}right\u{2066}\u{2028}\u{2029}\u{feff}\u{200b}",
            "tag\u{e0041}\u{1d173}",
        ] {
            let line = String::from_utf8(json(text)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), text);
            assert!(!line.chars().any(crate::hidden::is_hidden), "{line}");
        }
        assert_eq!(json("Größe 東京"), "\"Größe 東京\"".as_bytes());
    }
}
