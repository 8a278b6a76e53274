//! The section `security`: who may call what, and how calls are approved.

use std::collections::BTreeMap;

use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::Entry;

use super::reading::{BAD_VALUE, Reading};
use super::{SecuritySection, ToolApproval, ToolPolicy, approval, auth};

/// The roles that may call a tool whose manifest names none, as the seed has them.
const DEFAULT_ROLES: [&str; 4] = ["Admin", "Orchestrator", "CRM-Supervisor", "Agent"];

pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> SecuritySection {
    let mut default_allowed_roles = DEFAULT_ROLES.map(str::to_owned).to_vec();
    let mut tools = BTreeMap::new();
    let Field::Is(mut fields) = key.fields() else {
        let auth = auth::without_section(reading, &default_allowed_roles);
        let approval = approval::without_section(&auth.mode);
        return SecuritySection { default_allowed_roles, tools, auth, approval };
    };
    roles(reading, fields.key("default_allowed_roles"), &mut default_allowed_roles);
    let auth = auth::read(reading, fields.key("auth"), &default_allowed_roles);
    let approval = approval::read(reading, fields.key("approval"), &auth.mode);
    if let Field::Is(overrides) = fields.key("tools").entries() {
        for entry in overrides.value {
            let Some((name, policy)) = tool(reading, entry) else { continue };
            if tools.insert(name, policy).is_some() {
                let message =
                    format!("`{}` is another name of a tool that has an entry already", entry.key.value);
                reading.problem(BAD_VALUE, entry.key.span, message, Some("keep one of the two"));
            }
        }
    }
    fields.finish();
    SecuritySection { default_allowed_roles, tools, auth, approval }
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
    policy.approval = approval::of_tool(reading, fields.key("approval"));
    let needs_none = policy.approval.map(|approval| approval == ToolApproval::None);
    if policy.approval_required.zip(needs_none).is_some_and(|(required, needs_none)| required == needs_none) {
        let message = format!("user_approval_required and approval of `{name}` say opposite things");
        reading.problem(BAD_VALUE, entry.key.span, message, Some("keep one of the two"));
    }
    let mut allowed = Vec::new();
    if roles(reading, fields.key("allowed_roles"), &mut allowed) {
        policy.allowed_roles = Some(allowed);
    }
    fields.finish();
    Some((spec?.name.to_owned(), policy))
}
