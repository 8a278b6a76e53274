//! Deleting a memory: softly, so that no search finds it but the row stays, or for good.

use serde::Deserialize;
use serde_json::json;

use super::entry::{Entry, absent};
use crate::call::Call;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    memory_id: String,
    soft_delete: Option<bool>,
}

/// Deletes a memory. A softly deleted one can still be erased, and only that.
pub(super) fn delete(change: &Change<'_>, call: &Call) -> Answer {
    let Delete { memory_id, soft_delete } = call.input()?;
    let soft_delete = soft_delete.unwrap_or(true);
    let entry = Entry::find(change.view(), &memory_id)?;
    if soft_delete && entry.status == "deleted" {
        return Err(absent(&memory_id));
    }
    // The index entry goes with either, by the table's triggers.
    let (status, kind) = if soft_delete {
        change.execute(
            "UPDATE memory SET status = 'deleted', updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
            &[&entry.id, &change.now()],
        )?;
        ("deleted", "memory.deleted")
    } else {
        change.execute("DELETE FROM memory WHERE tenant = ?1 AND id = ?2", &[&entry.id])?;
        ("erased", "memory.erased")
    };
    change.record(&Event {
        kind,
        subject: EntityKind::Memory.with_id(&entry.id),
        concerns: Vec::new(),
        summary: format!("Memory of kind {} {status}", entry.kind),
        details: json!({"kind": entry.kind}),
    })?;
    Ok(json!({"id": entry.id, "status": status, "soft_delete": soft_delete}))
}
