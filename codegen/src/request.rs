//! The backend request of a call, as the generated code will send it, without the gateway's own context.
//!
//! Only a call that passed the check is taken, so nothing here can fail.

use serde_json::{Map, Value};

use crate::emit::schema;
use crate::ir::{Method, Place, Presence, Property, Shape, Target, Tool};

/// What a service gets for a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) service: String,
    pub(crate) method: Method,
    /// Path and query, encoded.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Of the methods that have one.
    pub(crate) body: Option<Value>,
}

/// The request of a call; none where a function of the runtime answers.
pub(crate) fn request(tool: &Tool, call: &Value) -> Option<Request> {
    let Target::Backend { service, method, path } = &tool.target else { return None };
    let (mut path, mut query) = (path.clone(), Vec::new());
    let (mut headers, mut body) = (Vec::new(), Map::new());
    for param in &tool.params {
        let property = &param.property;
        let Some(value) = given(property, call) else { continue };
        let texts = texts(&value);
        match param.place {
            Place::Path => {
                let segment = percent_encoded(&texts.concat());
                path = path.replace(&format!("{{{}}}", property.name), &segment);
            }
            Place::Query => {
                let wire = percent_encoded(&property.wire);
                query.extend(texts.iter().map(|text| format!("{wire}={}", percent_encoded(text))));
            }
            Place::Header => headers.extend(texts.into_iter().map(|text| (property.wire.clone(), text))),
            Place::Body => {
                body.insert(property.wire.clone(), value);
            }
        }
    }
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let body = method.has_body().then_some(Value::Object(body));
    Some(Request { service: service.clone(), method: *method, target, headers, body })
}

/// The value that is sent for a property; none if it is absent.
fn given(property: &Property, object: &Value) -> Option<Value> {
    let given = object.get(&property.name);
    // A null is the same as absent, except where it is a value of its own.
    let null_counts = matches!(property.element.shape, Shape::Any) && property.presence == Presence::Required;
    match (given.filter(|value| null_counts || !value.is_null()), &property.presence) {
        (Some(value), _) => Some(sent(value, &property.element.shape)),
        (None, Presence::Default(default)) => Some(sent(default, &property.element.shape)),
        (None, _) => None,
    }
}

/// A value with the names of the wire, and with the defaults of what it holds.
fn sent(value: &Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Number(_), Value::Number(number)) => number.as_f64().map_or(Value::Null, schema::number),
        (Shape::List(list), Value::Array(items)) => {
            items.iter().map(|item| sent(item, &list.item.shape)).collect()
        }
        (Shape::Record(properties), Value::Object(_)) => {
            let members = properties
                .iter()
                .filter_map(|property| Some((property.wire.clone(), given(property, value)?)));
            Value::Object(members.collect())
        }
        _ => value.clone(),
    }
}

/// A value as plain text: once, or once per item of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

/// Every byte that is not unreserved in RFC 3986, encoded.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

// === impl Request ===

impl Request {
    /// The request as people read it.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{} {}\n", self.method.word(), self.target);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\n"));
        }
        if let Some(body) = &self.body {
            out.push_str(&format!("\n{body:#}\n"));
        }
        out
    }
}
