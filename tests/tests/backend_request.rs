//! The exact request that each tool makes of its backend, against the facts of the original gateway.
//!
//! Backends exist already and read what the original sends, so a parameter under another name, a default that is
//! missing or a path that is off by a letter is a tool that does not work. Who may call, and what needs a
//! person's approval, is held against the same facts.

mod arguments;
mod expected;
mod original;

use std::net::SocketAddr;

use runtime::{Effect, Target, Tool};
use serde_json::{Map, Value, json};
use tests::client::{Client, Reply};
use tests::gateway::{Gateway, product};
use tests::recorder::Recorder;

use expected::Expected;
use original::Original;

const CORRELATION: &str = "order-4711";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Each service under a path of its own, so that a request to the wrong one shows, and quotas out of the way.
fn config(backend: SocketAddr) -> String {
    let services: String = simple_gpt_mcp::SERVICES
        .iter()
        .map(|service| format!("      {service}: http://{backend}/at/{service}/\n"))
        .collect();
    let quotas = "rate_limits:\n  default_per_minute: 1000000000\n  per_actor_per_minute: 1000000000\n";
    format!("tenants:\n  default:\n    services:\n{services}server:\n  port: 0\n{quotas}")
}

/// A gateway before a backend that records.
struct Line {
    backend: Recorder,
    _gateway: Gateway,
    client: Client,
}

impl Line {
    async fn start() -> Self {
        let backend = Recorder::start().await;
        let gateway = Gateway::with_config(&product(), &config(backend.address())).await;
        let client = gateway.client();
        Self { backend, _gateway: gateway, client }
    }

    /// Calls a tool with an id and a trace of the client's own.
    async fn call(&self, tool: &str, arguments: &Value) -> Reply {
        let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let headers = [("x-correlation-id", CORRELATION), ("traceparent", traceparent.as_str())];
        self.client.modern("tools/call", json!({"name": tool, "arguments": arguments}), &headers).await
    }
}

/// What a caller says of itself, and that a person has approved where the tool needs it.
fn context<const N: usize>(original: &Original, said: [(&str, &str); N]) -> Map<String, Value> {
    let said = said.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
    let approved = original.approval.then(|| ("user_approved".to_owned(), json!(true)));
    said.chain(approved).collect()
}

/// All tools that the original has, with what is known of each there. What is new since then is its authors' own.
fn tools() -> Vec<(&'static Tool, Original)> {
    let mut originals = original::all();
    let tools = simple_gpt_mcp::TOOLS.iter();
    let tools: Vec<_> = tools.filter_map(|tool| Some((*tool, originals.remove(tool.spec().name)?))).collect();
    assert!(originals.is_empty(), "tools of the original that are missing: {:?}", originals.keys());
    tools
}

#[test]
fn the_tools_are_those_of_the_original_under_its_policy() {
    for (tool, original) in tools() {
        let spec = tool.spec();
        let name = spec.name;
        assert_eq!(spec.aliases.first(), Some(&original.alias.as_str()), "the first alias of {name}");
        assert_eq!(spec.approval, original.approval, "approval of {name}");
        let effect = match spec.effect {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Destructive => "destructive",
        };
        assert_eq!(effect, original.effect, "effect of {name}");
        match (spec.target, &original.request) {
            (Target::Native { .. }, None) => {}
            (Target::Backend { service, method, path }, Some(request)) => {
                let ours = (method.as_str(), service, path);
                assert_eq!(ours, (&*request.method, &*request.service, &*request.path), "request of {name}");
                assert_eq!(spec.timeout.as_secs_f64(), request.timeout_s, "timeout of {name}");
            }
            other => panic!("{name} goes elsewhere than in the original: {other:?}"),
        }
    }
}

#[test]
fn the_parameters_are_those_of_the_original() {
    for (tool, original) in tools() {
        let name = tool.spec().name;
        let schema = &tool.listing()["inputSchema"];
        let properties = schema["properties"].as_object().unwrap();
        let ours: Vec<&String> = properties.keys().collect();
        let theirs: Vec<&String> = original.parameters.iter().map(|parameter| &parameter.name).collect();
        assert_eq!(ours, theirs, "parameters of {name}");
        for parameter in &original.parameters {
            let place = format!("{name}.{}", parameter.name);
            let property = &properties[&parameter.name];
            assert_eq!(kind(property), parameter.kind, "type of {place}");
            let required =
                schema["required"].as_array().is_some_and(|names| names.contains(&json!(parameter.name)));
            assert_eq!(required, parameter.required, "whether {place} is required");
            let default = property.get("default").cloned().unwrap_or_default();
            assert_eq!(default, parameter.default, "default of {place}");
        }
    }
}

/// The type of a property in the words of the facts.
fn kind(property: &Value) -> String {
    match property["type"].as_str() {
        None => "any".to_owned(),
        Some("array") => format!("array<{}>", property["items"]["type"].as_str().unwrap()),
        Some(kind) => kind.to_owned(),
    }
}

#[tokio::test]
async fn full_arguments_make_the_same_request_by_name_and_by_alias() {
    let line = Line::start().await;
    for (tool, original) in tools().into_iter().filter(|(_, original)| original.request.is_some()) {
        let arguments = arguments::full(&tool.listing()["inputSchema"]);
        let role = original.roles[0].as_str();
        let context = context(&original, [("tenant_id", "default"), ("actor", "anna"), ("actor_role", role)]);
        let expected = Expected::new(&original, &arguments, &context);
        let mut sent = arguments;
        sent.extend(context);
        for name in [tool.spec().name, original.alias.as_str()] {
            expected.check(&line, name, &Value::Object(sent.clone())).await;
        }
    }
}

#[tokio::test]
async fn minimal_arguments_make_the_same_request_with_the_defaults() {
    let line = Line::start().await;
    for (tool, original) in tools().into_iter().filter(|(_, original)| original.request.is_some()) {
        let arguments = arguments::required(&tool.listing()["inputSchema"]);
        let context = context(&original, []);
        let expected = Expected::new(&original, &arguments, &context);
        let mut sent = arguments;
        sent.extend(context);
        // Null is the same as leaving a parameter out.
        let mut with_nulls = sent.clone();
        let optional = original.parameters.iter().filter(|parameter| !parameter.required);
        with_nulls.extend(optional.map(|parameter| (parameter.name.clone(), Value::Null)));
        for name in [tool.spec().name, original.alias.as_str()] {
            expected.check(&line, name, &Value::Object(sent.clone())).await;
            expected.check(&line, name, &Value::Object(with_nulls.clone())).await;
        }
    }
}

#[tokio::test]
async fn every_example_makes_the_request_it_says() {
    let line = Line::start().await;
    for (tool, original) in tools().into_iter().filter(|(_, original)| original.request.is_some()) {
        for example in tool.spec().examples {
            let Ok(Value::Object(arguments)) = serde_json::from_str(example) else { panic!("{example}") };
            let context = context(&original, []);
            let expected = Expected::new(&original, &arguments, &context);
            let mut sent = arguments;
            sent.extend(context);
            expected.check(&line, tool.spec().name, &Value::Object(sent)).await;
        }
    }
}

#[tokio::test]
async fn a_native_tool_asks_no_backend() {
    let line = Line::start().await;
    for (tool, original) in tools().into_iter().filter(|(_, original)| original.request.is_none()) {
        let takes_url = original.parameters.iter().any(|parameter| parameter.name == "url");
        let arguments =
            if takes_url { json!({"url": format!("http://{}/", line.backend.address())}) } else { json!({}) };
        for name in [tool.spec().name, original.alias.as_str()] {
            let reply = line.call(name, &arguments).await;
            if takes_url {
                assert_eq!(reply.tool_error()["error_code"], "FETCH_BLOCKED", "{name}");
            } else {
                assert!(reply.content().is_object(), "{name}");
            }
        }
    }
    assert!(line.backend.take().is_empty(), "an address of the tenant's backend was fetched");
}

#[tokio::test]
async fn roles_and_approval_are_asked_for_where_the_original_promises_it() {
    let line = Line::start().await;
    let roles = [
        "Admin",
        "Orchestrator",
        "CRM-Supervisor",
        "Automation-Supervisor",
        "Inbox-Supervisor",
        "Agent",
        "User-Agent",
        "admin",
    ];
    for (tool, original) in tools() {
        let name = tool.spec().name;
        let arguments = arguments::required(&tool.listing()["inputSchema"]);
        for role in roles {
            for approved in [true, false] {
                let mut sent = Value::Object(arguments.clone());
                sent["actor_role"] = json!(role);
                if approved {
                    sent["user_approved"] = json!(true);
                }
                let reply = line.call(name, &sent).await;
                let expected = match () {
                    () if !original.roles.iter().any(|allowed| allowed == role) => Some("PERMISSION_DENIED"),
                    () if original.approval && !approved => Some("APPROVAL_REQUIRED"),
                    () => None,
                };
                let requests = line.backend.take().len();
                let place = format!("{name} as {role}, approved: {approved}: {}", reply.text);
                match expected {
                    Some(code) => {
                        assert_eq!(reply.tool_error()["error_code"], code, "{place}");
                        assert_eq!(requests, 0, "{place}");
                    }
                    None => assert_eq!(requests, usize::from(original.request.is_some()), "{place}"),
                }
            }
        }
    }
}
