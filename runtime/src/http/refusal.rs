//! Refusing a request as a whole, before it is known to be a message of the protocol.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// How long a client should wait before it asks a server again that has too much to do.
const RETRY_AFTER_SECONDS: &str = "1";

/// Why a request is refused, in plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: &'static str,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, reason: &'static str) -> Self {
        Self { status, reason }
    }
}

impl IntoResponse for Refusal {
    /// The answer, which ends the connection, so that nothing that follows can be taken for a request. It bears its
    /// refusal, by which it is told from a status of the same number that refuses nothing.
    fn into_response(self) -> Response {
        let Self { status, reason } = self;
        tracing::info!(status = status.as_u16(), reason, "request refused");
        let mut response = (status, [(header::CONNECTION, "close")], reason).into_response();
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response.extensions_mut().insert(self);
        response
    }
}
