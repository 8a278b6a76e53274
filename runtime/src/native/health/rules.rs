//! The limits and rules that the configuration sets for a caller.

use serde_json::{Map, Value, json};

use crate::auth::AuthMode;
use crate::catalog::Entry;
use crate::config::ContextPlace;
use crate::native::NativeCall;

/// The part of the configuration that concerns the caller of a call.
pub(super) fn of(call: &NativeCall) -> Value {
    let config = &call.server.config;
    let limits = &config.rate_limits;
    let services = config.tenants.get(&call.tenant).into_iter().flatten();
    let services: Map<String, Value> = services
        .map(|(name, service)| {
            let context = match service.context {
                ContextPlace::Body => "body",
                ContextPlace::Headers => "headers",
            };
            let mut rules = Map::new();
            rules.insert("context".to_owned(), context.into());
            if let Some(timeout) = service.timeout {
                rules.insert("timeout_seconds".to_owned(), timeout.as_secs_f64().into());
            }
            (name.clone(), Value::Object(rules))
        })
        .collect();
    let tools: Map<String, Value> = call.permitted().filter_map(|entry| tool(call, entry)).collect();
    json!({
        "auth_mode": match config.security.auth.mode {
            AuthMode::None => "none",
            AuthMode::Token(_) => "token",
            AuthMode::Jwt(_) => "jwt",
        },
        "approval_mode": config.security.approval.mode.as_str(),
        "default_allowed_roles": config.security.default_allowed_roles,
        "limits": {
            "window_seconds": limits.window.as_secs(),
            "per_tenant": limits.of_tenant(&call.tenant),
            "per_actor": limits.per_actor,
        },
        "services": services,
        "tools": tools,
    })
}

/// What the configuration says of one tool; nothing where it leaves all to the manifest.
fn tool(call: &NativeCall, entry: &Entry) -> Option<(String, Value)> {
    let config = &call.server.config;
    let name = entry.tool.spec().name;
    let mut rules = Map::new();
    if config.security.tools.contains_key(name) {
        rules.insert("allowed_roles".to_owned(), json!(entry.roles));
        let approval = entry.approval.map_or("none", |mode| mode.as_str());
        rules.insert("approval".to_owned(), json!(approval));
    }
    if let Some(limits) = config.rate_limits.tools.get(name) {
        rules.insert("limit".to_owned(), json!(limits.limit.or(entry.tool.spec().rate_limit)));
        rules.insert("limit_by_role".to_owned(), json!(limits.roles));
    }
    (!rules.is_empty()).then(|| (name.to_owned(), Value::Object(rules)))
}
