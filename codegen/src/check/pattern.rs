//! Patterns: they run here, and are read by agents as ECMAScript, so they must mean the same in both.

use diagnostics::{Diagnostic, Sink, Spanned};
use regex_lite::Regex;

use crate::rules;

/// Spellings that one of the two languages does not know, or reads differently.
const ONE_SIDED: [(&str, &str); 8] = [
    ("(?=", "look-around is not linear in time"),
    ("(?!", "look-around is not linear in time"),
    ("(?<=", "look-around is not linear in time"),
    ("(?<!", "look-around is not linear in time"),
    ("(?P", "ECMAScript writes `(?<name>`"),
    ("\\A", "write `^`"),
    ("\\z", "write `$`"),
    ("[[:", "ECMAScript has no such classes"),
];

/// The pattern, ready to match; none if it cannot be used.
pub(super) fn check(pattern: Spanned<&str>, sink: &Sink) -> Option<Regex> {
    let problem = match one_sided(pattern.value) {
        Some((part, why)) => format!("the pattern cannot be used: `{part}`: {why}"),
        None => match Regex::new(pattern.value) {
            Ok(regex) => return Some(regex),
            Err(error) => format!("the pattern cannot be used: {error}"),
        },
    };
    sink.push(Diagnostic::error(rules::BAD_PATTERN, pattern.span, problem));
    None
}

fn one_sided(pattern: &str) -> Option<(String, &'static str)> {
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some((part, why)) = ONE_SIDED.iter().find(|(part, _)| rest.starts_with(part)) {
            return Some(((*part).to_owned(), why));
        }
        let mut chars = rest.chars();
        chars.next();
        if first == '\\' {
            match chars.next() {
                Some(digit @ '1'..='9') => {
                    return Some((format!("\\{digit}"), "backreferences are not linear in time"));
                }
                Some('k') => return Some(("\\k".to_owned(), "backreferences are not linear in time")),
                _ => {}
            }
        } else if first == '(' && flags(chars.as_str()) {
            return Some(("(?".to_owned(), "flags inside a pattern are not ECMAScript"));
        }
        rest = chars.as_str();
    }
    None
}

/// Whether a group begins with flags: `?i)`, `?i:`, `?-u`.
fn flags(group: &str) -> bool {
    group
        .strip_prefix('?')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
}
