//! What is known of the original's tools, from `fixtures/original_tools.yaml`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

const FACTS: &str = include_str!("../../fixtures/original_tools.yaml");
/// How many tools the original has.
const TOOLS: usize = 74;
/// Who may call a tool for which the original names nobody.
const DEFAULT_ROLES: [&str; 4] = ["Admin", "Orchestrator", "CRM-Supervisor", "Agent"];

/// A tool of the original.
#[derive(Debug)]
pub(super) struct Original {
    /// Its name with a dot after the domain.
    pub(super) alias: String,
    /// What it asks of a backend; nothing for a tool that the gateway answers itself.
    pub(super) request: Option<Request>,
    pub(super) effect: String,
    pub(super) approval: bool,
    pub(super) roles: Vec<String>,
    pub(super) parameters: Vec<Parameter>,
}

/// A request to a backend service.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) service: String,
    pub(super) path: String,
    pub(super) timeout_s: f64,
}

/// A parameter of a tool.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// Its name in the request.
    pub(super) wire: String,
    pub(super) kind: String,
    pub(super) required: bool,
    /// What is sent where it is absent; null where nothing is.
    pub(super) default: Value,
}

/// All tools by the name that we list them under, deviations included.
pub(super) fn all() -> BTreeMap<String, Original> {
    let facts: Value = serde_yaml::from_str(FACTS).expect("facts in YAML");
    let tools = facts["tools"].as_object().unwrap();
    assert_eq!(tools.len(), TOOLS);
    let mut all: BTreeMap<String, Original> =
        tools.iter().map(|(name, tool)| (name.replace('.', "_"), original(name, tool))).collect();
    for deviation in facts["deviations"].as_array().unwrap() {
        assert!(deviation["why"].is_string(), "a deviation without a reason: {deviation}");
        let name = deviation["tool"].as_str().unwrap().replace('.', "_");
        deviate(&mut all.get_mut(&name).unwrap().parameters, deviation);
    }
    all
}

fn original(name: &str, tool: &Value) -> Original {
    let request = tool["request"].as_str().map(|request| {
        let words: Vec<&str> = request.split(' ').collect();
        let [method, service, path] = words[..] else { panic!("{name}: {request}") };
        Request {
            method: method.to_owned(),
            service: service.to_owned(),
            path: path.to_owned(),
            timeout_s: tool["timeout_s"].as_f64().unwrap(),
        }
    });
    let roles = match &tool["roles"] {
        Value::Array(roles) => roles.iter().map(|role| role.as_str().unwrap().to_owned()).collect(),
        default => {
            assert_eq!(default, "default", "{name}");
            DEFAULT_ROLES.map(str::to_owned).to_vec()
        }
    };
    let parameters = tool["params"].as_object().into_iter().flatten();
    Original {
        // Names with an underscore begin with a domain of one word.
        alias: name.replacen('_', ".", usize::from(!name.contains('.'))),
        request,
        effect: tool["effect"].as_str().unwrap().to_owned(),
        approval: tool["approval"].as_bool().unwrap(),
        roles,
        parameters: parameters.map(|(name, facts)| parameter(name, facts)).collect(),
    }
}

fn parameter(name: &str, facts: &Value) -> Parameter {
    Parameter {
        name: name.to_owned(),
        wire: facts["wire"].as_str().unwrap_or(name).to_owned(),
        kind: facts["type"].as_str().unwrap().to_owned(),
        required: facts["required"] == json!(true),
        default: facts["default"].clone(),
    }
}

fn deviate(parameters: &mut Vec<Parameter>, deviation: &Value) {
    let name = deviation["parameter"].as_str().unwrap();
    let known = parameters.iter().position(|parameter| parameter.name == name);
    match (deviation.get("ours"), known) {
        (None, Some(at)) if deviation["removed"] == json!(true) => {
            parameters.remove(at);
        }
        (Some(ours), None) => parameters.push(parameter(name, ours)),
        (Some(ours), Some(at)) => {
            let ours = parameter(name, ours);
            assert_ne!(format!("{ours:?}"), format!("{:?}", parameters[at]), "no deviation: {deviation}");
            parameters[at] = ours;
        }
        _ => panic!("nothing to deviate from: {deviation}"),
    }
}
