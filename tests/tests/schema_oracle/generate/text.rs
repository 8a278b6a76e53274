//! Strings at and beside the bounds of a schema, in all scripts and spellings.

use std::sync::Arc;

use serde_json::Value;

use super::super::formats;
use super::super::random::Random;
use super::pattern::Pattern;

/// Characters of one to four bytes in UTF-8, two units in UTF-16, marks that join the letter before them,
/// and some that a careless reader trips over.
const ALPHABETS: [&[char]; 5] = [
    &['a', 'Z', '7', ' ', '-', '_'],
    &['ä', 'ß', 'é', 'ñ'],
    &['\u{1F600}', '\u{10FFFF}', '\u{20BB7}'],
    &['e', '\u{301}', '\u{200D}', '\u{FE0F}'],
    &['"', '\\', '/', '\n', '\u{0}', '\u{7F}', '\u{2028}', '\u{FEFF}'],
];
/// Strings longer than these are built in one of five cases only, or of twenty: they cost the most time.
const LONG: u64 = 3_000;
const VERY_LONG: u64 = 30_000;
/// So many matches of a pattern are looked through for one that the limits of length let pass.
const TRIES: usize = 20;

/// Any string.
pub(super) fn any(random: &mut Random) -> String {
    let length = random.below(12);
    let text = of_length(random, length as u64);
    quoted(random, &text)
}

pub(super) fn good(random: &mut Random, schema: &Value) -> String {
    let text = if let Some(words) = schema["enum"].as_array() {
        random.pick(words).as_str().unwrap().to_owned()
    } else if let Some(format) = schema["format"].as_str() {
        let pattern = pattern(schema);
        let agreed: Vec<&str> = formats::agreed(format)
            .filter(|sample| sample.1 && pattern.as_ref().is_none_or(|pattern| pattern.matches(sample.0)))
            .map(|sample| sample.0)
            .collect();
        assert!(!agreed.is_empty(), "no sample of {format} in formats.rs is one of {schema}: add one");
        (*random.pick(&agreed)).to_owned()
    } else if let Some(pattern) = pattern(schema) {
        let within = |text: &String| is_within(schema, text.chars().count());
        let hit = (0..TRIES).find_map(|_| pattern.hit(random).filter(within));
        let lengths = [schema["minLength"].as_u64(), schema["maxLength"].as_u64()];
        hit.or_else(|| lengths.into_iter().flatten().find_map(|length| of_pattern(random, schema, length)))
            .unwrap_or_else(|| panic!("no text was found for {schema}; say more simply what it takes"))
    } else {
        let fewest = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX).min(fewest + 24);
        let length = fewest + random.below(usize::try_from(most - fewest + 1).unwrap()) as u64;
        of_length(random, length)
    };
    quoted(random, &text)
}

pub(super) fn flawed(random: &mut Random, schema: &Value) -> String {
    let text = if let Some(words) = schema["enum"].as_array() {
        let word = random.pick(words).as_str().unwrap().to_owned();
        near(random, &word)
    } else if let Some(format) = schema["format"].as_str() {
        let padded = schema["maxLength"].as_u64().filter(|_| random.percent(30)).and_then(|most| {
            formats::of_length(format, usize::try_from(most).unwrap() - 1 + random.below(3))
        });
        // What a pattern beside the format takes is not all of that format.
        let hit = pattern(schema).filter(|_| random.percent(20)).and_then(|pattern| pattern.hit(random));
        padded.or(hit).unwrap_or_else(|| {
            let agreed: Vec<&str> = formats::agreed(format).map(|sample| sample.0).collect();
            (*random.pick(&agreed)).to_owned()
        })
    } else if let Some(pattern) = pattern(schema) {
        let limits = [schema["minLength"].as_u64(), schema["maxLength"].as_u64()];
        let limit = *random.pick(&limits);
        let length = limit
            .filter(|_| random.percent(40))
            .map(|limit| (limit + random.below(3) as u64).saturating_sub(1));
        let at_a_bound = length.and_then(|length| of_pattern(random, schema, length));
        at_a_bound.unwrap_or_else(|| match random.below(4) {
            0 => of_length(random, 3),
            1 => pattern.slip(random),
            _ => {
                let hit = pattern.hit(random).unwrap_or_default();
                near(random, &hit)
            }
        })
    } else {
        at_a_bound(random, schema)
    };
    quoted(random, &text)
}

fn pattern(schema: &Value) -> Option<Arc<Pattern>> {
    schema["pattern"].as_str().map(Pattern::of)
}

/// A string of so many characters that the pattern of a schema takes, if there is one.
pub(in super::super) fn of_pattern(random: &mut Random, schema: &Value, characters: u64) -> Option<String> {
    pattern(schema)?.of_length(random, usize::try_from(characters).unwrap())
}

fn is_within(schema: &Value, characters: usize) -> bool {
    let limit = |keyword: &str| schema[keyword].as_u64().map(|limit| usize::try_from(limit).unwrap());
    limit("minLength").is_none_or(|least| characters >= least)
        && limit("maxLength").is_none_or(|most| characters <= most)
}

/// A string of the shortest or longest length, or one off.
fn at_a_bound(random: &mut Random, schema: &Value) -> String {
    let (fewest, most) = (schema["minLength"].as_u64(), schema["maxLength"].as_u64());
    let mut lengths: Vec<u64> =
        fewest.into_iter().flat_map(|min| [min.saturating_sub(1), min, min + 1]).collect();
    lengths.extend(most.into_iter().flat_map(|max| [max - 1, max, max + 1]));
    let longest = match random.below(40) {
        0..2 => u64::MAX,
        2..8 => VERY_LONG,
        _ => LONG,
    };
    // What is left out by its length makes way for what stands out by it.
    lengths
        .retain(|length| *length < longest && (longest == LONG || most.is_none_or(|max| *length + 1 >= max)));
    lengths.push(0);
    let length = *random.pick(&lengths);
    of_length(random, length)
}

/// A word that is nearly the one given.
fn near(random: &mut Random, word: &str) -> String {
    match random.below(8) {
        0 => word.to_uppercase(),
        1 => word.to_lowercase(),
        2 => format!("{word} "),
        3 => format!("{word}\n"),
        4 => format!("\n{word}"),
        5 => word.chars().skip(1).collect(),
        6 => format!("{word}\u{301}"),
        _ => format!("{word}{word}"),
    }
}

/// A string of so many characters, of one alphabet or of all.
fn of_length(random: &mut Random, characters: u64) -> String {
    let alphabet = (!random.percent(30)).then(|| *random.pick(&ALPHABETS));
    (0..characters)
        .map(|_| {
            let alphabet = match alphabet {
                Some(alphabet) => alphabet,
                None => *random.pick(&ALPHABETS),
            };
            *random.pick(alphabet)
        })
        .collect()
}

/// The string as JSON, now and then with every character escaped.
fn quoted(random: &mut Random, text: &str) -> String {
    if random.percent(85) || text.len() > 200 {
        return Value::from(text).to_string();
    }
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{escaped}\"")
}
