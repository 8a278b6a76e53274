//! The life of a call, from a tool's name and arguments to its outcome.
//!
//! [`admit`] decides, in one fixed order, whether the call may go on; [`Admitted::run`] carries it out. The
//! transport is not known here: it brings arguments and takes an outcome.

mod trail;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::approval::{Binding, Demand, Settled};
use crate::args::{Args, Place};
use crate::auth::Caller;
use crate::backend::{self, BackendRequest};
use crate::catalog::Entry;
use crate::config::ApprovalMode;
use crate::context::{CONTEXT_ARGUMENTS, Context};
use crate::correlation::Correlation;
use crate::masked::mask;
use crate::native::{Answer, CallError, NativeCall, Progress};
use crate::problem::Problem;
use crate::request_parts::RequestParts;
use crate::server::Server;
use crate::tool::{Method, Prepared, RunNative, Spec, Target};
use crate::tool_error::{ErrorCode, ToolError};

use trail::Trail;
pub(crate) use trail::duration_ms;

/// A call as a client sent it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) caller: &'a Caller,
    /// The JSON text of the arguments.
    pub(crate) arguments: Option<&'a str>,
    pub(crate) correlation: Correlation,
    pub(crate) client_capabilities: Value,
    pub(crate) input_responses: Option<Value>,
    pub(crate) request_state: Option<String>,
    pub(crate) progress: Option<mpsc::Sender<Progress>>,
}

/// A call on which all has been decided that the call itself can tell.
pub(crate) struct Admitted {
    trail: Trail,
    plan: Result<Plan, CallError>,
}

/// What is left to do.
struct Plan {
    context: Context,
    correlation: Correlation,
    /// The approval that is needed first.
    demand: Option<Demand>,
    work: Work,
}

enum Work {
    Forward { service: &'static str, method: Method, request: RequestParts },
    Native(RunNative, NativeCall),
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
    let Some(mut args) = Args::parse(arguments, Place::Root) else {
        let trail = Trail::new(spec, &Context::default(), &incoming.correlation);
        let found = Problem::new("arguments", "expected an object");
        return Admitted { trail, plan: Err(ToolError::validation(vec![found]).into()) };
    };
    // Context: who says they call, for whom; taken off before the tool's own arguments are read.
    let default_role = server.config.server.default_actor_role.as_deref();
    let (context, claim) = Context::take(&mut args, incoming.caller, default_role);
    let trail = Trail::new(spec, &context, &incoming.correlation);
    let plan =
        claim.check().map_err(CallError::from).and_then(|()| decide(server, entry, args, context, incoming));
    Admitted { trail, plan }
}

fn decide(
    server: &Server,
    entry: &Entry,
    mut args: Args<'_>,
    mut context: Context,
    incoming: Incoming<'_>,
) -> Result<Plan, CallError> {
    let spec = entry.tool.spec();
    // Tenant: nothing of an unknown one may be used, not even the defaults of another.
    let services = server.config.tenants.get(&context.tenant).ok_or_else(|| {
        ToolError::new(ErrorCode::PermissionDenied, "there is no such tenant, or it is not yours")
    })?;
    // Role: the rules hold for whoever has one. The scope was checked before, where HTTP can say so.
    let role = entry.authorize(context.roles.as_deref(), None).map_err(|_| {
        let message = format!("none of your roles may call {}", spec.name);
        ToolError::new(ErrorCode::PermissionDenied, message)
    })?;
    context.role = role.map(str::to_owned);
    // Arguments: all problems at once, those of the context included.
    let Prepared { request, native } =
        entry.tool.prepare(&mut args).ok_or_else(|| ToolError::validation(args.into_problems()))?;
    // Approval comes after the arguments, since it is given to this very call.
    let demand = entry.approval.map(|mode| demand(spec, mode, &context, &request, &incoming));
    // What the backend is told: where nobody shows a credential and none is asked for, the caller's own word.
    context.approved &= demand.is_none() && context.credential.is_none();
    let work = match (native, spec.target) {
        (Some(run), _) => Work::Native(
            run,
            NativeCall {
                client_capabilities: incoming.client_capabilities,
                input_responses: incoming.input_responses,
                request_state: incoming.request_state,
                progress: incoming.progress,
            },
        ),
        (None, Target::Backend { service, method, .. }) if services.contains_key(service) => {
            Work::Forward { service, method, request }
        }
        (None, Target::Backend { service, .. }) => return Err(backend::not_configured(service).into()),
        (None, Target::Native) => return Err(internal("a native tool has no backend").into()),
    };
    Ok(Plan { context, correlation: incoming.correlation, demand, work })
}

/// What a person has to approve: this tool with these arguments for this caller.
fn demand(
    spec: &'static Spec,
    mode: ApprovalMode,
    context: &Context,
    request: &RequestParts,
    incoming: &Incoming<'_>,
) -> Demand {
    let mut arguments: Value =
        incoming.arguments.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
    if let Some(members) = arguments.as_object_mut() {
        for name in CONTEXT_ARGUMENTS {
            members.shift_remove(name);
        }
    }
    mask(&mut arguments, spec.sensitive);
    let parts =
        [spec.name.as_bytes(), &request.canonical(), context.tenant.as_bytes(), context.actor.as_bytes()];
    Demand {
        spec,
        mode,
        binding: Binding::new(parts),
        tenant: context.tenant.clone(),
        actor: context.actor.clone(),
        credential: context.credential.clone(),
        arguments,
        claimed: context.approved,
        client_capabilities: incoming.client_capabilities.clone(),
        input_responses: incoming.input_responses.clone(),
        request_state: incoming.request_state.clone(),
    }
}

impl Admitted {
    /// Carries the call out and logs how it ended.
    ///
    /// What changes something runs in a task of its own, so that a client that goes away can neither cut off
    /// the outcome nor use up an approval without its call; a read ends with the client.
    pub(crate) async fn run(self, server: Arc<Server>) -> Outcome {
        let Self { trail, plan } = self;
        let plan = match plan {
            Ok(plan) => plan,
            Err(refusal) => return trail.close(Err(refusal)),
        };
        if !trail.spec().effect.changes_something() {
            return execute(&server, plan, trail).await;
        }
        let lost = trail.lost();
        let tasks = server.tasks.clone();
        let task = tasks.spawn(async move { execute(&server, plan, trail).await });
        task.await.unwrap_or(lost)
    }
}

async fn execute(server: &Server, plan: Plan, mut trail: Trail) -> Outcome {
    let Plan { mut context, correlation, demand, work } = plan;
    if let Some(demand) = demand {
        match server.approvals.settle(demand).await {
            Ok(Settled::Go(approval)) => {
                context.approved = true;
                trail.approved_by(approval);
            }
            Ok(Settled::Ask(question)) => return trail.close(Ok(question)),
            Err(refusal) => return trail.close(Err(refusal)),
        }
    }
    let timeout = trail.spec().timeout;
    let result = match work {
        Work::Forward { service: name, method, request } => {
            let service = server.config.tenants.get(&context.tenant).and_then(|services| services.get(name));
            let Some(service) = service else {
                return trail.close(Err(backend::not_configured(name).into()));
            };
            let request = BackendRequest::new(name, service, method, &request, &context, &correlation);
            server.backend.send(request, timeout).await.map(Answer::Json).map_err(|failure| {
                trail.note(failure.detail);
                failure.error.into()
            })
        }
        Work::Native(run, call) => tokio::time::timeout(timeout, run(call)).await.unwrap_or_else(|_| {
            let message = format!("the tool did not finish within {} ms", timeout.as_millis());
            Err(ToolError::new(ErrorCode::BackendTimeout, message).into())
        }),
    };
    trail.close(result)
}

fn internal(message: &str) -> ToolError {
    ToolError::new(ErrorCode::InternalError, message)
}
