//! Where a call goes: the handler, or the backend with its method and its path.

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink, Spanned, suggest};

use super::{names, policy};
use crate::ir::{Method, Target};
use crate::manifest::Manifest;
use crate::rules;

/// A request line, taken apart.
pub(super) struct Request<'a> {
    pub(super) method: Spanned<Method>,
    pub(super) path: &'a str,
    pub(super) placeholders: Vec<Spanned<&'a str>>,
}

/// Where a tool goes. A part that has a problem is none, so that the other can still be checked.
pub(super) enum Route<'a> {
    Handler(Option<String>),
    Backend { service: Option<String>, request: Option<Request<'a>> },
}

/// Checks backend, request and handler, and that the effect fits the method.
pub(super) fn route<'a>(
    manifest: &Manifest<'a>,
    services: Option<&[String]>,
    sink: &Sink,
) -> Option<Route<'a>> {
    if let Some(problem) = neither_or_both(manifest) {
        sink.push(problem);
        return None;
    }
    if !manifest.handler.is_absent() {
        return Some(Route::Handler(manifest.handler.ok().and_then(|handler| known_handler(handler, sink))));
    }
    let service = manifest.backend.ok().and_then(|backend| known_backend(backend, services, sink));
    let request = manifest.request.ok().and_then(|request| parse(request, sink));
    if let Some((request, effect)) = request.as_ref().zip(manifest.effect) {
        policy::effect_of_method(effect, request.method, sink);
    }
    Some(Route::Backend { service, request })
}

fn neither_or_both(manifest: &Manifest<'_>) -> Option<Diagnostic> {
    let (backend, request) = (!manifest.backend.is_absent(), !manifest.request.is_absent());
    let message = match (!manifest.handler.is_absent(), backend, request) {
        (true, false, false) | (false, true, true) => return None,
        (false, false, false) => "the tool goes nowhere: `backend` and `request`, or `handler`, are missing",
        (false, true, false) => "`request` is missing beside `backend`",
        (false, false, true) => "`backend` is missing beside `request`",
        (true, ..) => "the tool has a handler and a backend",
    };
    let span = match (&manifest.handler, &manifest.backend, &manifest.request) {
        (Field::Is(text), ..) | (_, Field::Is(text), _) | (_, _, Field::Is(text)) => text.span,
        _ => manifest.owner,
    };
    Some(Diagnostic::error(rules::TARGET, span, message))
}

fn known_handler(handler: Spanned<&str>, sink: &Sink) -> Option<String> {
    if names::is_snake_case(handler.value) {
        return Some(handler.value.to_owned());
    }
    let message = format!("`{}` is no name of a handler: names are snake_case", handler.value);
    sink.push(Diagnostic::error(rules::BAD_HANDLER, handler.span, message));
    None
}

fn known_backend(backend: Spanned<&str>, services: Option<&[String]>, sink: &Sink) -> Option<String> {
    // Without a list of services there is a problem already, and nothing to compare with.
    let services = services?;
    if services.iter().any(|service| service == backend.value) {
        return Some(backend.value.to_owned());
    }
    let meant = suggest(backend.value, services.iter().map(String::as_str));
    let problem = Diagnostic::error(
        rules::UNKNOWN_BACKEND,
        backend.span,
        format!("unknown backend `{}`", backend.value),
    );
    let known = format!("manifests/services.yaml names: {}", services.join(", "));
    let problem = problem.with_suggestion(meant);
    sink.push(if meant.is_some() { problem } else { problem.with_help(known) });
    None
}

fn parse<'a>(request: Spanned<&'a str>, sink: &Sink) -> Option<Request<'a>> {
    let refuse = |at, message: &str| {
        sink.push(Diagnostic::error(rules::BAD_REQUEST, at, message));
        None
    };
    let text = request.value;
    let Some((word, path)) = text.split_once(' ') else {
        return refuse(request.span, "`request` is a method, one space and a path: `POST /create_deal`");
    };
    // A quoted text has its quote in front.
    let quote = request.span.end - request.span.start > text.len();
    let before = |text: &str| if quote { format!("'{text}") } else { text.to_owned() };
    let method_at = request.span.part(&before(""), word.len());
    let Some((_, method)) = Method::WORDS.iter().find(|(name, _)| *name == word) else {
        let words = Method::WORDS.map(|(name, _)| name);
        let upper = word.to_ascii_uppercase();
        let meant =
            words.contains(&upper.as_str()).then_some(upper.as_str()).or_else(|| suggest(&upper, words));
        let problem = Diagnostic::error(rules::BAD_REQUEST, method_at, format!("unknown method `{word}`"));
        sink.push(problem.with_suggestion(meant).with_help(format!("methods are {}", words.join(", "))));
        return None;
    };
    let Some(segments) = path.strip_prefix('/') else {
        return refuse(request.span, "the path begins with `/`");
    };
    let mut placeholders: Vec<Spanned<&str>> = Vec::new();
    let mut passed = before(&format!("{word} /"));
    let count = segments.split('/').count();
    for (index, segment) in segments.split('/').enumerate() {
        let span = request.span.part(&passed, segment.len());
        passed.push_str(segment);
        passed.push('/');
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if let Some(name) = name {
            let span = span.part("{", name.len());
            if placeholders.iter().any(|other| other.value == name) {
                return refuse(span, "a parameter stands in the path once");
            }
            placeholders.push(Spanned { value: name, span });
        } else if segment.is_empty() && index + 1 < count {
            return refuse(span, "a segment of the path is empty");
        } else if matches!(segment, "." | "..") || !segment.chars().all(is_plain) {
            return refuse(
                span,
                "a segment is plain letters, digits, `-`, `.`, `_` and `~`, or `{parameter}` as a whole",
            );
        }
    }
    Some(Request { method: Spanned { value: *method, span: method_at }, path, placeholders })
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

// === impl Route ===

impl Route<'_> {
    /// The target, if every part of it is sound.
    pub(super) fn target(self) -> Option<Target> {
        match self {
            Self::Handler(handler) => Some(Target::Native { handler: handler? }),
            Self::Backend { service, request } => {
                let (service, request) = (service?, request?);
                Some(Target::Backend { service, method: request.method.value, path: request.path.to_owned() })
            }
        }
    }
}
