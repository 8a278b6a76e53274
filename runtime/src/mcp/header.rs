//! Headers that repeat what the body says, so that proxies can route without reading it.
//!
//! They are checked against the body: a proxy that decides by a header must decide on what is then done.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::message::Request;
use super::reply::RpcError;

/// Checks `Mcp-Method` and, for a tool call, `Mcp-Name` against the body.
pub(super) fn check(headers: &HeaderMap, request: &Request<'_>) -> Result<(), RpcError> {
    match single(headers, "mcp-method")? {
        None => return Err(RpcError::header_mismatch("Mcp-Method is missing")),
        Some(method) if method != *request.method => {
            return Err(RpcError::header_mismatch("Mcp-Method differs from the method in the body"));
        }
        Some(_) => {}
    }
    if &*request.method != "tools/call" {
        return Ok(());
    }
    let name = single(headers, "mcp-name")?
        .ok_or_else(|| RpcError::header_mismatch("Mcp-Name is missing"))
        .and_then(|name| decode(&name))?;
    if request.params.name.as_deref().is_some_and(|expected| expected != name) {
        return Err(RpcError::header_mismatch("Mcp-Name differs from the name in the body"));
    }
    Ok(())
}

/// The value of a header that may be given once. Twice, or not printable ASCII, is refused.
pub(super) fn single(headers: &HeaderMap, name: &str) -> Result<Option<String>, RpcError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(RpcError::header_mismatch(&format!("{name} is given more than once")));
    }
    match value.to_str() {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(_) => Err(RpcError::header_mismatch(&format!("{name} is not printable ASCII"))),
    }
}

/// The text that a header value stands for: itself, or what `=?base64?...?=` encodes.
pub(super) fn decode(value: &str) -> Result<String, RpcError> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Ok(value.to_owned());
    };
    STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| RpcError::header_mismatch("a header holds no valid base64 of UTF-8 text"))
}
