//! What the gateway states to a service of a request, signed so that the service can tell it from anybody else's.
//!
//! The headers `X-Tenant-Id`, `X-Actor` and the like are believed by whoever trusts the network. A service that
//! does not gets the same as a JSON Web Token, signed by a key that it shares with the gateway for this tenant:
//! for whom, by which tool, for this very request, and for no longer than a minute.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::BackendRequest;
use crate::audit::sha256;
use crate::config::Secret;
use crate::context::Context;
use crate::correlation::Correlation;

/// Where the statement stands.
pub(super) const HEADER: &str = "x-gateway-statement";
/// How long it holds: as long as a request may be on its way.
const HOLDS: Duration = Duration::from_secs(60);
/// The header of every statement.
const ALGORITHM: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The claims.
#[derive(Debug, Serialize)]
pub(super) struct Statement<'a> {
    /// The service that it is for.
    aud: &'static str,
    iat: u64,
    exp: u64,
    tenant_id: &'a str,
    actor: &'a str,
    /// The role by which the call is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_role: Option<&'a str>,
    /// All roles of the caller.
    roles: &'a [String],
    correlation_id: &'a str,
    user_approved: bool,
    tool: &'a str,
    method: &'static str,
    /// Path and query as they are sent.
    path: &'a str,
    /// SHA-256 of the body as it is sent, in hexadecimal; of nothing where there is none.
    body_sha256: String,
}

impl<'a> Statement<'a> {
    /// What there is to state of a request that is otherwise complete.
    pub(super) fn new(
        request: &'a BackendRequest,
        tool: &'a str,
        context: &'a Context,
        correlation: &'a Correlation,
        now: SystemTime,
    ) -> Self {
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self {
            aud: request.service,
            iat: seconds(now),
            exp: seconds(now + HOLDS),
            tenant_id: &context.tenant,
            actor: &context.actor,
            actor_role: context.role.as_deref(),
            roles: context.roles.as_deref().unwrap_or_default(),
            correlation_id: correlation.id(),
            user_approved: context.approved,
            tool,
            method: request.method.as_str(),
            path: path_and_query(&request.url),
            body_sha256: sha256(request.body.as_deref().unwrap_or_default()),
        }
    }

    /// The statement with its signature, as a JSON Web Token.
    pub(super) fn sign(&self, key: &Secret) -> String {
        // Plain text and numbers have a JSON form.
        let claims = serde_json::to_vec(self).unwrap_or_default();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let text = format!("{}.{}", encode(ALGORITHM.as_bytes()), encode(&claims));
        let tag = hmac::sign(&Key::new(HMAC_SHA256, key.expose().as_bytes()), text.as_bytes());
        format!("{text}.{}", encode(tag.as_ref()))
    }
}

/// What follows the authority of an absolute URL.
fn path_and_query(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/")
}
