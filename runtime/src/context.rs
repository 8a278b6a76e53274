//! On whose behalf a call is made.
//!
//! In auth mode `none` the caller says so itself, by the four context arguments of the seed: `tenant_id`,
//! `actor`, `actor_role` and `user_approved`. In the other modes the credential says it, and the arguments may
//! only repeat it. Either way they are taken off every call before the tool's own arguments are read, so that
//! no tool ever sees them.

use serde_json::Value;

use crate::args::{Args, Flag, Place, Rule, Text};
use crate::auth::{Caller, Principal};
use crate::problem::Problem;
use crate::tool_error::{ErrorCode, ToolError};

/// The tenant of a caller that names none.
pub(crate) const DEFAULT_TENANT: &str = "default";
/// The arguments that belong to a call and not to its tool.
pub(crate) const CONTEXT_ARGUMENTS: [&str; 4] = ["tenant_id", "actor", "actor_role", "user_approved"];
/// The actor of a caller that names none.
const ANONYMOUS: &str = "anonymous";

/// Who calls, for whom, and whether a person has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    /// The caller's roles; `None` where there is no rule to hold the caller to.
    pub(crate) roles: Option<Vec<String>>,
    /// The role that the backend is told.
    pub(crate) role: Option<String>,
    /// Whether the call itself says that a person has approved.
    pub(crate) approved: bool,
    /// The credential that calls; `None` where nobody shows one.
    pub(crate) credential: Option<String>,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            tenant: DEFAULT_TENANT.to_owned(),
            actor: ANONYMOUS.to_owned(),
            roles: None,
            role: None,
            approved: false,
            credential: None,
        }
    }
}

impl Context {
    /// Takes the context arguments off `args`. `claim` then says whether they claim what the caller is not.
    pub(crate) fn take(args: &mut Args<'_>, caller: &Caller, default_role: Option<&str>) -> (Self, Claim) {
        match caller {
            Caller::Anyone => (Self::as_claimed(args, default_role), Claim::Honest),
            Caller::Known(principal) => Self::as_shown(args, principal),
        }
    }

    /// The context that the call itself names. What is wrong with an argument becomes a problem of `args`.
    fn as_claimed(args: &mut Args<'_>, default_role: Option<&str>) -> Self {
        let mut problems = Vec::new();
        let name = Text::new().min_length(1).max_length(128);
        let mut text = |argument: &'static str| -> Option<String> {
            let value = name.read(args.remove(argument)?, &Place::Root.member(argument), &mut problems)?;
            if value.chars().any(char::is_control) {
                problems.push(Problem::new(argument, "expected text without control characters"));
            }
            Some(value)
        };
        let tenant = text("tenant_id");
        let actor = text("actor");
        let role = text("actor_role").or_else(|| default_role.map(str::to_owned));
        let approved = args
            .remove("user_approved")
            .and_then(|text| Flag.read(text, &Place::Root.member("user_approved"), &mut problems));
        args.absorb(problems);
        let default = Self::default();
        Self {
            tenant: tenant.unwrap_or(default.tenant),
            actor: actor.unwrap_or(default.actor),
            roles: role.clone().map(|role| vec![role]),
            role,
            approved: approved.unwrap_or(false),
            credential: None,
        }
    }

    /// The context of the credential.
    fn as_shown(args: &mut Args<'_>, principal: &Principal) -> (Self, Claim) {
        let mut claim = Claim::Honest;
        let mut compare = |argument: &'static str, is_own: &dyn Fn(&str) -> bool| {
            let claimed =
                args.remove(argument).map(|text| serde_json::from_str::<Value>(text).unwrap_or_default());
            if claimed.is_some_and(|claimed| !claimed.as_str().is_some_and(is_own)) {
                claim = Claim::Foreign(argument);
            }
        };
        compare("tenant_id", &|tenant| tenant == principal.tenant);
        compare("actor", &|actor| actor == principal.actor);
        compare("actor_role", &|role| principal.roles.iter().any(|own| own == role));
        let approved = args.remove("user_approved") == Some("true");
        let context = Self {
            tenant: principal.tenant.clone(),
            actor: principal.actor.clone(),
            roles: Some(principal.roles.clone()),
            role: None,
            approved,
            credential: Some(principal.credential.clone()),
        };
        (context, claim)
    }
}

/// What the context arguments claim, beside what the credential says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nothing else.
    Honest,
    /// To be somebody else, by this argument.
    Foreign(&'static str),
}

impl Claim {
    pub(crate) fn check(self) -> Result<(), ToolError> {
        match self {
            Self::Honest => Ok(()),
            Self::Foreign(argument) => {
                let message = format!("{argument} is not that of your credential; leave it out");
                Err(ToolError::new(ErrorCode::PermissionDenied, message))
            }
        }
    }
}
