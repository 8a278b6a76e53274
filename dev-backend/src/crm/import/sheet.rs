//! A CSV file as rows, each with the line it begins on. A quote that somebody forgot to close would make
//! one row swallow those after it; where a line within a row looks like a row of its own, only the row that
//! left its quote open is given up and reading goes on at that line.

use super::columns::{Columns, Field};
use crate::crm::contact;
use crate::failure::Failure;

/// The most rows of one file.
const MOST_ROWS: usize = 20_000;

/// The most rows with an open quote. Each costs another reading of what follows.
const MOST_OPEN: usize = 200;

/// A file in rows.
pub(super) struct Sheet {
    pub(super) columns: Columns,
    pub(super) rows: Vec<Row>,
}

/// One row below the header.
pub(super) struct Row {
    /// The line it begins on, the first being 1.
    pub(super) line: u64,
    /// Its cells, or why they cannot be told.
    pub(super) cells: Result<Vec<String>, String>,
}

/// Where reading has come to.
struct Reading<'t> {
    text: &'t str,
    delimiter: u8,
    offset: usize,
    line: u64,
}

/// One record as it stands in the text.
struct Record<'t> {
    line: u64,
    raw: &'t str,
    cells: Vec<String>,
    end: usize,
}

// === impl Sheet ===

impl Sheet {
    /// Reads a file.
    ///
    /// # Errors
    /// A file without a header row that says who is who, or with too many rows.
    pub(super) fn read(text: &str, delimiter: &str) -> Result<Self, Failure> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reading = Reading { text, delimiter: separator(delimiter)?, offset: 0, line: 1 };
        let header =
            reading.next()?.ok_or_else(|| Failure::Meaningless("the CSV has no header row".to_owned()))?;
        reading.go_to(header.end);
        let columns = Columns::read(&header.cells)?;
        let mut rows = Vec::new();
        let mut open = 0;
        while let Some(record) = reading.next()? {
            if rows.len() == MOST_ROWS {
                let message = format!("the CSV has more than {MOST_ROWS} rows; import it in parts");
                return Err(Failure::Meaningless(message));
            }
            let swallowed = reading.swallowed(&record, &columns);
            if swallowed.is_some() {
                open += 1;
            }
            if open > MOST_OPEN {
                let message = format!("more than {MOST_OPEN} rows leave a quote open; mend the quoting");
                return Err(Failure::Meaningless(message));
            }
            reading.go_to(swallowed.unwrap_or(record.end));
            let is_open = swallowed.is_some() || (reading.is_at_end() && reading.is_open(record.raw));
            rows.push(Row { line: record.line, cells: checked(record.cells, is_open, columns.width()) });
        }
        Ok(Self { columns, rows })
    }
}

fn checked(cells: Vec<String>, is_open: bool, width: usize) -> Result<Vec<String>, String> {
    if is_open {
        return Err("a quote is opened and not closed".to_owned());
    }
    if cells.len() != width {
        return Err(format!("the row has {} cells, the header {width}", cells.len()));
    }
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Err("the row is empty".to_owned());
    }
    Ok(cells)
}

fn separator(given: &str) -> Result<u8, Failure> {
    match given.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n@.'".contains(byte) => {
            Ok(*byte)
        }
        _ => Err(Failure::Meaningless(format!(
            "delimiter {given:?} separates no columns; use one character such as , ; | or a tab"
        ))),
    }
}

// === impl Reading ===

impl<'t> Reading<'t> {
    /// The record that begins here or after empty lines, without going on behind it.
    fn next(&mut self) -> Result<Option<Record<'t>>, Failure> {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        let empty = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.go_to(self.offset + empty);
        let rest = self.text.get(self.offset..).unwrap_or_default();
        let Some((cells, length)) = self.record(rest)? else { return Ok(None) };
        let raw = rest.get(..length).unwrap_or(rest).trim_end_matches(['\r', '\n']);
        Ok(Some(Record { line: self.line, raw, cells, end: self.offset + length }))
    }

    /// The first record of the text, and how many bytes it takes.
    fn record(&self, text: &str) -> Result<Option<(Vec<String>, usize)>, Failure> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let broken = |error: csv::Error| Failure::Broken(format!("reading CSV: {error}"));
        if !reader.read_record(&mut record).map_err(broken)? {
            return Ok(None);
        }
        let length = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        Ok(Some((record.iter().map(str::to_owned).collect(), length)))
    }

    /// Where the first line within the record begins that looks like a row of its own: it has all cells, and
    /// an e-mail address where one belongs.
    fn swallowed(&self, record: &Record<'_>, columns: &Columns) -> Option<usize> {
        let start = self.offset;
        let within = record.raw.char_indices().filter(|(_, letter)| matches!(letter, '\n' | '\r'));
        within.map(|(index, _)| index + 1).find_map(|index| {
            let line = record.raw.get(index..)?.split(['\r', '\n']).next()?;
            let (cells, _) = self.record(line).ok().flatten()?;
            let is_row = cells.len() == columns.width() && !self.is_open(line);
            let email = columns.cell(&cells, Field::Email).filter(|_| is_row)?;
            contact::address(crate::crm::cell::restored(email)).ok().map(|_| start + index)
        })
    }

    /// Whether the record ends within quotes: then what follows it still belongs to it.
    fn is_open(&self, raw: &str) -> bool {
        let followed = format!("{raw}\nx");
        matches!(self.record(&followed), Ok(Some((_, length))) if length == followed.len())
    }

    fn is_at_end(&self) -> bool {
        self.offset == self.text.len()
    }

    /// Goes on at the offset, counting the lines on the way. A line ends with CR LF, LF or CR.
    fn go_to(&mut self, offset: usize) {
        let bytes = self.text.as_bytes();
        for index in self.offset..offset {
            let ends = match bytes.get(index) {
                Some(b'\n') => true,
                Some(b'\r') => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends);
        }
        self.offset = offset;
    }
}
