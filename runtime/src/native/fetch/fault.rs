//! Why a page was not fetched, and what of that its caller may know.
//!
//! A refusal names the rule and never what stands behind a name: no address, no port that answered, no time.

use std::time::Duration;

use crate::tool_error::{ErrorCode, ToolError};

pub(super) use crate::tool_error::FetchRule as Reason;

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// A rule forbids it.
    #[error("{1}")]
    Blocked(Reason, String),
    /// The host was not found, or nothing answers there.
    #[error("the host cannot be reached")]
    Unreachable,
    /// What came is no whole HTTP answer.
    #[error("{0}")]
    BadAnswer(&'static str),
    /// The deadline has passed.
    #[error("no whole answer came within {} ms", .0.as_millis())]
    Late(Duration),
    /// The server itself failed.
    #[error("the fetch broke down")]
    Internal,
}

impl Fault {
    pub(super) fn blocked(reason: Reason, message: impl Into<String>) -> Self {
        Self::Blocked(reason, message.into())
    }

    /// The one thing that is said of an address, whatever it is and however it was found.
    pub(super) fn address() -> Self {
        Self::blocked(Reason::Address, "the host's address is not a public one")
    }
}

impl From<Fault> for ToolError {
    fn from(fault: Fault) -> Self {
        let code = match fault {
            Fault::Blocked(reason, message) => return Self::fetch_blocked(reason, message),
            Fault::Unreachable => ErrorCode::BackendUnavailable,
            Fault::BadAnswer(_) => ErrorCode::BackendError,
            Fault::Late(_) => ErrorCode::BackendTimeout,
            Fault::Internal => ErrorCode::InternalError,
        };
        Self::new(code, fault.to_string())
    }
}
