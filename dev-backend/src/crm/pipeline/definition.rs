//! Defining a pipeline: its stages in order, each with a key, a probability and what its deals are. A
//! pipeline of the same name is redefined, as far as the deals in it allow.

use serde::Deserialize;
use serde_json::json;

use super::{Pipeline, Stage};
use crate::call::Call;
use crate::crm::object::ObjectType;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;
use crate::shown;

/// The most stages of a pipeline.
const MOST_STAGES: usize = 50;
/// The longest key in characters.
const LONGEST_KEY: usize = 64;
/// The keys of stages that close a deal without saying so.
const CLOSING: [(&str, &str); 4] =
    [("won", "won"), ("closed_won", "won"), ("lost", "lost"), ("closed_lost", "lost")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Define {
    object_type: String,
    name: String,
    stages: Vec<GivenStage>,
    is_default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenStage {
    name: String,
    key: Option<String>,
    probability: Option<f64>,
    outcome: Option<String>,
}

/// A stage as it shall be.
struct StagePlan {
    key: String,
    name: String,
    probability: f64,
    outcome: String,
}

/// Creates the pipeline or redefines the one of the same name.
pub(in crate::crm) fn define(change: &Change<'_>, call: &Call) -> Answer {
    let given: Define = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.object_type)?;
    let object_type = object_type.name();
    let name = input::line("name", &given.name)?;
    let key = key_of("name", &name)?;
    let stages = plan(given.stages)?;
    // Whether somebody looked at the pipelines before makes no difference to which one is the default.
    super::ensure_default(change)?;
    let siblings = super::all(change.view(), Some(object_type))?;
    let only = siblings.is_empty();
    let known = siblings.into_iter().find(|pipeline| pipeline.key == key);
    let was_default = known.as_ref().is_some_and(|pipeline| pipeline.is_default);
    // An object type with pipelines always has a default one, so it is taken over and never dropped.
    let is_default = given.is_default.unwrap_or(false) || was_default || only;
    if let Some(pipeline) = &known
        && pipeline.name == name
        && was_default == is_default
        && stages.iter().map(StagePlan::parts).eq(pipeline.stages.iter().map(parts))
    {
        return Ok(shown::with(pipeline.show(), "created", json!(false)));
    }
    let id =
        known.as_ref().map_or_else(|| change.new_id(EntityKind::Pipeline), |pipeline| pipeline.id.clone());
    if is_default && !was_default {
        change.execute(
            "UPDATE pipeline SET is_default = FALSE WHERE tenant = ?1 AND object_type = ?2 AND is_default",
            &[&object_type],
        )?;
    }
    change.execute(
        "INSERT INTO pipeline (tenant, id, object_type, key, name, is_default, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         ON CONFLICT (tenant, id) DO UPDATE SET name = ?5, is_default = ?6, updated_at = ?7",
        &[&id, &object_type, &key, &name, &is_default, &change.now()],
    )?;
    if let Some(pipeline) = &known {
        retire(change, pipeline, &stages)?;
    }
    for (position, stage) in stages.iter().enumerate() {
        stage.store(change, &id, position)?;
    }
    let keys: Vec<&str> = stages.iter().map(|stage| stage.key.as_str()).collect();
    let (kind, verb) = match known {
        Some(_) => ("pipeline.updated", "updated"),
        None => ("pipeline.created", "created"),
    };
    change.record(&Event {
        kind,
        subject: EntityKind::Pipeline.with_id(&id),
        concerns: Vec::new(),
        summary: format!("Pipeline {name} {verb}"),
        details: json!({"name": name, "stages": keys, "is_default": is_default}),
    })?;
    let defined = super::by_id(change.view(), &id)?
        .ok_or_else(|| Failure::Broken(format!("pipeline {id} vanished while it was defined")))?;
    Ok(shown::with(defined.show(), "created", json!(known.is_none())))
}

/// What a redefinition may change of a stage, with the key that it is known by.
fn parts(stage: &Stage) -> (&str, &str, f64, &str) {
    (&stage.key, &stage.name, stage.probability, &stage.outcome)
}

/// The stages as they shall be, with what was left out derived.
fn plan(given: Vec<GivenStage>) -> Result<Vec<StagePlan>, Failure> {
    if given.is_empty() || given.len() > MOST_STAGES {
        let message = format!("a pipeline has 1 to {MOST_STAGES} stages, not {}", given.len());
        return Err(Failure::Meaningless(message));
    }
    let count = given.len();
    let mut stages: Vec<StagePlan> = Vec::with_capacity(count);
    for (position, stage) in given.into_iter().enumerate() {
        let stage = StagePlan::new(stage, position, count)?;
        if stages.iter().any(|other| other.key == stage.key) {
            let message = format!("two stages have the key {:?}; give one of them another", stage.key);
            return Err(Failure::Meaningless(message));
        }
        stages.push(stage);
    }
    if stages.iter().all(|stage| stage.outcome != "open") {
        let message = "a pipeline needs a stage whose deals are open, to begin in".to_owned();
        return Err(Failure::Meaningless(message));
    }
    Ok(stages)
}

/// Takes out the stages that are no longer planned; they stay stored for the histories of deals.
fn retire(change: &Change<'_>, pipeline: &Pipeline, plans: &[StagePlan]) -> Result<(), Failure> {
    for stage in &pipeline.stages {
        let plan = plans.iter().find(|plan| plan.key == stage.key);
        let needed = match plan {
            None => format!("the stage {} cannot go: ", stage.key),
            Some(plan) if plan.outcome != stage.outcome => {
                format!("the stage {} cannot become {}: ", stage.key, plan.outcome)
            }
            Some(_) => continue,
        };
        let sql = "SELECT count(*) FROM deal WHERE tenant = ?1 AND stage_id = ?2";
        let deals = change.view().count(sql, &[&stage.id])?;
        if deals > 0 {
            let message = format!("{needed}{deals} deals are in it; move them with update_pipeline first");
            return Err(Failure::Conflict(message));
        }
        if plan.is_none() {
            change.execute("UPDATE stage SET retired = TRUE WHERE tenant = ?1 AND id = ?2", &[&stage.id])?;
        }
    }
    Ok(())
}

/// The key of a name: its letters and digits in lower case, with `_` for what stands between them.
fn key_of(field: &str, name: &str) -> Result<String, Failure> {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let key: String = words.collect::<Vec<_>>().join("_").chars().take(LONGEST_KEY).collect();
    if key.is_empty() {
        let message = format!("{field} {name:?} has no letter or digit to make a key of");
        return Err(Failure::Meaningless(message));
    }
    Ok(key)
}

// === impl StagePlan ===

impl StagePlan {
    fn new(given: GivenStage, position: usize, count: usize) -> Result<Self, Failure> {
        let name = input::line("a stage's name", &given.name)?;
        let key = key_of("a stage's name", given.key.as_deref().unwrap_or(&name))?;
        let by_key = CLOSING.iter().find(|(closing, _)| *closing == key).map(|(_, outcome)| *outcome);
        let outcome = match given.outcome.as_deref() {
            Some(outcome @ ("open" | "won" | "lost")) => outcome,
            Some(other) => {
                let message = format!("there is no outcome {other:?}; the valid ones are open, won, lost");
                return Err(Failure::Meaningless(message));
            }
            None => by_key.unwrap_or(if given.probability == Some(1.0) { "won" } else { "open" }),
        };
        let implied = match outcome {
            "won" => Some(1.0),
            "lost" => Some(0.0),
            _ => None,
        };
        let probability = match (given.probability, implied) {
            (Some(given), _) if !(0.0..=1.0).contains(&given) => {
                let message = format!("the probability of stage {key} must be 0 to 1, not {given}");
                return Err(Failure::Meaningless(message));
            }
            (Some(given), Some(implied)) if given != implied => {
                let message = format!(
                    "deals in stage {key} are {outcome}, so its probability is {implied}, not {given}"
                );
                return Err(Failure::Meaningless(message));
            }
            // Chances rise evenly with the way that is behind.
            (given, implied) => given.or(implied).unwrap_or((position + 1) as f64 / (count + 1) as f64),
        };
        Ok(Self { key, name, probability, outcome: outcome.to_owned() })
    }

    fn parts(&self) -> (&str, &str, f64, &str) {
        (&self.key, &self.name, self.probability, &self.outcome)
    }

    /// Writes the stage over the one of the same key, a retired one included.
    fn store(&self, change: &Change<'_>, pipeline_id: &str, position: usize) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO stage (tenant, id, pipeline_id, position, key, name, probability, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (tenant, pipeline_id, key) DO UPDATE
             SET position = ?4, name = ?6, probability = ?7, outcome = ?8, retired = FALSE",
            &[
                &change.new_id(EntityKind::Stage),
                &pipeline_id,
                &(position as i64),
                &self.key,
                &self.name,
                &self.probability,
                &self.outcome,
            ],
        )?;
        Ok(())
    }
}
