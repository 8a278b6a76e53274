//! Manifests in, typed tools out.
//!
//! The stages, each a module of its own: files -> `manifest` (as written, every value knows its place) ->
//! `check` (all problems of all files in one run) -> `ir` (nothing can be wrong any more) -> `emit`
//! (infallible, the same bytes for the same manifests). Only a [`Checked`] can be generated from, and only
//! [`check_dir`] and [`check_tree`] make one.
//!
//! This crate does not depend on the runtime; `emit::paths` is the one place that knows what it is called.

mod build;
mod characters;
mod check;
mod diff;
mod emit;
mod files;
mod forms;
mod ir;
mod language;
mod manifest;
mod openapi;
mod request;
mod rules;
mod scaffold;
mod server_json;
mod show;
mod tree;
mod write;

use std::path::Path;

use diagnostics::{Sink, Sources};

pub use build::build;
pub use diagnostics::{Report, Style};
pub use diff::{Change, Class, Diff, diff};
pub use emit::GeneratedFile;
pub use forms::{report_as_github, report_as_json};
pub use language::{keys, manifest_schema, reference};
pub use openapi::{Import, ImportOptions, NOTES, import_openapi};
pub use rules::{RULES, Rule};
pub use scaffold::{NewTool, NotMade};
pub use tree::Tree;

/// Manifests that passed every check.
#[derive(Clone, Debug)]
pub struct Checked {
    tools: Vec<ir::Tool>,
    services: Vec<String>,
    warnings: Report,
}

/// Why nothing may be generated.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Every problem of every file.
    pub report: Report,
    /// How many manifests were read.
    pub manifests: usize,
}

/// Reads and checks a folder of manifests; reports show its path as given.
///
/// # Errors
/// All problems of all files, if one is an error.
pub fn check_dir(dir: &Path) -> Result<Checked, Rejected> {
    let shown_as = dir.to_string_lossy();
    check_dir_as(dir, shown_as.trim_end_matches('/'))
}

/// The same, with the folder shown under another path.
///
/// # Errors
/// All problems of all files, if one is an error.
pub fn check_dir_as(dir: &Path, shown_as: &str) -> Result<Checked, Rejected> {
    check_tree(&Tree::Folder(dir.to_owned()), shown_as)
}

/// The same for manifests that need not be on disk.
///
/// # Errors
/// All problems of all files, if one is an error.
pub fn check_tree(tree: &Tree, shown_as: &str) -> Result<Checked, Rejected> {
    let (sink, mut sources) = (Sink::default(), Sources::default());
    let folder = files::read(tree, shown_as, &mut sources, &sink);
    let outcome = check::check(&folder, &sink);
    let (errors, report) = (sink.errors(), sink.into_report(sources));
    match outcome.services {
        Some(services) if errors == 0 && outcome.failed.is_empty() => {
            Ok(Checked { tools: outcome.tools, services, warnings: report })
        }
        _ => Err(Rejected { report, manifests: folder.count }),
    }
}

/// Every key that reading a folder asks for, with its path: `effect`, `params.size.type`. A test holds the tables
/// of the language against it.
#[must_use]
pub fn keys_asked_for(tree: &Tree) -> std::collections::BTreeSet<String> {
    let (sink, mut sources) = (Sink::default(), Sources::default());
    let folder = files::read(tree, "", &mut sources, &sink);
    check::keys_asked_for(&folder, &sink)
}

/// Checks manifests together with files that are about to be put beside them.
///
/// # Errors
/// All problems of all files, if one is an error.
pub fn check_together(existing: &Tree, new: &[GeneratedFile], shown_as: &str) -> Result<Checked, Rejected> {
    let mut files = existing.to_files();
    files.extend(new.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes())));
    check_tree(&Tree::Files(files), shown_as)
}

/// The Rust of all tools, one file each, and the index that ties them together: sorted, and the same bytes for
/// the same manifests wherever they lie.
#[must_use]
pub fn generate(checked: &Checked) -> Vec<GeneratedFile> {
    emit::emit(&checked.tools, &checked.services)
}

// === impl Checked ===

impl Checked {
    /// How many tools there are.
    #[must_use]
    pub fn tool_count(&self) -> usize {
        self.tools.len()
    }

    /// Every tool written as a manifest anew: its path below the folder, and its text. Comments are lost, and
    /// reading the texts gives the same tools.
    #[must_use]
    pub fn rewritten(&self) -> Vec<GeneratedFile> {
        self.tools
            .iter()
            .map(|tool| GeneratedFile {
                path: format!("{}/{}.yaml", tool.domain, tool.stem),
                text: write::manifest(tool),
            })
            .collect()
    }

    /// Whether both hold the same tools.
    #[must_use]
    pub fn same_tools(&self, other: &Self) -> bool {
        self.tools == other.tools
    }

    /// What somebody should look at all the same.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }
}

// === impl Rejected ===

impl Rejected {
    /// One line that counts: `2 errors in 2 files, of 61 manifests`.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.report.errors() == 0 {
            return "no error was found and yet a manifest became no tool: a fault of codegen".to_owned();
        }
        let errors = count(self.report.errors(), "error");
        let files = count(self.report.files_with_errors(), "file");
        let warnings = match self.report.warnings() {
            0 => String::new(),
            warnings => format!(" and {}", count(warnings, "warning")),
        };
        format!("{errors} in {files}{warnings}, of {}", count(self.manifests, "manifest"))
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
