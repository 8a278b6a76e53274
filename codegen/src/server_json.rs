//! The description of this server for the registry of MCP servers, as the registry's schema asks for it.

use serde_json::{Value, json};

use crate::Checked;

/// The schema that the description follows.
const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
/// Characters that the registry has for a description.
const MAX_DESCRIPTION: usize = 100;
/// Characters that the registry has for a name.
const MAX_NAME: usize = 200;

impl Checked {
    /// The description. `name` is the server's name in the registry, such as `com.example/tools`, and `url` where it
    /// is reached, if it is published as a remote server.
    ///
    /// # Errors
    /// A name or an address that the registry would refuse, and why.
    pub fn server_json(&self, name: &str, url: Option<&str>) -> Result<Value, String> {
        if !is_name(name) {
            return Err(format!(
                "`{name}` is no name of the registry: it is a domain backwards, one slash and a name of letters, \
                 digits, `.`, `_` and `-`, such as com.example/tools"
            ));
        }
        let mut server = json!({
            "$schema": SCHEMA,
            "name": name,
            "description": self.summary(),
            "version": env!("CARGO_PKG_VERSION"),
        });
        if let (Some(url), Value::Object(server)) = (url, &mut server) {
            if !is_url(url) {
                return Err(format!("`{url}` is no address of a server, such as https://example.com/mcp"));
            }
            server.insert("remotes".to_owned(), json!([{"type": "streamable-http", "url": url}]));
        }
        Ok(server)
    }

    /// How many tools there are, and of which domains, as many as there is room for.
    fn summary(&self) -> String {
        let mut domains: Vec<&str> = self.tools.iter().map(|tool| tool.domain.as_str()).collect();
        domains.dedup();
        let tools = crate::count(self.tools.len(), "tool");
        let mut text = format!("{tools} of a business: {}", domains.join(", "));
        while text.len() > MAX_DESCRIPTION && domains.pop().is_some() {
            text = format!("{tools} of a business: {}, ...", domains.join(", "));
        }
        text
    }
}

fn is_name(name: &str) -> bool {
    let legal = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    name.len() <= MAX_NAME
        && name.split_once('/').is_some_and(|(domain, rest)| legal(domain, ".-") && legal(rest, "._-"))
}

fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}
