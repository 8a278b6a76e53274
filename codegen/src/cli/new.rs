//! `new`: a manifest from options, or from answers where there is a person to ask.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use codegen::{NewTool, NotMade, Tree};

use super::args::Args;
use super::{Done, print, refuse};

const VALUED: [&str; 8] =
    ["backend", "request", "title", "description", "effect", "approval", "param", "dir"];

pub(super) fn run(args: &[String]) -> io::Result<Done> {
    let args = match Args::parse(args, &VALUED, &[]) {
        Ok(args) => args,
        Err(why) => return Ok(Done::NotUnderstood(why)),
    };
    let tool = match tool(&args) {
        Ok(Ok(tool)) => tool,
        Ok(Err(why)) => return Ok(Done::NotUnderstood(why)),
        Err(error) => return Err(error),
    };
    let dir = args.value("dir").unwrap_or("manifests");
    let made = match tool.make(&Tree::Folder(Path::new(dir).to_owned()), dir) {
        Ok(made) => made,
        Err(NotMade::NotUnderstood(why)) => return Ok(Done::NotUnderstood(why)),
        Err(NotMade::Taken(path)) => {
            writeln!(io::stderr().lock(), "error: {dir}/{path} is there already; nothing was written")?;
            return Ok(Done::WithProblems);
        }
        Err(NotMade::Refused(rejected)) => {
            writeln!(io::stderr().lock(), "nothing was written: this manifest would not pass the check\n")?;
            return refuse(&rejected);
        }
    };
    let path = Path::new(dir).join(&made.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // Whoever wrote the file in the meantime keeps it.
    OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(made.text.as_bytes())?;
    print(&format!(
        "{}: written\n\n{}\nnext: add an example, then `cargo run` serves it as {}_{}\n",
        path.display(),
        made.text,
        tool.domain,
        tool.stem
    ))
}

/// The tool that the options describe; what they leave open is asked for, or taken to be what it mostly is.
fn tool(args: &Args) -> io::Result<Result<NewTool, String>> {
    let (domain, stem) = match args.words(2, 2) {
        Ok(words) => match words.as_slice() {
            [domain, stem] => ((*domain).to_owned(), (*stem).to_owned()),
            _ => return Ok(Err("`new` takes a domain and a tool".to_owned())),
        },
        Err(_) => {
            return Ok(Err("`new` takes a domain and a tool: `manifest new crm count_contacts`".to_owned()));
        }
    };
    let terminal = io::stdin().is_terminal();
    let mut missing = Vec::new();
    let mut ask = |name: &str, question: &str, default: Option<String>, check: Check| -> io::Result<String> {
        if let Some(value) = args.value(name) {
            return Ok(value.to_owned());
        }
        if terminal {
            return answer(question, default.as_deref(), check);
        }
        if default.is_none() {
            missing.push(format!("--{name}"));
        }
        Ok(default.unwrap_or_default())
    };
    let title = ask("title", "Title, for people", Some(title(&stem)), &anything)?;
    let description = ask("description", "What does it do, and what comes back?", None, &anything)?;
    let effect =
        ask("effect", "Effect (read, write, destructive)", None, &|effect| NewTool::reads_effect(effect))?;
    let approval = match effect.as_str() {
        "read" => Some("none".to_owned()),
        _ => Some("required".to_owned()),
    };
    let approval =
        ask("approval", "Does a person approve each call? (required, none)", approval, &|answer| {
            needs_approval(answer).map(|_| ())
        })?;
    let backend = ask("backend", "Service", Some(domain.clone()), &anything)?;
    let request = ask("request", "Method and path", Some(format!("POST /{stem}")), &|request| {
        NewTool::reads_request(request)
    })?;
    if !missing.is_empty() {
        return Ok(Err(format!("missing: {}", missing.join(", "))));
    }
    let approval = match needs_approval(&approval) {
        Ok(approval) => approval,
        Err(why) => return Ok(Err(why)),
    };
    let mut params = args.values("param").to_vec();
    if terminal && params.is_empty() {
        writeln!(io::stderr().lock(), "Parameters, one in a line, an empty line ends: {}", NewTool::PARAM)?;
        loop {
            let param = answer("Parameter", Some(""), &|param| NewTool::reads_param(param))?;
            if param.is_empty() {
                break;
            }
            params.push(param);
        }
    }
    Ok(Ok(NewTool { domain, stem, title, description, effect, approval, backend, request, params }))
}

/// Whether an answer can be used, and if not, why.
type Check<'c> = &'c dyn Fn(&str) -> Result<(), String>;

fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

fn needs_approval(answer: &str) -> Result<bool, String> {
    match answer {
        "required" => Ok(true),
        "none" => Ok(false),
        other => Err(format!("approval is `required` or `none`, not `{other}`")),
    }
}

/// Asks on the terminal until the answer can be used; an empty one takes the default.
fn answer(question: &str, default: Option<&str>, check: Check<'_>) -> io::Result<String> {
    loop {
        let mut stderr = io::stderr().lock();
        match default {
            Some(default) if !default.is_empty() => write!(stderr, "{question} [{default}]: ")?,
            _ => write!(stderr, "{question}: ")?,
        }
        stderr.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "there is nobody to ask"));
        }
        let answer = match (line.trim(), default) {
            ("", Some(default)) => return Ok(default.to_owned()),
            ("", None) => continue,
            (answer, _) => answer,
        };
        match check(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(why) => writeln!(stderr, "{why}")?,
        }
    }
}

/// `count_contacts` as `Count contacts`.
fn title(stem: &str) -> String {
    let words = stem.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
