//! An answer as server-sent events: reports of progress, then the result.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use tokio::sync::mpsc::Receiver;

use super::tool_call::Writer;
use crate::call::Outcome;
use crate::native::Progress;

/// A comment is sent after so long a silence, so that no proxy takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Call = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Waits for the first sign of the call: an outcome before any report is one JSON message, a report opens a
/// stream. Dropping the stream drops the call, which is how a client cancels.
pub(super) async fn answer(
    call: impl Future<Output = Outcome> + Send + 'static,
    mut reports: Receiver<Progress>,
    token: String,
    write: Writer,
) -> Response {
    let mut call: Call = Box::pin(call);
    let first = tokio::select! {
        biased;
        Some(report) = reports.recv() => report,
        outcome = &mut call => return write.response(outcome),
    };
    let start = event(&write.progress(&token, &first));
    let state = State { call, reports, token, write, pending: Some(start), done: false };
    let mut response = Response::new(Body::from_stream(stream::unfold(state, next)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct State {
    call: Call,
    reports: Receiver<Progress>,
    token: String,
    write: Writer,
    /// An event that is ready.
    pending: Option<Bytes>,
    /// Whether the result has been sent.
    done: bool,
}

async fn next(mut state: State) -> Option<(Result<Bytes, Infallible>, State)> {
    if let Some(event) = state.pending.take() {
        return Some((Ok(event), state));
    }
    if state.done {
        return None;
    }
    // Reports go first: those made before the result are sent before it.
    let event = tokio::select! {
        biased;
        Some(report) = state.reports.recv() => event(&state.write.progress(&state.token, &report)),
        outcome = &mut state.call => {
            state.done = true;
            event(&state.write.message(outcome))
        }
        () = tokio::time::sleep(KEEP_ALIVE) => Bytes::from_static(b":\n\n"),
    };
    Some((Ok(event), state))
}

/// One event. A message may have line breaks between its members; each of its lines becomes a data line.
fn event(message: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(message.len() + 32);
    out.extend_from_slice(b"event: message\n");
    for line in message.split(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
    Bytes::from(out)
}
