//! Carrying runs out, one step after the other. Each step and the note that it is over are one change: a
//! process that ends in between has done both or neither, and whoever goes on with the run does no step twice.

use std::sync::Arc;

use rusqlite::Row;
use serde_json::{Value as Json, json};

use super::definition;
use super::run::{End, Run};
use crate::call::{Call, Context};
use crate::clock::Clock;
use crate::database::{Change, Database};
use crate::failure::Failure;
use crate::ids::Ids;
use crate::service::Answer;

/// A run that has not come to its end, and who started it.
struct Unfinished {
    id: String,
    context: Context,
}

/// Takes a run through all its steps. Where the service stops meanwhile, the run stays as far as it is.
pub(super) async fn carry_out(database: Arc<Database>, call: Arc<Call>, id: String) {
    loop {
        let (advancing, at) = (Arc::clone(&call), id.clone());
        let advanced = database
            .write(move |rows| Change::run(rows, &advancing, |change, call| advance(change, call, &at)))
            .await;
        let failure = match advanced {
            Ok(Json::Bool(true)) => return,
            Ok(_) => continue,
            Err(Failure::Busy) => return,
            Err(failure) => failure,
        };
        let (ending, at, problem) = (Arc::clone(&call), id.clone(), failure.told());
        let ended = database
            .write(move |rows| Change::run(rows, &ending, |change, _| end(change, &at, &problem)))
            .await;
        if let Err(error) = ended {
            tracing::error!(%error, run = id, "the end of a run was not recorded");
        }
        return;
    }
}

/// Goes on with the runs that an earlier process left unfinished, in the order in which they were started.
///
/// # Errors
/// A database that cannot be read.
pub(crate) async fn resume(database: Arc<Database>, clock: Clock) -> Result<(), Failure> {
    let (send, mut found) = tokio::sync::mpsc::unbounded_channel();
    let collect = move |rows: &rusqlite::Connection| -> Answer {
        let mut statement = rows.prepare(
            "SELECT id, tenant, actor, actor_role, correlation_id FROM automation_run
             WHERE finished_at IS NULL ORDER BY seq",
        )?;
        for unfinished in statement.query_map([], Unfinished::read)? {
            // Whoever collects is there until all of them are sent.
            let _heard = send.send(unfinished?);
        }
        Ok(Json::Null)
    };
    database.read(collect).await?;
    tokio::spawn(async move {
        while let Some(Unfinished { id, context }) = found.recv().await {
            tracing::info!(run = id, tenant = context.tenant, "going on with a run");
            let call = Arc::new(Call::own(context, clock.clone(), Ids::by_chance(), json!({})));
            carry_out(Arc::clone(&database), call, id).await;
        }
    });
    Ok(())
}

/// Does the next step of a run, or ends it where there is none. Tells whether the run is over.
fn advance(change: &Change<'_>, call: &Call, id: &str) -> Answer {
    let run = Run::find(change.view(), id)?;
    if run.is_over() {
        return Ok(json!(true));
    }
    let definition = definition::by_id(&run.workflow_id)?;
    let Some(step) = run.next(definition) else {
        run.finish(change, End::Succeeded, &definition.name)?;
        return Ok(json!(true));
    };
    let outcome = run.with_values(|values| step.perform(change, call, values))?;
    run.note(change, &step.key, &outcome)?;
    Ok(json!(false))
}

/// Ends a run whose next step failed.
fn end(change: &Change<'_>, id: &str, problem: &str) -> Answer {
    let run = Run::find(change.view(), id)?;
    match definition::by_id(&run.workflow_id) {
        Ok(definition) => run.fail(change, definition, problem)?,
        Err(_) => run.finish(change, End::Failed, &run.workflow_id)?,
    }
    Ok(Json::Null)
}

// === impl Unfinished ===

impl Unfinished {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let context = Context {
            tenant: row.get(1)?,
            actor: row.get(2)?,
            actor_role: row.get(3)?,
            correlation_id: row.get(4)?,
        };
        Ok(Self { id: row.get(0)?, context })
    }
}
