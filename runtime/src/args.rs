//! The arguments of a call, read one by one by generated code.
//!
//! Reading never stops at the first fault: every bad, missing or unknown argument becomes a [`Problem`], so
//! that an agent can mend all of them in one go.

mod compound;
mod format;
mod number;
mod place;
mod text;

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

pub use compound::{AnyJson, FreeObject, List, Record};
pub use format::Format;
pub use number::{Flag, Integer, Number};
pub use text::{Choice, Pattern, Text};

pub(crate) use place::Place;

use crate::json;
use crate::problem::Problem;

/// What a value must be, and how it is read.
pub trait Rule {
    /// What a good value becomes.
    type Value;

    /// The rule in words, as they follow "expected".
    fn expected(&self) -> String;

    /// Reads `text`, one JSON value. `None` when there was a problem, which `problems` then holds.
    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<Self::Value>;
}

/// The arguments of a call, or the properties of an object inside them.
#[derive(Debug)]
pub struct Args<'a> {
    entries: Vec<Entry<'a>>,
    /// Names that were asked for, to find what a misspelt one may have meant.
    declared: Vec<&'static str>,
    problems: Vec<Problem>,
    place: Place<'a>,
}

impl<'a> Args<'a> {
    /// The members of `text`, a JSON object; `None` when it is something else.
    pub(crate) fn parse(text: &'a str, place: Place<'a>) -> Option<Self> {
        let Members(entries) = serde_json::from_str(text).ok()?;
        Some(Self { entries, declared: Vec::with_capacity(8), problems: Vec::new(), place })
    }

    /// Reads an argument that must be there.
    pub fn required<R: Rule>(&mut self, name: &'static str, rule: &R) -> Option<R::Value> {
        match self.take(name) {
            Some(text) => rule.read(text, &self.place.member(name), &mut self.problems),
            None => {
                let place = self.place.member(name).to_string();
                self.problems.push(Problem::new(place, format!("is required: expected {}", rule.expected())));
                None
            }
        }
    }

    /// Reads an argument that may be absent or null. The outer `None` stands for a problem.
    pub fn optional<R: Rule>(&mut self, name: &'static str, rule: &R) -> Option<Option<R::Value>> {
        match self.take(name).filter(|text| *text != "null") {
            Some(text) => rule.read(text, &self.place.member(name), &mut self.problems).map(Some),
            None => Some(None),
        }
    }

    /// Reads an argument that stands for `default`, a JSON text, where it is absent or null.
    pub fn or<R: Rule>(&mut self, name: &'static str, rule: &R, default: &'static str) -> Option<R::Value> {
        let text = self.take(name).filter(|text| *text != "null").unwrap_or(default);
        rule.read(text, &self.place.member(name), &mut self.problems)
    }

    /// Takes an argument away before the tool's own reading, so that the tool never knows of it.
    pub(crate) fn remove(&mut self, name: &str) -> Option<&'a str> {
        let at = self.entries.iter().position(|entry| entry.name == name)?;
        let entry = self.entries.remove(at);
        Some(entry.value.get()).filter(|text| *text != "null")
    }

    /// Makes a problem of every argument that nobody asked for.
    pub(crate) fn refuse_unknown(&mut self) {
        for entry in self.entries.iter().filter(|entry| !entry.taken) {
            let hint = match diagnostics::suggest(&entry.name, self.declared.iter().copied()) {
                Some(near) => format!("unknown, did you mean \"{near}\"?"),
                None if self.declared.is_empty() => "unknown, nothing is taken here".to_owned(),
                None => format!("unknown, expected one of {}", self.declared.join(", ")),
            };
            let name: String = entry.name.chars().take(place::LONGEST_NAME).collect();
            self.problems.push(Problem::new(self.place.member(&name).to_string(), hint));
        }
    }

    /// Adds problems that were found elsewhere.
    pub(crate) fn absorb(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
    }

    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The argument's JSON text, marked as asked for. Null is kept: whether it counts is the caller's choice.
    fn take(&mut self, name: &'static str) -> Option<&'a str> {
        self.declared.push(name);
        let entry = self.entries.iter_mut().find(|entry| entry.name == name)?;
        entry.taken = true;
        Some(entry.value.get())
    }
}

#[derive(Debug)]
struct Entry<'a> {
    name: Cow<'a, str>,
    value: &'a RawValue,
    taken: bool,
}

/// The members of an object in the order they came.
struct Members<'a>(Vec<Entry<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for MembersVisitor<'a> {
            type Value = Members<'a>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(8);
                while let Some((name, value)) = map.next_entry::<json::Text<'a>, &'a RawValue>()? {
                    entries.push(Entry { name: name.into_inner(), value, taken: false });
                }
                Ok(Members(entries))
            }
        }

        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

/// A problem of a value that is not what was expected.
fn unexpected(place: &Place<'_>, expected: &str, text: &str) -> Problem {
    Problem::new(place.to_string(), format!("expected {expected}, got {}", shown(text)))
}

/// A JSON value in a few words: short ones as they are, long ones cut.
fn shown(text: &str) -> String {
    /// Enough to recognise a value by, too little to fill a log.
    const LONGEST: usize = 60;
    match text.bytes().next() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        _ if text.chars().count() <= LONGEST => text.to_owned(),
        _ => format!("{}...", text.chars().take(LONGEST).collect::<String>()),
    }
}

#[cfg(test)]
mod tests;
