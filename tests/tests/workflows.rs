//! The workflow tools on the real backend: what they answer is what their manifests say.

use serde_json::{Value, json};
use tests::gateway::Gateway;

#[tokio::test]
async fn every_turn_answers_as_its_manifest_says() {
    let gateway = Gateway::with_dev_backend().await;
    let client = gateway.client();
    let tools = simple_gpt_mcp::TOOLS.iter().filter(|tool| tool.spec().name.ends_with("_workflow"));
    let mut called = Vec::new();
    for tool in tools {
        let name = tool.spec().name;
        let output = tool.output_schema().unwrap();
        let mut thread = Value::Null;
        for (number, example) in tool.spec().examples.iter().enumerate() {
            let mut arguments: Value = serde_json::from_str(example).unwrap();
            // A thread has the id that its first turn was given.
            if arguments.get("thread_id").is_some() {
                arguments["thread_id"] = thread.clone();
            }
            let reply = client.call(name, arguments).await;
            let content = reply.content();
            assert!(jsonschema::is_valid(&output, content), "{name}: {content}");
            assert_eq!(
                (&content["turn"], &content["made_by"]),
                (&json!(number + 1), &json!("rules")),
                "{name}"
            );
            thread = content["thread_id"].clone();
        }
        called.push(name);
    }
    let services = ["backoffice", "marketing", "onboarding", "support", "website"];
    assert_eq!(called, services.map(|service| format!("{service}_workflow")));
}
