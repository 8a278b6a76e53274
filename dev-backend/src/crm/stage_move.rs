//! Moving a deal through its pipeline, and the history of its moves.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::deal::{self, Deal};
use super::pipeline::{self, Stage};
use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdatePipeline {
    opportunity_id: String,
    stage: String,
    value: Option<f64>,
}

/// Moves a deal to a stage and, where given, changes its amount. A closing stage closes the deal, any
/// other opens it again.
pub(super) fn update_pipeline(change: &Change<'_>, call: &Call) -> Answer {
    let UpdatePipeline { opportunity_id, stage, value } = call.input()?;
    let absent = || Failure::NotFound(format!("there is no deal {opportunity_id:?}"));
    let mut deal = deal::by_id(change.view(), &opportunity_id)?.ok_or_else(absent)?;
    let value = value.map(|value| deal::money("value", value)).transpose()?;
    let pipeline = pipeline::by_id(change.view(), &deal.pipeline_id)?
        .ok_or_else(|| Failure::Broken(format!("deal {} without its pipeline", deal.id)))?;
    let stage = pipeline.stage(&stage)?;
    let former_amount = deal.amount;
    deal.amount = value.or(former_amount);
    let moved = stage.id != deal.stage_id;
    if moved {
        move_to(change, &mut deal, stage, former_amount)?;
    } else if deal.amount != former_amount {
        revalue(change, &mut deal, former_amount)?;
    }
    let mut shown = deal.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("moved".to_owned(), json!(moved));
        fields.insert("stage_history".to_owned(), json!(history(change.view(), &deal.id)?));
    }
    Ok(shown)
}

/// Adds a move to the deal's history.
pub(super) fn store(change: &Change<'_>, deal_id: &str, from: Option<&str>, to: &str) -> Result<(), Failure> {
    change.execute(
        "INSERT INTO stage_move (tenant, deal_id, from_stage_id, to_stage_id, actor, moved_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[&deal_id, &from, &to, &change.actor(), &change.now()],
    )?;
    Ok(())
}

/// The deal's moves, the first one first.
fn history(view: &View<'_>, deal_id: &str) -> Result<Vec<Json>, Failure> {
    view.all(
        "SELECT origin.key, target.key, stage_move.actor, stage_move.moved_at
         FROM stage_move
         LEFT JOIN stage AS origin ON origin.tenant = stage_move.tenant AND origin.id = stage_move.from_stage_id
         JOIN stage AS target ON target.tenant = stage_move.tenant AND target.id = stage_move.to_stage_id
         WHERE stage_move.tenant = ?1 AND stage_move.deal_id = ?2 ORDER BY stage_move.seq",
        &[&deal_id],
        |row: &Row<'_>| {
            Ok(json!({
                "from": row.get::<_, Option<String>>(0)?,
                "to": row.get::<_, String>(1)?,
                "actor": row.get::<_, String>(2)?,
                "at": row.get::<_, String>(3)?,
            }))
        },
    )
}

fn move_to(
    change: &Change<'_>,
    deal: &mut Deal,
    stage: &Stage,
    former_amount: Option<f64>,
) -> Result<(), Failure> {
    let former_stage = (std::mem::replace(&mut deal.stage, stage.key.clone()), deal.stage_name.clone());
    let former_stage_id = std::mem::replace(&mut deal.stage_id, stage.id.clone());
    deal.stage_name.clone_from(&stage.name);
    deal.probability = stage.probability;
    if deal.status != stage.outcome {
        deal.closed_at = (stage.outcome != "open").then(|| change.now().to_owned());
        deal.status.clone_from(&stage.outcome);
    }
    save(change, deal)?;
    store(change, &deal.id, Some(&former_stage_id), &deal.stage_id)?;
    let (former_key, former_name) = former_stage;
    change.record(&Event {
        kind: "deal.stage_moved",
        subject: EntityKind::Deal.with_id(&deal.id),
        concerns: deal.parties(),
        summary: format!("Deal {} moved from {former_name} to {}", deal.name, deal.stage_name),
        details: json!({
            "deal_id": deal.id,
            "from": former_key,
            "to": deal.stage,
            "status": deal.status,
            "former_amount": former_amount.map(input::plain),
            "amount": deal.amount.map(input::plain),
        }),
    })
}

fn revalue(change: &Change<'_>, deal: &mut Deal, former_amount: Option<f64>) -> Result<(), Failure> {
    save(change, deal)?;
    let (former, amount) = (former_amount.map(input::plain), deal.amount.map(input::plain));
    change.record(&Event {
        kind: "deal.updated",
        subject: EntityKind::Deal.with_id(&deal.id),
        concerns: deal.parties(),
        summary: format!("Deal {} updated: amount", deal.name),
        details: json!({"deal_id": deal.id, "changes": {"amount": {"from": former, "to": amount}}}),
    })
}

fn save(change: &Change<'_>, deal: &mut Deal) -> Result<(), Failure> {
    deal.updated_at = change.now().to_owned();
    change.execute(
        "UPDATE deal SET amount = ?3, stage_id = ?4, status = ?5, closed_at = ?6, updated_at = ?7
         WHERE tenant = ?1 AND id = ?2",
        &[&deal.id, &deal.amount, &deal.stage_id, &deal.status, &deal.closed_at, &deal.updated_at],
    )?;
    Ok(())
}
