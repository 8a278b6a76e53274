//! Pages for operators and simple clients: health, readiness and the list of tools.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::context::DEFAULT_TENANT;
use crate::server::Server;

/// Longest wait for the embedded backend's own health.
const PROBE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn health() -> Response {
    json(StatusCode::OK, r#"{"status":"healthy"}"#.to_owned())
}

/// The server can do its work: it is not stopping, and the embedded backend answers. Other backends never
/// change this, or one tenant's trouble would take the server away from all.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response {
    let embedded = match server.embedded {
        Some(address) => server.backend.is_healthy(address, PROBE).await,
        None => true,
    };
    if embedded && !server.is_draining() {
        json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned())
    } else {
        json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"not ready"}"#.to_owned())
    }
}

/// The same list that `tools/list` gives, as plain JSON.
pub(super) async fn discovery(State(server): State<Arc<Server>>) -> Response {
    let tools = server.catalog.view(DEFAULT_TENANT).map_or("[]", |view| view.tools_json.as_str());
    json(StatusCode::OK, format!(r#"{{"server":{},"endpoint":"/mcp","tools":{tools}}}"#, server.info))
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
