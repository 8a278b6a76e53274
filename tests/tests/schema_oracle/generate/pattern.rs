//! Strings that match a pattern, and some that nearly do, made from the pattern itself: whatever an author writes
//! into a manifest is tried without a list of examples beside it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use serde_json::{Value, json};

use super::super::compile;
use super::super::random::Random;

/// A repetition without a limit goes on so many times at most.
const MOST_TIMES: u32 = 4;
/// So many strings are made for one that matches: what an assertion asks for is met by chance.
const TRIES: usize = 200;
/// Parts of a string around what a pattern without anchors looks for.
const AROUND: [&str; 5] = ["", "a", "x\n", "Z 9", "\u{1F600}"];

/// A pattern of a schema.
pub(super) struct Pattern {
    parsed: Hir,
    /// The independent library on this pattern alone.
    library: Validator,
}

impl Pattern {
    /// The pattern with this text. Each is read once.
    pub(super) fn of(text: &str) -> Arc<Self> {
        static READ: Mutex<BTreeMap<String, Arc<Pattern>>> = Mutex::new(BTreeMap::new());
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let parsed = regex_syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            Arc::new(Self { parsed, library: compile(&json!({"pattern": text})) })
        };
        Arc::clone(read.entry(text.to_owned()).or_insert_with(new))
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.library.is_valid(&Value::from(text))
    }

    /// A string that matches, if one is found.
    pub(super) fn hit(&self, random: &mut Random) -> Option<String> {
        (0..TRIES).map(|_| self.text(random, 0)).find(|text| self.matches(text))
    }

    /// A string that was made with a slip or two, and so often does not match.
    pub(super) fn slip(&self, random: &mut Random) -> String {
        self.text(random, 15)
    }

    /// A string of so many characters that matches, if one is found: what it takes to tell a limit of length from
    /// the one beside it.
    pub(super) fn of_length(&self, random: &mut Random, characters: usize) -> Option<String> {
        (0..TRIES / 10).find_map(|_| {
            let text: Vec<char> = self.hit(random)?.chars().collect();
            let fits =
                |text: Vec<char>| Some(text.into_iter().collect()).filter(|text: &String| self.matches(text));
            if text.len() >= characters {
                let cut = text.len() - characters;
                return (0..=characters).find_map(|at| fits([&text[..at], &text[at + cut..]].concat()));
            }
            // Somewhere one character may stand any number of times.
            let missing = characters - text.len();
            (0..text.len()).find_map(|at| {
                let more = vec![text[at]; missing];
                fits([&text[..at], &more, &text[at..]].concat())
            })
        })
    }

    /// A string made as the pattern reads, each part of it wrong in so many of a hundred cases.
    fn text(&self, random: &mut Random, slips: usize) -> String {
        let mut out = (*random.pick(&AROUND)).to_owned();
        if random.percent(60) {
            out.clear();
        }
        write(&self.parsed, random, slips, &mut out);
        if random.percent(40) {
            out += *random.pick(&AROUND);
        }
        out
    }
}

/// Writes what a part of a pattern matches. An assertion takes no room.
fn write(part: &Hir, random: &mut Random, slips: usize, out: &mut String) {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).unwrap()),
        HirKind::Class(class) => out.extend(character(class, random, slips)),
        HirKind::Repetition(repetition) => {
            for _ in 0..times(repetition, random, slips) {
                write(&repetition.sub, random, slips, out);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, random, slips, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, random, slips, out)),
        HirKind::Alternation(parts) => write(random.pick(parts), random, slips, out),
    }
}

/// A character of a class, of ASCII where that has one; by a slip the one before or after a range.
fn character(class: &Class, random: &mut Random, slips: usize) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let ascii: Vec<(char, char)> = ranges
        .iter()
        .filter(|(first, _)| first.is_ascii())
        .map(|(first, last)| (*first, (*last).min('\u{7F}')))
        .collect();
    let ranges = if ascii.is_empty() || random.percent(10) { ranges } else { ascii };
    let (first, last) = *ranges.get(random.below(ranges.len()))?;
    let (first, last) = (u32::from(first), u32::from(last));
    let point = match random.percent(slips) {
        true if random.percent(50) => first.saturating_sub(1),
        true => last + 1,
        false => first + u32::try_from(random.below((last - first + 1) as usize)).unwrap(),
    };
    // The range may reach across what is no character.
    Some(char::from_u32(point).unwrap_or('\u{FFFD}'))
}

/// How often a part is repeated: within its limits, at one of them, or by a slip once more or less.
fn times(repetition: &Repetition, random: &mut Random, slips: usize) -> u32 {
    let least = repetition.min;
    let most = repetition.max.unwrap_or(least + MOST_TIMES);
    if random.percent(slips) {
        return if random.percent(50) { most + 1 } else { least.saturating_sub(1) };
    }
    match random.below(6) {
        0 => least,
        1 => most,
        _ => {
            least + u32::try_from(random.below((most.min(least + MOST_TIMES) - least + 1) as usize)).unwrap()
        }
    }
}
