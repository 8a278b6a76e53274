//! Records of a tenant's own types. Where a type has properties defined, a record holds values of these and
//! nothing else; where it has none, a record holds whatever it is given, and keeps that when properties are
//! defined later.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::object::{ObjectType, unknown};
use super::object_type;
use super::property;
use crate::call::Call;
use crate::database::{Change, View, json_column};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Differences;
use crate::service::Answer;
use crate::shown;

/// The most fields of a record without definitions, and the most bytes of them all as JSON.
const MOST_FIELDS: usize = 500;
const MOST_BYTES: usize = 100_000;

/// A stored record.
pub(super) struct ObjectRecord {
    pub(super) id: String,
    object_type: String,
    /// What was written while the type had no properties.
    fields: Map<String, Json>,
    created_by: String,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    object_type: String,
    properties: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Get {
    record_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    record_id: String,
    patch: Map<String, Json>,
}

/// Creates a record of a type that is not archived.
pub(super) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let Create { object_type, properties } = call.input()?;
    let Some(custom) = object_type::by_key(change.view(), &object_type)? else {
        return Err(unknown_type(change.view(), &object_type)?);
    };
    if custom.archived {
        return Err(Failure::Conflict(format!("the object type {} is archived", custom.key)));
    }
    let mut record = ObjectRecord {
        id: change.new_id(EntityKind::Custom(&custom.key)),
        object_type: custom.key,
        fields: Map::new(),
        created_by: change.actor().to_owned(),
        created_at: change.now().to_owned(),
        updated_at: change.now().to_owned(),
    };
    record.insert(change)?;
    record.write(change, &properties)?;
    record.save(change)?;
    let details = json!({"object_type": record.object_type, "properties": properties});
    record.record(change, "object_record.created", format!("{} created", custom.label), details)?;
    record.show(change.view())
}

/// Shows a record.
pub(super) fn get(view: &View<'_>, call: &Call) -> Answer {
    let Get { record_id } = call.input()?;
    ObjectRecord::find(view, &record_id)?.show(view)
}

/// Changes the given fields of a record; null clears one.
pub(super) fn update(change: &Change<'_>, call: &Call) -> Answer {
    let Update { record_id, patch } = call.input()?;
    let mut record = ObjectRecord::find(change.view(), &record_id)?;
    let differences = record.write(change, &patch)?;
    let changed = differences.fields();
    if !differences.is_empty() {
        record.updated_at = change.now().to_owned();
        record.save(change)?;
        let summary = format!("Record of {} updated: {}", record.object_type, changed.join(", "));
        record.record(change, "object_record.updated", summary, differences.into_details())?;
    }
    Ok(shown::with(record.show(change.view())?, "changed", json!(changed)))
}

fn unknown_type(view: &View<'_>, given: &str) -> Result<Failure, Failure> {
    let own = view.all(
        "SELECT key FROM object_type WHERE tenant = ?1 AND NOT archived ORDER BY seq",
        &[],
        |row| row.get::<_, String>(0),
    )?;
    if own.is_empty() {
        let message =
            format!("there is no object type {given:?}: none is defined yet, define_object_type makes one");
        return Ok(Failure::Meaningless(message));
    }
    Ok(unknown("object type", given, &own))
}

// === impl ObjectRecord ===

impl ObjectRecord {
    fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql = "SELECT id, object_type, fields, created_by, created_at, updated_at
                   FROM object_record WHERE tenant = ?1 AND id = ?2";
        view.one(sql, &[&id], Self::read)?
            .ok_or_else(|| Failure::NotFound(format!("there is no object record {id:?}")))
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let fields = match json_column(row, 2)? {
            Json::Object(fields) => fields,
            _ => Map::new(),
        };
        Ok(Self {
            id: row.get(0)?,
            object_type: row.get(1)?,
            fields,
            created_by: row.get(3)?,
            created_at: row.get(4)?,
            updated_at: row.get(5)?,
        })
    }

    /// Writes the values where they belong, and notes what changed.
    fn write(&mut self, change: &Change<'_>, values: &Map<String, Json>) -> Result<Differences, Failure> {
        let object_type = ObjectType::Custom(self.object_type.clone());
        let mut differences = Differences::default();
        if property::all(change.view(), &object_type)?.is_empty() {
            self.write_fields(values, &mut differences)?;
        } else {
            let (old, defined): (Map<_, _>, Map<_, _>) = values
                .clone()
                .into_iter()
                .partition(|(name, value)| value.is_null() && self.fields.contains_key(name));
            self.write_fields(&old, &mut differences)?;
            property::store_all(change, &object_type, &self.id, &defined, &mut differences)?;
            property::require_all(change.view(), &object_type, &self.id)?;
        }
        Ok(differences)
    }

    fn write_fields(
        &mut self,
        values: &Map<String, Json>,
        differences: &mut Differences,
    ) -> Result<(), Failure> {
        for (name, value) in values {
            let mut current = self.fields.get(name).cloned().unwrap_or_default();
            differences.set(name, &mut current, Some(value.clone()));
            if value.is_null() {
                self.fields.remove(name);
            } else {
                self.fields.insert(name.clone(), value.clone());
            }
        }
        let bytes = json!(self.fields).to_string().len();
        if self.fields.len() > MOST_FIELDS || bytes > MOST_BYTES {
            return Err(Failure::Meaningless(format!(
                "a record has at most {MOST_FIELDS} fields and {MOST_BYTES} bytes, not {} and {bytes}",
                self.fields.len()
            )));
        }
        Ok(())
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO object_record (tenant, id, object_type, fields, created_by, created_at, updated_at)
             VALUES (?1, ?2, ?3, '{}', ?4, ?5, ?5)",
            &[&self.id, &self.object_type, &self.created_by, &self.created_at],
        )?;
        Ok(())
    }

    fn save(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "UPDATE object_record SET fields = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &json!(self.fields).to_string(), &self.updated_at],
        )?;
        Ok(())
    }

    fn record(
        &self,
        change: &Change<'_>,
        kind: &'static str,
        summary: String,
        details: Json,
    ) -> Result<(), Failure> {
        change.record(&Event {
            kind,
            subject: EntityKind::Custom(&self.object_type).with_id(&self.id),
            concerns: Vec::new(),
            summary,
            details,
        })
    }

    /// The record as answers show it. What is defined outweighs what was written before.
    pub(super) fn show(&self, view: &View<'_>) -> Answer {
        let object_type = ObjectType::Custom(self.object_type.clone());
        let mut properties = self.fields.clone();
        let defined = property::of_records(view, &object_type, &[&self.id])?;
        properties.extend(defined.into_values().flatten());
        Ok(json!({
            "type": "object_record",
            "id": self.id,
            "object_type": self.object_type,
            "properties": properties,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }))
    }
}
