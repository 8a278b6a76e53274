//! What a client is told about getting a token: the metadata of a protected resource, after RFC 9728.

use serde_json::json;

use super::JwtSettings;

/// The path at which the metadata is served, and under which that of the endpoint's own path stands.
pub(crate) const PATH: &str = "/.well-known/oauth-protected-resource";

/// The metadata, ready to send.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// Where clients find it.
    pub(crate) url: String,
    /// The scopes that a client begins with, where scopes are used: those for reading. What else a tool needs, its
    /// refusal says.
    pub(crate) first_scopes: Option<String>,
    pub(crate) json: String,
}

impl Metadata {
    /// The metadata of a server that clients reach at `origin`.
    pub(crate) fn new(origin: &str, settings: &JwtSettings, scopes: &[String]) -> Self {
        let mut json = json!({
            "resource": settings.audience,
            "authorization_servers": [settings.issuer],
            "bearer_methods_supported": ["header"],
        });
        let mut first_scopes = None;
        if let (Some(members), Some(_)) = (json.as_object_mut(), &settings.claims.scopes) {
            members.insert("scopes_supported".to_owned(), json!(scopes));
            let reading: Vec<&str> =
                scopes.iter().map(String::as_str).filter(|scope| scope.ends_with(":read")).collect();
            first_scopes = Some(reading.join(" "));
        }
        Self { url: format!("{origin}{PATH}/mcp"), first_scopes, json: json.to_string() }
    }
}
