//! Cells of a CSV file that a spreadsheet would take for a formula. An export puts an apostrophe before
//! them, which spreadsheets read as "this is text", and an import takes it away again. A text that begins
//! with apostrophes before such a character gets one more, so that every text comes back as it was.

/// What makes a spreadsheet calculate.
const STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The text as a cell that nobody calculates.
pub(super) fn defused(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text behind a cell.
pub(super) fn restored(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(STARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_no_formula_goes_out() {
        let cases = [
            ("Ada", "Ada"),
            ("", ""),
            ("'", "'"),
            ("'Ada", "'Ada"),
            ("O'Hara", "O'Hara"),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
        ];
        for (text, cell) in cases {
            assert_eq!(defused(text), cell, "{text:?}");
            assert_eq!(restored(cell), text, "{cell:?}");
        }
    }
}
