//! JSON Schemas as agents see them: only keywords that every agent knows, in the order of the manifest.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::ir::{Element, Presence, Property, Shape};

/// Whether an object may hold more than is described.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objects {
    /// In a call: nothing more.
    Closed,
    /// In an answer.
    Open,
}

/// The schema of an object with these properties, as compact text.
pub(super) fn text<'p>(properties: impl Iterator<Item = &'p Property> + Clone, objects: Objects) -> String {
    schema(properties, objects).to_string()
}

/// The schema of an object with these properties.
pub(crate) fn schema<'p>(properties: impl Iterator<Item = &'p Property> + Clone, objects: Objects) -> Value {
    let mut map = Map::new();
    object(properties, objects, &mut map);
    Schema::from(map).to_value()
}

fn object<'p>(
    properties: impl Iterator<Item = &'p Property> + Clone,
    objects: Objects,
    out: &mut Map<String, Value>,
) {
    let required: Vec<Value> = properties
        .clone()
        .filter(|property| property.presence == Presence::Required)
        .map(|property| Value::from(property.name.as_str()))
        .collect();
    let described: Map<String, Value> =
        properties.map(|property| (property.name.clone(), Value::Object(one(property, objects)))).collect();
    out.insert("type".to_owned(), json!("object"));
    out.insert("properties".to_owned(), Value::Object(described));
    if !required.is_empty() {
        out.insert("required".to_owned(), Value::Array(required));
    }
    if objects == Objects::Closed {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
}

fn one(property: &Property, objects: Objects) -> Map<String, Value> {
    let mut out = element(&property.element, objects);
    if let Presence::Default(value) = &property.presence {
        out.insert("default".to_owned(), value.clone());
    }
    out
}

pub(crate) fn element(element: &Element, objects: Objects) -> Map<String, Value> {
    let mut out = Map::new();
    let kind = match &element.shape {
        Shape::Text(_) | Shape::Choice(_) => Some("string"),
        Shape::Integer { .. } => Some("integer"),
        Shape::Number(_) => Some("number"),
        Shape::Flag => Some("boolean"),
        Shape::List(_) => Some("array"),
        Shape::Record(_) | Shape::FreeObject => Some("object"),
        Shape::Any => None,
    };
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    put("type", kind.map(Value::from));
    put("description", element.description.as_deref().map(Value::from));
    match &element.shape {
        Shape::Text(text) => {
            put("minLength", text.min_length.map(Value::from));
            put("maxLength", text.max_length.map(Value::from));
            put("pattern", text.pattern.as_deref().map(Value::from));
            put("format", text.format.map(|format| Value::from(format.word())));
        }
        Shape::Choice(choices) => put("enum", Some(json!(choices))),
        Shape::Integer { minimum, maximum } => {
            put("minimum", minimum.map(Value::from));
            put("maximum", maximum.map(Value::from));
        }
        Shape::Number(bounds) => {
            put("minimum", bounds.minimum.map(number));
            put("maximum", bounds.maximum.map(number));
            put("exclusiveMinimum", bounds.exclusive_minimum.map(number));
            put("exclusiveMaximum", bounds.exclusive_maximum.map(number));
        }
        Shape::List(list) => {
            put("items", Some(Value::Object(self::element(&list.item, objects))));
            put("minItems", list.min_items.map(Value::from));
            put("maxItems", list.max_items.map(Value::from));
            put("uniqueItems", list.unique.then_some(json!(true)));
        }
        Shape::Record(properties) => object(properties.iter(), objects, &mut out),
        Shape::Flag | Shape::FreeObject | Shape::Any => {}
    }
    out
}

/// A number as people write it: 20, not 20.0.
pub(crate) fn number(value: f64) -> Value {
    /// Beyond it, whole numbers are no longer exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        return Value::from(value as i64);
    }
    Value::from(value)
}
