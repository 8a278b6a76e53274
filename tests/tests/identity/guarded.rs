//! Tools that are kept for certain roles, such as those of administrators and of data protection: each call is on
//! record before it is made, and what it found is kept by nobody.

use std::collections::BTreeMap;

use runtime::{Effect, Roles};
use serde_json::{Value, json};
use tests::recorder::Recorder;

use super::{calls, config, serve};

#[tokio::test]
async fn a_call_is_on_record_before_it_is_made() {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("audit.log");
    let backend = Recorder::start().await;
    let text = config(&[("default", backend.address())], "", "");
    let gateway = serve(&format!("{text}audit: {{path: '{}'}}\n", path.display())).await;
    let client = gateway.client();
    for (spec, arguments) in calls() {
        client.call(spec.name, arguments).await;
    }
    let log = std::fs::read_to_string(&path).unwrap();
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if let Some(tool) = line["tool"].as_str() {
            kinds.entry(tool.to_owned()).or_default().push(line["kind"].as_str().unwrap().to_owned());
        }
    }
    for (spec, _) in calls() {
        let announced = spec.effect != Effect::Read || spec.roles != Roles::Default;
        let expected: &[&str] = if announced { &["intent", "outcome"] } else { &["outcome"] };
        assert_eq!(kinds[spec.name], expected, "{}", spec.name);
    }
    assert_eq!(kinds["crm_gdpr_export_contact_data"].len(), 2);
}

#[tokio::test]
async fn an_export_of_personal_data_is_never_answered_from_memory() {
    let backend = Recorder::start().await;
    let gateway = serve(&config(&[("default", backend.address())], "", "")).await;
    for number in 0..2 {
        backend.answer_with(200, &format!(r#"{{"number": {number}}}"#));
        let arguments = json!({"email": "anna@example.com"});
        let call = json!({
            "name": "crm_gdpr_export_contact_data", "arguments": arguments, "_meta": {"idempotencyKey": "one"},
        });
        let reply = gateway.client().modern("tools/call", call, &[]).await;
        assert_eq!(reply.content()["number"], number);
    }
    assert_eq!(backend.take().len(), 2);
}
