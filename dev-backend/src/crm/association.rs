//! Associations: typed links between records, and between records and memories, seen from both ends.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::object::{self, ObjectType, Record};
use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::list::Page;
use crate::memory;
use crate::service::Answer;
use crate::shown;

/// How much of a memory stands for its name, in characters.
const EXCERPT: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    from_type: String,
    from_id: String,
    to_type: String,
    to_id: String,
    association_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    entity_type: String,
    entity_id: String,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// What an association can begin and end at.
enum End {
    Object(ObjectType),
    Memory,
}

/// Links two things; the same link again is the one that is there.
pub(super) fn link(change: &Change<'_>, call: &Call) -> Answer {
    let given: Link = call.input()?;
    let view = change.view();
    let kind = input::line("association_type", given.association_type.as_deref().unwrap_or("related"))?;
    let (from_end, to_end) =
        (End::named(view, "from_type", &given.from_type)?, End::named(view, "to_type", &given.to_type)?);
    let from = from_end.record(view, "from_id", &given.from_id)?;
    let to = to_end.record(view, "to_id", &given.to_id)?;
    if from.kind == to.kind && from.id == to.id {
        let message = format!("a {} cannot be linked to itself", from.kind.name());
        return Err(Failure::Meaningless(message));
    }
    let known: Option<(String, String, String)> = view.one(
        "SELECT id, created_by, created_at FROM association
         WHERE tenant = ?1 AND from_type = ?2 AND from_id = ?3 AND to_type = ?4 AND to_id = ?5
               AND association_type = ?6",
        &[&from.kind.name(), &from.id, &to.kind.name(), &to.id, &kind],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let created = known.is_none();
    let (id, created_by, created_at) = match known {
        Some(known) => known,
        None => (insert(change, &from, &to, &kind)?, change.actor().to_owned(), change.now().to_owned()),
    };
    Ok(json!({
        "type": "association",
        "id": id,
        "association_type": kind,
        "from_type": from.kind.name(),
        "from_id": from.id,
        "to_type": to.kind.name(),
        "to_id": to.id,
        "created_by": created_by,
        "created_at": created_at,
        "created": created,
    }))
}

/// Lists what a thing is linked to, in both directions, the oldest link first.
pub(super) fn list(view: &View<'_>, call: &Call) -> Answer {
    let List { entity_type, entity_id, limit, offset } = call.input()?;
    let page = Page::new(limit, 100, offset)?;
    let end = End::named(view, "entity_type", &entity_type)?;
    let entity = end.record(view, "entity_id", &entity_id)?;
    let total = view.count(
        "SELECT count(*) FROM association WHERE tenant = ?1
         AND ((from_type = ?2 AND from_id = ?3) OR (to_type = ?2 AND to_id = ?3))",
        &[&entity.kind.name(), &entity.id],
    )?;
    let links = view.all(
        "SELECT * FROM (
             SELECT id, association_type, 'outgoing', to_type, to_id, created_by, created_at, seq
             FROM association WHERE tenant = ?1 AND from_type = ?2 AND from_id = ?3
             UNION ALL
             SELECT id, association_type, 'incoming', from_type, from_id, created_by, created_at, seq
             FROM association WHERE tenant = ?1 AND to_type = ?2 AND to_id = ?3)
         ORDER BY seq LIMIT ?4 OFFSET ?5",
        &[&entity.kind.name(), &entity.id, &page.limit, &page.offset],
        other_end,
    )?;
    let mut items = Vec::with_capacity(links.len());
    for (entity_type, entity_id, link) in links {
        let name = End::named(view, "entity_type", &entity_type)?.name_of(view, &entity_id)?;
        items.push(shown::with(link, "name", json!(name)));
    }
    Ok(page.answer(items, total))
}

fn other_end(row: &Row<'_>) -> rusqlite::Result<(String, String, Json)> {
    let (entity_type, entity_id): (String, String) = (row.get(3)?, row.get(4)?);
    let link = json!({
        "id": row.get::<_, String>(0)?,
        "association_type": row.get::<_, String>(1)?,
        "direction": row.get::<_, String>(2)?,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "created_by": row.get::<_, String>(5)?,
        "created_at": row.get::<_, String>(6)?,
    });
    Ok((entity_type, entity_id, link))
}

fn insert(change: &Change<'_>, from: &Record<'_>, to: &Record<'_>, kind: &str) -> Result<String, Failure> {
    let id = change.new_id(EntityKind::Association);
    change.execute(
        "INSERT INTO association (tenant, id, from_type, from_id, to_type, to_id, association_type, created_by,
                                  created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            &id,
            &from.kind.name(),
            &from.id,
            &to.kind.name(),
            &to.id,
            &kind,
            &change.actor(),
            &change.now(),
        ],
    )?;
    let mut details = json!({
        "association_id": id,
        "association_type": kind,
        "from_type": from.kind.name(),
        "from_id": from.id,
        "to_type": to.kind.name(),
        "to_id": to.id,
    });
    // The timeline shows the memory that its event leads to.
    if let Some(memory) = [from, to].into_iter().find(|end| end.kind == EntityKind::Memory) {
        details = shown::with(details, "memory_id", json!(memory.id));
    }
    // A memory's words belong to the memory, which may be erased; the event does not repeat them.
    let name = |end: &Record<'_>| match end.kind {
        EntityKind::Memory => "a memory".to_owned(),
        _ => end.name.clone(),
    };
    change.record(&Event {
        kind: "association.created",
        subject: EntityKind::Association.with_id(&id),
        concerns: vec![from.entity(), to.entity()],
        summary: format!("{} linked to {} as {kind}", name(from), name(to)),
        details,
    })?;
    Ok(id)
}

// === impl End ===

impl End {
    fn named(view: &View<'_>, field: &str, name: &str) -> Result<Self, Failure> {
        if name == EntityKind::Memory.name() {
            return Ok(Self::Memory);
        }
        if let Some(object_type) = ObjectType::find(view, name)? {
            return Ok(Self::Object(object_type));
        }
        let mut known = ObjectType::names(view)?;
        known.push(EntityKind::Memory.name().to_owned());
        Err(object::unknown(field, name, &known))
    }

    fn record<'e>(&'e self, view: &View<'_>, field: &str, id: &str) -> Result<Record<'e>, Failure> {
        match self {
            Self::Object(object_type) => object_type.record(view, id),
            Self::Memory => {
                let content = memory::content(view, id)?;
                let content = content
                    .ok_or_else(|| Failure::NotFound(format!("there is no memory {id:?} ({field})")))?;
                let name = content.chars().take(EXCERPT).collect();
                Ok(Record { kind: EntityKind::Memory, id: id.to_owned(), name })
            }
        }
    }

    /// What to call the thing; nothing where it is there no longer.
    fn name_of(&self, view: &View<'_>, id: &str) -> Result<Option<String>, Failure> {
        match self.record(view, "entity_id", id) {
            Ok(record) => Ok(Some(record.name)),
            Err(Failure::NotFound(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
