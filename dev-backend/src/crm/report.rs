//! What stands in the pipelines now: the open deals of each stage, counted and added up.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::money::Sums;
use super::pipeline::{self, Pipeline, Stage};
use crate::call::Call;
use crate::database::View;
use crate::failure::Failure;
use crate::input;
use crate::moment;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    pipeline: Option<String>,
}

/// The open deals of one currency in one stage.
struct Group {
    stage_id: String,
    currency: String,
    deals: i64,
    valued: i64,
    amount: f64,
}

/// Reports on every open stage of one pipeline or of all, those without deals included.
pub(super) fn report(view: &View<'_>, call: &Call) -> Answer {
    let Report { pipeline } = call.input()?;
    now(view, pipeline.as_deref(), call.clock.now())
}

/// The report at this moment.
pub(crate) fn now(view: &View<'_>, pipeline: Option<&str>, moment: Timestamp) -> Answer {
    let pipelines = pipeline::of_deals(view, pipeline)?;
    let mut by_stage: HashMap<String, Vec<Group>> = HashMap::new();
    for group in groups(view)? {
        by_stage.entry(group.stage_id.clone()).or_default().push(group);
    }
    let mut items = Vec::new();
    let mut totals = Sums::default();
    for pipeline in &pipelines {
        for stage in pipeline.stages.iter().filter(|stage| stage.outcome == "open") {
            let groups = by_stage.remove(&stage.id).unwrap_or_default();
            for group in &groups {
                totals.add(&group.currency, group.deals, group.amount, stage.probability);
            }
            items.push(item(pipeline, stage, &groups));
        }
    }
    let total = items.len();
    Ok(json!({
        "as_of": moment::text(moment),
        "items": items,
        "total": total,
        "next_offset": null,
        "count": totals.deals(),
        "totals": totals.show(),
    }))
}

fn groups(view: &View<'_>) -> Result<Vec<Group>, Failure> {
    view.all(
        "SELECT stage_id, currency, count(*), count(amount), total(amount) FROM deal
         WHERE tenant = ?1 AND status = 'open' GROUP BY stage_id, currency",
        &[],
        |row: &Row<'_>| {
            Ok(Group {
                stage_id: row.get(0)?,
                currency: row.get(1)?,
                deals: row.get(2)?,
                valued: row.get(3)?,
                amount: row.get(4)?,
            })
        },
    )
}

fn item(pipeline: &Pipeline, stage: &Stage, groups: &[Group]) -> Json {
    let mut sums = Sums::default();
    for group in groups {
        sums.add(&group.currency, group.deals, group.amount, stage.probability);
    }
    json!({
        "pipeline": pipeline.key,
        "pipeline_name": pipeline.name,
        "stage": stage.key,
        "stage_name": stage.name,
        "probability": input::plain(stage.probability),
        "count": sums.deals(),
        "without_amount": groups.iter().map(|group| group.deals - group.valued).sum::<i64>(),
        "totals": sums.show(),
    })
}
