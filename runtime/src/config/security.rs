//! The section `security`: who may call what, and how calls are approved.

use std::collections::BTreeMap;

use diagnostics::Spanned;
use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::Entry;

use super::read::{BAD_VALUE, Reading};
use super::{SecuritySection, ToolPolicy};

/// The roles that may call a tool whose manifest names none, as the seed has them.
const DEFAULT_ROLES: [&str; 4] = ["Admin", "Orchestrator", "CRM-Supervisor", "Agent"];

pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> SecuritySection {
    let mut section = SecuritySection {
        default_allowed_roles: DEFAULT_ROLES.map(str::to_owned).to_vec(),
        tools: BTreeMap::new(),
        allow_unauthenticated: false,
    };
    let Field::Is(mut fields) = key.fields() else { return section };
    section.allow_unauthenticated = authentication(reading, fields.key("auth"));
    approval(reading, fields.key("approval"));
    roles(reading, fields.key("default_allowed_roles"), &mut section.default_allowed_roles);
    if let Field::Is(tools) = fields.key("tools").entries() {
        section.tools = tools.value.iter().filter_map(|entry| tool(reading, entry)).collect();
    }
    fields.finish();
    section
}

/// Whether the server may listen where other machines reach it although nobody has to show who they are.
fn authentication(reading: &Reading<'_>, key: Key<'_>) -> bool {
    let mut allowed = false;
    let Field::Is(mut fields) = key.fields() else { return allowed };
    reading.flag(fields.key("allow_unauthenticated"), &mut allowed);
    match fields.key("mode").text() {
        Field::Is(Spanned { value: "none", .. }) | Field::Absent | Field::Wrong => {}
        Field::Is(Spanned { value: mode @ ("token" | "jwt"), span }) => {
            reading.not_available(span, &format!("auth mode {mode}"));
        }
        Field::Is(other) => reading.problem(BAD_VALUE, other.span, "expected none, token or jwt", None),
    }
    if let Field::Is(tokens) = fields.key("tokens").list()
        && !tokens.value.is_empty()
    {
        reading.not_available(tokens.span, "auth mode token");
    }
    for part in ["issuer", "audience", "jwks_url", "claims"] {
        if let Field::Is(node) = fields.key(part).node() {
            reading.not_available(node.span, "auth mode jwt");
        }
    }
    fields.finish();
    allowed
}

fn approval(reading: &Reading<'_>, key: Key<'_>) {
    let Field::Is(mut fields) = key.fields() else { return };
    approval_mode(reading, fields.key("mode"), false);
    if let Field::Is(node) = fields.key("webhook").node() {
        reading.not_available(node.span, "the approval webhook");
    }
    fields.finish();
}

/// Whether the mode is `none`, which only a single tool may have.
fn approval_mode(reading: &Reading<'_>, key: Key<'_>, none_allowed: bool) -> Option<bool> {
    let Field::Is(Spanned { value: mode, span }) = key.text() else { return None };
    match mode {
        "argument" => return Some(true),
        "none" if none_allowed => return Some(false),
        "confirm" | "human" => reading.not_available(span, &format!("approval mode {mode}")),
        _ if none_allowed => {
            reading.problem(BAD_VALUE, span, "expected none, argument, confirm or human", None);
        }
        _ => reading.problem(BAD_VALUE, span, "expected argument, confirm or human", None),
    }
    None
}

/// A list of roles. An empty one is refused: it could mean nobody as well as everybody.
fn roles(reading: &Reading<'_>, key: Key<'_>, target: &mut Vec<String>) -> bool {
    let Some(span) = reading.texts(key, target) else { return false };
    if target.is_empty() || target.iter().any(String::is_empty) {
        reading.problem(
            BAD_VALUE,
            span,
            "expected at least one role, and none empty",
            Some("leave the key out to keep the manifest's roles"),
        );
    }
    true
}

fn tool(reading: &Reading<'_>, entry: &Entry) -> Option<(String, ToolPolicy)> {
    let name = &entry.key.value;
    let specs = || reading.product.tools.iter().map(|tool| tool.spec());
    let spec = specs().find(|spec| spec.name == name || spec.aliases.contains(&name.as_str()));
    if spec.is_none() {
        reading.unknown(entry.key.span, "tool", name, specs().map(|spec| spec.name));
    }
    let mut fields =
        Fields::of(reading.reader, &entry.value, format!("security.tools.{name}"), entry.key.span)?;
    let mut policy = ToolPolicy::default();
    let mut required = false;
    if reading.flag(fields.key("user_approval_required"), &mut required).is_some() {
        policy.approval_required = Some(required);
    }
    if let Some(required) = approval_mode(reading, fields.key("approval"), true) {
        policy.approval_required = Some(required);
    }
    let mut allowed = Vec::new();
    if roles(reading, fields.key("allowed_roles"), &mut allowed) {
        policy.allowed_roles = Some(allowed);
    }
    fields.finish();
    Some((spec?.name.to_owned(), policy))
}
