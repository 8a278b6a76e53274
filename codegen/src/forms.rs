//! A report for machines: JSON, and the annotations that GitHub shows beside the lines of a change.

use diagnostics::{Diagnostic, Report, Severity, Span};
use serde_json::{Value, json};

/// A report as JSON: an array with an object for each problem. Lines and columns begin at 1, columns count
/// characters, and the end is the place after the last character.
#[must_use]
pub fn report_as_json(report: &Report) -> Value {
    report.diagnostics().iter().map(|found| problem(report, found)).collect()
}

/// A report as workflow commands of GitHub, one line for each problem.
#[must_use]
pub fn report_as_github(report: &Report) -> String {
    report.diagnostics().iter().map(|found| annotation(report, found)).collect()
}

fn problem(report: &Report, found: &Diagnostic) -> Value {
    let also: Vec<Value> = found
        .also
        .iter()
        .map(|(at, label)| {
            let mut also = place(report, *at);
            if let Value::Object(also) = &mut also {
                also.insert("label".to_owned(), json!(label));
            }
            also
        })
        .collect();
    json!({
        "severity": severity(found),
        "code": found.code,
        "message": found.message,
        "at": place(report, found.at),
        "label": found.label,
        "also": also,
        "suggestion": found.suggestion,
        "help": found.help,
    })
}

fn place(report: &Report, at: Span) -> Value {
    let text = report.sources().get(at.file).map_or("", |source| source.text());
    let marked = text.get(at.start..at.end).unwrap_or_default();
    let lines = marked.matches('\n').count();
    let last = marked.rsplit('\n').next().unwrap_or_default().chars().count();
    let end_column = if lines == 0 { at.column + last } else { last + 1 };
    json!({
        "file": report.sources().path(at.file),
        "line": at.line,
        "column": at.column,
        "end_line": at.line + lines,
        "end_column": end_column,
    })
}

fn severity(found: &Diagnostic) -> &'static str {
    match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn annotation(report: &Report, found: &Diagnostic) -> String {
    let meant = found.suggestion.as_ref().map(|word| format!("; did you mean `{word}`?"));
    let help = found.help.as_ref().map(|help| format!("\nhelp: {help}"));
    let message = format!("{}{}{}", found.message, meant.unwrap_or_default(), help.unwrap_or_default());
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        severity(found),
        escape(report.sources().path(found.at.file), true),
        found.at.line,
        found.at.column,
        found.code,
        escape(&message, false)
    )
}

/// The escapes of workflow commands; a property may not hold `:` and `,` either.
fn escape(text: &str, property: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' if property => out.push_str("%3A"),
            ',' if property => out.push_str("%2C"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
