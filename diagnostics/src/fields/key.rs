//! One key of a mapping, read as what it should be.

use std::time::Duration;

use super::{BOOLEAN, Field, Fields, NAMES, Reader, TEXT};
use crate::diagnostic::Diagnostic;
use crate::duration;
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// One key of a mapping, about to be read as something.
#[derive(Debug)]
#[must_use]
pub struct Key<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) path: String,
    pub(super) entry: Option<&'a Entry>,
    pub(super) missing: Option<Span>,
    pub(super) misspelt: bool,
    pub(super) name: &'static str,
}

// === impl Key ===

impl<'a> Key<'a> {
    /// Any value.
    pub fn node(self) -> Field<&'a Node> {
        self.read("a value", Some)
    }

    /// Text.
    pub fn text(self) -> Field<Spanned<&'a str>> {
        self.spanned(TEXT, |value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Field<Spanned<bool>> {
        self.spanned(BOOLEAN, |value| match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        })
    }

    /// A whole number.
    pub fn integer(self) -> Field<Spanned<i128>> {
        self.spanned("an integer", |value| match value {
            Value::Integer(value) => Some(*value),
            _ => None,
        })
    }

    /// Any number.
    pub fn number(self) -> Field<Spanned<f64>> {
        self.spanned("a number", |value| match value {
            // Beyond 2^53 the nearest float is meant.
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is meant")]
            Value::Integer(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        })
    }

    /// A duration such as `10s`; see [`duration::parse`].
    pub fn duration(self) -> Field<Spanned<Duration>> {
        self.spanned("a duration such as `10s` or `500ms`", |value| match value {
            Value::Text(text) => duration::parse(text),
            _ => None,
        })
    }

    /// A list of anything.
    pub fn list(self) -> Field<Spanned<&'a [Node]>> {
        self.spanned("a list", |value| match value {
            Value::Sequence(items) => Some(items.as_slice()),
            _ => None,
        })
    }

    /// A list of texts. Items of another type are reported, and the whole is then [`Field::Wrong`].
    pub fn texts(self) -> Field<Spanned<Vec<Spanned<&'a str>>>> {
        let (reader, path) = (self.reader, self.path.clone());
        let Spanned { value: items, span } = match self.list() {
            Field::Is(list) => list,
            Field::Absent => return Field::Absent,
            Field::Wrong => return Field::Wrong,
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Value::Text(text) => texts.push(Spanned { value: text.as_str(), span: item.span }),
                _ => reader.wrong_type(item, &format!("{path}[]"), TEXT),
            }
        }
        if texts.len() == items.len() { Field::Is(Spanned { value: texts, span }) } else { Field::Wrong }
    }

    /// A mapping with keys of the writer's choice, such as names of parameters or tenants.
    pub fn entries(self) -> Field<Spanned<&'a [Entry]>> {
        self.spanned(NAMES, |value| match value {
            Value::Mapping(entries) => Some(entries.as_slice()),
            _ => None,
        })
    }

    /// A mapping with keys of its own, to be read in turn.
    pub fn fields(self) -> Field<Fields<'a>> {
        let (reader, path, entry) = (self.reader, self.path.clone(), self.entry);
        match (self.node(), entry) {
            (Field::Is(node), Some(entry)) => match Fields::of(reader, node, path, entry.key.span) {
                Some(fields) => Field::Is(fields),
                None => Field::Wrong,
            },
            (Field::Absent, _) => Field::Absent,
            _ => Field::Wrong,
        }
    }

    fn spanned<T>(self, expected: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Field<Spanned<T>> {
        self.read(expected, |node| read(&node.value).map(|value| Spanned { value, span: node.span }))
    }

    fn read<T>(self, expected: &str, read: impl FnOnce(&'a Node) -> Option<T>) -> Field<T> {
        let Some(entry) = self.entry else {
            if self.misspelt {
                return Field::Wrong;
            }
            let Some(owner) = self.missing else { return Field::Absent };
            let message = match self.path.strip_suffix(self.name).and_then(|rest| rest.strip_suffix('.')) {
                Some(place) => format!("`{place}` lacks the key `{}`", self.name),
                None => format!("the key `{}` is missing", self.name),
            };
            self.reader.sink.push(Diagnostic::error(self.reader.codes.missing_key, owner, message));
            return Field::Wrong;
        };
        match read(&entry.value) {
            Some(value) => Field::Is(value),
            None => {
                self.reader.wrong_type(&entry.value, &self.path, expected);
                Field::Wrong
            }
        }
    }
}
