//! What is left of a call once it is admitted: an outcome that is known already, a person's approval, the work itself.

use std::time::Instant;

use super::Outcome;
use super::trail::{Exchange, Trail};
use crate::approval::{Demand, Settled};
use crate::backend::{self, Asked, BackendRequest, Terms};
use crate::context::Context;
use crate::correlation::Correlation;
use crate::idempotency::{Claim, Kept, Key};
use crate::native::{Answer, CallError, NativeCall};
use crate::request_parts::RequestParts;
use crate::server::Server;
use crate::tool::{Method, RunNative};
use crate::tool_error::{ErrorCode, ToolError};

/// What is left to do.
pub(super) struct Plan {
    pub(super) context: Context,
    pub(super) correlation: Correlation,
    /// The key under which the outcome is kept.
    pub(super) key: Option<Claim>,
    /// The approval that is needed first.
    pub(super) demand: Option<Demand>,
    pub(super) work: Work,
}

pub(super) enum Work {
    Forward { service: &'static str, method: Method, request: RequestParts },
    Native(RunNative, NativeCall),
}

/// Does what is left to do, and tells how it ended.
pub(super) async fn execute(server: &Server, plan: Plan, mut trail: Trail) -> Outcome {
    let Plan { mut context, correlation, key, demand, work } = plan;
    // A key that was used before: its outcome was approved and paid for, so it is given again as it is.
    if let Some(claim) = &key {
        match server.idempotency.find(claim).await {
            Ok(None) => {}
            Ok(Some(outcome)) => return trail.close(given_again(&outcome)).await,
            Err(refusal) => return trail.close(Err(refusal)).await,
        }
    }
    if let Some(demand) = demand {
        match server.approvals.settle(demand).await {
            Ok(Settled::Go(approval)) => {
                context.approved = true;
                trail.approved_by(approval);
            }
            Ok(Settled::Ask(question)) => return trail.close(Ok(question)).await,
            Err(refusal) => return trail.close(Err(refusal)).await,
        }
    }
    let Some(claim) = key else {
        let result = carry_out(server, &context, &correlation, None, work, &mut trail).await;
        return trail.close(result).await;
    };
    let reservation = match server.idempotency.reserve(&claim).await {
        Ok(Ok(reservation)) => reservation,
        Ok(Err(outcome)) => return trail.close(given_again(&outcome)).await,
        Err(refusal) => return trail.close(Err(refusal)).await,
    };
    let result = carry_out(server, &context, &correlation, Some(&claim.scope.key), work, &mut trail).await;
    match &result {
        Ok(Answer::Json(json)) => reservation.keep(Ok(json.clone())).await,
        // Nothing was sent, so nothing was done.
        Err(CallError::Tool(error)) if error.code == ErrorCode::BackendUnavailable => {
            reservation.release().await
        }
        // The service may have done it or not, and can be asked again under the same key.
        Err(CallError::Tool(error)) if claim.repeatable && (is_open(error) || passes(error)) => {
            drop(reservation)
        }
        Err(CallError::Tool(error)) => reservation.keep(Err(error.clone())).await,
        Ok(_) | Err(_) => reservation.release().await,
    }
    trail.close(result).await
}

/// The outcome that is kept under a key.
fn given_again(outcome: &Kept) -> Result<Answer, CallError> {
    outcome.as_ref().clone().map(Answer::Json).map_err(CallError::from)
}

/// Whether a failure leaves it open if the call took effect.
fn is_open(error: &ToolError) -> bool {
    match error.code {
        ErrorCode::BackendTimeout => true,
        ErrorCode::BackendError => error.status.is_none(),
        _ => false,
    }
}

/// Whether a failure says nothing but that the service, or what stands before it, could not answer just then.
fn passes(error: &ToolError) -> bool {
    matches!(error.status, Some(502..=504))
}

/// Does what the call is for.
async fn carry_out(
    server: &Server,
    context: &Context,
    correlation: &Correlation,
    key: Option<&Key>,
    work: Work,
    trail: &mut Trail,
) -> Result<Answer, CallError> {
    // Nothing is changed, or handed to the few who may have it, that is not on record as about to be.
    if trail.spec().announces() {
        trail.begin().await?;
    }
    let timeout = trail.spec().timeout;
    match work {
        Work::Forward { service: name, method, request } => {
            let service = server.config.tenants.get(&context.tenant).and_then(|services| services.get(name));
            let service = service.ok_or_else(|| backend::not_configured(name))?;
            let spec = trail.spec();
            let made = || {
                BackendRequest::new(name, service, method, &request, context, correlation)
                    .with_key(key)
                    .signed(service, spec.name, context, correlation, server.clock.now())
            };
            let terms = Terms {
                timeout: service.timeout.map_or(timeout, |bound| bound.min(timeout)),
                repeatable: !spec.effect.changes_something()
                    || (key.is_some() && service.honours_idempotency_key),
            };
            let sent = Instant::now();
            let asked = server.backend.ask(&context.tenant, name, terms, made).await;
            let Asked { attempts, result } = asked.ok_or_else(|| backend::not_configured(name))?;
            let status =
                result.as_ref().map_or_else(|failure| failure.error.status, |(status, _)| Some(*status));
            trail.answered(Exchange { attempts, status, duration: sent.elapsed() });
            result.map(|(_, json)| Answer::Json(json)).map_err(|failure| {
                trail.note(failure.detail);
                let mut error = *failure.error;
                if spec.effect.changes_something() && is_open(&error) {
                    error
                        .message
                        .push_str("; whether the call took effect is unknown, so look before you repeat it");
                }
                error.into()
            })
        }
        Work::Native(run, call) => tokio::time::timeout(timeout, run(call)).await.unwrap_or_else(|_| {
            let message = format!("the tool did not finish within {} ms", timeout.as_millis());
            Err(ToolError::new(ErrorCode::BackendTimeout, message).into())
        }),
    }
}
