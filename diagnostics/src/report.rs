//! Everything that was found in one run, sorted, and its two written forms.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

mod excerpt;

/// All problems of a run, with the files they point into.
#[derive(Clone, Debug)]
pub struct Report {
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
}

/// How a report is written for people.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Escape sequences for a terminal.
    pub colour: bool,
    /// Leave the lines of the file out, because they may hold secrets.
    pub without_excerpts: bool,
}

// === impl Report ===

impl Report {
    pub(crate) fn new(sources: Sources, mut diagnostics: Vec<Diagnostic>) -> Self {
        let place =
            |found: &Diagnostic| (sources.path(found.at.file).to_owned(), found.at.line, found.at.column);
        diagnostics.sort_by_cached_key(|found| (place(found), found.code, found.message.clone()));
        Self { sources, diagnostics }
    }

    /// The problems, in the order of files and lines.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The files.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How many of the problems are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
    }

    /// How many of the problems are warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.diagnostics.len() - self.errors()
    }

    /// In how many files there are errors.
    #[must_use]
    pub fn files_with_errors(&self) -> usize {
        let errors = self.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        errors.map(|found| found.at.file).collect::<std::collections::BTreeSet<_>>().len()
    }

    /// The report with excerpts, one block for each problem, an empty line between two.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut out = String::new();
        for diagnostic in &self.diagnostics {
            if !out.is_empty() {
                out.push('\n');
            }
            if style.without_excerpts {
                out.push_str(&self.line(diagnostic));
                if let Some(help) = &diagnostic.help {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\n  = help: {help}");
                }
            } else {
                out.push_str(&excerpt::render(diagnostic, &self.sources, style.colour));
            }
            out.push('\n');
        }
        out
    }

    /// One line for each problem, for editors, CI and build output:
    /// `error: path:line:column: message; did you mean `word`? [CODE]`.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.diagnostics.iter().map(|diagnostic| self.line(diagnostic))
    }

    fn line(&self, diagnostic: &Diagnostic) -> String {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Diagnostic { at, message, code, .. } = diagnostic;
        let path = self.sources.path(at.file);
        let meant = diagnostic.suggestion.as_ref().map(|word| format!("; did you mean `{word}`?"));
        let meant = meant.unwrap_or_default();
        let line = format!("{severity}: {path}:{}:{}: {message}{meant} [{code}]", at.line, at.column);
        // A message may quote what somebody wrote; it must stay one line and cannot steer a terminal.
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}
