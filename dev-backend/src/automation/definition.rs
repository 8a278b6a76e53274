//! Workflows as they are defined: data that is part of the service and the same for every tenant.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::schema::Schema;
use super::step::Step;
use crate::failure::Failure;
use crate::suggestion;

/// The definitions as they are written.
const TEXTS: [&str; 4] = [
    include_str!("../../workflows/close_deal.json"),
    include_str!("../../workflows/follow_up.json"),
    include_str!("../../workflows/new_lead.json"),
    include_str!("../../workflows/welcome_customer.json"),
];

static DEFINITIONS: LazyLock<Result<Vec<Definition>, String>> = LazyLock::new(|| {
    let read = |text: &&str| serde_json::from_str(text).map_err(|error| error.to_string());
    TEXTS.iter().map(read).collect()
});

/// A workflow.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Definition {
    pub(super) id: String,
    pub(super) flow_key: String,
    pub(super) name: String,
    description: String,
    tags: Vec<String>,
    pub(super) input_schema: Schema,
    pub(super) steps: Vec<Step>,
}

/// All workflows.
pub(super) fn all() -> Result<&'static [Definition], Failure> {
    let read = DEFINITIONS.as_ref().map_err(|error| Failure::Broken(format!("a workflow: {error}")))?;
    Ok(read)
}

/// The workflow with this id.
///
/// # Errors
/// No such workflow, with the one that may be meant.
pub(super) fn by_id(id: &str) -> Result<&'static Definition, Failure> {
    named("workflow", id, |definition| &definition.id)
}

/// The workflow with this flow key.
///
/// # Errors
/// No such flow, with the one that may be meant.
pub(super) fn by_flow_key(key: &str) -> Result<&'static Definition, Failure> {
    named("flow", key, |definition| &definition.flow_key)
}

fn named(
    what: &str,
    given: &str,
    name: fn(&'static Definition) -> &'static String,
) -> Result<&'static Definition, Failure> {
    let all = all()?;
    all.iter().find(|definition| name(definition) == given).ok_or_else(|| {
        let hint = suggestion::hint(given, all.iter().map(|definition| name(definition).as_str()));
        Failure::NotFound(format!("there is no {what} {given:?}{hint}"))
    })
}

// === impl Definition ===

impl Definition {
    /// Whether it has the tag, and every word of the query somewhere in its texts, whatever their case.
    pub(super) fn matches(&self, query: &str, tag: Option<&str>) -> bool {
        let tags = self.tags.join(" ");
        let text = [&self.id, &self.flow_key, &self.name, &self.description, &tags];
        let text = text.map(String::as_str).join(" ").to_lowercase();
        tag.is_none_or(|tag| self.tags.iter().any(|own| own.eq_ignore_ascii_case(tag.trim())))
            && query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// The workflow as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({
            "type": "workflow",
            "id": self.id,
            "flow_key": self.flow_key,
            "name": self.name,
            "description": self.description,
            "tags": self.tags,
            "input_schema": self.input_schema.show(),
            "steps": self.steps.iter().map(Step::show).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_names_a_route_and_values_that_there_are() {
        let mut names = BTreeSet::new();
        for definition in all().unwrap() {
            assert!(names.insert(&definition.id) && names.insert(&definition.flow_key), "{}", definition.id);
            let mut known: BTreeSet<String> =
                definition.input_schema.names().map(|name| format!("input.{name}")).collect();
            for step in &definition.steps {
                let place = format!("{} {}", definition.id, step.key);
                assert!(step.has_work(), "{place}");
                for name in step.values() {
                    assert!(known.contains(&name), "{place}: {name}");
                }
                assert!(known.insert(format!("{}.id", step.key)), "{place}: twice");
            }
        }
    }
}
