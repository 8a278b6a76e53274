//! Printing. A reader that has gone away, as `head` does, is no failure.

use std::io::Write;

use serde_json::Value;

use crate::hidden::is_hidden;

/// One line or block for people.
pub(super) fn line(text: &str) {
    let _reader_gone = writeln!(std::io::stdout().lock(), "{text}");
}

/// What went wrong.
pub(super) fn error(text: &str) {
    let _reader_gone = writeln!(std::io::stderr().lock(), "{text}");
}

/// A JSON value in readable form.
pub(super) fn json(value: &Value) {
    line(&format!("{value:#}"));
}

/// Text that others wrote, with what would not print as itself shown instead of sent to the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) && c != '\n' && c != '\t' { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}
