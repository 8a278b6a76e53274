//! The place of each parameter in the request: the path, the query, a header or the body.

use diagnostics::{Diagnostic, Sink, Spanned, suggest};

use super::request::{Request, Route};
use super::{header, schema};
use crate::ir::{self, Param, Place, Shape};
use crate::manifest::Property;
use crate::rules;

/// Names that belong to the context which the gateway adds to every request.
pub(crate) const CONTEXT: [&str; 5] = ["tenant_id", "actor", "actor_role", "user_approved", "correlation_id"];

/// Checks all parameters and gives each its place. None if there is a problem with one.
pub(super) fn params(written: &[Property<'_>], route: Option<&Route<'_>>, sink: &Sink) -> Option<Vec<Param>> {
    let before = sink.errors();
    let checked: Vec<_> = written.iter().map(|one| (one, schema::property(one, sink))).collect();
    for one in written {
        reserved(one, sink);
    }
    // Without a request there is a problem already, and no place for anything.
    let request = match route? {
        Route::Handler(_) => None,
        Route::Backend { request, .. } => Some(request.as_ref()?),
    };
    if let Some(request) = request {
        unknown_placeholders(request, written, sink);
    }
    let mut params: Vec<(&Property<'_>, Param)> = Vec::with_capacity(written.len());
    for (one, property) in checked {
        let place = place(one, property.as_ref(), request, sink);
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
    request: Option<&Request<'_>>,
    sink: &Sink,
) -> Option<Place> {
    let Some(request) = request else { return native_place(written, sink) };
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
