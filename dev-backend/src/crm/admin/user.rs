//! Users: one per id in the identity provider.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::crm::contact;
use crate::crm::gdpr::refuse_blocked;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{self, Differences};
use crate::service::Answer;

/// A stored user.
pub(super) struct User {
    pub(super) id: String,
    external_id: String,
    email: Option<String>,
    display_name: Option<String>,
    role: String,
    pub(super) is_active: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upsert {
    external_id: String,
    email: Option<String>,
    display_name: Option<String>,
    role: Option<String>,
    is_active: Option<bool>,
}

/// Creates the user or changes the given fields of the one that is there.
pub(in crate::crm) fn upsert(change: &Change<'_>, call: &Call) -> Answer {
    let given: Upsert = call.input()?;
    let external_id = input::line("external_id", &given.external_id)?;
    let email = match input::optional_line("email", given.email.as_deref())? {
        Some(Some(email)) => Some(Some(contact::address(&email)?)),
        Some(None) => Some(None),
        None => None,
    };
    let display_name = input::optional_line("display_name", given.display_name.as_deref())?;
    let role = given.role.as_deref().map(|role| input::line("role", role)).transpose()?;
    let known = by_external_id(change.view(), &external_id)?;
    let created = known.is_none();
    let mut user = known.unwrap_or_else(|| User::new(change, external_id));
    let mut differences = Differences::default();
    differences.set("email", &mut user.email, email);
    differences.set("display_name", &mut user.display_name, display_name);
    differences.set("role", &mut user.role, role);
    differences.set("is_active", &mut user.is_active, given.is_active);
    if let Some(email) = &user.email {
        refuse_blocked(change.view(), email)?;
    }
    let changed = differences.fields();
    if created {
        user.insert(change)?;
    } else if !differences.is_empty() {
        user.update(change, differences)?;
    }
    let mut shown = user.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created".to_owned(), json!(created));
        fields.insert("changed".to_owned(), json!(if created { Vec::new() } else { changed }));
    }
    Ok(shown)
}

/// The user with this id.
///
/// # Errors
/// No such user.
pub(super) fn by_id(view: &View<'_>, field: &str, id: &str) -> Result<User, Failure> {
    view.one(&format!("{SELECT} AND id = ?2"), &[&id], User::read)?
        .ok_or_else(|| Failure::NotFound(format!("there is no user {id:?} ({field})")))
}

const SELECT: &str = "SELECT id, external_id, email, display_name, role, is_active, created_at, updated_at \
                      FROM user WHERE tenant = ?1";

fn by_external_id(view: &View<'_>, external_id: &str) -> Result<Option<User>, Failure> {
    view.one(&format!("{SELECT} AND external_id = ?2"), &[&external_id], User::read)
}

// === impl User ===

impl User {
    fn new(change: &Change<'_>, external_id: String) -> Self {
        Self {
            id: change.new_id(EntityKind::User),
            external_id,
            email: None,
            display_name: None,
            role: "agent".to_owned(),
            is_active: true,
            created_at: change.now().to_owned(),
            updated_at: change.now().to_owned(),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            external_id: row.get(1)?,
            email: row.get(2)?,
            display_name: row.get(3)?,
            role: row.get(4)?,
            is_active: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
        })
    }

    /// What to call the user.
    pub(super) fn name(&self) -> &str {
        self.display_name.as_deref().or(self.email.as_deref()).unwrap_or(&self.external_id)
    }

    fn show(&self) -> Json {
        json!({
            "type": "user",
            "id": self.id,
            "external_id": self.external_id,
            "email": self.email,
            "display_name": self.display_name,
            "role": self.role,
            "is_active": self.is_active,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO user (tenant, id, external_id, email, display_name, role, is_active, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
            &[
                &self.id,
                &self.external_id,
                &self.email,
                &self.display_name,
                &self.role,
                &self.is_active,
                &self.created_at,
            ],
        )?;
        change.record(&Event {
            kind: "user.created",
            subject: EntityKind::User.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("User {} created", self.name()),
            details: json!({"external_id": self.external_id, "role": self.role}),
        })
    }

    fn update(&mut self, change: &Change<'_>, differences: Differences) -> Result<(), Failure> {
        self.updated_at = change.now().to_owned();
        change.execute(
            "UPDATE user SET email = ?3, display_name = ?4, role = ?5, is_active = ?6, updated_at = ?7
             WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &self.email, &self.display_name, &self.role, &self.is_active, &self.updated_at],
        )?;
        change.record(&Event {
            kind: "user.updated",
            subject: EntityKind::User.with_id(&self.id),
            concerns: Vec::new(),
            summary: format!("User {} updated: {}", self.name(), differences.fields().join(", ")),
            details: differences.into_details(),
        })
    }
}
