//! Patterns: they run here, and are read by agents as ECMAScript, so they must mean the same in both.
//!
//! Whether a pattern compiles here is the engine's to say. The scan in front of it lets through only what both
//! languages know and read alike; what it does not recognise it refuses.

use diagnostics::{Diagnostic, Sink, Spanned};
use regex_lite::Regex;

use crate::rules;

/// The pattern, ready to match; none if it cannot be used.
pub(super) fn check(pattern: Spanned<&str>, sink: &Sink) -> Option<Regex> {
    match compile(pattern.value) {
        Ok(regex) => Some(regex),
        Err(problem) => {
            let message = format!("the pattern cannot be used: {problem}");
            sink.push(Diagnostic::error(rules::BAD_PATTERN, pattern.span, message));
            None
        }
    }
}

/// The pattern, ready to match, or why it cannot be used.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let scan = Scan { rest: pattern.chars().collect(), at: 0 };
    scan.both_read_alike()?;
    Regex::new(pattern).map_err(|error| error.to_string())
}

/// What stood before, which decides whether a quantifier may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Something that can be repeated.
    Atom,
    /// A quantifier, which `?` makes lazy.
    Quantifier,
    /// The beginning of a group or branch, or an assertion.
    Nothing,
}

struct Scan {
    rest: Vec<char>,
    at: usize,
}

impl Scan {
    fn both_read_alike(mut self) -> Result<(), String> {
        let mut before = Before::Nothing;
        while let Some(first) = self.next() {
            before = match first {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '|' | '^' | '$' => Before::Nothing,
                '.' => {
                    return Err("`.`: ECMAScript leaves out more ends of lines; write `[^\\n]`".to_owned());
                }
                '?' if before == Before::Quantifier => Before::Nothing,
                '*' | '+' | '?' => Self::repeated(before, &first.to_string())?,
                '{' => {
                    let count = self.count()?;
                    Self::repeated(before, &count)?
                }
                ']' | '}' => return Err(format!("`{first}`: write `\\{first}`")),
                '\u{10000}'.. => return Err(format!("`{first}`: ECMAScript may read it as two characters")),
                _ => Before::Atom,
            };
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0);
        self.at += 1;
        next
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn starts_with(&self, part: &str) -> bool {
        part.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    fn repeated(before: Before, quantifier: &str) -> Result<Before, String> {
        if before == Before::Atom {
            return Ok(Before::Quantifier);
        }
        Err(format!("`{quantifier}`: ECMAScript finds nothing to repeat in front of it"))
    }

    /// The rest of `{2}`, `{2,}` or `{2,5}`.
    fn count(&mut self) -> Result<String, String> {
        let mut count = String::from("{");
        while let Some(c) = self.next() {
            count.push(c);
            if c == '}' {
                break;
            }
        }
        let inner = count.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or_default();
        let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let sound = match inner.split_once(',') {
            Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
            None => digits(inner),
        };
        if sound { Ok(count) } else { Err("`{`: write `\\{`, or a count such as `{2,5}`".to_owned()) }
    }

    fn group(&mut self) -> Result<Before, String> {
        if self.peek(0) != Some('?') {
            return Ok(Before::Nothing);
        }
        for (part, why) in [
            ("?=", "look-around is not linear in time"),
            ("?!", "look-around is not linear in time"),
            ("?<=", "look-around is not linear in time"),
            ("?<!", "look-around is not linear in time"),
            ("?P", "ECMAScript writes `(?<name>`"),
        ] {
            if self.starts_with(part) {
                return Err(format!("`({part}`: {why}"));
            }
        }
        if !self.starts_with("?:") && !self.starts_with("?<") {
            return Err("`(?`: flags inside a pattern are not ECMAScript".to_owned());
        }
        self.at += 2;
        Ok(Before::Nothing)
    }

    /// An escape outside a class.
    fn escape(&mut self) -> Result<Before, String> {
        match self.next() {
            Some('b' | 'B') => Ok(Before::Nothing),
            Some('-') => Err("`\\-`: write `-`".to_owned()),
            Some('A') => Err("`\\A`: write `^`".to_owned()),
            Some('z' | 'Z') => Err("`\\z`: write `$`".to_owned()),
            Some('k' | '1'..='9') => Err("backreferences are not linear in time".to_owned()),
            other => self.common_escape(other).map(|_| Before::Atom),
        }
    }

    /// An escape that may stand anywhere; whether it is a class such as `\d`.
    fn common_escape(&mut self, escaped: Option<char>) -> Result<bool, String> {
        match escaped {
            Some('d' | 'D' | 'w' | 'W') => Ok(true),
            Some(c @ ('s' | 'S')) => Err(format!("`\\{c}`: ECMAScript knows more spaces; write them out")),
            Some(
                'n' | 't' | 'r' | 'f' | 'v' | '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '['
                | ']' | '{' | '}' | '|' | '/',
            ) => Ok(false),
            Some(c @ ('x' | 'u')) => {
                let digits = if c == 'x' { 2 } else { 4 };
                if !(0..digits).all(|ahead| self.peek(ahead).is_some_and(|c| c.is_ascii_hexdigit())) {
                    return Err(format!("`\\{c}` takes {digits} hexadecimal digits"));
                }
                self.at += digits;
                Ok(false)
            }
            Some(c) => Err(format!("`\\{c}`: not an escape in both languages")),
            None => Err("it ends in `\\`".to_owned()),
        }
    }

    /// The rest of a class, after its `[`.
    fn class(&mut self) -> Result<Before, String> {
        if self.peek(0) == Some('^') {
            self.at += 1;
        }
        if self.peek(0) == Some(']') {
            return Err("`[]`: a class of nothing, or one that holds `]`; write `\\]`".to_owned());
        }
        while let Some(c) = self.next() {
            let doubled = self.peek(0) == Some(c) && matches!(c, '&' | '-' | '~');
            match c {
                ']' => return Ok(Before::Atom),
                '[' => return Err("`[` inside a class: write `\\[`".to_owned()),
                '\u{10000}'.. => return Err(format!("`{c}`: ECMAScript may read it as two characters")),
                _ if doubled => return Err(format!("`{c}{c}` inside a class: sets are not ECMAScript")),
                '\\' if self.peek(0) == Some('-') => self.at += 1,
                '\\' => {
                    let escaped = self.next();
                    let is_class = self.common_escape(escaped)?;
                    if is_class && self.peek(0) == Some('-') && self.peek(1) != Some(']') {
                        return Err("a class cannot begin a range; write `\\-`".to_owned());
                    }
                }
                _ => {}
            }
        }
        // The engine says that the class is not closed.
        Ok(Before::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_languages_read_alike_is_taken() {
        for pattern in [
            "",
            "^[a-z][a-z0-9_]{0,63}$",
            "^https?://",
            r"^\d{3}-\d{2,}$",
            r"[\w-]+@[\w\-]+\.[a-z]{2,5}",
            r"^(?:a|b)*?$",
            r"(?<year>\d{4})",
            r"\u00e9|\x7f|é",
            r"[^\n]+",
            "a|",
            r"\bword\b",
            r"[&~-]",
        ] {
            assert!(compile(pattern).is_ok(), "{pattern}: {:?}", compile(pattern));
        }
    }

    #[test]
    fn what_one_of_them_refuses_or_reads_differently_is_refused() {
        for pattern in [
            ".", r"\s", r"\S", "a**", "a*+", "^*", "(*a)", "a{,3}", "a{", "}", "]", "[]a]", "[^]", "[[a]]",
            "[a&&b]", "[a--b]", r"\-", r"\@", r"\a", r"\A", r"\z", r"\1", r"\k<a>", "(?i)a", "(?i:a)",
            "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?P<a>b)", r"\x{7f}", r"\u{7f}", "😀", "[😀]", r"[\d-z]",
            r"[\b]", r"\p{L}", "[z-a]", "(a", "a\\", "[a", r"\<", r"\0", "|*", "a??+", r"\ud83d",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }
}
