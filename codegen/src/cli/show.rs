//! `show`: one tool in full.

use std::io::{self, Write as _};
use std::path::Path;

use super::args::Args;
use super::{Done, print, refuse};

pub(super) fn run(args: &[String]) -> io::Result<Done> {
    let found = Args::parse(args, &["dir"], &[]).and_then(|args| {
        let tool = args.words(1, 1)?.concat();
        Ok((tool, args.value("dir").unwrap_or("manifests").to_owned()))
    });
    let (tool, dir) = match found {
        Ok(found) => found,
        Err(_) => return Ok(Done::NotUnderstood("`show` takes the name of one tool".to_owned())),
    };
    let checked = match codegen::check_dir(Path::new(&dir)) {
        Ok(checked) => checked,
        Err(rejected) => return refuse(&rejected),
    };
    if let Some(text) = checked.show(&tool) {
        return print(&text);
    }
    let meant = checked.suggest(&tool).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    writeln!(io::stderr().lock(), "error: there is no tool `{tool}`{meant}")?;
    Ok(Done::WithProblems)
}
