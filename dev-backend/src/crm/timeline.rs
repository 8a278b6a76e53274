//! Everything that happened to an entity, the newest first; for contacts and companies what happened to
//! their deals too. A memory that an event leads to is shown with it for as long as it is there.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::contact;
use crate::call::Call;
use crate::database::{View, json_column};
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timeline {
    entity_type: String,
    entity_id: String,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// Lists the events of an entity.
pub(super) fn timeline(view: &View<'_>, call: &Call) -> Answer {
    let Timeline { entity_type, entity_id, limit, offset } = call.input()?;
    let page = Page::new(limit, 50, offset)?;
    let kind = EntityKind::named(&entity_type)?.name();
    let entity_id = contact::current_id(view, &entity_id)?.unwrap_or(entity_id);
    // Everything stored has at least the event of its making.
    let total = view.count(
        "SELECT count(*) FROM event_entity WHERE tenant = ?1 AND entity_type = ?2 AND entity_id = ?3",
        &[&kind, &entity_id],
    )?;
    if total == 0 {
        return Err(Failure::NotFound(format!("there is no {kind} {entity_id:?}")));
    }
    let items = view.all(
        "SELECT event.id, event.at, event.kind, event.summary, event.actor, event.entity_type, event.entity_id,
                event.details, memory.id, memory.kind, memory.content, memory.status
         FROM event_entity JOIN event ON event.seq = event_entity.event_seq AND event.tenant = event_entity.tenant
         LEFT JOIN memory ON memory.tenant = event.tenant AND memory.id = event.details ->> 'memory_id'
                             AND memory.status <> 'deleted'
         WHERE event_entity.tenant = ?1 AND event_entity.entity_type = ?2 AND event_entity.entity_id = ?3
         ORDER BY event_entity.event_seq DESC LIMIT ?4 OFFSET ?5",
        &[&kind, &entity_id, &page.limit, &page.offset],
        item,
    )?;
    Ok(page.answer(items, total))
}

fn item(row: &Row<'_>) -> rusqlite::Result<Json> {
    let memory = match row.get::<_, Option<String>>(8)? {
        Some(id) => json!({
            "id": id,
            "kind": row.get::<_, String>(9)?,
            "content": row.get::<_, String>(10)?,
            "status": row.get::<_, String>(11)?,
        }),
        None => Json::Null,
    };
    Ok(json!({
        "id": row.get::<_, String>(0)?,
        "at": row.get::<_, String>(1)?,
        "kind": row.get::<_, String>(2)?,
        "summary": row.get::<_, String>(3)?,
        "actor": row.get::<_, String>(4)?,
        "entity_type": row.get::<_, String>(5)?,
        "entity_id": row.get::<_, String>(6)?,
        "details": json_column(row, 7)?,
        "memory": memory,
    }))
}
