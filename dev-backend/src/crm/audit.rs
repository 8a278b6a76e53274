//! The audit trail: who changed what, read from the events that every change leaves behind.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::contact;
use crate::call::Call;
use crate::database::{View, json_column};
use crate::input;
use crate::list::Page;
use crate::service::Answer;

/// The events that the filters let through: those that happened to, or concern, an entity of type `?2` and
/// id `?3`, by action `?4`; what is null lets everything through.
const FILTERED: &str = "FROM event WHERE event.tenant = ?1 AND (?4 IS NULL OR event.kind = ?4)
     AND ((?2 IS NULL AND ?3 IS NULL) OR EXISTS (
         SELECT 1 FROM event_entity AS touched
         WHERE touched.event_seq = event.seq AND touched.tenant = ?1
               AND (?2 IS NULL OR touched.entity_type = ?2) AND (?3 IS NULL OR touched.entity_id = ?3)))";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    entity_type: Option<String>,
    entity_id: Option<String>,
    action: Option<String>,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// Lists what was done, the newest first.
pub(super) fn query(view: &View<'_>, call: &Call) -> Answer {
    let AuditQuery { entity_type, entity_id, action, limit, offset } = call.input()?;
    let page = Page::new(limit, 100, offset)?;
    let entity_type = input::optional_line("entity_type", entity_type.as_deref())?.flatten();
    let entity_id = input::optional_line("entity_id", entity_id.as_deref())?.flatten();
    // What happened to a merged contact is told of the one that stayed.
    let entity_id = match entity_id {
        Some(id) => Some(contact::current_id(view, &id)?.unwrap_or(id)),
        None => None,
    };
    let action = input::optional_line("action", action.as_deref())?.flatten();
    let total = view.count(&format!("SELECT count(*) {FILTERED}"), &[&entity_type, &entity_id, &action])?;
    let sql = format!(
        "SELECT event.id, event.at, event.kind, event.actor, event.actor_role, event.entity_type, event.entity_id,
                event.correlation_id, event.summary, event.details
         {FILTERED} ORDER BY event.seq DESC LIMIT ?5 OFFSET ?6"
    );
    let items = view.all(&sql, &[&entity_type, &entity_id, &action, &page.limit, &page.offset], entry)?;
    Ok(page.answer(items, total))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Json> {
    Ok(json!({
        "id": row.get::<_, String>(0)?,
        "at": row.get::<_, String>(1)?,
        "action": row.get::<_, String>(2)?,
        "actor": row.get::<_, String>(3)?,
        "actor_role": row.get::<_, Option<String>>(4)?,
        "entity_type": row.get::<_, String>(5)?,
        "entity_id": row.get::<_, String>(6)?,
        "correlation_id": row.get::<_, Option<String>>(7)?,
        "summary": row.get::<_, String>(8)?,
        "details": json_column(row, 9)?,
    }))
}
