//! Our reading of arguments against an independent JSON Schema library.
//!
//! Agents see schemas, and the runtime never reads one: generated code checks arguments by rules that came from
//! the same manifest. Here both judge the same generated arguments, and they have to agree on every one.
//!
//! Three things are left out on purpose. Null for an optional parameter is as good as leaving it out, which no
//! JSON Schema of one type can say, so such members are taken off before the library judges (in a list without
//! duplicates `{}` and `{"a":null}` stay two items for us, and no tool has such a list of objects). An integer
//! without bounds is one of 64 bits here, while JSON Schema knows no width. And a number so small that a double reads
//! it as zero is for us another item than zero.

mod altered;
mod document;
mod every_rule;
mod formats;
mod generate;
mod random;

use std::sync::Mutex;
use std::thread;

use jsonschema::{Draft, Validator};
use runtime::Tool;
use serde_json::{Map, Value};

use generate::Generator;
use random::Random;

/// Cases for each of the product's tools; together more than 100,000.
const CASES_PER_TOOL: usize = 2_400;
/// Cases for the tool that has every rule at once.
const CASES_OF_EVERY_RULE: usize = 12_000;
/// How many disagreements are shown.
const SHOWN: usize = 10;

/// So many arguments that a tool of this name and schema takes, the same on every run.
pub(super) fn good_arguments(name: &str, schema: &Value, count: usize) -> Vec<Map<String, Value>> {
    let (mut generator, library) = (Generator::new(Random::from_name(name)), compile(schema));
    let arguments = std::iter::repeat_with(|| generator.good(schema).value_without_absent(schema));
    // Now and then two items that must differ do not.
    let taken = arguments.filter(|arguments| library.is_valid(arguments)).take(count);
    taken.map(|arguments| arguments.as_object().unwrap().clone()).collect()
}

/// Texts without end that a schema takes, the same on every run.
pub(super) fn good_texts(name: &str, schema: &Value) -> impl Iterator<Item = String> {
    let (mut generator, library) = (Generator::new(Random::from_name(name)), compile(schema));
    let texts = std::iter::repeat_with(move || generator.good(schema).value_without_absent(schema));
    texts.filter(move |text| library.is_valid(text)).map(|text| text.as_str().unwrap().to_owned())
}

/// Whether the library lets a schema take a value.
pub(super) fn is_taken(schema: &Value, value: &Value) -> bool {
    compile(schema).is_valid(value)
}

/// What became of the cases of one tool.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    disagreements: Vec<String>,
}

#[test]
fn generated_arguments_are_judged_as_an_independent_library_does() {
    let product = simple_gpt_mcp::TOOLS.iter().map(|tool| (*tool, CASES_PER_TOOL));
    let work: Vec<_> = product.chain([(&every_rule::TOOL, CASES_OF_EVERY_RULE)]).collect();
    let tallies = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for share in work.chunks(work.len().div_ceil(2)) {
            let tallies = &tallies;
            scope.spawn(move || {
                for (tool, cases) in share {
                    let tally = compare(tool, *cases);
                    tallies.lock().unwrap().push((tool.spec().name, tally));
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    let (mut accepted, mut refused, mut disagreements) = (0, 0, Vec::new());
    for (name, tally) in tallies {
        let share = tally.accepted * 100 / (tally.accepted + tally.refused).max(1);
        assert!((15..=95).contains(&share), "{share} % of the cases of {name} are accepted: too one-sided");
        accepted += tally.accepted;
        refused += tally.refused;
        disagreements.extend(tally.disagreements);
    }
    println!("{accepted} accepted, {refused} refused, {} disagreements", disagreements.len());
    let shown = disagreements.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(disagreements.is_empty(), "{} disagreements, such as\n{shown}", disagreements.len());
    assert!(accepted + refused >= 100_000, "{} cases are too few", accepted + refused);
}

fn compare(tool: &'static Tool, cases: usize) -> Tally {
    let schema = &tool.listing()["inputSchema"];
    let library = compile(schema);
    let mut generator = Generator::new(Random::from_name(tool.spec().name));
    let mut tally = Tally::default();
    for _ in 0..cases {
        let arguments = generator.arguments(schema);
        let ours = tool.validate(&arguments.text());
        let expected = library.is_valid(&arguments.value_without_absent(schema));
        match &ours {
            Ok(()) => tally.accepted += 1,
            Err(problems) => {
                tally.refused += 1;
                assert!(!problems.is_empty(), "{} is refused without a reason", arguments.text());
            }
        }
        if ours.is_ok() != expected {
            let text: String = arguments.text().chars().take(400).collect();
            tally
                .disagreements
                .push(format!("{}: the library says {expected}, we say {ours:?}: {text}", tool.spec().name));
        }
    }
    tally
}

/// A validator of the library, with formats taken as rules.
fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema)
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

#[test]
fn every_tool_has_examples_and_all_of_them_are_accepted() {
    for tool in simple_gpt_mcp::TOOLS {
        let spec = tool.spec();
        let library = compile(&tool.listing()["inputSchema"]);
        assert!(!spec.examples.is_empty(), "{} has no example", spec.name);
        for example in spec.examples {
            assert_eq!(tool.validate(example), Ok(()), "{}: {example}", spec.name);
            let value: Value = serde_json::from_str(example).unwrap();
            assert!(library.is_valid(&value), "the library refuses the example {example} of {}", spec.name);
        }
    }
}

#[test]
fn every_default_follows_the_schema_it_stands_in() {
    let mut defaults = 0;
    for tool in simple_gpt_mcp::TOOLS {
        let listing = tool.listing();
        visit(&listing["inputSchema"], &mut |schema| {
            if let Some(default) = schema.get("default") {
                defaults += 1;
                assert!(compile(schema).is_valid(default), "{}: {schema}", tool.spec().name);
            }
        });
    }
    assert!(defaults > 30, "only {defaults} defaults were found");
}

/// Calls `each` with every schema inside `schema`, itself included.
fn visit(schema: &Value, each: &mut impl FnMut(&Value)) {
    each(schema);
    if let Some(properties) = schema["properties"].as_object() {
        properties.values().for_each(|property| visit(property, each));
    }
    if let Some(items) = schema.get("items") {
        visit(items, each);
    }
}
