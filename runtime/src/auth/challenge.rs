//! Telling a client what credential it lacks, in the words of RFC 6750 and RFC 9728.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// A request without a credential that suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// No credential was shown.
    Missing,
    /// A credential was shown, and it is not one. Why is for the log alone.
    Invalid,
    /// The credential lacks these scopes.
    InsufficientScope(Vec<String>),
}

impl Challenge {
    /// The refusal. `metadata` is the URL of the resource's metadata, where clients can learn how to get a token.
    pub(crate) fn response(&self, metadata: Option<&str>) -> Response {
        let mut parts = Vec::new();
        match self {
            Self::Missing => {}
            Self::Invalid => parts.push(r#"error="invalid_token""#.to_owned()),
            Self::InsufficientScope(scopes) => {
                parts.push(r#"error="insufficient_scope""#.to_owned());
                parts.push(format!(r#"scope="{}""#, scopes.join(" ")));
            }
        }
        parts.extend(metadata.map(|url| format!(r#"resource_metadata="{url}""#)));
        let (status, reason) = match self {
            Self::Missing => (StatusCode::UNAUTHORIZED, "a bearer token is needed"),
            Self::Invalid => (StatusCode::UNAUTHORIZED, "the token is not valid here"),
            Self::InsufficientScope(_) => (StatusCode::FORBIDDEN, "the token lacks a scope"),
        };
        let challenge = format!("Bearer {}", parts.join(", "));
        let mut response = (status, reason).into_response();
        if let Ok(value) = HeaderValue::from_str(challenge.trim_end()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
