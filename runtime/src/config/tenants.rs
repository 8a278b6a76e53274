//! The section `tenants`: where each tenant's services are.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use diagnostics::fields::{Field, Fields, Key};
use diagnostics::yaml::{Entry, Value};
use diagnostics::{Diagnostic, Span, Spanned};
use http::{HeaderName, HeaderValue};

use super::reading::{BAD_VALUE, Reading, WITHOUT_EFFECT};
use super::service::{ContextPlace, Issuers, Secret, Service};
use crate::backend::PaceSettings;
use crate::tool::{Spec, Target};

/// Shortest key of signatures: as long as their digest.
const SHORTEST_KEY: usize = 32;
/// Headers that the server itself decides.
const RESERVED_HEADERS: [&str; 10] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "x-actor",
    "x-actor-role",
    "x-correlation-id",
    "x-gateway-statement",
    "x-tenant-id",
];

pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> BTreeMap<String, BTreeMap<String, Service>> {
    let Field::Is(Spanned { value: entries, span }) = key.entries() else { return BTreeMap::new() };
    if entries.is_empty() {
        reading.problem(BAD_VALUE, span, "expected at least one tenant, such as `default`", None);
    }
    entries.iter().filter_map(|entry| tenant(reading, entry)).collect()
}

fn tenant(reading: &Reading<'_>, entry: &Entry) -> Option<(String, BTreeMap<String, Service>)> {
    let id = &entry.key.value;
    if id.is_empty() || id.len() > 128 || id.chars().any(char::is_control) {
        let message = "a tenant's id is text of 1 to 128 characters without control characters";
        reading.problem(BAD_VALUE, entry.key.span, message, None);
    }
    let path = format!("tenants.{id}");
    let mut fields = Fields::of(reading.reader, &entry.value, path, entry.key.span)?;
    let services = match fields.required("services").entries() {
        Field::Is(services) => services.value.iter().filter_map(|entry| named(reading, id, entry)).collect(),
        _ => BTreeMap::new(),
    };
    fields.finish();
    Some((id.clone(), services))
}

fn named(reading: &Reading<'_>, tenant: &str, entry: &Entry) -> Option<(String, Service)> {
    let name = &entry.key.value;
    if !reading.product.services.contains(&name.as_str()) {
        reading.unknown(entry.key.span, "backend service", name, reading.product.services.iter().copied());
    }
    Some((name.clone(), service(reading, &format!("tenants.{tenant}.services.{name}"), name, entry)?))
}

fn service(reading: &Reading<'_>, path: &str, name: &str, entry: &Entry) -> Option<Service> {
    if let Value::Text(text) = &entry.value.value {
        let url = url(reading, &reading.expand(text, entry.value.span)?, entry.value.span)?;
        return Some(Service::at(url));
    }
    let mut fields = Fields::of(reading.reader, &entry.value, path, entry.key.span)?;
    let mut text = String::new();
    let url = reading.text(fields.required("url"), &mut text).and_then(|span| url(reading, &text, span));
    let headers = match fields.key("headers").entries() {
        Field::Is(entries) => entries.value.iter().filter_map(|entry| header(reading, entry)).collect(),
        _ => Vec::new(),
    };
    let context = context(reading, fields.key("context"));
    let timeout = timeout(reading, name, fields.key("timeout"));
    let signing_key = signing_key(reading, fields.key("signing_key"));
    let issuers = issuers(reading, fields.key("ca_file"), url.as_deref());
    let pace = PaceSettings {
        per_second: limit(reading, fields.key("max_per_second")),
        concurrent: limit(reading, fields.key("max_concurrent")),
    };
    let mut honours_idempotency_key = false;
    reading.flag(fields.key("honours_idempotency_key"), &mut honours_idempotency_key);
    fields.finish();
    Some(Service {
        headers,
        context,
        timeout,
        signing_key,
        issuers,
        pace,
        honours_idempotency_key,
        ..Service::at(url?)
    })
}

fn limit(reading: &Reading<'_>, key: Key<'_>) -> Option<NonZeroU32> {
    const MOST: u32 = 1_000_000;
    let Field::Is(number) = key.integer() else { return None };
    let limit =
        u32::try_from(number.value).ok().and_then(NonZeroU32::new).filter(|limit| limit.get() <= MOST);
    if limit.is_none() {
        reading.problem(BAD_VALUE, number.span, format!("expected requests from 1 to {MOST}"), None);
    }
    limit
}

/// The URL without its trailing slash, so that a tool's path can follow.
fn url(reading: &Reading<'_>, text: &str, span: Span) -> Option<String> {
    reading.check_url(span, text).then(|| text.trim_end_matches('/').to_owned())
}

fn header(reading: &Reading<'_>, entry: &Entry) -> Option<(HeaderName, Secret)> {
    let span = entry.key.span;
    let Ok(name) = HeaderName::from_bytes(entry.key.value.as_bytes()) else {
        reading.problem(BAD_VALUE, span, "expected the name of a header", None);
        return None;
    };
    if RESERVED_HEADERS.contains(&name.as_str()) {
        reading.problem(BAD_VALUE, span, format!("the server itself decides the header {name}"), None);
    }
    let Value::Text(text) = &entry.value.value else {
        reading.reader.wrong_type(&entry.value, &format!("headers.{name}"), "text");
        return None;
    };
    let value = reading.expand(text, entry.value.span)?;
    if HeaderValue::from_str(&value).is_err() {
        reading.problem(BAD_VALUE, entry.value.span, "expected printable ASCII text", None);
    }
    Some((name, Secret::new(value)))
}

fn context(reading: &Reading<'_>, key: Key<'_>) -> ContextPlace {
    match key.text() {
        Field::Is(Spanned { value: "headers", .. }) => ContextPlace::Headers,
        Field::Is(Spanned { value: "body", .. }) | Field::Absent | Field::Wrong => ContextPlace::Body,
        Field::Is(other) => {
            reading.problem(BAD_VALUE, other.span, "expected body or headers", None);
            ContextPlace::Body
        }
    }
}

/// A bound on the timeouts of the service's tools. It only ever shortens them, so one that bounds none is a mistake
/// that should be seen.
fn timeout(reading: &Reading<'_>, service: &str, key: Key<'_>) -> Option<Duration> {
    let Field::Is(Spanned { value: timeout, span }) = key.duration() else { return None };
    if timeout.is_zero() {
        reading.problem(BAD_VALUE, span, "expected a duration such as 5s or 500ms", None);
    }
    let specs = reading.product.tools.iter().map(|tool| tool.spec());
    let of_service = |spec: &&'static Spec| matches!(spec.target, Target::Backend { service: other, .. } if other == service);
    let longest = specs.filter(of_service).map(|spec| spec.timeout).max();
    if let Some(longest) = longest.filter(|longest| timeout > *longest) {
        let message = format!(
            "this bounds no tool: the longest timeout of a tool of {service} is {} ms, and none is made longer",
            longest.as_millis()
        );
        reading.reader.sink().push(Diagnostic::warning(WITHOUT_EFFECT, span, message));
    }
    Some(timeout)
}

fn signing_key(reading: &Reading<'_>, key: Key<'_>) -> Option<Secret> {
    let mut text = String::new();
    let span = reading.text(key, &mut text)?;
    if text.len() < SHORTEST_KEY {
        let message = format!("expected a key of at least {SHORTEST_KEY} bytes");
        reading.problem(BAD_VALUE, span, message, Some("`openssl rand -hex 32` makes one"));
    }
    Some(Secret::new(text))
}

/// Reads the certificates now, so that a file that is missing or no use is reported with all else.
fn issuers(reading: &Reading<'_>, key: Key<'_>, url: Option<&str>) -> Option<Issuers> {
    let mut path = String::new();
    let span = reading.text(key, &mut path)?;
    if url.is_some_and(|url| !url.to_ascii_lowercase().starts_with("https:")) {
        reading.problem(BAD_VALUE, span, "ca_file is for an https URL; this one is http", None);
    }
    let pem = match std::fs::read(&path) {
        Ok(pem) => pem,
        Err(cause) => {
            reading.problem(BAD_VALUE, span, format!("cannot read {path}: {cause}"), None);
            return None;
        }
    };
    if reqwest::Certificate::from_pem_bundle(&pem).is_ok_and(|certificates| !certificates.is_empty()) {
        return Some(Issuers { path: PathBuf::from(path), pem: pem.into() });
    }
    reading.problem(BAD_VALUE, span, format!("expected certificates in PEM form in {path}"), None);
    None
}
