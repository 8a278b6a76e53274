//! The routes of the one listener, and the checks that every request passes before any of them.

mod approvals;
mod body;
mod client_address;
mod guard;
mod page;
mod refusal;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::StatusCode;

use crate::auth::metadata;
use crate::mcp;
use crate::server::Server;

use body::BodyReader;
pub(crate) use client_address::{ClientAddress, client_address};
pub(crate) use refusal::Refusal;

const NOT_FOUND: Refusal =
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing here; the MCP endpoint is /mcp");
const WRONG_METHOD: Refusal =
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path");
const STOPPING: Refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");

/// All routes. `address` is where the listener is bound.
pub(crate) fn router(server: Arc<Server>, address: SocketAddr) -> Router {
    let guard = Arc::new(guard::Guard::new(&server.config.server, address));
    let bodies = BodyReader::new(server.limits);
    let endpoint_bodies = bodies.clone();
    let endpoint =
        move |State(server): State<Arc<Server>>, client: Extension<ClientAddress>, request: Request| {
            endpoint(server, endpoint_bodies, client.0, request)
        };
    Router::new()
        .route("/mcp", post(endpoint))
        .route(metadata::PATH, get(page::metadata))
        .route(&format!("{}/mcp", metadata::PATH), get(page::metadata))
        .merge(approvals::router(bodies))
        .route("/mcp/discovery", get(page::discovery))
        .route("/health", get(page::health))
        .route("/ready", get(page::ready))
        .route("/metrics", get(page::metrics))
        .fallback(async || NOT_FOUND)
        .method_not_allowed_fallback(async || WRONG_METHOD)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(middleware::from_fn_with_state(Arc::clone(&server), count))
        .with_state(server)
}

/// The MCP endpoint.
async fn endpoint(
    server: Arc<Server>,
    bodies: BodyReader,
    client: ClientAddress,
    request: Request,
) -> Response {
    if server.is_draining() {
        return STOPPING.into_response();
    }
    let (parts, body) = request.into_parts();
    let caller = match server.auth.authenticate(&parts.headers, client.0).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    match bodies.read(&parts.headers, body).await {
        Ok(body) => mcp::handle(&server, &caller, client.0, &parts.headers, &body.bytes).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A response whose refusal is on record already, as an extension of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded;

/// Counts every response, those of the guard included, and sees to it that no refusal goes unrecorded.
async fn count(State(server): State<Arc<Server>>, request: Request, next: middleware::Next) -> Response {
    let client = request.extensions().get::<ClientAddress>().copied();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    server.metrics.responded(status.as_u16());
    let is_refusal = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => true,
        // Who asks whether the server is ready gets this status for an answer.
        StatusCode::SERVICE_UNAVAILABLE => response.extensions().get::<Refusal>().is_some(),
        _ => false,
    };
    if let (true, Some(client), None) = (is_refusal, client, response.extensions().get::<Recorded>()) {
        server.refused(status, client.0, route.as_ref().map(MatchedPath::as_str));
    }
    response
}
