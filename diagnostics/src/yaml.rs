//! Text to a tree of nodes that know where they stand. The YAML parser stays behind this module.
//!
//! The dialect is strict on purpose: one document, no aliases, anchors, merge keys or tags, keys are text and
//! stand once, only `true` and `false` are booleans, and `0755` or `1_000` are text.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{FileId, Span, Spanned};

mod advice;
mod raw;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
    /// The text as written where YAML reads a plain word as something other than text (`1`, `true`, `~`), so
    /// that a reader who wanted text can say what to quote.
    pub written: Option<String>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order of the file.
    Mapping(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

/// The codes under which [`parse`] reports.
#[derive(Clone, Copy, Debug)]
pub struct YamlCodes {
    /// The text is not YAML of the strict dialect.
    pub syntax: Code,
    /// A key stands twice in one mapping.
    pub duplicate_key: Code,
}

/// Reads one document; an empty one is a null. None after a syntax error, which ends the reading of this
/// file; a key that stands twice is reported and its first value kept.
pub fn parse(file: FileId, text: &str, codes: YamlCodes, sink: &Sink) -> Option<Node> {
    read(file, text, codes, sink, Keys::Text)
}

/// Reads one document that others wrote: as [`parse`], but a key that is a number or a boolean is taken as the
/// text that is written there, as in `200:`.
pub fn parse_foreign(file: FileId, text: &str, codes: YamlCodes, sink: &Sink) -> Option<Node> {
    read(file, text, codes, sink, Keys::AnyScalar)
}

fn read(file: FileId, text: &str, codes: YamlCodes, sink: &Sink, keys: Keys) -> Option<Node> {
    match raw::parse(text) {
        Ok(root) => Tree { file, text, codes, sink, keys, offsets: raw::Offsets::of(text) }.node(root),
        Err(error) => {
            let (at, message) = raw::explain(&error, text, file);
            let problem = Diagnostic::error(codes.syntax, at, message.as_str());
            sink.push(match advice::of(&message) {
                Some(advice) => problem.with_help(advice),
                None => problem,
            });
            None
        }
    }
}

/// What may be a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Text,
    AnyScalar,
}

/// Turns what the parser gave into nodes, and refuses what the dialect does not have.
struct Tree<'a> {
    file: FileId,
    text: &'a str,
    codes: YamlCodes,
    sink: &'a Sink,
    keys: Keys,
    offsets: raw::Offsets,
}

// === impl Node ===

impl Node {
    /// What kind of value this is, for messages: `text`, `an integer`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

// === impl Tree ===

impl Tree<'_> {
    fn node(&self, raw: raw::Spanned) -> Option<Node> {
        let mut span = raw::span(self.file, &self.offsets, raw.referenced);
        let scalar =
            !matches!(raw.value, raw::Value::Sequence(_) | raw::Value::Mapping(_) | raw::Value::Text(_));
        let written = scalar.then(|| self.text.get(span.start..span.end).unwrap_or_default().to_owned());
        let value = match raw.value {
            raw::Value::Null => Value::Null,
            raw::Value::Bool(value) => Value::Bool(value),
            raw::Value::Integer(value) => Value::Integer(value),
            raw::Value::Float(value) => Value::Float(value),
            raw::Value::Text(value) => Value::Text(value),
            raw::Value::Sequence(items) => {
                let items: Option<Vec<Node>> = items.into_iter().map(|item| self.node(item)).collect();
                let items = items?;
                self.close(&mut span, items.last());
                Value::Sequence(items)
            }
            raw::Value::Mapping(entries) => {
                let entries = self.entries(entries)?;
                self.close(&mut span, entries.last().map(|entry| &entry.value));
                Value::Mapping(entries)
            }
        };
        Some(Node { value, span, written })
    }

    fn entries(&self, raw: Vec<(raw::Spanned, raw::Spanned)>) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
        // A bad key does not hide the next one.
        let mut sound = true;
        for (key, value) in raw {
            let key = self.key(key);
            let value = self.node(value);
            let (Some(key), Some(value)) = (key, value) else {
                sound = false;
                continue;
            };
            if let Some(first) = entries.iter().find(|entry| entry.key.value == key.value) {
                let message = format!("key `{}` stands twice", key.value);
                let problem = Diagnostic::error(self.codes.duplicate_key, key.span, message);
                self.sink.push(problem.with_also(first.key.span, "it stands here already"));
            } else {
                entries.push(Entry { key, value });
            }
        }
        sound.then_some(entries)
    }

    fn key(&self, raw: raw::Spanned) -> Option<Spanned<String>> {
        let node = self.node(raw)?;
        if let Value::Text(value) = node.value {
            return Some(Spanned { value, span: node.span });
        }
        if let Some(written) = node.written.as_ref().filter(|_| self.keys == Keys::AnyScalar) {
            return Some(Spanned { value: written.clone(), span: node.span });
        }
        let message = format!("a key must be text, found {}", node.kind());
        let mut problem = Diagnostic::error(self.codes.syntax, node.span, message);
        if let Some(written) = node.written.filter(|written| !written.is_empty()) {
            problem = problem.with_help(format!("write it in quotes: '{written}'"));
        }
        self.sink.push(problem);
        None
    }

    /// The parser gives the opening bracket of a list or mapping; here its place grows to what it holds.
    fn close(&self, span: &mut Span, last: Option<&Node>) {
        let end = last.map_or(span.end, |last| last.span.end).max(span.end);
        let rest = self.text.get(end..).unwrap_or_default();
        let opens = self.text.get(span.start..).unwrap_or_default().chars().next();
        let closes = rest.trim_start_matches([' ', ',']).chars().next();
        let closed = matches!((opens, closes), (Some('['), Some(']')) | (Some('{'), Some('}')));
        let bracket = rest.find([']', '}']).filter(|_| closed).map_or(0, |at| at + 1);
        span.end = end + bracket;
    }
}
