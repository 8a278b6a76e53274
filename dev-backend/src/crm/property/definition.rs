//! Defining properties. A definition replaces the former one of the same name, as far as the values that
//! are stored allow.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DataType, Property, all};
use crate::call::Call;
use crate::crm::field;
use crate::crm::object::ObjectType;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::list::Page;
use crate::service::Answer;
use crate::shown;

/// The most properties of one type.
const MOST: usize = 500;
/// The most options of one property.
const MOST_OPTIONS: usize = 200;
/// The longest name in characters.
const LONGEST_NAME: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Define {
    object_type: String,
    name: String,
    label: Option<String>,
    data_type: Option<String>,
    field_type: Option<String>,
    options: Option<Vec<Choice>>,
    required: Option<bool>,
    unique_property: Option<bool>,
    archived: Option<bool>,
    description: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    object_type: String,
}

/// Defines a property, or defines it anew.
pub(in crate::crm) fn define(change: &Change<'_>, call: &Call) -> Answer {
    let given: Define = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.object_type)?;
    let name = name(&object_type, &given.name)?;
    let data_type = DataType::named(given.data_type.as_deref().unwrap_or("string"))?;
    let options = json!(options(data_type, given.options.unwrap_or_default())?);
    let label = input::optional_line("label", given.label.as_deref())?.flatten();
    let siblings = all(change.view(), &object_type)?;
    let count = siblings.len();
    let known = siblings.into_iter().find(|property| property.name == name);
    if known.is_none() && count >= MOST {
        let message = format!("{} has {MOST} properties already, and no more fit", object_type.name());
        return Err(Failure::Conflict(message));
    }
    let property = Property {
        id: known.as_ref().map_or_else(|| change.new_id(EntityKind::Property), |known| known.id.clone()),
        object_type: object_type.name().to_owned(),
        label: label.unwrap_or_else(|| name.clone()),
        name,
        data_type,
        field_type: input::optional_line("field_type", given.field_type.as_deref())?.flatten(),
        options,
        required: given.required.unwrap_or(false),
        unique: given.unique_property.unwrap_or(false),
        archived: given.archived.unwrap_or(false),
        description: given.description.filter(|description| !description.trim().is_empty()),
        created_at: known.as_ref().map_or(change.now(), |known| &known.created_at).to_owned(),
        updated_at: known.as_ref().map_or(change.now(), |known| &known.updated_at).to_owned(),
    };
    if let Some(known) = &known {
        if known.show() == property.show() {
            return Ok(shown::with(property.show(), "created", json!(false)));
        }
        property.fits_what_is_stored(change.view(), known)?;
    }
    property.store(change, known.is_none())
}

/// Lists the properties of a type.
pub(in crate::crm) fn list(view: &View<'_>, call: &Call) -> Answer {
    let List { object_type } = call.input()?;
    let object_type = ObjectType::named(view, &object_type)?;
    let items: Vec<_> = all(view, &object_type)?.iter().map(Property::show).collect();
    let total = items.len() as i64;
    Ok(Page { limit: u32::MAX, offset: 0 }.answer(items, total))
}

/// A name that filters, JSON and people can write alike, and that no field of the type has.
fn name(object_type: &ObjectType, given: &str) -> Result<String, Failure> {
    let name = given.trim();
    let usable = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_'))
        && name.len() <= LONGEST_NAME;
    if !usable {
        return Err(Failure::Meaningless(format!(
            "name {given:?} must begin with a letter a-z and have up to {LONGEST_NAME} of a-z, 0-9 and _"
        )));
    }
    if field::is_built_in(object_type, name) {
        let message = format!("{} has a field {name} of its own; choose another name", object_type.name());
        return Err(Failure::Conflict(message));
    }
    Ok(name.to_owned())
}

fn options(data_type: DataType, given: Vec<Choice>) -> Result<Vec<Choice>, Failure> {
    let refused = |message: String| Err(Failure::Meaningless(message));
    match (data_type, given.len()) {
        (DataType::Enum, 0) => return refused("an enum needs options to choose from".to_owned()),
        (DataType::Enum, count) if count > MOST_OPTIONS => {
            return refused(format!("an enum has at most {MOST_OPTIONS} options, not {count}"));
        }
        (DataType::Enum, _) | (_, 0) => {}
        _ => return refused(format!("options are for data_type enum, not {}", data_type.name())),
    }
    let mut options: Vec<Choice> = Vec::with_capacity(given.len());
    for choice in given {
        let value = input::line("an option's value", &choice.value)?;
        let label = input::optional_line("an option's label", choice.label.as_deref())?.flatten();
        if options.iter().any(|other| other.value == value) {
            return refused(format!("the option {value:?} is given twice"));
        }
        options.push(Choice { value, label });
    }
    Ok(options)
}

// === impl Property ===

impl Property {
    /// Refuses a definition that contradicts values that are stored.
    fn fits_what_is_stored(&self, view: &View<'_>, former: &Self) -> Result<(), Failure> {
        let conflict = |message: String| Err(Failure::Conflict(message));
        let values = "SELECT count(*) FROM property_value WHERE tenant = ?1 AND property_id = ?2";
        let count = view.count(values, &[&self.id])?;
        if count > 0 && former.data_type != self.data_type {
            return conflict(format!(
                "{} has {count} values of type {}, so its type cannot change to {}",
                self.name,
                former.data_type.name(),
                self.data_type.name()
            ));
        }
        let twice: Option<i64> = view.one(
            "SELECT count(*) FROM property_value WHERE tenant = ?1 AND property_id = ?2
             GROUP BY value HAVING count(*) > 1",
            &[&self.id],
            |row| row.get(0),
        )?;
        if let (true, Some(records)) = (self.unique, twice) {
            return conflict(format!(
                "{records} records share a value of {}, so it cannot become unique",
                self.name
            ));
        }
        if self.data_type == DataType::Enum {
            let unlisted: Option<String> = view.one(
                "SELECT value FROM property_value WHERE tenant = ?1 AND property_id = ?2
                 AND value NOT IN (SELECT value FROM json_each(?3))",
                &[&self.id, &json!(self.choices()).to_string()],
                |row| row.get(0),
            )?;
            if let Some(value) = unlisted {
                return conflict(format!(
                    "records have the value {value:?} of {}, so it must stay",
                    self.name
                ));
            }
        }
        Ok(())
    }

    fn store(mut self, change: &Change<'_>, created: bool) -> Answer {
        self.updated_at = change.now().to_owned();
        change.execute(
            "INSERT INTO property (tenant, id, object_type, name, label, data_type, field_type, options, required,
                                   is_unique, archived, description, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (tenant, id) DO UPDATE
             SET label = ?5, data_type = ?6, field_type = ?7, options = ?8, required = ?9, is_unique = ?10,
                 archived = ?11, description = ?12, updated_at = ?14",
            &[
                &self.id,
                &self.object_type,
                &self.name,
                &self.label,
                &self.data_type.name(),
                &self.field_type,
                &self.options.to_string(),
                &self.required,
                &self.unique,
                &self.archived,
                &self.description,
                &self.created_at,
                &self.updated_at,
            ],
        )?;
        let (kind, verb) =
            if created { ("property.created", "defined") } else { ("property.updated", "defined anew") };
        change.record(&Event {
            kind,
            subject: EntityKind::Property.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("Property {} of {} {verb}", self.name, self.object_type),
            details: self.show(),
        })?;
        Ok(shown::with(self.show(), "created", json!(created)))
    }
}
