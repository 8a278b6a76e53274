//! What people write who know other schema languages: each is refused with what this language says instead.

use diagnostics::fields::{Fields, Reader};
use diagnostics::yaml::{Entry, Node, Value};
use diagnostics::{Diagnostic, Span};

use crate::rules;

/// Keywords that some client refuses, or that say nothing here.
const KEYWORDS: [(&str, &str); 20] = [
    ("oneOf", "write `type: any` and describe the forms, or make a tool of each"),
    ("anyOf", "write `type: any` and describe the forms, or make a tool of each"),
    ("allOf", "write the properties of all parts out"),
    ("not", "leave it out; the service refuses what it does not take"),
    ("if", "leave it out; the service refuses what it does not take"),
    ("const", "write `enum` with the one word, or leave the parameter out"),
    ("$ref", "write the type out"),
    ("$defs", "write each type out where it is used"),
    ("definitions", "write each type out where it is used"),
    ("$schema", "leave it out"),
    ("nullable", "leave it out: an optional parameter takes null, which is the same as absent"),
    ("additionalProperties", "leave it out: an object with `properties` has no others, one without has any"),
    ("patternProperties", "leave `properties` out for an object of any keys"),
    ("prefixItems", "write an object with named properties"),
    ("multipleOf", "say it in the description"),
    ("contentEncoding", "say it in the description"),
    ("readOnly", "leave what only answers have out of `params`"),
    ("writeOnly", "leave what only calls have out of `output`"),
    ("title", "leave it out: the name and the description say it"),
    ("example", "write whole calls below `examples`"),
];

/// Keys for what follows from `effect`.
const ANNOTATIONS: [&str; 5] =
    ["annotations", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"];

/// Reports keywords of other schema languages. Whether there was one.
pub(super) fn refuse_keywords(reader: &Reader<'_>, fields: &mut Fields<'_>, path: &str) -> bool {
    let mut any = false;
    for (keyword, help) in KEYWORDS {
        if let Some((at, _)) = fields.refuse(keyword) {
            any = true;
            let message = format!("`{keyword}` in `{path}` is not part of this language");
            reader.sink().push(refusal(at, message).with_help(help));
        }
    }
    any
}

/// Reports a list of types. Whether it was one.
pub(super) fn refuse_type_list(reader: &Reader<'_>, node: &Node, path: &str) -> bool {
    let Value::Sequence(types) = &node.value else { return false };
    let names: Vec<&str> = types
        .iter()
        .filter_map(|one| match &one.value {
            Value::Text(name) if name != "null" => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let help = match names.as_slice() {
        [one] => {
            format!("write `type: {one}`: an optional parameter takes null, which is the same as absent")
        }
        _ => "write `type: any` and describe the types".to_owned(),
    };
    let message = format!("`{path}.type` is one type, found a list of them");
    reader.sink().push(refusal(node.span, message).with_help(help));
    true
}

/// Reports annotations of a tool.
pub(super) fn refuse_annotations(reader: &Reader<'_>, fields: &mut Fields<'_>) {
    for name in ANNOTATIONS {
        if let Some((at, _)) = fields.refuse(name) {
            let message = format!("`{name}` follows from `effect` and cannot be written");
            reader.sink().push(refusal(at, message).with_help("set `effect` right and delete this"));
        }
    }
}

/// Reports a schema that stands where only properties do. Whether there was one.
pub(super) fn refuse_whole_schema(reader: &Reader<'_>, entries: &[Entry], path: &str) -> bool {
    let named = |name: &str| entries.iter().find(|entry| entry.key.value == name);
    if let Some(entry) = named("type")
        && let Value::Text(word) = &entry.value.value
    {
        let help = match word.as_str() {
            "array" => format!("name the list: `{path}: {{items: {{type: array, ...}}}}`"),
            _ => format!("write the names of the properties directly below `{path}`"),
        };
        let message = format!("`{path}` lists the properties of an object, and is no schema itself");
        let problem = Diagnostic::error(rules::WHOLE_SCHEMA, entry.key.span, message);
        reader.sink().push(problem.with_help(help));
        return true;
    }
    let composed = ["oneOf", "anyOf", "allOf", "$ref"].iter().find_map(|name| named(name));
    if let Some(entry) = composed {
        let message = format!("`{path}` cannot be composed by `{}`", entry.key.value);
        let help = "write the properties out; a parameter that only some calls need is optional";
        reader.sink().push(refusal(entry.key.span, message).with_help(help));
    }
    composed.is_some()
}

fn refusal(at: Span, message: String) -> Diagnostic {
    Diagnostic::error(rules::FOREIGN_KEYWORD, at, message)
}
