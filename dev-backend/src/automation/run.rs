//! A run of a workflow as it is stored and shown.

use rusqlite::Row;
use serde_json::{Map, Value as Json, json};

use super::definition::{self, Definition};
use super::step::{Outcome, Step};
use super::template::Values;
use crate::call::Context;
use crate::database::{Change, View, json_column};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;

/// A stored run.
pub(super) struct Run {
    pub(super) id: String,
    pub(super) workflow_id: String,
    flow_key: String,
    mode: String,
    state: String,
    input: Json,
    actor: String,
    created_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    steps: Vec<Over>,
}

/// A step that is over.
struct Over {
    key: String,
    state: String,
    result_type: Option<String>,
    result_id: Option<String>,
    problem: Option<String>,
    finished_at: String,
}

/// How a run ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    Succeeded,
    Failed,
}

/// Queues a run and returns its id.
pub(super) fn queue(
    change: &Change<'_>,
    context: &Context,
    definition: &Definition,
    mode: &str,
    input: &Map<String, Json>,
) -> Result<String, Failure> {
    let id = change.new_id(EntityKind::AutomationRun);
    change.execute(
        "INSERT INTO automation_run (tenant, id, workflow_id, flow_key, mode, state, input, actor, actor_role,
                                     correlation_id, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'queued', ?6, ?7, ?8, ?9, ?10)",
        &[
            &id,
            &definition.id,
            &definition.flow_key,
            &mode,
            &json!(input).to_string(),
            &context.actor,
            &context.actor_role,
            &context.correlation_id,
            &change.now(),
        ],
    )?;
    change.record(&Event {
        kind: "automation_run.queued",
        subject: EntityKind::AutomationRun.with_id(&id),
        concerns: Vec::new(),
        summary: format!("Workflow {} is to run", definition.name),
        details: json!({"run_id": id, "workflow_id": definition.id, "mode": mode}),
    })?;
    Ok(id)
}

/// The last run of a workflow, in short, where there is one.
pub(super) fn last_of(view: &View<'_>, workflow_id: &str) -> Result<Option<Json>, Failure> {
    view.one(
        "SELECT id, state, created_at, finished_at FROM automation_run
         WHERE tenant = ?1 AND workflow_id = ?2 ORDER BY seq DESC LIMIT 1",
        &[&workflow_id],
        |row| {
            Ok(json!({
                "id": row.get::<_, String>(0)?,
                "state": row.get::<_, String>(1)?,
                "created_at": row.get::<_, String>(2)?,
                "finished_at": row.get::<_, Option<String>>(3)?,
            }))
        },
    )
}

// === impl Run ===

impl Run {
    /// The run with this id.
    ///
    /// # Errors
    /// No such run.
    pub(super) fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql =
            "SELECT id, workflow_id, flow_key, mode, state, input, actor, created_at, started_at, finished_at
                   FROM automation_run WHERE tenant = ?1 AND id = ?2";
        let absent = || Failure::NotFound(format!("there is no run {id:?}"));
        let mut run = view.one(sql, &[&id], Self::read)?.ok_or_else(absent)?;
        run.steps = view.all(
            "SELECT key, state, result_type, result_id, problem, finished_at FROM automation_step
             WHERE tenant = ?1 AND run_id = ?2 ORDER BY seq",
            &[&id],
            Over::read,
        )?;
        Ok(run)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            workflow_id: row.get(1)?,
            flow_key: row.get(2)?,
            mode: row.get(3)?,
            state: row.get(4)?,
            input: json_column(row, 5)?,
            actor: row.get(6)?,
            created_at: row.get(7)?,
            started_at: row.get(8)?,
            finished_at: row.get(9)?,
            steps: Vec::new(),
        })
    }

    /// Whether it has come to its end.
    pub(super) const fn is_over(&self) -> bool {
        self.finished_at.is_some()
    }

    /// The step that comes next, where there is one.
    pub(super) fn next<'d>(&self, definition: &'d Definition) -> Option<&'d Step> {
        definition.steps.get(self.steps.len())
    }

    /// Calls `work` with the values that steps of this run take.
    pub(super) fn with_values<T>(&self, work: impl FnOnce(&Values<'_>) -> T) -> T {
        let made =
            self.steps.iter().filter_map(|step| Some((step.key.clone(), json!(step.result_id.clone()?))));
        let (made, nothing) = (made.collect(), Map::new());
        work(&Values { input: self.input.as_object().unwrap_or(&nothing), made: &made })
    }

    /// Notes that a step is over.
    pub(super) fn note(&self, change: &Change<'_>, key: &str, outcome: &Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Done { made_type, made_id } => {
                self.store(change, key, "succeeded", (made_type.as_deref(), made_id.as_deref()), None)
            }
            Outcome::Skipped => self.store(change, key, "skipped", (None, None), None),
        }
    }

    /// Ends the run at a step that failed.
    pub(super) fn fail(
        &self,
        change: &Change<'_>,
        definition: &Definition,
        problem: &str,
    ) -> Result<(), Failure> {
        if let Some(step) = self.next(definition) {
            self.store(change, &step.key, "failed", (None, None), Some(problem))?;
        }
        self.finish(change, End::Failed, &definition.name)
    }

    /// Ends the run.
    pub(super) fn finish(&self, change: &Change<'_>, end: End, name: &str) -> Result<(), Failure> {
        let (state, kind) = match end {
            End::Succeeded => ("succeeded", "automation_run.succeeded"),
            End::Failed => ("failed", "automation_run.failed"),
        };
        change.execute(
            "UPDATE automation_run SET state = ?3, started_at = coalesce(started_at, ?4), finished_at = ?4
             WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &state, &change.now()],
        )?;
        change.record(&Event {
            kind,
            subject: EntityKind::AutomationRun.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("Workflow {name} {state}"),
            details: json!({"run_id": self.id, "workflow_id": self.workflow_id}),
        })
    }

    /// Writes down a step that is over. What a step did has told of itself; this says how far the run is.
    fn store(
        &self,
        change: &Change<'_>,
        key: &str,
        state: &str,
        (result_type, result_id): (Option<&str>, Option<&str>),
        problem: Option<&str>,
    ) -> Result<(), Failure> {
        change.mark(
            "INSERT INTO automation_step (tenant, run_id, key, state, result_type, result_id, problem, finished_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[&self.id, &key, &state, &result_type, &result_id, &problem, &change.now()],
        )?;
        change.mark(
            "UPDATE automation_run SET state = 'running', started_at = coalesce(started_at, ?3)
             WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &change.now()],
        )?;
        Ok(())
    }

    /// The run as answers show it, with the steps that are still to come.
    pub(super) fn show(&self) -> Json {
        let defined = definition::by_id(&self.workflow_id).map(|definition| definition.steps.as_slice());
        let ahead = if self.is_over() { "skipped" } else { "pending" };
        let ahead = defined.unwrap_or_default().iter().skip(self.steps.len()).map(|step| {
            json!({"key": step.key, "state": ahead, "result": null, "problem": null, "finished_at": null})
        });
        json!({
            "type": "automation_run",
            "id": self.id,
            "workflow_id": self.workflow_id,
            "flow_key": self.flow_key,
            "mode": self.mode,
            "state": self.state,
            "input": self.input,
            "steps": self.steps.iter().map(Over::show).chain(ahead).collect::<Vec<_>>(),
            "started_by": self.actor,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
        })
    }
}

// === impl Over ===

impl Over {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            state: row.get(1)?,
            result_type: row.get(2)?,
            result_id: row.get(3)?,
            problem: row.get(4)?,
            finished_at: row.get(5)?,
        })
    }

    fn show(&self) -> Json {
        let result = self.result_id.as_ref().map(|id| json!({"type": self.result_type, "id": id}));
        json!({
            "key": self.key,
            "state": self.state,
            "result": result,
            "problem": self.problem,
            "finished_at": self.finished_at,
        })
    }
}
