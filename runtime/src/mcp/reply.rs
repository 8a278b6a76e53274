//! Writing answers. Results are spliced from text that is JSON already; nothing is parsed again.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::version;
use crate::json::write;

/// Codes of JSON-RPC and of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RpcCode {
    ParseError,
    InvalidRequest,
    MethodNotFound,
    InvalidParams,
    HeaderMismatch,
    MissingCapability,
    UnsupportedVersion,
    Unavailable,
}

impl RpcCode {
    fn number(self) -> i32 {
        match self {
            Self::ParseError => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
            Self::HeaderMismatch => -32020,
            Self::MissingCapability => -32021,
            Self::UnsupportedVersion => -32022,
            Self::Unavailable => -32000,
        }
    }

    /// The HTTP status that goes with the code where the request as a whole is at fault.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::MethodNotFound => StatusCode::NOT_FOUND,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// An error of the protocol, as opposed to one of a tool.
#[derive(Clone, Debug)]
pub(super) struct RpcError {
    pub(super) code: RpcCode,
    message: String,
    data: Option<Box<Value>>,
    /// The id of the request, where it could be read but the request could not.
    pub(super) id: Option<String>,
}

impl RpcError {
    pub(super) fn new(code: RpcCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None, id: None }
    }

    pub(super) fn with_data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    pub(super) fn header_mismatch(message: &str) -> Self {
        Self::new(RpcCode::HeaderMismatch, message)
    }

    pub(super) fn missing_meta(key: &str) -> Self {
        let message = format!("params._meta[\"io.modelcontextprotocol/{key}\"] is missing");
        Self::new(RpcCode::InvalidParams, message)
    }

    pub(super) fn unsupported_version(requested: &str) -> Self {
        let supported: Vec<_> = version::supported().collect();
        Self::new(RpcCode::UnsupportedVersion, "this protocol version is not supported")
            .with_data(json!({"supported": supported, "requested": requested}))
    }

    pub(super) fn unknown_method(method: &str) -> Self {
        let method: String = method.chars().take(100).collect();
        Self::new(RpcCode::MethodNotFound, format!("unknown method {method:?}"))
    }
}

/// A notification was taken.
pub(super) fn accepted() -> Response {
    response(StatusCode::ACCEPTED, None, Vec::new())
}

/// A success, whose `result` is a JSON text.
pub(super) fn result(id: &RawValue, result: &str) -> Response {
    json_response(StatusCode::OK, result_message(id.get(), result))
}

/// The message of a success.
pub(super) fn result_message(id: &str, result: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(result.len() + id.len() + 40);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(br#","result":"#);
    out.extend_from_slice(result.as_bytes());
    out.push(b'}');
    out
}

/// A failure of the request itself.
pub(super) fn error(id: Option<&RawValue>, error: &RpcError, status: StatusCode) -> Response {
    let id = id.map(RawValue::get).or(error.id.as_deref());
    json_response(status, error_message(id, error))
}

/// The message of a failure.
pub(super) fn error_message(id: Option<&str>, error: &RpcError) -> Vec<u8> {
    let mut body = json!({"code": error.code.number(), "message": error.message});
    if let (Some(data), Some(members)) = (&error.data, body.as_object_mut()) {
        members.insert("data".to_owned(), Value::clone(data));
    }
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    if let Some(id) = id {
        out.extend_from_slice(br#""id":"#);
        out.extend_from_slice(id.as_bytes());
        out.push(b',');
    }
    out.extend_from_slice(br#""error":"#);
    write::value(&mut out, &body);
    out.push(b'}');
    out
}

pub(super) fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    response(status, Some(HeaderValue::from_static("application/json")), body)
}

fn response(status: StatusCode, content_type: Option<HeaderValue>, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response
}
