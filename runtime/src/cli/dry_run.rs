//! `call --dry-run`: the exact request that a backend would get, from this machine's configuration.

use std::time::SystemTime;

use http::HeaderMap;
use serde_json::Value;

use super::call::Arguments;
use super::{Failure, output};
use crate::args::{Args, Place};
use crate::auth::Caller;
use crate::backend::{self, BackendRequest};
use crate::catalog::Catalog;
use crate::config::Config;
use crate::context::Context;
use crate::correlation::Correlation;
use crate::masked::MASK;
use crate::product::Product;
use crate::tool::Target;
use crate::tool_error::ToolError;

/// Prints the request. Nothing is sent, and no approval is needed.
pub(super) fn run(product: &Product, config: &Config, arguments: &Arguments) -> Result<bool, Failure> {
    let input = arguments.read()?;
    let catalog = Catalog::new(product.tools, config);
    let entry = catalog.find(&arguments.tool).ok_or_else(|| format!("unknown tool {:?}", arguments.tool))?;
    let spec = entry.tool.spec();
    let text = input.to_string();
    let mut args = Args::parse(&text, Place::Root).ok_or("the arguments must be a JSON object")?;
    let default_role = config.server.default_actor_role.as_deref();
    let (mut context, _) = Context::take(&mut args, &Caller::Anyone, default_role);
    context.approved = entry.approval.is_some();
    let Some(prepared) = entry.tool.prepare(&mut args) else {
        return Err(ToolError::validation(args.into_problems()).to_string());
    };
    let (None, Target::Backend { service: name, method, .. }) = (&prepared.native, spec.target) else {
        return Err(format!("{} is answered by the server itself and sends no backend request", spec.name));
    };
    let services =
        config.tenants.get(&context.tenant).ok_or_else(|| format!("no tenant {:?}", context.tenant))?;
    let service = services.get(name).ok_or_else(|| backend::not_configured(name).to_string())?;
    let correlation = Correlation::of_request(&HeaderMap::new(), None);
    let request = BackendRequest::new(name, service, method, &prepared.request, &context, &correlation)
        .signed(service, spec.name, &context, &correlation, SystemTime::now());
    let mut secrets = Vec::new();
    for path in spec.sensitive {
        collect(&input, path, &mut secrets);
    }
    output::line(&show(&request, &secrets));
    Ok(true)
}

/// The request as text, with configured headers and sensitive arguments masked.
fn show(request: &BackendRequest, secrets: &[String]) -> String {
    let mut url = request.url.clone();
    for secret in secrets {
        let mut encoded = String::new();
        crate::request_parts::percent_encode(&mut encoded, secret);
        url = url.replace(&encoded, MASK);
    }
    let mut text = format!("{} {url}\n", request.method.as_str());
    for (name, value) in &request.headers {
        let value = value.to_str().unwrap_or(MASK);
        let hidden = request.headers.get(name).is_some_and(http::HeaderValue::is_sensitive)
            || secrets.iter().any(|secret| secret == value);
        text.push_str(&format!("{name}: {}\n", if hidden { MASK } else { value }));
    }
    let body = request.body.as_ref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    if let Some(mut body) = body {
        mask(&mut body, secrets);
        text.push_str(&format!("\n{body:#}"));
    }
    text
}

/// Collects the texts at a path such as `secret` or `keys[].token`, whatever else stands below it.
fn collect(value: &Value, path: &str, found: &mut Vec<String>) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, of_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let Some(value) = value.get(name) else { return };
    let values = if of_list {
        value.as_array().map(Vec::as_slice).unwrap_or_default()
    } else {
        std::slice::from_ref(value)
    };
    for value in values {
        match rest {
            Some(rest) => collect(value, rest, found),
            None => texts(value, found),
        }
    }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

fn mask(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) if secrets.contains(text) => MASK.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        Value::Object(members) => members.values_mut().for_each(|member| mask(member, secrets)),
        _ => {}
    }
}
