//! Pages for operators and simple clients: health, readiness and the list of tools.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use super::{ClientAddress, Refusal};
use crate::server::Server;

/// Longest wait for the embedded backend's own health.
const PROBE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn health() -> Response {
    json(StatusCode::OK, r#"{"status":"healthy"}"#.to_owned())
}

/// The server can do its work: it is not stopping, it can record what it does, and the embedded backend answers. Other backends never
/// change this, or one tenant's trouble would take the server away from all.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response {
    let embedded = match server.embedded {
        Some(address) => server.backend.is_healthy(address, PROBE).await,
        None => true,
    };
    if embedded && !server.is_draining() && !server.audit.is_failing() {
        json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned())
    } else {
        json(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"not ready"}"#.to_owned())
    }
}

/// The same list that `tools/list` gives, as plain JSON.
pub(super) async fn discovery(
    State(server): State<Arc<Server>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Response {
    let caller = match server.auth.authenticate(&headers, client.0).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let view = server.view(&caller);
    let (info, tools) = (&server.info, &view.tools_json);
    json(StatusCode::OK, format!(r#"{{"server":{info},"endpoint":"/mcp","tools":{tools}}}"#))
}

/// The server's figures, for Prometheus.
pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = server.auth.operator(&headers, client.0).await {
        return refusal;
    }
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], server.figures()).into_response()
}

/// How clients get a token, where an authorization server gives them.
pub(super) async fn metadata(State(server): State<Arc<Server>>) -> Response {
    match &server.auth.metadata {
        Some(metadata) => json(StatusCode::OK, metadata.json.clone()),
        None => Refusal::new(StatusCode::NOT_FOUND, "no authorization server is set up").into_response(),
    }
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
