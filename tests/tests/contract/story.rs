//! A day of a tenant, step by step, as `story.yaml` tells it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tests::client::{Client, Reply};

/// One call, with placeholders in its arguments.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
    /// What later steps need of the answer: a name and the path to it.
    keep: Vec<(String, String)>,
}

/// All steps of the day.
pub(super) fn steps() -> Vec<Step> {
    let told: Vec<Map<String, Value>> = serde_yaml::from_str(include_str!("story.yaml")).expect("a story");
    let steps = told.into_iter().map(|step| {
        let object = |key: &str| step.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Step {
            tool: text(&step["tool"]),
            arguments: object("arguments"),
            keep: object("keep").iter().map(|(name, path)| (name.clone(), text(path))).collect(),
        }
    });
    steps.collect()
}

/// Someone who goes through the day for one tenant.
pub(super) struct Teller {
    client: Client,
    tenant: &'static str,
    /// What the placeholders stand for.
    known: BTreeMap<String, String>,
}

impl Teller {
    /// A teller who writes `mark` wherever the story leaves a text to the tenant.
    pub(super) fn new(client: &Client, tenant: &'static str, mark: &str) -> Self {
        let known = [("mark".to_owned(), mark.to_owned())].into();
        Self { client: client.clone(), tenant, known }
    }

    /// Another teller, who knows what this one knows.
    pub(super) fn who_knows_as_much(&self, tenant: &'static str) -> Self {
        Self { client: self.client.clone(), tenant, known: self.known.clone() }
    }

    /// Writes another text from here on.
    pub(super) fn mark(&mut self, mark: &str) {
        self.known.insert("mark".to_owned(), mark.to_owned());
    }

    /// The arguments of a step in this teller's words.
    pub(super) fn arguments(&self, step: &Step) -> Map<String, Value> {
        let filled = step.arguments.iter().map(|(name, value)| (name.clone(), self.fill(value)));
        filled.collect()
    }

    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                json!(self.known.iter().fold(text.clone(), |text, (name, known)| {
                    text.replace(&format!("{{{name}}}"), known)
                }))
            }
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Makes the call of a step.
    pub(super) async fn call(&self, step: &Step) -> Reply {
        let mut arguments = self.arguments(step);
        let tool = simple_gpt_mcp::TOOLS.iter().find(|tool| tool.spec().name == step.tool);
        if tool.unwrap_or_else(|| panic!("there is no tool {}", step.tool)).spec().approval {
            arguments.insert("user_approved".to_owned(), json!(true));
        }
        arguments.insert("tenant_id".to_owned(), json!(self.tenant));
        self.client.call(&step.tool, Value::Object(arguments)).await
    }

    /// Makes the call of a step, which has to succeed, and keeps of the answer what later steps need.
    pub(super) async fn tell(&mut self, step: &Step) -> Value {
        let reply = self.call(step).await;
        let succeeded = reply.status == 200 && reply.result()["isError"] != json!(true);
        assert!(succeeded, "{} {:?}: {}", step.tool, self.arguments(step), reply.text);
        let content = reply.content().clone();
        for (name, path) in &step.keep {
            let kept = path.split('.').fold(&content, |value, key| match key.parse::<usize>() {
                Ok(index) => &value[index],
                Err(_) => &value[key],
            });
            let kept = kept.as_str().unwrap_or_else(|| panic!("no {path} in {content}"));
            self.known.insert(name.clone(), kept.to_owned());
        }
        content
    }
}

/// Every text inside a value, keys included.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| std::iter::once(name.as_str()).chain(texts(value)))
            .collect(),
        _ => Vec::new(),
    }
}
