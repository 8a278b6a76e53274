//! The types of records that a tenant defines itself, beside contacts, companies and deals.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{self, Differences};
use crate::service::Answer;
use crate::shown;

/// The most types of one tenant.
const MOST: i64 = 200;

/// What a tenant's own type cannot be called, since answers and events call other things so.
const TAKEN: [&str; 22] = [
    "api_key",
    "association",
    "blocklist_entry",
    "call",
    "company",
    "contact",
    "deal",
    "email",
    "event",
    "import",
    "meeting",
    "memory",
    "note",
    "object_type",
    "pipeline",
    "property",
    "segment",
    "stage",
    "task",
    "team",
    "user",
    "webhook",
];

/// A stored type.
pub(super) struct CustomType {
    id: String,
    pub(super) key: String,
    pub(super) label: String,
    plural_label: String,
    description: Option<String>,
    pub(super) archived: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Define {
    object_type: String,
    label: String,
    plural_label: String,
    description: Option<String>,
    archived: Option<bool>,
}

/// Defines a type, or changes the one of this key.
pub(super) fn define(change: &Change<'_>, call: &Call) -> Answer {
    let given: Define = call.input()?;
    let key = key(&given.object_type)?;
    let label = input::line("label", &given.label)?;
    let plural_label = input::line("plural_label", &given.plural_label)?;
    let description = given.description.map(|text| Some(text).filter(|text| !text.trim().is_empty()));
    let known = by_key(change.view(), &key)?;
    let created = known.is_none();
    let mut defined = match known {
        Some(known) => known,
        None => CustomType::insert(change, key, &label, &plural_label)?,
    };
    let mut differences = Differences::default();
    differences.set("label", &mut defined.label, Some(label));
    differences.set("plural_label", &mut defined.plural_label, Some(plural_label));
    differences.set("description", &mut defined.description, description);
    differences.set("archived", &mut defined.archived, given.archived);
    if created || !differences.is_empty() {
        defined.save(change)?;
        let (kind, verb) = if created {
            ("object_type.created", "defined")
        } else {
            ("object_type.updated", "defined anew")
        };
        change.record(&Event {
            kind,
            subject: EntityKind::ObjectType.with_id(&defined.id),
            concerns: Vec::new(),
            summary: format!("Object type {} {verb}", defined.key),
            details: defined.show(),
        })?;
    }
    Ok(shown::with(defined.show(), "created", json!(created)))
}

/// The type of this key.
pub(super) fn by_key(view: &View<'_>, key: &str) -> Result<Option<CustomType>, Failure> {
    let sql = "SELECT id, key, label, plural_label, description, archived, created_at, updated_at
               FROM object_type WHERE tenant = ?1 AND key = ?2";
    view.one(sql, &[&key], CustomType::read)
}

fn key(given: &str) -> Result<String, Failure> {
    let usable = given.starts_with(|first: char| first.is_ascii_lowercase())
        && given.len() <= 64
        && given.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !usable {
        let message =
            format!("object_type {given:?} must begin with a letter a-z and have up to 64 of a-z, 0-9 and _");
        return Err(Failure::Meaningless(message));
    }
    if TAKEN.contains(&given) {
        return Err(Failure::Conflict(format!("{given} is a type of the CRM itself; choose another key")));
    }
    Ok(given.to_owned())
}

// === impl CustomType ===

impl CustomType {
    fn insert(change: &Change<'_>, key: String, label: &str, plural_label: &str) -> Result<Self, Failure> {
        if change.view().count("SELECT count(*) FROM object_type WHERE tenant = ?1", &[])? >= MOST {
            return Err(Failure::Conflict(format!("there are {MOST} object types already")));
        }
        let defined = Self {
            id: change.new_id(EntityKind::ObjectType),
            key,
            label: label.to_owned(),
            plural_label: plural_label.to_owned(),
            description: None,
            archived: false,
            created_at: change.now().to_owned(),
            updated_at: change.now().to_owned(),
        };
        change.execute(
            "INSERT INTO object_type (tenant, id, key, label, plural_label, archived, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, FALSE, ?6, ?6)",
            &[&defined.id, &defined.key, &defined.label, &defined.plural_label, &defined.created_at],
        )?;
        Ok(defined)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            label: row.get(2)?,
            plural_label: row.get(3)?,
            description: row.get(4)?,
            archived: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
        })
    }

    fn save(&mut self, change: &Change<'_>) -> Result<(), Failure> {
        self.updated_at = change.now().to_owned();
        change.execute(
            "UPDATE object_type SET label = ?3, plural_label = ?4, description = ?5, archived = ?6, updated_at = ?7
             WHERE tenant = ?1 AND id = ?2",
            &[
                &self.id,
                &self.label,
                &self.plural_label,
                &self.description,
                &self.archived,
                &self.updated_at,
            ],
        )?;
        Ok(())
    }

    fn show(&self) -> Json {
        json!({
            "type": "object_type",
            "id": self.id,
            "object_type": self.key,
            "label": self.label,
            "plural_label": self.plural_label,
            "description": self.description,
            "archived": self.archived,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}
