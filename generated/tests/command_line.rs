//! The binary as a user runs it: serve, call, stop, and again on the same data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up should fail where it stands"
)]

#[path = "support/client.rs"]
mod client;
#[path = "support/serving.rs"]
mod serving;

use std::path::Path;
use std::process::Output;

use serde_json::{Map, Value, json};

use client::run;
use serving::{Serving, binary, folder};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:?}"))
}

#[test]
fn what_is_written_survives_a_restart() {
    let folder = folder();
    let serving = Serving::start(folder.path());
    let written =
        run(&serving, &["call", "memory_write", r#"{"content": "Anna prefers calls before noon"}"#]);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    let health = run(&serving, &["health", "--json"]);
    assert_eq!((health.status.code(), &json(&health)["ok"]), (Some(0), &Value::Bool(true)));
    assert_eq!(serving.stop(), Some(0));

    let serving = Serving::start(folder.path());
    let found = run(&serving, &["call", "memory.search", r#"{"query": "noon"}"#]);
    assert_eq!(json(&found)["items"][0]["content"], "Anna prefers calls before noon");
}

#[test]
fn a_write_is_refused_until_it_is_approved() {
    let folder = folder();
    let serving = Serving::start(folder.path());
    let contact = r#"{"email": "anna@example.com"}"#;
    let refused = run(&serving, &["call", "crm_upsert_contact", contact]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("APPROVAL_REQUIRED"), "{refused:?}");
    let done = run(&serving, &["call", "crm_upsert_contact", contact, "--approve"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert_eq!(json(&done)["email"], "anna@example.com");
}

#[test]
fn tools_are_listed_and_found_by_words() {
    let folder = folder();
    let serving = Serving::start(folder.path());
    let tools = run(&serving, &["tools"]);
    assert_eq!(String::from_utf8_lossy(&tools.stdout).lines().count(), simple_gpt_mcp::TOOLS.len());
    let found = run(&serving, &["discover", "FETCH", "page"]);
    assert!(String::from_utf8_lossy(&found.stdout).contains("website_fetch - "), "{found:?}");
    assert_eq!(run(&serving, &["discover", "no-such-word"]).status.code(), Some(1));
}

#[test]
fn a_dry_run_prints_the_request_with_secrets_masked_and_sends_nothing() {
    let folder = folder();
    let config = folder.path().join("config/server.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    let crm = text.lines().find(|line| line.trim_start().starts_with("crm:")).unwrap();
    let url = crm.trim_start().trim_start_matches("crm: ");
    let headers = format!("      crm: {{url: '{url}', headers: {{authorization: 'Bearer ${{CRM_TOKEN}}'}}}}");
    std::fs::write(&config, text.replace(crm, &headers)).unwrap();
    let arguments = r#"{"name": "orders", "endpoint_url": "https://hooks.example.com/in", "secret": "canary-secret-canary"}"#;
    let output = binary(folder.path())
        .env("CRM_TOKEN", "canary-token")
        .args(["call", "crm.webhook_create", arguments, "--dry-run"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text.starts_with("POST http://127.0.0.1:"), "{text}");
    assert!(text.contains("/mcp/crm/webhook_create\n") && text.contains("x-tenant-id: default\n"), "{text}");
    assert!(text.contains("authorization: ***\n") && text.contains("\"secret\": \"***\""), "{text}");
    assert!(!text.contains("canary"), "a secret was printed: {text}");
}

#[test]
fn a_bad_configuration_is_reported_in_full_and_nothing_starts() {
    let folder = folder();
    std::fs::write(folder.path().join("config/server.yaml"), "server: {prot: 1}\ntenants: {a: {}}\n")
        .unwrap();
    for arguments in [&["check-config"][..], &["serve"], &[]] {
        let output = binary(folder.path()).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        for expected in
            ["config/server.yaml:1:10: unknown key `prot`", "config/server.yaml:2:11: `tenants.a` lacks"]
        {
            assert!(text.contains(expected), "{text}");
        }
    }
    let missing = binary(folder.path()).args(["check-config", "--config", "no.yaml"]).output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot read the configuration no.yaml"));
}

#[test]
fn check_config_shows_what_is_looser_than_the_manifests_and_what_is_left_to_trust() {
    let folder = folder();
    let path = folder.path().join("config/server.yaml");
    let quick_start = std::fs::read_to_string(&path).unwrap();
    let roles = "default_allowed_roles: [Admin, Orchestrator, CRM-Supervisor, Agent]";
    let rules =
        "tools: {crm_create_deal: {approval: none}, crm_create_api_key: {allowed_roles: [Admin, Agent]}}";
    let token =
        format!("auth: {{tokens: [{{name: n, sha256: {}, tenant: default, actor: a}}]}}", "ab".repeat(32));
    let loose =
        quick_start.replace(roles, &format!("{roles}\n  {rules}\n  auth: {{allow_unauthenticated: true}}"));
    let (open, http) =
        ("left to trust: nobody has to show who they are", "left to trust: clients come over plain HTTP");
    for (text, shown, hidden) in [
        (quick_start.clone(), vec![open], vec!["looser", http]),
        (
            loose.replace("host: 127.0.0.1", "host: 0.0.0.0"),
            vec![
                "looser than its manifest: crm_create_deal needs no approval",
                "looser than its manifest: crm_create_api_key may also be called as Agent",
                "left to trust: other machines reach this server",
                http,
            ],
            vec![],
        ),
        (quick_start.replace(roles, &format!("{roles}\n  {token}")), vec![], vec!["left to trust", "looser"]),
        (
            quick_start.replace(roles, &format!("{roles}\n  {token}\n  approval: {{mode: argument}}")),
            vec!["looser than its manifest: callers approve their own calls"],
            vec!["left to trust"],
        ),
    ] {
        std::fs::write(&path, &text).unwrap();
        let output = binary(folder.path()).args(["check-config"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}\n{output:?}");
        assert!(shown.iter().all(|line| told.contains(line)), "{told}");
        assert!(!hidden.iter().any(|line| told.contains(line)), "{told}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let output = binary(Path::new(".")).args(["call"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(binary(Path::new(".")).args(["no-such-command"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn onboarding_reads_no_site_of_the_machine_itself() {
    let folder = folder();
    let serving = Serving::start(folder.path());
    let say = |message: &str, confirm_fetch: bool| {
        let arguments = json!({"session_id": "s", "message": message, "confirm_fetch": confirm_fetch});
        json(&run(&serving, &["call", "onboarding_workflow", &arguments.to_string()]))
    };
    say("Velo", false);
    let asked = say("http://127.0.0.1/", false);
    assert_eq!((&asked["step"], &asked["needs_confirmation"]), (&json!("confirm"), &json!(true)), "{asked}");
    let refused = say("yes", true);
    assert_eq!(
        (&refused["step"], &refused["known"]["website_reading"]),
        (&json!("contact"), &json!("failed"))
    );
    let problem = refused["known"]["website_problem"].as_str().unwrap();
    assert_eq!(problem, "the host's address is not a public one", "the runtime's fetcher decides");
    assert_eq!(say("skip", false)["step"], "done");
}

/// What the gateway adds to every body of a request.
const CONTEXT: [&str; 5] = ["tenant_id", "actor", "actor_role", "correlation_id", "user_approved"];

/// A request as both print it: method, path and query, and the body.
#[derive(Debug, PartialEq)]
struct Printed {
    line: String,
    body: Option<Value>,
}

#[test]
fn every_example_is_sent_as_manifest_show_prints_it() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
    let checked = codegen::check_dir(&manifests).expect("sound manifests");
    let folder = folder();
    let mut compared = 0;
    for tool in simple_gpt_mcp::TOOLS {
        let (name, examples) = (tool.spec().name, tool.spec().examples);
        let shown = checked.example_requests(name).expect("a tool of the manifests");
        for (example, (line, body)) in examples.iter().zip(shown) {
            let output = binary(folder.path()).args(["call", name, example, "--dry-run"]).output().unwrap();
            assert!(output.status.success(), "{name} {example}: {output:?}");
            let sent = printed_request(&String::from_utf8(output.stdout).unwrap());
            let body = body.map(|body| masked_as_in(&body, sent.body.as_ref().unwrap_or(&Value::Null)));
            assert_eq!(sent, Printed { line, body }, "{name} {example}");
            compared += 1;
        }
    }
    assert!(compared > 50, "only {compared} examples were compared");
}

/// Reads what `call --dry-run` prints, without the prefix of the service and without the context.
fn printed_request(text: &str) -> Printed {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let (method, url) = head.lines().next().unwrap().split_once(' ').unwrap();
    let path = url.splitn(4, '/').last().unwrap();
    // Services stand at `/mcp/<name>` or `/<name>`.
    let path = path.strip_prefix("mcp/").unwrap_or(path);
    let (_, path) = path.split_once('/').unwrap();
    let body = serde_json::from_str::<Map<String, Value>>(body).ok().map(|mut body| {
        body.retain(|name, _| !CONTEXT.contains(&name.as_str()));
        Value::Object(body)
    });
    Printed { line: format!("{method} /{path}"), body }
}

/// A value that hides what the other one hides.
fn masked_as_in(value: &Value, other: &Value) -> Value {
    match (value, other) {
        (Value::String(_), Value::String(hidden)) if hidden == "***" => other.clone(),
        (Value::Object(members), _) => {
            let masked =
                members.iter().map(|(name, value)| (name.clone(), masked_as_in(value, &other[name])));
            Value::Object(masked.collect())
        }
        _ => value.clone(),
    }
}
