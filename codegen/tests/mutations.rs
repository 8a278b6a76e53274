//! No manifest, however broken, makes the check or the generator panic: it passes, or there is a report.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use codegen::{Style, check_dir, generate};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tempfile::TempDir;

const MANIFEST: &str = include_str!("manifests/demo/everything.yaml");

/// Pieces that mean something to YAML, to the manifest language or to neither.
const PIECES: [&str; 40] = [
    "",
    " ",
    "\n",
    "\n  ",
    "\t",
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "'",
    "\"",
    "|\n",
    "&a ",
    "*a",
    "!x ",
    "<<: ",
    "---\n",
    "~",
    "null",
    "true",
    "yes",
    "-1",
    "1e999",
    "0.5",
    "99999999999999999999",
    "ü",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "type: string",
    "items: {",
    "properties: {a: ",
    "default: ",
    "required: true",
    "{type}",
];

/// Where to cut, how much to leave out, and what to put there.
fn edits() -> impl Strategy<Value = Vec<(Index, usize, &'static str)>> {
    prop::collection::vec((any::<Index>(), 0_usize..12, select(PIECES.as_slice())), 1..6)
}

fn mutate(edits: Vec<(Index, usize, &'static str)>) -> String {
    let mut text: Vec<char> = MANIFEST.chars().collect();
    for (at, cut, piece) in edits {
        let from = at.index(text.len() + 1);
        let to = (from + cut).min(text.len());
        text.splice(from..to, piece.chars());
    }
    text.into_iter().collect()
}

/// Checks a text as a manifest; what passes is generated, what does not is rendered in every form.
fn check(text: &str) -> Result<(), TestCaseError> {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("demo")).unwrap();
    fs::write(dir.path().join("services.yaml"), "demo: a service\n").unwrap();
    fs::write(dir.path().join("demo/everything.yaml"), text).unwrap();
    match check_dir(dir.path()) {
        Ok(checked) => {
            for file in generate(&checked) {
                prop_assert!(!file.text.contains("compile_error"), "{}", file.text);
            }
        }
        Err(rejected) => {
            prop_assert!(rejected.report.errors() > 0);
            for colour in [false, true] {
                let report = rejected.report.render(Style { colour, ..Style::default() });
                prop_assert!(!report.is_empty());
            }
            for line in rejected.report.lines() {
                prop_assert!(!line.contains(['\n', '\u{1b}', '\u{0}']), "{line:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_manifest_passes_or_is_reported(edits in edits()) {
        check(&mutate(edits))?;
    }

    #[test]
    fn any_text_passes_or_is_reported(text in any::<String>()) {
        check(&text)?;
    }
}
