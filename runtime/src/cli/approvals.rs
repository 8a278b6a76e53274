//! `approvals`: deciding on calls that wait for a person.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::Client;
use super::{Connection, Failure, output};

/// What to do with the requests.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the calls that wait for a decision (what happens without an action)
    List {
        #[command(flatten)]
        connection: Connection,
    },
    /// Let a call be made, once
    Approve {
        /// Id of the request
        id: String,
        #[command(flatten)]
        connection: Connection,
    },
    /// Refuse a call
    Deny {
        /// Id of the request
        id: String,
        /// Why, for the caller
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        connection: Connection,
    },
}

/// Lists or decides. False when the server refused the decision.
pub(super) async fn run(arguments: Arguments) -> Result<bool, Failure> {
    match arguments.action {
        None => list(&arguments.connection).await,
        Some(Action::List { connection }) => list(&connection).await,
        Some(Action::Approve { id, connection }) => decide(&connection, &id, "approve", None).await,
        Some(Action::Deny { id, reason, connection }) => decide(&connection, &id, "deny", reason).await,
    }
}

async fn list(connection: &Connection) -> Result<bool, Failure> {
    let answer = Client::new(connection)?.approvals("?state=pending", None).await?;
    if connection.json {
        output::json(&answer);
        return Ok(true);
    }
    let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for item in items {
        let text = |key: &str| item.get(key).and_then(Value::as_str).map(output::visible).unwrap_or_default();
        output::line(&format!(
            "{}  {}  {}/{}  until {}",
            text("id"),
            text("tool"),
            text("tenant"),
            text("actor"),
            text("expires_at")
        ));
        let arguments = item.get("arguments").map(Value::to_string).unwrap_or_default();
        output::line(&format!("    {}", output::visible(&arguments)));
    }
    if items.is_empty() {
        output::line("nothing waits for a decision");
    }
    Ok(true)
}

async fn decide(
    connection: &Connection,
    id: &str,
    action: &str,
    reason: Option<String>,
) -> Result<bool, Failure> {
    let body = json!({"reason": reason});
    let answer = Client::new(connection)?.approvals(&format!("/{id}/{action}"), Some(body)).await?;
    if connection.json {
        output::json(&answer);
    } else {
        let state = answer.get("state").and_then(Value::as_str).unwrap_or_default();
        output::line(&format!("{id}: {}", output::visible(state)));
    }
    Ok(true)
}
