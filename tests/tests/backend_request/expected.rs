//! The request that the original makes, and the comparison with what arrived.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tests::recorder::Recorded;

use super::original::Original;
use super::{CORRELATION, Line, TRACE};

/// The one request that a call has to make.
#[derive(Debug, PartialEq)]
pub(super) struct Expected {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Expected {
    /// What the original sends for `arguments` on behalf of `context`.
    pub(super) fn new(
        original: &Original,
        arguments: &Map<String, Value>,
        context: &Map<String, Value>,
    ) -> Self {
        let mut context = context.clone();
        context.entry("tenant_id").or_insert(json!("default"));
        context.entry("actor").or_insert(json!("anonymous"));
        let request = original.request.as_ref().expect("a tool with a backend");
        let mut values: Map<String, Value> = original
            .parameters
            .iter()
            .filter(|parameter| {
                !parameter.required && (!parameter.default.is_null() || parameter.kind == "any")
            })
            .map(|parameter| (parameter.wire.clone(), parameter.default.clone()))
            .collect();
        for (name, value) in arguments {
            let parameter =
                original.parameters.iter().find(|parameter| parameter.name == *name).expect("known");
            values.insert(parameter.wire.clone(), value.clone());
        }
        let mut headers: BTreeMap<String, String> = [
            ("accept", "application/json"),
            ("x-tenant-id", context["tenant_id"].as_str().unwrap()),
            ("x-actor", context["actor"].as_str().unwrap()),
            ("x-correlation-id", CORRELATION),
            ("traceparent", TRACE),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(role) = context.get("actor_role").and_then(Value::as_str) {
            headers.insert("x-actor-role".to_owned(), role.to_owned());
        }
        let path = format!("/at/{}{}", request.service, request.path);
        let mut query = BTreeMap::new();
        let body = if request.method == "GET" {
            query.extend(values.into_iter().map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name, text)
            }));
            Value::Null
        } else {
            headers.insert("content-type".to_owned(), "application/json".to_owned());
            values.extend(context);
            values.insert("correlation_id".to_owned(), json!(CORRELATION));
            Value::Object(values)
        };
        Self { method: request.method.clone(), path, query, headers, body }
    }

    /// Calls the tool `name` and looks at what the backend got.
    pub(super) async fn check(&self, line: &Line, name: &str, arguments: &Value) {
        let reply = line.call(name, arguments).await;
        let requests = line.backend.take();
        let [request] = &requests[..] else {
            panic!("{name} {arguments} made {} requests: {}", requests.len(), reply.text)
        };
        assert_eq!(&Self::of(request), self, "{name} {arguments}");
        assert_eq!(*reply.content(), json!({"ok": true}), "{name}");
    }

    /// A request as it came, without what the connection needs.
    fn of(request: &Recorded) -> Self {
        let headers =
            request.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length"));
        let headers = headers.map(|(name, value)| {
            let text = value.to_str().unwrap();
            // The trace goes on, in a span of the gateway's own.
            let text = if name == "traceparent" { text.split('-').nth(1).unwrap() } else { text };
            (name.to_string(), text.to_owned())
        });
        let url = reqwest::Url::parse(&format!("http://backend{}", request.target)).unwrap();
        Self {
            method: request.method.clone(),
            path: url.path().to_owned(),
            query: url.query_pairs().into_owned().collect(),
            headers: headers.collect(),
            body: request.body.clone(),
        }
    }
}
