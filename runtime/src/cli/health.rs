//! `health`: whether a server is up, ready, and has tools.

use serde_json::{Value, json};

use super::client::Client;
use super::{Connection, Failure, output};

/// Asks, and prints what came. False when the server is not ready or lists no tool.
pub(super) async fn run(connection: Connection) -> Result<bool, Failure> {
    let client = Client::new(&connection)?;
    let status = |page: (u16, String)| {
        let body = serde_json::from_str::<Value>(&page.1).unwrap_or_default();
        body.get("status").and_then(Value::as_str).unwrap_or("unknown").to_owned()
    };
    let health = status(client.page("/health").await?);
    let (ready_status, ready_body) = client.page("/ready").await?;
    let ready = status((ready_status, ready_body));
    let tools = client.tools().await.map(|tools| tools.len());
    let well = health == "healthy" && ready_status == 200 && tools.as_ref().is_ok_and(|count| *count > 0);
    if connection.json {
        output::json(&json!({
            "url": connection.url, "status": health, "ready": ready, "tools": tools.as_ref().ok(), "ok": well,
        }));
        return Ok(well);
    }
    output::line(&format!("{}: {}, {}", connection.url, output::visible(&health), output::visible(&ready)));
    match tools {
        Ok(count) => output::line(&format!("{count} tools")),
        Err(failure) => output::error(&failure),
    }
    Ok(well)
}
