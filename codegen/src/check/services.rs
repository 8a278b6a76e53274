//! manifests/services.yaml: the names of the backend services, with a line on each.

use diagnostics::fields::{Fields, Reader};
use diagnostics::yaml::{Node, Value};
use diagnostics::{Diagnostic, FileId, Span};

use super::names;
use crate::rules;

/// The names, sorted; none if the file has a problem.
pub(super) fn read(reader: &Reader<'_>, file: FileId, root: &Node) -> Option<Vec<String>> {
    let start = Span::start_of(file);
    let entries = match &root.value {
        Value::Mapping(entries) => entries.as_slice(),
        Value::Null => &[],
        _ => {
            // It is not a mapping, so this only reports that.
            let _ = Fields::of(reader, root, "", start);
            return None;
        }
    };
    if entries.is_empty() {
        reader.sink().push(Diagnostic::error(rules::NO_SERVICES, start, "the list of services is empty"));
        return None;
    }
    let before = reader.sink().errors();
    for entry in entries {
        let (name, span) = (entry.key.value.as_str(), entry.key.span);
        if !names::is_snake_case(name) {
            let message = format!("`{name}` is no name of a service: names are snake_case");
            reader.sink().push(Diagnostic::error(rules::BAD_NAME, span, message));
        }
        match &entry.value.value {
            Value::Text(text) if text.trim().is_empty() => {
                let message = format!("the description of `{name}` is empty");
                reader.sink().push(Diagnostic::error(rules::EMPTY_TEXT, entry.value.span, message));
            }
            Value::Text(_) => {}
            _ => reader.wrong_type(&entry.value, name, "text"),
        }
    }
    let mut names: Vec<String> = entries.iter().map(|entry| entry.key.value.clone()).collect();
    names.sort();
    (reader.sink().errors() == before).then_some(names)
}
