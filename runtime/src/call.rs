//! The life of a call, from a tool's name and arguments to its outcome.
//!
//! [`admit`] decides, in one fixed order, whether the call may go on; [`Admitted::run`] carries it out. The
//! transport is not known here: it brings arguments and takes an outcome.

mod facts;
mod plan;
mod trail;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::approval::{Binding, Demand};
use crate::args::{Args, Place};
use crate::auth::Caller;
use crate::backend;
use crate::catalog::Entry;
use crate::config::{ApprovalMode, Service};
use crate::context::{CONTEXT_ARGUMENTS, Context};
use crate::correlation::Correlation;
use crate::idempotency::{Claim, Key, Scope};
use crate::json::Tree;
use crate::masked::{mask, mask_problems};
use crate::native::{Answer, CallError, NativeCall, Progress};
use crate::problem::Problem;
use crate::rate_limit::{self, Quota};
use crate::request_parts::RequestParts;
use crate::server::Server;
use crate::tool::{Prepared, Spec, Target};
use crate::tool_error::{ErrorCode, ToolError};

use plan::{Plan, Work, execute};
use trail::Trail;
pub(crate) use trail::{duration_ms, refused};

/// A call as a client sent it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) caller: &'a Caller,
    /// The name that the client called.
    pub(crate) called_as: &'a str,
    /// The client's address.
    pub(crate) client: Option<IpAddr>,
    /// The JSON text of the arguments.
    pub(crate) arguments: Option<&'a str>,
    pub(crate) correlation: Correlation,
    pub(crate) client_capabilities: Value,
    pub(crate) input_responses: Option<Value>,
    pub(crate) request_state: Option<String>,
    /// The key under which the client may make the same call again.
    pub(crate) idempotency_key: Option<Key>,
    pub(crate) progress: Option<mpsc::Sender<Progress>>,
}

/// A call on which all has been decided that the call itself can tell.
pub(crate) struct Admitted {
    /// What is left of the caller's tightest limit, once limits were looked at.
    pub(crate) quota: Option<Quota>,
    trail: Trail,
    plan: Result<Plan, CallError>,
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
pub(crate) fn admit(server: &Arc<Server>, entry: &Entry, incoming: Incoming<'_>) -> Admitted {
    let arguments = incoming.arguments.unwrap_or("{}");
    let Some(mut args) = Args::parse(arguments, Place::Root) else {
        let trail = Trail::new(server, entry, &facts::context_of(incoming.caller), &incoming);
        let found = Problem::new("arguments", "expected an object");
        return Admitted { quota: None, trail, plan: Err(ToolError::validation(vec![found]).into()) };
    };
    // Context: who says they call, for whom; taken off before the tool's own arguments are read.
    let default_role = server.config.server.default_actor_role.as_deref();
    let (context, claim) = Context::take(&mut args, incoming.caller, default_role);
    let trail = Trail::new(server, entry, &context, &incoming);
    let mut quota = None;
    // Record: where none can be made nothing is done, and nothing is counted.
    let plan = server
        .audit
        .check()
        .map_err(|_| CallError::unrecorded())
        .and_then(|()| claim.check().map_err(CallError::from))
        .and_then(|()| decide(server, entry, args, context, incoming, &mut quota));
    Admitted { quota, trail, plan }
}

fn decide(
    server: &Arc<Server>,
    entry: &Entry,
    mut args: Args<'_>,
    mut context: Context,
    mut incoming: Incoming<'_>,
    quota: &mut Option<Quota>,
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
    // Limits: whoever may call is counted, whatever follows, in all windows or in none.
    let counted = server.rate_limits.admit(
        rate_limit::Request {
            tenant: &context.tenant,
            actor: &context.actor,
            tool: spec.name,
            role: context.role.as_deref(),
            tool_limit: spec.rate_limit,
        },
        || server.clock.elapsed(),
    );
    *quota = Some(counted.unwrap_or_else(|full| full));
    counted.map_err(too_often)?;
    // Arguments: all problems at once, those of the context included.
    let Prepared { request, native } = entry
        .tool
        .prepare(&mut args)
        .ok_or_else(|| ToolError::validation(mask_problems(args.into_problems(), spec.sensitive)))?;
    // An approval and a key both stand for this very call, whatever way it was written.
    // What only certain roles may read is kept by nobody: it is read anew each time.
    let key =
        incoming.idempotency_key.take().filter(|_| spec.effect.changes_something() || !spec.announces());
    let bound = entry.approval.is_some() || key.is_some();
    let binding = bound.then(|| binding(spec, &context, &request));
    let demand = entry.approval.zip(binding);
    let demand =
        demand.map(|(mode, binding)| demand_of(spec, mode, binding, &context, &incoming)).transpose()?;
    let key = key.zip(binding).map(|(key, binding)| {
        let (tenant, actor, tool) = (context.tenant.clone(), context.actor.clone(), spec.name.to_owned());
        Claim {
            scope: Arc::new(Scope { tenant, actor, tool, key }),
            binding,
            lasts: spec.effect.changes_something(),
            repeatable: is_repeatable(spec, services),
        }
    });
    // What the backend is told: where nobody shows a credential and none is asked for, the caller's own word.
    context.approved &= demand.is_none() && context.credential.is_none();
    let work = match (native, spec.target) {
        (Some(run), _) => Work::Native(
            run,
            NativeCall {
                client_capabilities: incoming.client_capabilities,
                input_responses: incoming.input_responses,
                request_state: incoming.request_state,
                tenant: context.tenant.clone(),
                roles: context.roles.clone(),
                scopes: incoming.caller.scopes().map(<[String]>::to_vec),
                server: Arc::clone(server),
                progress: incoming.progress,
            },
        ),
        (None, Target::Backend { service, method, .. }) if services.contains_key(service) => {
            Work::Forward { service, method, request }
        }
        (None, Target::Backend { service, .. }) => return Err(backend::not_configured(service).into()),
        (None, Target::Native { .. }) => return Err(internal("a native tool has no backend").into()),
    };
    Ok(Plan { context, correlation: incoming.correlation, key, demand, work })
}

fn too_often(full: Quota) -> ToolError {
    let message = format!("the limit of {} calls is reached; wait and call again", full.limit);
    let error = ToolError::new(ErrorCode::RateLimitExceeded, message);
    ToolError { retry_after: Some(full.retry_after), ..error }
}

/// Whether a call with a key may be made again where nobody knows if it took effect.
fn is_repeatable(spec: &Spec, services: &BTreeMap<String, Service>) -> bool {
    match spec.target {
        _ if !spec.effect.changes_something() => true,
        Target::Backend { service, .. } => {
            services.get(service).is_some_and(|service| service.honours_idempotency_key)
        }
        Target::Native { .. } => false,
    }
}

/// This tool with these arguments for this caller.
fn binding(spec: &Spec, context: &Context, request: &RequestParts) -> Binding {
    let (tenant, actor) = (context.tenant.as_bytes(), context.actor.as_bytes());
    Binding::new([spec.name.as_bytes(), &request.canonical(), tenant, actor])
}

/// What a person has to approve.
fn demand_of(
    spec: &'static Spec,
    mode: ApprovalMode,
    binding: Binding,
    context: &Context,
    incoming: &Incoming<'_>,
) -> Result<Demand, ToolError> {
    let tree = Tree::parse(incoming.arguments.unwrap_or("{}"));
    let tree = tree.ok_or_else(|| internal("the arguments cannot be shown to a person"))?;
    let mut arguments = tree.readable();
    if let Some(members) = arguments.as_object_mut() {
        for name in CONTEXT_ARGUMENTS {
            members.shift_remove(name);
        }
    }
    mask(&mut arguments, spec.sensitive);
    Ok(Demand {
        spec,
        mode,
        binding,
        tenant: context.tenant.clone(),
        actor: context.actor.clone(),
        credential: context.credential.clone(),
        arguments,
        claimed: context.approved,
        client_capabilities: incoming.client_capabilities.clone(),
        input_responses: incoming.input_responses.clone(),
        request_state: incoming.request_state.clone(),
    })
}

impl Admitted {
    /// Carries the call out and logs how it ended.
    ///
    /// What changes something or needs approval runs in a task of its own, so that a client that goes away can
    /// neither cut off the outcome nor use up an approval without its call; any other read ends with the client.
    pub(crate) async fn run(self, server: Arc<Server>) -> Outcome {
        // The server does not stop before all that is under way has said how it ended.
        let under_way = server.tasks.token();
        let Self { trail, plan, .. } = self;
        let plan = match plan {
            Ok(plan) => plan,
            Err(refusal) => return trail.close(Err(refusal)).await,
        };
        let (lost, apart) = (trail.lost(), trail.spec().effect.changes_something() || plan.demand.is_some());
        let (tasks, cut) = (server.tasks.clone(), server.cut.clone());
        let call = {
            let cut = cut.clone();
            async move { cut.run_until_cancelled(execute(&server, plan, trail)).await }
        };
        let ended = if apart { tasks.spawn(call).await.ok().flatten() } else { call.await };
        if ended.is_none() && cut.is_cancelled() {
            // Its trail has said so. There is no answer to give; the connection is about to be closed.
            drop(under_way);
            return std::future::pending().await;
        }
        ended.unwrap_or(lost)
    }
}

fn internal(message: &str) -> ToolError {
    ToolError::new(ErrorCode::InternalError, message)
}
