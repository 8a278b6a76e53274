//! A manifest as written: the keys of the language with their places, before any rule is applied.

use std::time::Duration;

use diagnostics::fields::{Field, Fields, Key, Reader, ShapeCodes};
use diagnostics::yaml::{Entry, Node};
use diagnostics::{Diagnostic, Span, Spanned, suggest};

use crate::ir::Effect;
use crate::language;
use crate::rules;

mod foreign;
pub(crate) mod property;

pub(crate) use property::{Kind, Property};

use property::Language;

/// The codes under which the shape of a manifest is reported.
pub(crate) const SHAPE: ShapeCodes = ShapeCodes {
    unknown_key: rules::UNKNOWN_KEY,
    wrong_type: rules::WRONG_TYPE,
    missing_key: rules::MISSING_KEY,
};

/// One file, as written. What could not be read is gone and has been reported.
pub(crate) struct Manifest<'a> {
    /// Where problems of the whole file are shown: its first key.
    pub(crate) owner: Span,
    pub(crate) title: Option<Spanned<&'a str>>,
    pub(crate) description: Option<Spanned<&'a str>>,
    pub(crate) effect: Option<Spanned<Effect>>,
    pub(crate) approval: Field<Spanned<Approval>>,
    pub(crate) roles: Field<Roles<'a>>,
    pub(crate) aliases: Field<Spanned<Vec<Spanned<&'a str>>>>,
    pub(crate) backend: Field<Spanned<&'a str>>,
    pub(crate) request: Field<Spanned<&'a str>>,
    pub(crate) handler: Field<Spanned<&'a str>>,
    pub(crate) timeout: Field<Spanned<Duration>>,
    pub(crate) rate_limit: Field<Spanned<i128>>,
    pub(crate) params: Option<Vec<Property<'a>>>,
    pub(crate) output: Field<Option<Vec<Property<'a>>>>,
    pub(crate) examples: Option<&'a [Node]>,
}

/// Whether a person must agree first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    Required,
    None,
}

/// Who may call the tool.
pub(crate) enum Roles<'a> {
    Default,
    Only(Spanned<Vec<Spanned<&'a str>>>),
}

/// Reads a manifest; none if it is no mapping at all.
pub(crate) fn read<'a>(reader: &'a Reader<'a>, root: &'a Node, owner: Span) -> Option<Manifest<'a>> {
    let mut fields =
        Fields::of(reader, root, "", owner)?.knowing(&language::MANIFEST.each_ref().map(|key| key.name));
    let manifest = Manifest {
        owner,
        title: fields.required("title").text().ok(),
        description: fields.required("description").text().ok(),
        effect: word(reader, fields.required("effect"), "effect", &Effect::WORDS).ok(),
        approval: word(
            reader,
            fields.key("approval"),
            "approval",
            &[("required", Approval::Required), ("none", Approval::None)],
        ),
        roles: roles(reader, &mut fields),
        aliases: fields.required("aliases").texts(),
        backend: fields.key("backend").text(),
        request: fields.key("request").text(),
        handler: fields.key("handler").text(),
        timeout: fields.key("timeout").duration(),
        rate_limit: fields.key("rate_limit").integer(),
        params: match fields.key("params").entries() {
            Field::Absent => Some(Vec::new()),
            Field::Wrong => None,
            Field::Is(entries) => properties(reader, entries.value, "params", Language::Params),
        },
        output: fields
            .key("output")
            .entries()
            .map(|entries| properties(reader, entries.value, "output", Language::Output)),
        examples: match fields.key("examples").list() {
            Field::Absent => Some([].as_slice()),
            Field::Wrong => None,
            Field::Is(list) => Some(list.value),
        },
    };
    foreign::refuse_annotations(reader, &mut fields);
    fields.finish();
    Some(manifest)
}

fn properties<'a>(
    reader: &'a Reader<'a>,
    entries: &'a [Entry],
    path: &str,
    language: Language,
) -> Option<Vec<Property<'a>>> {
    if foreign::refuse_whole_schema(reader, entries, path) {
        return None;
    }
    property::read_all(reader, entries, path, language)
}

/// Words of other schema languages, and what they are called here.
const FOREIGN: [(&str, &str); 10] = [
    ("int", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("str", "string"),
    ("text", "string"),
    ("bool", "boolean"),
    ("list", "array"),
    ("map", "object"),
    ("dict", "object"),
    ("datetime", "date-time"),
];

/// Reads a key whose value is one of a few words.
pub(crate) fn word<T: Copy>(
    reader: &Reader<'_>,
    key: Key<'_>,
    name: &str,
    words: &[(&'static str, T)],
) -> Field<Spanned<T>> {
    let text = match key.text() {
        Field::Absent => return Field::Absent,
        Field::Wrong => return Field::Wrong,
        Field::Is(text) => text,
    };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
        return Field::Is(Spanned { value: *value, span: text.span });
    }
    let words = words.iter().map(|(word, _)| *word);
    let list = words.clone().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let foreign =
        FOREIGN.iter().find(|(word, ours)| *word == text.value && words.clone().any(|word| word == *ours));
    let meant = foreign.map(|(_, ours)| *ours).or_else(|| suggest(text.value, words));
    let problem = Diagnostic::error(rules::UNKNOWN_WORD, text.span, format!("`{name}` is one of {list}"));
    reader.sink().push(problem.with_suggestion(meant));
    Field::Wrong
}

fn roles<'a>(reader: &'a Reader<'a>, fields: &mut Fields<'a>) -> Field<Roles<'a>> {
    use diagnostics::yaml::Value;
    match fields.key("roles").node() {
        Field::Absent => Field::Absent,
        Field::Wrong => Field::Wrong,
        Field::Is(node) => match &node.value {
            Value::Text(text) if text == "default" => Field::Is(Roles::Default),
            Value::Text(text) => {
                let message = "`roles` is `default` or a list of roles";
                let problem = Diagnostic::error(rules::UNKNOWN_WORD, node.span, message);
                let meant = suggest(text, ["default"]);
                let help = format!("write a list: `roles: [{text}]`");
                let problem = if meant.is_none() { problem.with_help(help) } else { problem };
                reader.sink().push(problem.with_suggestion(meant));
                Field::Wrong
            }
            Value::Sequence(_) => match fields.key("roles").texts() {
                Field::Is(roles) => Field::Is(Roles::Only(roles)),
                _ => Field::Wrong,
            },
            _ => {
                reader.wrong_type(node, "roles", "`default` or a list of roles");
                Field::Wrong
            }
        },
    }
}
