//! Manifests in, typed tools out.
//!
//! The stages, each a module of its own: files -> `manifest` (as written, every value knows its place) ->
//! `check` (all problems of all files in one run) -> `ir` (nothing can be wrong any more) -> `emit`
//! (infallible, the same bytes for the same manifests). Only a [`Checked`] can be generated from, and only
//! [`check_dir`] makes one.
//!
//! This crate does not depend on the runtime; `emit::paths` is the one place that knows what it is called.

mod build;
mod check;
mod emit;
mod files;
mod ir;
mod manifest;
mod rules;

use std::path::Path;

use diagnostics::{Sink, Sources};

pub use build::build;
pub use diagnostics::{Report, Style};
pub use emit::GeneratedFile;
pub use rules::{RULES, Rule};

/// Manifests that passed every check.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    tools: Vec<ir::Tool>,
    services: Vec<String>,
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
/// All problems of all files, if there is one.
pub fn check_dir(dir: &Path) -> Result<Checked, Rejected> {
    let shown_as = dir.to_string_lossy();
    check_dir_as(dir, shown_as.trim_end_matches('/'))
}

/// The same, with the folder shown under another path.
///
/// # Errors
/// All problems of all files, if there is one.
pub fn check_dir_as(dir: &Path, shown_as: &str) -> Result<Checked, Rejected> {
    let (sink, mut sources) = (Sink::default(), Sources::default());
    let folder = files::read(dir, shown_as, &mut sources, &sink);
    let checked = check::check(&folder, &sink);
    match checked {
        Some(checked) if sink.errors() == 0 => Ok(checked),
        _ => Err(Rejected { report: sink.into_report(sources), manifests: folder.count }),
    }
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
}

// === impl Rejected ===

impl Rejected {
    /// One line that counts: `2 errors in 2 files, of 61 manifests`.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let errors = count(self.report.errors(), "error");
        let files = count(self.report.files_with_errors(), "file");
        format!("{errors} in {files}, of {}", count(self.manifests, "manifest"))
    }
}
