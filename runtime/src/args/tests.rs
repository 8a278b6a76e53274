use super::*;
use crate::json::Json;
use crate::tool::ObjectInput;

/// Reads `{"a": value}` by a rule and compares the problem, or its absence.
fn check<R: Rule>(rule: &R, value: &str, expected: Option<&str>) {
    let text = format!("{{\"a\":{value}}}");
    let mut args = Args::parse(&text, Place::Root).unwrap();
    let read = args.required("a", rule);
    args.refuse_unknown();
    let problems = args.into_problems();
    assert_eq!(read.is_some(), expected.is_none(), "{value}: {problems:?}");
    assert_eq!(problems.first().map(|problem| problem.message.as_str()), expected, "{value}");
}

#[test]
fn text_is_held_to_length_pattern_and_format_in_characters() {
    static CODE: Pattern = Pattern::new("^[A-Z]{3}$");
    let short = Text::new().min_length(2).max_length(3);
    check(&short, r#""äöü""#, None);
    check(&short, r#""\u00e4\ud83d\ude00""#, None);
    check(&short, r#""x""#, Some(r#"expected text of 2 to 3 characters, got "x""#));
    check(&short, r#""äöüß""#, Some(r#"expected text of 2 to 3 characters, got "äöüß""#));
    check(&short, "12", Some("expected text of 2 to 3 characters, got 12"));
    check(&short, r#""\ud800""#, Some(r#"expected text of 2 to 3 characters, got "\ud800""#));
    let code = Text::new().pattern(&CODE);
    check(&code, r#""EUR""#, None);
    check(&code, r#""eur""#, Some(r#"expected text matching ^[A-Z]{3}$, got "eur""#));
    let email = Text::new().format(Format::Email);
    check(&email, r#""anna@example.com""#, None);
    check(&email, r#""anna""#, Some(r#"expected an e-mail address, got "anna""#));
}

#[test]
fn formats_accept_what_their_standards_accept() {
    for (format, good, bad) in [
        (
            Format::Date,
            &["2026-07-28", "2024-02-29", "2000-02-29"][..],
            &[
                "2026-7-28",
                "2026-02-29",
                "1900-02-29",
                "2026-13-01",
                "2026-00-10",
                "2026-01-00",
                "28.07.2026",
                "",
            ][..],
        ),
        (
            Format::DateTime,
            &[
                "2026-07-28T09:30:00Z",
                "2026-07-28t09:30:00.123456789z",
                "2026-07-28T09:30:00+02:00",
                "1990-12-31T23:59:60Z",
                "1990-12-31T15:59:60-08:00",
            ],
            &[
                "2026-07-28",
                "2026-07-28 09:30:00Z",
                "2026-07-28T09:30:00",
                "2026-07-28T09:30Z",
                "2026-07-28T24:00:00Z",
                "2026-07-28T09:60:00Z",
                "2026-07-28T09:30:60Z",
                "2026-07-28T09:30:00.Z",
                "2026-07-28T09:30:00+24:00",
                "2026-07-28T09:30:00+0200",
            ],
        ),
        (
            Format::Uri,
            &["https://example.com/a?b=c#d", "mailto:anna@example.com", "urn:isbn:1"],
            &["example.com", "/path", "http://exa mple.com", "http://[::1", "ht tp://x"],
        ),
        (
            Format::Uuid,
            &["0198f0c4-5b1e-7c3a-9f00-1234567890ab", "0198F0C4-5B1E-7C3A-9F00-1234567890AB"],
            &["0198f0c45b1e7c3a9f001234567890ab", "{0198f0c4-5b1e-7c3a-9f00-1234567890ab}", "x"],
        ),
        (
            Format::Email,
            &["a@b.co", "anna.meier+crm@mail.example.com"],
            &["a@", "@b", "a b@c.de", "Anna <a@b.co>", "a@b@c", "ännä@b.co", "a@bücher.example"],
        ),
    ] {
        for text in good {
            assert!(format.accepts(text), "{format:?} refuses {text:?}");
        }
        for text in bad {
            assert!(!format.accepts(text), "{format:?} accepts {text:?}");
        }
    }
}

#[test]
fn an_integer_may_be_spelled_as_json_schema_allows() {
    let limit = Integer::new().minimum(1).maximum(200);
    for good in ["1", "200", "5.0", "1e2", "20E0"] {
        check(&limit, good, None);
    }
    for bad in ["0", "201", "1.5", "-3", "\"7\"", "true", "1e300", "[]", "null"] {
        let got = if bad == "[]" { "an array" } else { bad };
        check(&limit, bad, Some(&format!("expected an integer from 1 to 200, got {got}")));
    }
    check(&Integer::new(), "9223372036854775807", None);
    check(&Integer::new(), "-9223372036854775808", None);
    check(&Integer::new(), "9223372036854775808", Some("expected an integer, got 9223372036854775808"));
}

#[test]
fn a_number_keeps_its_bounds_and_stays_finite() {
    let share = Number::new().exclusive_minimum(0.0).maximum(1.0);
    check(&share, "0.5", None);
    check(&share, "1", None);
    check(&share, "0", Some("expected a number above 0 and at most 1, got 0"));
    check(&Number::new(), "1e999", Some("expected a number, got 1e999"));
}

#[test]
fn a_choice_suggests_what_is_near() {
    let kind = Choice::new(&["fact", "note"]);
    check(&kind, r#""note""#, None);
    check(&kind, r#""not""#, Some(r#"expected one of "fact", "note", got "not", did you mean "note"?"#));
    check(&kind, "1", Some(r#"expected one of "fact", "note", got 1"#));
}

#[test]
fn a_list_counts_its_items_and_finds_equal_ones_in_any_spelling() {
    let list = List::new(&AnyJson).max_items(3).unique();
    check(&list, r#"[1,"1",{"a":1,"b":2}]"#, None);
    check(
        &list,
        "[1,2,3,4]",
        Some("expected an array of at most 3 items, none twice, each any JSON value, got 4 items"),
    );
    check(
        &list,
        r#"[{"a":1,"b":2},{"b":2.0,"a":1e0}]"#,
        Some("is in the array already, expected none twice"),
    );
    check(
        &list,
        "{}",
        Some("expected an array of at most 3 items, none twice, each any JSON value, got an object"),
    );
}

struct Stage {
    name: String,
}

impl ObjectInput for Stage {
    fn decode(args: &mut Args<'_>) -> Option<Self> {
        let name = args.required("name", &Text::new().min_length(1));
        Some(Self { name: name? })
    }

    fn encode(&self, object: &mut crate::ObjectWriter<'_>) {
        object.field("name", &self.name);
    }
}

#[test]
fn every_problem_of_a_call_comes_at_once_with_its_place() {
    let text = r#"{"limit":"many","stages":[{"name":"new"},{"nam":""},7],"tga":"x","aproved":true}"#;
    let mut args = Args::parse(text, Place::Root).unwrap();
    let _limit = args.or("limit", &Integer::new().minimum(1).maximum(200), "20");
    let _stages = args.required("stages", &List::new(&Record::<Stage>::new()));
    let _tag = args.optional("tag", &Text::new());
    let _query = args.required("query", &Text::new());
    args.refuse_unknown();
    let found: Vec<String> = args
        .into_problems()
        .into_iter()
        .map(|problem| format!("{}: {}", problem.argument, problem.message))
        .collect();
    assert_eq!(
        found,
        [
            r#"limit: expected an integer from 1 to 200, got "many""#,
            "stages[1].name: is required: expected text of at least 1 characters",
            "stages[1].nam: unknown, did you mean \"name\"?",
            "stages[2]: expected an object, got 7",
            "query: is required: expected text",
            "tga: unknown, did you mean \"tag\"?",
            "aproved: unknown, expected one of limit, stages, tag, query",
        ]
    );
}

#[test]
fn null_counts_as_absent_except_for_any_json_that_is_required() {
    let mut args = Args::parse(r#"{"limit":null,"tag":null,"value":null}"#, Place::Root).unwrap();
    assert_eq!(args.or("limit", &Integer::new(), "20"), Some(20));
    assert_eq!(args.optional("tag", &Text::new()), Some(None));
    assert_eq!(args.required("value", &AnyJson), Some(Json::from_valid("null")));
    assert!(!args.has_problems());
}

#[test]
fn json_that_is_passed_on_unread_can_be_read_by_who_gets_it() {
    for good in [r#"{"a":[1,"\ud83d\ude00",null]}"#, r#"{"big":123456789012345678901234567890}"#] {
        check(&AnyJson, good, None);
        check(&FreeObject, good, None);
    }
    for bad in [r#"{"a":"\ud800"}"#, r#"{"a":1e999}"#] {
        check(&AnyJson, bad, Some("expected any JSON value, got an object"));
        check(&FreeObject, bad, Some("expected an object, got an object"));
    }
}

#[test]
fn a_long_value_is_cut_in_the_message() {
    let text = "x".repeat(500);
    check(
        &Integer::new(),
        &format!("\"{text}\""),
        Some(&format!("expected an integer, got \"{}...", "x".repeat(59))),
    );
}
