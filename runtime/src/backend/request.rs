//! The exact request that a backend service gets: the call's arguments, on whose behalf, and the trace.

use std::time::SystemTime;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Url};

use super::Failure;
use super::statement::{self, Statement};
use crate::config::{ContextPlace, Service};
use crate::context::Context;
use crate::correlation::Correlation;
use crate::idempotency::Key;
use crate::json::write;
use crate::request_parts::{RequestParts, percent_encode};
use crate::tool::Method;

/// A request that is complete but for the connection.
#[derive(Debug)]
pub(crate) struct BackendRequest {
    pub(crate) service: &'static str,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

impl BackendRequest {
    pub(crate) fn new(
        name: &'static str,
        service: &Service,
        method: Method,
        parts: &RequestParts,
        context: &Context,
        correlation: &Correlation,
    ) -> Self {
        let in_body = match service.context {
            ContextPlace::Body => context_members(context, correlation),
            ContextPlace::Headers => Vec::new(),
        };
        Self {
            service: name,
            method,
            url: format!("{}{}", service.url, parts.path_and_query()),
            headers: headers(service, method, parts, context, correlation),
            body: method.has_body().then(|| parts.body_with(&in_body)),
        }
    }

    /// Passes on the key under which the client may make the same call again.
    pub(crate) fn with_key(mut self, key: Option<&Key>) -> Self {
        if let Some(value) = key.and_then(|key| HeaderValue::from_str(key.as_str()).ok()) {
            self.headers.insert("idempotency-key", value);
        }
        self
    }

    /// States to the service on whose behalf the request is, in a form that it can verify, where it has a key for that.
    pub(crate) fn signed(
        mut self,
        service: &Service,
        tool: &str,
        context: &Context,
        correlation: &Correlation,
        now: SystemTime,
    ) -> Self {
        let Some(key) = &service.signing_key else { return self };
        let statement = Statement::new(&self, tool, context, correlation, now);
        if let Ok(mut value) = HeaderValue::from_str(&statement.sign(key)) {
            value.set_sensitive(true);
            self.headers.insert(statement::HEADER, value);
        }
        self
    }

    pub(super) fn into_http(self) -> Result<Request, Failure> {
        let internal = |detail: String| Failure::internal("the request could not be built", detail);
        let url = Url::parse(&self.url).map_err(|error| internal(format!("bad backend URL: {error}")))?;
        let method = http::Method::from_bytes(self.method.as_str().as_bytes())
            .map_err(|error| internal(error.to_string()))?;
        let mut request = Request::new(method, url);
        *request.headers_mut() = self.headers;
        *request.body_mut() = self.body.map(Into::into);
        Ok(request)
    }
}

/// The caller's identity as members of the JSON body, each followed by a comma.
fn context_members(context: &Context, correlation: &Correlation) -> Vec<u8> {
    let mut out = Vec::with_capacity(192);
    let mut member = |name: &str, value: &str| {
        write::value(&mut out, name);
        out.push(b':');
        write::value(&mut out, value);
        out.push(b',');
    };
    member("tenant_id", &context.tenant);
    member("actor", &context.actor);
    if let Some(role) = &context.role {
        member("actor_role", role);
    }
    member("correlation_id", correlation.id());
    if context.approved {
        out.extend_from_slice(b"\"user_approved\":true,");
    }
    out
}

fn headers(
    service: &Service,
    method: Method,
    parts: &RequestParts,
    context: &Context,
    correlation: &Correlation,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if method.has_body() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in parts.headers() {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            headers.append(name, value.clone());
        }
    }
    for (name, value) in &service.headers {
        if let Ok(mut value) = HeaderValue::from_str(value.expose()) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    // What says on whose behalf goes last, so that nothing before can stand in for it.
    let mut insert = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(&header_text(text)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    insert("x-tenant-id", &context.tenant);
    insert("x-actor", &context.actor);
    if let Some(role) = &context.role {
        insert("x-actor-role", role);
    }
    insert("x-correlation-id", correlation.id());
    insert("traceparent", &correlation.traceparent());
    headers
}

/// Printable ASCII as it is; anything else, and the percent sign itself, percent-encoded as UTF-8.
fn header_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        if matches!(character, ' '..='~') && character != '%' {
            out.push(character);
        } else {
            percent_encode(&mut out, character.encode_utf8(&mut buffer));
        }
    }
    out
}
