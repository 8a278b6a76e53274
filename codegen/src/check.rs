//! The rules of a manifest: from what is written to the IR, with every problem on the way reported.
//!
//! A part that has a problem yields nothing, so its consequences are not reported as well, while its neighbours
//! are still checked.

use diagnostics::Sink;
use diagnostics::fields::Reader;

use crate::Checked;
use crate::files::Folder;
use crate::manifest::{self, SHAPE};

mod header;
mod literal;
mod names;
mod pattern;
mod place;
mod policy;
mod request;
mod schema;
mod services;
mod tool;

/// Checks all files of a folder. None if a manifest could not be made into a tool; whether there is any
/// problem at all is the sink's to say.
pub(crate) fn check(folder: &Folder, sink: &Sink) -> Option<Checked> {
    let reader = Reader::new(sink, SHAPE);
    let services = folder.services.as_ref().and_then(|(file, root)| services::read(&reader, *file, root));
    let mut claims = names::Claims::default();
    let mut domains = names::Domains::default();
    let mut tools = Vec::with_capacity(folder.manifests.len());
    for file in &folder.manifests {
        let name = domains.name_of(file, sink);
        let Some(manifest) = manifest::read(&reader, &file.root, file.start) else {
            tools.push(None);
            continue;
        };
        let aliases = names::aliases(&manifest, name.as_deref(), sink);
        if let Some(name) = &name {
            claims.claim(name, file.start, aliases.as_deref().unwrap_or_default());
        }
        let parts = tool::Parts { file, name, aliases, services: services.as_deref() };
        tools.push(tool::check(parts, &manifest, sink));
    }
    claims.report_collisions(sink);
    let mut tools = tools.into_iter().collect::<Option<Vec<_>>>()?;
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Checked { tools, services: services? })
}
