//! Strings at and beside the bounds of a schema, in all scripts and spellings.

use serde_json::Value;

use super::super::formats;
use super::super::random::Random;

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

/// Strings that match a pattern of a manifest, and some that nearly do. A new pattern needs a row.
const OF_PATTERN: [(&str, &[&str], &[&str]); 5] = [
    (
        "^[a-z][a-z0-9_]{0,63}$",
        &["contact", "a", "deal_2", "a_", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
        &[
            "",
            "Contact",
            "_a",
            "2a",
            "a-b",
            "é",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ],
    ),
    ("^[A-Z]{3}$", &["EUR", "USD"], &["", "eur", "EU", "EURO", "E\u{301}UR", "ÄÖÜ"]),
    (
        "^https?://",
        &["https://example.com/", "http://x"],
        &["", "ftp://x", "HTTP://x", " https://x", "x https://x"],
    ),
    ("^[0-9]+$", &["0", "0042", "18446744073709551616"], &["", "a", "4 2", "-1", "٣"]),
    ("b+c", &["bc", "abbcd", "x\nbbc"], &["", "b", "cb", "BC"]),
];

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
        let agreed: Vec<&str> =
            formats::agreed(format).filter(|sample| sample.1).map(|sample| sample.0).collect();
        (*random.pick(&agreed)).to_owned()
    } else if let Some(pattern) = schema["pattern"].as_str() {
        (*random.pick(samples(pattern).0)).to_owned()
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
        padded.unwrap_or_else(|| {
            let agreed: Vec<&str> = formats::agreed(format).map(|sample| sample.0).collect();
            (*random.pick(&agreed)).to_owned()
        })
    } else if let Some(pattern) = schema["pattern"].as_str() {
        let (hits, misses) = samples(pattern);
        if random.percent(50) { (*random.pick(misses)).to_owned() } else { near(random, hits[0]) }
    } else {
        at_a_bound(random, schema)
    };
    quoted(random, &text)
}

fn samples(pattern: &str) -> (&'static [&'static str], &'static [&'static str]) {
    let row = OF_PATTERN.iter().find(|(known, _, _)| *known == pattern);
    let (_, hits, misses) = row.unwrap_or_else(|| panic!("no samples for the pattern {pattern}: add a row"));
    (hits, misses)
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
