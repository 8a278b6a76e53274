//! Whether a value written in a manifest, a default or an example, is one that its schema accepts.
//!
//! Formats are not judged here: the code that enforces them is the runtime's, and a test holds all defaults
//! and examples against it.

use diagnostics::yaml::{Entry, Node, Value};
use diagnostics::{Code, Diagnostic, Sink, Span, suggest};
use regex_lite::Regex;
use serde_json::{Map, Number as JsonNumber, Value as Json};

use crate::ir::{List, Number, Presence, Property, Shape, Text};

/// What is judged, for messages and codes.
#[derive(Clone, Copy)]
pub(crate) struct Literal<'a> {
    /// `default` or `example`.
    pub(crate) what: &'static str,
    pub(crate) code: Code,
    pub(crate) sink: &'a Sink,
}

impl Literal<'_> {
    /// Judges a value and gives it as JSON; none if it was refused.
    pub(crate) fn value(self, node: &Node, shape: &Shape) -> Option<Json> {
        match (shape, &node.value) {
            (Shape::Any, _) => Some(json(node)),
            (Shape::Text(text), Value::Text(value)) => self.text(node.span, value, text),
            (Shape::Choice(choices), Value::Text(value)) => self.choice(node.span, value, choices),
            (Shape::Integer { minimum, maximum }, Value::Integer(value)) => {
                self.integer(node.span, *value, *minimum, *maximum)
            }
            (Shape::Number(number), Value::Integer(_) | Value::Float(_)) => self.number(node, number),
            (Shape::Flag, Value::Bool(value)) => Some(Json::Bool(*value)),
            (Shape::List(list), Value::Sequence(items)) => self.list(node.span, items, list),
            (Shape::Record(properties), Value::Mapping(entries)) => {
                self.record(node.span, entries, properties.iter())
            }
            (Shape::FreeObject, Value::Mapping(_)) => Some(json(node)),
            _ => {
                let problem =
                    self.problem(node.span, format!("must be {}, found {}", kind(shape), node.kind()));
                let quote = matches!(shape, Shape::Text(_) | Shape::Choice(_)) && node.value != Value::Null;
                let written = node.written.as_ref().filter(|_| quote);
                self.refuse(match written {
                    Some(written) => problem.with_help(format!("write it in quotes: '{written}'")),
                    None => problem,
                })
            }
        }
    }

    /// Judges a mapping that has these properties and no others.
    pub(crate) fn record<'p>(
        self,
        at: Span,
        entries: &[Entry],
        properties: impl Iterator<Item = &'p Property> + Clone,
    ) -> Option<Json> {
        let before = self.sink.errors();
        let mut object = Map::new();
        for entry in entries {
            let name = entry.key.value.as_str();
            let Some(property) = properties.clone().find(|property| property.name == name) else {
                let meant = suggest(name, properties.clone().map(|property| property.name.as_str()));
                let problem = self.problem(entry.key.span, format!("has no parameter `{name}`"));
                self.sink.push(problem.with_suggestion(meant));
                continue;
            };
            let absent = entry.value.value == Value::Null && property.presence != Presence::Required;
            if let Some(value) =
                if absent { Some(Json::Null) } else { self.value(&entry.value, &property.element.shape) }
            {
                object.insert(name.to_owned(), value);
            }
        }
        for property in properties.filter(|property| property.presence == Presence::Required) {
            if !entries.iter().any(|entry| entry.key.value == property.name) {
                self.sink.push(self.problem(at, format!("lacks the required `{}`", property.name)));
            }
        }
        (self.sink.errors() == before).then_some(Json::Object(object))
    }

    fn text(self, at: Span, value: &str, text: &Text) -> Option<Json> {
        let length = value.chars().count();
        if let Some(least) = text.min_length.filter(|least| length < *least as usize) {
            return self.refuse(self.problem(at, format!("has {length} characters, fewer than {least}")));
        }
        if let Some(most) = text.max_length.filter(|most| length > *most as usize) {
            return self.refuse(self.problem(at, format!("has {length} characters, more than {most}")));
        }
        let pattern = text.pattern.as_deref();
        let refuses = |pattern: &&str| Regex::new(pattern).is_ok_and(|regex| !regex.is_match(value));
        if let Some(pattern) = pattern.filter(refuses) {
            return self.refuse(self.problem(at, format!("does not match the pattern `{pattern}`")));
        }
        Some(Json::String(value.to_owned()))
    }

    fn choice(self, at: Span, value: &str, choices: &[String]) -> Option<Json> {
        if choices.iter().any(|choice| choice == value) {
            return Some(Json::String(value.to_owned()));
        }
        let list = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let meant = suggest(value, choices.iter().map(String::as_str));
        self.refuse(self.problem(at, format!("is not one of {list}")).with_suggestion(meant))
    }

    fn integer(self, at: Span, value: i128, minimum: Option<i64>, maximum: Option<i64>) -> Option<Json> {
        let Ok(number) = i64::try_from(value) else {
            return self.refuse(self.problem(at, "does not fit into 64 bits".to_owned()));
        };
        if let Some(minimum) = minimum.filter(|minimum| number < *minimum) {
            return self.refuse(self.problem(at, format!("is under the minimum of {minimum}")));
        }
        if let Some(maximum) = maximum.filter(|maximum| number > *maximum) {
            return self.refuse(self.problem(at, format!("is over the maximum of {maximum}")));
        }
        Some(Json::from(number))
    }

    fn number(self, node: &Node, bounds: &Number) -> Option<Json> {
        let value = json(node);
        let number = value.as_f64()?;
        let under = bounds
            .minimum
            .filter(|bound| number < *bound)
            .map(|bound| format!("is under the minimum of {bound}"));
        let over = bounds
            .maximum
            .filter(|bound| number > *bound)
            .map(|bound| format!("is over the maximum of {bound}"));
        let low = bounds
            .exclusive_minimum
            .filter(|bound| number <= *bound)
            .map(|bound| format!("is not over {bound}"));
        let high = bounds
            .exclusive_maximum
            .filter(|bound| number >= *bound)
            .map(|bound| format!("is not under {bound}"));
        match under.or(over).or(low).or(high) {
            Some(problem) => self.refuse(self.problem(node.span, problem)),
            None => Some(value),
        }
    }

    fn list(self, at: Span, items: &[Node], list: &List) -> Option<Json> {
        let (count, before) = (items.len(), self.sink.errors());
        if let Some(least) = list.min_items.filter(|least| count < *least as usize) {
            return self.refuse(self.problem(at, format!("has {count} items, fewer than {least}")));
        }
        if let Some(most) = list.max_items.filter(|most| count > *most as usize) {
            return self.refuse(self.problem(at, format!("has {count} items, more than {most}")));
        }
        let mut values: Vec<Json> = Vec::with_capacity(count);
        for item in items {
            let Some(value) = self.value(item, &list.item.shape) else { continue };
            if list.unique && values.contains(&value) {
                self.sink.push(self.problem(item.span, "stands twice in a list of unique items".to_owned()));
            }
            values.push(value);
        }
        (self.sink.errors() == before).then_some(Json::Array(values))
    }

    fn problem(self, at: Span, what: String) -> Diagnostic {
        Diagnostic::error(self.code, at, format!("the {} {what}", self.what))
    }

    fn refuse(self, problem: Diagnostic) -> Option<Json> {
        self.sink.push(problem);
        None
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(_) | Shape::Choice(_) => "text",
        Shape::Integer { .. } => "an integer",
        Shape::Number(_) => "a number",
        Shape::Flag => "`true` or `false`",
        Shape::List(_) => "a list",
        Shape::Record(_) | Shape::FreeObject => "a mapping",
        Shape::Any => "any value",
    }
}

/// A value as written, as JSON.
pub(crate) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value) => JsonNumber::from_i128(*value).map_or(Json::Null, Json::Number),
        Value::Float(value) => JsonNumber::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Text(value) => Json::String(value.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(entries) => {
            Json::Object(entries.iter().map(|entry| (entry.key.value.clone(), json(&entry.value))).collect())
        }
    }
}
