//! What reviewers read: for each tool the Rust as it is compiled into this crate, and the tool as an agent sees
//! it together with its policy. A snapshot that is stale, or whose tool is gone, fails.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use runtime::{Roles, Target, Tool};
use serde_json::{Value, json};

/// The command that mends everything these tests can find.
const UPDATE: &str = "INSTA_UPDATE=always cargo test -p simple-gpt-mcp --test snapshots";
/// Name and `domain/stem` of each tool, a line each, as generated with the code.
const INDEX: &str = include_str!(concat!(env!("OUT_DIR"), "/index.txt"));

#[test]
fn every_tool_is_compiled_from_what_is_recorded() {
    let files = index().map(|(_, file)| {
        let compiled = Path::new(env!("OUT_DIR")).join(format!("{file}.rs"));
        (file.to_owned(), fs::read_to_string(compiled).unwrap())
    });
    hold_against_snapshots(files);
}

#[test]
fn every_tool_is_seen_by_agents_as_recorded() {
    let views = index().map(|(name, file)| {
        let tool = simple_gpt_mcp::TOOLS.iter().find(|tool| tool.spec().name == name).unwrap();
        (format!("{file}.tool"), serde_json::to_string_pretty(&view(tool)).unwrap())
    });
    hold_against_snapshots(views);
}

#[test]
fn no_snapshot_outlives_its_tool() {
    let current: BTreeSet<PathBuf> = index()
        .flat_map(|(_, file)| [format!("{file}.snap"), format!("{file}.tool.snap")])
        .map(|file| snapshots().join(file))
        .collect();
    let orphans: Vec<PathBuf> = recorded().into_iter().filter(|file| !current.contains(file)).collect();
    if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
        for orphan in &orphans {
            fs::remove_file(orphan).unwrap();
        }
    } else {
        let names: Vec<_> = orphans.iter().map(|orphan| orphan.strip_prefix(snapshots()).unwrap()).collect();
        assert!(
            names.is_empty(),
            "there is no tool for the snapshots {names:?}; delete them with\n    {UPDATE}\n"
        );
    }
}

#[test]
fn tools_are_sorted_and_match_the_index() {
    let listed: Vec<&str> = simple_gpt_mcp::TOOLS.iter().map(|tool| tool.spec().name).collect();
    let indexed: Vec<&str> = index().map(|(name, _)| name).collect();
    assert_eq!(listed, indexed);
    assert!(listed.is_sorted());
}

fn index() -> impl Iterator<Item = (&'static str, &'static str)> {
    INDEX.lines().filter_map(|line| line.split_once(' '))
}

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// Every snapshot there is.
fn recorded() -> Vec<PathBuf> {
    let entries = |dir: &Path| fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    let domains = entries(&snapshots());
    // What a failed comparison leaves behind (`.snap.new`) is no snapshot.
    let is_snapshot = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "snap");
    domains.flat_map(|dir| entries(&dir).collect::<Vec<_>>()).filter(is_snapshot).collect()
}

/// Compares each text with its snapshot, `domain/name`; all differences are shown before the test fails.
fn hold_against_snapshots(texts: impl Iterator<Item = (String, String)>) {
    let mut stale = Vec::new();
    for (file, text) in texts {
        let (domain, name) = file.split_once('/').unwrap();
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(snapshots().join(domain));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let compare = || settings.bind(|| insta::assert_snapshot!(name, text));
        if catch_unwind(AssertUnwindSafe(compare)).is_err() {
            stale.push(file);
        }
    }
    assert!(
        stale.is_empty(),
        "stale snapshots: {}; review the differences above, then\n    {UPDATE}\n",
        stale.join(", ")
    );
}

/// The tool as an agent sees it, and the policy that an agent does not see.
fn view(tool: &Tool) -> Value {
    let spec = tool.spec();
    let mut view = tool.listing();
    view["policy"] = json!({
        "approval": spec.approval,
        "roles": match spec.roles {
            Roles::Default => json!("default"),
            Roles::Only(roles) => json!(roles),
        },
        "rate_limit": spec.rate_limit,
        "timeout_ms": spec.timeout.as_millis() as u64,
        "aliases": spec.aliases,
        "target": match spec.target {
            Target::Backend { service, method, path } => json!(format!("{} {service}:{path}", method.as_str())),
            Target::Native { .. } => json!("native"),
        },
        "sensitive": spec.sensitive,
    });
    view
}
