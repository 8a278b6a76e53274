//! What a call leaves behind in the log: one line, however it ends.

use std::time::Instant;

use super::{Outcome, internal};
use crate::context::Context;
use crate::correlation::Correlation;
use crate::native::{Answer, CallError};
use crate::tool::Spec;

/// The record of a call that is under way. Dropped before it is closed, it tells of a cancelled call.
#[derive(Debug)]
pub(crate) struct Trail {
    spec: &'static Spec,
    correlation_id: String,
    tenant: String,
    actor: String,
    role: Option<String>,
    started: Instant,
    /// The approval that the call used.
    approval_id: Option<String>,
    /// Cause of a failure, for the log alone.
    detail: Option<String>,
    closed: bool,
}

impl Trail {
    pub(super) fn new(spec: &'static Spec, context: &Context, correlation: &Correlation) -> Self {
        Self {
            spec,
            correlation_id: correlation.id().to_owned(),
            tenant: context.tenant.clone(),
            actor: context.actor.clone(),
            role: context.roles.as_ref().map(|roles| roles.join(" ")),
            started: Instant::now(),
            approval_id: None,
            detail: None,
            closed: false,
        }
    }

    pub(super) fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// Keeps a cause for the log that the agent must not see.
    pub(super) fn note(&mut self, detail: String) {
        self.detail = Some(detail);
    }

    /// Keeps the id of the approval that the call used, if it has one.
    pub(super) fn approved_by(&mut self, approval_id: Option<String>) {
        self.approval_id = approval_id;
    }

    /// Logs how the call ended.
    pub(super) fn close(mut self, result: Result<Answer, CallError>) -> Outcome {
        self.closed = true;
        let code = match &result {
            Ok(Answer::InputRequired { .. }) => "input_required",
            Ok(_) => "ok",
            Err(CallError::Tool(error)) => error.code.as_str(),
            Err(CallError::MissingCapability(_)) => "missing_capability",
            Err(CallError::InvalidParams(_)) => "invalid_params",
        };
        self.log(code);
        self.outcome(result)
    }

    /// The outcome of a call whose task broke down; the task's own trail logs that by being dropped.
    pub(super) fn lost(&self) -> Outcome {
        self.outcome(Err(internal("the call broke down; what it did is unknown").into()))
    }

    fn outcome(&self, result: Result<Answer, CallError>) -> Outcome {
        Outcome {
            tool: self.spec.name,
            correlation_id: self.correlation_id.clone(),
            duration: self.started.elapsed(),
            result,
        }
    }

    fn log(&self, code: &str) {
        tracing::info!(
            tool = self.spec.name,
            outcome = code,
            tenant = self.tenant,
            actor = self.actor,
            role = self.role,
            correlation_id = self.correlation_id,
            approval_id = self.approval_id,
            duration_ms = duration_ms(self.started.elapsed()),
            detail = self.detail,
            "call"
        );
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        if !self.closed {
            self.log("cancelled");
        }
    }
}

/// Milliseconds with three decimals, as they are shown and logged.
pub(crate) fn duration_ms(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
