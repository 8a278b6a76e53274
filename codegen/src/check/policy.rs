//! What a tool may do and who may ask for it: effect, approval, roles, timeout and rate limit.

use std::time::Duration;

use diagnostics::fields::Field;
use diagnostics::{Diagnostic, Sink, Spanned};

use crate::files::ManifestFile;
use crate::ir::{Effect, Method, Roles};
use crate::manifest::{self, Approval, Manifest};
use crate::rules;
use crate::write::DEFAULT_TIMEOUT;

const MAX_TIMEOUT: Duration = Duration::from_secs(120);
const MAX_RATE_LIMIT: u32 = 1_000_000_000;

/// Whether a person must approve. None if that is not said, or contradicts the effect.
pub(super) fn approval(manifest: &Manifest<'_>, sink: &Sink) -> Option<bool> {
    let effect = manifest.effect?;
    let required = match &manifest.approval {
        Field::Wrong => return None,
        Field::Absent if effect.value == Effect::Read => false,
        Field::Absent => {
            let problem = Diagnostic::error(rules::NO_APPROVAL, effect.span, "`approval` is missing");
            let problem = problem.with_label("only a read may leave it out");
            let help = match effect.value {
                Effect::Destructive => "write `approval: required`",
                _ => "write `approval: required` or `approval: none`",
            };
            sink.push(problem.with_help(help));
            return None;
        }
        Field::Is(approval) => approval.value == Approval::Required,
    };
    if let (Effect::Destructive, false, Field::Is(approval)) = (effect.value, required, &manifest.approval) {
        let problem =
            Diagnostic::error(rules::DESTRUCTIVE, approval.span, "a destructive tool needs approval");
        sink.push(problem.with_also(effect.span, "the effect").with_help("write `approval: required`"));
        return None;
    }
    Some(required)
}

/// Verbs that no read is called by.
const CHANGING: [&str; 24] = [
    "add", "append", "archive", "assign", "cancel", "clear", "create", "delete", "destroy", "disable",
    "drop", "enable", "erase", "insert", "merge", "patch", "purge", "remove", "send", "set", "update",
    "upsert", "wipe", "write",
];

/// Points at a read whose name says that it changes something: clients call reads without asking.
pub(super) fn effect_of_name(manifest: &Manifest<'_>, file: &ManifestFile, sink: &Sink) {
    let verb = file.stem.split('_').next().unwrap_or_default();
    if let Some(effect) = manifest.effect.filter(|effect| effect.value == Effect::Read)
        && CHANGING.contains(&verb)
    {
        let message = format!("a read that is called `{}`", file.stem);
        let help = format!("to `{verb}` is to change something; set the effect right, or find another name");
        sink.push(Diagnostic::warning(rules::EFFECT_NAME, effect.span, message).with_help(help));
    }
}

/// Reports an effect that the method cannot have.
pub(super) fn effect_of_method(effect: Spanned<Effect>, method: Spanned<Method>, sink: &Sink) {
    let reads = effect.value == Effect::Read;
    let message = match method.value {
        Method::Get if !reads => "GET only reads",
        Method::Put | Method::Patch | Method::Delete if reads => "this method changes something",
        _ => return,
    };
    let problem =
        Diagnostic::error(rules::EFFECT_METHOD, effect.span, "effect and method contradict each other");
    sink.push(problem.with_also(method.span, message));
}

/// Who may call the tool.
pub(super) fn roles(manifest: &Manifest<'_>, sink: &Sink) -> Option<Roles> {
    let roles = match &manifest.roles {
        Field::Wrong => return None,
        Field::Absent | Field::Is(manifest::Roles::Default) => return Some(Roles::Default),
        Field::Is(manifest::Roles::Only(roles)) => roles,
    };
    if roles.value.is_empty() {
        let problem = Diagnostic::error(rules::BAD_ROLES, roles.span, "nobody could call this tool");
        sink.push(problem.with_help("name a role, or write `default`"));
        return None;
    }
    let before = sink.errors();
    let mut seen: Vec<Spanned<&str>> = Vec::new();
    for role in &roles.value {
        if role.value.is_empty() || role.value.trim() != role.value {
            let message = "a role is empty or has spaces around it";
            sink.push(Diagnostic::error(rules::BAD_ROLES, role.span, message));
        } else if let Some(first) = seen.iter().find(|first| first.value == role.value) {
            let problem =
                Diagnostic::error(rules::BAD_ROLES, role.span, format!("role `{}` stands twice", role.value));
            sink.push(problem.with_also(first.span, "it stands here already"));
        }
        seen.push(*role);
    }
    (sink.errors() == before).then(|| Roles::Only(seen.iter().map(|role| role.value.to_owned()).collect()))
}

/// How long a call may take.
pub(super) fn timeout(manifest: &Manifest<'_>, sink: &Sink) -> Option<Duration> {
    match manifest.timeout {
        Field::Wrong => None,
        Field::Absent => Some(DEFAULT_TIMEOUT),
        Field::Is(timeout) if timeout.value.is_zero() || timeout.value > MAX_TIMEOUT => {
            sink.push(Diagnostic::error(
                rules::BAD_TIMEOUT,
                timeout.span,
                "a timeout lies between 1ms and 120s",
            ));
            None
        }
        Field::Is(timeout) => Some(timeout.value),
    }
}

/// Calls per window; the outer none stands for a problem.
pub(super) fn rate_limit(manifest: &Manifest<'_>, sink: &Sink) -> Option<Option<u32>> {
    match manifest.rate_limit {
        Field::Wrong => None,
        Field::Absent => Some(None),
        Field::Is(limit) => match u32::try_from(limit.value) {
            Ok(calls) if (1..=MAX_RATE_LIMIT).contains(&calls) => Some(Some(calls)),
            _ => {
                let message = "a rate limit is a count from 1 to 1,000,000,000";
                sink.push(Diagnostic::error(rules::BAD_RATE_LIMIT, limit.span, message));
                None
            }
        },
    }
}
