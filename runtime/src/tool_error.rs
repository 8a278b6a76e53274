//! Why a call was refused or failed, in the form that agents get to see.
//!
//! A tool error says what was wrong and what can be done, and never how the inside looks: no URL, no
//! secret, no text of a backend. Those go to the log, under the same correlation id.

mod fetch_rule;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

pub use fetch_rule::FetchRule;

/// The stable name of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// Arguments are not what the tool's schema says.
    ValidationError,
    /// The caller may not call this tool, or not as who it claims to be.
    PermissionDenied,
    /// A person has to approve this very call first.
    ApprovalRequired,
    /// A person has refused this very call.
    ApprovalDenied,
    /// A key that stands for one call was used for another.
    IdempotencyConflict,
    /// Too many calls were made; later this one may be.
    RateLimitExceeded,
    /// A backend service answered with an error or with something unusable.
    BackendError,
    /// A backend service did not answer in time.
    BackendTimeout,
    /// A backend service is not configured or cannot be reached.
    BackendUnavailable,
    /// A page may not be fetched; `reason` says by which rule.
    FetchBlocked,
    /// The server itself failed.
    InternalError,
}

impl ErrorCode {
    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "VALIDATION_ERROR",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ApprovalRequired => "APPROVAL_REQUIRED",
            Self::ApprovalDenied => "APPROVAL_DENIED",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::RateLimitExceeded => "RATE_LIMIT_EXCEEDED",
            Self::BackendError => "BACKEND_ERROR",
            Self::BackendTimeout => "BACKEND_TIMEOUT",
            Self::BackendUnavailable => "BACKEND_UNAVAILABLE",
            Self::FetchBlocked => "FETCH_BLOCKED",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }

    /// Whose fault it is: `client` (the seed's MCPClientError) or `server` (its MCPServerError).
    pub fn class(self) -> &'static str {
        match self {
            Self::ValidationError
            | Self::PermissionDenied
            | Self::ApprovalRequired
            | Self::ApprovalDenied
            | Self::IdempotencyConflict
            | Self::RateLimitExceeded
            | Self::FetchBlocked => "client",
            Self::BackendError | Self::BackendTimeout | Self::BackendUnavailable | Self::InternalError => {
                "server"
            }
        }
    }
}

/// A refused or failed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct ToolError {
    /// The stable reason.
    pub code: ErrorCode,
    /// What happened and what the caller can do.
    pub message: String,
    /// Every bad argument, where arguments are the reason.
    pub problems: Vec<Problem>,
    /// Status that the backend service answered with.
    pub status: Option<u16>,
    /// The request for approval that the call waits for, or that was refused.
    pub approval_id: Option<String>,
    /// The rule by which a page may not be fetched.
    pub reason: Option<FetchRule>,
    /// How long to wait before the call can be made.
    pub retry_after: Option<Duration>,
}

impl ToolError {
    /// An error that needs nothing but words.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
            status: None,
            approval_id: None,
            reason: None,
            retry_after: None,
        }
    }

    /// All bad arguments of a call at once.
    pub fn validation(problems: Vec<Problem>) -> Self {
        let listed: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.argument, problem.message)).collect();
        Self { problems, ..Self::new(ErrorCode::ValidationError, listed.join("; ")) }
    }

    /// A backend's answer that is no success.
    pub(crate) fn backend(status: u16, message: impl Into<String>) -> Self {
        Self { status: Some(status), ..Self::new(ErrorCode::BackendError, message) }
    }

    /// A page that may not be fetched, by this rule.
    pub(crate) fn fetch_blocked(reason: FetchRule, message: impl Into<String>) -> Self {
        Self { reason: Some(reason), ..Self::new(ErrorCode::FetchBlocked, message) }
    }

    /// The JSON that an agent reads.
    pub(crate) fn to_json(&self, correlation_id: &str) -> String {
        #[derive(Serialize)]
        struct Wire<'a> {
            error_code: ErrorCode,
            class: &'static str,
            message: &'a str,
            correlation_id: &'a str,
            #[serde(skip_serializing_if = "<[Problem]>::is_empty")]
            problems: &'a [Problem],
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<u16>,
            #[serde(skip_serializing_if = "Option::is_none")]
            approval_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            reason: Option<FetchRule>,
            #[serde(skip_serializing_if = "Option::is_none")]
            retry_after_ms: Option<u128>,
        }
        let wire = Wire {
            error_code: self.code,
            class: self.code.class(),
            message: &self.message,
            correlation_id,
            problems: &self.problems,
            status: self.status,
            approval_id: self.approval_id.as_deref(),
            reason: self.reason,
            // Rounded up: a millisecond early would be refused again.
            retry_after_ms: self.retry_after.map(|wait| wait.as_nanos().div_ceil(1_000_000)),
        };
        let mut out = Vec::new();
        crate::json::write::value(&mut out, &wire);
        String::from_utf8_lossy(&out).into_owned()
    }
}
