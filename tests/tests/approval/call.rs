//! Calls letter by letter, and what comes of them.

use serde_json::json;
use tests::client::Reply;

use super::desk::bearer;

/// A tool that needs approval, and arguments for it.
pub(crate) const DEAL: (&str, &str) =
    ("crm_create_deal", r#"{"name":"Renewal","amount":12000,"currency":"EUR"}"#);
/// What a client says whose user has approved.
pub(crate) const ACCEPT: &str = r#"{"approval":{"action":"accept","content":{"approve":true}}}"#;

/// A call as somebody makes it. What stands in it is JSON text, so that its spelling counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// Whose token is shown; empty for none.
    pub(crate) by: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) arguments: &'a str,
    /// What the client can do; `None` for one of an older revision.
    pub(crate) capabilities: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) responses: Option<&'a str>,
    /// The client's own name for the call, under which it is made once.
    pub(crate) key: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// The call of a client that cannot ask its user.
    pub(crate) fn new(by: &'a str, tool: &'a str, arguments: &'a str) -> Self {
        Self { by, tool, arguments, capabilities: Some("{}"), state: None, responses: None, key: None }
    }

    /// A call by `agent` that needs approval.
    pub(crate) fn deal() -> Self {
        Self::new("agent", DEAL.0, DEAL.1)
    }

    /// The same by a client that can ask its user.
    pub(crate) fn asking(self) -> Self {
        Self { capabilities: Some(r#"{"elicitation":{}}"#), ..self }
    }

    /// The same with the state it was given and its user's answer.
    pub(crate) fn answered(self, state: &'a str, responses: &'a str) -> Self {
        Self { state: Some(state), responses: Some(responses), ..self }
    }

    /// Body and headers.
    pub(crate) fn message(&self) -> (String, Vec<(&'static str, String)>) {
        let Self { tool, arguments, .. } = self;
        let mut params = format!(r#""name":"{tool}","arguments":{arguments}"#);
        if let Some(capabilities) = self.capabilities {
            let key = self.key.map(|key| format!(r#","idempotencyKey":"{key}""#)).unwrap_or_default();
            params += &format!(
                r#","_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{capabilities}{key}}}"#
            );
        }
        params.extend(self.state.map(|state| format!(r#","requestState":{}"#, json!(state))));
        params.extend(self.responses.map(|responses| format!(r#","inputResponses":{responses}"#)));
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{params}}}}}"#);
        let mut headers = match self.capabilities {
            Some(_) => vec![
                ("mcp-protocol-version", "2026-07-28".to_owned()),
                ("mcp-method", "tools/call".to_owned()),
                ("mcp-name", self.tool.to_owned()),
            ],
            None => vec![("mcp-protocol-version", "2025-11-25".to_owned())],
        };
        if !self.by.is_empty() {
            headers.push(("authorization", bearer(self.by)));
        }
        (body, headers)
    }
}

/// What a caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The call was made.
    Done,
    /// The user has to be asked; with the state to bring back.
    Ask(String),
    /// Approval is missing; with the id to wait for.
    Required(Option<String>),
    /// Another tool error.
    Refused(String),
    /// An error of the protocol.
    Invalid(i64),
    /// Nothing but a status.
    Status(u16),
}

impl Told {
    pub(super) fn of(reply: &Reply) -> Self {
        if let Some(code) = reply.body["error"]["code"].as_i64() {
            return Self::Invalid(code);
        }
        let Some(result) = reply.body.get("result") else { return Self::Status(reply.status) };
        if result["resultType"] == "input_required" || result.get("inputRequests").is_some() {
            return Self::Ask(result["requestState"].as_str().unwrap().to_owned());
        }
        if result["isError"] != json!(true) {
            assert_eq!(result["structuredContent"], json!({"ok": true}), "{result}");
            return Self::Done;
        }
        let error = reply.tool_error();
        match error["error_code"].as_str().unwrap() {
            "APPROVAL_REQUIRED" => Self::Required(error["approval_id"].as_str().map(str::to_owned)),
            code => Self::Refused(code.to_owned()),
        }
    }
}
