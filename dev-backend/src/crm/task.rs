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

/// A task to be: what it is about, what that is called, and what is to be done.
pub(crate) struct NewTask<'t> {
    pub(crate) about: Entity<'t>,
    pub(crate) name: &'t str,
    pub(crate) subject: String,
    pub(crate) description: String,
    pub(crate) due_at: Option<String>,
}

/// A stored task.
pub(crate) struct Task {
    pub(crate) id: String,
    entity_type: String,
    entity_id: String,
    pub(crate) subject: String,
    description: String,
    pub(crate) due_at: Option<String>,
    created_by: String,
    created_at: String,
    completed_by: Option<String>,
    completed_at: Option<String>,
}

/// The columns that [`Task::read`] reads.
const COLUMNS: &str = "id, entity_type, entity_id, subject, description, due_at, created_by, created_at, \
                       completed_by, completed_at";

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
    let description = given.description.unwrap_or_default();
    let new = NewTask { about: record.entity(), name: &record.name, subject, description, due_at };
    Ok(new.create(change)?.show())
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
    // A task is on a record, or on the conversation that it came up in.
    let object_type = ObjectType::find(change.view(), &task.entity_type)?;
    let kind = object_type.as_ref().map_or(EntityKind::Conversation, ObjectType::kind);
    let summary = format!("Task {} completed", task.subject);
    task.record(change, "task.completed", kind.with_id(&task.entity_id), summary)?;
    Ok(task.show())
}

/// The open tasks that are due from one moment until before another, the most urgent first, and how many there
/// are in all.
pub(crate) fn due(view: &View<'_>, from: &str, before: &str, most: u32) -> Result<(Vec<Task>, i64), Failure> {
    let due = "FROM task WHERE tenant = ?1 AND completed_at IS NULL AND due_at >= ?2 AND due_at < ?3";
    let total = view.count(&format!("SELECT count(*) {due}"), &[&from, &before])?;
    let sql = format!("SELECT {COLUMNS} {due} ORDER BY due_at, seq LIMIT ?4");
    Ok((view.all(&sql, &[&from, &before, &most], Task::read)?, total))
}

/// The open tasks about something, the oldest first.
pub(crate) fn open_about(view: &View<'_>, about: Entity<'_>, most: u32) -> Result<Vec<Task>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM task WHERE tenant = ?1 AND entity_type = ?2 AND entity_id = ?3
                                          AND completed_at IS NULL ORDER BY seq LIMIT ?4"
    );
    view.all(&sql, &[&about.kind.name(), &about.id, &most], Task::read)
}

// === impl NewTask ===

impl NewTask<'_> {
    /// Creates the task.
    pub(crate) fn create(self, change: &Change<'_>) -> Result<Task, Failure> {
        let task = Task {
            id: change.new_id(EntityKind::Task),
            entity_type: self.about.kind.name().to_owned(),
            entity_id: self.about.id.to_owned(),
            subject: self.subject,
            description: self.description,
            due_at: self.due_at,
            created_by: change.actor().to_owned(),
            created_at: change.now().to_owned(),
            completed_by: None,
            completed_at: None,
        };
        task.insert(change)?;
        let summary = format!("Task {} created for {}", task.subject, self.name);
        task.record(change, "task.created", self.about, summary)?;
        Ok(task)
    }

    /// The open task that says the same of the same thing, where there is one.
    pub(crate) fn known(&self, view: &View<'_>) -> Result<Option<Task>, Failure> {
        let sql = format!(
            "SELECT {COLUMNS} FROM task WHERE tenant = ?1 AND entity_type = ?2 AND entity_id = ?3
                                              AND subject = ?4 AND due_at IS ?5 AND completed_at IS NULL"
        );
        let Self { about, subject, due_at, .. } = self;
        view.one(&sql, &[&about.kind.name(), &about.id, subject, due_at], Task::read)
    }
}

// === impl Task ===

impl Task {
    fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql = format!("SELECT {COLUMNS} FROM task WHERE tenant = ?1 AND id = ?2");
        let absent = || Failure::NotFound(format!("there is no task {id:?}"));
        view.one(&sql, &[&id], Self::read)?.ok_or_else(absent)
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
