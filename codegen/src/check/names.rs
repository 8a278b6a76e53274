//! Names of tools and their aliases: what they may look like, and that no two tools answer to one name.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink, Span, Spanned};

use crate::files::ManifestFile;
use crate::manifest::Manifest;
use crate::rules;

/// Listed names are at most this long.
const MAX_NAME: usize = 40;
/// What MCP clients accept for the name of a tool.
const MAX_ALIAS: usize = 64;

/// Folders whose names have been looked at, so that a bad one is reported once.
#[derive(Default)]
pub(super) struct Domains {
    bad: BTreeSet<String>,
}

/// Who answers to which name.
#[derive(Default)]
pub(super) struct Claims {
    by_folded: BTreeMap<String, Vec<Claim>>,
}

struct Claim {
    text: String,
    tool: String,
    is_alias: bool,
    at: Span,
}

/// A lower-case letter, then lower-case letters, digits and underscores; and no word that cannot be a Rust name
/// in any spelling.
pub(crate) fn is_snake_case(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(rest) && !is_rust_path_word(name)
}

fn is_rust_path_word(name: &str) -> bool {
    matches!(name, "crate" | "self" | "super")
}

/// Reads the aliases of a manifest; none if there is a problem with them.
pub(super) fn aliases<'a>(
    manifest: &Manifest<'a>,
    name: Option<&str>,
    sink: &Sink,
) -> Option<Vec<Spanned<&'a str>>> {
    let Field::Is(aliases) = &manifest.aliases else { return None };
    if aliases.value.is_empty() {
        let problem = Diagnostic::error(rules::NO_ALIAS, aliases.span, "a tool has at least one alias");
        let dotted =
            name.and_then(|name| name.split_once('_')).map(|(domain, rest)| format!("{domain}.{rest}"));
        let help =
            dotted.map_or_else(|| "write `<domain>.<tool>`".to_owned(), |alias| format!("write `[{alias}]`"));
        sink.push(problem.with_help(help));
        return None;
    }
    let before = sink.errors();
    let mut seen: Vec<Spanned<&str>> = Vec::new();
    for alias in &aliases.value {
        if let Some(problem) = bad_alias(*alias, name, &seen) {
            sink.push(problem);
        } else {
            seen.push(*alias);
        }
    }
    (sink.errors() == before).then_some(seen)
}

fn bad_alias(alias: Spanned<&str>, name: Option<&str>, seen: &[Spanned<&str>]) -> Option<Diagnostic> {
    let Spanned { value: text, span } = alias;
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(legal) {
        let message = format!("`{text}` is no legal alias");
        return Some(
            Diagnostic::error(rules::BAD_ALIAS, span, message)
                .with_label("lower-case letters, digits, `_`, `.` and `-`, beginning with a letter"),
        );
    }
    if text.len() > MAX_ALIAS {
        let message = format!("the alias has {} characters, more than {MAX_ALIAS}", text.len());
        return Some(Diagnostic::error(rules::BAD_ALIAS, span, message));
    }
    if name == Some(text) {
        let message = format!("alias `{text}` is taken");
        let label = "the tool's own name; it answers to it anyway";
        return Some(Diagnostic::error(rules::TAKEN_ALIAS, span, message).with_label(label));
    }
    let first = seen.iter().find(|other| other.value == text)?;
    let problem = Diagnostic::error(rules::TAKEN_ALIAS, span, format!("alias `{text}` stands twice"));
    Some(problem.with_also(first.span, "it stands here already"))
}

// === impl Domains ===

impl Domains {
    /// The listed name of the tool in this file, from its folder and its own name; none if one is bad.
    pub(super) fn name_of(&mut self, file: &ManifestFile, sink: &Sink) -> Option<String> {
        let before = sink.errors();
        if !is_snake_case(&file.domain) && self.bad.insert(file.domain.clone()) {
            sink.push(bad_name("folder", &file.domain, file.start));
        }
        if !is_snake_case(&file.stem) {
            sink.push(bad_name("file", &file.stem, file.start));
        }
        let name = format!("{}_{}", file.domain, file.stem);
        let length = name.chars().count();
        if sink.errors() == before && length > MAX_NAME {
            let message = format!("the name `{name}` has {length} characters, more than {MAX_NAME}");
            sink.push(Diagnostic::error(rules::LONG_NAME, file.start, message));
        }
        (sink.errors() == before && !self.bad.contains(&file.domain)).then_some(name)
    }
}

fn bad_name(what: &str, name: &str, at: Span) -> Diagnostic {
    let problem =
        Diagnostic::error(rules::BAD_NAME, at, format!("the {what} name `{name}` is not snake_case"));
    let mended: String = name.chars().map(|c| if matches!(c, '-' | '.' | ' ') { '_' } else { c }).collect();
    let mended = mended.to_lowercase();
    if is_snake_case(&mended) { problem.with_help(format!("call it `{mended}`")) } else { problem }
}

// === impl Claims ===

impl Claims {
    /// A tool claims its name and its aliases.
    pub(super) fn claim(&mut self, tool: &str, start: Span, aliases: &[Spanned<&str>]) {
        self.add(tool, tool, false, start);
        for alias in aliases {
            self.add(alias.value, tool, true, alias.span);
        }
    }

    fn add(&mut self, text: &str, tool: &str, is_alias: bool, at: Span) {
        let folded = text.replace(['.', '-'], "_");
        let claim = Claim { text: text.to_owned(), tool: tool.to_owned(), is_alias, at };
        self.by_folded.entry(folded).or_default().push(claim);
    }

    /// Reports every name that two tools claim, once for each tool but the one that keeps it: a tool keeps its
    /// own name against aliases, and the first of equals keeps it.
    pub(super) fn report_collisions(&self, sink: &Sink) {
        for claims in self.by_folded.values() {
            let Some(keeper) = claims.iter().find(|claim| !claim.is_alias).or(claims.first()) else {
                continue;
            };
            let mut reported = BTreeSet::new();
            for claim in claims {
                let other = claim.at.file != keeper.at.file;
                if other && reported.insert(claim.at.file) {
                    // Of what the keeper has here, what is spelled the same is shown.
                    let same =
                        claims.iter().find(|kept| kept.at.file == keeper.at.file && kept.text == claim.text);
                    sink.push(collision(claim, same.unwrap_or(keeper)));
                }
            }
        }
        self.report_lookalikes(sink);
    }

    /// Reports names that differ only in what people take for the same: `0` and `o`, `1` and `l`.
    fn report_lookalikes(&self, sink: &Sink) {
        let mut drawn: BTreeMap<String, &Claim> = BTreeMap::new();
        for (folded, claims) in &self.by_folded {
            let Some(claim) = claims.first() else { continue };
            let first = drawn.entry(folded.replace('0', "o").replace('1', "l")).or_insert(claim);
            if first.at.file != claim.at.file {
                let message = format!("`{}` looks like `{}`", claim.text, first.text);
                let problem = Diagnostic::error(rules::LOOKALIKE_NAME, claim.at, message);
                sink.push(problem.with_also(first.at, format!("`{}`", first.tool)));
            }
        }
    }
}

fn collision(claim: &Claim, kept: &Claim) -> Diagnostic {
    if !claim.is_alias {
        let problem =
            Diagnostic::error(rules::TAKEN_NAME, claim.at, format!("two tools are called `{}`", claim.text));
        return problem.with_also(kept.at, "the other one");
    }
    let owner = &kept.tool;
    let label = match (kept.is_alias, kept.text == claim.text) {
        (true, true) => format!("already an alias of `{owner}`"),
        (true, false) => format!("`{}`, an alias of `{owner}`, is the same name to some agents", kept.text),
        (false, _) => format!("the same name as the tool `{owner}`"),
    };
    Diagnostic::error(rules::TAKEN_ALIAS, claim.at, format!("alias `{}` is taken", claim.text))
        .with_label(label)
        .with_also(kept.at, format!("`{owner}`"))
        .with_help("choose another alias, or delete one of the two manifests")
}
