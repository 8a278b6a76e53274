//! Limits on JSON that a stranger sent, checked in one pass before anything is built from it.
//!
//! The parser that comes after decides what is well formed; this pass only refuses what a parser would accept
//! and a later reader would suffer from or read otherwise: deep nesting, huge numbers of values, keys given
//! twice, numbers that no float holds, halves of characters.

use std::borrow::Cow;
use std::collections::HashSet;

/// Deepest nesting of arrays and objects that is accepted.
pub(crate) const MAX_DEPTH: usize = 64;
/// Most values, keys included, that one document may have.
pub(crate) const MAX_TOKENS: usize = 100_000;
/// Up to this many keys a linear search is quicker than a hash set.
const FEW_KEYS: usize = 16;

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuardError {
    #[error("JSON is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("JSON has more than {MAX_TOKENS} values")]
    TooMany,
    #[error("JSON object has the key `{0}` twice")]
    DuplicateKey(String),
    #[error("JSON has a number that is too large")]
    InfiniteNumber,
    #[error("JSON has text with half a surrogate pair")]
    LoneSurrogate,
}

/// Checks what a client sent. Text that is not well formed may pass: parsing refuses it.
pub(crate) fn check(text: &str) -> Result<(), GuardError> {
    scan(text, true)
}

/// Checks what a service sent: its size is bounded already, and a key given twice is passed on as it came.
pub(crate) fn check_depth(text: &str) -> Result<(), GuardError> {
    scan(text, false)
}

fn scan(text: &str, distrust: bool) -> Result<(), GuardError> {
    let bytes = text.as_bytes();
    let mut open: Vec<Level<'_>> = Vec::new();
    let mut tokens = 0usize;
    let mut at = 0usize;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                if open.len() >= MAX_DEPTH {
                    return Err(GuardError::TooDeep);
                }
                open.push(Level { keys: Keys::Few(Vec::new()), in_object: byte == b'{', expects_key: true });
                tokens += 1;
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => {
                if let Some(level) = open.last_mut() {
                    level.expects_key = true;
                }
                tokens += 1;
            }
            b':' => {
                if let Some(level) = open.last_mut() {
                    level.expects_key = false;
                }
            }
            b'"' => {
                let start = at - 1;
                let whole;
                (at, whole) = end_of_string(bytes, at);
                if distrust && !whole {
                    return Err(GuardError::LoneSurrogate);
                }
                if let Some(level) = open.last_mut()
                    && distrust
                    && level.in_object
                    && level.expects_key
                {
                    level.take_key(text.get(start..at).unwrap_or_default())?;
                    tokens += 1;
                }
            }
            b'0'..=b'9' if distrust => {
                let start = at - 1;
                at = end_of_number(bytes, at);
                if !is_finite(text.get(start..at).unwrap_or_default()) {
                    return Err(GuardError::InfiniteNumber);
                }
            }
            _ => {}
        }
        if distrust && tokens > MAX_TOKENS {
            return Err(GuardError::TooMany);
        }
    }
    Ok(())
}

/// The position after the closing quote of the string whose first character is at `at`, and whether each half
/// of a surrogate pair in it stands beside its other half.
fn end_of_string(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut whole = true;
    let mut awaits_low = false;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        let mut unit = None;
        match byte {
            b'"' => break,
            b'\\' => {
                unit = escaped_unit(bytes, at);
                at += if unit.is_some() { 5 } else { 1 };
            }
            _ => {}
        }
        whole &= awaits_low == matches!(unit, Some(0xDC00..=0xDFFF));
        awaits_low = matches!(unit, Some(0xD800..=0xDBFF));
    }
    (at, whole && !awaits_low)
}

/// The code unit of an escape `uXXXX` at `at`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 5)?.strip_prefix(b"u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The position after the number whose second character is at `at`.
fn end_of_number(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Whether a float can hold the number. What is no number at all is for the parser to refuse.
fn is_finite(number: &str) -> bool {
    /// Up to this length digits alone cannot be too large.
    const SHORT: usize = 300;
    let large = number.len() > SHORT || number.contains(['e', 'E']);
    !large || number.parse::<f64>().map_or(true, f64::is_finite)
}

/// An array or object that is still open.
struct Level<'a> {
    keys: Keys<'a>,
    in_object: bool,
    expects_key: bool,
}

impl<'a> Level<'a> {
    fn take_key(&mut self, quoted: &'a str) -> Result<(), GuardError> {
        self.expects_key = false;
        let repeated = |key: Cow<'_, str>| GuardError::DuplicateKey(key.chars().take(100).collect());
        self.keys.insert(unescape(quoted)).map_err(repeated)
    }
}

enum Keys<'a> {
    Few(Vec<Cow<'a, str>>),
    Many(HashSet<Cow<'a, str>>),
}

impl<'a> Keys<'a> {
    /// Takes a new key, and gives back one that is there already.
    fn insert(&mut self, key: Cow<'a, str>) -> Result<(), Cow<'a, str>> {
        match self {
            Self::Few(keys) if keys.contains(&key) => return Err(key),
            Self::Few(keys) if keys.len() < FEW_KEYS => keys.push(key),
            Self::Few(keys) => {
                let mut many: HashSet<Cow<'a, str>> = std::mem::take(keys).into_iter().collect();
                many.insert(key);
                *self = Self::Many(many);
            }
            Self::Many(keys) if keys.contains(&key) => return Err(key),
            Self::Many(keys) => {
                keys.insert(key);
            }
        }
        Ok(())
    }
}

/// The key that stands between the quotes, so that `"a"` and `"\u0061"` are seen as the same.
fn unescape(quoted: &str) -> Cow<'_, str> {
    let raw = quoted.trim_matches('"');
    if !quoted.contains('\\') {
        return Cow::Borrowed(raw);
    }
    // A key with a broken escape is left as written; parsing refuses the document.
    serde_json::from_str::<String>(quoted).map_or(Cow::Borrowed(raw), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_sixty_four_levels_and_refuses_one_more() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&nested(64)), Ok(()));
        assert_eq!(check(&nested(65)), Err(GuardError::TooDeep));
        assert_eq!(check(&nested(100_000)), Err(GuardError::TooDeep));
    }

    #[test]
    fn refuses_a_key_given_twice_at_any_level_and_in_any_spelling() {
        let twice = |key: &str| Err(GuardError::DuplicateKey(key.to_owned()));
        assert_eq!(check(r#"{"a":1,"b":2,"a":3}"#), twice("a"));
        assert_eq!(check(r#"{"a":{"b":[{"c":1,"c":2}]}}"#), twice("c"));
        assert_eq!(check(r#"{"a":1,"\u0061":2}"#), twice("a"));
        assert_eq!(check(r#"{"a\"b":1,"a\"b":2}"#), twice("a\"b"));
        let many: String = (0..40).map(|n| format!("\"k{n}\":1,")).collect();
        assert_eq!(check(&format!("{{{many}\"k7\":2}}")), twice("k7"));
    }

    #[test]
    fn refuses_numbers_that_no_float_holds() {
        for number in ["1e999", "-1E+999", "17.5e308", &"9".repeat(400), &format!("{}.5", "9".repeat(400))] {
            assert_eq!(check(&format!(r#"{{"a":[{number}]}}"#)), Err(GuardError::InfiniteNumber), "{number}");
            assert_eq!(check(number), Err(GuardError::InfiniteNumber), "{number}");
        }
        for number in ["1e308", "-1.5E-999", "0", &"9".repeat(300), &format!("0.{}", "9".repeat(400))] {
            assert_eq!(check(&format!(r#"{{"a":[{number}]}}"#)), Ok(()), "{number}");
        }
        assert_eq!(check(r#"{"a":"1e999"}"#), Ok(()));
    }

    #[test]
    fn refuses_halves_of_characters_in_keys_and_values() {
        let lone = Err(GuardError::LoneSurrogate);
        for text in [
            r"\ud800",
            r"\udc00",
            r"\ud800x",
            r"\ud800\n\udc00",
            r"\udc00\ud800",
            r"\ud800\ud800\udc00",
            r"\uD83D\u0041",
        ] {
            assert_eq!(check(&format!(r#"{{"a":["{text}"]}}"#)), lone, "{text}");
            assert_eq!(check(&format!(r#"{{"{text}":1}}"#)), lone, "{text}");
        }
        for text in [r"\ud83d\ude00", r"\uD83D\uDE00\uD83D\uDE00", r"\\ud800", r"\u0041", "\u{1F600}"] {
            assert_eq!(check(&format!(r#"{{"{text}":["{text}"]}}"#)), Ok(()), "{text}");
        }
    }

    #[test]
    fn accepts_equal_keys_in_different_objects_and_equal_strings_as_values() {
        assert_eq!(check(r#"{"a":{"a":["a","a"]},"b":{"a":"b"}}"#), Ok(()));
        assert_eq!(check(r#"[{"a":1},{"a":1}]"#), Ok(()));
        assert_eq!(check(r#"{"a":"{\"a\":1,\"a\":1}"}"#), Ok(()));
    }

    #[test]
    fn refuses_more_values_than_the_limit() {
        let list = |n: usize| format!("[{}]", vec!["0"; n].join(","));
        assert_eq!(check(&list(MAX_TOKENS)), Ok(()));
        assert_eq!(check(&list(MAX_TOKENS + 1)), Err(GuardError::TooMany));
    }

    /// The longest documents that are read at all, each bad for one part of the check.
    fn worst() -> Vec<(&'static str, String)> {
        const LONGEST: usize = 1024 * 1024;
        let fill = |part: &str| part.repeat(LONGEST / part.len());
        let keys = |count: usize, key: &dyn Fn(usize) -> String| {
            (0..count).map(|n| format!("\"{}\":0", key(n))).collect::<Vec<_>>().join(",")
        };
        vec![
            ("open arrays", fill("[")),
            ("open arrays in objects", fill("{\"a\":[")),
            ("many keys", format!("{{{}}}", keys(49_000, &|n| format!("key-number-{n:05}")))),
            ("many keys with escapes", format!("{{{}}}", keys(40_000, &|n| format!("\\u0061\\u{n:04x}")))),
            (
                "long keys that differ in the end",
                format!("{{{}}}", keys(15, &|n| "k".repeat(69_000) + &n.to_string())),
            ),
            ("objects with the same key", format!("[{}0]", "{\"a\":0},".repeat(32_000))),
            ("one string", format!("\"{}\"", fill("a"))),
            ("one string of escapes", format!("\"{}\"", fill(r"\ud83d\ude00"))),
            ("one number", fill("9")),
            ("numbers with exponents", format!("[{}0]", fill("1.7976931348623157e308,"))),
            ("blanks", fill(" ")),
        ]
    }

    #[test]
    fn takes_no_longer_for_the_worst_document_than_for_any_other() {
        // Unoptimized code takes ten times as long, and other tests share the machine; what grows with the square
        // of the length would take minutes.
        let limit = std::time::Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 10 });
        for (what, text) in worst() {
            let once = |_| {
                let start = std::time::Instant::now();
                let _verdict = check(&text);
                start.elapsed()
            };
            // Other tests share the machine: one quick run out of many tells what the code takes.
            let best = (0..30).map(once).scan(limit, |best, run| {
                let done = *best < limit;
                *best = run.min(*best);
                (!done).then_some(*best)
            });
            let best = best.last().unwrap();
            assert!(best < limit, "{what}: {best:?}");
        }
    }
}
