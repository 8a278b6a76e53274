//! Figures about the memory service: what a tenant has stored, and what it did in the last minutes.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::call::Call;
use crate::database::View;
use crate::failure::Failure;
use crate::input;
use crate::moment;
use crate::operation;
use crate::service::Answer;

/// The longest window: a year.
const LONGEST_WINDOW: i64 = 525_600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Telemetry {
    #[serde(default, deserialize_with = "input::number_in_query")]
    window_minutes: Option<i64>,
}

/// Totals by kind and status, and the operations of the window with their latency.
pub(super) fn telemetry(view: &View<'_>, call: &Call) -> Answer {
    let Telemetry { window_minutes } = call.input()?;
    let window_minutes = window_minutes.unwrap_or(60);
    if !(1..=LONGEST_WINDOW).contains(&window_minutes) {
        let message = format!("window_minutes must be 1 to {LONGEST_WINDOW}, not {window_minutes}");
        return Err(Failure::Meaningless(message));
    }
    let since = moment::minutes_before(call.clock.now(), window_minutes);
    let operations = view.all(
        "SELECT name, count(*), sum(NOT succeeded), avg(latency_ms), max(latency_ms)
         FROM operation WHERE tenant = ?1 AND service = 'memory' AND at >= ?2
         GROUP BY name ORDER BY count(*) DESC, name",
        &[&since],
        operation_row,
    )?;
    Ok(json!({
        "window_minutes": window_minutes,
        "since": since,
        "total": view.count("SELECT count(*) FROM memory WHERE tenant = ?1 AND status <> 'deleted'", &[])?,
        "by_status": by_status(view)?,
        "by_kind": by_kind(view)?,
        "operations": operations,
        "operations_remembered": operation::REMEMBERED,
    }))
}

fn by_status(view: &View<'_>) -> Result<Json, Failure> {
    let mut counts =
        Map::from_iter(["active", "archived", "deleted"].map(|status| (status.to_owned(), json!(0))));
    let sql = "SELECT status, count(*) FROM memory WHERE tenant = ?1 GROUP BY status";
    for (status, count) in view.all(sql, &[], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
        counts.insert(status, json!(count));
    }
    Ok(Json::Object(counts))
}

fn by_kind(view: &View<'_>) -> Result<Vec<Json>, Failure> {
    view.all(
        "SELECT kind, count(*) FROM memory WHERE tenant = ?1 AND status <> 'deleted'
         GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 100",
        &[],
        |row| Ok(json!({"kind": row.get::<_, String>(0)?, "count": row.get::<_, i64>(1)?})),
    )
}

fn operation_row(row: &Row<'_>) -> rusqlite::Result<Json> {
    Ok(json!({
        "operation": row.get::<_, String>(0)?,
        "count": row.get::<_, i64>(1)?,
        "failed": row.get::<_, i64>(2)?,
        "mean_latency_ms": milliseconds(row.get(3)?),
        "max_latency_ms": milliseconds(row.get(4)?),
    }))
}

/// A latency with as many decimals as can be trusted.
fn milliseconds(latency: f64) -> f64 {
    (latency * 1_000.0).round() / 1_000.0
}
