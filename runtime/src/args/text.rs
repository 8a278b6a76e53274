//! Text, free or out of a list.

use std::sync::OnceLock;

use regex_lite::Regex;

use super::{Format, Place, Rule, unexpected};
use crate::problem::Problem;

/// A string. Lengths count characters, not bytes.
#[derive(Debug, Default)]
pub struct Text {
    min_length: u32,
    max_length: Option<u32>,
    pattern: Option<&'static Pattern>,
    format: Option<Format>,
}

impl Text {
    /// Any string.
    pub const fn new() -> Self {
        Self { min_length: 0, max_length: None, pattern: None, format: None }
    }

    /// At least so many characters.
    pub const fn min_length(mut self, characters: u32) -> Self {
        self.min_length = characters;
        self
    }

    /// At most so many characters.
    pub const fn max_length(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Some part of the string must match.
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// A form that the string must have.
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    fn accepts(&self, text: &str) -> bool {
        let long_enough = self.min_length == 0 || text.chars().count() >= self.min_length as usize;
        // A string has at least as many bytes as characters, so most need no count.
        let short_enough = self
            .max_length
            .is_none_or(|max| text.len() <= max as usize || text.chars().count() <= max as usize);
        long_enough
            && short_enough
            && self.pattern.is_none_or(|pattern| pattern.matches(text))
            && self.format.is_none_or(|format| format.accepts(text))
    }
}

impl Rule for Text {
    type Value = String;

    fn expected(&self) -> String {
        let kind = self.format.map_or("text", Format::expected);
        let length = match (self.min_length, self.max_length) {
            (0, None) => String::new(),
            (min, None) => format!(" of at least {min} characters"),
            (0, Some(max)) => format!(" of at most {max} characters"),
            (min, Some(max)) => format!(" of {min} to {max} characters"),
        };
        let pattern = self.pattern.map_or(String::new(), |pattern| format!(" matching {}", pattern.source));
        format!("{kind}{length}{pattern}")
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<String> {
        let value = text
            .starts_with('"')
            .then(|| serde_json::from_str::<String>(text).ok())
            .flatten()
            .filter(|value| self.accepts(value));
        if value.is_none() {
            problems.push(unexpected(place, &self.expected(), text));
        }
        value
    }
}

/// A regular expression of a manifest, compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern that `source` spells. Manifests are checked for patterns that compile.
    pub const fn new(source: &'static str) -> Self {
        Self { source, regex: OnceLock::new() }
    }

    /// Whether some part of `text` matches. A pattern that does not compile matches nothing.
    fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(self.source).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A string out of a list.
#[derive(Debug)]
pub struct Choice(&'static [&'static str]);

impl Choice {
    /// One of `values`.
    pub const fn new(values: &'static [&'static str]) -> Self {
        Self(values)
    }
}

impl Rule for Choice {
    type Value = &'static str;

    fn expected(&self) -> String {
        format!("one of {}", self.0.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", "))
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<&'static str> {
        let given = text.starts_with('"').then(|| serde_json::from_str::<String>(text).ok()).flatten();
        let value = given.as_deref().and_then(|given| self.0.iter().find(|value| **value == given)).copied();
        if value.is_none() {
            let mut problem = unexpected(place, &self.expected(), text);
            if let Some(near) = given.and_then(|given| diagnostics::suggest(&given, self.0.iter().copied())) {
                problem.message.push_str(&format!(", did you mean \"{near}\"?"));
            }
            problems.push(problem);
        }
        value
    }
}
