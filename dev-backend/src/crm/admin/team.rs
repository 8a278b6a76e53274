//! Teams, which stand below one another, and their members. A team is known by its name.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::user;
use crate::call::Call;
use crate::database::{Change, View, folded};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::service::Answer;

/// A stored team.
pub(super) struct Team {
    pub(super) id: String,
    pub(super) name: String,
    parent_team_id: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    parent_team_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddMember {
    team_id: String,
    user_id: String,
    role: Option<String>,
}

const SELECT: &str = "SELECT id, name, parent_team_id, created_at, updated_at FROM team WHERE tenant = ?1";

/// Creates the team, or puts the one of this name below the given one.
pub(in crate::crm) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let Create { name, parent_team_id } = call.input()?;
    let name = input::line("name", &name)?;
    let parent =
        parent_team_id.map(|id| by_id(change.view(), "parent_team_id", &id)).transpose()?.map(|team| team.id);
    let sql = format!("{SELECT} AND name_key = ?2");
    let known = change.view().one(&sql, &[&folded(&name)], Team::read)?;
    let created = known.is_none();
    let team = match known {
        None => insert(change, name, parent)?,
        Some(team) if parent.is_none() || team.parent_team_id == parent => team,
        Some(team) => place_below(change, team, parent)?,
    };
    let mut shown = team.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created".to_owned(), json!(created));
    }
    Ok(shown)
}

/// Puts a user into a team, or gives the member another role.
pub(in crate::crm) fn add_member(change: &Change<'_>, call: &Call) -> Answer {
    let AddMember { team_id, user_id, role } = call.input()?;
    let role = input::line("role", role.as_deref().unwrap_or("member"))?;
    let team = by_id(change.view(), "team_id", &team_id)?;
    let user = user::by_id(change.view(), "user_id", &user_id)?;
    let known = change.view().one(
        "SELECT role, added_at FROM team_member WHERE tenant = ?1 AND team_id = ?2 AND user_id = ?3",
        &[&team.id, &user.id],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    )?;
    let (former, added_at) = known.unzip();
    if former.as_ref() != Some(&role) {
        change.execute(
            "INSERT INTO team_member (tenant, team_id, user_id, role, added_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET role = excluded.role",
            &[&team.id, &user.id, &role, &change.now()],
        )?;
        change.record(&Event {
            kind: if former.is_none() { "team.member_added" } else { "team.member_updated" },
            subject: EntityKind::Team.with_id(&team.id),
            concerns: vec![EntityKind::User.with_id(&user.id)],
            summary: format!("{} is {role} of team {}", user.name(), team.name),
            details: json!({"user_id": user.id, "role": role, "former_role": former}),
        })?;
    }
    Ok(json!({
        "type": "team_member",
        "team_id": team.id,
        "user_id": user.id,
        "role": role,
        "added_at": added_at.as_deref().unwrap_or(change.now()),
        "created": former.is_none(),
    }))
}

/// The team with this id.
///
/// # Errors
/// No such team.
pub(super) fn by_id(view: &View<'_>, field: &str, id: &str) -> Result<Team, Failure> {
    view.one(&format!("{SELECT} AND id = ?2"), &[&id], Team::read)?
        .ok_or_else(|| Failure::NotFound(format!("there is no team {id:?} ({field})")))
}

fn insert(change: &Change<'_>, name: String, parent: Option<String>) -> Result<Team, Failure> {
    let now = change.now().to_owned();
    let id = change.new_id(EntityKind::Team);
    let team = Team { id, name, parent_team_id: parent, created_at: now.clone(), updated_at: now };
    change.execute(
        "INSERT INTO team (tenant, id, name, name_key, parent_team_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        &[&team.id, &team.name, &folded(&team.name), &team.parent_team_id, &team.created_at],
    )?;
    change.record(&Event {
        kind: "team.created",
        subject: EntityKind::Team.with_id(&team.id),
        concerns: Vec::new(),
        summary: format!("Team {} created", team.name),
        details: json!({"name": team.name, "parent_team_id": team.parent_team_id}),
    })?;
    Ok(team)
}

fn place_below(change: &Change<'_>, mut team: Team, parent: Option<String>) -> Result<Team, Failure> {
    let circle = change.view().count(
        "WITH RECURSIVE above (id) AS (
             SELECT ?2
             UNION SELECT team.parent_team_id FROM above JOIN team ON team.tenant = ?1 AND team.id = above.id
         )
         SELECT count(*) FROM above WHERE id = ?3",
        &[&parent, &team.id],
    )?;
    if circle > 0 {
        let message = format!("team {} cannot stand below itself or below a team under it", team.name);
        return Err(Failure::Conflict(message));
    }
    let former = std::mem::replace(&mut team.parent_team_id, parent);
    team.updated_at = change.now().to_owned();
    change.execute(
        "UPDATE team SET parent_team_id = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[&team.id, &team.parent_team_id, &team.updated_at],
    )?;
    change.record(&Event {
        kind: "team.updated",
        subject: EntityKind::Team.with_id(&team.id),
        concerns: Vec::new(),
        summary: format!("Team {} put below another", team.name),
        details: json!({"changes": {"parent_team_id": {"from": former, "to": team.parent_team_id}}}),
    })?;
    Ok(team)
}

// === impl Team ===

impl Team {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            parent_team_id: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
        })
    }

    fn show(&self) -> Json {
        json!({
            "type": "team",
            "id": self.id,
            "name": self.name,
            "parent_team_id": self.parent_team_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}
