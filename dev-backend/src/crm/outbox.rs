//! The outbox: every event is handed out until somebody says what became of it. A pull leases its events
//! for a while; whoever dies with them loses the lease, and the events come back to the next pull.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::object;
use crate::call::Call;
use crate::database::Change;
use crate::event::{self, TOLD};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

/// How long a pull keeps its events from others, in seconds.
const LEASE: i64 = 60;

/// What can become of an event.
const OUTCOMES: [&str; 3] = ["processed", "failed", "skipped"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pull {
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledge {
    event_id: String,
    status: Option<String>,
}

/// Hands out the oldest events that are neither settled nor leased, and leases them.
pub(super) fn pull(change: &Change<'_>, call: &Call) -> Answer {
    let Pull { limit } = call.input()?;
    let page = Page::new(limit, 50, None)?;
    let leased_until = change.seconds_later(LEASE);
    // Of pulls that stand in line each changes the leases before the next one looks.
    let sql = format!(
        "SELECT event.seq, outbox.deliveries + 1, {TOLD}
         FROM outbox JOIN event ON event.seq = outbox.event_seq AND event.tenant = outbox.tenant
         WHERE outbox.tenant = ?1 AND outbox.settled_at IS NULL
               AND (outbox.leased_until IS NULL OR outbox.leased_until <= ?2)
         ORDER BY outbox.event_seq LIMIT ?3"
    );
    let items: Vec<(i64, Json)> = change.view().all(&sql, &[&change.now(), &page.limit], delivery)?;
    let mut delivered = Vec::with_capacity(items.len());
    for (seq, item) in items {
        change.mark(
            "UPDATE outbox SET deliveries = deliveries + 1, leased_until = ?3
             WHERE tenant = ?1 AND event_seq = ?2",
            &[&seq, &leased_until],
        )?;
        delivered.push(shown::with(item, "leased_until", json!(leased_until)));
    }
    let pending = "SELECT count(*) FROM outbox WHERE tenant = ?1 AND settled_at IS NULL";
    // A queue has no pages: the next pull gives what this one left.
    Ok(json!({"items": delivered, "total": change.view().count(pending, &[])?, "next_offset": null}))
}

/// Settles an event, so that it is handed out no more. Whoever says so last is right.
pub(super) fn acknowledge(change: &Change<'_>, call: &Call) -> Answer {
    let Acknowledge { event_id, status } = call.input()?;
    let status = status.as_deref().unwrap_or("processed");
    if !OUTCOMES.contains(&status) {
        return Err(object::unknown("status", status, &OUTCOMES));
    }
    let settled = change.mark(
        "UPDATE outbox SET outcome = ?3, settled_at = ?4, settled_by = ?5, leased_until = NULL
         WHERE tenant = ?1 AND event_seq = (SELECT seq FROM event WHERE tenant = ?1 AND id = ?2)",
        &[&event_id, &status, &change.now(), &change.actor()],
    )?;
    if settled == 0 {
        return Err(Failure::NotFound(format!("there is no event {event_id:?} in the outbox")));
    }
    let (kind, deliveries): (String, i64) = change
        .view()
        .one(
            "SELECT event.kind, outbox.deliveries FROM event JOIN outbox ON outbox.event_seq = event.seq
             WHERE event.tenant = ?1 AND event.id = ?2",
            &[&event_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .ok_or_else(|| Failure::Broken(format!("event {event_id} vanished from the outbox")))?;
    Ok(json!({
        "id": event_id,
        "kind": kind,
        "status": status,
        "deliveries": deliveries,
        "settled_by": change.actor(),
        "settled_at": change.now(),
    }))
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<(i64, Json)> {
    let item = shown::with(event::told(row, 2)?, "delivery", json!(row.get::<_, i64>(1)?));
    Ok((row.get(0)?, item))
}
