//! What can go wrong between the server and a backend service.

use std::error::Error;
use std::time::Duration;

use crate::tool_error::{ErrorCode, ToolError};

/// A failed exchange: what the agent may know, and what the log should.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Box<ToolError>,
    /// Cause for the log; it never holds the URL or what the service wrote.
    pub(crate) detail: String,
}

impl Failure {
    pub(super) fn new(error: ToolError, detail: impl Into<String>) -> Self {
        Self { error: Box::new(error), detail: detail.into() }
    }

    pub(super) fn timeout(service: &str, timeout: Duration) -> Self {
        let message = format!("the {service} service did not answer within {} ms", timeout.as_millis());
        Self::new(ToolError::new(ErrorCode::BackendTimeout, message), "deadline passed")
    }

    /// A request whose turn did not come, so that it was not sent.
    pub(super) fn of_pace(service: &str, timeout: Duration) -> Self {
        let message = format!(
            "the {service} service is asked as often as it may be, and the turn of this call did not come within \
             {} ms; nothing was sent, so try again later",
            timeout.as_millis()
        );
        Self::new(ToolError::new(ErrorCode::BackendUnavailable, message), "no turn before the deadline")
    }

    /// A service whose client was not made. None but the common one can take its place.
    pub(super) fn without_client(service: &str) -> Self {
        let message = format!("the {service} service cannot be reached");
        Self::new(ToolError::new(ErrorCode::InternalError, message), "no client for its issuers")
    }

    /// A request that never got an answer, or not a whole one.
    pub(super) fn of_transport(service: &str, error: reqwest::Error) -> Self {
        let (code, what) = if error.is_timeout() {
            (ErrorCode::BackendTimeout, "did not accept the connection in time")
        } else if error.is_connect() {
            (ErrorCode::BackendUnavailable, "cannot be reached; try again later")
        } else {
            (ErrorCode::BackendError, "broke off before its answer was complete")
        };
        // The error's own text names the URL; its causes do not.
        let detail = causes(&error.without_url());
        Self::new(ToolError::new(code, format!("the {service} service {what}")), detail)
    }

    /// An answer with a status other than success.
    pub(super) fn of_status(service: &str, status: u16) -> Self {
        let what = match status {
            300..=399 => "redirected, which is not followed",
            400 | 422 => "found the arguments meaningless; check values and ids, and what they refer to",
            401 | 403 => "does not let this server in; an operator has to look at its credentials",
            404 => "has no such record; check the ids, for instance with a search",
            409 => "says this conflicts with what is there; read the record first",
            413 => "says the request is too large",
            429 => "is busy; try again later",
            501 => "does not offer this yet",
            _ => "failed; try again later",
        };
        let message = format!("the {service} service {what} (status {status})");
        Self::new(ToolError::backend(status, message), format!("status {status}"))
    }

    /// An answer that is a success by its status and no use by its content.
    pub(super) fn of_content(service: &str, status: u16, detail: &str) -> Self {
        let message = format!("the {service} service sent an answer that cannot be used: {detail}");
        Self::new(ToolError::backend(status, message), detail)
    }
}

/// The causes of an error, outermost first.
fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
