//! The tools that the caller may call, in short. What is listed here is what `tools/list` lists.

use serde_json::{Map, Value, json};

use super::{Answer, NativeAnswer, NativeCall};
use crate::catalog::Entry;
use crate::json::Json;

/// The tool takes none.
#[derive(Debug)]
pub struct Arguments {}

/// Answers with the caller's tools.
pub fn run(call: NativeCall, _: Arguments) -> NativeAnswer {
    Box::pin(async move {
        let tools: Vec<Value> = call.permitted().map(tool).collect();
        Ok(Answer::Json(Json::from_value(&json!({
            "tenant_id": call.tenant,
            "tool_count": tools.len(),
            "tools": tools,
            "transport": "streamable-http",
            "endpoint": "/mcp",
        }))))
    })
}

fn tool(entry: &Entry) -> Value {
    let spec = entry.tool.spec();
    json!({
        "name": spec.name,
        "description": spec.description,
        "effect": spec.effect.as_str(),
        "approval": entry.approval.map_or("none", |mode| mode.as_str()),
        "aliases": spec.aliases,
        "parameters": parameters(&entry.tool.listing()),
    })
}

/// Each argument with its type, and whether it is required.
fn parameters(listing: &Value) -> Map<String, Value> {
    let required = listing.pointer("/inputSchema/required").and_then(Value::as_array);
    let properties = listing.pointer("/inputSchema/properties").and_then(Value::as_object);
    let short = |(name, schema): (&String, &Value)| {
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or("any");
        let is_required = required.is_some_and(|names| names.iter().any(|required| required == name));
        (name.clone(), Value::from(if is_required { format!("{kind}, required") } else { kind.to_owned() }))
    };
    properties.into_iter().flatten().map(short).collect()
}
