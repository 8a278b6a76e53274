//! The section `rate_limits`: how often calls may be made.

use std::collections::BTreeMap;
use std::time::Duration;

use diagnostics::Span;
use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::{Entry, Value};

use super::reading::{BAD_VALUE, Reading};
use crate::rate_limit::{RateLimitSettings, ToolLimits};

/// Reads the section. Limits count per window, whatever its length; the seed's names speak of minutes.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> RateLimitSettings {
    let mut settings = RateLimitSettings::default();
    let Field::Is(mut fields) = key.fields() else { return settings };
    if let Some(limit) = limit(reading, fields.key("default_per_minute")) {
        settings.per_tenant = limit;
    }
    if let Some(limit) = limit(reading, fields.key("per_actor_per_minute")) {
        settings.per_actor = limit;
    }
    if let Field::Is(window) = fields.key("window_seconds").integer() {
        match u64::try_from(window.value) {
            Ok(seconds @ 1..=86_400) => settings.window = Duration::from_secs(seconds),
            _ => reading.problem(BAD_VALUE, window.span, "expected seconds from 1 to 86400", None),
        }
    }
    if let Field::Is(tenants) = fields.key("tenants").entries() {
        settings.tenants = limits(reading, tenants.value, "rate_limits.tenants");
    }
    if let Field::Is(tools) = fields.key("tools").entries() {
        for entry in tools.value {
            let Some((name, limits)) = tool(reading, entry) else { continue };
            if settings.tools.insert(name, limits).is_some() {
                let message =
                    format!("`{}` is another name of a tool that has limits already", entry.key.value);
                reading.problem(BAD_VALUE, entry.key.span, message, Some("keep one of the two"));
            }
        }
    }
    fields.finish();
    settings
}

fn limit(reading: &Reading<'_>, key: Key<'_>) -> Option<u32> {
    let limit = key.integer().ok()?;
    checked(reading, limit.value, limit.span)
}

fn limits(reading: &Reading<'_>, entries: &[Entry], path: &str) -> BTreeMap<String, u32> {
    let limit = |entry: &Entry| match &entry.value.value {
        Value::Integer(limit) => checked(reading, *limit, entry.value.span),
        _ => {
            reading.reader.wrong_type(
                &entry.value,
                &format!("{path}.{}", entry.key.value),
                "a number of calls",
            );
            None
        }
    };
    entries.iter().filter_map(|entry| Some((entry.key.value.clone(), limit(entry)?))).collect()
}

/// The limits of a tool: a number, or a mapping with limits by role too.
fn tool(reading: &Reading<'_>, entry: &Entry) -> Option<(String, ToolLimits)> {
    let name = entry.key.value.as_str();
    let specs = || reading.product.tools.iter().map(|tool| tool.spec());
    let spec = specs().find(|spec| spec.name == name || spec.aliases.contains(&name));
    if spec.is_none() {
        reading.unknown(entry.key.span, "tool", name, specs().map(|spec| spec.name));
    }
    let path = format!("rate_limits.tools.{name}");
    let limits = match &entry.value.value {
        Value::Integer(limit) => {
            ToolLimits { limit: checked(reading, *limit, entry.value.span), roles: BTreeMap::new() }
        }
        Value::Mapping(_) => {
            let mut fields = Fields::of(reading.reader, &entry.value, path.as_str(), entry.key.span)?;
            let limit = limit(reading, fields.key("limit"));
            let roles = match fields.key("roles").entries() {
                Field::Is(roles) => limits(reading, roles.value, &format!("{path}.roles")),
                _ => BTreeMap::new(),
            };
            fields.finish();
            ToolLimits { limit, roles }
        }
        _ => {
            reading.reader.wrong_type(&entry.value, &path, "a number of calls, or limit and roles");
            return None;
        }
    };
    Some((spec?.name.to_owned(), limits))
}

fn checked(reading: &Reading<'_>, limit: i128, span: Span) -> Option<u32> {
    let limit = u32::try_from(limit).ok().filter(|limit| (1..=1_000_000_000).contains(limit));
    if limit.is_none() {
        reading.problem(BAD_VALUE, span, "expected calls per window from 1 to 1000000000", None);
    }
    limit
}
