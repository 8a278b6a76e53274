//! Approval by a person, which no caller can give to itself.
//!
//! An approval belongs to one tool with one set of arguments for one caller, and is used once. Where the
//! client can ask its user, it does, and brings back a sealed state with the answer; where it cannot, the
//! request waits until somebody decides with a credential of their own.

mod memory;
mod question;
mod seal;
mod store;
mod webhook;

use std::time::SystemTime;

use serde_json::Value;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::{ApprovalMode, Webhook};
use crate::native::{Answer, CallError};
use crate::tool::Spec;
use crate::tool_error::{ErrorCode, ToolError};

use memory::Memory;
use seal::{Opened, Seal};
pub(crate) use store::{Approval, Approver, Binding, DecisionError, State as ApprovalState};
use store::{ApprovalStore, PENDING, Standing, State};

/// A call that needs approval.
#[derive(Debug)]
pub(crate) struct Demand {
    pub(crate) spec: &'static Spec,
    pub(crate) mode: ApprovalMode,
    pub(crate) binding: Binding,
    pub(crate) tenant: String,
    pub(crate) actor: String,
    /// The credential that calls; `None` where nobody shows one.
    pub(crate) credential: Option<String>,
    /// The arguments, sensitive ones masked.
    pub(crate) arguments: Value,
    /// Whether the call itself says that a person has approved.
    pub(crate) claimed: bool,
    /// What the client can do and brings along.
    pub(crate) client_capabilities: Value,
    pub(crate) input_responses: Option<Value>,
    pub(crate) request_state: Option<String>,
}

/// How a demand is settled.
pub(crate) enum Settled {
    /// The call may be made. With the id of the approval, where there is one.
    Go(Option<String>),
    /// The user has to be asked first.
    Ask(Answer),
}

/// All that approval needs.
#[derive(Debug)]
pub(crate) struct Approvals {
    store: Box<dyn ApprovalStore>,
    seal: Seal,
    clock: Clock,
    webhook: Option<(reqwest::Client, Webhook)>,
}

impl Approvals {
    /// `None` where the system has no randomness to give.
    pub(crate) fn new(clock: Clock, webhook: Option<(reqwest::Client, Webhook)>) -> Option<Self> {
        Some(Self { store: Box::new(Memory::default()), seal: Seal::new()?, clock, webhook })
    }

    /// Decides whether a call may be made now.
    pub(crate) async fn settle(&self, demand: Demand) -> Result<Settled, CallError> {
        match demand.mode {
            ApprovalMode::Argument if demand.claimed => Ok(Settled::Go(None)),
            ApprovalMode::Argument => Err(required(demand.spec, None).into()),
            ApprovalMode::Confirm if can_ask(&demand.client_capabilities) => self.confirm(demand).await,
            ApprovalMode::Confirm | ApprovalMode::Human => self.wait_for_human(demand).await,
        }
    }

    /// Takes the user's answer, or asks for it.
    async fn confirm(&self, demand: Demand) -> Result<Settled, CallError> {
        let now = self.clock.now();
        let Some(state) = &demand.request_state else { return Ok(self.ask(&demand, now)) };
        let forged = || CallError::InvalidParams("the request state is not one of this server".to_owned());
        let Opened { nonce, expires_at, fits } = self.seal.open(state, &demand.binding).ok_or_else(forged)?;
        // Another call than was shown, or too late: the person has to see this one.
        if !fits || expires_at <= now {
            return Ok(self.ask(&demand, now));
        }
        let Some(approved) = demand.input_responses.as_ref().and_then(question::answer) else {
            return Ok(self.ask(&demand, now));
        };
        if !self.store.use_once(&nonce, expires_at, now).await {
            return Err(required(demand.spec, None).into());
        }
        if approved {
            return Ok(Settled::Go(Some(nonce)));
        }
        Err(denied(demand.spec, None).into())
    }

    fn ask(&self, demand: &Demand, now: SystemTime) -> Settled {
        Settled::Ask(Answer::InputRequired {
            requests: question::elicitation(demand.spec, &demand.tenant, &demand.arguments),
            state: Some(self.seal.seal(&demand.binding, now)),
        })
    }

    async fn wait_for_human(&self, demand: Demand) -> Result<Settled, CallError> {
        let now = self.clock.now();
        let request = Approval {
            id: format!("apr_{}", Uuid::new_v4().simple()),
            binding: demand.binding,
            tool: demand.spec.name,
            tenant: demand.tenant,
            actor: demand.actor,
            asked_by: demand.credential.into_iter().collect(),
            arguments: demand.arguments,
            created_at: now,
            expires_at: now + PENDING,
            state: State::Pending,
            decided_by: None,
            reason: None,
        };
        match self.store.redeem(request.clone(), now).await {
            Standing::Granted { id } => Ok(Settled::Go(Some(id))),
            Standing::Pending { id } => Err(required(demand.spec, Some(id)).into()),
            Standing::Asked { id } => {
                if let Some((client, webhook)) = &self.webhook {
                    tokio::spawn(webhook::notify(client.clone(), webhook.clone(), request));
                }
                Err(required(demand.spec, Some(id)).into())
            }
            Standing::Denied { id, reason } => {
                let mut error = denied(demand.spec, reason.as_deref());
                error.approval_id = Some(id);
                Err(error.into())
            }
            Standing::Full => {
                let message = "too many calls wait for approval already; wait until some are decided";
                Err(ToolError::new(ErrorCode::ApprovalRequired, message).into())
            }
        }
    }

    /// The requests that an approver may see, oldest first.
    pub(crate) async fn list(&self, approver: &Approver) -> Vec<Approval> {
        self.store.list(approver, self.clock.now()).await
    }

    /// Takes a person's decision: approval, or denial with a reason.
    pub(crate) async fn decide(
        &self,
        id: &str,
        approver: &Approver,
        decision: Result<(), Option<String>>,
    ) -> Result<Approval, DecisionError> {
        let approved = decision.is_ok();
        let decided = self.store.decide(id, approver, decision, self.clock.now()).await?;
        tracing::info!(
            approval_id = decided.id,
            tool = decided.tool,
            tenant = decided.tenant,
            actor = decided.actor,
            approver = approver.credential,
            approved,
            "approval decided"
        );
        Ok(decided)
    }
}

/// Whether a client can show its user a form. An empty `elicitation` means exactly that.
fn can_ask(capabilities: &Value) -> bool {
    capabilities
        .get("elicitation")
        .and_then(Value::as_object)
        .is_some_and(|modes| modes.is_empty() || modes.get("form").is_some_and(Value::is_object))
}

fn required(spec: &Spec, id: Option<String>) -> ToolError {
    let how = match &id {
        Some(id) => {
            format!("; it waits for a decision as {id}. Make the same call again once it is approved")
        }
        None => String::new(),
    };
    let message = format!("{} needs a person's approval first{how}", spec.name);
    ToolError { approval_id: id, ..ToolError::new(ErrorCode::ApprovalRequired, message) }
}

fn denied(spec: &Spec, reason: Option<&str>) -> ToolError {
    let why = reason.map(|reason| format!(": {}", question::visible(reason))).unwrap_or_default();
    ToolError::new(ErrorCode::ApprovalDenied, format!("a person has refused this call of {}{why}", spec.name))
}
