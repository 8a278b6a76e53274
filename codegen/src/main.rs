//! `manifest`: the command line for people who write and review manifests.

use std::io::{self, Write as _};
use std::process::ExitCode;

use cli::Done;

mod cli;

fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    match cli::run(&args) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithProblems) => ExitCode::FAILURE,
        Ok(Done::NotUnderstood(why)) => {
            let why = if why.is_empty() { why } else { format!("{why}\n\n") };
            // Without stderr there is nobody left to tell.
            let _ = write!(io::stderr().lock(), "{why}{}", cli::USAGE);
            ExitCode::from(2)
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
