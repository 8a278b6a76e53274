//! Everything that can go wrong in a request, and the one function that maps it to the wire.
//! What a caller can mend is told in words; what it cannot is logged and masked.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rusqlite::ErrorCode;

/// Why a request was not answered with data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request cannot be read: bad JSON, a missing, unknown or wrongly typed parameter.
    #[error("{0}")]
    Malformed(String),
    /// There is no such record (or route).
    #[error("{0}")]
    NotFound(String),
    /// The route exists, but not with this method.
    #[error("this route does not take this method")]
    MethodNotAllowed,
    /// The request contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// The body is larger than the service takes.
    #[error("the body is larger than 2 MiB")]
    TooLarge,
    /// The body is not declared as JSON.
    #[error("send the body as JSON, with Content-Type: application/json")]
    NotJson,
    /// The request can be read but makes no sense: an unknown stage, an impossible date.
    #[error("{0}")]
    Meaningless(String),
    /// The database is locked by another process, or the service is stopping.
    #[error("the service is busy or stopping; try again")]
    Busy,
    /// The database refused a statement.
    #[error("database: {0}")]
    Storage(rusqlite::Error),
    /// Something in this service is wrong, in its own words for the log.
    #[error("{0}")]
    Broken(String),
}

// === impl Failure ===

impl Failure {
    /// What a caller is told. What it is not told goes to the log.
    pub(crate) fn told(&self) -> String {
        if matches!(self, Self::Storage(_) | Self::Broken(_)) {
            tracing::error!(error = %self, "request failed");
            return "the service failed; its log says why".to_owned();
        }
        self.to_string()
    }

    /// Whether the caller can mend it.
    pub(crate) fn is_the_callers(&self) -> bool {
        self.wire().0.is_client_error()
    }

    fn wire(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::Meaningless(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unprocessable"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Storage(_) | Self::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Storage(error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, code) = self.wire();
        let body = serde_json::json!({"error": {"code": code, "message": self.told()}});
        (status, Json(body)).into_response()
    }
}
