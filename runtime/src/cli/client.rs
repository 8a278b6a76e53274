//! A small client of the newest protocol revision, for the commands that talk to a server.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Connection, Failure};

const VERSION: &str = "2026-07-28";
/// Longer than any tool may take.
const TIMEOUT: Duration = Duration::from_secs(130);

/// A client of one server.
pub(super) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    pub(super) fn new(connection: &Connection) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| format!("cannot set up the HTTP client: {error}"))?;
        Ok(Self { http, url: connection.url.clone(), token: connection.token.clone() })
    }

    /// All tools that the server lists.
    pub(super) async fn tools(&self) -> Result<Vec<Value>, Failure> {
        let result = self.request("tools/list", None, json!({})).await?;
        match result.get("tools") {
            Some(Value::Array(tools)) => Ok(tools.clone()),
            _ => Err("the server sent no list of tools".to_owned()),
        }
    }

    /// The result of a call.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Result<Value, Failure> {
        self.request("tools/call", Some(tool), json!({"name": tool, "arguments": arguments})).await
    }

    /// Status and body of a page beside the endpoint, such as `/health`.
    pub(super) async fn page(&self, path: &str) -> Result<(u16, String), Failure> {
        let mut url =
            reqwest::Url::parse(&self.url).map_err(|error| format!("bad URL {:?}: {error}", self.url))?;
        url.set_path(path);
        let response = self.http.get(url).send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        Ok((status, response.text().await.map_err(|error| self.unreachable(&error))?))
    }

    /// Lists approvals or decides on one: `rest` follows `/approvals`, and a body makes it a decision.
    pub(super) async fn approvals(&self, rest: &str, body: Option<Value>) -> Result<Value, Failure> {
        let bad = |error| format!("bad URL {:?}: {error}", self.url);
        let url = reqwest::Url::parse(&self.url)
            .and_then(|url| url.join(&format!("/approvals{rest}")))
            .map_err(bad)?;
        let mut request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            return serde_json::from_str(&text).map_err(|_| "the server sent no JSON".to_owned());
        }
        let error = serde_json::from_str::<Value>(&text).ok();
        let error = error.as_ref().and_then(|error| error.get("error")?.as_str()).unwrap_or(&text);
        Err(format!("refused with status {}: {error}", status.as_u16()))
    }

    async fn request(&self, method: &str, name: Option<&str>, mut params: Value) -> Result<Value, Failure> {
        if let Some(members) = params.as_object_mut() {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": VERSION,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo":
                    {"name": "simple-gpt-mcp-cli", "version": env!("CARGO_PKG_VERSION")},
            });
            members.insert("_meta".to_owned(), meta);
        }
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut request = self
            .http
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", VERSION)
            .header("mcp-method", method);
        if let Some(name) = name {
            request = request.header("mcp-name", header_value(name));
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.json(&message).send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        let mut answer: Value = serde_json::from_str(&text)
            .map_err(|_| format!("{} answered with status {status}: {text}", self.url))?;
        match answer.get_mut("result").map(Value::take) {
            Some(result) => Ok(result),
            None => {
                let message = answer.pointer("/error/message").and_then(Value::as_str);
                Err(message.map_or_else(|| format!("the server refused: {answer}"), str::to_owned))
            }
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
        format!("{} {why}; is the server running? (--url or MCP_SERVER_URL names another)", self.url)
    }
}

/// A name as a header carries it: plain where that is safe, else in base64.
fn header_value(name: &str) -> String {
    use base64::Engine;
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic()) && !name.starts_with("=?");
    if plain {
        return name.to_owned();
    }
    format!("=?base64?{}?=", base64::engine::general_purpose::STANDARD.encode(name))
}
