//! Arguments that a schema accepts and that differ from its defaults, so that a value that is not passed on shows.

use serde_json::{Map, Value, json};

use crate::schema_oracle::{good_texts, is_taken};

/// A value for every parameter.
pub(super) fn full(schema: &Value) -> Map<String, Value> {
    members(schema, |_| true)
}

/// A value for every parameter that must be there.
pub(super) fn required(schema: &Value) -> Map<String, Value> {
    members(schema, |name| schema["required"].as_array().is_some_and(|names| names.contains(&json!(name))))
}

fn members(schema: &Value, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let properties = schema["properties"].as_object().unwrap().iter();
    properties
        .filter(|(name, _)| wanted(name))
        .map(|(name, schema)| (name.clone(), value(name, schema)))
        .collect()
}

fn value(name: &str, schema: &Value) -> Value {
    let value = match schema["type"].as_str() {
        None => json!({"nested": [1, null, "\u{1F600}"]}),
        Some("boolean") => json!(schema["default"] != json!(true)),
        Some("integer") => json!(schema["maximum"].as_i64().unwrap_or(7) - 1),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(0.0) + 0.75),
        Some("array") => json!([value(name, &schema["items"])]),
        Some("object") if schema.get("properties").is_some() => Value::Object(full(schema)),
        Some("object") => json!({"any key": {"a": [1.5, true]}}),
        Some("string") => json!(text(name, schema)),
        Some(other) => panic!("no value for type {other}"),
    };
    assert_ne!(Some(&value), schema.get("default"), "{name} would be given its default");
    value
}

fn text(name: &str, schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let other = words.iter().find(|word| Some(*word) != schema.get("default"));
        return other.unwrap().as_str().unwrap().to_owned();
    }
    let text = match schema["format"].as_str() {
        Some("email") => "anna@example.com",
        Some("date") => "2026-07-28",
        Some("date-time") => "2026-07-28T09:30:00+02:00",
        Some("uri") => "https://example.com/a?b=c&d=%20",
        _ => "J\u{F6}rg's \"text\" & <more>/..%2F\n\u{1F600}",
    };
    let most = schema["maxLength"].as_u64().map_or(usize::MAX, |most| usize::try_from(most).unwrap());
    let text: String = text.chars().take(most).collect();
    // What a pattern or another rule asks for is made from the schema.
    let mut made = good_texts(name, schema).filter(|made| Some(&json!(made)) != schema.get("default"));
    if is_taken(schema, &json!(text)) { text } else { made.next().unwrap() }
}
