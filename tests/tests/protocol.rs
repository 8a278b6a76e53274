//! The protocol in both eras, request by request.

use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tests::gateway::Gateway;
use tests::recorder::Recorder;

const META: &str = "io.modelcontextprotocol/";

async fn gateway() -> (Gateway, Recorder, Client) {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let client = gateway.client();
    (gateway, backend, client)
}

fn code(reply: &Reply) -> i64 {
    reply
        .body
        .pointer("/error/code")
        .and_then(Value::as_i64)
        .unwrap_or_else(|| panic!("no error: {}", reply.text))
}

#[tokio::test]
async fn discover_tells_versions_capabilities_and_name() {
    let (_gateway, _backend, client) = gateway().await;
    let reply = client.modern("server/discover", json!({}), &[]).await;
    let result = reply.result();
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["supportedVersions"], json!(["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]));
    assert_eq!(result["capabilities"], json!({"tools": {}}));
    assert_eq!(result["_meta"][format!("{META}serverInfo")]["name"], "simple-gpt-mcp");
    assert!(result["ttlMs"].is_u64() && result["cacheScope"] == "private", "{result}");
}

#[tokio::test]
async fn an_older_client_gets_the_version_it_asks_for_or_the_newest_of_its_era() {
    let (_gateway, _backend, client) = gateway().await;
    for (asked, expected) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-03-26"),
        ("2024-11-05", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
    ] {
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let message = json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params});
        let reply = client.post(&message.to_string(), &[]).await;
        assert_eq!(reply.result()["protocolVersion"], expected, "{asked}");
        assert_eq!(reply.body["id"], "i");
        assert!(reply.headers.get("mcp-session-id").is_none(), "a session nobody keeps");
    }
}

#[tokio::test]
async fn an_older_client_is_spared_what_its_revision_does_not_know() {
    let (_gateway, _backend, client) = gateway().await;
    assert_eq!(*client.legacy("ping", json!({})).await.result(), json!({}));
    let list = client.legacy("tools/list", json!({})).await;
    assert!(list.result().get("resultType").is_none(), "{}", list.text);
    for (method, key) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        assert_eq!(client.legacy(method, json!({})).await.result()[key], json!([]), "{method}");
    }
    let unknown = client.legacy("no/such", json!({})).await;
    assert_eq!(
        (unknown.status, code(&unknown)),
        (200, -32601),
        "any other status would look like a lost session"
    );
}

#[tokio::test]
async fn notifications_are_taken_without_an_answer() {
    let (_gateway, _backend, client) = gateway().await;
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
    ] {
        let reply = client.post(body, &[]).await;
        assert_eq!((reply.status, reply.text.as_str()), (202, ""));
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_its_kind() {
    let (_gateway, _backend, client) = gateway().await;
    for (body, status, expected) in [
        ("{", 400, -32700),
        ("", 400, -32700),
        ("nonsense", 400, -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#, 400, -32700),
        ("[]", 400, -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, 400, -32600),
        (r#"["2.0",1,"ping"]"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":[]}}"#, 400, -32602),
        ("7", 400, -32600),
        (r#"{"id":1,"method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#, 400, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}"#, 400, -32602),
    ] {
        let reply = client.post(body, &[]).await;
        assert_eq!((reply.status, code(&reply)), (status, expected), "{body}");
    }
}

#[tokio::test]
async fn a_modern_request_needs_its_metadata() {
    let (_gateway, _backend, client) = gateway().await;
    let version = "2026-07-28";
    let headers = [("mcp-protocol-version", version), ("mcp-method", "tools/list")];
    for (meta, expected) in [
        (json!({}), -32602),
        (json!({format!("{META}clientCapabilities"): {}}), -32602),
        (json!({format!("{META}protocolVersion"): version}), -32602),
        (json!({format!("{META}protocolVersion"): version, format!("{META}clientCapabilities"): 7}), -32602),
        (
            json!({format!("{META}protocolVersion"): "2025-11-25", format!("{META}clientCapabilities"): {}}),
            -32020,
        ),
    ] {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
        let reply = client.post(&body.to_string(), &headers).await;
        assert_eq!((reply.status, code(&reply)), (400, expected), "{body}");
    }
}

#[tokio::test]
async fn headers_must_say_what_the_body_says() {
    let (_gateway, backend, client) = gateway().await;
    let meta =
        json!({format!("{META}protocolVersion"): "2026-07-28", format!("{META}clientCapabilities"): {}});
    let params = json!({"name": "memory_search", "arguments": {"query": "x"}, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": params}).to_string();
    let version = ("mcp-protocol-version", "2026-07-28");
    let method = ("mcp-method", "tools/call");
    for headers in [
        &[method, ("mcp-name", "memory_search")][..],
        &[version, ("mcp-name", "memory_search")],
        &[version, method],
        &[version, ("mcp-method", "tools/list"), ("mcp-name", "memory_search")],
        &[version, ("mcp-method", "Tools/Call"), ("mcp-name", "memory_search")],
        &[version, method, ("mcp-name", "memory_delete")],
        &[version, method, ("mcp-name", "memory.search")],
        &[version, method, ("mcp-name", "=?base64?!!!?=")],
        &[version, method, ("mcp-name", "memory_search"), ("mcp-name", "memory_delete")],
        &[version, version, method, ("mcp-name", "memory_search")],
        &[("mcp-protocol-version", "2025-11-25"), method, ("mcp-name", "memory_search")],
    ] {
        let reply = client.post(&body, headers).await;
        assert_eq!((reply.status, code(&reply)), (400, -32020), "{headers:?}");
        assert_eq!(reply.body["id"], 9);
    }
    assert!(backend.take().is_empty(), "a refused request reached the backend");
    let encoded = [version, method, ("mcp-name", "=?base64?bWVtb3J5X3NlYXJjaA==?=")];
    assert_eq!(client.post(&body, &encoded).await.status, 200);
}

#[tokio::test]
async fn an_unknown_version_is_told_which_ones_there_are() {
    let (_gateway, _backend, client) = gateway().await;
    let meta =
        json!({format!("{META}protocolVersion"): "2030-01-01", format!("{META}clientCapabilities"): {}});
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}).to_string();
    let modern =
        client.post(&body, &[("mcp-protocol-version", "2030-01-01"), ("mcp-method", "tools/list")]).await;
    let header = client
        .post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, &[("mcp-protocol-version", "1999-01-01")])
        .await;
    for (reply, requested) in [(modern, "2030-01-01"), (header, "1999-01-01")] {
        assert_eq!((reply.status, code(&reply)), (400, -32022));
        assert_eq!(reply.body["error"]["data"]["requested"], requested);
        assert_eq!(reply.body["error"]["data"]["supported"][0], "2026-07-28");
    }
}

#[tokio::test]
async fn methods_that_are_not_offered_do_not_exist_for_a_modern_client() {
    let (_gateway, _backend, client) = gateway().await;
    for method in
        ["ping", "initialize", "prompts/list", "resources/list", "subscriptions/listen", "logging/setLevel"]
    {
        let reply = client.modern(method, json!({}), &[]).await;
        assert_eq!((reply.status, code(&reply)), (404, -32601), "{method}");
    }
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_with_the_name_that_was_meant() {
    let (_gateway, backend, client) = gateway().await;
    let reply = client.call("memory_serch", json!({"query": "x"})).await;
    assert_eq!((reply.status, code(&reply)), (200, -32602));
    let message = reply.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("did you mean \"memory_search\"?"), "{message}");
    assert!(reply.body["error"]["data"]["correlation_id"].is_string());
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn a_list_is_the_same_bytes_each_time_and_after_a_restart() {
    let (first, backend, client) = gateway().await;
    let one = client.modern("tools/list", json!({}), &[]).await;
    let two = client.modern("tools/list", json!({}), &[]).await;
    assert_eq!(one.text, two.text);
    assert!(first.stop().await);
    let second = Gateway::before(backend.address()).await;
    assert_eq!(second.client().modern("tools/list", json!({}), &[]).await.text, one.text);
    let tools = one.result()["tools"].as_array().unwrap().clone();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(names.len(), simple_gpt_mcp::TOOLS.len());
    let bad_cursor = second.client().modern("tools/list", json!({"cursor": "x"}), &[]).await;
    assert_eq!(code(&bad_cursor), -32602);
}

#[tokio::test]
async fn pages_of_strangers_are_refused_by_host_and_origin() {
    let (gateway, _backend, client) = gateway().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let own = format!("http://{}", gateway.address());
    for (headers, expected) in [
        (&[("host", "localhost:9000")][..], 200),
        (&[("host", "[::1]:9000")], 200),
        (&[("origin", own.as_str())], 200),
        (&[("host", "evil.example.com")], 403),
        (&[("host", "127.0.0.1.evil.example.com")], 403),
        (&[("origin", "http://evil.example.com")], 403),
        (&[("origin", "http://localhost:1")], 403),
        (&[("origin", "null")], 403),
    ] {
        assert_eq!(client.post(ping, headers).await.status, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn health_readiness_and_discovery_have_pages() {
    let (_gateway, _backend, client) = gateway().await;
    assert_eq!(client.get("/health").await.body, json!({"status": "healthy"}));
    assert_eq!(client.get("/ready").await.status, 200);
    let discovery = client.get("/mcp/discovery").await;
    let listed = client.modern("tools/list", json!({}), &[]).await;
    assert_eq!(discovery.body["tools"], listed.result()["tools"]);
}
