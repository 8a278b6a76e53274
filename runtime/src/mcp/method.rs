//! Methods that only tell: what the server is and which tools it has.

use serde_json::json;

use super::message::Request;
use super::reply::{RpcCode, RpcError};
use super::version::{self, Era};
use crate::auth::Caller;
use crate::server::Server;

/// How long a client may use a list without asking again, in milliseconds. Tools change only with a restart.
const TTL_MS: u32 = 300_000;

/// What an agent should know before it calls any tool.
const INSTRUCTIONS: &str = "A failed call comes back as JSON with error_code, message and correlation_id. \
    VALIDATION_ERROR lists every bad argument in problems: mend them all and call again. \
    APPROVAL_REQUIRED means that a person has to approve this very call first.";

/// The result of `server/discover`.
pub(super) fn discover(server: &Server) -> String {
    json!({
        "resultType": "complete",
        "supportedVersions": version::supported().collect::<Vec<_>>(),
        "capabilities": {"tools": {}},
        "instructions": INSTRUCTIONS,
        "ttlMs": TTL_MS,
        "cacheScope": "private",
        "_meta": {"io.modelcontextprotocol/serverInfo": server.info},
    })
    .to_string()
}

/// The result of `initialize`: the client's version where it is served, else the newest legacy one.
pub(super) fn initialize(server: &Server, request: &Request<'_>) -> Result<String, RpcError> {
    let requested = request
        .params
        .protocol_version
        .as_deref()
        .ok_or_else(|| RpcError::new(RpcCode::InvalidParams, "params.protocolVersion is missing"))?;
    let [newest, ..] = version::LEGACY;
    let version = version::LEGACY.into_iter().find(|known| *known == requested).unwrap_or(newest);
    Ok(json!({
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": server.info,
        "instructions": INSTRUCTIONS,
    })
    .to_string())
}

/// The result of `tools/list`: everything on one page, from bytes that were made at start.
pub(super) fn list_tools(
    server: &Server,
    caller: &Caller,
    era: Era,
    request: &Request<'_>,
) -> Result<String, RpcError> {
    if request.params.cursor.is_some() {
        return Err(RpcError::new(RpcCode::InvalidParams, "unknown cursor; all tools are on one page"));
    }
    let view = server.view(caller);
    let tools = &view.tools_json;
    Ok(match era {
        Era::Legacy => format!(r#"{{"tools":{tools}}}"#),
        Era::Modern => format!(
            r#"{{"resultType":"complete","tools":{tools},"ttlMs":{TTL_MS},"cacheScope":"private","_meta":{{{}}}}}"#,
            server.server_info_member
        ),
    })
}
