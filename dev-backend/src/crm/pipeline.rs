//! Pipelines and their ordered stages. Every tenant has a default one for deals, made when first needed.

mod definition;

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::list::Page;
use crate::service::Answer;
use crate::suggestion;

pub(super) use definition::define;

/// A stored pipeline with its stages in order.
pub(super) struct Pipeline {
    pub(super) id: String,
    object_type: String,
    pub(super) key: String,
    pub(super) name: String,
    is_default: bool,
    created_at: String,
    updated_at: String,
    pub(super) stages: Vec<Stage>,
}

/// One stage of a pipeline.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) probability: f64,
    /// What a deal in this stage is: `open`, `won` or `lost`.
    pub(super) outcome: String,
}

/// The stages of the default pipeline: key, name, probability, outcome.
const SALES: [(&str, &str, f64, &str); 6] = [
    ("new", "New", 0.10, "open"),
    ("qualified", "Qualified", 0.25, "open"),
    ("proposal", "Proposal", 0.50, "open"),
    ("negotiation", "Negotiation", 0.75, "open"),
    ("won", "Won", 1.0, "won"),
    ("lost", "Lost", 0.0, "lost"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    object_type: Option<String>,
}

/// Lists the pipelines with their stages.
pub(super) fn list(change: &Change<'_>, call: &Call) -> Answer {
    let List { object_type } = call.input()?;
    ensure_default(change)?;
    let pipelines = all(change.view(), object_type.as_deref())?;
    let items: Vec<Json> = pipelines.iter().map(Pipeline::show).collect();
    let total = items.len() as i64;
    Ok(Page { limit: u32::MAX, offset: 0 }.answer(items, total))
}

/// The deal pipeline of this key, name or id, or the default one.
///
/// # Errors
/// An unknown pipeline, with the ones there are.
pub(super) fn for_deals(change: &Change<'_>, named: Option<&str>) -> Result<Pipeline, Failure> {
    ensure_default(change)?;
    let pipelines = all(change.view(), Some("deal"))?;
    let known = pipelines.iter().map(|pipeline| pipeline.key.clone()).collect::<Vec<_>>();
    let wanted = |pipeline: &Pipeline| match named {
        Some(name) => is_called(name, &pipeline.id, &pipeline.key, &pipeline.name),
        None => pipeline.is_default,
    };
    pipelines.into_iter().find(wanted).ok_or_else(|| unknown("pipeline", named.unwrap_or_default(), &known))
}

/// The deal pipelines: the one of this key, name or id, or all that there are so far.
///
/// # Errors
/// An unknown pipeline, with the ones there are.
pub(super) fn of_deals(view: &View<'_>, named: Option<&str>) -> Result<Vec<Pipeline>, Failure> {
    let mut pipelines = all(view, Some("deal"))?;
    let Some(name) = named else { return Ok(pipelines) };
    let known = pipelines.iter().map(|pipeline| pipeline.key.clone()).collect::<Vec<_>>();
    pipelines.retain(|pipeline| is_called(name, &pipeline.id, &pipeline.key, &pipeline.name));
    if pipelines.is_empty() { Err(unknown("pipeline", name, &known)) } else { Ok(pipelines) }
}

/// The pipeline with this id.
pub(super) fn by_id(view: &View<'_>, id: &str) -> Result<Option<Pipeline>, Failure> {
    Ok(all(view, None)?.into_iter().find(|pipeline| pipeline.id == id))
}

/// The pipelines with their stages, of all object types or of one.
fn all(view: &View<'_>, object_type: Option<&str>) -> Result<Vec<Pipeline>, Failure> {
    let mut pipelines = view.all(
        "SELECT id, object_type, key, name, is_default, created_at, updated_at FROM pipeline
         WHERE tenant = ?1 AND (?2 IS NULL OR object_type = ?2) ORDER BY seq",
        &[&object_type],
        Pipeline::read,
    )?;
    for pipeline in &mut pipelines {
        pipeline.stages = view.all(
            "SELECT id, key, name, probability, outcome FROM stage
             WHERE tenant = ?1 AND pipeline_id = ?2 AND NOT retired ORDER BY position",
            &[&pipeline.id],
            Stage::read,
        )?;
    }
    Ok(pipelines)
}

/// Gives a tenant that has no deal pipeline the default one.
fn ensure_default(change: &Change<'_>) -> Result<(), Failure> {
    let sql = "SELECT count(*) FROM pipeline WHERE tenant = ?1 AND object_type = 'deal'";
    if change.view().count(sql, &[])? > 0 {
        return Ok(());
    }
    let id = change.new_id(EntityKind::Pipeline);
    change.execute(
        "INSERT INTO pipeline (tenant, id, object_type, key, name, is_default, created_at, updated_at)
         VALUES (?1, ?2, 'deal', 'sales', 'Sales', TRUE, ?3, ?3)",
        &[&id, &change.now()],
    )?;
    for (position, (key, name, probability, outcome)) in SALES.into_iter().enumerate() {
        change.execute(
            "INSERT INTO stage (tenant, id, pipeline_id, position, key, name, probability, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &change.new_id(EntityKind::Stage),
                &id,
                &(position as i64),
                &key,
                &name,
                &probability,
                &outcome,
            ],
        )?;
    }
    change.record(&Event {
        kind: "pipeline.created",
        subject: EntityKind::Pipeline.with_id(&id),
        concerns: Vec::new(),
        summary: "Default pipeline Sales created".to_owned(),
        details: json!({"name": "Sales", "stages": SALES.map(|(key, ..)| key)}),
    })
}

/// Whether a caller's name means the thing with this id, key and name.
fn is_called(given: &str, id: &str, key: &str, name: &str) -> bool {
    let given = given.trim().to_lowercase();
    given == id || given == key.to_lowercase() || given == name.to_lowercase()
}

fn unknown(what: &str, given: &str, known: &[String]) -> Failure {
    let hint = suggestion::hint(given, known.iter().map(String::as_str));
    let known = known.join(", ");
    Failure::Meaningless(format!("there is no {what} {given:?}{hint}; the valid ones are {known}"))
}

// === impl Pipeline ===

impl Pipeline {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            object_type: row.get(1)?,
            key: row.get(2)?,
            name: row.get(3)?,
            is_default: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
            stages: Vec::new(),
        })
    }

    /// The stage of this key, name or id.
    ///
    /// # Errors
    /// An unknown stage, with the ones there are.
    pub(super) fn stage(&self, named: &str) -> Result<&Stage, Failure> {
        let found = self.stages.iter().find(|stage| is_called(named, &stage.id, &stage.key, &stage.name));
        found.ok_or_else(|| {
            let known: Vec<String> = self.stages.iter().map(|stage| stage.key.clone()).collect();
            unknown(&format!("stage in pipeline {}", self.key), named, &known)
        })
    }

    /// The first stage whose deals are open, won or lost.
    ///
    /// # Errors
    /// A pipeline without such a stage.
    pub(super) fn first_stage(&self, outcome: &str) -> Result<&Stage, Failure> {
        self.stages.iter().find(|stage| stage.outcome == outcome).ok_or_else(|| {
            Failure::Meaningless(format!("the pipeline {} has no stage whose deals are {outcome}", self.key))
        })
    }

    /// The pipeline as answers show it.
    fn show(&self) -> Json {
        json!({
            "type": "pipeline",
            "id": self.id,
            "object_type": self.object_type,
            "key": self.key,
            "name": self.name,
            "is_default": self.is_default,
            "stages": self.stages.iter().map(Stage::show).collect::<Vec<_>>(),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

// === impl Stage ===

impl Stage {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            name: row.get(2)?,
            probability: row.get(3)?,
            outcome: row.get(4)?,
        })
    }

    fn show(&self) -> Json {
        json!({
            "id": self.id,
            "key": self.key,
            "name": self.name,
            "probability": input::plain(self.probability),
            "outcome": self.outcome,
        })
    }
}
