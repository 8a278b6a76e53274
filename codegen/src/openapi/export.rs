//! All tools as one document of OpenAPI 3.1: what their services take and answer.

use serde_json::{Map, Value, json};

use crate::Checked;
use crate::check::privacy;
use crate::emit::schema::{self, Objects};
use crate::ir::{Element, Param, Place, Presence, Property, Roles, Shape, Target, Tool};

impl Checked {
    /// The tools as OpenAPI 3.1. Each path begins with the name of its service; `x-tool` holds what OpenAPI has
    /// no words for.
    #[must_use]
    pub fn openapi(&self) -> Value {
        let mut paths = Map::new();
        for tool in &self.tools {
            let (path, method) = address(tool);
            let taken = |paths: &Map<String, Value>, path: &str| {
                paths.get(path).is_some_and(|item| item.get(method).is_some())
            };
            // Two tools may send one request; a fragment tells their operations apart.
            let path = if taken(&paths, &path) { format!("{path}#{}", tool.name) } else { path };
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Value::Object(item) = item {
                item.insert(method.to_owned(), operation(tool));
            }
        }
        json!({
            "openapi": "3.1.0",
            "info": {"title": "Tools", "version": env!("CARGO_PKG_VERSION")},
            "paths": paths,
        })
    }
}

fn address(tool: &Tool) -> (String, &'static str) {
    match &tool.target {
        Target::Backend { service, method, path } => {
            let method = match method {
                crate::ir::Method::Get => "get",
                crate::ir::Method::Post => "post",
                crate::ir::Method::Put => "put",
                crate::ir::Method::Patch => "patch",
                crate::ir::Method::Delete => "delete",
            };
            (format!("/{service}{path}"), method)
        }
        // It has no request of its own; the name tells it apart.
        Target::Native { .. } => (format!("/{}", tool.name), "post"),
    }
}

fn operation(tool: &Tool) -> Value {
    let (body, others): (Vec<&Param>, Vec<&Param>) =
        tool.params.iter().partition(|param| param.place == Place::Body);
    let mut out = Map::new();
    out.insert("operationId".to_owned(), json!(tool.name));
    out.insert("summary".to_owned(), json!(tool.title));
    out.insert("description".to_owned(), json!(tool.description));
    out.insert("tags".to_owned(), json!([tool.domain]));
    if !others.is_empty() {
        out.insert("parameters".to_owned(), others.iter().map(|param| parameter(param)).collect());
    }
    if !body.is_empty() {
        let schema = object(body.iter().map(|param| &param.property), Objects::Closed);
        let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        out.insert("requestBody".to_owned(), body);
    }
    let mut answer = json!({"description": "The result"});
    if let (Some(output), Value::Object(answer)) = (&tool.output, &mut answer) {
        let schema = object(output.iter(), Objects::Open);
        answer.insert("content".to_owned(), json!({"application/json": {"schema": schema}}));
    }
    out.insert("responses".to_owned(), json!({"200": answer}));
    out.insert("x-tool".to_owned(), extension(tool));
    Value::Object(out)
}

fn extension(tool: &Tool) -> Value {
    let mut out = json!({
        "domain": tool.domain,
        "name": tool.stem,
        "aliases": tool.aliases,
        "effect": tool.effect.word(),
        "approval": if tool.approval { "required" } else { "none" },
        "roles": match &tool.roles {
            Roles::Default => json!("default"),
            Roles::Only(roles) => json!(roles),
        },
        "timeout": format!("{}ms", tool.timeout.as_millis()),
        "params": tool.properties().map(|property| property.name.as_str()).collect::<Vec<_>>(),
        "examples": tool.examples,
    });
    if let Value::Object(out) = &mut out {
        if let Some(limit) = tool.rate_limit {
            out.insert("rate_limit".to_owned(), json!(limit));
        }
        match &tool.target {
            Target::Backend { service, method, path } => {
                out.insert("backend".to_owned(), json!(service));
                out.insert("request".to_owned(), json!(format!("{} {path}", method.word())));
            }
            Target::Native { handler } => {
                out.insert("handler".to_owned(), json!(handler));
            }
        }
    }
    out
}

fn parameter(param: &Param) -> Value {
    let property = &param.property;
    let mut schema = element(&property.element, Objects::Closed);
    let mut out = json!({
        "name": property.wire,
        "in": param.place.word(),
        "required": property.presence == Presence::Required,
    });
    if let (Value::Object(out), Value::Object(schema)) = (&mut out, &mut schema) {
        if let Some(description) = schema.shift_remove("description") {
            out.insert("description".to_owned(), description);
        }
        if let Presence::Default(default) = &property.presence {
            schema.insert("default".to_owned(), default.clone());
        }
        if property.name != property.wire {
            out.insert("x-name".to_owned(), json!(property.name));
        }
        no_secret(property, schema);
        out.insert("schema".to_owned(), Value::Object(schema.clone()));
    }
    out
}

fn object<'p>(properties: impl Iterator<Item = &'p Property> + Clone, objects: Objects) -> Value {
    let required: Vec<&str> = properties
        .clone()
        .filter(|property| property.presence == Presence::Required)
        .map(|property| property.wire.as_str())
        .collect();
    let members: Map<String, Value> = properties
        .map(|property| {
            let mut schema = element(&property.element, objects);
            if let Value::Object(schema) = &mut schema {
                if let Presence::Default(default) = &property.presence {
                    schema.insert("default".to_owned(), default.clone());
                }
                if property.name != property.wire {
                    schema.insert("x-name".to_owned(), json!(property.name));
                }
                if objects == Objects::Closed {
                    no_secret(property, schema);
                }
            }
            (property.wire.clone(), schema)
        })
        .collect();
    let mut out = json!({"type": "object", "properties": members});
    if let Value::Object(out) = &mut out {
        if !required.is_empty() {
            out.insert("required".to_owned(), json!(required));
        }
        if objects == Objects::Closed {
            out.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    out
}

/// Marks what only looks like a secret.
fn no_secret(property: &Property, schema: &mut Map<String, Value>) {
    if !property.element.sensitive && privacy::looks_secret(&property.name, &property.element.shape) {
        schema.insert("x-sensitive".to_owned(), json!(false));
    }
}

/// The schema of a value, with the names of the wire.
fn element(element: &Element, objects: Objects) -> Value {
    let mut out = schema::element(element, objects);
    match &element.shape {
        Shape::List(list) => {
            out.insert("items".to_owned(), self::element(&list.item, objects));
        }
        Shape::Record(properties) => {
            if let Value::Object(inner) = object(properties.iter(), objects) {
                out.extend(inner);
            }
        }
        _ => {}
    }
    if element.sensitive {
        out.insert("x-sensitive".to_owned(), json!(true));
    }
    Value::Object(out)
}
