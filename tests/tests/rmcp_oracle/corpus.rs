//! Requests of both eras, good, bad and odd.

use serde_json::{Value, json};

const MODERN: &str = "2026-07-28";
const META: &str = "io.modelcontextprotocol/";

/// One HTTP request.
pub(super) struct Request {
    pub(super) name: &'static str,
    pub(super) method: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Request {
    /// A POST as every client sends it.
    fn post(name: &'static str, body: impl Into<String>) -> Self {
        let headers =
            [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        Self { name, method: "POST", headers, body: body.into() }
    }

    /// A request of the newest revision with all that it needs.
    fn modern(name: &'static str, method: &str, mut params: Value) -> Self {
        params["_meta"] =
            json!({format!("{META}protocolVersion"): MODERN, format!("{META}clientCapabilities"): {}});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let request = Self::post(name, body.to_string())
            .with("mcp-protocol-version", MODERN)
            .with("mcp-method", method);
        match params["name"].as_str() {
            Some(tool) => request.with("mcp-name", tool),
            None => request,
        }
    }

    /// A request of an older revision.
    fn legacy(name: &'static str, method: &str, params: Value) -> Self {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        Self::post(name, body.to_string()).with("mcp-protocol-version", "2025-11-25")
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| *header != name);
        self
    }

    fn instead(self, name: &'static str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// Another body under the same headers.
    fn saying(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut body = serde_json::from_str(&self.body).unwrap();
        change(&mut body);
        self.body = body.to_string();
        self
    }
}

fn hello() -> Value {
    json!({"name": "echo", "arguments": {"message": "hi"}})
}

fn initialize(name: &'static str, version: &str) -> Request {
    let params =
        json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    Request::legacy(name, "initialize", params).without("mcp-protocol-version")
}

/// All requests.
pub(super) fn corpus() -> Vec<Request> {
    let mut all = modern();
    all.extend(headers());
    all.extend(legacy());
    all.extend(malformed());
    all.extend(framing());
    all
}

fn modern() -> Vec<Request> {
    let call = |name, arguments| {
        Request::modern(name, "tools/call", json!({"name": "echo", "arguments": arguments}))
    };
    vec![
        Request::modern("discover", "server/discover", json!({})),
        Request::modern("list", "tools/list", json!({})),
        Request::modern("list with a bad cursor", "tools/list", json!({"cursor": "x"})),
        Request::modern("call", "tools/call", hello()),
        Request::modern("call with a string id", "tools/call", hello())
            .saying(|body| body["id"] = json!("a")),
        Request::modern("call with id 0", "tools/call", hello()).saying(|body| body["id"] = json!(0)),
        Request::modern("call with a negative id", "tools/call", hello())
            .saying(|body| body["id"] = json!(-7)),
        call("call without the argument", json!({})),
        call("call with an unknown argument", json!({"message": "hi", "extra": 1})),
        call("call with a number for text", json!({"message": 5})),
        call("call with arguments in a list", json!(["hi"])),
        call("call with null arguments", Value::Null),
        Request::modern("call without arguments", "tools/call", json!({"name": "echo"})),
        Request::modern("call of an unknown tool", "tools/call", json!({"name": "ecko", "arguments": {}})),
        Request::modern("call in other letters", "tools/call", json!({"name": "Echo", "arguments": {}})),
        Request::modern("call without a name", "tools/call", json!({"arguments": {}}))
            .with("mcp-name", "echo"),
        Request::modern("call with a number for a name", "tools/call", json!({"name": 5}))
            .with("mcp-name", "echo"),
        Request::modern("unknown method", "tools/destroy", json!({})),
        Request::modern("ping of the newest revision", "ping", json!({})),
        Request::modern("prompts of the newest revision", "prompts/list", json!({})),
        Request::modern("resources of the newest revision", "resources/list", json!({})),
        Request::modern("log level of the newest revision", "logging/setLevel", json!({"level": "info"})),
        Request::modern("listen", "subscriptions/listen", json!({"notifications": {}})),
    ]
}

fn headers() -> Vec<Request> {
    let call = |name| Request::modern(name, "tools/call", hello());
    let meta = |name, key: &'static str, value: Value| {
        call(name).saying(move |body| {
            let meta = body["params"]["_meta"].as_object_mut().unwrap();
            match value {
                Value::Null => meta.remove(&format!("{META}{key}")),
                value => meta.insert(format!("{META}{key}"), value),
            };
        })
    };
    vec![
        call("no version header").without("mcp-protocol-version"),
        call("another version in the header").instead("mcp-protocol-version", "2025-11-25"),
        call("unknown version in the header").instead("mcp-protocol-version", "2030-01-01"),
        call("version header twice").with("mcp-protocol-version", MODERN),
        call("no method header").without("mcp-method"),
        call("another method in the header").instead("mcp-method", "tools/list"),
        call("method header in other letters").instead("mcp-method", "Tools/Call"),
        call("method header twice").with("mcp-method", "tools/call"),
        call("no name header").without("mcp-name"),
        call("another name in the header").instead("mcp-name", "ecko"),
        call("name header twice").with("mcp-name", "echo"),
        call("name header in base64").instead("mcp-name", "=?base64?ZWNobw==?="),
        call("name header in bad base64").instead("mcp-name", "=?base64?!!!?="),
        call("name header in base64 of another name").instead("mcp-name", "=?base64?ZWNrbw==?="),
        call("header names in other letters").without("mcp-name").with("MCP-NAME", "echo"),
        meta("no version in the body", "protocolVersion", Value::Null),
        meta("no capabilities in the body", "clientCapabilities", Value::Null),
        meta("capabilities that are no object", "clientCapabilities", json!(7)),
        meta("a version that is no text", "protocolVersion", json!(7)),
        meta("unknown version in header and body", "protocolVersion", json!("2030-01-01"))
            .instead("mcp-protocol-version", "2030-01-01"),
        meta("older version in header and body", "protocolVersion", json!("2025-11-25"))
            .instead("mcp-protocol-version", "2025-11-25"),
        call("no metadata in the body").saying(|body| body["params"]["_meta"] = json!({})),
        call("session of another server").with("mcp-session-id", "no-such-session"),
    ]
}

fn legacy() -> Vec<Request> {
    let notification = |name, method: &str, params: Value| {
        let body = json!({"jsonrpc": "2.0", "method": method, "params": params});
        Request::post(name, body.to_string())
    };
    vec![
        initialize("initialize 2025-11-25", "2025-11-25"),
        initialize("initialize 2025-06-18", "2025-06-18"),
        initialize("initialize 2025-03-26", "2025-03-26"),
        initialize("initialize 2024-11-05", "2024-11-05"),
        initialize("initialize with the newest revision", MODERN),
        initialize("initialize with an unknown revision", "1999-01-01"),
        initialize("initialize with its version in the header", "2025-06-18")
            .with("mcp-protocol-version", "2025-06-18"),
        initialize("initialize with another version in the header", "2025-06-18")
            .with("mcp-protocol-version", "2025-11-25"),
        Request::legacy("initialize without parameters", "initialize", json!({}))
            .without("mcp-protocol-version"),
        notification("initialized", "notifications/initialized", json!({})),
        notification("cancelled", "notifications/cancelled", json!({"requestId": 1})),
        notification("unknown notification", "notifications/no-such", json!({})),
        notification(
            "notification of the newest revision",
            "notifications/cancelled",
            json!({"requestId": 1}),
        )
        .with("mcp-protocol-version", MODERN)
        .with("mcp-method", "notifications/cancelled"),
        notification(
            "notification without a method header",
            "notifications/cancelled",
            json!({"requestId": 1}),
        )
        .with("mcp-protocol-version", MODERN),
        Request::legacy("ping", "ping", json!({})),
        Request::legacy("older list", "tools/list", json!({})),
        Request::legacy("older list without a version header", "tools/list", json!({}))
            .without("mcp-protocol-version"),
        Request::legacy("older list without params", "tools/list", Value::Null)
            .saying(|body| drop(body.as_object_mut().unwrap().remove("params"))),
        Request::legacy("older list of an unknown version", "tools/list", json!({}))
            .instead("mcp-protocol-version", "1999-01-01"),
        Request::legacy("older call", "tools/call", hello()),
        Request::legacy(
            "older call with bad arguments",
            "tools/call",
            json!({"name": "echo", "arguments": {}}),
        ),
        Request::legacy(
            "older call of an unknown tool",
            "tools/call",
            json!({"name": "ecko", "arguments": {}}),
        ),
        Request::legacy("older call without a name", "tools/call", json!({})),
        Request::legacy("older unknown method", "no/such", json!({})),
        Request::legacy("older prompts", "prompts/list", json!({})),
        Request::legacy("older resources", "resources/list", json!({})),
        Request::legacy("older resource templates", "resources/templates/list", json!({})),
        Request::legacy("older read of a resource", "resources/read", json!({"uri": "x://y"})),
    ]
}

fn malformed() -> Vec<Request> {
    let body = |name, text: &str| Request::post(name, text).with("mcp-protocol-version", "2025-11-25");
    vec![
        body("empty body", ""),
        body("half a body", "{\"jsonrpc\":"),
        body("no JSON", "nonsense"),
        body("two messages", r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#),
        body("null", "null"),
        body("batch", r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#),
        body("empty batch", "[]"),
        body("no jsonrpc", r#"{"id":1,"method":"ping"}"#),
        body("jsonrpc 1.0", r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#),
        body("null id", r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#),
        body("fractional id", r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#),
        body("object for an id", r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#),
        body("huge id", r#"{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}"#),
        body("method twice", r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#),
        body("no method", r#"{"jsonrpc":"2.0","id":1}"#),
        body("number for a method", r#"{"jsonrpc":"2.0","id":1,"method":5}"#),
        body("unknown member", r#"{"jsonrpc":"2.0","id":1,"method":"ping","extra":true}"#),
        body("response of a client", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
        body("params in a list", r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}"#),
        body("escaped method", r#"{"jsonrpc":"2.0","id":1,"method":"pin\u0067"}"#),
        body("byte order mark", "\u{FEFF}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"),
    ]
}

fn framing() -> Vec<Request> {
    let ping = |name| Request::legacy(name, "ping", json!({}));
    let bare = |name, method| Request { name, method, headers: Vec::new(), body: String::new() };
    vec![
        Request { headers: vec![("accept", "text/event-stream".to_owned())], ..bare("GET", "GET") },
        bare("DELETE", "DELETE"),
        Request { method: "PUT", ..ping("PUT") },
        ping("content type with a charset").instead("content-type", "application/json; charset=utf-8"),
        ping("content type of a form").instead("content-type", "application/x-www-form-urlencoded"),
        ping("content type of plain text").instead("content-type", "text/plain"),
        ping("no content type").without("content-type"),
        ping("no accept").without("accept"),
        ping("accept of JSON only").instead("accept", "application/json"),
        ping("accept of everything").instead("accept", "*/*"),
        ping("foreign origin").with("origin", "http://evil.example.com"),
        ping("null origin").with("origin", "null"),
        ping("foreign host").with("host", "evil.example.com"),
        ping("other port in host").with("host", "localhost:1"),
    ]
}
