//! Who owns a record, and who is meant to see it. Ownership is kept and shown; searches do not hide by it.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{team, user};
use crate::call::Call;
use crate::crm::object::{ObjectType, unknown};
use crate::database::{Change, View};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::Differences;
use crate::service::Answer;

/// Who may be meant to see a record.
const VISIBILITIES: [&str; 3] = ["private", "team", "tenant"];

/// Who owns a record.
pub(in crate::crm) struct Ownership {
    owner_user_id: Option<String>,
    owner_team_id: Option<String>,
    visibility: String,
    updated_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assign {
    entity_type: String,
    entity_id: String,
    owner_user_id: Option<String>,
    owner_team_id: Option<String>,
    visibility: Option<String>,
}

/// Sets the given parts of a record's ownership.
pub(in crate::crm) fn assign(change: &Change<'_>, call: &Call) -> Answer {
    let given: Assign = call.input()?;
    let view = change.view();
    if given.owner_user_id.is_none() && given.owner_team_id.is_none() && given.visibility.is_none() {
        let message = "give at least one of owner_user_id, owner_team_id and visibility".to_owned();
        return Err(Failure::Meaningless(message));
    }
    if let Some(visibility) = given.visibility.as_deref().filter(|given| !VISIBILITIES.contains(given)) {
        return Err(unknown("visibility", visibility, &VISIBILITIES));
    }
    let object_type = ObjectType::named(view, &given.entity_type)?;
    let record = object_type.record(view, &given.entity_id)?;
    if let Some(id) = &given.owner_user_id {
        let user = user::by_id(view, "owner_user_id", id)?;
        if !user.is_active {
            return Err(Failure::Conflict(format!("user {} is not active and can own nothing", user.name())));
        }
    }
    if let Some(id) = &given.owner_team_id {
        team::by_id(view, "owner_team_id", id)?;
    }
    let mut ownership = Ownership::of(view, record.kind.name(), &record.id)?;
    let mut differences = Differences::default();
    differences.set("owner_user_id", &mut ownership.owner_user_id, given.owner_user_id.map(Some));
    differences.set("owner_team_id", &mut ownership.owner_team_id, given.owner_team_id.map(Some));
    differences.set("visibility", &mut ownership.visibility, given.visibility);
    if !differences.is_empty() {
        ownership.updated_at = Some(change.now().to_owned());
        ownership.store(change, record.kind.name(), &record.id)?;
        change.record(&Event {
            kind: "owner.assigned",
            subject: record.entity(),
            concerns: Vec::new(),
            summary: format!("Ownership of {} changed: {}", record.name, differences.fields().join(", ")),
            details: differences.into_details(),
        })?;
    }
    let mut shown = ownership.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("entity_type".to_owned(), json!(record.kind.name()));
        fields.insert("entity_id".to_owned(), json!(record.id));
    }
    Ok(shown)
}

// === impl Ownership ===

impl Ownership {
    /// The ownership of a record; of nobody where none was assigned.
    pub(in crate::crm) fn of(view: &View<'_>, entity_type: &str, entity_id: &str) -> Result<Self, Failure> {
        let found = view.one(
            "SELECT owner_user_id, owner_team_id, visibility, updated_at FROM ownership
             WHERE tenant = ?1 AND entity_type = ?2 AND entity_id = ?3",
            &[&entity_type, &entity_id],
            |row: &Row<'_>| {
                Ok(Self {
                    owner_user_id: row.get(0)?,
                    owner_team_id: row.get(1)?,
                    visibility: row.get(2)?,
                    updated_at: row.get(3)?,
                })
            },
        )?;
        Ok(found.unwrap_or_else(|| Self {
            owner_user_id: None,
            owner_team_id: None,
            visibility: "tenant".to_owned(),
            updated_at: None,
        }))
    }

    /// The ownership as answers show it.
    pub(in crate::crm) fn show(&self) -> Json {
        json!({
            "owner_user_id": self.owner_user_id,
            "owner_team_id": self.owner_team_id,
            "visibility": self.visibility,
            "updated_at": self.updated_at,
        })
    }

    fn store(&self, change: &Change<'_>, entity_type: &str, entity_id: &str) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO ownership (tenant, entity_type, entity_id, owner_user_id, owner_team_id, visibility,
                                    updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET owner_user_id = excluded.owner_user_id,
                 owner_team_id = excluded.owner_team_id, visibility = excluded.visibility,
                 updated_at = excluded.updated_at",
            &[
                &entity_type,
                &entity_id,
                &self.owner_user_id,
                &self.owner_team_id,
                &self.visibility,
                &self.updated_at,
            ],
        )?;
        Ok(())
    }
}
