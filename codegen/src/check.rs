//! The rules of a manifest: from what is written to the IR, with every problem on the way reported.
//!
//! A part that has a problem yields nothing, so its consequences are not reported as well, while its neighbours
//! are still checked.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::fields::Field;
use diagnostics::fields::Reader;
use diagnostics::{Diagnostic, Sink, Span};

use crate::files::Folder;
use crate::manifest::{self, Manifest, SHAPE};
use crate::{ir, rules};

pub(crate) mod header;
pub(crate) mod literal;
pub(crate) mod names;
pub(crate) mod pattern;
pub(crate) mod place;
mod policy;
pub(crate) mod privacy;
mod request;
pub(crate) mod schema;
mod services;
pub(crate) mod tool;
pub(crate) mod wording;

/// What could be made of a folder. Whether there is any problem at all is the sink's to say.
pub(crate) struct Outcome {
    /// Sorted by name.
    pub(crate) tools: Vec<ir::Tool>,
    /// `domain/stem` of each manifest that no tool could be made of.
    pub(crate) failed: Vec<String>,
    pub(crate) services: Option<Vec<String>>,
}

/// Checks all files of a folder.
pub(crate) fn check(folder: &Folder, sink: &Sink) -> Outcome {
    let reader = Reader::new(sink, SHAPE);
    let services = folder.services.as_ref().and_then(|(file, root)| services::read(&reader, *file, root));
    let mut claims = names::Claims::default();
    let mut domains = names::Domains::default();
    let mut requests = Requests::default();
    let (mut tools, mut failed) = (Vec::with_capacity(folder.manifests.len()), Vec::new());
    for file in &folder.manifests {
        let name = domains.name_of(file, sink);
        let Some(manifest) = manifest::read(&reader, &file.root, file.start) else {
            failed.push(format!("{}/{}", file.domain, file.stem));
            continue;
        };
        let aliases = names::aliases(&manifest, name.as_deref(), sink);
        if let Some(name) = &name {
            claims.claim(name, file.start, aliases.as_deref().unwrap_or_default());
        }
        policy::effect_of_name(&manifest, file, sink);
        wording::check(&manifest, name.as_deref(), sink);
        privacy::check(&manifest, sink);
        requests.claim(&manifest, sink);
        let parts = tool::Parts { file, name, aliases, services: services.as_deref() };
        match tool::check(parts, &manifest, sink) {
            Some(tool) => tools.push(tool),
            None => failed.push(format!("{}/{}", file.domain, file.stem)),
        }
    }
    claims.report_collisions(sink);
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    Outcome { tools, failed, services }
}

/// Every key that reading asks for.
pub(crate) fn keys_asked_for(folder: &Folder, sink: &Sink) -> BTreeSet<String> {
    let reader = Reader::new(sink, SHAPE);
    for file in &folder.manifests {
        let _ = manifest::read(&reader, &file.root, file.start);
    }
    reader.asked()
}

/// Who sends which request to which backend.
#[derive(Default)]
struct Requests<'a> {
    first: BTreeMap<(&'a str, &'a str), Span>,
}

impl<'a> Requests<'a> {
    /// Reports a second tool with the same request: an agent could not tell the two apart.
    fn claim(&mut self, manifest: &Manifest<'a>, sink: &Sink) {
        let (Field::Is(backend), Field::Is(request)) = (&manifest.backend, &manifest.request) else { return };
        let key = (backend.value, request.value);
        if let Some(first) = self.first.get(&key) {
            let message = format!("two tools send `{}` to `{}`", request.value, backend.value);
            let problem = Diagnostic::warning(rules::SAME_REQUEST, request.span, message);
            sink.push(problem.with_also(*first, "the other one"));
        } else {
            self.first.insert(key, request.span);
        }
    }
}
