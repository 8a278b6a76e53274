//! What gives a person away in a text, and the text without it. Case means nothing; a hit within a longer
//! word, address or number is somebody else.

use serde_json::json;

use crate::database::folded;

/// What stands where something was erased.
pub(super) const ERASED: &str = "[erased]";

/// The texts to look for.
#[derive(Default)]
pub(super) struct Trace(Vec<Needle>);

/// One text to look for, in lower case.
struct Needle {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Address,
    Number,
}

/// A letter of a text in lower case, and where it comes from.
struct Letter {
    folded: char,
    start: usize,
    end: usize,
}

// === impl Trace ===

impl Trace {
    /// Adds a name or an id.
    pub(super) fn add_word(&mut self, text: &str) {
        self.add(text, Kind::Word);
    }

    /// Adds an e-mail address.
    pub(super) fn add_address(&mut self, text: &str) {
        self.add(text, Kind::Address);
    }

    /// Adds a phone number as somebody writes it.
    pub(super) fn add_number(&mut self, text: &str) {
        self.add(text, Kind::Number);
    }

    /// The texts in lower case, for a first look with SQL.
    pub(super) fn needles(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|needle| needle.text.as_str())
    }

    /// Whether the text gives the person away.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.erased_from(text).is_some()
    }

    /// The text without what gives the person away; nothing where there is nothing to erase.
    pub(super) fn erased_from(&self, text: &str) -> Option<String> {
        let letters = letters(text);
        let mut hits: Vec<(usize, usize)> =
            self.0.iter().flat_map(|needle| needle.hits(text, &letters)).collect();
        if hits.is_empty() {
            return None;
        }
        hits.sort_unstable();
        let (mut rest, mut done) = (String::with_capacity(text.len()), 0);
        for (start, end) in hits {
            if start >= done {
                rest.push_str(text.get(done..start).unwrap_or_default());
                rest.push_str(ERASED);
            }
            done = done.max(end);
        }
        rest.push_str(text.get(done..).unwrap_or_default());
        Some(rest)
    }

    fn add(&mut self, text: &str, kind: Kind) {
        let text = folded(text.trim());
        // Details of events are JSON, in which a text may be written another way.
        let quoted = json!(text).to_string();
        for form in [text.as_str(), quoted.trim_matches('"')] {
            if form.chars().count() > 1 && !self.needles().any(|known| known == form) {
                self.0.push(Needle { text: form.to_owned(), kind });
            }
        }
    }
}

// === impl Needle ===

impl Needle {
    fn hits(&self, text: &str, letters: &[Letter]) -> Vec<(usize, usize)> {
        let wanted: Vec<char> = self.text.chars().collect();
        let windows = letters.windows(wanted.len());
        let found =
            windows.filter(|window| window.iter().map(|letter| letter.folded).eq(wanted.iter().copied()));
        let places = found.filter_map(|window| Some((window.first()?.start, window.last()?.end)));
        places.filter(|(start, end)| self.stands_alone(text, *start, *end)).collect()
    }

    fn stands_alone(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let mut behind = text.get(end..).unwrap_or_default().chars();
        let (after, next) = (behind.next(), behind.next());
        let is_word =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
        match self.kind {
            Kind::Word => !is_word(before) && !is_word(after),
            Kind::Number => !is_digit(before) && !is_digit(after),
            Kind::Address => {
                let joins =
                    |letter: Option<char>| is_word(letter) || letter.is_some_and(|l| "._%+-".contains(l));
                // A full stop behind an address ends the sentence, unless the address goes on.
                let goes_on =
                    is_word(after) || matches!(after, Some('-')) || (after == Some('.') && is_word(next));
                !joins(before) && !goes_on
            }
        }
    }
}

fn letters(text: &str) -> Vec<Letter> {
    let each = text.char_indices().flat_map(|(start, letter)| {
        let end = start + letter.len_utf8();
        letter.to_lowercase().map(move |folded| Letter { folded, start, end })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erases_the_person_and_nobody_else() {
        let mut trace = Trace::default();
        trace.add_address("anna@brot.example");
        trace.add_word("Anna Berg");
        trace.add_number("+49 30 1234567");
        trace.add_number("49301234567");
        trace.add_word("Bo \"B\" Li");
        let cases = [
            ("Mail ANNA@Brot.Example.", Some("Mail [erased].")),
            ("<anna@brot.example>, anna berg", Some("<[erased]>, [erased]")),
            ("joanna@brot.example", None),
            ("x.anna@brot.example", None),
            ("anna@brot.example.org", None),
            ("anna@brot.example-shop.org", None),
            ("Hanna Berg and Anna Bergmann", None),
            ("call +49 30 1234567!", Some("call [erased]!")),
            ("call +49301234567", Some("call +[erased]")),
            ("149301234567", None),
            ("{\"name\":\"Bo \\\"B\\\" Li\"}", Some("{\"name\":\"[erased]\"}")),
            ("Änna Berg, Anna Berg", Some("Änna Berg, [erased]")),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(trace.erased_from(text).as_deref(), expected, "{text:?}");
        }
    }
}
