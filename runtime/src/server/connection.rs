//! One connection: its requests one after the other, each checked for its framing and answered whatever
//! happens inside.

use std::any::Any;
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use serde_json::json;
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::Server;
use super::framing::BodyKind;
use super::seats::{NoSeat, Seat, Seats};
use super::timed_io::TimedIo;
use super::wire::{UnderWay, Wire};
use crate::config::TrustedProxies;
use crate::correlation::Correlation;
use crate::http::{ClientAddress, Refusal, client_address};

/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) router: Router,
    pub(super) server: Arc<Server>,
    /// Places for requests that come through a trusted proxy, by the client that it names.
    pub(super) forwarded: Arc<Seats>,
}

impl Shared {
    pub(super) fn proxies(&self) -> &TrustedProxies {
        &self.server.config.server.trusted_proxies
    }
}

/// Serves a connection until its end. A watched one ends early, after the answer under way, when its watcher
/// says so.
pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream, peer: IpAddr, watcher: Option<Watcher>) {
    // Without this small answers wait for the client's acknowledgement; a failure only costs speed.
    let _slower = stream.set_nodelay(true);
    let wire = Wire::default();
    let limits = shared.server.limits;
    let io = TokioIo::new(TimedIo::new(stream, wire.clone(), limits));
    let service = service_fn(move |request| respond(Arc::clone(&shared), wire.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // The socket's own limits are tighter. This one makes the parser look at an idle socket once more after
        // each answer, without which the socket would not get to start its own.
        .header_read_timeout(limits.idle + limits.head)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(io, service);
    let ended = match watcher {
        Some(watcher) => watcher.watch(connection).await,
        None => connection.await,
    };
    if let Err(error) = ended {
        tracing::debug!(error = error.to_string(), "connection ended");
    }
}

/// Answers one request.
async fn respond(
    shared: Arc<Shared>,
    wire: Wire,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let (verdict, under_way) = wire.next_request();
    let mut response = match verdict {
        Ok(_) => dispatch(&shared, peer, request.map(Body::new)).await,
        Err(reason) => Refusal::new(StatusCode::BAD_REQUEST, reason).into_response(),
    };
    if !matches!(verdict, Ok(BodyKind::Length(_))) {
        // Where a chunked body ends is the parser's word alone, so nothing after it is taken for a request.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| Answer { body, _under_way: under_way }))
}

/// Hands a request to the router, if its client may have one more under way.
async fn dispatch(shared: &Shared, peer: IpAddr, mut request: Request<Body>) -> Response {
    let client = client_address(peer, request.headers(), shared.proxies());
    let Ok(_seat) = forwarded_seat(shared, peer, client) else {
        shared.server.refused(StatusCode::TOO_MANY_REQUESTS, client, None);
        let reason = "too many requests at once; try again later";
        return Refusal::new(StatusCode::TOO_MANY_REQUESTS, reason).into_response();
    };
    request.extensions_mut().insert(ClientAddress(client));
    let correlation = Correlation::of_request(request.headers(), None);
    let answered = AssertUnwindSafe(shared.router.clone().oneshot(request)).catch_unwind().await;
    match answered {
        Ok(Ok(response)) => response,
        Err(panic) => broken_down(&correlation, &*panic),
    }
}

/// The place of a request that comes through a trusted proxy. A connection of its own has one already.
fn forwarded_seat(shared: &Shared, peer: IpAddr, client: IpAddr) -> Result<Option<Seat>, NoSeat> {
    if !shared.proxies().contains(peer) {
        return Ok(None);
    }
    shared.forwarded.take(Some(client)).map(Some)
}

/// The answer where the server's own code broke down: the id to ask an operator about, and nothing of why.
fn broken_down(correlation: &Correlation, panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    tracing::error!(correlation_id = correlation.id(), panic = text, "a request broke down");
    let body = json!({
        "error_code": "INTERNAL_ERROR",
        "class": "server",
        "message": "the server failed; an operator can find the cause by the correlation id",
        "correlation_id": correlation.id(),
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CONNECTION, "close")];
    let mut response = (StatusCode::INTERNAL_SERVER_ERROR, headers, body.to_string()).into_response();
    if let Ok(id) = HeaderValue::from_str(correlation.id()) {
        response.headers_mut().insert("x-correlation-id", id);
    }
    response
}

/// The body of an answer. Its request is under way until this is dropped.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        hyper::body::Body::size_hint(&self.body)
    }
}
