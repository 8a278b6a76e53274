//! The tables of the language are those of the reader, and what is made from them is as recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::Tree;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// The command that mends everything these tests can find.
const UPDATE: &str = "INSTA_UPDATE=always cargo test -p codegen --test language";

/// Holds a file of the repository against what it is made from, or writes it.
fn hold(path: &str, expected: &str) {
    let file = Path::new(ROOT).join(path);
    if fs::read_to_string(&file).is_ok_and(|text| text == expected) {
        return;
    }
    assert!(
        std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always"),
        "{path} is stale; write it anew with\n    {UPDATE}\n"
    );
    fs::write(file, expected).unwrap();
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.collect::<Vec<_>>()
    };
    let domains = list(folder).into_iter().filter(|path| path.is_dir());
    domains.flat_map(|dir| list(&dir)).collect()
}

fn parsed(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn the_schema_for_editors_is_as_recorded() {
    hold("manifests/manifest.schema.json", &codegen::manifest_schema());
}

#[test]
fn the_reference_for_people_is_as_recorded() {
    const BEGIN: &str = "<!-- Generated from the language's own tables: INSTA_UPDATE=always cargo test -p codegen --test language -->\n";
    const END: &str = "<!-- end of the generated part -->";
    let page = fs::read_to_string(Path::new(ROOT).join("docs/manifests.md")).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    hold("docs/manifests.md", &format!("{before}{BEGIN}\n{}\n{END}{after}", codegen::reference()));
}

#[test]
fn the_tables_have_the_keys_that_the_reader_asks_for() {
    let tree = Tree::Folder(Path::new(ROOT).join("codegen/tests/manifests"));
    let asked: BTreeSet<String> = codegen::keys_asked_for(&tree)
        .into_iter()
        .filter_map(|path| match path.split('.').collect::<Vec<_>>().as_slice() {
            [key] => Some((*key).to_owned()),
            ["params", _, key] => Some(format!("params.{key}")),
            _ => None,
        })
        .collect();
    assert_eq!(asked, codegen::keys().into_iter().collect::<BTreeSet<_>>());
}

#[test]
fn the_schema_takes_every_manifest_that_the_check_takes() {
    let schema: Value = serde_json::from_str(&codegen::manifest_schema()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut texts: Vec<(String, String)> = Vec::new();
    for folder in ["manifests", "codegen/tests/manifests"] {
        for file in manifests(&Path::new(ROOT).join(folder)) {
            texts.push((file.display().to_string(), fs::read_to_string(&file).unwrap()));
        }
    }
    for case in fs::read_dir(Path::new(ROOT).join("codegen/tests/cases/passing")).unwrap() {
        let case = case.unwrap().path();
        let text = fs::read_to_string(&case).unwrap();
        let files = text.split("==> ").filter_map(|file| file.split_once('\n'));
        let files = files.filter(|(name, _)| name.contains('/') && name.ends_with(".yaml"));
        texts.extend(files.map(|(name, text)| (format!("{} {name}", case.display()), text.to_owned())));
    }
    assert!(texts.len() > 100);
    for (name, text) in texts {
        let errors: Vec<String> = schema
            .iter_errors(&parsed(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn the_schema_refuses_what_an_editor_can_underline() {
    let schema: Value = serde_json::from_str(&codegen::manifest_schema()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for code in [
        "M003", "M004", "M005", "M006", "M010", "M011", "M021", "M022", "M023", "M025", "M030", "M032",
        "M050", "M053", "M054", "M059", "M060", "M061",
    ] {
        let cases: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("codegen/tests/cases"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(code))
            .collect();
        let refused = cases.iter().filter(|case| {
            let text = fs::read_to_string(case).unwrap();
            let (_, text) = text.split_once('\n').unwrap();
            !schema.is_valid(&parsed(text))
        });
        assert!(refused.count() > 0, "no case of {code} among {cases:?} is refused");
    }
}
