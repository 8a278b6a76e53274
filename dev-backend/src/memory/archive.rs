//! Taking a memory out of what ordinary searches find.

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
struct Archive {
    memory_id: String,
}

/// Archives a memory; one that is archived already stays as it is.
pub(super) fn archive(change: &Change<'_>, call: &Call) -> Answer {
    let Archive { memory_id } = call.input()?;
    let mut entry = Entry::find(change.view(), &memory_id)?;
    match entry.status.as_str() {
        "archived" => return Ok(entry.show()),
        "deleted" => return Err(absent(&memory_id)),
        _ => {}
    }
    entry.status = "archived".to_owned();
    entry.updated_at = change.now().to_owned();
    change.execute(
        "UPDATE memory SET status = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
        &[&entry.id, &entry.status, &entry.updated_at],
    )?;
    change.record(&Event {
        kind: "memory.archived",
        subject: EntityKind::Memory.with_id(&entry.id),
        concerns: Vec::new(),
        summary: format!("Memory of kind {} archived", entry.kind),
        details: json!({"kind": entry.kind}),
    })?;
    Ok(entry.show())
}
