//! Writing JSON into a buffer that is already there.

use serde::Serialize;

/// Appends `value` as JSON.
///
/// Writing to memory cannot fail, and the values written here (text, numbers, maps with text keys) all have a
/// JSON form; a value without one is written as `null` so that the document stays well formed.
pub(crate) fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// Appends a number, without a fraction where it has none, so that 12000 stays 12000.
pub(crate) fn number(out: &mut Vec<u8>, number: f64) {
    /// Above this not every integer has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        // The bounds just checked make the conversion exact.
        #[allow(clippy::cast_possible_truncation)]
        value(out, &(number as i64));
    } else {
        value(out, &number);
    }
}
