//! Full-text queries from whatever a caller types. Every word becomes a quoted string of FTS5's query
//! language, so that no quote, operator or column name in it can mean anything.

/// The most words of a query that are looked for.
const MOST: usize = 32;

/// What an index is matched against, in SQL: the query `?3` among the rows of the tenant `?1`, or the part
/// `?2` of them. In an index's `scope` column a tenant is one token of letters and digits, whatever its name,
/// and a part is the same token with the part's name behind.
pub(super) const WITHIN_TENANT: &str = "'scope : t' || lower(hex(?1)) || ?2 || ' AND ' || ?3";

/// A text without regard to case, as SQL's `folded()` gives it too.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Whether a text has a part that is folded already, without regard to case; as SQL's `has_part()`.
pub(super) fn has_part(text: &str, part: &str) -> bool {
    if !text.is_ascii() || part.is_empty() {
        return folded(text).contains(part);
    }
    // Most texts are ASCII, and need not be copied to be compared.
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// The words of a query.
#[derive(Default)]
pub(crate) struct Words(Vec<String>);

/// How the words of a query must occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// All of them.
    All,
    /// At least one.
    Any,
}

// === impl Words ===

impl Words {
    /// The words of the text: what stands between white space and has a letter or digit. Each is looked
    /// for as the beginning of a word, but for single ASCII letters and digits, which begin too many.
    pub(crate) fn of(text: &str) -> Self {
        let words = text
            .split(|letter: char| letter.is_whitespace() || letter.is_control())
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .take(MOST)
            .map(|word| {
                let quoted = word.replace('"', "\"\"");
                let prefix = if word.len() > 1 { "*" } else { "" };
                format!("\"{quoted}\"{prefix}")
            });
        Self(words.collect())
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is just one word.
    pub(super) const fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// Each word for itself.
    pub(super) fn each(&self) -> impl Iterator<Item = Self> {
        self.0.iter().map(|word| Self(vec![word.clone()]))
    }

    /// Adds words.
    pub(super) fn add(&mut self, words: Self) {
        self.0.extend(words.0);
    }

    /// The query for these words in these columns.
    pub(super) fn query(&self, how: Match, columns: &str) -> String {
        let between = match how {
            Match::All => " AND ",
            Match::Any => " OR ",
        };
        format!("{{{columns}}} : ({})", self.0.join(between))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_quoted_string() {
        let cases = [
            ("renewal 2027", "{content} : (\"renewal\"* AND \"2027\"*)"),
            ("say \"hi\" OR NOT", "{content} : (\"say\"* AND \"\"\"hi\"\"\"* AND \"OR\"* AND \"NOT\"*)"),
            ("a", "{content} : (\"a\")"),
            ("scope:x* ^y", "{content} : (\"scope:x*\"* AND \"^y\"*)"),
        ];
        for (text, expected) in cases {
            assert_eq!(Words::of(text).query(Match::All, "content"), expected, "{text}");
        }
    }

    #[test]
    fn text_without_letters_has_no_words() {
        for text in ["", "  ", "?!", "\" * ( ) -", "\0", "\u{1f389}"] {
            assert!(Words::of(text).is_empty(), "{text:?}");
        }
    }
}
