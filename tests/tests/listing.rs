//! What clients refuse in a listed tool, rule by rule: one bad schema can end a whole session.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;

use jsonschema::Draft;
use serde_json::{Value, json};
use tests::gateway::{Gateway, config_text, product};

/// Anthropic and OpenAI take 64 characters, Cursor 60 for server and tool together.
const LONGEST_NAME: usize = 40;
/// Some models of OpenAI take no more.
const LONGEST_DESCRIPTION: usize = 1_024;
/// Keywords that one client or another refuses, or reads in a way of its own.
const REFUSED: [&str; 12] = [
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "const",
    "$ref",
    "$schema",
    "$defs",
    "$id",
    "definitions",
    "nullable",
];

/// `tools/list` of a gateway of its own, on a thread of its own: its hash maps get seeds of their own.
fn list(more: &'static str) -> String {
    let serve = async move {
        let backend = SocketAddr::from(([127, 0, 0, 1], 9));
        let gateway = Gateway::with_config(&product(), &config_text(backend, more)).await;
        let reply = gateway.client().modern("tools/list", json!({}), &[]).await;
        assert!(gateway.stop().await);
        reply.text
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    thread::spawn(move || runtime().block_on(serve)).join().unwrap()
}

fn tools(list: &str) -> Vec<Value> {
    let mut list: Value = serde_json::from_str(list).unwrap();
    let Value::Array(tools) = list["result"]["tools"].take() else { panic!("no tools: {list}") };
    tools
}

/// The names that the files of the manifests make, sorted.
fn manifests() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
    let domains = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = domains.flat_map(|domain| fs::read_dir(domain).unwrap()).map(|entry| entry.unwrap().path());
    let word = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> =
        files.map(|file| format!("{}_{}", word(file.parent().unwrap()), word(&file))).collect();
    names.sort();
    names
}

/// Calls `each` with every schema inside `schema`, itself included, and where it stands.
fn visit(place: &str, schema: &Value, each: &mut impl FnMut(&str, &Value)) {
    each(place, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        visit(&format!("{place}.{name}"), property, each);
    }
    if let Some(items) = schema.get("items") {
        visit(&format!("{place}[]"), items, each);
    }
}

#[test]
fn names_are_ones_that_every_client_takes() {
    let names: Vec<String> =
        tools(&list("")).iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, manifests());
    assert!(names.is_sorted(), "{names:?}");
    let first = |name: &str| name.starts_with(|first: char| first.is_ascii_lowercase());
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    for name in &names {
        assert!(first(name) && name.bytes().all(rest) && name.len() <= LONGEST_NAME, "{name}");
    }
    let with_aliases = tools(&list("  list_aliases: true\n"));
    let all: BTreeSet<&str> = with_aliases.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(all.len(), with_aliases.len(), "a name is listed twice");
    for (tool, name) in simple_gpt_mcp::TOOLS.iter().zip(&names) {
        let dotted = tool.spec().aliases.iter().find(|alias| alias.contains('.'));
        assert_eq!(
            dotted.map(|alias| alias.replace('.', "_")).as_ref(),
            Some(name),
            "{name}: the dotted alias"
        );
    }
    // The names of the protocol itself, which aliases have to keep to.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    assert!(all.iter().all(|name| name.bytes().all(allowed) && name.len() <= 64), "{all:?}");
}

#[test]
fn every_tool_and_parameter_says_what_it_is_within_the_limit() {
    let mut titles = BTreeSet::new();
    for tool in tools(&list("")) {
        let name = tool["name"].as_str().unwrap();
        let words = |place: &str, value: &Value| {
            let text = value.as_str().unwrap_or_else(|| panic!("{place} of {name} has no words"));
            let length = text.chars().count();
            assert!((1..=LONGEST_DESCRIPTION).contains(&length), "{place} of {name}: {length} characters");
            assert!(
                !text.chars().any(char::is_control) && text.trim() == text,
                "{place} of {name}: {text:?}"
            );
            text.to_owned()
        };
        assert!(titles.insert(words("title", &tool["title"])), "two tools have the title of {name}");
        assert!(words("description", &tool["description"]).len() > 20, "{name} hardly says what it does");
        for (parameter, schema) in tool["inputSchema"]["properties"].as_object().unwrap() {
            words(parameter, &schema["description"]);
        }
        let expected: BTreeSet<&str> = ["name", "title", "description", "inputSchema", "annotations"].into();
        let members: BTreeSet<&str> = tool.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, expected, "members of {name}");
    }
}

#[test]
fn schemas_keep_to_what_every_client_reads() {
    for tool in tools(&list("  list_outputs: true\n")) {
        let name = tool["name"].as_str().unwrap();
        let input = &tool["inputSchema"];
        assert_eq!(input["type"], "object", "{name}");
        assert!(input["properties"].is_object(), "{name}");
        assert_eq!(input["additionalProperties"], json!(false), "{name}");
        visit(name, input, &mut check);
        if let Some(output) = tool.get("outputSchema") {
            assert_eq!(output["type"], "object", "outputSchema of {name}");
            visit(&format!("{name} outputSchema"), output, &mut check);
        }
    }
}

/// One schema by itself.
fn check(place: &str, schema: &Value) {
    let members = schema.as_object().unwrap_or_else(|| panic!("{place} is no object: {schema}"));
    for keyword in REFUSED {
        assert!(!members.contains_key(keyword), "{place} has {keyword}");
    }
    let kinds = ["object", "array", "string", "integer", "number", "boolean"];
    if let Some(kind) = members.get("type") {
        assert!(kinds.iter().any(|known| kind == known), "{place} is of type {kind}");
    }
    assert_eq!(
        members.get("type") == Some(&json!("array")),
        members.contains_key("items"),
        "items of {place}"
    );
    if let Some(names) = members.get("required").and_then(Value::as_array) {
        let declared = |name: &Value| schema["properties"].get(name.as_str().unwrap()).is_some();
        let distinct: BTreeSet<_> = names.iter().map(Value::to_string).collect();
        assert!(names.iter().all(declared) && distinct.len() == names.len(), "required of {place}");
        assert!(!names.is_empty(), "{place} has an empty list of required names");
    }
    if let Some(words) = members.get("enum") {
        let words = words.as_array().unwrap();
        let distinct: BTreeSet<_> = words.iter().map(Value::as_str).collect();
        assert!(!distinct.contains(&None), "an enum of {place} has other things than strings");
        assert!(!words.is_empty() && distinct.len() == words.len(), "enum of {place}");
    }
    let numbers = members.iter().filter(|(keyword, _)| *keyword != "properties").map(|(_, value)| value);
    for number in numbers.filter(|value| value.is_f64()) {
        assert_ne!(number.as_f64().map(f64::fract), Some(0.0), "{place} has {number} for a whole number");
    }
}

#[test]
fn schemas_compile_and_their_defaults_and_examples_are_valid() {
    let compile = |schema: &Value| {
        jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{error}: {schema}"));
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        options
            .should_ignore_unknown_formats(false)
            .build(schema)
            .unwrap_or_else(|error| panic!("{error}: {schema}"))
    };
    let listed = tools(&list("  list_outputs: true\n"));
    for (tool, listed) in simple_gpt_mcp::TOOLS.iter().zip(&listed) {
        assert_eq!(listed["name"], tool.spec().name);
        let input = compile(&listed["inputSchema"]);
        for example in tool.spec().examples {
            assert!(
                input.is_valid(&serde_json::from_str(example).unwrap()),
                "{}: {example}",
                tool.spec().name
            );
        }
        visit(tool.spec().name, &listed["inputSchema"], &mut |place, schema| {
            if let Some(default) = schema.get("default") {
                assert!(compile(schema).is_valid(default), "{place}: {schema}");
            }
        });
        if let Some(output) = listed.get("outputSchema") {
            compile(output);
        }
    }
    let outputs = listed.iter().filter(|tool| tool.get("outputSchema").is_some()).count();
    assert!(outputs > 0, "no tool lists its output although it was asked for");
}

#[test]
fn annotations_are_explicit_and_fit_together() {
    for tool in tools(&list("")) {
        let annotations = tool["annotations"].as_object().unwrap();
        let names: BTreeSet<&str> = annotations.keys().map(String::as_str).collect();
        let expected = ["destructiveHint", "idempotentHint", "openWorldHint", "readOnlyHint"].into();
        assert_eq!(names, expected, "{}", tool["name"]);
        let is = |name: &str| annotations[name].as_bool().unwrap();
        assert!(!is("readOnlyHint") || !is("destructiveHint"), "{}", tool["name"]);
    }
}

#[test]
fn what_strangers_wrote_is_announced_and_what_the_server_tells_of_itself_is_not() {
    let listed = tools(&list(""));
    let is_open = |name: &str| {
        let tool = listed.iter().find(|tool| tool["name"] == name);
        tool.unwrap_or_else(|| panic!("{name} is not listed"))["annotations"]["openWorldHint"] == json!(true)
    };
    assert!(is_open("website_fetch"));
    for own in ["observability_metrics", "observability_health", "observability_discovery", "memory_search"] {
        assert!(!is_open(own), "{own}");
    }
}

#[test]
fn the_approval_argument_is_listed_where_approval_is_needed_and_nowhere_else() {
    for (tool, listed) in simple_gpt_mcp::TOOLS.iter().zip(tools(&list(""))) {
        let properties = listed["inputSchema"]["properties"].as_object().unwrap();
        assert_eq!(properties.contains_key("user_approved"), tool.spec().approval, "{}", tool.spec().name);
        for context in ["tenant_id", "actor", "actor_role", "correlation_id"] {
            assert!(!properties.contains_key(context), "{} lists {context}", tool.spec().name);
        }
        let mut own = listed["inputSchema"].clone();
        own["properties"].as_object_mut().unwrap().remove("user_approved");
        assert_eq!(own, tool.listing()["inputSchema"], "{}", tool.spec().name);
    }
}

#[test]
fn a_list_does_not_depend_on_hash_seeds() {
    for more in ["", "  list_aliases: true\n  list_outputs: true\n"] {
        let first = list(more);
        assert!((1..6).all(|_| list(more) == first), "two servers list differently");
    }
}
