//! The life of a call, from a tool's name and arguments to its outcome.
//!
//! [`admit`] decides, in one fixed order, whether the call may go on; [`Admitted::run`] carries it out. The
//! transport is not known here: it brings arguments and takes an outcome.

mod trail;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::args::{Args, Place};
use crate::backend::{self, BackendRequest};
use crate::catalog::Entry;
use crate::context::Context;
use crate::correlation::Correlation;
use crate::native::{Answer, CallError, NativeAnswer, NativeCall, Progress};
use crate::problem::Problem;
use crate::server::Server;
use crate::tool::{Prepared, Target};
use crate::tool_error::{ErrorCode, ToolError};

use trail::Trail;
pub(crate) use trail::duration_ms;

/// A call as a client sent it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    /// The JSON text of the arguments.
    pub(crate) arguments: Option<&'a str>,
    pub(crate) correlation: Correlation,
    pub(crate) client_capabilities: Value,
    pub(crate) input_responses: Option<Value>,
    pub(crate) request_state: Option<String>,
    pub(crate) progress: Option<mpsc::Sender<Progress>>,
}

/// A call on which the decision has been made.
pub(crate) struct Admitted {
    trail: Trail,
    timeout: Duration,
    step: Result<Step, CallError>,
}

/// What is left to do.
enum Step {
    Forward(BackendRequest),
    Native(NativeAnswer),
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) tool: &'static str,
    pub(crate) correlation_id: String,
    pub(crate) duration: Duration,
    pub(crate) result: Result<Answer, CallError>,
}

/// Decides on a call. The order is that of the architecture: cheap and telling-nothing checks first, and the
/// arguments' meaning only for those who may call at all.
pub(crate) fn admit(server: &Server, entry: &Entry, incoming: Incoming<'_>) -> Admitted {
    let spec = entry.tool.spec();
    let arguments = incoming.arguments.unwrap_or("{}");
    let mut args = Args::parse(arguments, Place::Root);
    // Context: who says they call, for whom; taken off before the tool's own arguments are read.
    let default_role = server.config.server.default_actor_role.as_deref();
    let context = args.as_mut().map(|args| Context::take(args, default_role)).unwrap_or_default();
    let trail = Trail::new(spec, &context, &incoming.correlation);
    let timeout = spec.timeout;
    let step = args
        .ok_or_else(|| {
            let found = Problem::new("arguments", "expected an object");
            CallError::Tool(ToolError::validation(vec![found]))
        })
        .and_then(|args| decide(server, entry, args, &context, incoming));
    Admitted { trail, timeout, step }
}

fn decide(
    server: &Server,
    entry: &Entry,
    mut args: Args<'_>,
    context: &Context,
    incoming: Incoming<'_>,
) -> Result<Step, CallError> {
    // Tenant: nothing of an unknown one may be used, not even the defaults of another.
    let services = server.config.tenants.get(&context.tenant).ok_or_else(|| {
        ToolError::new(ErrorCode::PermissionDenied, "there is no such tenant, or it is not yours")
    })?;
    // Role: the rules hold for whoever names one.
    if let Some(role) = &context.role
        && !entry.allows(role)
    {
        let message = format!("the role {role:?} may not call {}", entry.tool.spec().name);
        return Err(ToolError::new(ErrorCode::PermissionDenied, message).into());
    }
    // Arguments: all problems at once, those of the context included.
    let prepared =
        entry.tool.prepare(&mut args).ok_or_else(|| ToolError::validation(args.into_problems()))?;
    // Approval comes after the arguments, since it is given to this very call.
    if entry.approval && !context.approved {
        let message = format!("{} changes data and needs a person's approval first", entry.tool.spec().name);
        return Err(ToolError::new(ErrorCode::ApprovalRequired, message).into());
    }
    match (prepared, entry.tool.spec().target) {
        (Prepared::Request(parts), Target::Backend { service: name, method, .. }) => {
            let service = services.get(name).ok_or_else(|| backend::not_configured(name))?;
            let request = BackendRequest::new(name, service, method, &parts, context, &incoming.correlation);
            Ok(Step::Forward(request))
        }
        (Prepared::Native(run), _) => Ok(Step::Native(run(NativeCall {
            client_capabilities: incoming.client_capabilities,
            input_responses: incoming.input_responses,
            request_state: incoming.request_state,
            progress: incoming.progress,
        }))),
        (Prepared::Request(_), Target::Native) => Err(internal("a native tool has no backend").into()),
    }
}

impl Admitted {
    /// Carries the call out and logs how it ended.
    ///
    /// What changes something runs in a task of its own, so that a client that goes away cannot cut off the
    /// outcome; a read ends with the client.
    pub(crate) async fn run(self, server: Arc<Server>) -> Outcome {
        let Self { trail, timeout, step } = self;
        let step = match step {
            Ok(step) => step,
            Err(refusal) => return trail.close(Err(refusal)),
        };
        if !trail.spec().effect.changes_something() {
            return execute(&server, step, timeout, trail).await;
        }
        let lost = trail.lost();
        let tasks = server.tasks.clone();
        let task = tasks.spawn(async move { execute(&server, step, timeout, trail).await });
        task.await.unwrap_or(lost)
    }
}

async fn execute(server: &Server, step: Step, timeout: Duration, mut trail: Trail) -> Outcome {
    let result = match step {
        Step::Forward(request) => match server.backend.send(request, timeout).await {
            Ok(json) => Ok(Answer::Json(json)),
            Err(failure) => {
                trail.note(failure.detail);
                Err(failure.error.into())
            }
        },
        Step::Native(answer) => tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| {
            let message = format!("the tool did not finish within {} ms", timeout.as_millis());
            Err(ToolError::new(ErrorCode::BackendTimeout, message).into())
        }),
    };
    trail.close(result)
}

fn internal(message: &str) -> ToolError {
    ToolError::new(ErrorCode::InternalError, message)
}
