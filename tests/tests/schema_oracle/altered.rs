//! Whether the comparison would notice: schemas that differ from a tool's in one keyword, each of which the
//! generated cases have to tell apart from the rules.

use serde_json::{Value, json};

use super::generate::Generator;
use super::random::Random;
use super::{CASES_OF_EVERY_RULE, CASES_PER_TOOL, compile, every_rule};

#[test]
fn a_schema_that_differs_in_one_keyword_is_noticed() {
    let mut unnoticed = Vec::new();
    let mut alterations = 0;
    for tool in simple_gpt_mcp::TOOLS.iter().copied().chain([&every_rule::TOOL]) {
        let name = tool.spec().name;
        let schema = &tool.listing()["inputSchema"];
        let count = if name == "every_rule" { CASES_OF_EVERY_RULE } else { CASES_PER_TOOL };
        let mut generator = Generator::new(Random::from_name(name));
        let cases: Vec<(Value, bool)> = (0..count)
            .map(|_| generator.arguments(schema))
            .map(|case| (case.value_without_absent(schema), tool.validate(&case.text()).is_ok()))
            .collect();
        for (place, altered) in alterations_of(schema) {
            alterations += 1;
            let library = compile(&altered);
            if cases.iter().all(|(case, ours)| library.is_valid(case) == *ours) {
                unnoticed.push(format!("{name}{place}"));
            }
        }
    }
    println!("{alterations} alterations, {} unnoticed", unnoticed.len());
    assert!(unnoticed.is_empty(), "no case tells these apart from what the tool takes: {unnoticed:#?}");
    assert!(alterations > 500, "only {alterations} alterations were made");
}

/// Copies of a schema, each with one keyword changed, and where.
fn alterations_of(schema: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    collect(schema, "", &mut places);
    places
        .into_iter()
        .map(|(place, keyword, replacement)| {
            let mut altered = schema.clone();
            let parent = altered.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            let shown = format!("{place}/{keyword} -> {replacement:?}");
            match replacement {
                Some(value) => parent.insert(keyword, value),
                None => parent.remove(&keyword),
            };
            (shown, altered)
        })
        .collect()
}

type Alteration = (String, String, Option<Value>);

fn collect(schema: &Value, place: &str, out: &mut Vec<Alteration>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let mut alter = |replacement| out.push((place.to_owned(), keyword.clone(), replacement));
        match (keyword.as_str(), value) {
            ("minLength" | "maxLength" | "minItems" | "maxItems", Value::Number(limit)) => {
                let limit = limit.as_u64().unwrap();
                alter(Some(json!(limit + 1)));
                if limit > 0 {
                    alter(Some(json!(limit - 1)));
                }
            }
            ("minimum" | "maximum", Value::Number(bound)) => {
                let bound = bound.as_f64().unwrap();
                alter(Some(json!(bound + 1.0)));
                alter(Some(json!(bound - 1.0)));
            }
            ("enum", Value::Array(words)) => alter(Some(json!(words[1..]))),
            ("required", Value::Array(names)) => alter(Some(json!(names[1..]))),
            // The words of an enum are strings, so the type beside them says nothing new.
            ("type", _) if schema.get("enum").is_some() => {}
            ("type", Value::String(kind)) if kind == "integer" => alter(Some(json!("number"))),
            (
                "type"
                | "pattern"
                | "format"
                | "exclusiveMinimum"
                | "exclusiveMaximum"
                | "uniqueItems"
                | "additionalProperties",
                _,
            ) => alter(None),
            _ => {}
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        collect(property, &format!("{place}/properties/{name}"), out);
    }
    if let Some(items) = schema.get("items") {
        collect(items, &format!("{place}/items"), out);
    }
}
