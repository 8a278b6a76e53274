//! The routes of the one listener, and the checks that every request passes before any of them.

mod body;
mod guard;
mod page;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

use crate::mcp;
use crate::server::Server;

/// All routes. `address` is where the listener is bound.
pub(crate) fn router(server: Arc<Server>, address: SocketAddr) -> Router {
    let guard = Arc::new(guard::Guard::new(&server.config.server, address));
    Router::new()
        .route("/mcp", post(endpoint))
        .route("/mcp/discovery", get(page::discovery))
        .route("/health", get(page::health))
        .route("/ready", get(page::ready))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(server)
}

/// The MCP endpoint.
async fn endpoint(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match body::read(&parts.headers, body).await {
        Ok(body) => mcp::handle(&server, &parts.headers, &body).await,
        Err(refusal) => refusal,
    }
}
