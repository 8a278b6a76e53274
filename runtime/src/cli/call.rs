//! `call`: one call of one tool.

use std::io::Read;

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::{Connection, Failure, output};

/// What to call.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Name or alias of the tool
    pub(super) tool: String,
    /// Arguments as JSON, @FILE to read them from a file, or - for standard input
    #[arg(default_value = "{}", value_name = "JSON|@FILE|-")]
    arguments: String,
    /// Say that a person has approved this call
    #[arg(long)]
    approve: bool,
    /// Print the exact backend request instead of sending it, with secrets masked
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Arguments {
    /// The arguments of the tool as one JSON object.
    pub(super) fn read(&self) -> Result<Value, Failure> {
        let text = match (self.arguments.as_str(), self.arguments.strip_prefix('@')) {
            ("-", _) => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .map_err(|error| format!("cannot read standard input: {error}"))?;
                text
            }
            (_, Some(file)) => {
                std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?
            }
            (text, None) => text.to_owned(),
        };
        let mut arguments: Value =
            serde_json::from_str(&text).map_err(|error| format!("the arguments are no JSON: {error}"))?;
        let Some(members) = arguments.as_object_mut() else {
            return Err("the arguments must be a JSON object, such as {\"query\": \"renewal\"}".to_owned());
        };
        if self.approve {
            members.insert("user_approved".to_owned(), Value::Bool(true));
        }
        Ok(arguments)
    }
}

/// Calls, and prints the result. False when the call was refused or failed.
pub(super) async fn run(arguments: Arguments) -> Result<bool, Failure> {
    let input = arguments.read()?;
    let result = Client::new(&arguments.connection)?.call(&arguments.tool, input).await?;
    let succeeded = result.get("isError") != Some(&Value::Bool(true));
    if arguments.connection.json {
        output::json(&result);
        return Ok(succeeded);
    }
    let text = result.pointer("/content/0/text").and_then(Value::as_str);
    match (result.get("structuredContent"), text) {
        (Some(structured), _) => output::json(structured),
        // A refusal is JSON in a text block.
        (None, Some(text)) => match serde_json::from_str::<Value>(text) {
            Ok(error) => output::error(&format!("{error:#}")),
            Err(_) => output::line(&output::visible(text)),
        },
        (None, None) => output::json(&result),
    }
    Ok(succeeded)
}
