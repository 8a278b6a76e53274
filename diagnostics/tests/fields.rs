//! Reading a mapping: every problem at once, at its place, and a record of what was asked for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::time::Duration;

use diagnostics::fields::{Field, Fields, Reader, ShapeCodes};
use diagnostics::yaml::{self, YamlCodes};
use diagnostics::{Sink, Sources};

const YAML: YamlCodes = YamlCodes { syntax: "Y1", duplicate_key: "Y2" };
const SHAPE: ShapeCodes = ShapeCodes { unknown_key: "F1", wrong_type: "F2", missing_key: "F3" };

/// Reads a text with `read` and gives the problems in their one-line form, and the keys asked for.
fn problems(text: &str, read: impl FnOnce(&mut Fields<'_>)) -> (Vec<String>, Vec<String>) {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let file = sources.add("x.yaml", text);
    let node = yaml::parse(file, text, YAML, &sink).unwrap();
    let reader = Reader::new(&sink, SHAPE);
    if let Some(mut fields) = Fields::of(&reader, &node, "", node.span) {
        read(&mut fields);
        fields.finish();
    }
    let asked = reader.asked().into_iter().collect();
    let lines = sink.into_report(sources).lines().map(|line| line.replace("error: x.yaml:", "")).collect();
    (lines, asked)
}

#[test]
fn each_type_is_read_and_each_other_type_refused() {
    let text = "text: ü\nflag: true\nwhole: 12\nfraction: 0.5\ntime: 500ms\nwords: [a, b]\n";
    let (found, _) = problems(text, |fields| {
        assert_eq!(fields.key("text").text().ok().unwrap().value, "ü");
        assert!(fields.key("flag").boolean().ok().unwrap().value);
        assert_eq!(fields.key("whole").integer().ok().unwrap().value, 12);
        assert_eq!(fields.key("whole").number().map(|number| number.value), Field::Is(12.0));
        assert_eq!(fields.key("fraction").number().map(|number| number.value), Field::Is(0.5));
        assert_eq!(fields.key("time").duration().ok().unwrap().value, Duration::from_millis(500));
        assert_eq!(fields.key("words").texts().ok().unwrap().value.len(), 2);
        assert!(fields.key("absent").text().is_absent());
    });
    assert_eq!(found, Vec::<String>::new());
    let (found, _) = problems(text, |fields| {
        assert_eq!(fields.key("flag").text(), Field::Wrong);
        assert_eq!(fields.key("text").boolean(), Field::Wrong);
        assert_eq!(fields.key("fraction").integer(), Field::Wrong);
        assert_eq!(fields.key("words").number(), Field::Wrong);
        assert_eq!(fields.key("whole").duration(), Field::Wrong);
        assert!(fields.key("time").entries().ok().is_none());
    });
    assert_eq!(
        found,
        [
            "1:7: `text` must be `true` or `false`, found text [F2]",
            "2:7: `flag` must be text, found a boolean [F2]",
            "3:8: `whole` must be a duration such as `10s` or `500ms`, found an integer [F2]",
            "4:11: `fraction` must be an integer, found a number [F2]",
            "5:7: `time` must be a mapping of names to values, found text [F2]",
            "6:8: `words` must be a number, found a list [F2]",
        ]
    );
}

#[test]
fn missing_and_unknown_keys_are_named_with_their_mapping() {
    let (found, _) = problems("server: {größe: 1, prot: 9000}\nextra: 1\n", |fields| {
        let Field::Is(mut server) = fields.required("server").fields() else { panic!("a mapping") };
        assert!(server.key("port").integer().is_absent());
        assert_eq!(server.required("host").text(), Field::Wrong);
        server.finish();
        assert_eq!(fields.required("tenants").entries(), Field::Wrong);
    });
    assert_eq!(
        found,
        [
            "1:1: `server` lacks the key `host` [F3]",
            "1:1: the key `tenants` is missing [F3]",
            "1:10: unknown key `größe` in `server` [F1]",
            "1:20: unknown key `prot` in `server`; did you mean `port`? [F1]",
            "2:1: unknown key `extra` [F1]",
        ]
    );
}

#[test]
fn an_item_of_the_wrong_type_is_reported_and_the_list_is_wrong() {
    let (found, _) = problems("words: [a, 1, ~]", |fields| {
        assert_eq!(fields.key("words").texts(), Field::Wrong);
    });
    assert_eq!(
        found,
        [
            "1:12: `words[]` must be text, found an integer [F2]",
            "1:15: `words[]` must be text, found nothing [F2]",
        ]
    );
}

#[test]
fn a_file_that_is_no_mapping_is_one_problem() {
    assert_eq!(
        problems("[a]", |_| {}).0,
        ["1:1: the file must be a mapping of keys to values, found a list [F2]"]
    );
}

#[test]
fn the_keys_asked_for_are_on_record_with_their_paths() {
    let (_, asked) = problems("server: {port: 1}", |fields| {
        if let Field::Is(mut server) = fields.key("server").fields() {
            let _ = server.key("port").integer();
            let _ = server.key("host").text();
            server.finish();
        }
    });
    assert_eq!(asked, ["server", "server.host", "server.port"]);
}
