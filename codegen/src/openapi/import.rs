//! A document of OpenAPI as manifests that pass the check.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::yaml::{self, Node, YamlCodes};
use diagnostics::{FileId, Report, Sink, Sources, Span};

use super::document::{Document, entries, get, items, text};
use super::notes;
use super::operation::{self, Place};
use crate::ir::{Target, Tool};
use crate::{GeneratedFile, Tree, check_tree, write};

/// What an import is to make.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The service that the operations go to.
    pub backend: String,
    /// The folder of the new manifests, the first part of their names.
    pub domain: String,
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// New manifests, and `services.yaml` where a service was not named there.
    pub files: Vec<GeneratedFile>,
    /// How many operations the document has.
    pub operations: usize,
    /// What was left out, and what was decided.
    pub report: Report,
}

/// The methods of OpenAPI.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Imports a document; `existing` holds the manifests that are there, which are never changed. Each new manifest
/// passes the check together with them; an operation of which none can be made is reported.
#[must_use]
pub fn import_openapi(path: &str, document: &str, options: &ImportOptions, existing: &Tree) -> Import {
    let (sink, mut sources) = (Sink::default(), Sources::default());
    let file = sources.add(path, document);
    let codes = YamlCodes { syntax: notes::NOT_OPENAPI, duplicate_key: notes::NOT_OPENAPI };
    let (files, operations) = match yaml::parse_foreign(file, document, codes, &sink) {
        Some(root) => convert(file, &root, options, existing, &sink),
        None => (Vec::new(), 0),
    };
    Import { files, operations, report: sink.into_report(sources) }
}

fn convert(
    file: FileId,
    root: &Node,
    options: &ImportOptions,
    existing: &Tree,
    sink: &Sink,
) -> (Vec<GeneratedFile>, usize) {
    let document = Document::new(root, sink);
    let version = text(get(root, "openapi")).unwrap_or_default();
    if !version.starts_with("3.0") && !version.starts_with("3.1") {
        let at = get(root, "openapi")
            .or_else(|| get(root, "swagger"))
            .map_or(Span::start_of(file), |node| node.span);
        document.note(notes::NOT_OPENAPI, at, "not a document of OpenAPI 3.0 or 3.1");
        return (Vec::new(), 0);
    }
    whole(&document, root);
    let mut made = Made::new(existing, options);
    let mut operations = 0;
    for path in get(root, "paths").map(entries).unwrap_or_default() {
        let Some(item) = document.resolve(&path.value) else {
            document.note(notes::LEFT_OUT, path.key.span, "a path by a reference that leads nowhere");
            continue;
        };
        for entry in entries(item) {
            let key = entry.key.value.as_str();
            if !METHODS.contains(&key) {
                if !["parameters", "summary", "description"].contains(&key) {
                    document.lost(entry.key.span, format!("`{key}` of a path has no counterpart here"));
                }
                continue;
            }
            operations += 1;
            let place = Place {
                path: &path.key.value,
                item,
                method: key,
                at: entry.key.span,
                operation: &entry.value,
                domain: &options.domain,
                backend: &options.backend,
            };
            let tool = operation::tool(&document, place, &|domain, stem| made.has(domain, stem));
            match tool.and_then(|tool| made.take(&tool).map_err(|why| (entry.key.span, why))) {
                Ok(()) => {}
                Err((at, why)) => {
                    let name = format!("{} {}", key.to_uppercase(), path.key.value);
                    document.note(notes::LEFT_OUT, at, format!("{name} became no tool: {why}"));
                }
            }
        }
    }
    document.say_passed_over();
    (made.files(), operations)
}

/// What concerns no operation.
fn whole(document: &Document<'_>, root: &Node) {
    for server in items(get(root, "servers")).iter().filter_map(|server| get(server, "url")) {
        let url = text(Some(server)).unwrap_or_default();
        document
            .lost(server.span, format!("`{url}` belongs into the configuration, as the URL of the service"));
    }
    for entry in entries(root) {
        let key = entry.key.value.as_str();
        match key {
            "openapi" | "info" | "servers" | "paths" | "components" | "tags" | "externalDocs"
            | "jsonSchemaDialect" => {}
            "security" => document
                .lost(entry.key.span, "credentials belong into the configuration, as headers of the service"),
            key if key.starts_with("x-") => document.passed_over(key, entry.key.span),
            key => document.lost(entry.key.span, format!("`{key}` has no counterpart here")),
        }
    }
    if let Some(schemes) = get(root, "components").and_then(|components| get(components, "securitySchemes")) {
        document.lost(schemes.span, "credentials belong into the configuration, as headers of the service");
    }
}

/// The manifests that were made, each checked with those that were there.
struct Made<'t> {
    existing: &'t Tree,
    /// Those that were there, and their services.
    taken: BTreeMap<String, Vec<u8>>,
    services: BTreeSet<String>,
    new: BTreeMap<String, String>,
    options: &'t ImportOptions,
}

impl<'t> Made<'t> {
    fn new(existing: &'t Tree, options: &'t ImportOptions) -> Self {
        let taken = existing.to_files();
        Self { existing, taken, services: BTreeSet::new(), new: BTreeMap::new(), options }
    }

    fn has(&self, domain: &str, stem: &str) -> bool {
        let path = format!("{domain}/{stem}.yaml");
        self.taken.contains_key(&path) || self.new.contains_key(&path)
    }

    /// Takes in a tool if its manifest passes the check by itself and is read as the same tool.
    fn take(&mut self, tool: &Tool) -> Result<(), String> {
        let path = format!("{}/{}.yaml", tool.domain, tool.stem);
        if self.has(&tool.domain, &tool.stem) {
            return Err(format!("{path} is there already"));
        }
        let service = match &tool.target {
            Target::Backend { service, .. } => service,
            Target::Native { .. } => &self.options.backend,
        };
        let text = write::manifest(tool);
        let alone = BTreeMap::from([
            ("services.yaml".to_owned(), format!("{service}: a service\n").into_bytes()),
            (path.clone(), text.clone().into_bytes()),
        ]);
        let checked = check_tree(&Tree::Files(alone), "").map_err(|rejected| {
            let lines: Vec<String> = rejected.report.lines().collect();
            lines.join("; ")
        })?;
        if checked.tools.first() != Some(tool) {
            return Err("its manifest would be another tool, a fault of the import".to_owned());
        }
        self.services.insert(service.clone());
        self.new.insert(path, text);
        Ok(())
    }

    fn files(self) -> Vec<GeneratedFile> {
        let mut files: Vec<GeneratedFile> =
            self.new.into_iter().map(|(path, text)| GeneratedFile { path, text }).collect();
        let named = self.existing.read("services.yaml").unwrap_or_default();
        let missing = self
            .services
            .iter()
            .filter(|service| !named.lines().any(|line| line.split(':').next() == Some(service.as_str())));
        let more: String = missing.map(|service| format!("{service}: imported from OpenAPI\n")).collect();
        if !more.is_empty() {
            let gap = if named.is_empty() || named.ends_with('\n') { "" } else { "\n" };
            files.push(GeneratedFile {
                path: "services.yaml".to_owned(),
                text: format!("{named}{gap}{more}"),
            });
        }
        files
    }
}
