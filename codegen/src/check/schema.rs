//! From a property as written to one whose keywords belong to its type and can be met.

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink, Spanned};

use super::literal::Literal;
use super::{names, pattern};
use crate::ir::{self, Element, Format, List, Number, Presence, Shape, Text};
use crate::manifest::property::{Bound, Schema};
use crate::manifest::{Kind, Property};
use crate::rules;

/// Names of parameters are at most this long.
const MAX_NAME: usize = 40;
/// Descriptions are at most this long.
pub(crate) const MAX_DESCRIPTION: usize = 1_024;

/// Checks a property with everything inside it.
pub(super) fn property(property: &Property<'_>, sink: &Sink) -> Option<ir::Property> {
    let before = sink.errors();
    let name = property.name;
    if !names::is_snake_case(name.value) || name.value.len() > MAX_NAME {
        let problem = format!("`{}` is no legal name of a parameter", name.value);
        let help = "snake_case with at most 40 characters; the backend's spelling is said with `as`";
        sink.push(Diagnostic::error(rules::BAD_PARAM_NAME, name.span, problem).with_help(help));
    }
    let wire = property.wire.map_or(Some(name.value), |wire| {
        let empty = wire.value.trim().is_empty();
        if empty {
            sink.push(Diagnostic::error(rules::EMPTY_TEXT, wire.span, "the name on the wire is empty"));
        }
        (!empty).then_some(wire.value)
    });
    let required = property.required.is_some_and(|required| required.value);
    if let (true, Some(default), Some(flag)) = (required, property.default, property.required) {
        let problem =
            Diagnostic::error(rules::DEFAULT_REQUIRED, default.span, "a required parameter has a default");
        sink.push(problem.with_also(flag.span, "required").with_help("leave one of the two out"));
    }
    let element = property.schema.as_ref().and_then(|schema| element(schema, sink))?;
    let presence = match property.default {
        _ if required => Presence::Required,
        Some(default) => {
            let literal = Literal { what: "default", code: rules::BAD_DEFAULT, sink };
            Presence::Default(literal.value(default, &element.shape)?)
        }
        None => Presence::Optional,
    };
    let (name, wire) = (name.value.to_owned(), wire?.to_owned());
    (sink.errors() == before).then_some(ir::Property { name, wire, presence, element })
}

/// Checks a text that people and agents read, and gives it without the space around it.
pub(super) fn prose(text: Spanned<&str>, name: &str, most: usize, sink: &Sink) -> Option<String> {
    let trimmed = text.value.trim();
    let length = trimmed.chars().count();
    if trimmed.is_empty() {
        sink.push(Diagnostic::error(rules::EMPTY_TEXT, text.span, format!("the {name} is empty")));
        return None;
    }
    if length > most {
        let message = format!("the {name} has {length} characters, more than {most}");
        sink.push(Diagnostic::error(rules::LONG_TEXT, text.span, message));
        return None;
    }
    Some(trimmed.to_owned())
}

/// Checks all properties of an object.
pub(super) fn properties(list: &[Property<'_>], sink: &Sink) -> Option<Vec<ir::Property>> {
    // All are checked before the first failure counts.
    let checked: Vec<_> = list.iter().map(|one| property(one, sink)).collect();
    let checked: Option<Vec<_>> = checked.into_iter().collect();
    let checked = checked?;
    same_wire_name(list, &checked, sink).then_some(checked)
}

/// Reports properties of one object that differ in name only.
fn same_wire_name(written: &[Property<'_>], checked: &[ir::Property], sink: &Sink) -> bool {
    let before = sink.errors();
    for (at, (one, property)) in written.iter().zip(checked).enumerate() {
        let earlier = written.iter().zip(checked).take(at).find(|(_, other)| other.wire == property.wire);
        if let Some((first, _)) = earlier {
            sink.push(wire_collision(one, first, &property.wire));
        }
    }
    sink.errors() == before
}

/// The problem of two properties that have one name on the wire.
pub(super) fn wire_collision(one: &Property<'_>, first: &Property<'_>, wire: &str) -> Diagnostic {
    let at = |property: &Property<'_>| property.wire.map_or(property.name.span, |wire| wire.span);
    let message = format!("two parameters are called `{wire}` on the wire");
    Diagnostic::error(rules::SAME_WIRE_NAME, at(one), message).with_also(at(first), "the other one")
}

fn element(schema: &Schema<'_>, sink: &Sink) -> Option<Element> {
    let before = sink.errors();
    let description = schema.description.and_then(|text| prose(text, "description", MAX_DESCRIPTION, sink));
    let kind = schema.kind?;
    idle_keywords(schema, kind, sink);
    let shape = match kind {
        Kind::String => text_or_choice(schema, sink),
        Kind::Integer => integer(schema, sink),
        Kind::Number => number(schema, sink),
        Kind::Boolean => Some(Shape::Flag),
        Kind::Array => list(schema, sink),
        Kind::Object => object(schema, sink),
        Kind::Any => Some(Shape::Any),
    };
    let element = Element { description, sensitive: schema.sensitive == Some(true), shape: shape? };
    (sink.errors() == before).then_some(element)
}

/// The keywords that a type obeys, beside those that every property has.
fn keywords(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::String => &["minLength", "maxLength", "pattern", "format", "enum"],
        Kind::Integer => &["minimum", "maximum"],
        Kind::Number => &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
        Kind::Array => &["items", "minItems", "maxItems", "uniqueItems"],
        Kind::Object => &["properties"],
        Kind::Boolean | Kind::Any => &[],
    }
}

fn idle_keywords(schema: &Schema<'_>, kind: Kind, sink: &Sink) {
    const EVERYWHERE: [&str; 7] = ["type", "description", "required", "default", "in", "as", "sensitive"];
    let word = Kind::WORDS.iter().find(|(_, one)| *one == kind).map_or("", |(word, _)| word);
    let choice = !schema.choices.is_absent();
    for keyword in &schema.keywords {
        let name = keyword.value;
        let of_kind = keywords(kind).contains(&name);
        if EVERYWHERE.contains(&name) || (of_kind && !(choice && name != "enum")) {
            continue;
        }
        let owner = if of_kind { "`enum`".to_owned() } else { format!("type `{word}`") };
        let message = format!("`{name}` says nothing beside {owner}");
        let problem = Diagnostic::error(rules::IDLE_KEYWORD, keyword.span, message);
        sink.push(match (kind, name) {
            (Kind::Integer, "exclusiveMinimum") => {
                problem.with_help("an integer has `minimum`: write one more there")
            }
            (Kind::Integer, "exclusiveMaximum") => {
                problem.with_help("an integer has `maximum`: write one less there")
            }
            _ => problem,
        });
    }
}

fn text_or_choice(schema: &Schema<'_>, sink: &Sink) -> Option<Shape> {
    match &schema.choices {
        Field::Wrong => None,
        Field::Is(choices) => choice(choices, sink),
        Field::Absent => {
            let min_length = count(schema.min_length, sink);
            let max_length = count(schema.max_length, sink);
            ordered(schema.min_length, schema.max_length, sink);
            let pattern = match schema.pattern {
                Some(written) => Some(pattern::check(written, sink).map(|regex| regex.as_str().to_owned())?),
                None => None,
            };
            format_and_length(schema, sink);
            Some(Shape::Text(Text { min_length, max_length, pattern, format: schema.format }))
        }
    }
}

/// Formats of one length leave no room for another.
fn format_and_length(schema: &Schema<'_>, sink: &Sink) {
    let length = match schema.format {
        Some(Format::Date) => 10,
        Some(Format::Uuid) => 36,
        _ => return,
    };
    let short = schema.max_length.filter(|most| (0..length).contains(&most.value));
    let long = schema.min_length.filter(|least| least.value > length);
    if let Some(bound) = short.or(long) {
        let message = format!("no value can meet this: the format has {length} characters");
        sink.push(Diagnostic::error(rules::BAD_BOUND, bound.span, message));
    }
}

fn choice(choices: &Spanned<Vec<Spanned<&str>>>, sink: &Sink) -> Option<Shape> {
    if choices.value.is_empty() {
        sink.push(Diagnostic::error(rules::BAD_ENUM, choices.span, "an enumeration of nothing"));
        return None;
    }
    let before = sink.errors();
    for (at, choice) in choices.value.iter().enumerate() {
        if let Some(first) = choices.value.iter().take(at).find(|first| first.value == choice.value) {
            let problem =
                Diagnostic::error(rules::BAD_ENUM, choice.span, format!("`{}` stands twice", choice.value));
            sink.push(problem.with_also(first.span, "it stands here already"));
        }
    }
    let words = choices.value.iter().map(|choice| choice.value.to_owned()).collect();
    (sink.errors() == before).then_some(Shape::Choice(words))
}

fn integer(schema: &Schema<'_>, sink: &Sink) -> Option<Shape> {
    let exact = |bound: Option<Bound>| -> Option<i64> {
        let bound = bound?;
        let exact = bound.integer.and_then(|value| i64::try_from(value).ok());
        if exact.is_none() {
            let message = "a bound of an integer is an integer of at most 64 bits";
            sink.push(Diagnostic::error(rules::WRONG_TYPE, bound.span, message));
        }
        exact
    };
    let (minimum, maximum) = (exact(schema.minimum), exact(schema.maximum));
    if minimum.zip(maximum).is_some_and(|(minimum, maximum)| minimum > maximum) {
        contradiction(schema.minimum, schema.maximum, sink);
    }
    Some(Shape::Integer { minimum, maximum })
}

fn number(schema: &Schema<'_>, sink: &Sink) -> Option<Shape> {
    for (inclusive, exclusive) in
        [(schema.minimum, schema.exclusive_minimum), (schema.maximum, schema.exclusive_maximum)]
    {
        if let Some((inclusive, exclusive)) = inclusive.zip(exclusive) {
            let problem = Diagnostic::error(rules::BAD_BOUND, exclusive.span, "two bounds for the same side");
            sink.push(
                problem.with_also(inclusive.span, "the other one").with_help("leave one of the two out"),
            );
            return None;
        }
    }
    let low = schema.minimum.or(schema.exclusive_minimum);
    let high = schema.maximum.or(schema.exclusive_maximum);
    if let Some((lowest, highest)) = low.zip(high) {
        let open = schema.exclusive_minimum.is_some() || schema.exclusive_maximum.is_some();
        #[expect(
            clippy::float_cmp,
            reason = "both are written in the manifest, so equal means written equal"
        )]
        let empty = lowest.number > highest.number || (open && lowest.number == highest.number);
        if empty {
            contradiction(low, high, sink);
        }
    }
    let number = |bound: Option<Bound>| bound.map(|bound| bound.number);
    Some(Shape::Number(Number {
        minimum: number(schema.minimum),
        maximum: number(schema.maximum),
        exclusive_minimum: number(schema.exclusive_minimum),
        exclusive_maximum: number(schema.exclusive_maximum),
    }))
}

fn list(schema: &Schema<'_>, sink: &Sink) -> Option<Shape> {
    let min_items = count(schema.min_items, sink);
    let max_items = count(schema.max_items, sink);
    ordered(schema.min_items, schema.max_items, sink);
    let item = match &schema.items {
        Field::Wrong | Field::Is(None) => return None,
        Field::Is(Some(item)) => element(item, sink)?,
        Field::Absent => {
            let problem =
                Diagnostic::error(rules::NO_ITEMS, schema.owner, "the list does not say what it holds");
            sink.push(problem.with_help("add `items`, such as `items: {type: string}`"));
            return None;
        }
    };
    let values = match &item.shape {
        Shape::Choice(choices) => Some(choices.len()),
        Shape::Flag => Some(2),
        _ => None,
    };
    if let (true, Some(least), Some(values)) = (schema.unique_items, schema.min_items, values)
        && usize::try_from(least.value).is_ok_and(|least| least > values)
    {
        let message =
            format!("no list can meet this: there are {values} values, each of which may stand once");
        sink.push(Diagnostic::error(rules::BAD_BOUND, least.span, message));
    }
    Some(Shape::List(List { item: Box::new(item), min_items, max_items, unique: schema.unique_items }))
}

fn object(schema: &Schema<'_>, sink: &Sink) -> Option<Shape> {
    match &schema.properties {
        Field::Wrong => None,
        Field::Absent => Some(Shape::FreeObject),
        Field::Is(list) => {
            let written = list.value.as_ref()?;
            if written.is_empty() {
                let problem =
                    Diagnostic::error(rules::NO_PROPERTIES, list.span, "an object without properties");
                sink.push(problem.with_help("leave `properties` out for an object of any keys"));
                return None;
            }
            properties(written, sink).map(Shape::Record)
        }
    }
}

fn count(bound: Option<Spanned<i128>>, sink: &Sink) -> Option<u32> {
    let bound = bound?;
    let count = u32::try_from(bound.value).ok();
    if count.is_none() {
        let message = "a length is a count from 0 to 4,294,967,295";
        sink.push(Diagnostic::error(rules::BAD_BOUND, bound.span, message));
    }
    count
}

fn ordered(low: Option<Spanned<i128>>, high: Option<Spanned<i128>>, sink: &Sink) {
    let Some((low, high)) = low.zip(high) else { return };
    // A negative one has been reported already.
    if low.value > high.value && high.value >= 0 {
        let problem = Diagnostic::error(rules::BAD_BOUND, low.span, "no value can meet these bounds");
        sink.push(problem.with_also(high.span, "the upper bound"));
    }
}

fn contradiction(low: Option<Bound>, high: Option<Bound>, sink: &Sink) {
    let Some((low, high)) = low.zip(high) else { return };
    let problem = Diagnostic::error(rules::BAD_BOUND, low.span, "no value can meet these bounds");
    sink.push(problem.with_also(high.span, "the upper bound"));
}
