//! Revisions of the protocol and the two eras they fall into.

use http::{HeaderMap, StatusCode};

use super::header;
use super::message::Request;
use super::reply::{RpcCode, RpcError};

/// The revision that carries everything in each request.
pub(super) const MODERN: &str = "2026-07-28";
/// Revisions that start with `initialize`, newest first.
pub(super) const LEGACY: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// All revisions that are served, newest first.
pub(super) fn supported() -> impl Iterator<Item = &'static str> {
    std::iter::once(MODERN).chain(LEGACY)
}

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// 2026-07-28: stateless, with metadata in every request.
    Modern,
    /// 2025-11-25 and before.
    Legacy,
}

impl Era {
    /// The era of a request. A version in the body decides; without one, the header does.
    pub(super) fn of(request: &Request<'_>, headers: &HeaderMap) -> Result<Self, RpcError> {
        let header = header::single(headers, "mcp-protocol-version")?;
        let meta = &request.params.meta;
        let Some(version) = meta.protocol_version.as_deref() else {
            return match header.as_deref() {
                Some(MODERN) => Err(RpcError::missing_meta("protocolVersion")),
                Some(version) if !LEGACY.contains(&version) => Err(RpcError::unsupported_version(version)),
                _ => Ok(Self::Legacy),
            };
        };
        match header.as_deref() {
            None => return Err(RpcError::header_mismatch("MCP-Protocol-Version is missing")),
            Some(header) if header != version => {
                let message = "MCP-Protocol-Version differs from the version in the body";
                return Err(RpcError::header_mismatch(message));
            }
            Some(_) if version != MODERN => return Err(RpcError::unsupported_version(version)),
            Some(_) => {}
        }
        match meta.client_capabilities {
            Some(serde_json::Value::Object(_)) => Ok(Self::Modern),
            _ => Err(RpcError::missing_meta("clientCapabilities")),
        }
    }

    /// The HTTP status of an error that was found after the era was known. A legacy client takes any other
    /// status than 200 for a fault of the connection.
    pub(super) fn status_of(self, code: RpcCode) -> StatusCode {
        match self {
            // The message was sound and its method known; a bad cursor is told in the answer.
            Self::Modern if code == RpcCode::InvalidParams => StatusCode::OK,
            Self::Modern => code.status(),
            Self::Legacy => StatusCode::OK,
        }
    }
}
