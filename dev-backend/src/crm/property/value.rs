//! The values that records have of their properties. Whoever writes one, one way leads here, so that type,
//! options, uniqueness and the rest hold everywhere.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{DataType, Property};
use crate::call::Call;
use crate::crm::object::{self, ObjectType};
use crate::database::{Change, View, folded};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Differences;
use crate::service::Answer;
use crate::shown;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    object_type: String,
    record_id: String,
    property_name: String,
    value: Option<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Get {
    object_type: String,
    record_id: String,
    property_name: String,
}

/// Sets or clears one property of one record.
pub(in crate::crm) fn set(change: &Change<'_>, call: &Call) -> Answer {
    let given: Set = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.object_type)?;
    let property = Property::named(change.view(), &object_type, &given.property_name)?;
    let record = object_type.record(change.view(), &given.record_id)?;
    let value = given.value.unwrap_or_default();
    let mut differences = Differences::default();
    property.write(change, &record.id, &value, &mut differences)?;
    let changed = !differences.is_empty();
    if changed {
        object_type.touch(change, &record.id)?;
        let verb = if value.is_null() { "cleared" } else { "set" };
        change.record(&Event {
            kind: "property.set",
            subject: record.entity(),
            concerns: Vec::new(),
            summary: format!("{} of {} {verb}", property.label, record.name),
            details: differences.into_details(),
        })?;
    }
    Ok(shown::with(property.show_of(change.view(), &record.id)?, "changed", json!(changed)))
}

/// Shows one property of one record.
pub(in crate::crm) fn get(view: &View<'_>, call: &Call) -> Answer {
    let given: Get = call.input()?;
    let object_type = ObjectType::named(view, &given.object_type)?;
    let property = Property::named(view, &object_type, &given.property_name)?;
    let record = object_type.record(view, &given.record_id)?;
    property.show_of(view, &record.id)
}

/// Sets or clears the given properties of a record, and notes what changed.
///
/// # Errors
/// An unknown property, or a value that it does not take.
pub(in crate::crm) fn store_all(
    change: &Change<'_>,
    object_type: &ObjectType,
    record_id: &str,
    values: &Map<String, Json>,
    differences: &mut Differences,
) -> Result<(), Failure> {
    for (name, value) in values {
        let property = Property::named(change.view(), object_type, name)?;
        property.write(change, record_id, value, differences)?;
    }
    Ok(())
}

/// Refuses a record that lacks a value of a required property.
pub(in crate::crm) fn require_all(
    view: &View<'_>,
    object_type: &ObjectType,
    record_id: &str,
) -> Result<(), Failure> {
    let missing: Vec<String> = view.all(
        "SELECT name FROM property
         WHERE tenant = ?1 AND object_type = ?2 AND required AND NOT archived AND NOT EXISTS (
             SELECT 1 FROM property_value AS held
             WHERE held.tenant = ?1 AND held.property_id = property.id AND held.record_id = ?3)
         ORDER BY seq",
        &[&object_type.name(), &record_id],
        |row| row.get(0),
    )?;
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("a {} needs values of {}", object_type.name(), missing.join(", "));
    Err(Failure::Meaningless(message))
}

/// The values that each of these records has, by record and by property name.
pub(in crate::crm) fn of_records(
    view: &View<'_>,
    object_type: &ObjectType,
    ids: &[&str],
) -> Result<BTreeMap<String, Map<String, Json>>, Failure> {
    // Left to itself SQLite reads every value of the tenant for a handful of records.
    let values = view.all(
        "SELECT held.record_id, property.name, property.data_type, held.value
         FROM property_value AS held INDEXED BY property_value_by_record
         JOIN property ON property.tenant = ?1 AND property.id = held.property_id
                          AND property.object_type = ?2
         WHERE held.tenant = ?1 AND held.record_id IN (SELECT value FROM json_each(?3))
         ORDER BY property.seq",
        &[&object_type.name(), &json!(ids).to_string()],
        |row| {
            let data_type: DataType = row.get(2)?;
            let shown = data_type.shown(row.get(3)?);
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, shown))
        },
    )?;
    let mut records: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for (record, name, value) in values {
        records.entry(record).or_default().insert(name, value);
    }
    Ok(records)
}

/// What a stored value is compared and sorted by: texts without regard to case.
fn key(stored: &Value) -> Value {
    match stored {
        Value::Text(text) => Value::Text(folded(text)),
        other => other.clone(),
    }
}

// === impl Property ===

impl Property {
    /// Writes a record's value, or removes it where it is null, and notes the difference.
    fn write(
        &self,
        change: &Change<'_>,
        record_id: &str,
        given: &Json,
        differences: &mut Differences,
    ) -> Result<(), Failure> {
        if self.archived {
            let message = format!("the property {} is archived and takes no values", self.name);
            return Err(Failure::Conflict(message));
        }
        let mut current = self.value(change.view(), record_id)?.map_or(Json::Null, |(value, _)| value);
        if given.is_null() {
            if self.required {
                let message = format!("the property {} is required and cannot be cleared", self.name);
                return Err(Failure::Meaningless(message));
            }
            change.execute(
                "DELETE FROM property_value WHERE tenant = ?1 AND property_id = ?2 AND record_id = ?3",
                &[&self.id, &record_id],
            )?;
            differences.set(&self.name, &mut current, Some(Json::Null));
            return Ok(());
        }
        let stored = self.check(change.view(), record_id, given)?;
        let shown = self.data_type.shown(stored.clone());
        if shown == current {
            return Ok(());
        }
        differences.set(&self.name, &mut current, Some(shown));
        change.execute(
            "INSERT INTO property_value (tenant, property_id, record_id, value, value_key, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (tenant, property_id, record_id)
                 DO UPDATE SET value = ?4, value_key = ?5, updated_at = ?6",
            &[&self.id, &record_id, &stored, &key(&stored), &change.now()],
        )?;
        Ok(())
    }

    /// A caller's value for the record as it is stored.
    fn check(&self, view: &View<'_>, record_id: &str, given: &Json) -> Result<Value, Failure> {
        let stored = self.data_type.stored(&self.name, given)?;
        if let (DataType::Enum, Value::Text(text)) = (self.data_type, &stored)
            && !self.choices().contains(&text.as_str())
        {
            return Err(object::unknown(&format!("option of {}", self.name), text, &self.choices()));
        }
        if self.unique {
            let holder: Option<String> = view.one(
                "SELECT record_id FROM property_value
                 WHERE tenant = ?1 AND property_id = ?2 AND value_key = ?3 AND value = ?4 AND record_id <> ?5",
                &[&self.id, &key(&stored), &stored, &record_id],
                |row| row.get(0),
            )?;
            if let Some(holder) = holder {
                let message =
                    format!("{} is unique, and the record {holder} has the value {given}", self.name);
                return Err(Failure::Conflict(message));
            }
        }
        Ok(stored)
    }

    /// The record's value as answers show it, and when it was set.
    fn value(&self, view: &View<'_>, record_id: &str) -> Result<Option<(Json, String)>, Failure> {
        let held: Option<(Value, String)> = view.one(
            "SELECT value, updated_at FROM property_value
             WHERE tenant = ?1 AND property_id = ?2 AND record_id = ?3",
            &[&self.id, &record_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(held.map(|(value, updated_at)| (self.data_type.shown(value), updated_at)))
    }

    fn show_of(&self, view: &View<'_>, record_id: &str) -> Answer {
        let (value, updated_at) = self.value(view, record_id)?.unzip();
        Ok(json!({
            "object_type": self.object_type,
            "record_id": record_id,
            "property_name": self.name,
            "label": self.label,
            "data_type": self.data_type.name(),
            "value": value,
            "updated_at": updated_at,
        }))
    }
}
