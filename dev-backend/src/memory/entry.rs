//! One memory as it is stored and shown.

use rusqlite::Row;
use serde_json::{Value as Json, json};

use crate::database::{View, json_column};
use crate::failure::Failure;

/// A stored memory.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) content: String,
    pub(crate) tags: Json,
    pub(super) status: String,
    pub(crate) created_at: String,
    pub(super) updated_at: String,
}

/// The columns that [`Entry::read`] reads, of a table or alias `memory`.
pub(super) const COLUMNS: &str = "memory.id, memory.kind, memory.content, memory.tags, memory.status, \
                                  memory.created_at, memory.updated_at";

// === impl Entry ===

impl Entry {
    /// The entry in a row that starts with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            content: row.get(2)?,
            tags: json_column(row, 3)?,
            status: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    }

    /// The memory with this id, a softly deleted one included.
    ///
    /// # Errors
    /// No such memory.
    pub(super) fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql = format!("SELECT {COLUMNS} FROM memory WHERE tenant = ?1 AND id = ?2");
        view.one(&sql, &[&id], Self::read)?.ok_or_else(|| absent(id))
    }

    /// The entry as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({
            "id": self.id,
            "kind": self.kind,
            "content": self.content,
            "tags": self.tags,
            "status": self.status,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

/// The failure that names a memory nobody can find.
pub(super) fn absent(id: &str) -> Failure {
    Failure::NotFound(format!("there is no memory {id:?}"))
}
