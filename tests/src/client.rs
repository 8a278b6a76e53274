//! A client that speaks both eras and hides nothing of what comes back.

use std::net::SocketAddr;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// One HTTP answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as JSON where it is that.
    pub body: Value,
    /// Its body as it came.
    pub text: String,
}

impl Reply {
    /// The result of a success.
    pub fn result(&self) -> &Value {
        self.body.get("result").unwrap_or_else(|| panic!("no result: {} {}", self.status, self.text))
    }

    /// The structured content of a call that succeeded.
    pub fn content(&self) -> &Value {
        let result = self.result();
        assert_ne!(result["isError"], json!(true), "{result}");
        &result["structuredContent"]
    }

    /// The error that a refused call tells the agent.
    pub fn tool_error(&self) -> Value {
        let result = self.result();
        assert_eq!(result["isError"], json!(true), "{result}");
        serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
    }
}

/// A client of one gateway.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// A client of the gateway at `address`.
    pub fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, url: format!("http://{address}/mcp"), token: None }
    }

    /// The same client, showing a bearer token with everything it sends.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Calls a tool as a client of the newest revision.
    pub async fn call(&self, tool: &str, arguments: Value) -> Reply {
        self.modern("tools/call", json!({"name": tool, "arguments": arguments}), &[]).await
    }

    /// Sends a request of the newest revision, with its headers and metadata.
    pub async fn modern(&self, method: &str, mut params: Value, headers: &[(&str, &str)]) -> Reply {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        if let Some(Value::Object(more)) = params.get("_meta") {
            meta.as_object_mut().unwrap().extend(more.clone());
        }
        params["_meta"] = meta;
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let mut all = vec![("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
        if !name.is_empty() {
            all.push(("mcp-name", &name));
        }
        all.extend(headers);
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.post(&message.to_string(), &all).await
    }

    /// Sends a request as a client of an older revision.
    pub async fn legacy(&self, method: &str, params: Value) -> Reply {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.post(&message.to_string(), &[("mcp-protocol-version", "2025-11-25")]).await
    }

    /// Sends any body with any headers.
    pub async fn post(&self, body: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Reads a page beside the endpoint.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.http.get(self.url.replace("/mcp", path))).await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder) -> Reply {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Reply { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}
