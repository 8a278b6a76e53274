//! Turns the manifests into the tools of this crate.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(out_dir) = std::env::var_os("OUT_DIR").map(PathBuf::from) else { return ExitCode::FAILURE };
    codegen::build(Path::new("../manifests"), &out_dir)
}
