//! For build scripts: checks a folder of manifests and writes the generated files, or fails the build.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::{Checked, Rejected, Style, check_dir_as, generate};

/// Generates the tools of `manifests` into `out_dir`, and tells cargo about it.
///
/// With any problem nothing is written: each problem becomes a line of cargo, and the report goes to stderr. A
/// file whose text did not change is left alone, so that nothing is compiled again without need.
pub fn build(manifests: &Path, out_dir: &Path) -> ExitCode {
    match run(manifests, out_dir, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Without stdout there is nobody left to tell.
            let _ = writeln!(io::stdout().lock(), "cargo::error=cannot write the generated files: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the files were generated; `cargo` is what cargo reads, `people` what people do.
fn run(
    manifests: &Path,
    out_dir: &Path,
    cargo: &mut impl io::Write,
    people: &mut impl io::Write,
) -> io::Result<bool> {
    writeln!(cargo, "cargo::rerun-if-changed={}", manifests.display())?;
    match check_dir_as(manifests, &shown_as(manifests)) {
        Ok(checked) => write(&checked, out_dir).map(|()| true),
        Err(rejected) => report(&rejected, cargo, people).map(|()| false),
    }
}

/// The path from the root of the repository: a build script runs in the folder of its package.
fn shown_as(manifests: &Path) -> String {
    manifests.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn report(rejected: &Rejected, cargo: &mut impl io::Write, people: &mut impl io::Write) -> io::Result<()> {
    // Cargo says itself that it is an error; warnings do not keep a build from its tools.
    for line in rejected.report.lines() {
        if let Some(error) = line.strip_prefix("error: ") {
            writeln!(cargo, "cargo::error={error}")?;
        }
    }
    writeln!(people, "{}", rejected.report.render(Style::default()))?;
    writeln!(people, "{}; nothing was generated", rejected.summary())
}

fn write(checked: &Checked, out_dir: &Path) -> io::Result<()> {
    for file in generate(checked) {
        let path = out_dir.join(&file.path);
        if fs::read(&path).is_ok_and(|old| old == file.text.as_bytes()) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, file.text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_tells_cargo_each_problem_in_a_line_and_people_the_report() {
        let dir = tempfile::TempDir::new().unwrap();
        let manifests = dir.path().join("manifests");
        fs::create_dir_all(manifests.join("crm")).unwrap();
        fs::write(manifests.join("services.yaml"), "crm: Kunden\n").unwrap();
        fs::write(manifests.join("crm/get_deal.yaml"), "effect: größer\ntitel: x\n").unwrap();
        let (mut cargo, mut people) = (Vec::new(), Vec::new());
        let done = run(&manifests, &dir.path().join("out"), &mut cargo, &mut people).unwrap();
        assert!(!done);
        let cargo = String::from_utf8(cargo).unwrap();
        let lines: Vec<&str> = cargo.lines().skip(1).collect();
        assert!(cargo.starts_with("cargo::rerun-if-changed="));
        assert_eq!(
            lines,
            [
                "cargo::error=manifests/crm/get_deal.yaml:1:1: the key `aliases` is missing [M005]",
                "cargo::error=manifests/crm/get_deal.yaml:1:1: the key `description` is missing [M005]",
                "cargo::error=manifests/crm/get_deal.yaml:1:1: the tool goes nowhere: `backend` and `request`, or `handler`, are missing [M010]",
                "cargo::error=manifests/crm/get_deal.yaml:1:9: `effect` is one of `read`, `write`, `destructive` [M006]",
                "cargo::error=manifests/crm/get_deal.yaml:2:1: unknown key `titel`; did you mean `title`? [M003]",
            ]
        );
        let people = String::from_utf8(people).unwrap();
        assert!(people.ends_with("5 errors in 1 file, of 1 manifest; nothing was generated\n"), "{people}");
        assert!(!dir.path().join("out").exists());
    }
}
