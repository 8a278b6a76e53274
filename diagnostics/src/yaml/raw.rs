//! What the parser hands over, before the strict dialect is applied.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_yaml::{Error, Location, MessageFormatter, UserMessageFormatter};

use crate::source::{FileId, Span};

/// Deep enough for every schema that the limits of nesting allow, and shallow enough for any stack.
const MAX_DEPTH: usize = 48;
/// More than a thousand times what a file of this project needs.
const MAX_NODES: usize = 200_000;

pub(super) type Spanned = serde_yaml::Spanned<Value>;

/// A value as the parser infers it.
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Sequence(Vec<Spanned>),
    Mapping(Vec<(Spanned, Spanned)>),
}

pub(super) fn parse(text: &str) -> Result<Spanned, Error> {
    let budget = serde_yaml::budget! {
        max_aliases: 0,
        max_anchors: 0,
        max_documents: 1,
        max_depth: MAX_DEPTH,
        max_nodes: MAX_NODES,
    };
    let options = serde_yaml::options! {
        budget: budget,
        // They are reported by our own reader, with both places.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_yaml::from_str_with_options(text, options)
}

/// Where and why the parser gave up.
pub(super) fn explain(error: &Error, text: &str, file: FileId) -> (Span, String) {
    let at = error.location().map_or_else(|| Span::start_of(file), |at| span(file, &Offsets::of(text), at));
    let message = match error {
        Error::Budget { breach, .. } => limit(breach),
        Error::MergeKeyNotAllowed { .. } => "merge keys (`<<`) are not part of this dialect".to_owned(),
        other => UserMessageFormatter.format_message(other).into_owned(),
    };
    (at, message)
}

fn limit(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
            "anchors and aliases (`&x`, `*x`) are not part of this dialect; write the value out".to_owned()
        }
        BudgetBreach::Documents { .. } => "a second document begins here; a file holds one".to_owned(),
        BudgetBreach::Depth { .. } => format!("nested deeper than {MAX_DEPTH} levels"),
        BudgetBreach::Nodes { .. } => format!("more than {MAX_NODES} values in one file"),
        other => format!("too large or too complex: {other:?}"),
    }
}

/// Where each character of a text begins.
pub(super) struct Offsets {
    /// None where every character is one byte.
    of_chars: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    pub(super) fn of(text: &str) -> Self {
        let of_chars = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { of_chars, len: text.len() }
    }

    fn byte(&self, char: u64) -> usize {
        let char = usize::try_from(char).unwrap_or(usize::MAX);
        match &self.of_chars {
            Some(starts) => starts.get(char).copied().unwrap_or(self.len),
            None => char.min(self.len),
        }
    }
}

/// The parser counts characters always and bytes only sometimes, so bytes are counted here.
pub(super) fn span(file: FileId, offsets: &Offsets, location: Location) -> Span {
    let of_char = |index: u64| offsets.byte(index);
    let known = location.span();
    let bytes = known.byte_offset().zip(known.byte_len());
    let (start, end) =
        match bytes.and_then(|(at, len)| Some((usize::try_from(at).ok()?, usize::try_from(len).ok()?))) {
            Some((at, len)) => (at, at.saturating_add(len)),
            None => (of_char(known.offset()), of_char(known.offset().saturating_add(known.len()))),
        };
    let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
    Span { file, start, end, line: small(location.line()), column: small(location.column()) }
}

// === impl Value ===

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Mapping(entries))
    }
}
