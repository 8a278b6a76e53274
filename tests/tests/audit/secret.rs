//! Secrets are planted wherever a caller, an operator or a backend can put one, and looked for in every line.

use std::fs;

use serde_json::json;
use tests::gateway::{Gateway, config_text, product};
use tests::recorder::Recorder;

use super::ledger::Ledger;

const CANARY: &str = "canary7f3a9c";

#[tokio::test]
async fn planted_secrets_appear_in_no_line() {
    let ledger = Ledger::new();
    let backend = Recorder::start().await;
    let text = config_text(backend.address(), &format!("audit: {{path: '{}'}}\n", ledger.path().display()));
    let crm = format!("crm: http://{}/mcp/crm", backend.address());
    let with_header = format!(
        "crm: {{url: 'http://{}/mcp/crm', headers: {{authorization: 'Bearer {CANARY}'}}}}",
        backend.address()
    );
    let gateway = Gateway::with_config(&product(), &text.replace(&crm, &with_header)).await;
    let client = gateway.client();
    let headers = [("authorization", CANARY), ("cookie", CANARY), ("x-api-key", CANARY), ("x-actor", CANARY)];
    let hook = |more: serde_json::Value| {
        let mut arguments =
            json!({"name": "n", "endpoint_url": "https://hooks.example.com/in", "user_approved": true});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let long = format!("{CANARY}-{CANARY}");
    for (tool, arguments) in [
        // Where the manifest says so, as it should be, of the wrong type, and too short to be accepted.
        ("crm_webhook_create", hook(json!({"secret": long}))),
        ("crm_webhook_create", hook(json!({"secret": {"value": CANARY}}))),
        ("crm_webhook_create", hook(json!({"secret": [CANARY]}))),
        ("crm_webhook_create", hook(json!({"secret": CANARY}))),
        // Misspelled, so that nothing says what it is; as a name; and by a name that gives it away.
        ("crm_webhook_create", hook(json!({"secrt": CANARY, "Secret": CANARY}))),
        ("memory_search", json!({"query": "x", "password": CANARY, "filters": {"api_key": CANARY}})),
        // In a URL.
        (
            "crm_webhook_create",
            hook(json!({"endpoint_url": format!("https://h.example.com/in?key={CANARY}")})),
        ),
        ("crm_webhook_create", hook(json!({"endpoint_url": format!("https://u:{CANARY}@h.example.com/in")}))),
        ("website_fetch", json!({"url": format!("https://h.invalid/?token={CANARY}")})),
        // As the arguments themselves.
        ("memory_search", json!([CANARY])),
        ("memory_search", json!(CANARY)),
    ] {
        client.modern("tools/call", json!({"name": tool, "arguments": arguments}), &headers).await;
    }
    // A backend that tells too much, as a success and as a failure.
    for status in [200, 400, 500] {
        backend.answer_with(status, &format!(r#"{{"error": "{CANARY}", "url": "http://x/?{CANARY}"}}"#));
        client
            .modern("tools/call", json!({"name": "memory_search", "arguments": {"query": "x"}}), &headers)
            .await;
    }
    backend.answer_with(200, CANARY);
    client
        .modern("tools/call", json!({"name": "memory_search", "arguments": {"query": "x"}}), &headers)
        .await;
    assert!(gateway.stop().await);
    assert!(ledger.lines().len() > 15, "everything was recorded");
    for entry in fs::read_dir(ledger.path().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let leaks: Vec<&str> = text.lines().filter(|line| line.contains(CANARY)).collect();
        assert!(leaks.is_empty(), "{}: {leaks:#?}", path.display());
    }
}
