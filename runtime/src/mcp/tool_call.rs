//! `tools/call`: from the message to the life of a call, and from its outcome back to a message.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::message::Request;
use super::reply::{self, RpcCode, RpcError};
use super::version::Era;
use super::{mirror, stream};
use crate::auth::{Caller, Challenge};
use crate::call::{self, Incoming, Outcome, duration_ms};
use crate::catalog::{Denied, Entry};
use crate::correlation::Correlation;
use crate::http::Recorded;
use crate::idempotency::Key;
use crate::json::write;
use crate::native::{Answer, CallError};
use crate::rate_limit::Quota;
use crate::server::Server;
use crate::tool::Target;

/// Reports of progress that may wait for the client to read them.
const PROGRESS_QUEUE: usize = 16;

/// Answers a call: with one JSON message, or with a stream of events once the tool reports progress.
pub(super) async fn answer(
    server: &Arc<Server>,
    caller: &Caller,
    client: IpAddr,
    headers: &HeaderMap,
    era: Era,
    request: Request<'_>,
) -> Response {
    let Request { id, params, .. } = request;
    let correlation = Correlation::of_request(headers, params.meta.traceparent.as_deref());
    let arguments = params.arguments.map(RawValue::get);
    let key = params.meta.idempotency_key.as_deref().map(Key::new);
    let token = params.meta.progress_token;
    let mut incoming = Incoming {
        caller,
        called_as: params.name.as_deref().unwrap_or_default(),
        client: Some(client),
        arguments,
        correlation: correlation.clone(),
        // An older client has no way to be asked, whatever it declares.
        client_capabilities: params
            .meta
            .client_capabilities
            .filter(|_| era == Era::Modern)
            .unwrap_or_else(|| json!({})),
        input_responses: params.input_responses,
        request_state: params.request_state,
        idempotency_key: key.clone().flatten(),
        progress: None,
    };
    let mut response = match check(server, headers, era, &incoming, key == Some(None)) {
        Err(refused) => match call::refused(server, refused.entry, &incoming, refused.code).await {
            Ok(()) => refused.answer.response(server, id),
            Err(unrecorded) => {
                let write = Writer::new(server, id, era);
                let (correlation_id, duration) = (correlation.id().to_owned(), Duration::ZERO);
                write.response(Outcome { tool: "", correlation_id, duration, result: Err(unrecorded) })
            }
        },
        Ok(entry) => {
            let token = token.filter(|_| matches!(entry.tool.spec().target, Target::Native { .. }));
            let (sender, reports) = mpsc::channel(PROGRESS_QUEUE);
            incoming.progress = token.map(|_| sender);
            let admitted = call::admit(server, entry, incoming);
            let quota = admitted.quota;
            let call = admitted.run(Arc::clone(server));
            let write = Writer::new(server, id, era);
            let mut response = match token {
                None => write.response(call.await),
                Some(token) => stream::answer(call, reports, token.get().to_owned(), write).await,
            };
            if let Some(quota) = quota {
                announce(quota, response.headers_mut());
            }
            response
        }
    };
    if let Ok(id) = HeaderValue::from_str(correlation.id()) {
        response.headers_mut().insert("x-correlation-id", id);
    }
    // Every call has its line by now, whatever its status.
    response.extensions_mut().insert(Recorded);
    response
}

/// Tells the client what is left of its tightest limit; `Reset` in seconds, rounded up.
fn announce(quota: Quota, headers: &mut HeaderMap) {
    let seconds = quota.retry_after.as_nanos().div_ceil(1_000_000_000);
    headers.insert("x-ratelimit-limit", quota.limit.into());
    headers.insert("x-ratelimit-remaining", quota.remaining.into());
    headers.insert("x-ratelimit-reset", u64::try_from(seconds).unwrap_or(u64::MAX).into());
}

/// A request that is refused before its call is looked at.
struct Refused<'s> {
    entry: Option<&'s Entry>,
    /// The word for it in the logs.
    code: &'static str,
    answer: Refusal,
}

/// What the client is told.
enum Refusal {
    Error(RpcError, StatusCode),
    /// Its token lacks this scope.
    Scope(String),
}

impl Refusal {
    fn response(self, server: &Server, id: &RawValue) -> Response {
        match self {
            Self::Error(error, status) => reply::error(Some(id), &error, status),
            Self::Scope(scope) => server.auth.refuse(&Challenge::InsufficientScope(vec![scope])),
        }
    }
}

/// The tool of a request that may be taken for a call of it.
fn check<'s>(
    server: &'s Server,
    headers: &HeaderMap,
    era: Era,
    incoming: &Incoming<'_>,
    bad_key: bool,
) -> Result<&'s Entry, Refused<'s>> {
    let entry = server.catalog.find(incoming.called_as).ok_or_else(|| {
        let answer = Refusal::Error(unknown_tool(server, incoming), StatusCode::OK);
        Refused { entry: None, code: "unknown_tool", answer }
    })?;
    let refused = |code, answer| Err(Refused { entry: Some(entry), code, answer });
    if era == Era::Modern
        && let Err(error) = mirror::check(&entry.mirrors, headers, incoming.arguments)
    {
        let status = error.code.status();
        return refused("header_mismatch", Refusal::Error(error, status));
    }
    if let Caller::Known(principal) = incoming.caller
        && entry.authorize(None, principal.scopes.as_deref()) == Err(Denied::Scope)
    {
        return refused("insufficient_scope", Refusal::Scope(entry.scope.clone()));
    }
    if bad_key {
        let message = "_meta.idempotencyKey must be 1 to 255 printable ASCII characters without spaces";
        let error = RpcError::new(RpcCode::InvalidParams, message);
        return refused("invalid_params", Refusal::Error(error, StatusCode::OK));
    }
    Ok(entry)
}

fn unknown_tool(server: &Server, incoming: &Incoming<'_>) -> RpcError {
    let name = incoming.called_as;
    let message = if name.is_empty() {
        "params.name is missing".to_owned()
    } else {
        let hint = diagnostics::suggest(name, server.view(incoming.caller).names())
            .map_or_else(|| "; tools/list names all".to_owned(), |near| format!(", did you mean {near:?}?"));
        let name: String = name.chars().take(128).collect();
        format!("unknown tool {name:?}{hint}")
    };
    RpcError::new(RpcCode::InvalidParams, message)
        .with_data(json!({"correlation_id": incoming.correlation.id()}))
}

/// Writes the outcome of one call.
pub(super) struct Writer {
    id: String,
    era: Era,
    /// The `serverInfo` member of `_meta`, ready to splice.
    meta: Arc<str>,
}

impl Writer {
    fn new(server: &Server, id: &RawValue, era: Era) -> Self {
        Self { id: id.get().to_owned(), era, meta: server.server_info_member.clone() }
    }

    /// The outcome as an HTTP response.
    pub(super) fn response(&self, outcome: Outcome) -> Response {
        let status = match &outcome.result {
            Err(CallError::MissingCapability(_)) => StatusCode::BAD_REQUEST,
            Err(CallError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        };
        let mut response = reply::json_response(status, self.message(outcome));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }

    /// The outcome as a JSON-RPC message.
    pub(super) fn message(&self, outcome: Outcome) -> Vec<u8> {
        let Outcome { tool, correlation_id, duration, result } = outcome;
        let error = match result {
            Ok(answer) => return self.success(answer, tool, &correlation_id, duration_ms(duration)),
            Err(CallError::Tool(error)) => {
                let blocks = vec![json!({"type": "text", "text": error.to_json(&correlation_id)})];
                let answer = Answer::Content { blocks, is_error: true };
                return self.success(answer, tool, &correlation_id, duration_ms(duration));
            }
            Err(CallError::MissingCapability(required)) => RpcError::new(
                RpcCode::MissingCapability,
                "this tool needs capabilities that were not declared",
            )
            .with_data(json!({"requiredCapabilities": required})),
            Err(CallError::InvalidParams(message)) => RpcError::new(RpcCode::InvalidParams, message)
                .with_data(json!({"correlation_id": correlation_id})),
            Err(CallError::Unavailable(message)) => RpcError::new(RpcCode::Unavailable, message)
                .with_data(json!({"correlation_id": correlation_id})),
        };
        reply::error_message(Some(&self.id), &error)
    }

    /// A notification that tells of progress.
    pub(super) fn progress(&self, token: &str, report: &crate::native::Progress) -> Vec<u8> {
        let mut params = json!({"progress": report.progress, "message": report.message});
        if let Some(members) = params.as_object_mut() {
            // The token was part of a well-formed message, so it is JSON.
            members.insert("progressToken".to_owned(), serde_json::from_str(token).unwrap_or(Value::Null));
            members.extend(report.total.map(|total| ("total".to_owned(), json!(total))));
        }
        let notification = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
        notification.to_string().into_bytes()
    }

    fn success(&self, answer: Answer, tool: &str, correlation_id: &str, duration_ms: f64) -> Vec<u8> {
        let mut result = String::from("{");
        if self.era == Era::Modern {
            let kind =
                if matches!(answer, Answer::InputRequired { .. }) { "input_required" } else { "complete" };
            result.push_str(&format!(r#""resultType":"{kind}","#));
        }
        let mut untrusted = String::new();
        if let Answer::Untrusted { origin, .. } = &answer {
            // For the client: nothing in this result speaks for the user or for the server.
            untrusted = format!(r#","untrusted":{{"origin":{}}}"#, Value::from(origin.as_str()));
        }
        match answer {
            Answer::Json(json) | Answer::Untrusted { json, .. } => {
                let raw = json.as_str();
                let structured =
                    if raw.starts_with('{') { raw.into() } else { format!(r#"{{"result":{raw}}}"#).into() };
                append_structured(&mut result, structured);
            }
            Answer::Content { blocks, is_error } => {
                result.push_str(&format!(r#""content":{},"isError":{is_error}"#, Value::Array(blocks)));
            }
            Answer::InputRequired { requests, state } => {
                result.push_str(&format!(r#""inputRequests":{requests}"#));
                if let Some(state) = state {
                    result.push_str(&format!(r#","requestState":{}"#, Value::String(state)));
                }
            }
        }
        let meta = format!(
            r#","_meta":{{{},"correlation_id":{},"tool":{},"duration_ms":{duration_ms}{untrusted}}}}}"#,
            self.meta,
            Value::from(correlation_id),
            Value::from(tool)
        );
        result.push_str(&meta);
        reply::result_message(&self.id, &result)
    }
}

/// Appends a result as structured content and as the same text.
fn append_structured(result: &mut String, structured: std::borrow::Cow<'_, str>) {
    let mut text = Vec::with_capacity(structured.len() + structured.len() / 8 + 2);
    write::value(&mut text, &*structured);
    result.reserve(text.len() + structured.len() + 256);
    result.push_str(r#""content":[{"type":"text","text":"#);
    result.push_str(&String::from_utf8_lossy(&text));
    result.push_str(r#"}],"structuredContent":"#);
    result.push_str(&structured);
    result.push_str(r#","isError":false"#);
}
