//! Segments: named lists of records of one type. A dynamic one is a search that is run whenever somebody
//! looks; a static one keeps the ids it was given.

use std::collections::HashSet;

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::filter::Filter;
use super::object::ObjectType;
use super::search::Search;
use crate::call::Call;
use crate::database::{Change, View, folded};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

/// The most segments of a tenant, since listing them counts the members of each.
const MOST: i64 = 200;
/// The most members of a static segment.
const MOST_MEMBERS: usize = 10_000;
/// How many missing records a refusal names.
const MISSING_NAMED: usize = 10;

/// A stored segment.
pub(crate) struct Segment {
    pub(crate) id: String,
    object_type: String,
    pub(crate) name: String,
    /// The conditions of a dynamic segment.
    filters: Option<Vec<Filter>>,
    created_at: String,
    updated_at: String,
}

const COLUMNS: &str = "id, object_type, name, filters, created_at, updated_at";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    object_type: String,
    name: String,
    definition: Map<String, Json>,
    is_dynamic: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    object_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    segment_id: String,
    limit: Option<i64>,
    offset: Option<i64>,
}

/// Who is in a segment, as it is defined.
enum Definition {
    Dynamic(Vec<Filter>),
    Static(Vec<String>),
}

/// Creates the segment, or defines the one of the same name anew.
pub(super) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let given: Create = call.input()?;
    let view = change.view();
    let object_type = ObjectType::named(view, &given.object_type)?;
    let name = input::line("name", &given.name)?;
    let definition = match given.is_dynamic.unwrap_or(true) {
        true => Definition::dynamic(view, &object_type, given.definition)?,
        false => Definition::of_records(view, &object_type, given.definition)?,
    };
    let known = Segment::named(view, &object_type, &name)?;
    let created = known.is_none();
    if created && view.count("SELECT count(*) FROM segment WHERE tenant = ?1", &[])? >= MOST {
        return Err(Failure::Conflict(format!("there are {MOST} segments already, and no more fit")));
    }
    let (id, created_at) = match known {
        Some(known) => (known.id, known.created_at),
        None => (change.new_id(EntityKind::Segment), change.now().to_owned()),
    };
    let filters = match &definition {
        Definition::Dynamic(filters) => Some(filters.clone()),
        Definition::Static(_) => None,
    };
    let object_type = object_type.name().to_owned();
    let segment = Segment { id, object_type, name, filters, created_at, updated_at: change.now().to_owned() };
    segment.store(change, &definition)?;
    let (kind, verb) =
        if created { ("segment.created", "created") } else { ("segment.updated", "defined anew") };
    change.record(&Event {
        kind,
        subject: EntityKind::Segment.with_id(&segment.id),
        concerns: Vec::new(),
        summary: format!("Segment {} {verb}", segment.name),
        details: json!({
            "name": segment.name,
            "object_type": segment.object_type,
            "is_dynamic": segment.filters.is_some(),
            "filters": segment.filters,
        }),
    })?;
    Ok(shown::with(segment.show(change.view())?, "created", json!(created)))
}

/// Lists the segments with their sizes.
pub(super) fn list(view: &View<'_>, call: &Call) -> Answer {
    let List { object_type } = call.input()?;
    if let Some(name) = &object_type {
        ObjectType::named(view, name)?;
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM segment WHERE tenant = ?1 AND (?2 IS NULL OR object_type = ?2) ORDER BY seq"
    );
    let segments = view.all(&sql, &[&object_type], Segment::read)?;
    let items = segments.iter().map(|segment| segment.show(view)).collect::<Result<Vec<_>, _>>()?;
    let total = items.len() as i64;
    Ok(Page { limit: u32::MAX, offset: 0 }.answer(items, total))
}

/// Lists who is in a segment now: in a static one in its own order, in a dynamic one the newest first.
pub(super) fn members(view: &View<'_>, call: &Call) -> Answer {
    let Members { segment_id, limit, offset } = call.input()?;
    let page = Page::new(limit, 50, offset)?;
    let sql = format!("SELECT {COLUMNS} FROM segment WHERE tenant = ?1 AND id = ?2");
    let absent = || Failure::NotFound(format!("there is no segment {segment_id:?}"));
    let segment = view.one(&sql, &[&segment_id], Segment::read)?.ok_or_else(absent)?;
    let object_type = ObjectType::named(view, &segment.object_type)?;
    let (ids, total) = segment.search(view, &object_type)?.ids(view, page)?;
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let record = object_type.record(view, &id)?;
        items.push(json!({"type": record.kind.name(), "id": record.id, "name": record.name}));
    }
    Ok(page.answer(items, total))
}

/// The segments of contacts, in the order of their making.
pub(crate) fn of_contacts(view: &View<'_>) -> Result<Vec<Segment>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM segment WHERE tenant = ?1 AND object_type = ?2 ORDER BY seq");
    view.all(&sql, &[&ObjectType::Contact.name()], Segment::read)
}

// === impl Definition ===

impl Definition {
    fn dynamic(
        view: &View<'_>,
        object_type: &ObjectType,
        mut given: Map<String, Json>,
    ) -> Result<Self, Failure> {
        let filters = only(&mut given, "filters", "dynamic")?;
        let filters: Vec<Filter> = serde_json::from_value(filters).map_err(|error| {
            Failure::Meaningless(format!(
                "definition.filters must be a list of {{\"field\", \"op\", \"value\"}}: {error}"
            ))
        })?;
        // Whoever looks at the members later shall not find out that the rules make no sense.
        Search::new(view, object_type)?.filter(view, &filters)?;
        Ok(Self::Dynamic(filters))
    }

    fn of_records(
        view: &View<'_>,
        object_type: &ObjectType,
        mut given: Map<String, Json>,
    ) -> Result<Self, Failure> {
        let ids = only(&mut given, "record_ids", "static")?;
        let ids: Vec<String> = serde_json::from_value(ids).map_err(|error| {
            Failure::Meaningless(format!("definition.record_ids must be a list of ids: {error}"))
        })?;
        if ids.len() > MOST_MEMBERS {
            let message = format!("a static segment has at most {MOST_MEMBERS} members, not {}", ids.len());
            return Err(Failure::Meaningless(message));
        }
        let mut members: Vec<String> = Vec::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in &ids {
            match object_type.record(view, id) {
                Ok(record) => members.push(record.id),
                Err(Failure::NotFound(_)) => missing.push(id.as_str()),
                Err(failure) => return Err(failure),
            }
        }
        if missing.is_empty() {
            return Ok(Self::Static(members));
        }
        let named = missing.iter().take(MISSING_NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if missing.len() > MISSING_NAMED { ", ..." } else { "" };
        Err(Failure::NotFound(format!(
            "{} of the {} record_ids are no {}: {named}{more}",
            missing.len(),
            ids.len(),
            object_type.name()
        )))
    }
}

/// The one key that a definition has.
fn only(given: &mut Map<String, Json>, key: &str, what: &str) -> Result<Json, Failure> {
    let value = given.remove(key);
    match (value, given.keys().next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(Failure::Meaningless(format!("the definition of a {what} segment needs {key}"))),
        (Some(_), Some(other)) => {
            let message = format!("the definition of a {what} segment has {key} alone, not {other:?} too");
            Err(Failure::Meaningless(message))
        }
    }
}

/// Stored filters. Unreadable ones are an error, since a segment without its conditions would hold everybody.
fn unpacked(filters: &str) -> rusqlite::Result<Vec<Filter>> {
    serde_json::from_str(filters)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, Box::new(error)))
}

// === impl Segment ===

impl Segment {
    /// The segment of this name, whatever its case.
    fn named(view: &View<'_>, object_type: &ObjectType, name: &str) -> Result<Option<Self>, Failure> {
        let sql =
            format!("SELECT {COLUMNS} FROM segment WHERE tenant = ?1 AND object_type = ?2 AND name_key = ?3");
        view.one(&sql, &[&object_type.name(), &folded(name)], Self::read)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let filters: Option<String> = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            object_type: row.get(1)?,
            name: row.get(2)?,
            filters: filters.map(|filters| unpacked(&filters)).transpose()?,
            created_at: row.get(4)?,
            updated_at: row.get(5)?,
        })
    }

    /// The search for the members; those of a dynamic segment come with the newest first.
    fn search<'s>(&self, view: &View<'_>, object_type: &'s ObjectType) -> Result<Search<'s>, Failure> {
        let mut search = Search::new(view, object_type)?;
        match &self.filters {
            Some(filters) => {
                search.filter(view, filters)?;
                search.sort("created_at", Some("DESC"))?;
            }
            None => search.members_of(&self.id),
        }
        Ok(search)
    }

    /// How many members it has. Rules that a change of properties left without sense have no size.
    pub(crate) fn size(&self, view: &View<'_>) -> Result<Option<i64>, Failure> {
        let object_type = ObjectType::named(view, &self.object_type)?;
        match self.search(view, &object_type) {
            Ok(search) => search.count(view).map(Some),
            Err(Failure::Meaningless(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// How many of these records are members.
    pub(crate) fn members_among(&self, view: &View<'_>, ids: &HashSet<String>) -> Result<usize, Failure> {
        if ids.is_empty() {
            return Ok(0);
        }
        let object_type = ObjectType::named(view, &self.object_type)?;
        let search = self.search(view, &object_type)?;
        let (members, _) = search.ids(view, Page { limit: u32::MAX, offset: 0 })?;
        Ok(members.iter().filter(|member| ids.contains(*member)).count())
    }

    /// The segment as answers show it.
    fn show(&self, view: &View<'_>) -> Answer {
        let size = self.size(view)?;
        Ok(json!({
            "type": "segment",
            "id": self.id,
            "object_type": self.object_type,
            "name": self.name,
            "is_dynamic": self.filters.is_some(),
            "filters": self.filters,
            "size": size,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }))
    }

    /// Writes the segment over the one with its id.
    fn store(&self, change: &Change<'_>, definition: &Definition) -> Result<(), Failure> {
        let filters = self.filters.as_ref().map(|filters| json!(filters).to_string());
        change.execute(
            "INSERT INTO segment (tenant, id, object_type, name, name_key, is_dynamic, filters, created_at,
                                  updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (tenant, id) DO UPDATE SET name = ?4, is_dynamic = ?6, filters = ?7, updated_at = ?9",
            &[
                &self.id,
                &self.object_type,
                &self.name,
                &folded(&self.name),
                &filters.is_some(),
                &filters,
                &self.created_at,
                &self.updated_at,
            ],
        )?;
        change.execute("DELETE FROM segment_member WHERE tenant = ?1 AND segment_id = ?2", &[&self.id])?;
        if let Definition::Static(members) = definition {
            for (position, member) in members.iter().enumerate() {
                change.execute(
                    "INSERT OR IGNORE INTO segment_member (tenant, segment_id, record_id, position)
                     VALUES (?1, ?2, ?3, ?4)",
                    &[&self.id, member, &(position as i64)],
                )?;
            }
        }
        Ok(())
    }
}
