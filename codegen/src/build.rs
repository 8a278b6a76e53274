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
    match run(manifests, out_dir) {
        Ok(code) => code,
        Err(error) => {
            // Without stdout and stderr there is nobody left to tell.
            let _ = writeln!(io::stdout().lock(), "cargo::error=cannot write the generated files: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(manifests: &Path, out_dir: &Path) -> io::Result<ExitCode> {
    let mut cargo = io::stdout().lock();
    writeln!(cargo, "cargo::rerun-if-changed={}", manifests.display())?;
    match check_dir_as(manifests, &shown_as(manifests)) {
        Ok(checked) => write(&checked, out_dir).map(|()| ExitCode::SUCCESS),
        Err(rejected) => {
            report(&rejected, &mut cargo)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The path from the root of the repository: a build script runs in the folder of its package.
fn shown_as(manifests: &Path) -> String {
    manifests.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn report(rejected: &Rejected, cargo: &mut impl io::Write) -> io::Result<()> {
    for line in rejected.report.lines() {
        writeln!(cargo, "cargo::error={}", line.strip_prefix("error: ").unwrap_or(&line))?;
    }
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "{}", rejected.report.render(Style::default()))?;
    writeln!(stderr, "{}; nothing was generated", rejected.summary())
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
