//! The audit log as auditors and attackers see it: complete, in order, without secrets, and not to be bent.

mod disk;
mod ledger;
mod mutation;
mod refusal;
mod secret;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use runtime::Limits;
use serde_json::{Value, json};
use tests::gateway::{Gateway, config_text, product};
use tests::recorder::Recorder;
use tokio::task::JoinSet;

use ledger::{Ledger, count, of};

const CONTACT: &str = "crm.upsert_contact";

fn contact() -> Value {
    json!({"email": "anna@example.com", "user_approved": true})
}

#[tokio::test]
async fn a_change_has_one_intent_and_one_outcome_and_all_else_one_outcome() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    let client = gateway.client();
    // What is called, and what must be said of it: whether there is an intent, and how it ended.
    let calls = [
        ("memory_search", json!({"query": "x"}), false, "ok"),
        (CONTACT, contact(), true, "ok"),
        (CONTACT, json!({"email": "anna@example.com"}), false, "APPROVAL_REQUIRED"),
        (CONTACT, json!({"email": 5}), false, "VALIDATION_ERROR"),
        (CONTACT, json!({"email": "a@example.com", "actor_role": "Nobody"}), false, "PERMISSION_DENIED"),
        (CONTACT, json!({"email": "a@example.com", "tenant_id": "nobody"}), false, "PERMISSION_DENIED"),
        ("no_such_tool", json!({}), false, "unknown_tool"),
    ];
    for (index, (tool, arguments, changes, code)) in calls.iter().enumerate() {
        let id = format!("call-number-{index}");
        let params = json!({"name": tool, "arguments": arguments});
        client.modern("tools/call", params, &[("x-correlation-id", &id)]).await;
        // The answer is here, so its outcome has to be there.
        let lines = of(&ledger.lines(), &id);
        let kinds: Vec<&Value> = lines.iter().map(|line| &line["kind"]).collect();
        let expected: &[&str] = if *changes { &["intent", "outcome"] } else { &["outcome"] };
        assert_eq!(kinds, expected, "{tool} {arguments}");
        let outcome = lines.last().unwrap();
        assert_eq!((&outcome["code"], &outcome["called_as"]), (&json!(code), &json!(tool)));
        assert_eq!(outcome["intent"], if *changes { lines[0]["seq"].clone() } else { Value::Null });
    }
    backend.answer_with(422, r#"{"error": "no"}"#);
    client
        .modern(
            "tools/call",
            json!({"name": CONTACT, "arguments": contact()}),
            &[("x-correlation-id", "call-refused")],
        )
        .await;
    let lines = of(&ledger.lines(), "call-refused");
    assert_eq!(
        (lines.len(), &lines[1]["code"], &lines[1]["backend_status"]),
        (2, &json!("BACKEND_ERROR"), &json!(422))
    );
    assert!(gateway.stop().await);
    let report = ledger.report();
    assert!(report.faults.is_empty() && report.tail_proven && report.open_intents.is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_record_says_who_called_what_how_and_from_where() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    let arguments =
        json!({"email": "anna@example.com", "user_approved": true, "actor": "anna", "actor_role": "Agent"});
    let params = json!({"name": CONTACT, "arguments": arguments});
    gateway.client().modern("tools/call", params, &[("x-correlation-id", "call-whole")]).await;
    let lines = of(&ledger.lines(), "call-whole");
    for line in &lines {
        for (key, value) in [
            ("v", json!(1)),
            ("tenant", json!("default")),
            ("actor", json!("anna")),
            ("roles", json!(["Agent"])),
            ("tool", json!("crm_upsert_contact")),
            ("called_as", json!(CONTACT)),
            ("effect", json!("write")),
            ("client", json!("127.0.0.1")),
            ("credential", Value::Null),
            ("arguments", json!({"email": "anna@example.com"})),
        ] {
            assert_eq!(line[key], value, "{key} of {line}");
        }
        for key in ["manifest_hash", "arguments_sha256", "prev", "hash"] {
            assert_eq!(line[key].as_str().map(str::len), Some(64), "{key} of {line}");
        }
        assert!(line["time"].as_str().unwrap().ends_with('Z') && line["mono_ms"].is_number(), "{line}");
    }
    assert_eq!(lines[1]["backend_status"], 200);
    assert!(lines[1]["backend_ms"].as_f64() <= lines[1]["duration_ms"].as_f64(), "{}", lines[1]);
    assert_eq!(lines[0]["manifest_hash"], lines[1]["manifest_hash"]);
}

#[tokio::test]
async fn the_intent_is_in_the_file_before_the_backend_is_called() {
    let ledger = Ledger::new();
    let seen: Arc<Mutex<Vec<usize>>> = Arc::default();
    let path: PathBuf = ledger.path();
    let record = {
        let seen = Arc::clone(&seen);
        move |request: Request| async move {
            let id = request.headers()["x-correlation-id"].to_str().unwrap().to_owned();
            let lines: Vec<Value> = ledger::read(&path);
            seen.lock().unwrap().push(count(&of(&lines, &id), "intent"));
            axum::Json(json!({"ok": true}))
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(record)).await });
    let gateway = ledger.gateway(address, "").await;
    for _ in 0..5 {
        gateway.client().call(CONTACT, contact()).await.content();
    }
    assert_eq!(*seen.lock().unwrap(), [1; 5]);
}

#[tokio::test]
async fn a_hundred_calls_of_one_key_are_one_change_and_a_hundred_outcomes() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    let client = gateway.client();
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let client = client.clone();
        let params = json!({"name": CONTACT, "arguments": contact(), "_meta": {"idempotencyKey": "once"}});
        calls.spawn(async move { client.modern("tools/call", params, &[]).await });
    }
    calls.join_all().await.iter().for_each(|reply| assert_eq!(reply.content()["ok"], true));
    let lines = ledger.lines();
    assert_eq!((backend.take().len(), count(&lines, "intent"), count(&lines, "outcome")), (1, 1, 100));
}

#[tokio::test]
async fn decisions_on_approvals_are_recorded_taken_or_not() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "security: {approval: {mode: human}}\n").await;
    let token = gateway.approver_token().unwrap().to_owned();
    let client = gateway.client();
    let asked = client.call(CONTACT, json!({"email": "anna@example.com"})).await.tool_error();
    let id = asked["approval_id"].as_str().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let decide = async |id: &str, action: &str| {
        let url = format!("http://{}/approvals/{id}/{action}", gateway.address());
        http.post(url).bearer_auth(&token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(decide(id, "approve").await, 200);
    assert_eq!(decide(id, "deny").await, 409);
    assert_eq!(decide("apr_none", "deny").await, 404);
    client.call(CONTACT, json!({"email": "anna@example.com"})).await.content();
    let lines = ledger.lines();
    let decisions: Vec<_> = lines
        .iter()
        .filter(|line| line["kind"] == "decision")
        .map(|line| (line["decision"].clone(), line["code"].clone(), line["approval_id"].clone()))
        .collect();
    assert_eq!(
        decisions,
        [
            (json!("approve"), json!("ok"), json!(id)),
            (json!("deny"), json!("already_decided"), json!(id)),
            (json!("deny"), json!("unknown"), json!("apr_none")),
        ]
    );
    let used = lines.iter().filter(|line| line["kind"] != "decision" && line["approval_id"] == id).count();
    assert_eq!(used, 2, "intent and outcome name the approval that they used");
}

#[tokio::test]
async fn a_call_whose_client_goes_away_has_its_outcome_all_the_same() {
    let ledger = Ledger::new();
    let mut backend = crate::edge::holding::Holding::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    for (tool, arguments) in [("memory_search", json!({"query": "x"})), (CONTACT, contact())] {
        let client = gateway.client();
        let call = tokio::spawn(async move { client.call(tool, arguments).await });
        let held = backend.next().await;
        call.abort();
        assert!(call.await.is_err());
        // The read is given up; the change goes on and gets its answer.
        if tool == CONTACT {
            held.answer().await;
        }
    }
    assert!(gateway.stop().await);
    let lines = ledger.lines();
    let codes: Vec<&Value> =
        lines.iter().filter(|line| line["kind"] == "outcome").map(|line| &line["code"]).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&&json!("cancelled")) && codes.contains(&&json!("ok")), "{codes:?}");
    assert!(ledger.report().open_intents.is_empty());
}

#[tokio::test]
async fn calls_that_a_stopping_server_cuts_off_are_recorded_as_aborted() {
    let ledger = Ledger::new();
    let mut backend = crate::edge::holding::Holding::start().await;
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let gateway = Gateway::within(&product(), &ledger.config(backend.address(), ""), limits).await;
    let mut held = Vec::new();
    for (tool, arguments) in [("memory_search", json!({"query": "x"})), (CONTACT, contact())] {
        let client = gateway.client();
        // What its client is told, if anything, is not looked at.
        tokio::spawn(async move { client.call(tool, arguments).await });
        held.push(backend.next().await);
    }
    assert!(!gateway.stop().await);
    let codes: Vec<Value> = ledger
        .lines()
        .iter()
        .filter(|line| line["kind"] == "outcome")
        .map(|line| line["code"].clone())
        .collect();
    assert_eq!(codes, [json!("aborted"), json!("aborted")]);
    let report = ledger.report();
    assert!(report.faults.is_empty() && report.tail_proven && report.open_intents.is_empty(), "{report:?}");
}

#[tokio::test]
async fn whatever_callers_write_is_one_line_without_a_raw_control_character() {
    const HOSTILE: &str = "a\nb\r\u{1b}[31m\u{85}\u{2028}\u{2029}\u{202e}\u{200b}\u{feff}\"}";
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let gateway = ledger.gateway(backend.address(), "").await;
    let client = gateway.client();
    client.legacy("tools/call", json!({"name": HOSTILE, "arguments": {HOSTILE: HOSTILE}})).await;
    client
        .legacy("tools/call", json!({"name": "memory_search", "arguments": {"query": HOSTILE, HOSTILE: 1}}))
        .await;
    client
        .legacy("tools/call", json!({"name": "memory_search", "arguments": {"query": "x", "actor": HOSTILE}}))
        .await;
    assert!(gateway.stop().await);
    let text = std::fs::read_to_string(ledger.path()).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    let raw = text.chars().filter(|c| {
        (c.is_control() && *c != '\n') || "\u{2028}\u{2029}\u{202e}\u{200b}\u{feff}".contains(*c)
    });
    assert_eq!(raw.count(), 0, "{text}");
    assert_eq!(ledger.lines()[1]["called_as"], HOSTILE, "it reads back as it was sent");
    assert!(ledger.report().faults.is_empty());
}

#[tokio::test]
async fn without_a_section_a_server_in_a_process_of_others_keeps_no_log() {
    let backend = Recorder::start().await;
    let gateway = Gateway::with_config(&product(), &config_text(backend.address(), "")).await;
    gateway.client().call(CONTACT, contact()).await.content();
    assert!(!std::path::Path::new("logs").exists());
}
