//! What is emitted from the manifests in `tests/manifests`, which use every type and keyword.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;

use codegen::{GeneratedFile, check_dir, generate};
use tempfile::TempDir;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manifests"))
}

fn emitted(dir: &Path) -> Vec<GeneratedFile> {
    let checked = check_dir(dir).map_err(|rejected| rejected.report.render(codegen::Style::default()));
    generate(&checked.unwrap())
}

/// Copies the manifests to a new place, in another order of creation.
fn elsewhere() -> TempDir {
    let dir = TempDir::new().unwrap();
    let files =
        ["site/fetch.yaml", "demo/nothing.yaml", "services.yaml", "demo/find.yaml", "demo/everything.yaml"];
    for file in files {
        let to = dir.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(folder().join(file), to).unwrap();
    }
    dir
}

#[test]
fn emitted_files_are_as_recorded() {
    for file in emitted(folder()) {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(file.path.replace('/', "-"), file.text));
    }
}

#[test]
fn emitted_files_are_legal_rust_without_a_fault_of_ours() {
    for file in emitted(folder()).into_iter().filter(|file| file.path.ends_with(".rs")) {
        assert!(syn::parse_file(&file.text).is_ok(), "{}", file.path);
        assert!(!file.text.contains("compile_error"), "{}", file.path);
    }
}

#[test]
fn the_place_of_the_manifests_leaves_no_trace() {
    let dir = elsewhere();
    assert_eq!(emitted(dir.path()), emitted(folder()));
}

#[test]
fn a_change_of_one_manifest_changes_one_file() {
    let dir = elsewhere();
    let path = dir.path().join("demo/find.yaml");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("maximum: 100", "maximum: 50")).unwrap();
    let before = emitted(folder());
    let changed: Vec<String> =
        emitted(dir.path()).into_iter().filter(|file| !before.contains(file)).map(|file| file.path).collect();
    assert_eq!(changed, ["demo/find.rs"]);
}
