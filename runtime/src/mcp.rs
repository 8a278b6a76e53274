//! The protocol: JSON-RPC messages over HTTP POST, in both of its eras, without any session.
//!
//! A *modern* client (2026-07-28) carries its version and capabilities in every request; a *legacy* client
//! starts with `initialize`. Both are served on the same endpoint, and no request depends on one before.

mod header;
mod message;
mod method;
pub(crate) mod mirror;
mod reply;
mod stream;
mod tool_call;
mod version;

use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use crate::auth::Caller;
use crate::server::Server;
use message::Request;
use reply::RpcError;
use version::Era;

/// Answers one POST to the endpoint.
pub(crate) async fn handle(
    server: &Arc<Server>,
    caller: &Caller,
    client: IpAddr,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    let request = match Request::parse(body) {
        Ok(Some(request)) => request,
        // Nothing that a client may notify of concerns a server without sessions.
        Ok(None) => return reply::accepted(),
        Err(error) => return reply::error(None, &error, error.code.status()),
    };
    match Era::of(&request, headers) {
        Ok(era) => answer(server, caller, client, headers, era, request).await,
        Err(error) => reply::error(Some(request.id), &error, error.code.status()),
    }
}

async fn answer(
    server: &Arc<Server>,
    caller: &Caller,
    client: IpAddr,
    headers: &HeaderMap,
    era: Era,
    request: Request<'_>,
) -> Response {
    if era == Era::Modern
        && let Err(error) = header::check(headers, &request)
    {
        return reply::error(Some(request.id), &error, error.code.status());
    }
    let result = match (&*request.method, era) {
        ("tools/call", _) => return tool_call::answer(server, caller, client, headers, era, request).await,
        ("tools/list", _) => method::list_tools(server, caller, era, &request),
        ("server/discover", Era::Modern) => Ok(method::discover(server)),
        ("initialize", Era::Legacy) => method::initialize(server, &request),
        ("ping", Era::Legacy) => Ok("{}".to_owned()),
        // Some older clients give up on a server that refuses these, whatever it declared.
        ("prompts/list", Era::Legacy) => Ok(r#"{"prompts":[]}"#.to_owned()),
        ("resources/list", Era::Legacy) => Ok(r#"{"resources":[]}"#.to_owned()),
        ("resources/templates/list", Era::Legacy) => Ok(r#"{"resourceTemplates":[]}"#.to_owned()),
        (method, _) => Err(RpcError::unknown_method(method)),
    };
    match result {
        Ok(result) => reply::result(request.id, &result),
        Err(error) => reply::error(Some(request.id), &error, era.status_of(error.code)),
    }
}
