//! Whether a workflow would run: its input is read, and where that will do, its steps are done on the
//! tenant's data and undone again.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::definition::{self, Definition};
use super::schema::Problem;
use super::step::{Outcome, Step};
use super::template::Values;
use crate::call::Call;
use crate::database::{Change, Database};
use crate::service::{Answer, Pending};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Validate {
    workflow_id: String,
    #[serde(default)]
    input: Map<String, Json>,
}

/// Says whether a workflow would run with this input, and all that is in the way.
pub(super) fn validate(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Validate { workflow_id, input } = call.input()?;
        let definition = definition::by_id(&workflow_id)?;
        let values = match definition.input_schema.read(&input) {
            Ok(values) => values,
            Err(problems) => return Ok(verdict(definition, &input, &problems)),
        };
        let work = move |change: &Change<'_>, call: &Call| rehearse(change, call, definition, &values);
        database.rehearse(move |rows| Change::run(rows, &call, work)).await
    })
}

/// Does the steps up to the first that fails; those behind it depend on what it would have made.
fn rehearse(change: &Change<'_>, call: &Call, definition: &Definition, input: &Map<String, Json>) -> Answer {
    let mut made = Map::new();
    for step in &definition.steps {
        match step.perform(change, call, &Values { input, made: &made }) {
            Ok(Outcome::Done { made_id, .. }) => {
                made.extend(made_id.map(|id| (step.key.clone(), json!(id))));
            }
            Ok(Outcome::Skipped) => {}
            Err(failure) if failure.is_the_callers() => {
                let problem = Problem { field: format!("steps.{}", step.key), message: failure.told() };
                return Ok(verdict(definition, input, &[problem]));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(verdict(definition, input, &[]))
}

fn verdict(definition: &Definition, input: &Map<String, Json>, problems: &[Problem]) -> Json {
    json!({
        "workflow_id": definition.id,
        "flow_key": definition.flow_key,
        "valid": problems.is_empty(),
        "problems": problems.iter().map(Problem::show).collect::<Vec<_>>(),
        "input": input,
        "steps": definition.steps.iter().map(Step::show).collect::<Vec<_>>(),
    })
}
