//! No manifest, however broken, makes the check or the generator panic: it passes, or there is a report.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on panics, and what it measured is read"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use codegen::{Style, Tree, check_tree, generate};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

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

/// Checks a text as a manifest; what passes is generated, what does not is rendered in every form. Whether it passed.
fn check(text: &str) -> Result<bool, TestCaseError> {
    let files = [("services.yaml", "demo: a service\n"), ("demo/everything.yaml", text)];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    match check_tree(&Tree::Files(files), "manifests") {
        Ok(checked) => {
            for file in generate(&checked) {
                prop_assert!(!file.text.contains("compile_error"), "{}", file.text);
            }
            // What passes can be written anew and read as the same.
            let files = checked.rewritten().into_iter().map(|file| (file.path, file.text.into_bytes()));
            let services = ("services.yaml".to_owned(), b"demo: a service\n".to_vec());
            let again = check_tree(&Tree::Files(files.chain([services]).collect()), "again");
            let again = again.map_err(|rejected| {
                TestCaseError::fail(format!("{text}\n{}", rejected.report.render(Style::default())))
            })?;
            prop_assert!(checked.same_tools(&again), "{text}");
            Ok(true)
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
            Ok(false)
        }
    }
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

/// Runs as long as `FUZZ_SECONDS` says, 60 if it says nothing, with other mutations each time.
#[test]
#[ignore = "takes as long as it is told to: FUZZ_SECONDS=600 cargo test --release -p codegen --test mutations -- --ignored"]
fn mutated_manifests_never_make_it_panic_for_long() {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(60, |seconds| seconds.parse().unwrap());
    let start = Instant::now();
    let (mut passed, mut reported) = (0_u64, 0_u64);
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(
        &std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos().to_le_bytes(),
    );
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    while start.elapsed() < Duration::from_secs(seconds) {
        let text = mutate(edits().new_tree(&mut runner).unwrap().current());
        match check(&text) {
            Ok(true) => passed += 1,
            Ok(false) => reported += 1,
            Err(error) => panic!("{error}\n{text}"),
        }
    }
    println!("{passed} mutated manifests passed, {reported} were reported, seed {seed:?}");
    assert!(passed > 0 && reported > 0);
}
