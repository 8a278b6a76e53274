//! One operation as a tool.

use std::time::Duration;

use diagnostics::Span;
use diagnostics::yaml::{Node, Value};

use super::document::{Document, entries, get, items, json, text};
use super::names;
use super::notes;
use super::params::{LeftOut, Params};
use super::schema::{Schemas, Side};
use crate::check::schema::MAX_DESCRIPTION;
use crate::check::tool::MAX_TITLE;
use crate::ir::{Effect, Element, Method, Presence, Property, Roles, Shape, Target, Tool};
use crate::write::DEFAULT_TIMEOUT;

/// Where an operation stands, and what its tool is to be called by.
#[derive(Clone, Copy)]
pub(super) struct Place<'a, 'o> {
    pub(super) path: &'a str,
    pub(super) item: &'a Node,
    pub(super) method: &'a str,
    pub(super) at: Span,
    pub(super) operation: &'a Node,
    pub(super) domain: &'o str,
    pub(super) backend: &'o str,
}

/// Words of an operation that takes something away for good.
const DESTRUCTIVE: [&str; 6] = ["delete", "destroy", "erase", "purge", "remove", "wipe"];

/// The keys of an operation that are taken care of.
const KNOWN: [&str; 7] =
    ["operationId", "summary", "description", "parameters", "requestBody", "responses", "x-tool"];

/// The tool of an operation; `taken` tells whether a tool of this domain and name is there.
pub(super) fn tool<'a>(
    document: &Document<'a>,
    place: Place<'a, '_>,
    taken: &dyn Fn(&str, &str) -> bool,
) -> Result<Tool, LeftOut> {
    let operation = place.operation;
    if let Some(extension) = get(operation, "x-tool") {
        return own(document, place, extension);
    }
    for entry in entries(operation) {
        let key = entry.key.value.as_str();
        if key.starts_with("x-") || ["tags", "security", "deprecated", "externalDocs"].contains(&key) {
            document.passed_over(key, entry.key.span);
        } else if !KNOWN.contains(&key) {
            document.lost(entry.key.span, format!("`{key}` of an operation has no counterpart here"));
        }
    }
    let method = method(place)?;
    let schemas = Schemas { document, side: Side::Call };
    let mut params = Params { schemas, method, own: false, found: Vec::new(), in_path: Vec::new() };
    params.parameters(get(place.item, "parameters"), get(operation, "parameters"))?;
    params.body(get(operation, "requestBody"))?;
    let path = path(place, &params.in_path)?;
    let params = params.found;
    let id = text(get(operation, "operationId"));
    let request = format!("{} {}", method.word(), place.path);
    let stem = names::tool(place.domain, id, &request, |name| taken(place.domain, name));
    let (title, description) = texts(document, schemas, place, &stem, &request);
    let destructive =
        stem.split('_').chain(path.split(['/', '-', '_'])).any(|word| DESTRUCTIVE.contains(&word));
    let effect = match method {
        Method::Get => Effect::Read,
        Method::Delete => Effect::Destructive,
        _ if destructive => Effect::Destructive,
        Method::Post | Method::Put | Method::Patch => Effect::Write,
    };
    Ok(Tool {
        domain: place.domain.to_owned(),
        name: format!("{}_{stem}", place.domain),
        aliases: vec![format!("{}.{stem}", place.domain)],
        stem,
        title,
        description,
        effect,
        approval: effect != Effect::Read,
        roles: Roles::Default,
        target: Target::Backend { service: place.backend.to_owned(), method, path },
        timeout: DEFAULT_TIMEOUT,
        rate_limit: None,
        params,
        output: output(document, schemas, operation),
        examples: Vec::new(),
    })
}

fn method(place: Place<'_, '_>) -> Result<Method, LeftOut> {
    let found = Method::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(place.method));
    found.map(|(_, method)| *method).ok_or((place.at, format!("the method {}", place.method.to_uppercase())))
}

/// The path with the names of the parameters, each of which must be a whole segment.
fn path(place: Place<'_, '_>, names: &[(String, String)]) -> Result<String, LeftOut> {
    let mut segments = Vec::new();
    for segment in place.path.split('/').skip(1) {
        let plain = segment.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) if !name.contains(['{', '}']) => {
                let ours = names.iter().find(|(theirs, _)| theirs == name).map(|(_, ours)| ours);
                let ours =
                    ours.ok_or((place.at, format!("`{{{name}}}` of the path is nowhere described")))?;
                segments.push(format!("{{{ours}}}"));
            }
            _ if plain => segments.push(segment.to_owned()),
            _ => return Err((place.at, format!("the segment `{segment}` of the path"))),
        }
    }
    let path = format!("/{}", segments.join("/"));
    match names.iter().find(|(_, ours)| !path.contains(&format!("{{{ours}}}"))) {
        Some((theirs, _)) => Err((place.at, format!("`{theirs}` does not stand in the path"))),
        None => Ok(path),
    }
}

fn texts<'a>(
    document: &Document<'a>,
    schemas: Schemas<'a, '_>,
    place: Place<'a, '_>,
    stem: &str,
    request: &str,
) -> (String, String) {
    let written = |key: &str, most: usize| {
        let node = get(place.operation, key).or_else(|| get(place.item, key))?;
        schemas.prose(node, most)
    };
    let words = stem.replace('_', " ");
    let mut chars = words.chars();
    let named: String =
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    let summary = written("summary", MAX_DESCRIPTION);
    let title = summary.clone().map(|summary| summary.split_whitespace().collect::<Vec<_>>().join(" "));
    let title = title.filter(|title| title.chars().count() <= MAX_TITLE);
    let description = match (written("description", MAX_DESCRIPTION), summary) {
        (Some(description), _) => description,
        (None, Some(summary)) => summary,
        (None, None) => {
            document.note(notes::ADDED, place.at, "the operation has no description");
            named.clone()
        }
    };
    let title = title.unwrap_or(named);
    let description = if repeats(&description, &[&title, stem]) {
        format!("{}. Sends {request}.", description.trim_end_matches('.'))
    } else {
        description
    };
    (title, description)
}

/// Whether a description says no more than one of these names.
fn repeats(description: &str, names: &[&str]) -> bool {
    names.iter().any(|name| crate::check::wording::repeats(description, name))
}

/// What comes back: the first answer that is a success and JSON.
fn output<'a>(
    document: &Document<'a>,
    schemas: Schemas<'a, '_>,
    operation: &'a Node,
) -> Option<Vec<Property>> {
    let responses = get(operation, "responses").map(entries).unwrap_or_default();
    let schemas = schemas.of_answers();
    let mut found = None;
    for response in responses {
        let code = response.key.value.as_str();
        if !code.starts_with('2') {
            document.passed_over("responses of errors", response.key.span);
            continue;
        }
        let Some(node) = document.resolve(&response.value) else {
            document.lost(response.key.span, "an answer by a reference that leads nowhere");
            continue;
        };
        for key in ["headers", "links"] {
            if let Some(node) = get(node, key) {
                document.lost(node.span, format!("`{key}` of an answer reach no agent"));
            }
        }
        let content = get(node, "content").map(entries).unwrap_or_default();
        let is_json =
            |media: &str| media.starts_with("application/json") || media.ends_with("+json") || media == "*/*";
        let media = content.iter().find(|entry| is_json(&entry.key.value));
        if let (None, Some(other)) = (media, content.first()) {
            document.lost(other.key.span, "an answer that is no JSON is not described");
        }
        let Some(schema) = media.and_then(|media| get(&media.value, "schema")) else { continue };
        if found.is_some() {
            document.lost(response.key.span, "one kind of answer is described; this is another");
            continue;
        }
        found = answer(document, schemas, schema);
    }
    found
}

/// The properties of an answer; what is no object comes as `result`.
fn answer<'a>(document: &Document<'a>, schemas: Schemas<'a, '_>, schema: &'a Node) -> Option<Vec<Property>> {
    let element = schemas.element(schema, &[], 0);
    match element.shape {
        Shape::Record(properties) => Some(properties),
        Shape::FreeObject if get(schema, "properties").is_some() => Some(Vec::new()),
        Shape::FreeObject | Shape::Any => {
            document.lost(schema.span, "nothing is known of the properties of the answer");
            None
        }
        shape => {
            let element = Element { description: element.description, sensitive: false, shape };
            let (name, wire) = ("result".to_owned(), "result".to_owned());
            Some(vec![Property { name, wire, presence: Presence::Required, element }])
        }
    }
}

/// The tool of an operation that was exported from one.
fn own<'a>(document: &Document<'a>, place: Place<'a, '_>, extension: &'a Node) -> Result<Tool, LeftOut> {
    let broken = |what: &str| (extension.span, format!("`{what}` of x-tool is missing or no such thing"));
    let word = |key: &str| text(get(extension, key)).map(str::to_owned);
    let needed = |key: &str| word(key).ok_or_else(|| broken(key));
    let texts = |key: &str| -> Vec<String> {
        items(get(extension, key)).iter().filter_map(|one| text(Some(one)).map(str::to_owned)).collect()
    };
    let target = match (word("handler"), word("backend"), word("request")) {
        (Some(handler), ..) => Target::Native { handler },
        (None, Some(service), Some(request)) => {
            let (method, path) = request.split_once(' ').ok_or_else(|| broken("request"))?;
            let method = Method::WORDS.iter().find(|(word, _)| *word == method);
            let (_, method) = method.ok_or_else(|| broken("request"))?;
            Target::Backend { service, method: *method, path: path.to_owned() }
        }
        _ => return Err(broken("backend")),
    };
    let method = match &target {
        Target::Backend { method, .. } => *method,
        Target::Native { .. } => Method::Post,
    };
    let schemas = Schemas { document, side: Side::Call };
    let mut params = Params { schemas, method, own: true, found: Vec::new(), in_path: Vec::new() };
    params.parameters(None, get(place.operation, "parameters"))?;
    params.body(get(place.operation, "requestBody"))?;
    let mut params = params.found;
    let order = texts("params");
    params.sort_by_key(|param| order.iter().position(|name| *name == param.property.name));
    let effect = needed("effect")?;
    let effect = Effect::WORDS.iter().find(|(word, _)| *word == effect).ok_or_else(|| broken("effect"))?.1;
    let timeout = word("timeout").and_then(|timeout| diagnostics::duration::parse(&timeout));
    let (domain, stem) = (needed("domain")?, needed("name")?);
    let rate_limit = match get(extension, "rate_limit").map(|node| &node.value) {
        Some(Value::Integer(limit)) => Some(u32::try_from(*limit).map_err(|_| broken("rate_limit"))?),
        _ => None,
    };
    Ok(Tool {
        name: format!("{domain}_{stem}"),
        domain,
        stem,
        aliases: texts("aliases"),
        title: text(get(place.operation, "summary")).unwrap_or_default().to_owned(),
        description: text(get(place.operation, "description")).unwrap_or_default().to_owned(),
        effect,
        approval: needed("approval")? == "required",
        roles: match get(extension, "roles").map(|node| &node.value) {
            Some(Value::Sequence(_)) => Roles::Only(texts("roles")),
            _ => Roles::Default,
        },
        target,
        timeout: timeout.unwrap_or(Duration::ZERO),
        rate_limit,
        params,
        output: output(document, schemas, place.operation),
        examples: items(get(extension, "examples")).iter().map(json).collect(),
    })
}
