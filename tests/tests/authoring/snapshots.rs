//! What a reviewer sees of an edit: the snapshots of that tool, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::workspace::Workspace;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let below = path.strip_prefix(folder).unwrap().display().to_string();
            found.insert(below, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The snapshots as the documented command writes them.
fn written(workspace: &Workspace) -> BTreeMap<String, String> {
    let (output, _) =
        workspace.cargo(&["test", "--test", "snapshots"], &[("INSTA_UPDATE", "always"), ("CI", "")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    files(&workspace.snapshots())
}

#[test]
#[ignore = "builds the product: cargo test -p tests --test e2e -- --ignored authoring::snapshots"]
fn an_edit_of_a_manifest_changes_the_two_snapshots_of_its_tool() {
    let workspace = Workspace::new("snapshots");
    workspace.copy("generated/tests/snapshots.rs");
    for (path, text) in files(&Path::new(ROOT).join("manifests")) {
        workspace.write(&format!("manifests/{path}"), &text);
    }
    let recorded = files(&Path::new(ROOT).join("generated/snapshots"));
    let before = written(&workspace);
    assert_eq!(before, recorded, "other snapshots than those of the repository");

    let path = workspace.manifests().join("memory/search.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let edited = text.replace("maximum: 200", "maximum: 100");
    assert_ne!(text, edited);
    fs::write(&path, edited).unwrap();
    let after = written(&workspace);
    let names: Vec<&String> = before.keys().collect();
    assert_eq!(names, after.keys().collect::<Vec<_>>());
    let changed: Vec<&str> =
        after.iter().filter(|(name, text)| before[*name] != **text).map(|(name, _)| name.as_str()).collect();
    assert_eq!(changed, ["memory/search.snap", "memory/search.tool.snap"]);
}
