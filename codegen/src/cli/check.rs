//! `check`: every problem of every manifest, for people or for machines.

use std::io::{self, Write as _};
use std::path::Path;

use codegen::{Checked, Rejected, report_as_github, report_as_json};
use serde_json::json;

use super::args::Args;
use super::{Done, print, refuse, show};

pub(super) fn run(args: &[String]) -> io::Result<Done> {
    let parsed = Args::parse(args, &[], &["json", "github"]);
    let (args, dir) = match parsed.and_then(|args| {
        let dir = args.words(0, 1)?.first().map_or("manifests".to_owned(), |dir| (*dir).to_owned());
        Ok((args, dir))
    }) {
        Ok(found) => found,
        Err(why) => return Ok(Done::NotUnderstood(why)),
    };
    let found = codegen::check_dir(Path::new(&dir));
    match (args.has("json"), args.has("github")) {
        (true, true) => Ok(Done::NotUnderstood("--json and --github exclude each other".to_owned())),
        (true, false) => {
            print(&format!("{:#}\n", as_json(&found)))?;
            Ok(ended(&found))
        }
        (false, true) => {
            print(&report_as_github(report(&found)))?;
            Ok(ended(&found))
        }
        (false, false) => match found {
            Err(rejected) => refuse(&rejected),
            Ok(checked) => {
                show(checked.warnings())?;
                let warnings = match checked.warnings().warnings() {
                    0 => "no problems".to_owned(),
                    1 => "no errors, 1 warning".to_owned(),
                    warnings => format!("no errors, {warnings} warnings"),
                };
                writeln!(io::stdout().lock(), "{} manifests, {warnings}", checked.tool_count())?;
                Ok(Done::Well)
            }
        },
    }
}

fn report(found: &Result<Checked, Rejected>) -> &codegen::Report {
    match found {
        Ok(checked) => checked.warnings(),
        Err(rejected) => &rejected.report,
    }
}

fn ended(found: &Result<Checked, Rejected>) -> Done {
    if found.is_ok() { Done::Well } else { Done::WithProblems }
}

fn as_json(found: &Result<Checked, Rejected>) -> serde_json::Value {
    let report = report(found);
    json!({
        "manifests": match found {
            Ok(checked) => checked.tool_count(),
            Err(rejected) => rejected.manifests,
        },
        "errors": report.errors(),
        "warnings": report.warnings(),
        "problems": report_as_json(report),
    })
}
