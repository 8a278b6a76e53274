//! Whether the comparison would notice: schemas that differ from a tool's in one keyword, each of which the
//! generated cases have to tell apart from the rules.

use serde_json::{Value, json};

use super::generate::Generator;
use super::generate::text::of_pattern;
use super::random::Random;
use super::{CASES_OF_EVERY_RULE, CASES_PER_TOOL, compile, every_rule};

/// How often as many cases as there are for a tool are made for what differs in its rarest value.
const ROUNDS: usize = 10;

#[test]
fn a_schema_that_differs_in_one_keyword_is_noticed() {
    let mut unnoticed = Vec::new();
    let mut alterations = 0;
    for tool in simple_gpt_mcp::TOOLS.iter().copied().chain([&every_rule::TOOL]) {
        let name = tool.spec().name;
        let schema = &tool.listing()["inputSchema"];
        let count = if name == "every_rule" { CASES_OF_EVERY_RULE } else { CASES_PER_TOOL };
        let mut generator = Generator::new(Random::from_name(name));
        let mut altered = alterations_of(schema);
        alterations += altered.len();
        // What chance has not brought up in the cases of the comparison, more of the same may.
        for _ in 0..ROUNDS {
            let cases: Vec<(Value, bool)> = (0..count)
                .map(|_| generator.arguments(schema))
                .map(|case| (case.value_without_absent(schema), tool.validate(&case.text()).is_ok()))
                .collect();
            altered.retain(|(_, altered)| {
                let library = compile(altered);
                cases.iter().all(|(case, ours)| library.is_valid(case) == *ours)
            });
            if altered.is_empty() {
                break;
            }
        }
        unnoticed.extend(altered.into_iter().map(|(place, _)| format!("{name}{place}")));
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

/// Whether a string of this length gets past what stands beside its limits.
fn can_be_of_length(schema: &Value, characters: u64) -> bool {
    let mut random = Random::from_name("length");
    schema.get("pattern").is_none() || of_pattern(&mut random, schema, characters).is_some()
}

type Alteration = (String, String, Option<Value>);

fn collect(schema: &Value, place: &str, out: &mut Vec<Alteration>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let mut alter = |replacement| out.push((place.to_owned(), keyword.clone(), replacement));
        match (keyword.as_str(), value) {
            ("minLength" | "maxLength" | "minItems" | "maxItems", Value::Number(limit)) => {
                let limit = limit.as_u64().unwrap();
                // The one string that two limits beside each other judge differently, which a pattern may refuse.
                let between =
                    |other: u64| if keyword.starts_with("min") { limit.min(other) } else { limit.max(other) };
                for other in [Some(limit + 1), limit.checked_sub(1)].into_iter().flatten() {
                    if can_be_of_length(schema, between(other)) {
                        alter(Some(json!(other)));
                    }
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
