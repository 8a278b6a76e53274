//! `audit`: looking at the audit log, here where its files are.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, output};
use crate::audit::verify_audit;
use crate::config::AuditSection;

/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// What to do with the log.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Find whatever was changed, removed, moved or cut (what happens without an action)
    Verify(Verify),
    /// Show the last lines in readable form, and every new one
    Tail(Tail),
}

#[derive(Debug, Default, Args)]
struct Verify {
    /// Audit log; left out, the one of the configuration
    path: Option<PathBuf>,
    /// Print JSON for machines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Tail {
    /// Audit log; left out, the one of the configuration
    path: Option<PathBuf>,
    /// Lines to begin with
    #[arg(long, short = 'n', default_value_t = 20)]
    lines: usize,
    /// Show what is there and end
    #[arg(long)]
    no_follow: bool,
    /// Print the lines as they are
    #[arg(long)]
    json: bool,
}

/// Verifies or shows. False when the log is not as the server wrote it.
pub(super) async fn run(
    arguments: Arguments,
    configured: impl FnOnce() -> Result<AuditSection, Failure>,
) -> Result<bool, Failure> {
    let path_or = |path: Option<PathBuf>| path.map_or_else(|| Ok(configured()?.path), Ok::<_, Failure>);
    match arguments.action.unwrap_or(Action::Verify(Verify::default())) {
        Action::Verify(verify) => self::verify(&path_or(verify.path)?, verify.json),
        Action::Tail(tail) => {
            let path = path_or(tail.path.clone())?;
            follow(&path, &tail).await.map_err(|error| unreadable(&path, &error))?;
            Ok(true)
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    format!("error: cannot read the audit log {}: {error}", path.display())
}

fn verify(path: &Path, as_json: bool) -> Result<bool, Failure> {
    let report = verify_audit(path).map_err(|error| unreadable(path, &error))?;
    let sound = report.faults.is_empty();
    if as_json {
        let faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
        output::json(&json!({
            "ok": sound,
            "lines": report.lines,
            "first": report.first,
            "last": report.last,
            "tail_proven": report.tail_proven,
            "open_intents": report.open_intents,
            "notes": report.notes,
            "faults": faults,
        }));
        return Ok(sound);
    }
    for fault in &report.faults {
        output::line(&format!("fault: {}", output::visible(&fault.to_string())));
    }
    for note in &report.notes {
        output::line(&format!("note: {note}"));
    }
    if !report.open_intents.is_empty() {
        let lines: Vec<String> = report.open_intents.iter().map(ToString::to_string).collect();
        output::line(&format!(
            "note: changes that were begun and whose end is unknown: lines {}",
            lines.join(", ")
        ));
    }
    let span = match (report.first, report.last) {
        (Some(first), Some(last)) => format!("lines {first} to {last}"),
        _ => "no line".to_owned(),
    };
    let verdict = match (sound, report.tail_proven) {
        (true, true) => "ok, and nothing is missing from the end".to_owned(),
        (true, false) => "ok as far as it goes; its end is not proven".to_owned(),
        (false, _) => format!("not as the server wrote it: {} faults", report.faults.len()),
    };
    output::line(&format!("{}: {span}, {verdict}", path.display()));
    Ok(sound)
}

/// Prints the last lines, and then each new one, also after the log was rotated.
async fn follow(path: &Path, tail: &Tail) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut last = std::collections::VecDeque::new();
    let mut line = String::new();
    while next(&mut file, &mut line)? {
        last.push_back(std::mem::take(&mut line));
        if last.len() > tail.lines {
            last.pop_front();
        }
    }
    last.iter().for_each(|line| print(line, tail.json));
    if tail.no_follow {
        return Ok(());
    }
    loop {
        while next(&mut file, &mut line)? {
            print(&line, tail.json);
            line.clear();
        }
        let inode = file.get_ref().metadata()?.ino();
        match File::open(path) {
            Ok(renewed) if renewed.metadata()?.ino() != inode => {
                // What was written before the log was rotated comes first.
                while next(&mut file, &mut line)? {
                    print(&line, tail.json);
                    line.clear();
                }
                file = BufReader::new(renewed);
            }
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}

/// Reads a whole line; of one that is being written, nothing.
fn next(file: &mut BufReader<File>, line: &mut String) -> io::Result<bool> {
    let mut bytes = Vec::new();
    file.read_until(b'\n', &mut bytes)?;
    match bytes.strip_suffix(b"\n") {
        Some(whole) => {
            line.push_str(&String::from_utf8_lossy(whole));
            Ok(true)
        }
        None => {
            let back = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            file.seek(SeekFrom::Current(-back))?;
            Ok(false)
        }
    }
}

fn print(line: &str, as_json: bool) {
    match serde_json::from_str::<Value>(line) {
        Ok(record) if !as_json => output::line(&output::visible(&readable(&record))),
        _ => output::line(&output::visible(line)),
    }
}

/// A record in one line for people.
fn readable(record: &Value) -> String {
    let text = |key: &str| match record.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut line = format!("{} #{} {}", text("time"), text("seq"), text("kind"));
    let name = if text("called_as").is_empty() { text("tool") } else { text("called_as") };
    let who = [text("tenant"), text("actor")].join("/");
    for (label, value) in [
        ("", name),
        ("", text("decision")),
        ("", text("code")),
        ("", if who == "/" { String::new() } else { who }),
        ("by ", text("credential")),
        ("from ", text("client")),
        ("to ", text("path")),
        ("status ", text("status")),
        ("untold ", text("untold")),
        ("backend status ", text("backend_status")),
        ("ms ", text("duration_ms")),
        ("approval ", text("approval_id")),
        ("id ", text("correlation_id")),
        ("arguments ", text("arguments")),
        ("refused ", text("refused")),
        ("repair ", text("repair")),
    ] {
        if !value.is_empty() {
            line.push_str(&format!("  {label}{}", value.replace('\n', " ")));
        }
    }
    line
}
