//! `manifest`: the command line for people who write manifests.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use codegen::Style;

const USAGE: &str = "\
usage: manifest check [DIR]    check all manifests (DIR is `manifests` if left out)

exit code: 0 all is well, 1 there are problems, 2 the command was not understood
";

fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["check"] => check("manifests"),
        ["check", dir] if !dir.starts_with('-') => check(dir),
        ["help" | "--help" | "-h"] => {
            io::stdout().lock().write_all(USAGE.as_bytes()).map(|()| ExitCode::SUCCESS)
        }
        _ => io::stderr().lock().write_all(USAGE.as_bytes()).map(|()| ExitCode::from(2)),
    };
    // A reader who went away has seen enough.
    done.unwrap_or(ExitCode::FAILURE)
}

fn check(dir: &str) -> io::Result<ExitCode> {
    match codegen::check_dir(Path::new(dir)) {
        Ok(checked) => {
            writeln!(io::stdout().lock(), "{} manifests, no problems", checked.tool_count())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(rejected) => {
            let mut stderr = io::stderr().lock();
            let style = Style { colour: stderr.is_terminal(), ..Style::default() };
            writeln!(stderr, "{}", rejected.report.render(style))?;
            writeln!(stderr, "{}", rejected.summary())?;
            Ok(ExitCode::FAILURE)
        }
    }
}
