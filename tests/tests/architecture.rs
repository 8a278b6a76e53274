//! The rules of the repository: which room may know of which, and how the rooms look.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What each crate of the workspace may depend on, of the workspace itself.
const ARROWS: [(&str, &[&str]); 6] = [
    ("codegen", &["diagnostics"]),
    ("dev-backend", &[]),
    ("diagnostics", &[]),
    ("runtime", &["diagnostics"]),
    ("simple-gpt-mcp", &["codegen", "dev-backend", "runtime"]),
    ("tests", &["codegen", "dev-backend", "runtime", "simple-gpt-mcp"]),
];

fn metadata() -> Value {
    // Packages of other platforms were never fetched, so their metadata is left out.
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let text =
        cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    serde_json::from_str(&text).unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn crates_depend_only_on_those_that_the_plan_lets_them_know() {
    let metadata = metadata();
    let members: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let packages = metadata["packages"].as_array().unwrap();
    for (name, allowed) in ARROWS {
        let package =
            packages.iter().find(|package| package["name"] == name && package["source"].is_null()).unwrap();
        let known = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|dependency| dependency["name"].as_str());
        let known: BTreeSet<&str> = known.filter(|name| members.contains(name)).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(known.is_subset(&allowed), "{name} knows {known:?}, and may know {allowed:?}");
    }
    let local = packages.iter().filter(|package| package["source"].is_null()).count();
    assert_eq!(local, ARROWS.len(), "a crate has no row in ARROWS");
}

#[test]
fn the_generator_is_linked_with_no_server_and_no_client() {
    let metadata = metadata();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let package_name = |id: &str| {
        let package =
            metadata["packages"].as_array().unwrap().iter().find(|package| package["id"] == id).unwrap();
        package["name"].as_str().unwrap().to_owned()
    };
    let mut open: Vec<&str> = nodes
        .iter()
        .filter_map(|node| node["id"].as_str())
        .filter(|id| package_name(id) == "codegen")
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            // What only tests use is not linked.
            let normal =
                dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
            open.extend(dependency["pkg"].as_str().filter(|_| normal));
        }
    }
    let names: BTreeSet<String> = reached.into_iter().map(package_name).collect();
    for unwanted in ["tokio", "axum", "reqwest", "hyper", "runtime"] {
        assert!(!names.contains(unwanted), "codegen is linked with {unwanted}");
    }
}

#[test]
fn runtime_and_generator_know_no_tool_and_no_service_by_name() {
    let mut names: Vec<&str> = simple_gpt_mcp::SERVICES.to_vec();
    for tool in simple_gpt_mcp::TOOLS {
        names.push(tool.spec().name);
        names.extend(tool.spec().aliases);
    }
    // `state: memory` of the configuration, which is where limits are kept and no service.
    let allowed = [("runtime/src/config/pending.rs", "memory")];
    for crate_name in ["runtime", "codegen"] {
        let files = sources(&Path::new(ROOT).join(crate_name).join("src"));
        for (path, text) in files.into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for name in &names {
                if text.contains(&format!("\"{name}\"")) {
                    assert!(allowed.contains(&(path.as_str(), *name)), "{path} names {name}");
                }
            }
        }
    }
}

#[test]
fn every_source_file_says_why_it_is_there_and_stays_readable() {
    let mut faults = Vec::new();
    for crate_name in ["codegen", "dev-backend", "diagnostics", "generated", "runtime", "tests"] {
        for (path, text) in sources(&Path::new(ROOT).join(crate_name).join("src")) {
            let is_test = path.ends_with("tests.rs") || path.starts_with("tests/");
            if !text.starts_with("//!") && !is_test {
                faults.push(format!("{path} does not say why it exists"));
            }
            if path.ends_with("/mod.rs") {
                faults.push(format!("{path}: a module is named by its file, not mod.rs"));
            }
            let lines = text.lines().count();
            if lines > 600 && !is_test {
                faults.push(format!("{path} has {lines} lines, more than one noun needs"));
            }
            for word in ["TODO", "FIXME"] {
                if text.contains(word) && !path.ends_with("architecture.rs") {
                    faults.push(format!("{path} has a {word}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// All Rust files below a folder, with paths relative to the repository.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path.strip_prefix(ROOT).unwrap().display().to_string();
            found.push((shown, std::fs::read_to_string(path).unwrap()));
        }
    }
    found.sort();
    found
}
