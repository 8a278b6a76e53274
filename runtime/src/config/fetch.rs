//! The section `fetch`: from where pages may be fetched, and as whom.
//!
//! No key makes an address public that is not: the rules for addresses are the program's own.

use std::collections::BTreeMap;

use diagnostics::fields::{Field, Fields, Key};
use http::HeaderValue;

use super::reading::{BAD_VALUE, Reading};
use crate::native::fetch::{HostLists, HostPattern, HostRules};

/// From where pages may be fetched, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct FetchSection {
    /// Ports besides 80 and 443.
    pub(crate) ports: Vec<u16>,
    pub(crate) user_agent: HeaderValue,
    /// Whether sites' wishes for robots are respected.
    pub(crate) robots: bool,
    /// Whether a redirect may lead from https to http.
    pub(crate) allow_downgrade: bool,
    pub(crate) hosts: HostRules,
}

impl Default for FetchSection {
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            user_agent: HeaderValue::from_static(concat!("simple-gpt-mcp/", env!("CARGO_PKG_VERSION"))),
            robots: true,
            allow_downgrade: false,
            hosts: HostRules::default(),
        }
    }
}

/// Reads the section; lists can be narrowed for any of `tenants`.
pub(super) fn read<T>(reading: &Reading<'_>, key: Key<'_>, tenants: &BTreeMap<String, T>) -> FetchSection {
    let mut section = FetchSection::default();
    let Field::Is(mut fields) = key.fields() else { return section };
    section.ports = ports(reading, fields.key("ports"));
    user_agent(reading, fields.key("user_agent"), &mut section.user_agent);
    reading.flag(fields.key("robots"), &mut section.robots);
    reading.flag(fields.key("allow_downgrade"), &mut section.allow_downgrade);
    section.hosts = HostRules { everybody: lists(reading, &mut fields), tenants: BTreeMap::new() };
    if let Field::Is(entries) = fields.key("tenants").entries() {
        for entry in entries.value {
            let id = &entry.key.value;
            if !tenants.contains_key(id) {
                reading.unknown(entry.key.span, "tenant", id, tenants.keys().map(String::as_str));
            }
            let path = format!("fetch.tenants.{id}");
            let Some(mut fields) = Fields::of(reading.reader, &entry.value, path, entry.key.span) else {
                continue;
            };
            section.hosts.tenants.insert(id.clone(), lists(reading, &mut fields));
            fields.finish();
        }
    }
    fields.finish();
    section
}

fn ports(reading: &Reading<'_>, key: Key<'_>) -> Vec<u16> {
    let Field::Is(list) = key.list() else { return Vec::new() };
    let mut ports = Vec::new();
    for node in list.value {
        match node.value {
            diagnostics::yaml::Value::Integer(port @ 1..=65_535) => ports.extend(u16::try_from(port)),
            _ => reading.problem(BAD_VALUE, node.span, "expected a port from 1 to 65535", None),
        }
    }
    ports
}

fn user_agent(reading: &Reading<'_>, key: Key<'_>, target: &mut HeaderValue) {
    let mut text = String::new();
    let Some(span) = reading.text(key, &mut text) else { return };
    let is_visible = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match HeaderValue::from_str(text.trim()) {
        Ok(value) if is_visible && (1..=200).contains(&value.len()) => *target = value,
        _ => reading.problem(BAD_VALUE, span, "expected 1 to 200 printable ASCII characters", None),
    }
}

fn lists(reading: &Reading<'_>, fields: &mut Fields<'_>) -> HostLists {
    HostLists { allow: hosts(reading, fields.key("allow")), deny: hosts(reading, fields.key("deny")) }
}

fn hosts(reading: &Reading<'_>, key: Key<'_>) -> Vec<HostPattern> {
    let Field::Is(list) = key.texts() else { return Vec::new() };
    let mut patterns = Vec::new();
    for item in &list.value {
        let Some(text) = reading.expand(item.value, item.span) else { continue };
        match HostPattern::parse(&text) {
            Some(pattern) => patterns.push(pattern),
            None => {
                let message = format!("expected a host such as example.com or *.example.com, got {text:?}");
                reading.problem(BAD_VALUE, item.span, message, Some("write no scheme, port or path"));
            }
        }
    }
    patterns
}
