//! Two thousand tools: what compiling them takes, and that a call costs no more among them.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::NO_LIMITS;

use super::served::Served;
use super::workspace::Workspace;

#[path = "../../../codegen/tests/support/many.rs"]
mod many;

const FEW: usize = 60;
const MANY: usize = 2_000;
/// What compiling [`MANY`] tools may take of the processors, without optimization.
const MOST: Duration = Duration::from_secs(60);
const CALLS: usize = 400;

/// A product with so many tools that serves, and what building it took once everything around it was built.
fn served(workspace: &Workspace, count: usize) -> (Served, Duration) {
    fs::remove_dir_all(workspace.manifests()).unwrap();
    for (path, text) in many::manifests(count) {
        workspace.write(&format!("manifests/{path}"), &String::from_utf8(text).unwrap());
    }
    let (took, binary) = workspace.build();
    let services: String =
        simple_gpt_mcp::SERVICES.iter().map(|name| format!("      {name}: http://127.0.0.1:9\n")).collect();
    let config = format!("server: {{port: 0}}\ntenants:\n  default:\n    services:\n{services}{NO_LIMITS}");
    (Served::start(&binary, &config), took)
}

/// The time of one call that finds its tool and reaches no backend: the shortest of many, which a busy machine
/// does not change.
async fn call(client: &Client, name: &str) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..CALLS {
        let start = Instant::now();
        let reply = client.call(name, json!({"no_such_argument": true})).await;
        shortest = shortest.min(start.elapsed());
        assert_eq!(reply.tool_error()["error_code"], "VALIDATION_ERROR", "{}", reply.text);
    }
    shortest
}

/// The names of all tools, and the shortest time of a list.
async fn list(client: &Client) -> (Vec<String>, Duration) {
    let (mut names, mut shortest) = (Vec::new(), Duration::MAX);
    for _ in 0..CALLS / 20 {
        let start = Instant::now();
        let reply = client.modern("tools/list", json!({}), &[]).await;
        shortest = shortest.min(start.elapsed());
        let tools = reply.result()["tools"].as_array().unwrap();
        names = tools.iter().map(|tool: &Value| tool["name"].as_str().unwrap().to_owned()).collect();
    }
    (names, shortest)
}

#[tokio::test]
#[ignore = "compiles two thousand tools: cargo test -p tests --test e2e -- --ignored --nocapture authoring::growth"]
async fn two_thousand_tools_compile_in_a_minute_and_are_found_as_fast_as_sixty() {
    let workspace = Workspace::new("growth");
    let (few, _) = served(&workspace, FEW);
    let (many, compiled) = served(&workspace, MANY);
    println!("{MANY} tools: {compiled:?} of the processors to generate, compile and link");
    assert!(compiled < MOST, "{compiled:?}");

    let (few, many) = (Client::new(few.address), Client::new(many.address));
    let ((few_names, few_list), (many_names, many_list)) = (list(&few).await, list(&many).await);
    assert_eq!((few_names.len(), many_names.len()), (FEW, MANY));
    let per_tool = |time: Duration, count: usize| time.as_secs_f64() / count as f64;
    let list_ratio = per_tool(many_list, MANY) / per_tool(few_list, FEW);
    println!("tools/list: {few_list:?} for {FEW}, {many_list:?} for {MANY}, per tool {list_ratio:.2} times");
    assert!(list_ratio < 2.0, "a tool costs {list_ratio} times as much in a long list");

    let few_call = call(&few, &few_names[FEW / 2]).await;
    let many_call = call(&many, &many_names[MANY / 2]).await;
    let call_ratio = many_call.as_secs_f64() / few_call.as_secs_f64();
    println!("a call: {few_call:?} among {FEW}, {many_call:?} among {MANY}, {call_ratio:.2} times");
    assert!(call_ratio < 2.0, "a call costs {call_ratio} times as much among many tools");
}
