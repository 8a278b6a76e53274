//! Whatever an argument holds, it stays in its own path segment, query value or header.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use tests::client::Client;
use tests::gateway::{Gateway, config_text};
use tests::recorder::{Recorded, Recorder};

use super::hand_made::hand_made;

const CASES: u32 = 1500;

/// Text as attackers write it, and any other.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,4}",
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just("/".to_owned()),
        Just("\\".to_owned()),
        Just("%2e%2e%2f".to_owned()),
        Just("%00".to_owned()),
        Just("%".to_owned()),
        Just("?admin=1".to_owned()),
        Just("&query=2".to_owned()),
        Just("#".to_owned()),
        Just(";x=1".to_owned()),
        Just("@evil.example".to_owned()),
        Just("//evil.example".to_owned()),
        Just("http://evil.example/".to_owned()),
        Just("{segment}".to_owned()),
        Just("+".to_owned()),
        Just(" ".to_owned()),
        Just("\u{202e}\u{ff0f}\u{2025}".to_owned()),
        "\\PC{1,4}",
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
        out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
    }
    String::from_utf8(out).unwrap()
}

/// Checks that the request is the tool's own, with the three arguments where they belong.
fn check(request: &Recorded, segment: &str, query: &str, header: &str) -> Result<(), TestCaseError> {
    let (path, pairs) = request.target.split_once('?').unwrap();
    let segments: Vec<&str> = path.split('/').collect();
    prop_assert_eq!(segments.len(), 6, "{}", path);
    prop_assert_eq!((&segments[..4], segments[5]), (&["", "mcp", "crm", "before"][..], "after"));
    prop_assert_eq!(decoded(segments[4]), segment);
    let value = pairs.strip_prefix("query=").unwrap();
    prop_assert_eq!(decoded(value), query);
    let own = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte));
    prop_assert!(own(segments[4]) && own(value), "{}", request.target);
    prop_assert_eq!(request.headers.get_all("x-placed").iter().count(), 1);
    prop_assert_eq!(request.header("x-placed"), header);
    prop_assert_eq!(request.header("x-tenant-id"), "default");
    prop_assert!(!request.headers.contains_key("x-injected"));
    Ok(())
}

/// A gateway before a recorder, and a runtime to ask it on.
fn set_up() -> (tokio::runtime::Runtime, Recorder, Gateway, Client) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (backend, gateway) = runtime.block_on(async {
        let backend = Recorder::start().await;
        let gateway = Gateway::with_config(&hand_made(), &config_text(backend.address(), "")).await;
        (backend, gateway)
    });
    let client = gateway.client();
    (runtime, backend, gateway, client)
}

#[test]
fn every_argument_arrives_as_it_is_and_where_it_belongs() {
    let (runtime, backend, _gateway, client) = set_up();
    let strategy = (hostile(), hostile(), "[!-~]([ -~]{0,20}[!-~])?");
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&strategy, |(segment, query, header)| {
        let arguments = json!({"segment": segment, "query": query, "header": header});
        let reply = runtime.block_on(client.call("edge_placed", arguments));
        let requests = backend.take();
        if matches!(segment.as_str(), "." | "..") || segment.chars().any(char::is_control) {
            prop_assert_eq!(&reply.tool_error()["problems"][0]["argument"], "segment");
            prop_assert!(requests.is_empty());
            return Ok(());
        }
        prop_assert_eq!(requests.len(), 1, "{}", reply.text);
        check(&requests[0], &segment, &query, &header)
    });
    outcome.unwrap();
}

#[test]
fn what_cannot_stand_in_its_place_is_refused_and_reaches_nobody() {
    let (runtime, backend, _gateway, client) = set_up();
    let long = "../".repeat(1366);
    for (argument, value, refused) in [
        ("segment", "", true),
        ("segment", ".", true),
        ("segment", "..", true),
        ("segment", "a\0b", true),
        ("segment", "a\r\nb", true),
        ("segment", "a\u{85}b", true),
        ("segment", "../admin", false),
        ("segment", "..%2f", false),
        ("segment", "%2e%2e", false),
        ("segment", "...", false),
        ("segment", &long, false),
        ("query", "a\r\nb\0&c=d", false),
        ("header", "a\r\nX-Injected: 1", true),
        ("header", "a\nX-Injected: 1", true),
        ("header", "a\rb", true),
        ("header", "a\0b", true),
        ("header", "a\x7fb", true),
        ("header", "ä", true),
        ("header", "a\u{2028}b", true),
        ("header", " a", true),
        ("header", "a\t", true),
        ("header", "a b", false),
        ("header", "", false),
    ] {
        let mut arguments = json!({"segment": "s", "query": "q", "header": "h"});
        arguments[argument] = value.into();
        let text = |name: &str| arguments[name].as_str().unwrap().to_owned();
        let (segment, query, header) = (text("segment"), text("query"), text("header"));
        let reply = runtime.block_on(client.call("edge_placed", arguments));
        let requests = backend.take();
        assert_eq!(requests.is_empty(), refused, "{argument} {value:?}: {}", reply.text);
        if refused {
            let error = reply.tool_error();
            assert_eq!(error["error_code"], "VALIDATION_ERROR", "{value:?}");
            assert_eq!(error["problems"][0]["argument"], argument, "{value:?}");
        } else {
            check(&requests[0], &segment, &query, &header).unwrap();
        }
    }
}
