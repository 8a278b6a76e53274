//! Reads the keys of a mapping one by one and collects every problem: a wrong type, a missing key, and in
//! the end the keys that nobody asked for.
//!
//! ```
//! # use diagnostics::{fields::{Fields, Reader, ShapeCodes}, yaml, Sink, Sources};
//! # let codes = ShapeCodes { unknown_key: "X3", wrong_type: "X4", missing_key: "X5" };
//! # let yaml_codes = yaml::YamlCodes { syntax: "X1", duplicate_key: "X2" };
//! let mut sources = Sources::default();
//! let text = "port: many\nhots: localhost\n";
//! let file = sources.add("config/server.yaml", text);
//! let sink = Sink::default();
//! let node = yaml::parse(file, text, yaml_codes, &sink).unwrap();
//! let reader = Reader::new(&sink, codes);
//! let mut server = Fields::of(&reader, &node, "server", node.span).unwrap();
//! assert!(server.key("port").integer().ok().is_none());
//! assert!(server.key("host").text().is_absent());
//! server.finish();
//! let report = sink.into_report(sources);
//! assert_eq!(report.lines().collect::<Vec<_>>(), [
//!     "error: config/server.yaml:1:7: `server.port` must be an integer, found text [X4]",
//!     "error: config/server.yaml:2:1: unknown key `hots` in `server`; did you mean `host`? [X3]",
//! ]);
//! ```

mod field;
mod key;

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Span;
use crate::suggest;
use crate::yaml::{Entry, Node, Value};

pub use field::Field;
pub use key::Key;

/// The codes under which a reader reports.
#[derive(Clone, Copy, Debug)]
pub struct ShapeCodes {
    /// A key that nobody asked for.
    pub unknown_key: Code,
    /// A value of another type than the reader asked for.
    pub wrong_type: Code,
    /// A required key that is not there.
    pub missing_key: Code,
}

/// What all mappings of one reading share: where problems go, and a record of every key asked for.
#[derive(Debug)]
pub struct Reader<'a> {
    sink: &'a Sink,
    codes: ShapeCodes,
    asked: RefCell<BTreeSet<String>>,
}

/// A mapping that is being read.
#[derive(Debug)]
pub struct Fields<'a> {
    reader: &'a Reader<'a>,
    path: String,
    owner: Span,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
    /// Keys that others in the mapping were meant to be.
    misspelt: Vec<&'static str>,
    /// Keys that were reported already.
    refused: Vec<&'static str>,
}

/// What was expected, where the help depends on it.
const TEXT: &str = "text";
const BOOLEAN: &str = "`true` or `false`";
const NAMES: &str = "a mapping of names to values";

// === impl Reader ===

impl<'a> Reader<'a> {
    /// A reader that reports to `sink`.
    #[must_use]
    pub fn new(sink: &'a Sink, codes: ShapeCodes) -> Self {
        Self { sink, codes, asked: RefCell::default() }
    }

    /// Where this reader reports.
    #[must_use]
    pub fn sink(&self) -> &'a Sink {
        self.sink
    }

    /// Every key that was asked for so far, with the path of its mapping: `server.port`. A test can hold it
    /// against a schema of the same file.
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// Reports a value of the wrong type; `name` is the path of the value, empty for a whole file.
    pub fn wrong_type(&self, node: &Node, name: &str, expected: &str) {
        let name = if name.is_empty() { "the file".to_owned() } else { format!("`{name}`") };
        let message = format!("{name} must be {expected}, found {}", node.kind());
        let mut problem = Diagnostic::error(self.codes.wrong_type, node.span, message);
        // The value itself is not repeated: it may be a secret of a configuration.
        match &node.value {
            Value::Null => problem = problem.with_help("give it a value or leave it out"),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) if expected == TEXT => {
                problem = problem.with_help("write it in quotes");
            }
            Value::Sequence(_) if expected == NAMES => {
                problem = problem.with_help("write `name: value` in each line, without `-`");
            }
            Value::Text(text) if expected == BOOLEAN && matches!(text.as_str(), "yes" | "on") => {
                problem = problem.with_help("write `true`");
            }
            Value::Text(text) if expected == BOOLEAN && matches!(text.as_str(), "no" | "off") => {
                problem = problem.with_help("write `false`");
            }
            _ => {}
        }
        self.sink.push(problem);
    }
}

// === impl Fields ===

impl<'a> Fields<'a> {
    /// Begins to read a mapping; anything else is reported. `path` names it in messages (empty for the root of
    /// a file), `owner` is where a missing key is reported, such as the key that the mapping belongs to.
    pub fn of(reader: &'a Reader<'a>, node: &'a Node, path: impl Into<String>, owner: Span) -> Option<Self> {
        let path = path.into();
        if let Value::Mapping(entries) = &node.value {
            let (asked, misspelt, refused) = (Vec::new(), Vec::new(), Vec::new());
            return Some(Self { reader, path, owner, entries, asked, misspelt, refused });
        }
        reader.wrong_type(node, &path, "a mapping of keys to values");
        None
    }

    /// The same reading, told beforehand of all keys that it will ask for: one that is absent because it is
    /// misspelt is [`Field::Wrong`], since [`Self::finish`] reports what stands in its place.
    #[must_use]
    pub fn knowing(mut self, keys: &[&'static str]) -> Self {
        let unknown = self.entries.iter().map(|entry| entry.key.value.as_str());
        let unknown = unknown.filter(|key| !keys.contains(key));
        self.misspelt = unknown.filter_map(|key| meant(key, keys)).collect();
        self
    }

    /// Asks for a key.
    pub fn key(&mut self, name: &'static str) -> Key<'a> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        let path = join(&self.path, name);
        self.reader.asked.borrow_mut().insert(path.clone());
        let entry = self.entries.iter().find(|entry| entry.key.value == name);
        let misspelt = self.misspelt.contains(&name);
        Key { reader: self.reader, path, entry, missing: None, misspelt, name }
    }

    /// Asks for a key that must be there.
    pub fn required(&mut self, name: &'static str) -> Key<'a> {
        let owner = self.owner;
        let key = self.key(name);
        Key { missing: Some(owner), ..key }
    }

    /// The key that stands there, for messages about it.
    #[must_use]
    pub fn span_of(&self, name: &str) -> Option<Span> {
        self.entries.iter().find(|entry| entry.key.value == name).map(|entry| entry.key.span)
    }

    /// A key that this language does not have and that the caller reports in its own words: where it stands,
    /// and its value. [`Self::finish`] passes over it.
    pub fn refuse(&mut self, name: &'static str) -> Option<(Span, &'a Node)> {
        let entry = self.entries.iter().find(|entry| entry.key.value == name)?;
        self.refused.push(name);
        Some((entry.key.span, &entry.value))
    }

    /// Where a missing key of this mapping is reported.
    #[must_use]
    pub fn owner(&self) -> Span {
        self.owner
    }

    /// What to do about a key that nothing near is known for.
    fn way_out(&self, entry: &Entry) -> String {
        // Words without a value are what follows a comma in a plain text between braces.
        if entry.value.value == Value::Null && entry.key.value.contains(' ') {
            return "a comma ends a plain text between braces; put a text that has one in quotes".to_owned();
        }
        format!("the keys are: {}", self.asked.join(", "))
    }

    /// Ends the reading: every key that was not asked for is reported.
    pub fn finish(self) {
        for entry in self.entries {
            let key = entry.key.value.as_str();
            if self.asked.contains(&key) || self.refused.contains(&key) {
                continue;
            }
            let place = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path) };
            let meant = meant(key, &self.asked);
            let message = format!("unknown key `{key}`{place}");
            let problem = Diagnostic::error(self.reader.codes.unknown_key, entry.key.span, message);
            let problem = problem.with_suggestion(meant);
            self.reader.sink.push(if meant.is_some() {
                problem
            } else {
                problem.with_help(self.way_out(entry))
            });
        }
    }
}

/// The key that an unknown one was probably meant to be.
fn meant(key: &str, keys: &[&'static str]) -> Option<&'static str> {
    suggest(key, keys.iter().copied())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
