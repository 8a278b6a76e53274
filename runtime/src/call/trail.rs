//! What a call leaves behind: one line in the log and one outcome in the audit log, however it ends, and before
//! that, if it changes something, its intent.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::facts::Facts;
use super::{Incoming, Outcome, internal};
use crate::audit::{Audit, Intent, Manner, Seat};
use crate::catalog::Entry;
use crate::context::Context;
use crate::metrics::CallMetrics;
use crate::native::{Answer, CallError};
use crate::server::Server;
use crate::tool::Spec;

/// How a call is said to have ended that was not taken because it could not be recorded.
const UNRECORDED: &str = "AUDIT_UNAVAILABLE";

/// The record of a call that is under way. Dropped before it is closed, it tells of a cancelled call.
#[derive(Debug)]
pub(crate) struct Trail {
    spec: &'static Spec,
    facts: Facts,
    audit: Audit,
    /// Whether the server cuts calls off.
    cut: CancellationToken,
    started: Instant,
    metrics: Option<CallMetrics>,
    /// The approval that the call used.
    approval_id: Option<String>,
    /// Cause of a failure, for the log alone.
    detail: Option<String>,
    backend: Option<Exchange>,
    stage: Stage,
}

/// What a backend was asked, and how it answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    /// Requests that were made; none where the service was left alone.
    pub(super) attempts: u32,
    /// Status of its last answer.
    pub(super) status: Option<u16>,
    /// Time of all of them.
    pub(super) duration: Duration,
}

/// How far the audit log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing of the call is in it.
    Open,
    /// Its intent is.
    Begun(Intent),
    /// Its intent may be in it, and nothing was begun on it.
    Stuck,
    /// Its outcome is, or on the way to it.
    Closed,
}

/// A line of the audit log.
#[derive(Serialize)]
struct Record<'a> {
    kind: &'static str,
    #[serde(flatten)]
    facts: &'a Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_id: Option<&'a str>,
    #[serde(flatten)]
    end: Option<End>,
}

/// How a call ended.
#[derive(Serialize)]
struct End {
    /// Number of the line of its intent.
    intent: Option<u64>,
    code: &'static str,
    backend_status: Option<u16>,
    backend_ms: Option<f64>,
    backend_attempts: Option<u32>,
    duration_ms: f64,
}

impl Trail {
    pub(super) fn new(server: &Server, entry: &Entry, context: &Context, incoming: &Incoming<'_>) -> Self {
        let spec = entry.tool.spec();
        let metrics = server.metrics.of(spec.name, &context.tenant);
        metrics.iter().for_each(|metrics| metrics.started());
        Self {
            spec,
            facts: Facts::new(Some(entry), context, incoming, server.audit.is_on()),
            audit: server.audit.clone(),
            cut: server.cut.clone(),
            started: Instant::now(),
            metrics,
            approval_id: None,
            detail: None,
            backend: None,
            stage: Stage::Open,
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

    /// Keeps how the backend answered.
    pub(super) fn answered(&mut self, exchange: Exchange) {
        self.backend = Some(exchange);
    }

    /// Says what is about to be done. Nothing may be done before this returns.
    pub(super) async fn begin(&mut self) -> Result<(), CallError> {
        let unrecorded = |_| CallError::unrecorded();
        let seat = self.audit.seat().await.map_err(unrecorded)?;
        match self.audit.send(seat, &self.record("intent", None), Manner::Intent).wait().await {
            Ok(intent) => {
                self.stage = intent.map_or(Stage::Open, Stage::Begun);
                Ok(())
            }
            Err(unavailable) => {
                self.stage = if unavailable.written { Stage::Stuck } else { Stage::Open };
                Err(unrecorded(unavailable))
            }
        }
    }

    /// Records how the call ended. The outcome may be answered when this returns.
    pub(super) async fn close(mut self, result: Result<Answer, CallError>) -> Outcome {
        if matches!(result, Err(CallError::Unavailable(_))) {
            return self.refuse();
        }
        let code = code(&result);
        let (seat, manner) = match self.stage {
            Stage::Begun(intent) => (Seat::NONE, Manner::OutcomeOf(intent)),
            _ => match self.audit.seat().await {
                Ok(seat) => (seat, Manner::Plain),
                Err(_) => return self.refuse(),
            },
        };
        let receipt = self.audit.send(seat, &self.record("outcome", Some(self.end(code))), manner);
        self.stage = Stage::Closed;
        self.log(code);
        match (receipt.wait().await, manner) {
            (Ok(_), _) => self.outcome(result),
            (Err(_), Manner::OutcomeOf(_)) => {
                let message =
                    "the call was made, and how it ended cannot be recorded now; look before you repeat it";
                self.outcome(Err(internal(message).into()))
            }
            (Err(_), _) => self.outcome(Err(CallError::unrecorded())),
        }
    }

    /// Refuses the call because it cannot be recorded.
    pub(super) fn refuse(mut self) -> Outcome {
        if self.stage == Stage::Stuck {
            self.audit.send_unasked(&self.record("outcome", Some(self.end(UNRECORDED))), Manner::Happened);
        }
        self.stage = Stage::Closed;
        self.log(UNRECORDED);
        self.outcome(Err(CallError::unrecorded()))
    }

    /// The outcome of a call whose task broke down; the task's own trail logs that by being dropped.
    pub(super) fn lost(&self) -> Outcome {
        self.outcome(Err(internal("the call broke down; what it did is unknown").into()))
    }

    fn outcome(&self, result: Result<Answer, CallError>) -> Outcome {
        Outcome {
            tool: self.spec.name,
            correlation_id: self.facts.correlation_id.clone(),
            duration: self.started.elapsed(),
            result,
        }
    }

    fn record(&self, kind: &'static str, end: Option<End>) -> Record<'_> {
        Record { kind, facts: &self.facts, approval_id: self.approval_id.as_deref(), end }
    }

    fn end(&self, code: &'static str) -> End {
        End {
            intent: if let Stage::Begun(intent) = self.stage { Some(intent.seq) } else { None },
            code,
            backend_status: self.backend.and_then(|exchange| exchange.status),
            backend_ms: self.backend.map(|exchange| duration_ms(exchange.duration)),
            backend_attempts: self.backend.map(|exchange| exchange.attempts),
            duration_ms: duration_ms(self.started.elapsed()),
        }
    }

    fn log(&self, code: &'static str) {
        let duration = self.started.elapsed();
        self.metrics.iter().for_each(|metrics| metrics.ended(code, duration));
        tracing::info!(
            tool = self.spec.name,
            outcome = code,
            tenant = self.facts.tenant,
            actor = self.facts.actor,
            role = self.facts.roles.as_ref().map(|roles| roles.join(" ")),
            correlation_id = self.facts.correlation_id,
            approval_id = self.approval_id,
            duration_ms = duration_ms(duration),
            detail = self.detail,
            "call"
        );
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        if self.stage == Stage::Closed {
            return;
        }
        let manner = match self.stage {
            Stage::Begun(intent) => Manner::OutcomeOf(intent),
            _ => Manner::Happened,
        };
        let code = if self.cut.is_cancelled() { "aborted" } else { "cancelled" };
        self.audit.send_unasked(&self.record("outcome", Some(self.end(code))), manner);
        self.log(code);
    }
}

/// The one word for how a call ended.
fn code(result: &Result<Answer, CallError>) -> &'static str {
    match result {
        Ok(Answer::InputRequired { .. }) => "input_required",
        Ok(_) => "ok",
        Err(CallError::Tool(error)) => error.code.as_str(),
        Err(CallError::MissingCapability(_)) => "missing_capability",
        Err(CallError::InvalidParams(_)) => "invalid_params",
        Err(CallError::Unavailable(_)) => UNRECORDED,
    }
}

/// Records a call that was refused before its arguments were looked at: there is no such tool (`entry` is `None`),
/// or the request as a whole is not one that may make it.
pub(crate) async fn refused(
    server: &Server,
    entry: Option<&Entry>,
    incoming: &Incoming<'_>,
    code: &'static str,
) -> Result<(), CallError> {
    server.metrics.refused(code);
    let context = super::facts::context_of(incoming.caller);
    let facts = Facts::new(entry, &context, incoming, server.audit.is_on());
    tracing::info!(
        tool = facts.tool,
        called_as = incoming.called_as.chars().take(128).collect::<String>(),
        outcome = code,
        tenant = facts.tenant,
        actor = facts.actor,
        correlation_id = facts.correlation_id,
        "call"
    );
    // A refusal without a tool has no place among the figures of tools.
    if let Some(metrics) = facts.tool.and_then(|tool| server.metrics.of(tool, &facts.tenant)) {
        metrics.started();
        metrics.ended(code, Duration::ZERO);
    }
    let end = End {
        intent: None,
        code,
        backend_status: None,
        backend_ms: None,
        backend_attempts: None,
        duration_ms: 0.0,
    };
    let record = Record { kind: "outcome", facts: &facts, approval_id: None, end: Some(end) };
    let unrecorded = |_| CallError::unrecorded();
    server.audit.check().map_err(unrecorded)?;
    let seat = server.audit.seat().await.map_err(unrecorded)?;
    server.audit.send(seat, &record, Manner::Plain).wait().await.map(|_| ()).map_err(unrecorded)
}

/// Milliseconds with three decimals, as they are shown and logged.
pub(crate) fn duration_ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
