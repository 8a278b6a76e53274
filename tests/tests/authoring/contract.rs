//! A service that holds every request against its own OpenAPI document, read here anew: nothing of it is shared
//! with the import.

use std::collections::BTreeMap;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use tests::recorder::Recorded;

/// The schema that takes everything.
const ANYTHING: Value = Value::Bool(true);
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// What one document promises.
pub(super) struct Contract {
    operations: Vec<Operation>,
}

/// One operation of a document.
pub(super) struct Operation {
    /// Method and path, as the document writes them.
    pub(super) name: String,
    method: String,
    segments: Vec<String>,
    params: Vec<Param>,
    body: Option<Body>,
}

struct Param {
    name: String,
    place: String,
    required: bool,
    schema: Value,
    validator: Validator,
}

struct Body {
    required: bool,
    validator: Validator,
}

impl Contract {
    /// Reads a document of OpenAPI 3.0 or 3.1, in JSON or YAML.
    pub(super) fn read(text: &str) -> Self {
        let mut document: Value = serde_yaml::from_str(text).unwrap();
        drop_what_no_manifest_says(&mut document);
        let draft = match document["openapi"].as_str().unwrap() {
            version if version.starts_with("3.0") => {
                with_null_as_a_type(&mut document);
                Draft::Draft4
            }
            _ => Draft::Draft202012,
        };
        let reader = Reader { document: &document, draft };
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            // What refers to nowhere promises nothing.
            let Some(item) = reader.resolved(item) else { continue };
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(reader.operation(path, method, item, operation));
                }
            }
        }
        // `/a/b` goes before `/a/{id}`.
        operations.sort_by_key(|operation| {
            operation.segments.iter().filter(|segment| segment.starts_with('{')).count()
        });
        Self { operations }
    }

    /// The operation that a request means, with everything that is wrong with the request.
    pub(super) fn judge(&self, request: &Recorded) -> (Option<&Operation>, Vec<String>) {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let given: Vec<String> = path.split('/').skip(1).map(decoded).collect();
        let found = self.operations.iter().find(|operation| {
            operation.method.eq_ignore_ascii_case(&request.method) && fits(&operation.segments, &given)
        });
        let Some(operation) = found else {
            return (None, vec![format!("no operation {} {path}", request.method)]);
        };
        let mut faults = Vec::new();
        let mut query: BTreeMap<String, Vec<String>> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .fold(BTreeMap::new(), |mut all, (name, value)| {
                all.entry(decoded(name)).or_default().push(decoded(value));
                all
            });
        for param in &operation.params {
            let texts = match param.place.as_str() {
                "path" => {
                    let name = format!("{{{}}}", param.name);
                    let at = operation.segments.iter().position(|segment| *segment == name);
                    at.map(|at| vec![given[at].clone()]).unwrap_or_default()
                }
                "query" => query.remove(&param.name).unwrap_or_default(),
                "header" => {
                    let values = request.headers.get_all(&param.name).iter();
                    values.map(|value| decoded(value.to_str().unwrap())).collect()
                }
                _ => Vec::new(),
            };
            faults.extend(param.faults(&texts));
        }
        faults.extend(query.keys().map(|name| format!("an unknown `{name}` in the query")));
        faults.extend(operation.faults_of_body(request));
        (Some(operation), faults)
    }
}

// === impl Param ===

impl Param {
    fn faults(&self, texts: &[String]) -> Option<String> {
        if texts.is_empty() {
            return self.required.then(|| format!("`{}` is missing in the {}", self.name, self.place));
        }
        let value = match self.schema["type"].as_str() {
            Some("array") => texts.iter().map(|text| read_as(&self.schema["items"], text)).collect(),
            _ => read_as(&self.schema, &texts.join(",")),
        };
        self.validator.validate(&value).err().map(|error| format!("{}: {error}", self.name))
    }
}

// === impl Operation ===

impl Operation {
    fn faults_of_body(&self, request: &Recorded) -> Option<String> {
        let has_body = !request.body.is_null();
        match &self.body {
            Some(body) if has_body => {
                let json = request.header("content-type").starts_with("application/json");
                let fault =
                    body.validator.validate(&request.body).err().map(|error| format!("body: {error}"));
                if json { fault } else { Some("the body is not declared as JSON".to_owned()) }
            }
            Some(body) => body.required.then(|| "the body is missing".to_owned()),
            // A method that has a body sends an empty object where nothing is asked for.
            None => {
                (has_body && request.body != json!({})).then(|| format!("an unasked body {}", request.body))
            }
        }
    }
}

/// A document while it is read.
struct Reader<'d> {
    document: &'d Value,
    draft: Draft,
}

impl Reader<'_> {
    fn operation(&self, path: &str, method: &str, item: &Value, operation: &Value) -> Operation {
        let mut params: Vec<Param> = Vec::new();
        for node in [operation, item].into_iter().filter_map(|node| node["parameters"].as_array()).flatten() {
            let param = self.param(self.resolved(node).unwrap());
            // What the operation says of a parameter goes before what its path says.
            if !params.iter().any(|known| known.name == param.name && known.place == param.place) {
                params.push(param);
            }
        }
        let body = operation.get("requestBody").map(|node| {
            let node = self.resolved(node).unwrap();
            let media = node["content"].as_object().into_iter().flatten();
            let json = media.filter(|(name, _)| name.starts_with("application/json")).map(|(_, media)| media);
            let schema = json.filter_map(|media| media.get("schema")).next().unwrap_or(&ANYTHING);
            Body { required: node["required"] == true, validator: self.validator(schema) }
        });
        Operation {
            name: format!("{} {path}", method.to_uppercase()),
            method: method.to_owned(),
            segments: path.split('/').skip(1).map(str::to_owned).collect(),
            params,
            body,
        }
    }

    fn param(&self, node: &Value) -> Param {
        let text = |key: &str| node[key].as_str().unwrap().to_owned();
        let schema = node.get("schema").map_or(ANYTHING, |schema| self.resolved(schema).unwrap().clone());
        let validator = self.validator(&schema);
        Param { name: text("name"), place: text("in"), required: node["required"] == true, schema, validator }
    }

    /// What a node stands for.
    fn resolved<'v>(&'v self, node: &'v Value) -> Option<&'v Value> {
        match node["$ref"].as_str() {
            Some(pointer) => self.resolved(self.document.pointer(pointer.trim_start_matches('#'))?),
            None => Some(node),
        }
    }

    /// A schema together with what it may refer to.
    fn validator(&self, schema: &Value) -> Validator {
        // The first draft of OpenAPI's has no schemas that are true or false.
        let schema = if *schema == ANYTHING { json!({}) } else { schema.clone() };
        let components = self.document.get("components").cloned().unwrap_or_default();
        let whole = json!({"allOf": [schema], "components": components});
        jsonschema::options().with_draft(self.draft).should_validate_formats(true).build(&whole).unwrap()
    }
}

/// Takes away the rules for values that an import reports as lost: a tool cannot keep what it does not know.
fn drop_what_no_manifest_says(node: &mut Value) {
    match node {
        Value::Object(members) => {
            members.retain(|keyword, rule| match (keyword.as_str(), rule) {
                ("multipleOf", _) => false,
                // What the values of an object of any keys are.
                ("additionalProperties", Value::Object(_)) => false,
                ("enum", Value::Array(values)) => values.iter().all(Value::is_string),
                ("pattern", Value::String(pattern)) => !pattern.contains("\\S"),
                _ => true,
            });
            members.values_mut().for_each(drop_what_no_manifest_says);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_what_no_manifest_says),
        _ => {}
    }
}

/// What OpenAPI 3.0 calls `nullable`, in the words of JSON Schema.
fn with_null_as_a_type(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if members.remove("nullable") == Some(json!(true)) {
                let of_its_own = std::mem::take(members);
                *members = Map::from_iter([("anyOf".to_owned(), json!([of_its_own, {"type": "null"}]))]);
            }
            members.values_mut().for_each(with_null_as_a_type);
        }
        Value::Array(items) => items.iter_mut().for_each(with_null_as_a_type),
        _ => {}
    }
}

fn fits(segments: &[String], given: &[String]) -> bool {
    segments.len() == given.len()
        && segments.iter().zip(given).all(|(segment, given)| segment.starts_with('{') || segment == given)
}

/// A text as the value that its schema means.
fn read_as(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("string") | None => json!(text),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    }
}

fn decoded(text: &str) -> String {
    let pair = format!("x={text}");
    let url = reqwest::Url::parse(&format!("http://localhost/?{}", pair.replace('+', "%2B"))).unwrap();
    url.query_pairs().next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
