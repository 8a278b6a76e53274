//! What can be read out of a message without understanding it: words, addresses, phrases. Case means nothing,
//! and whatever is neither letter nor digit only separates.

use crate::crm::{contact, gdpr};
use crate::database::{View, folded};
use crate::failure::Failure;
use crate::input;

/// The longest message in characters.
const LONGEST: usize = 20_000;

/// The most keywords of one message.
const MOST_KEYWORDS: usize = 16;

/// Words that say nothing about what a message is about.
const EMPTY_WORDS: &str = "about after again all also am an and any are as at be been before being but by can \
     cannot could did do does doing done dont each for from get give go got had has have having he hello her \
     here him his how if in into is it its just know let like make many may me might more most much must my \
     need needs new no not now of off on one only or other our out over please same say she should so some \
     such tell than thank thanks that the their them then there these they this those through to too two \
     under until up upon us very want wants was way we were what when where which while who whom why will \
     with without would yes yet you your";

/// A message of a caller.
pub(super) struct Message {
    /// As it was written.
    pub(super) text: String,
    /// Its words in lower case, with one space before and after each.
    spaced: String,
}

// === impl Message ===

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// A blank or too long one.
    pub(super) fn read(text: String) -> Result<Self, Failure> {
        let text = input::prose("message", text)?;
        let length = text.chars().count();
        if length > LONGEST {
            let message = format!("message has {length} characters, at most {LONGEST} are taken");
            return Err(Failure::Meaningless(message));
        }
        let spaced = spaced(&text);
        Ok(Self { text, spaced })
    }

    /// Turns a message away that names an address on the blocklist.
    ///
    /// # Errors
    /// It does.
    pub(super) fn refuse_blocked(&self, view: &View<'_>) -> Result<(), Failure> {
        self.addresses().iter().try_for_each(|address| gdpr::refuse_blocked(view, address))
    }

    /// The e-mail addresses in it, in their order.
    pub(super) fn addresses(&self) -> Vec<String> {
        self.tokens().filter_map(address).collect()
    }

    /// What stands between white space, brackets and quotes.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.text
            .split(|letter: char| letter.is_whitespace() || "<>()[]{}\"',;".contains(letter))
            .filter(|token| !token.is_empty())
    }

    /// Whether it has any of these phrases as whole words.
    pub(super) fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.has(phrase))
    }

    /// Whether it has this phrase as whole words.
    pub(super) fn has(&self, phrase: &str) -> bool {
        let phrase = spaced(phrase);
        !phrase.trim().is_empty() && self.spaced.contains(&phrase)
    }

    /// Whether nothing but this is said.
    pub(super) fn is(&self, phrase: &str) -> bool {
        self.spaced == spaced(phrase)
    }

    /// How many words it has.
    pub(super) fn length(&self) -> usize {
        self.spaced.split_whitespace().count()
    }

    /// The words that say what it is about, each once and in the singular, without those of addresses and of
    /// `known`, which is a text in lower case.
    pub(super) fn keywords(&self, known: &str) -> Vec<String> {
        let mut keywords: Vec<String> = Vec::new();
        for token in self.tokens().filter(|token| !token.contains('@')) {
            for word in spaced(token).split_whitespace() {
                let is_empty = word.chars().count() < 2 || holds(EMPTY_WORDS, word) || holds(known, word);
                let keyword = singular(word);
                if !is_empty && keywords.len() < MOST_KEYWORDS && !keywords.iter().any(|had| had == keyword) {
                    keywords.push(keyword.to_owned());
                }
            }
        }
        keywords
    }

    /// Its beginning on one line, as a title.
    pub(super) fn headline(&self) -> String {
        excerpt(&self.text, 80)
    }
}

/// A text on one line, cut where it is longer than so many characters.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// The words of a text in lower case, with one space before and after each.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = " ".to_owned();
    for word in folded(text).split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        spaced.push_str(word);
        spaced.push(' ');
    }
    spaced
}

fn holds(words: &str, wanted: &str) -> bool {
    words.split_whitespace().any(|word| word == wanted)
}

/// A word without the ending of its plural. Memories are searched by the beginnings of words, so both are found.
fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.chars().count() >= 4 && !stem.ends_with(['s', 'u', 'i']) => stem,
        _ => word,
    }
}

/// The address that a token is, where it is one.
fn address(token: &str) -> Option<String> {
    let token = token.rsplit(':').next().unwrap_or_default().trim_matches(['.', '!', '?', '*', '_']);
    contact::address(token).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message::read(text.to_owned()).unwrap()
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        let cases: [(&str, &[&str]); 5] = [
            ("Ada <ada@x.example>, or Bo (bo@y.example).", &["ada@x.example", "bo@y.example"]),
            ("mailto:ada@x.example!", &["ada@x.example"]),
            ("ada@x.example?", &["ada@x.example"]),
            ("meet @ noon, x@ or @y", &[]),
            ("\"ada@x.example\"", &["ada@x.example"]),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text).addresses(), expected, "{text}");
        }
    }

    #[test]
    fn keywords_are_what_a_message_is_about() {
        let cases: [(&str, &str, &[&str]); 4] = [
            ("How do refunds work? Refunds!", "", &["refund", "work"]),
            ("Ada (ada@x.example) cannot log in", "ada lovelace", &["log"]),
            ("the status of all IT invoices", "", &["status", "invoice"]),
            ("?!", "", &[]),
        ];
        for (text, known, expected) in cases {
            assert_eq!(message(text).keywords(known), expected, "{text}");
        }
    }

    #[test]
    fn phrases_are_whole_words_whatever_separates_them() {
        let message = message("Please CALL-me back; it's urgent");
        assert!(message.has_any(&["never", "call me back"]));
        for absent in ["all me", "call me b", "", "?"] {
            assert!(!message.has(absent), "{absent:?}");
        }
    }
}
