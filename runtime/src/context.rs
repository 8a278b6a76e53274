//! On whose behalf a call is made.
//!
//! In auth mode `none` the caller says so itself, by the four context arguments of the seed: `tenant_id`,
//! `actor`, `actor_role` and `user_approved`. They are taken off every call before the tool's own arguments
//! are read, so that no tool ever sees them.

use crate::args::{Args, Flag, Place, Rule, Text};
use crate::problem::Problem;

/// The tenant of a caller that names none.
pub(crate) const DEFAULT_TENANT: &str = "default";
/// The actor of a caller that names none.
const ANONYMOUS: &str = "anonymous";

/// Who calls, for whom, and whether a person has approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) tenant: String,
    pub(crate) actor: String,
    /// Without a role every tool may be called: there is no rule to hold the caller to.
    pub(crate) role: Option<String>,
    pub(crate) approved: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self { tenant: DEFAULT_TENANT.to_owned(), actor: ANONYMOUS.to_owned(), role: None, approved: false }
    }
}

impl Context {
    /// Takes the context arguments off `args`. What is wrong with one becomes a problem there.
    pub(crate) fn take(args: &mut Args<'_>, default_role: Option<&str>) -> Self {
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
        let role = text("actor_role");
        let approved = args
            .remove("user_approved")
            .and_then(|text| Flag.read(text, &Place::Root.member("user_approved"), &mut problems));
        args.absorb(problems);
        let default = Self::default();
        Self {
            tenant: tenant.unwrap_or(default.tenant),
            actor: actor.unwrap_or(default.actor),
            role: role.or_else(|| default_role.map(str::to_owned)),
            approved: approved.unwrap_or(false),
        }
    }
}
