//! Telling a client what credential it lacks, in the words of RFC 6750 and RFC 9728.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::Metadata;
use crate::http::Refusal;

/// No challenge: a client that got one would throw a good token away.
const KEYS_AWAY: Refusal = Refusal::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "the keys of the authorization server are not to be had; try again later",
);

/// A request without a credential that suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// No credential was shown.
    Missing,
    /// A credential was shown, and it is not one. Why is for the log alone.
    Invalid,
    /// Whether it is one cannot be told while the issuer's keys are not to be had.
    Unavailable,
    /// The credential lacks these scopes.
    InsufficientScope(Vec<String>),
}

impl Challenge {
    /// The refusal. `metadata` says how clients can get a token.
    pub(crate) fn response(&self, metadata: Option<&Metadata>) -> Response {
        let (status, reason, error) = match self {
            Self::Unavailable => return KEYS_AWAY.into_response(),
            Self::Missing => (StatusCode::UNAUTHORIZED, "a bearer token is needed", None),
            Self::Invalid => (StatusCode::UNAUTHORIZED, "the token is not valid here", Some("invalid_token")),
            Self::InsufficientScope(_) => {
                (StatusCode::FORBIDDEN, "the token lacks a scope", Some("insufficient_scope"))
            }
        };
        let scopes = match self {
            Self::InsufficientScope(scopes) => Some(scopes.join(" ")),
            _ => metadata.and_then(|metadata| metadata.first_scopes.clone()),
        };
        let error = error.map(|error| format!(r#"error="{error}""#));
        let scopes = scopes.map(|scopes| format!(r#"scope="{scopes}""#));
        let metadata = metadata.map(|metadata| format!(r#"resource_metadata="{}""#, metadata.url));
        let parts: Vec<String> = error.into_iter().chain(scopes).chain(metadata).collect();
        let challenge = format!("Bearer {}", parts.join(", "));
        let mut response = (status, reason).into_response();
        if let Ok(value) = HeaderValue::from_str(challenge.trim_end()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}
