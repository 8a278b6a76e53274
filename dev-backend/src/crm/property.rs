//! Custom properties: the fields that a tenant adds to a type of records.

mod data_type;
mod definition;
mod value;

use rusqlite::Row;
use serde_json::{Value as Json, json};

use super::object::{self, ObjectType};
use crate::database::{View, json_column};
use crate::failure::Failure;

pub(super) use data_type::DataType;
pub(super) use definition::{define, list};
pub(super) use value::{get, of_records, require_all, set, store_all};

/// A defined property.
pub(super) struct Property {
    pub(super) id: String,
    object_type: String,
    pub(super) name: String,
    label: String,
    pub(super) data_type: DataType,
    field_type: Option<String>,
    /// The choices of an enum: `value`, and `label` where it has one.
    options: Json,
    required: bool,
    unique: bool,
    archived: bool,
    description: Option<String>,
    created_at: String,
    updated_at: String,
}

const COLUMNS: &str = "id, object_type, name, label, data_type, field_type, options, required, is_unique, archived, \
                       description, created_at, updated_at";

/// The properties of a type, in the order of their making.
pub(super) fn all(view: &View<'_>, object_type: &ObjectType) -> Result<Vec<Property>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM property WHERE tenant = ?1 AND object_type = ?2 ORDER BY seq");
    view.all(&sql, &[&object_type.name()], Property::read)
}

// === impl Property ===

impl Property {
    /// The property of this name.
    ///
    /// # Errors
    /// An unknown name, with the ones there are.
    fn named(view: &View<'_>, object_type: &ObjectType, name: &str) -> Result<Self, Failure> {
        if let Some(found) = Self::find(view, object_type, name)? {
            return Ok(found);
        }
        let known = all(view, object_type)?;
        if known.is_empty() {
            let message = format!(
                "there is no property {name:?}: {} has none yet, define_property makes one",
                object_type.name()
            );
            return Err(Failure::Meaningless(message));
        }
        let known: Vec<&str> = known.iter().map(|property| property.name.as_str()).collect();
        Err(object::unknown(&format!("property of {}", object_type.name()), name, &known))
    }

    fn find(view: &View<'_>, object_type: &ObjectType, name: &str) -> Result<Option<Self>, Failure> {
        let sql =
            format!("SELECT {COLUMNS} FROM property WHERE tenant = ?1 AND object_type = ?2 AND name = ?3");
        view.one(&sql, &[&object_type.name(), &name], Self::read)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            object_type: row.get(1)?,
            name: row.get(2)?,
            label: row.get(3)?,
            data_type: row.get(4)?,
            field_type: row.get(5)?,
            options: json_column(row, 6)?,
            required: row.get(7)?,
            unique: row.get(8)?,
            archived: row.get(9)?,
            description: row.get(10)?,
            created_at: row.get(11)?,
            updated_at: row.get(12)?,
        })
    }

    /// The values of the choices.
    fn choices(&self) -> Vec<&str> {
        let options = self.options.as_array().map(Vec::as_slice).unwrap_or_default();
        options.iter().filter_map(|option| option.get("value").and_then(Json::as_str)).collect()
    }

    fn show(&self) -> Json {
        json!({
            "type": "property",
            "id": self.id,
            "object_type": self.object_type,
            "name": self.name,
            "label": self.label,
            "data_type": self.data_type.name(),
            "field_type": self.field_type,
            "options": self.options,
            "required": self.required,
            "unique_property": self.unique,
            "archived": self.archived,
            "description": self.description,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}
