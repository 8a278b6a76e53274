//! Dispatching: what is pending is read, then told to the receivers while the database serves others, and
//! then it is noted how far each has come. Whoever dies in between tells some events twice and loses none.

use std::sync::Arc;

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use super::delivery::{self, Delivered, Delivery, Untold};
use super::subscription::{self, UNTOLD};
use crate::call::Call;
use crate::database::{Change, Database, View};
use crate::event::{self, TOLD};
use crate::failure::Failure;
use crate::list::Page;
use crate::moment;
use crate::service::{Answer, Pending};
use crate::shown;

/// The failures in a row after which a subscription is disabled.
const MOST_FAILURES: i64 = 10;

/// The first pause after a failure in seconds; each further one is twice as long, up to an hour.
const FIRST_PAUSE: i64 = 30;
const LONGEST_PAUSE: i64 = 3_600;

/// The most bytes of events that one dispatch holds for one subscription; the rest is for the next one.
const MOST_BYTES: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dispatch {
    limit: Option<i64>,
}

/// Tells every active subscription up to `limit` pending events each, but for those that pause after a
/// failure.
pub(in crate::crm) fn dispatch(database: Arc<Database>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let Dispatch { limit } = call.input()?;
        let page = Page::new(limit, 50, None)?;
        let asked = Arc::clone(&call);
        let read =
            move |rows: &rusqlite::Connection| due(&View::new(rows, &asked.context.tenant), &asked, page);
        let due: Vec<Delivery> = serde_json::from_value(database.read(read).await?)
            .map_err(|error| Failure::Broken(format!("deliveries that cannot be read: {error}")))?;
        let mut deliveries = JoinSet::new();
        if !due.is_empty() {
            let client = delivery::client()?;
            for delivery in due {
                deliveries.spawn(delivery.run(client.clone(), call.clock.now()));
            }
        }
        let mut delivered = Vec::new();
        while let Some(done) = deliveries.join_next().await {
            delivered.push(done.map_err(|error| Failure::Broken(format!("a delivery crashed: {error}")))?);
        }
        let settle = move |change: &Change<'_>, _: &Call| settle(change, &delivered);
        database.write(move |rows| Change::run(rows, &call, settle)).await
    })
}

/// What the subscriptions that are not pausing are to be told.
fn due(view: &View<'_>, call: &Call, page: Page) -> Answer {
    let now = moment::text(call.clock.now());
    let mut due = view.all(
        "SELECT id, name, endpoint_url, secret, event_types, told_seq FROM webhook
         WHERE tenant = ?1 AND status = 'active' AND (next_attempt_at IS NULL OR next_attempt_at <= ?2)
         ORDER BY seq",
        &[&now],
        |row: &Row<'_>| {
            let delivery = Delivery {
                subscription_id: row.get(0)?,
                name: row.get(1)?,
                endpoint_url: row.get(2)?,
                secret: row.get(3)?,
                events: Vec::new(),
                told_seq: row.get(5)?,
            };
            Ok((delivery, row.get::<_, String>(4)?))
        },
    )?;
    let latest = view.count("SELECT coalesce(max(seq), 0) FROM event WHERE tenant = ?1", &[])?;
    let sql = format!("SELECT event.seq, event.tenant, {TOLD} {UNTOLD} ORDER BY event.seq LIMIT ?4");
    for (delivery, event_types) in &mut due {
        delivery.events = view.all(&sql, &[&delivery.told_seq, event_types, &page.limit], untold)?;
        let read = delivery.events.len();
        delivery.events.truncate(fitting(&delivery.events));
        let is_all = read < page.limit as usize && delivery.events.len() == read;
        let last = delivery.events.last().map_or(delivery.told_seq, |event| event.seq);
        delivery.told_seq = if is_all { latest.max(last) } else { last };
    }
    let due: Vec<Delivery> = due.into_iter().map(|(delivery, _)| delivery).collect();
    serde_json::to_value(due).map_err(|error| Failure::Broken(format!("deliveries: {error}")))
}

/// How many of the events are held at once: the first one, however large, and what fits beside it.
fn fitting(events: &[Untold]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&Untold| {
        let is_first = bytes == 0;
        bytes += event.body.to_string().len();
        is_first || bytes <= MOST_BYTES
    };
    events.iter().take_while(fits).count()
}

fn untold(row: &Row<'_>) -> rusqlite::Result<Untold> {
    let body = shown::with(event::told(row, 2)?, "tenant_id", json!(row.get::<_, String>(1)?));
    Ok(Untold { seq: row.get(0)?, id: row.get(2)?, body })
}

/// Notes how far each subscription has come, and reports on all that are or were active.
fn settle(change: &Change<'_>, delivered: &[Delivered]) -> Answer {
    for delivered in delivered {
        if let Some(told_seq) = delivered.told_seq {
            change.mark(
                "UPDATE webhook SET told_seq = ?3 WHERE tenant = ?1 AND id = ?2 AND told_seq < ?3",
                &[&delivered.subscription_id, &told_seq],
            )?;
        }
        if delivered.events > 0 {
            change.mark(
                "UPDATE webhook SET failures = 0, next_attempt_at = NULL, last_attempt_at = ?3, last_success_at = ?3,
                                    last_outcome = 'delivered'
                 WHERE tenant = ?1 AND id = ?2",
                &[&delivered.subscription_id, &change.now()],
            )?;
        }
        note_failure(change, delivered)?;
    }
    report(change.view(), delivered)
}

fn note_failure(change: &Change<'_>, delivered: &Delivered) -> Result<(), Failure> {
    let Some(refusal) = &delivered.failure else { return Ok(()) };
    let failures = 1 + change
        .view()
        .count("SELECT failures FROM webhook WHERE tenant = ?1 AND id = ?2", &[&delivered.subscription_id])?;
    change.mark(
        "UPDATE webhook SET failures = ?3, next_attempt_at = ?4, last_attempt_at = ?5, last_outcome = ?6
         WHERE tenant = ?1 AND id = ?2 AND status = 'active'",
        &[
            &delivered.subscription_id,
            &failures,
            &change.seconds_later(pause(failures)),
            &change.now(),
            &refusal.reason,
        ],
    )?;
    let still_active = change.view().count(
        "SELECT count(*) FROM webhook WHERE tenant = ?1 AND id = ?2 AND status = 'active'",
        &[&delivered.subscription_id],
    )? > 0;
    if still_active && (refusal.is_final || failures >= MOST_FAILURES) {
        let reason = if refusal.is_final {
            "the receiver is gone (status 410)".to_owned()
        } else {
            format!("{failures} failures in a row, the last one: {}", refusal.reason)
        };
        subscription::end(change, &delivered.subscription_id, &delivered.name, &reason)?;
    }
    Ok(())
}

/// How long to wait after so many failures in a row, in seconds.
fn pause(failures: i64) -> i64 {
    let doublings = u32::try_from(failures - 1).unwrap_or_default();
    2_i64
        .checked_pow(doublings)
        .map_or(LONGEST_PAUSE, |times| times.saturating_mul(FIRST_PAUSE).min(LONGEST_PAUSE))
}

fn report(view: &View<'_>, delivered: &[Delivered]) -> Answer {
    let states = view.all(
        "SELECT id, name, status, failures, next_attempt_at FROM webhook WHERE tenant = ?1 ORDER BY seq",
        &[],
        |row: &Row<'_>| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, Option<String>>(4)?,
            ))
        },
    )?;
    let mut items: Vec<Json> = Vec::new();
    for (id, name, status, failures, next_attempt_at) in states {
        let own = delivered.iter().find(|delivered| delivered.subscription_id == id);
        if own.is_none() && status == "disabled" {
            continue;
        }
        let events = own.map_or(0, |own| own.events);
        let refusal = own.and_then(|own| own.failure.as_ref());
        items.push(json!({
            "subscription_id": id,
            "name": name,
            "status": status,
            "outcome": outcome(own),
            "delivered": events,
            "failed": u64::from(refusal.is_some()),
            "problem": refusal.map(|refusal| &refusal.reason),
            "failures": failures,
            "next_attempt_at": next_attempt_at,
        }));
    }
    let sum = |field: fn(&Delivered) -> u64| delivered.iter().map(field).sum::<u64>();
    Ok(json!({
        "delivered": sum(|delivered| delivered.events),
        "failed": sum(|delivered| u64::from(delivered.failure.is_some())),
        "total": items.len(),
        "items": items,
        "next_offset": null,
    }))
}

/// `waiting` pauses after a failure, `idle` had nothing to be told.
fn outcome(delivered: Option<&Delivered>) -> &'static str {
    match delivered {
        None => "waiting",
        Some(Delivered { failure: Some(_), .. }) => "failed",
        Some(Delivered { events: 0, .. }) => "idle",
        Some(_) => "delivered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let pauses: Vec<i64> = [1, 2, 3, 4, 7, 8, 9, 500].map(pause).into();
        assert_eq!(pauses, [30, 60, 120, 240, 1_920, 3_600, 3_600, 3_600]);
    }
}
