//! The commands, each in a file of its own; what they do is the library's.

use std::io::{self, IsTerminal as _, Write as _};

use codegen::{Rejected, Report, Style};

mod args;
mod check;
mod diff;
mod explain;
mod new;
mod openapi;
mod revision;
mod show;

/// What is shown to somebody who asks, or who was not understood.
pub(crate) const USAGE: &str = "\
usage: manifest check [DIR] [--json | --github]
       manifest explain [CODE]
       manifest show TOOL [--dir DIR]
       manifest new DOMAIN TOOL [--dir DIR] [--effect read|write|destructive] [--approval required|none]
                [--title TEXT] [--description TEXT] [--backend SERVICE] [--request 'POST /path']
                [--param NAME:TYPE[!][=DESCRIPTION]]...
       manifest diff OLD NEW [--markdown | --json] [--deny CLASS,...]
       manifest schema
       manifest import-openapi FILE --backend SERVICE [--domain DOMAIN] [--out DIR]
       manifest export-openapi [DIR]
       manifest export-server-json [DIR] --name com.example/tools [--url URL]

DIR is `manifests` if left out. OLD and NEW are folders of manifests, or git revisions (`HEAD~1`, `v1:manifests`).
CLASS is breaking, loosening, tightening, compatible or wording.
exit code: 0 all is well, 1 there are problems, 2 the command was not understood
";

/// How a command ended.
pub(crate) enum Done {
    Well,
    WithProblems,
    /// The arguments make no sense, and why, if there is more to say than the usage does.
    NotUnderstood(String),
}

/// Runs the command that the arguments name.
pub(crate) fn run(args: &[String]) -> io::Result<Done> {
    let Some((command, args)) = args.split_first() else { return Ok(Done::NotUnderstood(String::new())) };
    match command.as_str() {
        "check" => check::run(args),
        "diff" => diff::run(args),
        "explain" => explain::run(args),
        "export-openapi" => openapi::export(args),
        "export-server-json" => openapi::server_json(args),
        "import-openapi" => openapi::import(args),
        "new" => new::run(args),
        "schema" if args.is_empty() => print(&codegen::manifest_schema()),
        "show" => show::run(args),
        "help" | "--help" | "-h" => print(USAGE),
        other => Ok(Done::NotUnderstood(format!("there is no command `{other}`"))),
    }
}

fn print(text: &str) -> io::Result<Done> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Done::Well)
}

/// Shows why manifests were refused.
fn refuse(rejected: &Rejected) -> io::Result<Done> {
    show(&rejected.report)?;
    writeln!(io::stderr().lock(), "{}", rejected.summary())?;
    Ok(Done::WithProblems)
}

/// Shows a report to people.
fn show(report: &Report) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    let style = Style { colour: stderr.is_terminal(), ..Style::default() };
    let text = report.render(style);
    if text.is_empty() { Ok(()) } else { writeln!(stderr, "{text}") }
}
