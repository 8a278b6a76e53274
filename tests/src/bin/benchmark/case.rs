//! The requests that are measured, and how much more than the floor each may cost.

use serde_json::{Value, json};

/// A kind of requests.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    method: &'static str,
    tool: &'static str,
    arguments: fn() -> Value,
    /// What the answer has to hold, so that what is measured is what is meant.
    holds: &'static str,
    /// The most that a request may cost, as a multiple of what it costs the floor.
    pub(crate) bound: f64,
}

/// All of them.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "a call that reads",
        method: "tools/call",
        tool: "memory_search",
        arguments: || json!({"query": "renewal", "limit": 5}),
        holds: "structuredContent",
        bound: 1.8,
    },
    Case {
        name: "a call that changes, approved and audited",
        method: "tools/call",
        tool: "crm_create_note",
        arguments: || json!({"customer_id": "con_1", "text": "Asked for an offer.", "user_approved": true}),
        holds: "structuredContent",
        bound: 2.2,
    },
    Case {
        name: "a call refused for its arguments",
        method: "tools/call",
        tool: "memory_search",
        arguments: || json!({"query": "", "limit": 5000, "page": 2}),
        holds: "VALIDATION_ERROR",
        bound: 1.0,
    },
    Case {
        name: "the list of tools",
        method: "tools/list",
        tool: "",
        arguments: || Value::Null,
        holds: "inputSchema",
        bound: 2.5,
    },
];

/// The request for the list of tools.
pub(crate) fn list() -> String {
    CASES.last().map(Case::request).unwrap_or_default()
}

// === impl Case ===

impl Case {
    /// The whole request, head and body.
    pub(crate) fn request(&self) -> String {
        let Self { method, tool, .. } = self;
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let (params, name) = match *tool {
            "" => (json!({"_meta": meta}), String::new()),
            _ => (
                json!({"name": tool, "arguments": (self.arguments)(), "_meta": meta}),
                format!("mcp-name: {tool}\r\n"),
            ),
        };
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        format!(
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: {method}\r\n{name}content-length: {}\r\n\r\n{body}",
            crate::subject::TOKEN,
            body.len()
        )
    }

    /// Fails where the answer is not of the kind that is meant.
    pub(crate) fn check(&self, answer: &str) {
        assert!(answer.contains(self.holds), "{}: {answer}", self.name);
    }
}
