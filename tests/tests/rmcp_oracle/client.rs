//! rmcp's client before our gateway, in both eras and left to find out for itself.

use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig, JsonObject, ProtocolVersion};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::{Value, json};
use tests::gateway::Gateway;

type Client = RunningService<RoleClient, ClientConfig>;

async fn connect(gateway: &Gateway, mode: ClientLifecycleMode) -> Client {
    let transport = StreamableHttpClientTransport::from_uri(format!("http://{}/mcp", gateway.address()));
    ClientConfig::default().serve_with_lifecycle(transport, mode).await.expect("a connection")
}

fn modes() -> [(&'static str, ClientLifecycleMode); 3] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    let auto = ClientLifecycleMode::Auto {
        preferred_versions: preferred_versions.clone(),
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    };
    [
        ("2026-07-28", ClientLifecycleMode::Discover { preferred_versions }),
        ("2025-11-25", ClientLifecycleMode::Initialize),
        ("2026-07-28", auto),
    ]
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> CallToolResult {
    let Value::Object(arguments): Value = arguments else { panic!("no object: {arguments}") };
    let arguments: JsonObject = arguments;
    client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.expect("an answer")
}

#[tokio::test]
async fn its_client_lists_all_tools_and_works_with_memory() {
    let gateway = Gateway::with_dev_backend().await;
    for (version, mode) in modes() {
        let client = connect(&gateway, mode.clone()).await;
        let negotiated = client.peer_info().expect("what the server is").protocol_version.to_string();
        assert_eq!(negotiated, version, "{mode:?}");
        let tools = client.list_all_tools().await.expect("a list");
        let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
        let expected: Vec<&str> = simple_gpt_mcp::TOOLS.iter().map(|tool| tool.spec().name).collect();
        assert_eq!(names, expected, "{mode:?}");

        let word = format!("rmcp{}", version.replace('-', ""));
        let written = call(&client, "memory_write", json!({"content": format!("{word} was here")})).await;
        let id = written.structured_content.expect("an entry")["id"].clone();
        assert!(id.is_string());
        for name in ["memory_search", "memory.search"] {
            let found = call(&client, name, json!({"query": word})).await;
            assert_ne!(found.is_error, Some(true), "{found:?}");
            let items = found.structured_content.expect("a page")["items"].clone();
            assert!(items.as_array().unwrap().iter().any(|item| item["id"] == id), "{name}: {items}");
        }
        let refused = call(&client, "memory_search", json!({"limit": 0})).await;
        assert_eq!(refused.is_error, Some(true));
        let unknown = client.call_tool(CallToolRequestParams::new("memory_serch")).await;
        assert!(unknown.is_err(), "an unknown tool answered: {unknown:?}");
        client.cancel().await.expect("an end");
    }
    assert!(gateway.stop().await);
}
