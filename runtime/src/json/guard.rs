//! Limits on JSON that a stranger sent, checked in one pass before anything is built from it.
//!
//! The parser that comes after decides what is well formed; this pass only refuses what a parser would accept
//! and a later reader would suffer from: deep nesting, huge numbers of values, keys given twice.

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
                let start = at;
                at = end_of_string(bytes, at);
                if let Some(level) = open.last_mut()
                    && distrust
                    && level.in_object
                    && level.expects_key
                {
                    level.take_key(text.get(start..at.saturating_sub(1)).unwrap_or_default())?;
                    tokens += 1;
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

/// The position after the closing quote of the string whose first character is at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => break,
            b'\\' => at += 1,
            _ => {}
        }
    }
    at
}

/// An array or object that is still open.
struct Level<'a> {
    keys: Keys<'a>,
    in_object: bool,
    expects_key: bool,
}

impl<'a> Level<'a> {
    fn take_key(&mut self, raw: &'a str) -> Result<(), GuardError> {
        self.expects_key = false;
        let key = unescape(raw);
        if self.keys.insert(key.clone()) {
            return Ok(());
        }
        Err(GuardError::DuplicateKey(key.chars().take(100).collect()))
    }
}

enum Keys<'a> {
    Few(Vec<Cow<'a, str>>),
    Many(HashSet<Cow<'a, str>>),
}

impl<'a> Keys<'a> {
    /// Whether the key is new.
    fn insert(&mut self, key: Cow<'a, str>) -> bool {
        match self {
            Self::Few(keys) if keys.contains(&key) => false,
            Self::Few(keys) if keys.len() < FEW_KEYS => {
                keys.push(key);
                true
            }
            Self::Few(keys) => {
                let mut many: HashSet<Cow<'a, str>> = std::mem::take(keys).into_iter().collect();
                many.insert(key);
                *self = Self::Many(many);
                true
            }
            Self::Many(keys) => keys.insert(key),
        }
    }
}

/// The key that `raw` spells, so that `"a"` and `"\u0061"` are seen as the same.
fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    // A key with a broken escape is left as written; parsing refuses the document.
    serde_json::from_str::<String>(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
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
}
