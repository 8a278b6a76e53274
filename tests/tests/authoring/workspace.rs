//! A copy of the product's own crate over manifests of a test's own, built by cargo into the target folder of this
//! workspace, so that all but the copy is compiled already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What `/proc` counts time in.
const TICK: Duration = Duration::from_millis(10);

/// A workspace with one crate.
pub(super) struct Workspace {
    root: PathBuf,
    package: String,
}

impl Workspace {
    /// A workspace without manifests. It lies where the last one of this name did, so that cargo knows it again.
    pub(super) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring").join(name);
        let package = format!("authored-{name}");
        let _not_there = fs::remove_dir_all(&root);
        let new = Self { root, package };
        let here = fs::canonicalize(ROOT).unwrap();
        let manifest = read("Cargo.toml").replace("path = \"", &format!("path = \"{}/", here.display()));
        let (before, members) = manifest.split_once("members = [").unwrap();
        let (_, after) = members.split_once(']').unwrap();
        new.write("Cargo.toml", &format!("{before}members = [\"generated\"]{after}"));
        new.write("Cargo.lock", &read("Cargo.lock"));
        for file in ["Cargo.toml", "build.rs", "src/lib.rs", "src/main.rs", "src/embedded.rs"] {
            new.copy(&format!("generated/{file}"));
        }
        fs::create_dir(new.manifests()).unwrap();
        new
    }

    /// Where its manifests belong.
    pub(super) fn manifests(&self) -> PathBuf {
        self.root.join("manifests")
    }

    /// Its snapshots.
    pub(super) fn snapshots(&self) -> PathBuf {
        self.root.join("generated/snapshots")
    }

    /// Writes a file below the workspace.
    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Takes over a file of the product, under the name of the copy.
    pub(super) fn copy(&self, path: &str) {
        let renamed = read(path)
            .replace("simple-gpt-mcp", &self.package)
            .replace("simple_gpt_mcp", &self.package.replace('-', "_"));
        self.write(path, &renamed);
    }

    /// Runs cargo, and gives what it and everything it started took of the processors.
    pub(super) fn cargo(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Output, Duration) {
        let before = spent_by_children();
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--offline", "--target-dir"])
            .arg(target)
            .envs(variables.iter().copied())
            .current_dir(&self.root)
            .output()
            .unwrap();
        (output, spent_by_children() - before)
    }

    /// Builds the binary; what that took of the processors, and where it is.
    pub(super) fn build(&self) -> (Duration, PathBuf) {
        let (output, took) = self.cargo(&["build"], &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        (took, target.join("debug").join(&self.package))
    }
}

/// A file of this repository.
fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// What processes that this one started and waited for have had of the processors.
fn spent_by_children() -> Duration {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Duration::ZERO };
    // The name of the program comes first and may hold anything; children's times are the 14th and 15th after it.
    let (_, numbers) = stat.rsplit_once(')').unwrap();
    let ticks: u32 =
        numbers.split_whitespace().skip(13).take(2).map(|number| number.parse::<u32>().unwrap()).sum();
    TICK * ticks
}
