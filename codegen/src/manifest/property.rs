//! A parameter, an item of a list or a property of an object, as written: one language for all of them.

use diagnostics::fields::{Field, Fields, Reader};
use diagnostics::yaml::{Entry, Node};
use diagnostics::{Diagnostic, Span, Spanned};

use super::{foreign, word};
use crate::ir::{Format, Place};
use crate::rules;

/// How many levels parameters may nest.
pub(crate) const MAX_DEPTH: usize = 8;

/// A named value, as written.
pub(crate) struct Property<'a> {
    pub(crate) name: Spanned<&'a str>,
    pub(crate) required: Option<Spanned<bool>>,
    pub(crate) default: Option<&'a Node>,
    pub(crate) place: Option<Spanned<Place>>,
    pub(crate) wire: Option<Spanned<&'a str>>,
    /// None if it lies too deep; that has been reported.
    pub(crate) schema: Option<Schema<'a>>,
}

/// A type and its keywords, as written.
pub(crate) struct Schema<'a> {
    /// None if it could not be read; that has been reported.
    pub(crate) kind: Option<Kind>,
    pub(crate) description: Option<Spanned<&'a str>>,
    /// Every keyword that stands there, to find those that do not belong to the type.
    pub(crate) keywords: Vec<Spanned<&'static str>>,
    /// Where problems of the whole are shown: the key it belongs to.
    pub(crate) owner: Span,
    /// None if it is not said.
    pub(crate) sensitive: Option<bool>,
    pub(crate) min_length: Option<Spanned<i128>>,
    pub(crate) max_length: Option<Spanned<i128>>,
    pub(crate) pattern: Option<Spanned<&'a str>>,
    pub(crate) format: Option<Format>,
    pub(crate) choices: Field<Spanned<Vec<Spanned<&'a str>>>>,
    pub(crate) minimum: Option<Bound>,
    pub(crate) maximum: Option<Bound>,
    pub(crate) exclusive_minimum: Option<Bound>,
    pub(crate) exclusive_maximum: Option<Bound>,
    pub(crate) items: Field<Option<Box<Schema<'a>>>>,
    pub(crate) min_items: Option<Spanned<i128>>,
    pub(crate) max_items: Option<Spanned<i128>>,
    pub(crate) unique_items: bool,
    pub(crate) properties: Field<Spanned<Option<Vec<Property<'a>>>>>,
}

/// A bound of a number: integers stay exact.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) number: f64,
    pub(crate) integer: Option<i128>,
    pub(crate) span: Span,
}

/// The types of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
    Any,
}

/// Which keys belong to a property: those of a call, or those of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Params,
    /// Inside an object or a list of a parameter.
    Nested,
    Output,
}

/// What stands in front of a schema: a name, or nothing as in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Named(Language),
    Item(Language),
}

/// All keys that a property can have.
const KEYWORDS: [&str; 21] = [
    "type",
    "description",
    "required",
    "default",
    "in",
    "as",
    "sensitive",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
];

/// Reads a mapping of names to properties; none if one of them could not be read.
pub(crate) fn read_all<'a>(
    reader: &'a Reader<'a>,
    entries: &'a [Entry],
    path: &str,
    language: Language,
) -> Option<Vec<Property<'a>>> {
    read_level(reader, entries, path, language, 1)
}

fn read_level<'a>(
    reader: &'a Reader<'a>,
    entries: &'a [Entry],
    path: &str,
    language: Language,
    depth: usize,
) -> Option<Vec<Property<'a>>> {
    let read = entries.iter().map(|entry| {
        let path = format!("{path}.{}", entry.key.value);
        let name = Spanned { value: entry.key.value.as_str(), span: entry.key.span };
        property(reader, name, &entry.value, path, language, depth)
    });
    // All are read before the first failure counts.
    read.collect::<Vec<_>>().into_iter().collect()
}

fn property<'a>(
    reader: &'a Reader<'a>,
    name: Spanned<&'a str>,
    node: &'a Node,
    path: String,
    language: Language,
    depth: usize,
) -> Option<Property<'a>> {
    let mut fields = Fields::of(reader, node, path.clone(), name.span)?.knowing(&KEYWORDS);
    let position = Position::Named(language);
    let mut property =
        Property { name, required: None, default: None, place: None, wire: None, schema: None };
    property.required = match fields.key("required").boolean() {
        Field::Is(flag) => Some(flag),
        // What was meant is mostly `true`; with a default beside it, it is not.
        Field::Wrong if fields.span_of("default").is_none() => Some(Spanned { value: true, span: name.span }),
        Field::Wrong | Field::Absent => None,
    };
    if language != Language::Output {
        property.default = match fields.key("default").node() {
            Field::Is(node) => Some(node),
            _ => None,
        };
        property.wire = fields.key("as").text().ok();
    }
    if language == Language::Params {
        property.place = word(reader, fields.key("in"), "in", &Place::WORDS).ok();
    }
    property.schema = schema(reader, &mut fields, &path, position, depth);
    fields.finish();
    Some(property)
}

fn schema<'a>(
    reader: &'a Reader<'a>,
    fields: &mut Fields<'a>,
    path: &str,
    position: Position,
    depth: usize,
) -> Option<Schema<'a>> {
    let owner = fields.owner();
    if depth > MAX_DEPTH {
        let message = format!("`{path}` lies more than {MAX_DEPTH} levels deep");
        reader.sink().push(Diagnostic::error(rules::TOO_DEEP, owner, message));
        ask_all(fields);
        return None;
    }
    let must_describe = position == Position::Named(Language::Params);
    let description = if must_describe { fields.required("description") } else { fields.key("description") };
    let language = match position {
        Position::Named(language) | Position::Item(language) => language,
    };
    idle_here(reader, fields, path, position);
    let refused = foreign::refuse_keywords(reader, fields, path);
    let inner = if language == Language::Output { language } else { Language::Nested };
    Some(Schema {
        description: description.text().ok(),
        kind: kind(reader, fields, path, refused),
        keywords: KEYWORDS
            .iter()
            .filter_map(|name| fields.span_of(name).map(|span| Spanned { value: *name, span }))
            .collect(),
        owner,
        sensitive: fields.key("sensitive").boolean().ok().map(|flag| flag.value),
        min_length: fields.key("minLength").integer().ok(),
        max_length: fields.key("maxLength").integer().ok(),
        pattern: fields.key("pattern").text().ok(),
        format: word(reader, fields.key("format"), "format", &Format::WORDS).ok().map(|format| format.value),
        choices: fields.key("enum").texts(),
        minimum: bound(reader, fields, path, "minimum"),
        maximum: bound(reader, fields, path, "maximum"),
        exclusive_minimum: bound(reader, fields, path, "exclusiveMinimum"),
        exclusive_maximum: bound(reader, fields, path, "exclusiveMaximum"),
        items: fields.key("items").fields().map(|item| {
            let (mut item, path) = (item.knowing(&KEYWORDS), format!("{path}.items"));
            let read = schema(reader, &mut item, &path, Position::Item(inner), depth + 1).map(Box::new);
            item.finish();
            read
        }),
        min_items: fields.key("minItems").integer().ok(),
        max_items: fields.key("maxItems").integer().ok(),
        unique_items: fields.key("uniqueItems").boolean().ok().is_some_and(|flag| flag.value),
        properties: fields.key("properties").entries().map(|entries| {
            let path = format!("{path}.properties");
            entries.map(|entries| read_level(reader, entries, &path, inner, depth + 1))
        }),
    })
}

/// The type. What another schema language says in its place has been reported, so it is then not missed.
fn kind(reader: &Reader<'_>, fields: &mut Fields<'_>, path: &str, refused: bool) -> Option<Kind> {
    if fields.span_of("type").is_none() && refused {
        let _ = fields.key("type").node();
        return None;
    }
    if let Some(node) = fields.key("type").node().ok()
        && foreign::refuse_type_list(reader, node, path)
    {
        return None;
    }
    word(reader, fields.required("type"), "type", &Kind::WORDS).ok().map(|kind| kind.value)
}

/// Keys of the language that have no meaning at this position.
fn idle_here(reader: &Reader<'_>, fields: &mut Fields<'_>, path: &str, position: Position) {
    let (idle, why): (&[&'static str], &str) = match position {
        Position::Named(Language::Params) => (&[], ""),
        Position::Named(Language::Nested) => (&["in"], "only a parameter itself has a place in the request"),
        Position::Named(Language::Output) => {
            (&["default", "in", "as", "sensitive"], "an answer is described, not sent")
        }
        Position::Item(Language::Output) => {
            (&["required", "default", "in", "as", "sensitive"], "an item of a list has no name")
        }
        Position::Item(_) => (&["required", "default", "in", "as"], "an item of a list has no name"),
    };
    for name in idle {
        if fields.key(name).node().is_absent() {
            continue;
        }
        if let Some(span) = fields.span_of(name) {
            let message = format!("`{name}` says nothing in `{path}`: {why}");
            reader.sink().push(Diagnostic::error(rules::IDLE_KEYWORD, span, message));
        }
    }
}

fn bound<'a>(reader: &Reader<'_>, fields: &mut Fields<'a>, path: &str, name: &'static str) -> Option<Bound> {
    use diagnostics::yaml::Value;
    let node = fields.key(name).node().ok()?;
    match node.value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the nearest float is meant; the integer is kept beside it"
        )]
        Value::Integer(value) => Some(Bound { number: value as f64, integer: Some(value), span: node.span }),
        Value::Float(number) => Some(Bound { number, integer: None, span: node.span }),
        _ => {
            reader.wrong_type(node, &format!("{path}.{name}"), "a number");
            None
        }
    }
}

/// Marks every key as known, where a mapping is not read any further.
fn ask_all(fields: &mut Fields<'_>) {
    for name in KEYWORDS {
        let _ = fields.key(name).node();
    }
}

impl Kind {
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("string", Self::String),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
        ("any", Self::Any),
    ];
}
