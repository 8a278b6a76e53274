//! Places of values, and what the strict dialect refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics")]

use diagnostics::yaml::{self, Node, Value, YamlCodes};
use diagnostics::{Sink, Sources};

const CODES: YamlCodes = YamlCodes { syntax: "Y1", duplicate_key: "Y2" };

/// The document, and the problems in their one-line form without the path.
fn parse(text: &str) -> (Option<Node>, Vec<String>) {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let file = sources.add("x.yaml", text);
    let node = yaml::parse(file, text, CODES, &sink);
    let lines = sink.into_report(sources).lines().map(|line| line.replace("error: x.yaml:", "")).collect();
    (node, lines)
}

/// The value at a path of keys, with its place and the text it covers.
fn at(text: &str, path: &[&str]) -> (Value, String, String) {
    let mut node = parse(text).0.unwrap();
    for key in path {
        node = match node.value {
            Value::Mapping(entries) => {
                entries.into_iter().find(|entry| entry.key.value == *key).unwrap().value
            }
            other => panic!("no mapping at {key}: {other:?}"),
        };
    }
    let covered = text.get(node.span.start..node.span.end).unwrap().to_owned();
    (node.value, format!("{}:{}", node.span.line, node.span.column), covered)
}

#[test]
fn a_value_knows_its_line_its_column_in_characters_and_its_text() {
    let text = "größe: 'naïve 世界'  # ü\nx: {ü: [1, 2], y: {}, 世: [ ], z: true}\nlist:\n  - a\n  - b\n";
    for (path, place, covered) in [
        (&["größe"][..], "1:8", "'naïve 世界'"),
        (&["x"], "2:4", "{ü: [1, 2], y: {}, 世: [ ], z: true}"),
        (&["x", "ü"], "2:8", "[1, 2]"),
        (&["x", "y"], "2:19", "{}"),
        (&["x", "世"], "2:26", "[ ]"),
        (&["x", "z"], "2:34", "true"),
    ] {
        let (_, found_place, found_text) = at(text, path);
        assert_eq!((found_place.as_str(), found_text.as_str()), (place, covered), "{path:?}");
    }
}

#[test]
fn plain_words_are_read_as_json_would_name_them() {
    for (text, expected) in [
        ("true", Value::Bool(true)),
        ("yes", Value::Text("yes".to_owned())),
        ("no", Value::Text("no".to_owned())),
        ("~", Value::Null),
        ("12", Value::Integer(12)),
        ("-12", Value::Integer(-12)),
        ("18446744073709551615", Value::Integer(18_446_744_073_709_551_615)),
        ("0.5", Value::Float(0.5)),
        ("1e3", Value::Float(1000.0)),
        ("0755", Value::Text("0755".to_owned())),
        ("1_000", Value::Text("1_000".to_owned())),
        ("2027-01-31", Value::Text("2027-01-31".to_owned())),
        ("'12'", Value::Text("12".to_owned())),
    ] {
        assert_eq!(at(&format!("x: {text}"), &["x"]).0, expected, "{text}");
    }
}

#[test]
fn what_the_dialect_does_not_have_is_refused_where_it_stands() {
    for (text, expected) in [
        (
            "ü: &a 1",
            "1:7: anchors and aliases (`&x`, `*x`) are not part of this dialect; write the value out [Y1]",
        ),
        ("<<: {a: 1}", "1:1: merge keys (`<<`) are not part of this dialect [Y1]"),
        ("ü: 1\n---\nb: 2", "2:1: a second document begins here; a file holds one [Y1]"),
        ("ü: !secret x", "1:12: unsupported tag `!secret` [Y1]"),
        ("ü: .nan", "1:4: value `.nan` is not a finite number [Y1]"),
        ("ü: [1, 2", "1:4: unclosed bracket '[' [Y1]"),
        ("ü: 'x", "1:4: unclosed quote [Y1]"),
        ("ü: 1\nü: 2", "2:1: key `ü` stands twice [Y2]"),
        ("{ü: 1, true: 2}", "1:8: a key must be text, found a boolean [Y1]"),
        ("? [a]\n: b", "1:3: a key must be text, found a list [Y1]"),
    ] {
        assert_eq!(parse(text).1, [expected], "{text}");
    }
}

#[test]
fn nesting_is_bounded_for_every_kind_of_collection() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        for depth in [60, 10_000] {
            let text = format!("{}{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(parse(&text).1.len(), 1, "{depth} of {open}");
        }
    }
}

#[test]
fn a_bad_key_does_not_hide_the_next_one() {
    let (node, problems) = parse("1: a\n2: b\nü: {3: c}\n");
    assert_eq!(node, None);
    let places: Vec<&str> = problems.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["1:1", "2:1", "3:5"]);
}

#[test]
fn an_empty_document_is_nothing() {
    for text in ["", "\n", "# only a comment\n"] {
        let (node, problems) = parse(text);
        assert_eq!((node.unwrap().value, problems.len()), (Value::Null, 0), "{text:?}");
    }
}
