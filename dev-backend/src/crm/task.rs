//! Tasks: what somebody has to do about a record, until it is done.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::object::ObjectType;
use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::failure::Failure;
use crate::input;
use crate::moment;
use crate::service::Answer;

/// A stored task.
struct Task {
    id: String,
    entity_type: String,
    entity_id: String,
    subject: String,
    description: String,
    due_at: Option<String>,
    created_by: String,
    created_at: String,
    completed_by: Option<String>,
    completed_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    entity_type: String,
    entity_id: String,
    subject: String,
    description: Option<String>,
    due_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Complete {
    task_id: String,
}

/// Creates a task on a record.
pub(super) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let given: Create = call.input()?;
    let object_type = ObjectType::named(change.view(), &given.entity_type)?;
    let subject = input::line("subject", &given.subject)?;
    let due_at = given.due_at.as_deref().map(|due| moment::given("due_at", due)).transpose()?;
    let record = object_type.record(change.view(), &given.entity_id)?;
    let task = Task {
        id: change.new_id(EntityKind::Task),
        entity_type: object_type.name().to_owned(),
        entity_id: record.id.clone(),
        subject,
        description: given.description.unwrap_or_default(),
        due_at,
        created_by: change.actor().to_owned(),
        created_at: change.now().to_owned(),
        completed_by: None,
        completed_at: None,
    };
    task.insert(change)?;
    let summary = format!("Task {} created for {}", task.subject, record.name);
    task.record(change, "task.created", record.entity(), summary)?;
    Ok(task.show())
}

/// Marks a task as done; one that is done already stays as it is.
pub(super) fn complete(change: &Change<'_>, call: &Call) -> Answer {
    let Complete { task_id } = call.input()?;
    let mut task = Task::find(change.view(), &task_id)?;
    if task.completed_at.is_some() {
        return Ok(task.show());
    }
    task.completed_by = Some(change.actor().to_owned());
    task.completed_at = Some(change.now().to_owned());
    change.execute(
        "UPDATE task SET completed_by = ?3, completed_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[&task.id, &task.completed_by, &task.completed_at],
    )?;
    let object_type = ObjectType::named(change.view(), &task.entity_type)?;
    let entity = object_type.kind().with_id(&task.entity_id);
    task.record(change, "task.completed", entity, format!("Task {} completed", task.subject))?;
    Ok(task.show())
}

// === impl Task ===

impl Task {
    fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql = "SELECT id, entity_type, entity_id, subject, description, due_at, created_by, created_at,
                          completed_by, completed_at
                   FROM task WHERE tenant = ?1 AND id = ?2";
        let absent = || Failure::NotFound(format!("there is no task {id:?}"));
        view.one(sql, &[&id], Self::read)?.ok_or_else(absent)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entity_type: row.get(1)?,
            entity_id: row.get(2)?,
            subject: row.get(3)?,
            description: row.get(4)?,
            due_at: row.get(5)?,
            created_by: row.get(6)?,
            created_at: row.get(7)?,
            completed_by: row.get(8)?,
            completed_at: row.get(9)?,
        })
    }

    fn show(&self) -> Json {
        json!({
            "type": "task",
            "id": self.id,
            "entity_type": self.entity_type,
            "entity_id": self.entity_id,
            "subject": self.subject,
            "description": self.description,
            "due_at": self.due_at,
            "status": if self.completed_at.is_some() { "done" } else { "open" },
            "created_by": self.created_by,
            "created_at": self.created_at,
            "completed_by": self.completed_by,
            "completed_at": self.completed_at,
        })
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO task (tenant, id, entity_type, entity_id, subject, description, due_at, created_by,
                               created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &[
                &self.id,
                &self.entity_type,
                &self.entity_id,
                &self.subject,
                &self.description,
                &self.due_at,
                &self.created_by,
                &self.created_at,
            ],
        )?;
        Ok(())
    }

    fn record(
        &self,
        change: &Change<'_>,
        kind: &'static str,
        about: Entity<'_>,
        summary: String,
    ) -> Result<(), Failure> {
        change.record(&Event {
            kind,
            subject: EntityKind::Task.with_id(&self.id),
            concerns: vec![about],
            summary,
            details: json!({"task_id": self.id, "subject": self.subject, "due_at": self.due_at}),
        })
    }
}
