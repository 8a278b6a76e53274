//! What the gateway tells of itself: of the caller's own tenant and tools, and of nothing else.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::Gateway;
use tests::recorder::Recorder;

use super::{Fixed, calls, code, config, names, serve, token_section};

const TOOLS: [&str; 3] = ["observability_metrics", "observability_health", "observability_discovery"];

/// A caller of each tenant, and one more of red with less to say.
const CALLERS: [Fixed<'_>; 3] = [
    Fixed { token: "red", tenant: "red", actor: "ann", roles: &["Admin"] },
    Fixed { token: "red agent", tenant: "red", actor: "bob", roles: &["Agent"] },
    Fixed { token: "blue", tenant: "blue", actor: "ann", roles: &["Admin"] },
];

async fn gateway(red: SocketAddr, blue: SocketAddr, approval: &str) -> Gateway {
    let text = config(&[("red", red), ("blue", blue)], "", &token_section(&CALLERS));
    serve(&text.replace("approval: {mode: argument}", &format!("approval: {{mode: {approval}}}"))).await
}

/// The answer of one of the tools, which is as its manifest says.
async fn told(client: &Client, tool: &str, arguments: Value) -> Value {
    let content = client.call(tool, arguments).await.content().clone();
    let tool =
        simple_gpt_mcp::TOOLS.iter().find(|known| names(known.spec()).any(|name| name == tool)).unwrap();
    assert!(jsonschema::is_valid(&tool.output_schema().unwrap(), &content), "{content}");
    content
}

async fn figures(client: &Client) -> Value {
    told(client, "observability_metrics", json!({})).await
}

/// Arguments of a tool that needs approval.
fn task(subject: &str) -> Value {
    json!({"entity_type": "deal", "entity_id": "d1", "subject": subject})
}

#[tokio::test]
async fn figures_are_those_of_the_callers_own_tenant() {
    let (red, blue) = (Recorder::start().await, Recorder::start().await);
    let gateway = gateway(red.address(), blue.address(), "argument").await;
    let [of_red, agent, of_blue] = CALLERS.map(|caller| gateway.client().with_token(caller.token));
    for query in ["a", "b"] {
        of_red.call("memory_search", json!({"query": query})).await.content();
    }
    assert_eq!(code(&agent.call("memory.search", json!({})).await).as_deref(), Some("VALIDATION_ERROR"));
    red.answer_with(500, "{}");
    assert_eq!(
        code(&of_red.call("memory_search", json!({"query": "c"})).await).as_deref(),
        Some("BACKEND_ERROR")
    );
    blue.answer_with(200, "{}");
    of_blue.call("crm_list_pipelines", json!({})).await.content();

    let told = figures(&of_red).await;
    assert_eq!(told["tenant_id"], "red");
    assert_eq!([&told["calls"], &told["errors"], &told["refusals"]], [4, 2, 1]);
    let tools: Vec<&String> = told["metrics"].as_object().unwrap().keys().collect();
    assert_eq!(tools, ["memory_search"], "what another tenant called shows");
    let of_tool = &told["metrics"]["memory_search"];
    assert_eq!(of_tool["errors_by_code"], json!({"BACKEND_ERROR": 1, "VALIDATION_ERROR": 1}));
    let [average, median, most] =
        ["avg_latency_ms", "p50_latency_ms", "p95_latency_ms"].map(|name| of_tool[name].as_f64().unwrap());
    assert!(average > 0.0 && median > 0.0 && most >= median, "{of_tool}");

    let told = figures(&of_blue).await;
    let tools: Vec<&String> = told["metrics"].as_object().unwrap().keys().collect();
    assert_eq!(tools, ["crm_list_pipelines"], "what another tenant called shows");
    // The call that asks is counted once it is over.
    assert_eq!(figures(&of_blue).await["metrics"]["observability_metrics"]["calls"], 1);
}

#[tokio::test]
async fn figures_of_a_tool_that_the_caller_may_not_call_are_not_told() {
    let backend = Recorder::start().await;
    let gateway = gateway(backend.address(), backend.address(), "argument").await;
    let [admin, agent, _] = CALLERS.map(|caller| gateway.client().with_token(caller.token));
    let admins = runtime::Roles::Only(&["Admin"]);
    let (hidden, arguments) = calls().find(|(spec, _)| spec.roles == admins).unwrap();
    admin.call(hidden.name, arguments).await.content();
    admin.call("memory_search", json!({"query": "a"})).await.content();
    assert_eq!(figures(&admin).await["calls"], 2);
    let told = figures(&agent).await;
    assert!(told["metrics"].get(hidden.name).is_none(), "{told}");
    assert!(told["metrics"].get("memory_search").is_some(), "{told}");
}

#[tokio::test]
async fn health_tells_of_the_callers_services_and_approvals_without_a_url_or_a_secret() {
    let backend = Recorder::start().await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = gateway(backend.address(), closed, "human").await;
    let [of_red, agent, of_blue] = CALLERS.map(|caller| gateway.client().with_token(caller.token));
    for subject in ["one", "two"] {
        let reply = agent.call("crm_create_task", task(subject)).await;
        assert_eq!(code(&reply).as_deref(), Some("APPROVAL_REQUIRED"), "{}", reply.text);
    }
    let red = told(&of_red, "observability_health", json!({})).await;
    let blue = told(&of_blue, "observability.health", json!({"include_config": false})).await;
    assert_eq!([&red["status"], &blue["status"]], ["healthy", "degraded"]);
    assert_eq!([&red["approvals"]["pending"], &blue["approvals"]["pending"]], [2, 0]);
    assert_eq!([&red["services"]["crm"]["reachable"], &blue["services"]["crm"]["reachable"]], [true, false]);
    assert!(blue.get("config").is_none(), "{blue}");
    assert_eq!([&red["config"]["auth_mode"], &red["config"]["approval_mode"]], ["token", "human"]);
    assert_eq!(red["config"]["limits"]["per_actor"], 1_000_000_000);
    let ports = [backend.address().port().to_string(), closed.port().to_string()];
    for (told, other) in [(&red, "blue"), (&blue, "red")] {
        let text = told.to_string();
        for secret in ["http", "127.0.0.1", "credential", other, &ports[0], &ports[1]] {
            assert!(!text.contains(secret), "{secret} is told: {text}");
        }
    }
    assert!(backend.take().is_empty(), "asking how the gateway is asks its backends nothing");
}

#[tokio::test]
async fn health_tells_what_the_configuration_changes_about_the_callers_tools_alone() {
    let backend = Recorder::start().await;
    let overrides = "  tools:\n    memory_search: {allowed_roles: [Admin, Agent]}\n    \
                     crm_create_api_key: {approval: human}\n";
    let text = config(&[("red", backend.address())], "", &format!("{}{overrides}", token_section(&CALLERS)));
    let text = text.replace(
        "per_actor_per_minute: 1000000000}",
        "per_actor_per_minute: 90, tenants: {red: 500, blue: 7}, tools: {memory_search: 11}}",
    );
    let gateway = serve(&text).await;
    let [admin, agent, _] = CALLERS.map(|caller| gateway.client().with_token(caller.token));
    let health = told(&agent, "observability_health", json!({})).await;
    let limits = json!({"window_seconds": 60, "per_tenant": 500, "per_actor": 90});
    assert_eq!(health["config"]["limits"], limits);
    let search =
        json!({"allowed_roles": ["Admin", "Agent"], "approval": "none", "limit": 11, "limit_by_role": {}});
    assert_eq!(health["config"]["tools"], json!({"memory_search": search}));
    let health = told(&admin, "observability_health", json!({})).await;
    assert_eq!(health["config"]["tools"]["crm_create_api_key"]["approval"], "human");
}

#[tokio::test]
async fn discovery_shows_what_the_list_shows() {
    let backend = Recorder::start().await;
    let gateway = gateway(backend.address(), backend.address(), "human").await;
    let mut counts = BTreeSet::new();
    for caller in &CALLERS {
        let client = gateway.client().with_token(caller.token);
        let listed = client.modern("tools/list", json!({}), &[]).await.result()["tools"].clone();
        let found = told(&client, "observability_discovery", json!({})).await;
        let in_order = |tools: &Value| -> Vec<String> {
            tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(in_order(&found["tools"]), in_order(&listed), "{}", caller.token);
        assert_eq!(found["tool_count"], in_order(&listed).len());
        assert_eq!(found["tenant_id"], caller.tenant);
        for (short, full) in found["tools"].as_array().unwrap().iter().zip(listed.as_array().unwrap()) {
            let parameters: Vec<_> = short["parameters"].as_object().unwrap().keys().collect();
            let properties: Vec<_> = full["inputSchema"]["properties"].as_object().unwrap().keys().collect();
            assert_eq!(parameters, properties, "{}", short["name"]);
        }
        counts.insert(in_order(&listed).len());
    }
    let admin = told(&gateway.client().with_token("red"), "observability.discovery", json!({})).await;
    let task =
        admin["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "crm_create_task").unwrap();
    assert_eq!((&task["approval"], &task["effect"]), (&json!("human"), &json!("write")));
    assert_eq!(task["parameters"]["subject"], "string, required");
    assert_eq!(counts.len(), 2, "an agent sees less than an admin");
}

#[tokio::test]
async fn what_the_gateway_tells_of_itself_is_under_the_rules_of_any_tool() {
    let backend = Recorder::start().await;
    let text = config(&[("default", backend.address()), ("other", backend.address())], "", "");
    let limit = "per_actor_per_minute: 1000000000, tools: {observability_metrics: 1}}";
    let gateway = serve(&text.replace("per_actor_per_minute: 1000000000}", limit)).await;
    let client = gateway.client();
    for tool in TOOLS {
        let reply = client.call(tool, json!({"actor_role": "Stranger"})).await;
        assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{tool}");
        let reply = client.call(tool, json!({"tenant_id": "nowhere"})).await;
        assert_eq!(code(&reply).as_deref(), Some("PERMISSION_DENIED"), "{tool}");
        let reply = client.call(tool, json!({"tenant_id": "other", "actor_role": "Agent"})).await;
        assert_eq!(reply.content()["tenant_id"], "other", "{tool}");
    }
    let again = client.call("observability.metrics", json!({"tenant_id": "other"})).await;
    assert_eq!(code(&again).as_deref(), Some("RATE_LIMIT_EXCEEDED"));
    assert_eq!(figures(&client).await["tenant_id"], "default", "the limit is of another tenant");
}
