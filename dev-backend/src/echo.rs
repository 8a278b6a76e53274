//! The echo that every service has: a request comes back as it was understood, for whoever tries a new tool before
//! its own route is built.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Json as JsonResponse;
use axum::routing::{MethodRouter, get};
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::failure::Failure;
use crate::hooks::Hooks;
use crate::moment;

/// The path below a service's prefix.
pub(crate) const PATH: &str = "/echo";

/// The echo of one service, for GET and POST.
pub(crate) fn route(service: &'static str, hooks: &Hooks) -> MethodRouter {
    get(echo).post(echo).with_state(Arc::new((service, hooks.clone())))
}

async fn echo(
    State(echo): State<Arc<(&'static str, Hooks)>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<JsonResponse<Json>, Failure> {
    let (service, hooks) = &*echo;
    let call = Call::read(&method, &uri, &headers, &body, hooks)?;
    let payload: Json = call.input()?;
    let timestamp = moment::text(hooks.clock.now());
    Ok(JsonResponse(
        json!({"service": service, "path": uri.path(), "payload": payload, "timestamp": timestamp}),
    ))
}
