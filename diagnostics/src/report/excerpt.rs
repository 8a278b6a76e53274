//! A problem with the lines it is about, in the form of rustc. The only place that knows the renderer.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Sources, Span};

pub(super) fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let meant = diagnostic.suggestion.as_ref().map(|word| format!("did you mean `{word}`?"));
    // The label says what was meant where nothing else stands there; otherwise the help does, unless it says more.
    let (label, meant) = match &diagnostic.label {
        Some(label) => (Some(label.clone()), meant.filter(|_| diagnostic.help.is_none())),
        None => (meant, None),
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for file in files(diagnostic) {
        let Some(source) = sources.get(file) else { continue };
        let mut snippet = Snippet::source(source.text()).path(source.path());
        if diagnostic.at.file == file {
            let primary = AnnotationKind::Primary.span(within(source.text(), diagnostic.at));
            snippet = snippet.annotation(labelled(primary, label.as_deref()));
        }
        for (at, label) in diagnostic.also.iter().filter(|(at, _)| at.file == file) {
            let context = AnnotationKind::Context.span(within(source.text(), *at));
            snippet = snippet.annotation(labelled(context, Some(label)));
        }
        group = group.element(snippet);
    }
    for help in diagnostic.help.iter().chain(&meant) {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The files of a problem, its own first, each once.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = vec![diagnostic.at.file];
    for (at, _) in &diagnostic.also {
        if !files.contains(&at.file) {
            files.push(at.file);
        }
    }
    files
}

fn labelled<'a>(annotation: Annotation<'a>, label: Option<&'a str>) -> Annotation<'a> {
    match label {
        Some(label) => annotation.label(label),
        None => annotation,
    }
}

/// The bytes to underline: inside the text, on character boundaries, and on the first line only.
fn within(text: &str, span: Span) -> Range<usize> {
    let boundary =
        |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = boundary(span.start);
    let end = boundary(span.end).max(start);
    let marked = text.get(start..end).unwrap_or_default();
    let line = marked.split(['\n', '\r']).next().unwrap_or_default();
    start..start + line.len()
}
