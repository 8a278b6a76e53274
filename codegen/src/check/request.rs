//! Where a call goes: the handler, or the backend with its method, its path and the place of each parameter.

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink, Spanned, suggest};

use super::{header, names, policy, schema};
use crate::ir::{self, Method, Param, Place, Shape, Target};
use crate::manifest::{Manifest, Property};
use crate::rules;

/// Names that belong to the context which the gateway adds to every request.
const CONTEXT: [&str; 5] = ["tenant_id", "actor", "actor_role", "user_approved", "correlation_id"];

/// A request line, taken apart.
pub(super) struct Request<'a> {
    pub(super) method: Spanned<Method>,
    path: &'a str,
    placeholders: Vec<Spanned<&'a str>>,
}

/// The target of a tool and, for a backend, its request line.
pub(super) struct Route<'a> {
    pub(super) target: Target,
    request: Option<Request<'a>>,
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
    if let Field::Is(handler) = &manifest.handler {
        if !names::is_snake_case(handler.value) {
            let message = format!("`{}` is no name of a handler: names are snake_case", handler.value);
            sink.push(Diagnostic::error(rules::BAD_HANDLER, handler.span, message));
            return None;
        }
        return Some(Route { target: Target::Native { handler: handler.value.to_owned() }, request: None });
    }
    let backend = match manifest.backend {
        Field::Is(backend) => known_backend(backend, services, sink),
        _ => None,
    };
    let request = match manifest.request {
        Field::Is(request) => parse(request, sink),
        _ => None,
    };
    if let Some((request, effect)) = request.as_ref().zip(manifest.effect) {
        policy::effect_of_method(effect, request.method, sink);
    }
    let (service, request) = (backend?, request?);
    let (method, path) = (request.method.value, request.path.to_owned());
    Some(Route { target: Target::Backend { service, method, path }, request: Some(request) })
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

/// Checks all parameters and gives each its place. None if there is a problem with one.
pub(super) fn params(written: &[Property<'_>], route: Option<&Route<'_>>, sink: &Sink) -> Option<Vec<Param>> {
    let before = sink.errors();
    let checked: Vec<_> = written.iter().map(|one| (one, schema::property(one, sink))).collect();
    for one in written {
        reserved(one, sink);
    }
    // Without a target there is a problem already, and no place for anything.
    let route = route?;
    if let Some(request) = &route.request {
        unknown_placeholders(request, written, sink);
    }
    let mut params: Vec<(&Property<'_>, Param)> = Vec::with_capacity(written.len());
    for (one, property) in checked {
        let place = place(one, property.as_ref(), route, sink);
        if let Some((place, property)) = place.zip(property) {
            let param = Param { place, property };
            if let Some((first, _)) = params.iter().find(|(_, other)| same_wire_name(other, &param)) {
                sink.push(schema::wire_collision(one, first, &param.property.wire));
            }
            params.push((one, param));
        }
    }
    (sink.errors() == before).then(|| params.into_iter().map(|(_, param)| param).collect())
}

fn same_wire_name(one: &Param, other: &Param) -> bool {
    let (name, wire) = (&one.property.wire, &other.property.wire);
    one.place == other.place
        && if one.place == Place::Header { name.eq_ignore_ascii_case(wire) } else { name == wire }
}

fn reserved(param: &Property<'_>, sink: &Sink) {
    let name = Some(param.name).filter(|name| CONTEXT.contains(&name.value));
    let wire = param.wire.filter(|wire| CONTEXT.contains(&wire.value));
    if let Some(at) = name.or(wire) {
        let problem =
            Diagnostic::error(rules::RESERVED_PARAM, at.span, format!("`{}` is reserved", at.value));
        sink.push(problem.with_help("the gateway adds it to every request by itself"));
    }
}

fn unknown_placeholders(request: &Request<'_>, params: &[Property<'_>], sink: &Sink) {
    for placeholder in &request.placeholders {
        let name = placeholder.value;
        if params.iter().any(|param| param.name.value == name) {
            continue;
        }
        let meant = suggest(name, params.iter().map(|param| param.name.value));
        let message = format!("unknown parameter `{name}` in the path");
        let problem = Diagnostic::error(rules::UNKNOWN_PATH_PARAM, placeholder.span, message)
            .with_label("no parameter has this name")
            .with_suggestion(meant);
        let found = params.iter().find(|param| Some(param.name.value) == meant);
        sink.push(match found {
            Some(param) => {
                let mended =
                    request.path.replace(&format!("{{{name}}}"), &format!("{{{}}}", param.name.value));
                problem
                    .with_also(param.name.span, "did you mean this one?")
                    .with_help(format!("write `{mended}`"))
            }
            None => problem,
        });
    }
}

/// The place of a parameter; none if it cannot have the one that is asked for.
fn place(
    written: &Property<'_>,
    checked: Option<&ir::Property>,
    route: &Route<'_>,
    sink: &Sink,
) -> Option<Place> {
    let Some(request) = &route.request else { return native_place(written, sink) };
    let name = written.name.value;
    let in_path = request.placeholders.iter().find(|placeholder| placeholder.value == name);
    match (in_path, written.place) {
        (Some(at), Some(place)) if place.value != Place::Path => {
            let message = format!("`{name}` stands in the path, so it cannot be elsewhere");
            sink.push(
                Diagnostic::error(rules::PATH_PLACE, place.span, message)
                    .with_also(at.span, "in the path here"),
            );
            None
        }
        (Some(at), _) => path_place(written, checked, *at, sink),
        (None, Some(place)) if place.value == Place::Path => {
            let message = format!("`{name}` does not stand in the path");
            let problem = Diagnostic::error(rules::PATH_PLACE, place.span, message);
            sink.push(problem.with_help(format!("write `{{{name}}}` in `request`, or another place")));
            None
        }
        (None, Some(place)) => other_place(written, checked, place, request, sink),
        (None, None) => {
            let place = if request.method.value.has_body() { Place::Body } else { Place::Query };
            other_place(written, checked, Spanned { value: place, span: written.name.span }, request, sink)
        }
    }
}

/// A handler is given its parameters by name.
fn native_place(written: &Property<'_>, sink: &Sink) -> Option<Place> {
    let idle = [("in", written.place.map(|at| at.span)), ("as", written.wire.map(|at| at.span))];
    let found = idle.iter().find_map(|(name, span)| span.map(|span| (name, span)));
    if let Some((name, span)) = found {
        let message = format!("`{name}` says nothing where a handler is called");
        sink.push(Diagnostic::error(rules::IDLE_KEYWORD, span, message));
        return None;
    }
    Some(Place::Body)
}

fn path_place(
    written: &Property<'_>,
    checked: Option<&ir::Property>,
    at: Spanned<&str>,
    sink: &Sink,
) -> Option<Place> {
    if let Some(wire) = written.wire {
        let message = "`as` says nothing for a parameter in the path";
        sink.push(Diagnostic::error(rules::IDLE_KEYWORD, wire.span, message));
        return None;
    }
    let property = checked?;
    let refuse = |message: &str, help: &str| {
        let problem = Diagnostic::error(rules::BAD_PATH_PARAM, written.name.span, message);
        sink.push(problem.with_also(at.span, "in the path here").with_help(help));
        None
    };
    if !property.element.shape.is_scalar() {
        return refuse("a list or an object cannot stand in the path", "text, numbers and booleans can");
    }
    if property.presence != ir::Presence::Required {
        return refuse("a parameter in the path must be required", "write `required: true`");
    }
    Some(Place::Path)
}

fn other_place(
    written: &Property<'_>,
    checked: Option<&ir::Property>,
    place: Spanned<Place>,
    request: &Request<'_>,
    sink: &Sink,
) -> Option<Place> {
    let property = checked?;
    let shape = &property.element.shape;
    let list_of_scalars = matches!(shape, Shape::List(list) if list.item.shape.is_scalar());
    let problem = match place.value {
        Place::Body if !request.method.value.has_body() => {
            let problem = Diagnostic::error(rules::NO_BODY, place.span, "this method has no body");
            Some(problem.with_also(request.method.span, "the method"))
        }
        Place::Query if !shape.is_scalar() && !list_of_scalars => {
            let message = "a query takes text, numbers, booleans and lists of them";
            Some(Diagnostic::error(rules::BAD_PLACE, place.span, message))
        }
        Place::Header if !shape.is_scalar() => {
            let message = "a header takes text, a number or a boolean";
            Some(Diagnostic::error(rules::BAD_PLACE, place.span, message))
        }
        Place::Header => header::refusal(&property.wire).map(|why| {
            let span = written.wire.map_or(written.name.span, |wire| wire.span);
            let message = format!("`{}` may not be mapped: {why}", property.wire);
            Diagnostic::error(rules::BAD_HEADER, span, message)
        }),
        Place::Path | Place::Query | Place::Body => None,
    };
    match problem {
        Some(problem) => {
            sink.push(problem);
            None
        }
        None => Some(place.value),
    }
}
