//! What happened, as the timeline, the audit query and the outbox tell it. An event is written in the
//! transaction of the change it tells of, through [`crate::database::Change::record`] and nowhere else.

use rusqlite::Row;
use serde_json::{Value as Json, json};

use crate::database::json_column;
use crate::entity::Entity;

/// The columns that [`told`] shows, in its order.
pub(crate) const TOLD: &str =
    "event.id, event.at, event.kind, event.entity_type, event.entity_id, event.actor,
    event.actor_role, event.correlation_id, event.summary, event.details";

/// Something that happened to one entity and concerns others.
pub(crate) struct Event<'e> {
    /// What happened, as `entity.verb`.
    pub(crate) kind: &'static str,
    /// What it happened to.
    pub(crate) subject: Entity<'e>,
    /// In whose timelines it shows too.
    pub(crate) concerns: Vec<Entity<'e>>,
    /// One line for a reader.
    pub(crate) summary: String,
    /// The particulars.
    pub(crate) details: Json,
}

/// An event as the outbox and webhooks tell it, of a row in which [`TOLD`] begins at column `first`.
pub(crate) fn told(row: &Row<'_>, first: usize) -> rusqlite::Result<Json> {
    Ok(json!({
        "id": row.get::<_, String>(first)?,
        "at": row.get::<_, String>(first + 1)?,
        "kind": row.get::<_, String>(first + 2)?,
        "entity_type": row.get::<_, String>(first + 3)?,
        "entity_id": row.get::<_, String>(first + 4)?,
        "actor": row.get::<_, String>(first + 5)?,
        "actor_role": row.get::<_, Option<String>>(first + 6)?,
        "correlation_id": row.get::<_, Option<String>>(first + 7)?,
        "summary": row.get::<_, String>(first + 8)?,
        "details": json_column(row, first + 9)?,
    }))
}
