//! One manifest, all rules that concern it alone.

use diagnostics::fields::Field;
use diagnostics::yaml::{Node, Value};
use diagnostics::{Diagnostic, Sink, Spanned};

use super::literal::Literal;
use super::{place, policy, request, schema};
use crate::files::ManifestFile;
use crate::ir::{Param, Tool};
use crate::manifest::Manifest;
use crate::rules;

/// Titles are at most this long.
pub(crate) const MAX_TITLE: usize = 80;

/// What is known of a tool beside its own keys.
pub(super) struct Parts<'a, 's> {
    pub(super) file: &'a ManifestFile,
    /// The listed name; none if it is a bad one.
    pub(super) name: Option<String>,
    pub(super) aliases: Option<Vec<Spanned<&'a str>>>,
    /// The names of services; none if there is a problem with them.
    pub(super) services: Option<&'s [String]>,
}

/// Checks a manifest. None if it has a problem.
pub(super) fn check(parts: Parts<'_, '_>, manifest: &Manifest<'_>, sink: &Sink) -> Option<Tool> {
    // Every part is checked before the first failure counts.
    let title = manifest.title.and_then(|text| schema::prose(text, "title", MAX_TITLE, sink));
    let description = manifest
        .description
        .and_then(|text| schema::prose(text, "description", schema::MAX_DESCRIPTION, sink));
    let approval = policy::approval(manifest, sink);
    let roles = policy::roles(manifest, sink);
    let timeout = policy::timeout(manifest, sink);
    let rate_limit = policy::rate_limit(manifest, sink);
    let route = request::route(manifest, parts.services, sink);
    let params = manifest.params.as_ref().and_then(|list| place::params(list, route.as_ref(), sink));
    let output = match &manifest.output {
        Field::Absent => Some(None),
        Field::Is(Some(list)) => schema::properties(list, sink).map(Some),
        Field::Is(None) | Field::Wrong => None,
    };
    let examples = match (&params, manifest.examples) {
        (Some(params), Some(examples)) => check_examples(examples, params, sink),
        _ => None,
    };
    Some(Tool {
        domain: parts.file.domain.clone(),
        stem: parts.file.stem.clone(),
        name: parts.name?,
        aliases: parts.aliases?.iter().map(|alias| alias.value.to_owned()).collect(),
        title: title?,
        description: description?,
        effect: manifest.effect?.value,
        approval: approval?,
        roles: roles?,
        target: route?.target()?,
        timeout: timeout?,
        rate_limit: rate_limit?,
        params: params?,
        output: output?,
        examples: examples?,
    })
}

fn check_examples(examples: &[Node], params: &[Param], sink: &Sink) -> Option<Vec<serde_json::Value>> {
    let literal = Literal { what: "example", code: rules::BAD_EXAMPLE, sink };
    let checked: Vec<_> = examples
        .iter()
        .map(|example| match &example.value {
            Value::Mapping(entries) => {
                literal.record(example.span, entries, params.iter().map(|param| &param.property))
            }
            _ => {
                let message =
                    format!("an example is a mapping of parameters to values, found {}", example.kind());
                sink.push(Diagnostic::error(rules::BAD_EXAMPLE, example.span, message));
                None
            }
        })
        .collect();
    checked.into_iter().collect()
}
