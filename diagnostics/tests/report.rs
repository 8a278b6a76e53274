//! The written forms of a report.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use diagnostics::{Diagnostic, FileId, Report, Sink, Sources, Span, Style};

const DEAL: &str = "title: 世界\nrequest: GET /deals/{dealid}\nparams:\n  deal_id: {type: string}\n";

/// The place of a word in a text.
fn span(file: FileId, text: &str, word: &str) -> Span {
    let start = text.find(word).unwrap();
    let before = text.get(..start).unwrap();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Span { file, start, end: start + word.len(), line: before.matches('\n').count() + 1, column }
}

fn report() -> Report {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let other = "aliases: [crm.deal]\n";
    let second = sources.add("manifests/b.yaml", other);
    let first = sources.add("manifests/a.yaml", DEAL);
    sink.push(
        Diagnostic::error("M2", span(second, other, "crm.deal"), "alias `crm.deal` is taken")
            .with_also(span(first, DEAL, "世界"), "by this tool")
            .with_help("choose another"),
    );
    sink.push(
        Diagnostic::error("M1", span(first, DEAL, "dealid"), "unknown parameter `dealid` in the path")
            .with_label("no parameter has this name")
            .with_also(span(first, DEAL, "deal_id"), "did you mean this one?")
            .with_suggestion(Some("deal_id"))
            .with_help("write `/deals/{deal_id}`"),
    );
    sink.push(Diagnostic::warning("W1", span(first, DEAL, "世界"), "a \u{1b}[31mstrange\n title"));
    sink.into_report(sources)
}

#[test]
fn problems_are_sorted_by_path_and_line_and_shown_with_both_places() {
    insta::assert_snapshot!("report", report().render(Style::default()));
}

#[test]
fn one_line_says_it_all_and_stays_one_line() {
    assert_eq!(
        report().lines().collect::<Vec<_>>(),
        [
            "warning: manifests/a.yaml:1:8: a  [31mstrange  title [W1]",
            "error: manifests/a.yaml:2:22: unknown parameter `dealid` in the path; did you mean `deal_id`? [M1]",
            "error: manifests/b.yaml:1:11: alias `crm.deal` is taken [M2]",
        ]
    );
}

#[test]
fn without_excerpts_no_line_of_the_file_is_shown() {
    let text = report().render(Style { without_excerpts: true, ..Style::default() });
    assert!(text.contains("help: write `/deals/{deal_id}`"), "{text}");
    assert!(!text.contains("{type: string}") && !text.contains("aliases:"), "{text}");
}

#[test]
fn colour_is_only_there_when_asked_for() {
    assert!(!report().render(Style::default()).contains('\u{1b}'));
    assert!(report().render(Style { colour: true, ..Style::default() }).contains("\u{1b}["));
}

#[test]
fn errors_and_files_are_counted_without_warnings() {
    assert_eq!((report().errors(), report().files_with_errors()), (2, 2));
}

#[test]
fn a_place_outside_of_the_text_is_shown_at_its_end() {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let file = sources.add("x.yaml", "ü\n");
    for (start, end) in [(0, 1), (1, 2), (2, 900), (900, 901), (2, 0)] {
        sink.push(Diagnostic::error("X1", Span { file, start, end, line: 1, column: 1 }, "strange"));
    }
    assert_eq!(sink.into_report(sources).render(Style::default()).matches("error[X1]").count(), 5);
}
