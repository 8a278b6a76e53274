//! `manifest check` and what a build script does, as seen from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/manifests");

fn manifest(args: &[&str], current_dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_manifest")).args(args).current_dir(current_dir).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder `manifests` with two tools, one of them with two problems.
fn bad() -> TempDir {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("manifests");
    fs::create_dir_all(root.join("demo")).unwrap();
    fs::write(root.join("services.yaml"), "demo: a service\n").unwrap();
    let good =
        "title: T\ndescription: D\neffect: read\naliases: [demo.good]\nbackend: demo\nrequest: GET /\n";
    fs::write(root.join("demo/good.yaml"), good).unwrap();
    let bad =
        good.replace("demo.good", "demo.bad").replace("effect: read", "effect: red").replace("GET", "GTE");
    fs::write(root.join("demo/bad.yaml"), bad).unwrap();
    dir
}

/// Every file below a folder with the time of its last change.
fn changes(dir: &Path) -> Vec<(String, SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(changes(&path));
        } else {
            found.push((path.display().to_string(), entry.metadata().unwrap().modified().unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn check_of_sound_manifests_counts_them() {
    let output = manifest(&["check", GOOD], Path::new("."));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "4 manifests, no problems\n");
}

#[test]
fn check_without_a_folder_takes_manifests_and_reports_paths_from_here() {
    let output = manifest(&["check"], bad().path());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "");
    let report = text(&output.stderr);
    assert!(report.contains("--> manifests/demo/bad.yaml:3:9\n"), "{report}");
    assert!(report.contains("--> manifests/demo/bad.yaml:6:10\n"), "{report}");
    assert!(report.ends_with("2 errors in 1 file, of 2 manifests\n"), "{report}");
    assert!(!report.contains('\u{1b}'), "colour only on a terminal: {report}");
}

#[test]
fn a_folder_that_is_not_there_is_a_problem() {
    let output = manifest(&["check", "nowhere"], bad().path());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("error[M007]"), "{}", text(&output.stderr));
}

#[test]
fn a_command_that_is_not_understood_shows_the_usage() {
    for args in [&[][..], &["chekc"], &["check", "--fast"], &["check", "a", "b"]] {
        let output = manifest(args, Path::new("."));
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains("usage: manifest check"), "{args:?}");
    }
}

#[test]
fn a_build_writes_what_changed_and_leaves_the_rest_alone() {
    let out = TempDir::new().unwrap();
    assert_eq!(codegen::build(Path::new(GOOD), out.path()), std::process::ExitCode::SUCCESS);
    let first = changes(out.path());
    let stale = out.path().join("demo/find.rs");
    fs::write(&stale, "stale").unwrap();
    assert_eq!(codegen::build(Path::new(GOOD), out.path()), std::process::ExitCode::SUCCESS);
    let second = changes(out.path());
    assert_ne!(fs::read_to_string(&stale).unwrap(), "stale");
    let written: Vec<_> =
        second.iter().filter(|file| !first.contains(file)).map(|(path, _)| path.clone()).collect();
    assert_eq!(written, [stale.display().to_string()]);
}

#[test]
fn a_build_with_a_problem_writes_nothing() {
    let out = TempDir::new().unwrap();
    let bad = bad();
    assert_eq!(codegen::build(&bad.path().join("manifests"), out.path()), std::process::ExitCode::FAILURE);
    assert_eq!(changes(out.path()), []);
}
