//! A step of a workflow: a route of one of the services, called as the actor who started the run.

use serde::Deserialize;
use serde_json::{Value as Json, json};

#[cfg(test)]
use super::template::names;
use super::template::{Values, fill};
use crate::call::Call;
use crate::database::Change;
use crate::failure::Failure;
use crate::service::{self, Work};

/// A step as it is defined.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) key: String,
    /// The value without which the step is skipped.
    when: Option<String>,
    service: String,
    route: String,
    with: Json,
}

/// What became of a step.
pub(super) enum Outcome {
    /// It was done; what it made or changed.
    Done { made_type: Option<String>, made_id: Option<String> },
    /// There was nothing to do.
    Skipped,
}

// === impl Step ===

impl Step {
    /// Does the step, or finds that there is nothing to do.
    ///
    /// # Errors
    /// What the route says.
    pub(super) fn perform(
        &self,
        change: &Change<'_>,
        call: &Call,
        values: &Values<'_>,
    ) -> Result<Outcome, Failure> {
        if self.when.as_ref().is_some_and(|name| values.get(name).is_none()) {
            return Ok(Outcome::Skipped);
        }
        let call = call.with_arguments(fill(&self.with, values).unwrap_or_default());
        let answer = match service::work(&self.service, &self.route) {
            Some(Work::Write(work)) => work(change, &call)?,
            Some(Work::Read(work)) => work(change.view(), &call)?,
            _ => return Err(Failure::Broken(format!("step {} has no work", self.key))),
        };
        let text = |field: &str| answer.get(field).and_then(Json::as_str).map(str::to_owned);
        Ok(Outcome::Done { made_type: text("type"), made_id: text("id") })
    }

    /// The step as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({"key": self.key, "service": self.service, "action": self.action()})
    }

    /// What the step does, by its route's name.
    pub(super) fn action(&self) -> &str {
        self.route.trim_start_matches('/')
    }

    /// Whether its route can be called in a change.
    #[cfg(test)]
    pub(super) fn has_work(&self) -> bool {
        matches!(service::work(&self.service, &self.route), Some(Work::Write(_) | Work::Read(_)))
    }

    /// The names of the values that it takes.
    #[cfg(test)]
    pub(super) fn values(&self) -> Vec<String> {
        self.when.iter().cloned().chain(names(&self.with)).collect()
    }
}
