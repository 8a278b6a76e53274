//! Sections whose parts are not there yet.
//!
//! They are read in full, so that a file with a mistake is refused today and not on the day of an upgrade.
//! What asks for something missing is refused; limits are the exception, because the seed's own file has
//! them: they are checked and reported as not enforced.

use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::{Entry, Value};
use diagnostics::{Diagnostic, Span};

use super::read::{BAD_VALUE, NOT_AVAILABLE, Reading};

/// Largest limit, in calls per window.
const LARGEST_LIMIT: i128 = 1_000_000_000;

pub(super) fn read(reading: &Reading<'_>, root: &mut Fields<'_>) {
    rate_limits(reading, root.key("rate_limits"));
    if let Field::Is(state) = root.key("state").text()
        && state.value != "memory"
    {
        reading.not_available(state.span, "state other than memory");
    }
    for section in ["audit", "telemetry"] {
        if let Field::Is(node) = root.key(section).node() {
            reading.not_available(node.span, &format!("the section {section}"));
        }
    }
}

fn rate_limits(reading: &Reading<'_>, key: Key<'_>) {
    let Field::Is(mut fields) = key.fields() else { return };
    let warning = "rate limits are checked but not enforced yet";
    reading.reader.sink().push(Diagnostic::warning(NOT_AVAILABLE, fields.owner(), warning));
    for name in ["default_per_minute", "per_actor_per_minute"] {
        limit(reading, fields.key(name));
    }
    if let Field::Is(window) = fields.key("window_seconds").integer()
        && !(1..=86_400).contains(&window.value)
    {
        reading.problem(BAD_VALUE, window.span, "expected seconds from 1 to 86400", None);
    }
    if let Field::Is(tenants) = fields.key("tenants").entries() {
        tenants.value.iter().for_each(|entry| entry_limit(reading, entry, false));
    }
    if let Field::Is(tools) = fields.key("tools").entries() {
        let specs = || reading.product.tools.iter().map(|tool| tool.spec());
        for entry in tools.value {
            let name = entry.key.value.as_str();
            if !specs().any(|spec| spec.name == name || spec.aliases.contains(&name)) {
                reading.unknown(entry.key.span, "tool", name, specs().map(|spec| spec.name));
            }
            entry_limit(reading, entry, true);
        }
    }
    fields.finish();
}

fn limit(reading: &Reading<'_>, key: Key<'_>) {
    if let Field::Is(limit) = key.integer() {
        check(reading, limit.value, limit.span);
    }
}

/// A limit under a name: a number, or for a tool also a mapping with limits by role.
fn entry_limit(reading: &Reading<'_>, entry: &Entry, by_role: bool) {
    let name = format!("rate_limits.{}", entry.key.value);
    match &entry.value.value {
        Value::Integer(limit) => check(reading, *limit, entry.value.span),
        Value::Mapping(_) if by_role => {
            let Some(mut fields) = Fields::of(reading.reader, &entry.value, name, entry.key.span) else {
                return;
            };
            limit(reading, fields.key("limit"));
            if let Field::Is(roles) = fields.key("roles").entries() {
                roles.value.iter().for_each(|entry| entry_limit(reading, entry, false));
            }
            fields.finish();
        }
        _ => reading.reader.wrong_type(&entry.value, &name, "a number of calls"),
    }
}

fn check(reading: &Reading<'_>, limit: i128, span: Span) {
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        reading.problem(BAD_VALUE, span, "expected calls per window from 1 to 1000000000", None);
    }
}
