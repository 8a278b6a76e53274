//! The whole line, agent to database: what the first user does, on a gateway before the real backend.

use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::{Gateway, config_text, product};
use tests::recorder::Recorder;

#[tokio::test]
async fn what_is_written_is_found_by_name_and_by_alias() {
    let gateway = Gateway::with_dev_backend().await;
    let client = gateway.client();
    let arguments =
        json!({"content": "Anna prefers calls before noon", "kind": "preference", "tags": ["anna"]});
    let written = client.call("memory.write", arguments).await;
    let id = written.content()["id"].clone();
    assert!(id.is_string(), "{}", written.text);
    for name in ["memory_search", "memory.search"] {
        let reply = client.call(name, json!({"query": "noon calls"})).await;
        assert_eq!(reply.content()["items"][0]["id"], id, "{name}: {}", reply.text);
        assert_eq!(reply.result()["_meta"]["tool"], "memory_search");
        let text: Value =
            serde_json::from_str(reply.result()["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, *reply.content(), "text and structured content differ");
    }
    assert!(gateway.stop().await);
}

#[tokio::test]
async fn a_deal_leaves_one_consistent_story() {
    let gateway = Gateway::with_dev_backend().await;
    let client = gateway.client();
    let contact = json!({"email": "Anna@Example.com", "first_name": "Anna", "company_name": "Example GmbH"});
    let refused = client.call("crm_upsert_contact", contact.clone()).await.tool_error();
    assert_eq!(refused["error_code"], "APPROVAL_REQUIRED");
    assert_eq!(refused["class"], "client");
    assert!(!refused["message"].as_str().unwrap().contains("user_approved"), "a refusal told the way around");

    let contact = approved(&client, "crm_upsert_contact", contact).await;
    let contact_id = contact["id"].as_str().expect("an id").to_owned();
    let again =
        approved(&client, "crm_upsert_contact", json!({"email": "anna@example.com", "phone": "+49 1"})).await;
    assert_eq!(again["id"], contact["id"], "the e-mail is one whatever its case");

    let deal = json!({"name": "Renewal 2027", "amount": 12000, "primary_contact_id": contact_id});
    let deal = approved(&client, "crm_create_deal", deal).await;
    let moved = json!({"opportunity_id": deal["id"], "stage": "proposal", "value": 12500.5});
    approved(&client, "crm_update_pipeline", moved).await;
    approved(&client, "crm_create_note", json!({"customer_id": contact_id, "text": "Sent the offer"})).await;

    let timeline =
        client.call("crm.get_timeline", json!({"entity_type": "contact", "entity_id": contact_id})).await;
    let story = timeline.content()["items"].to_string();
    for part in ["Renewal 2027", "roposal", "Sent the offer"] {
        assert!(story.contains(part), "{part} is missing: {story}");
    }
    let found = client.call("crm_search_customers", json!({"query": "anna"})).await;
    assert_eq!(found.content()["items"][0]["id"], contact["id"]);
}

async fn approved(client: &Client, tool: &str, mut arguments: Value) -> Value {
    arguments["user_approved"] = json!(true);
    client.call(tool, arguments).await.content().clone()
}

#[tokio::test]
async fn every_bad_argument_comes_back_at_once() {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let arguments = json!({"limit": "many", "inclde_archived": true, "tenant_id": 7});
    let error = gateway.client().call("memory_search", arguments).await.tool_error();
    assert_eq!(error["error_code"], "VALIDATION_ERROR");
    let problems = error["problems"].as_array().unwrap();
    let about: Vec<&str> = problems.iter().map(|problem| problem["argument"].as_str().unwrap()).collect();
    assert_eq!(about, ["tenant_id", "query", "limit", "inclde_archived"], "{error}");
    assert!(
        problems[3]["message"].as_str().unwrap().contains("did you mean \"include_archived\"?"),
        "{error}"
    );
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn the_context_reaches_the_backend_and_never_the_tool() {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let arguments = json!({
        "query": "x", "tenant_id": "default", "actor": "cli-dëbug", "actor_role": "Orchestrator", "user_approved": true,
    });
    let headers = [("x-correlation-id", "order-4711"), ("authorization", "Bearer client-secret")];
    let params = json!({"name": "memory.search", "arguments": arguments});
    let reply = gateway.client().modern("tools/call", params, &headers).await;
    assert_eq!(reply.result()["_meta"]["correlation_id"], "order-4711");
    assert_eq!(reply.headers["x-correlation-id"], "order-4711");
    let [request] = &backend.take()[..] else { panic!("one request expected") };
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/mcp/memory/search"));
    let expected = json!({
        "tenant_id": "default", "actor": "cli-dëbug", "actor_role": "Orchestrator", "correlation_id": "order-4711",
        "user_approved": true, "query": "x", "limit": 20, "include_archived": false,
    });
    assert_eq!(request.body, expected);
    assert_eq!(request.header("x-tenant-id"), "default");
    assert_eq!(request.header("x-actor"), "cli-d%C3%ABbug");
    assert_eq!(request.header("x-actor-role"), "Orchestrator");
    assert_eq!(request.header("x-correlation-id"), "order-4711");
    assert!(request.header("traceparent").starts_with("00-"));
    assert_eq!(request.header("authorization"), "", "the client's credential was passed on");
}

#[tokio::test]
async fn a_read_by_get_carries_no_body_and_its_context_in_headers() {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    gateway.client().call("memory_telemetry", json!({"window_minutes": 5})).await.content();
    let [request] = &backend.take()[..] else { panic!("one request expected") };
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("GET", "/mcp/memory/telemetry?window_minutes=5")
    );
    assert_eq!(request.body, Value::Null);
    assert_eq!(request.header("x-tenant-id"), "default");
}

#[tokio::test]
async fn roles_hold_for_who_names_one_and_an_unknown_tenant_gets_nothing() {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let client = gateway.client();
    for (tool, mut arguments, role, allowed) in [
        ("memory_search", json!({"query": "x"}), "Agent", true),
        ("memory_search", json!({"query": "x"}), "agent", false),
        ("memory_search", json!({"query": "x"}), "User-Agent", false),
        ("memory.search", json!({"query": "x"}), "User-Agent", false),
        ("crm_upsert_contact", json!({"email": "a@b.co", "user_approved": true}), "Admin", true),
    ] {
        arguments["actor_role"] = json!(role);
        let reply = client.call(tool, arguments).await;
        if allowed {
            reply.content();
        } else {
            assert_eq!(reply.tool_error()["error_code"], "PERMISSION_DENIED", "{tool} {role}");
        }
    }
    assert_eq!(backend.take().len(), 2, "a refused call reached the backend, or an allowed one did not");
    let foreign = client.call("memory_search", json!({"query": "x", "tenant_id": "other"})).await;
    assert_eq!(foreign.tool_error()["error_code"], "PERMISSION_DENIED");
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn a_backend_that_fails_is_told_apart_without_its_words() {
    let backend = Recorder::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let client = gateway.client();
    for (status, body, code) in [
        (404, r#"{"error":"secret-canary"}"#, "BACKEND_ERROR"),
        (500, "secret-canary", "BACKEND_ERROR"),
        (302, "", "BACKEND_ERROR"),
        (200, "<html>secret-canary</html>", "BACKEND_ERROR"),
        (200, "", "BACKEND_ERROR"),
        (200, "\u{feff}{}", "BACKEND_ERROR"),
        (200, "{\"a\":", "BACKEND_ERROR"),
    ] {
        backend.answer_with(status, body);
        let reply = client.call("memory_search", json!({"query": "x"})).await;
        let error = reply.tool_error();
        assert_eq!(error["error_code"], code, "{status} {body}");
        assert_eq!(error["status"], status, "{error}");
        assert!(error["correlation_id"].is_string());
        let port = backend.address().port().to_string();
        assert!(!reply.text.contains("secret-canary") && !reply.text.contains(&port), "{}", reply.text);
        assert!(reply.result().get("structuredContent").is_none());
    }
    backend.answer_with(200, "[1,2]");
    assert_eq!(
        *client.call("memory_search", json!({"query": "x"})).await.content(),
        json!({"result": [1, 2]})
    );
    backend.answer_with(200, r#"{"big":12345678901234567890123,"same":"1e2","exp":1e2}"#);
    let reply = client.call("memory_search", json!({"query": "x"})).await;
    assert!(
        reply.text.contains(r#""structuredContent":{"big":12345678901234567890123,"#),
        "digits were lost"
    );
}

#[tokio::test]
async fn a_backend_that_is_away_or_not_set_up_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::before(free).await;
    let error = gateway.client().call("memory_search", json!({"query": "x"})).await.tool_error();
    assert_eq!(
        (error["error_code"].as_str(), error["class"].as_str()),
        (Some("BACKEND_UNAVAILABLE"), Some("server"))
    );

    let all = config_text(free, "");
    let without_crm: String = all.split_inclusive('\n').filter(|line| !line.contains(" crm:")).collect();
    let gateway = Gateway::with_config(&product(), &without_crm).await;
    let client = gateway.client();
    let error = client.call("crm_lookup_customer", json!({"customer_id": "con_1"})).await.tool_error();
    assert_eq!(error["error_code"], "BACKEND_UNAVAILABLE");
    let listed = client.modern("tools/list", json!({}), &[]).await;
    assert!(!listed.text.contains("crm_lookup_customer"), "a tool without a service is listed");
}
