//! The same manifests give the same bytes: in another folder, in another language of the system, in another time zone
//! and with other seeds of hash maps, which each process draws anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where [`two_builds_give_the_same_bytes`] generates to when it runs as the child of itself.
const OUT: &str = "DETERMINISM_OUT";

/// Languages, time zones, and whether files are created in the order of their names.
const SETTINGS: [(&str, &str, bool); 3] = [
    ("C", "UTC", true),
    ("tr_TR.UTF-8", "Pacific/Chatham", false),
    ("de_DE.ISO-8859-1", "America/St_Johns", true),
];

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The manifests of the repository in a folder of their own, created in one order or the other.
fn elsewhere(ascending: bool) -> TempDir {
    let dir = TempDir::new().unwrap();
    let original = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests"));
    let mut names: Vec<&PathBuf> = original.keys().collect();
    if !ascending {
        names.reverse();
    }
    for name in names {
        let to = dir.path().join("manifests").join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, &original[name]).unwrap();
    }
    dir
}

/// Runs a program under one of the settings, and gives what it prints.
fn printed(command: &mut Command, (language, zone, _): (&str, &str, bool)) -> String {
    let output = command.env("LC_ALL", language).env("LANG", language).env("TZ", zone).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn two_builds_give_the_same_bytes() {
    if let Some(out) = std::env::var_os(OUT) {
        assert_eq!(codegen::build(Path::new("manifests"), Path::new(&out)), std::process::ExitCode::SUCCESS);
        return;
    }
    let generated = SETTINGS.map(|setting| {
        let (dir, out) = (elsewhere(setting.2), TempDir::new().unwrap());
        // Each run is a process of its own, as in a build.
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "two_builds_give_the_same_bytes"]).current_dir(dir.path());
        printed(child.env(OUT, out.path()), setting);
        files(out.path())
    });
    assert!(generated[0].len() > 60, "{} files", generated[0].len());
    assert!(generated.iter().all(|files| *files == generated[0]));
}

#[test]
fn every_command_prints_the_same_bytes() {
    for args in [
        &["check", "--json"][..],
        &["schema"],
        &["export-openapi"],
        &["export-server-json", "--name", "com.example/tools"],
        &["show", "crm_create_deal"],
        &["diff", "manifests", "manifests", "--json"],
    ] {
        let printed = SETTINGS.map(|setting| {
            let dir = elsewhere(setting.2);
            let mut command = Command::new(env!("CARGO_BIN_EXE_manifest"));
            printed(command.args(args).current_dir(dir.path()), setting)
        });
        assert!(printed[0].len() > 10 && printed.iter().all(|text| *text == printed[0]), "{args:?}");
    }
}
