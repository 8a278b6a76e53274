//! Tools become OpenAPI and come back without loss; documents of others are imported with a report.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, and what it measured is read"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use codegen::{Checked, Import, ImportOptions, Style, Tree, check_dir, check_tree, import_openapi};

fn options() -> ImportOptions {
    ImportOptions { backend: "demo".to_owned(), domain: "demo".to_owned() }
}

fn nothing() -> Tree {
    Tree::Files(BTreeMap::new())
}

/// The tools of an import, which must pass the check.
fn tools(import: &Import) -> Checked {
    let files = import.files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes()));
    check_tree(&Tree::Files(files.collect()), "imported")
        .unwrap_or_else(|rejected| panic!("{}", rejected.report.render(Style::default())))
}

#[test]
fn export_and_import_lose_nothing() {
    for folder in ["tests/manifests", "../manifests"] {
        let before = check_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let document = format!("{:#}", before.openapi());
        let import = import_openapi("tools.json", &document, &options(), &nothing());
        assert_eq!(import.report.lines().collect::<Vec<_>>(), Vec::<String>::new(), "{folder}");
        assert_eq!(import.operations, before.tool_count());
        let after = tools(&import);
        assert!(before.same_tools(&after), "{folder}");
        assert_eq!(format!("{:#}", after.openapi()), document);
    }
}

#[test]
fn what_is_exported_is_openapi() {
    let tools = check_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests")).unwrap();
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("openapi", format!("{:#}", tools.openapi()));
    });
}

/// Each case is a document; its manifests and its report are recorded.
#[test]
fn documents_of_others_are_imported_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 4);
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let import = import_openapi(&name, &fs::read_to_string(&case).unwrap(), &options(), &nothing());
        if import.report.errors() == 0 {
            tools(&import);
        }
        let mut text: String =
            import.files.iter().map(|file| format!("==> {}\n{}", file.path, file.text)).collect();
        text.push_str("==> report\n");
        text.extend(import.report.lines().map(|line| format!("{line}\n")));
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("import-{name}"), text);
        });
    }
}

#[test]
fn what_is_there_is_never_written_again() {
    let document =
        "openapi: 3.1.0\npaths: {/a: {get: {operationId: a, description: Reads it, responses: {}}}}\n";
    let there = BTreeMap::from([("demo/a.yaml".to_owned(), b"title: mine".to_vec())]);
    let import = import_openapi("a.yaml", document, &options(), &Tree::Files(there));
    let paths: BTreeSet<&str> = import.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, BTreeSet::from(["demo/a_2.yaml", "services.yaml"]));
}

/// Real documents lie beside the repository and are no part of it: `CODEGEN_OPENAPI` names their folder, or it
/// is `../shared/data/openapi` from the root of the repository.
#[test]
#[ignore = "reads documents that are no part of the repository"]
fn real_documents_are_imported() {
    let folder = std::env::var_os("CODEGEN_OPENAPI").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/openapi"),
        PathBuf::from,
    );
    let mut documents: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.sort();
    assert!(!documents.is_empty());
    for path in documents {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let import = import_openapi(&name, &fs::read_to_string(&path).unwrap(), &options(), &nothing());
        let made = if import.report.errors() == 0 { tools(&import).tool_count() } else { 0 };
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        for found in import.report.diagnostics() {
            *said.entry(found.code).or_default() += 1;
        }
        println!("{name}: {made} tools of {} operations, notes {said:?}", import.operations);
        let left_out = said.get("O002").copied().unwrap_or_default();
        assert_eq!(made + left_out, import.operations, "{name}: an operation is a tool or is reported");
        assert!(made > 0, "{name}: {}", import.report.render(Style::default()));
    }
}
