//! Two thousand manifests are checked and generated quickly, and the time grows no faster than their number.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, and what it measured is read"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use codegen::{Style, Tree, check_dir, check_tree, generate};

/// The manifests of this repository over and over, under other names.
fn many(count: usize) -> Tree {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
    let tools = check_dir(&folder).unwrap();
    let names: Vec<&str> = tools.tool_names().collect();
    let texts: Vec<String> = tools.rewritten().into_iter().map(|file| file.text).collect();
    let services = fs::read(folder.join("services.yaml")).unwrap();
    let mut files = BTreeMap::from([("services.yaml".to_owned(), services)]);
    for index in 0..count {
        let (domain, stem) = (format!("domain_{}", index % 40), format!("tool_{index}_x"));
        let text = texts[index % names.len()].lines().map(|line| {
            if line.starts_with("aliases: ") {
                format!("aliases: [{domain}.{stem}]\n")
            } else if let Some(request) = line.strip_prefix("request: ") {
                format!("request: {}\n", request.replacen(" /", &format!(" /v{index}/"), 1))
            } else {
                format!("{line}\n")
            }
        });
        files.insert(format!("{domain}/{stem}.yaml"), text.collect::<String>().into_bytes());
    }
    Tree::Files(files)
}

fn time(count: usize) -> Duration {
    let tree = many(count);
    let start = Instant::now();
    let checked = check_tree(&tree, "manifests")
        .unwrap_or_else(|rejected| panic!("{}", rejected.report.render(Style::default())));
    let check = start.elapsed();
    let files = generate(&checked);
    let took = start.elapsed();
    assert_eq!(files.len(), count + 2);
    println!("{count} manifests: {check:?} to check, {:?} to generate", took - check);
    took
}

#[test]
#[ignore = "measures time, so it runs alone: cargo test -p codegen --test growth -- --ignored --nocapture"]
fn two_thousand_manifests_are_generated_in_seconds() {
    let few = time(200);
    let many = time(2_000);
    let limit = if cfg!(debug_assertions) { 6 } else { 2 };
    assert!(many < Duration::from_secs(limit), "{many:?}");
    assert!(many < few * 15, "ten times as many take {many:?} instead of {few:?}");
}
