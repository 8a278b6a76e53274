//! What changes for whom between two folders of manifests.
//!
//! Everything that a reviewer has to weigh has a class: what breaks callers or services, what opens a guard,
//! what closes one, what only adds, and what only words. Compared are the tools that the check made, so layout
//! and comments of a manifest never show.

use std::collections::BTreeMap;

use crate::ir::Tool;
use crate::{Rejected, Tree, check, files};

mod render;
mod shape;
mod tool;

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A call that worked is refused, or does something else; or what came back is gone.
    Breaking,
    /// A guard is gone or wider: approval, roles, secrecy, a limit, a rule for a value.
    Loosening,
    /// A guard that stops nobody who is entitled is new or closer.
    Tightening,
    /// More is possible, and all that was still is.
    Compatible,
    /// Only texts for people and agents.
    Wording,
}

/// One change of one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it means.
    pub class: Class,
    /// The listed name of the tool.
    pub tool: String,
    /// The key that changed: `approval`, `params.limit.maximum`; empty for the whole tool.
    pub at: String,
    /// What was and what is.
    pub what: String,
}

/// All changes, the gravest first.
#[derive(Clone, Debug)]
pub struct Diff {
    /// By class, then by tool, then in the order of the manifest.
    pub changes: Vec<Change>,
    /// Manifests of the old folder, `domain/tool`, that today's rules cannot read.
    pub not_compared: Vec<String>,
}

/// Compares two folders; `shown_as` is how reports show the new one.
///
/// The old folder may break rules that are younger than it.
///
/// # Errors
/// All problems of the new folder, if one is an error.
pub fn diff(old: &Tree, new: &Tree, shown_as: &str) -> Result<Diff, Rejected> {
    let (sink, mut sources) = (diagnostics::Sink::default(), diagnostics::Sources::default());
    let old = check::check(&files::read(old, "", &mut sources, &sink), &sink);
    let new = crate::check_tree(new, shown_as)?;
    let mut changes = Vec::new();
    let unread: Vec<String> = old.failed.iter().map(|file| file.replace('/', "_")).collect();
    let answers = names(&new.tools);
    let mut met = Vec::new();
    for before in &old.tools {
        match answers.get(before.name.as_str()) {
            Some(after) => {
                met.push(after.name.as_str());
                tool::compare(before, after, &answers, &mut changes);
            }
            None => tool::removed(before, &mut changes),
        }
    }
    for after in &new.tools {
        if !met.contains(&after.name.as_str()) && !unread.contains(&after.name) {
            tool::added(after, &mut changes);
        }
    }
    changes.sort_by(|a, b| (a.class, &a.tool).cmp(&(b.class, &b.tool)));
    let mut not_compared = old.failed;
    not_compared.sort();
    Ok(Diff { changes, not_compared })
}

/// Which tool answers to which name.
fn names(tools: &[Tool]) -> BTreeMap<&str, &Tool> {
    tools
        .iter()
        .flat_map(|tool| {
            std::iter::once(tool.name.as_str())
                .chain(tool.aliases.iter().map(String::as_str))
                .map(move |name| (name, tool))
        })
        .collect()
}

// === impl Class ===

impl Class {
    /// All classes, the gravest first.
    pub const ALL: [Self; 5] =
        [Self::Breaking, Self::Loosening, Self::Tightening, Self::Compatible, Self::Wording];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Loosening => "loosening",
            Self::Tightening => "tightening",
            Self::Compatible => "compatible",
            Self::Wording => "wording",
        }
    }
}
