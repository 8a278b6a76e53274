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
    fault: Fault,
}

/// Where it went wrong, as far as something follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The gateway did not send it.
    NotSent,
    /// There was no connection to send it on.
    Unreachable,
    /// The connection broke, and nobody knows what became of the request.
    Broken,
    /// No whole answer came in time.
    Late,
    /// The service answered so.
    Answered(u16),
}

impl Failure {
    /// A request that the gateway itself could not send.
    pub(super) fn internal(message: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Fault::NotSent, ToolError::new(ErrorCode::InternalError, message), detail)
    }

    fn new(fault: Fault, error: ToolError, detail: impl Into<String>) -> Self {
        Self { error: Box::new(error), detail: detail.into(), fault }
    }

    fn not_sent(message: String, detail: &str) -> Self {
        Self::new(Fault::NotSent, ToolError::new(ErrorCode::BackendUnavailable, message), detail)
    }

    /// Whether the service may have begun to carry the request out.
    pub(super) fn was_sent(&self) -> bool {
        !matches!(self.fault, Fault::NotSent | Fault::Unreachable)
    }

    /// Whether the same request may go well a moment later.
    pub(super) fn passes(&self) -> bool {
        match self.fault {
            Fault::Unreachable | Fault::Broken | Fault::Answered(502..=504) => true,
            Fault::Answered(429) => self.retry_after().is_some(),
            Fault::NotSent | Fault::Late | Fault::Answered(_) => false,
        }
    }

    /// Whether the service is well for all that, as one that refuses a request is; `None` where it was not asked.
    pub(super) fn is_well(&self) -> Option<bool> {
        match self.fault {
            Fault::NotSent => None,
            Fault::Unreachable | Fault::Broken | Fault::Late => Some(false),
            Fault::Answered(status) => Some(!matches!(status, 500 | 502..=504)),
        }
    }

    /// When the service wants to be asked again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.error.retry_after
    }

    pub(super) fn timeout(service: &str, timeout: Duration) -> Self {
        let message = format!("the {service} service did not answer within {} ms", timeout.as_millis());
        Self::new(Fault::Late, ToolError::new(ErrorCode::BackendTimeout, message), "deadline passed")
    }

    /// An answer of which nothing more came.
    pub(super) fn of_silence(service: &str, silence: Duration) -> Self {
        let message = format!(
            "the {service} service stopped in the middle of its answer for {} ms",
            silence.as_millis()
        );
        Self::new(Fault::Late, ToolError::new(ErrorCode::BackendTimeout, message), "the answer stopped")
    }

    /// A request whose turn did not come, so that it was not sent.
    pub(super) fn of_pace(service: &str, timeout: Duration) -> Self {
        let message = format!(
            "the {service} service is asked as often as it may be, and the turn of this call did not come within \
             {} ms; nothing was sent, so try again later",
            timeout.as_millis()
        );
        Self::not_sent(message, "no turn before the deadline")
    }

    /// A request before which too many wait already, so that it was not sent.
    pub(super) fn of_queue(service: &str) -> Self {
        let message = format!(
            "too many calls wait for the {service} service already; nothing was sent, so try again later"
        );
        let failure = Self::not_sent(message, "no place among those that wait");
        failure.after(Duration::from_secs(1))
    }

    /// A request to a service that is left alone for a while, so that it was not sent.
    pub(super) fn of_circuit(service: &str, wait: Duration) -> Self {
        let message = format!(
            "the {service} service has failed too often of late and is not asked for a moment; nothing was sent, \
             so try again later"
        );
        Self::not_sent(message, "the circuit is open").after(wait)
    }

    fn after(mut self, wait: Duration) -> Self {
        self.error.retry_after = Some(wait);
        self
    }

    /// A request that never got an answer, or not a whole one.
    pub(super) fn of_transport(service: &str, error: reqwest::Error) -> Self {
        let (fault, code, what) = if error.is_timeout() {
            (
                Fault::Unreachable,
                ErrorCode::BackendUnavailable,
                "did not accept the connection in time; try again later",
            )
        } else if error.is_connect() {
            (Fault::Unreachable, ErrorCode::BackendUnavailable, "cannot be reached; try again later")
        } else {
            (Fault::Broken, ErrorCode::BackendError, "broke off before its answer was complete")
        };
        // The error's own text names the URL; its causes do not.
        let detail = causes(&error.without_url());
        Self::new(fault, ToolError::new(code, format!("the {service} service {what}")), detail)
    }

    /// An answer with a status other than success, and when the service wants to be asked again.
    pub(super) fn of_status(service: &str, status: u16, retry_after: Option<Duration>) -> Self {
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
        let error = ToolError { retry_after, ..ToolError::backend(status, message) };
        Self::new(Fault::Answered(status), error, format!("status {status}"))
    }

    /// An answer that is a success by its status and no use by its content.
    pub(super) fn of_content(service: &str, status: u16, detail: &str) -> Self {
        let message = format!("the {service} service sent an answer that cannot be used: {detail}");
        Self::new(Fault::Answered(status), ToolError::backend(status, message), detail)
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
