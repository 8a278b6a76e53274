//! What is written down about a matter: the memories that share enough words with a message.

use super::message::{excerpt, spaced};
use crate::database::{View, Words};
use crate::failure::Failure;
use crate::memory::{self, Entry};

/// The most memories that a reply quotes.
const MOST: usize = 3;

/// The most memories that are looked at for those.
const LOOKED_AT: u32 = 20;

/// The keywords that a memory must have at least; where a message has fewer, all of them.
const SHARED: usize = 2;

/// How much of a memory is quoted, in characters.
const QUOTED: usize = 300;

/// The memories in use that share two keywords or more, the best match first.
pub(super) fn sharing(view: &View<'_>, keywords: &[String]) -> Result<Vec<Entry>, Failure> {
    with(view, keywords, keywords.len().min(SHARED))
}

/// The same without what customers said in calls and meetings, which is not for others to read.
pub(super) fn publishable(view: &View<'_>, keywords: &[String]) -> Result<Vec<Entry>, Failure> {
    let mut found = sharing(view, keywords)?;
    found.retain(|entry| !["call", "meeting"].contains(&entry.kind.as_str()));
    Ok(found)
}

/// The memories in use that have every word of a name.
pub(super) fn naming(view: &View<'_>, name: &str) -> Result<Vec<Entry>, Failure> {
    let words: Vec<String> = spaced(name).split_whitespace().map(str::to_owned).collect();
    with(view, &words, words.len())
}

fn with(view: &View<'_>, words: &[String], shared: usize) -> Result<Vec<Entry>, Failure> {
    let mut found = memory::recall(view, &Words::of(&words.join(" ")), LOOKED_AT)?;
    found.retain(|entry| {
        let text = spaced(&format!("{} {}", entry.content, entry.tags));
        words.iter().filter(|word| text.contains(&format!(" {word}"))).count() >= shared
    });
    found.truncate(MOST);
    Ok(found)
}

/// The memories as lines of a reply, each with its day.
pub(super) fn quoted(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let day = entry.created_at.get(..10).unwrap_or_default();
        format!("\n- \"{}\" ({day})", excerpt(&entry.content, QUOTED))
    };
    entries.iter().map(line).collect()
}
