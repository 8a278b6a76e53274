//! Starting runs: by the id of a workflow, or by the key of a flow with or without waiting for its end.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::carry_out::carry_out;
use super::definition::{self, Definition};
use super::run::{self, Run};
use super::schema::Problem;
use crate::call::Call;
use crate::database::{Change, Database, View};
use crate::failure::Failure;
use crate::service::{Answer, Pending};
use crate::suggestion;

/// How a flow is run.
const MODES: [&str; 2] = ["async", "sync"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    workflow_id: String,
    #[serde(default)]
    input: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFlow {
    flow_key: String,
    mode: Option<String>,
    #[serde(default)]
    input: Map<String, Json>,
}

/// Runs a workflow and answers with the run at its end.
pub(super) fn trigger(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Trigger { workflow_id, input } = call.input()?;
        start(database, call, definition::by_id(&workflow_id)?, "sync", &input).await
    })
}

/// Runs a flow, and answers with the run at its end or, in mode `async`, as it is queued.
pub(super) fn run_flow(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let RunFlow { flow_key, mode, input } = call.input()?;
        let definition = definition::by_flow_key(&flow_key)?;
        let mode = mode_named(mode.as_deref().unwrap_or("async"))?;
        start(database, call, definition, mode, &input).await
    })
}

async fn start(
    database: Arc<Database>,
    call: Arc<Call>,
    definition: &'static Definition,
    mode: &'static str,
    input: &Map<String, Json>,
) -> Answer {
    let input = definition.input_schema.read(input).map_err(refused)?;
    let queued = Arc::clone(&call);
    let queue = move |change: &Change<'_>, call: &Call| -> Answer {
        let id = run::queue(change, &call.context, definition, mode, &input)?;
        Ok(json!({"id": id, "run": Run::find(change.view(), &id)?.show()}))
    };
    let answer = database.write(move |rows| Change::run(rows, &queued, queue)).await?;
    let id = answer.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
    // In a task of its own, so that the run goes on where nobody waits for it any more.
    let run = tokio::spawn(carry_out(Arc::clone(&database), Arc::clone(&call), id.clone()));
    if mode == "async" {
        return Ok(answer.get("run").cloned().unwrap_or_default());
    }
    run.await.map_err(|error| Failure::Broken(format!("a run crashed: {error}")))?;
    database.read(move |rows| Ok(Run::find(&View::new(rows, &call.context.tenant), &id)?.show())).await
}

fn refused(problems: Vec<Problem>) -> Failure {
    let problems: Vec<String> = problems.iter().map(Problem::told).collect();
    Failure::Meaningless(format!("the input will not do: {}", problems.join("; ")))
}

fn mode_named(given: &str) -> Result<&'static str, Failure> {
    MODES.into_iter().find(|mode| *mode == given).ok_or_else(|| {
        let (hint, known) = (suggestion::hint(given, MODES), MODES.join(", "));
        Failure::Meaningless(format!("there is no mode {given:?}{hint}; the valid ones are {known}"))
    })
}
