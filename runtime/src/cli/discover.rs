//! `tools` and `discover`: what a server offers.

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::{Connection, Failure, output};

/// What to look for.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Words that a tool's name, title or description must all contain
    words: Vec<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Prints a line for each tool.
pub(super) async fn list(connection: Connection) -> Result<bool, Failure> {
    let tools = Client::new(&connection)?.tools().await?;
    if connection.json {
        output::json(&Value::Array(tools));
        return Ok(true);
    }
    let width = tools.iter().map(|tool| text(tool, "name").len()).max().unwrap_or_default();
    for tool in &tools {
        output::line(&format!("{:width$}  {}", text(tool, "name"), text(tool, "title")));
    }
    Ok(true)
}

/// Prints each tool that has all the words, with its arguments. False when there is none.
pub(super) async fn search(arguments: Arguments) -> Result<bool, Failure> {
    let tools = Client::new(&arguments.connection)?.tools().await?;
    let words: Vec<String> = arguments.words.iter().map(|word| word.to_lowercase()).collect();
    let found: Vec<Value> = tools.into_iter().filter(|tool| has_all(tool, &words)).collect();
    if arguments.connection.json {
        output::json(&Value::Array(found.clone()));
    } else {
        found.iter().for_each(describe);
        if found.is_empty() {
            output::error("no tool has all these words");
        }
    }
    Ok(!found.is_empty())
}

fn has_all(tool: &Value, words: &[String]) -> bool {
    let all = ["name", "title", "description"].map(|key| text(tool, key)).join("\n").to_lowercase();
    words.iter().all(|word| all.contains(word))
}

fn describe(tool: &Value) {
    output::line(&format!("{} - {}", text(tool, "name"), text(tool, "title")));
    output::line(&format!("  {}", output::visible(text(tool, "description"))));
    let required = tool.pointer("/inputSchema/required").and_then(Value::as_array);
    let is_required = |name: &str| {
        required.is_some_and(|names| names.iter().any(|required| required.as_str() == Some(name)))
    };
    let properties = tool.pointer("/inputSchema/properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        let kind = schema.get("type").and_then(Value::as_str).unwrap_or("any");
        let need = if is_required(name) { "required" } else { "optional" };
        output::line(&format!(
            "    {name} ({kind}, {need}): {}",
            output::visible(text(schema, "description"))
        ));
    }
    output::line("");
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
