//! Reading one JSON-RPC message without copying what it carries.

use bytes::Bytes;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::reply::{RpcCode, RpcError};
use crate::json::{Text, guard};

/// A request. Its id and the arguments inside keep their own spelling.
pub(super) struct Request<'a> {
    pub(super) id: &'a RawValue,
    pub(super) method: Text<'a>,
    pub(super) params: Params<'a>,
}

/// The parameters of all methods that are served; each method looks at its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params<'a> {
    #[serde(borrow, default, rename = "_meta", deserialize_with = "meta")]
    pub(super) meta: Meta<'a>,
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) cursor: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) protocol_version: Option<Text<'a>>,
    #[serde(default)]
    pub(super) input_responses: Option<Value>,
    #[serde(default)]
    pub(super) request_state: Option<String>,
}

/// What a client says about a request beside its parameters.
#[derive(Default, Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/protocolVersion")]
    pub(super) protocol_version: Option<Text<'a>>,
    #[serde(default, rename = "io.modelcontextprotocol/clientCapabilities")]
    pub(super) client_capabilities: Option<Value>,
    #[serde(borrow, default, rename = "progressToken")]
    pub(super) progress_token: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) traceparent: Option<Text<'a>>,
    #[serde(borrow, default, rename = "idempotencyKey")]
    pub(super) idempotency_key: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Text<'a>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// Keeps `null` apart from an absent member: a null id is an error, an absent one makes a notification.
fn even_null<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// Reads what must be an object: left to itself, serde fills a struct from an array as well.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, serde_json::Error> {
    if text.trim_ascii_start().starts_with('[') {
        // Whether it is well formed decides between two kinds of error.
        serde_json::from_str::<IgnoredAny>(text)?;
        return Err(serde_json::Error::custom("expected an object, got an array"));
    }
    serde_json::from_str(text)
}

fn meta<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Meta<'a>, D::Error> {
    let raw: &'a RawValue = Deserialize::deserialize(deserializer)?;
    object(raw.get()).map_err(D::Error::custom)
}

impl<'a> Request<'a> {
    /// Reads a body; `None` for a notification.
    pub(super) fn parse(body: &'a Bytes) -> Result<Option<Self>, RpcError> {
        let invalid = |message: &str| RpcError::new(RpcCode::InvalidRequest, message);
        let text = std::str::from_utf8(body)
            .map_err(|_| RpcError::new(RpcCode::ParseError, "the body is no UTF-8 text"))?;
        guard::check(text).map_err(|error| invalid(&error.to_string()))?;
        let envelope: Envelope<'_> = object(text).map_err(|error| {
            if error.is_data() {
                invalid("the body is no JSON-RPC message; batches are not supported")
            } else {
                RpcError::new(RpcCode::ParseError, format!("the body is no JSON: {error}"))
            }
        })?;
        if envelope.jsonrpc.as_deref() != Some("2.0") {
            return Err(invalid("jsonrpc must be \"2.0\""));
        }
        let method =
            envelope.method.ok_or_else(|| invalid("method is missing; a client may not send responses"))?;
        let Some(id) = envelope.id else { return Ok(None) };
        if !is_id(id.get()) {
            return Err(invalid("id must be a string or an integer"));
        }
        let params = envelope.params.map_or(Ok(Params::default()), |params| {
            object(params.get()).map_err(|error| {
                let mut error = RpcError::new(RpcCode::InvalidParams, format!("bad params: {error}"));
                error.id = Some(id.get().to_owned());
                error
            })
        })?;
        Ok(Some(Self { id, method, params }))
    }
}

/// Whether JSON text is a string or an integer.
fn is_id(text: &str) -> bool {
    text.starts_with('"') || text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}
