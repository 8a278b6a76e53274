//! Merging two contacts that are one person. Everything that pointed to the one points to the other
//! afterwards; the id that went stays another name of the contact that stayed, wherever it is used.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::contact::{self, Contact};
use super::object::ObjectType;
use super::property;
use crate::call::Call;
use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::failure::Failure;
use crate::service::Answer;
use crate::shown;

/// Where a contact's id is kept: what the answer calls the moved rows, and the statement that re-points
/// them from `?2` to `?3`. A new table with contacts in it needs a line here.
const POINTERS: [(&str, &str); 13] = [
    ("deals", "UPDATE deal SET primary_contact_id = ?3 WHERE tenant = ?1 AND primary_contact_id = ?2"),
    (
        "notes",
        "UPDATE note SET entity_id = ?3 WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    (
        "tasks",
        "UPDATE task SET entity_id = ?3 WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    (
        "calls",
        "UPDATE call SET entity_id = ?3 WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    (
        "meetings",
        "UPDATE meeting SET entity_id = ?3 WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    (
        "emails",
        "UPDATE email SET entity_id = ?3 WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    ("segments", "UPDATE OR IGNORE segment_member SET record_id = ?3 WHERE tenant = ?1 AND record_id = ?2"),
    (
        "timeline_entries",
        "UPDATE OR IGNORE event_entity SET entity_id = ?3
         WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    (
        "ownership",
        "UPDATE OR IGNORE ownership SET entity_id = ?3
         WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    ),
    ("conversations", "UPDATE conversation SET contact_id = ?3 WHERE tenant = ?1 AND contact_id = ?2"),
    (
        "messages_from",
        "UPDATE mail_message SET sender_contact_id = ?3 WHERE tenant = ?1 AND sender_contact_id = ?2",
    ),
    ("messages_to", "UPDATE mail_recipient SET contact_id = ?3 WHERE tenant = ?1 AND contact_id = ?2"),
    ("earlier_merges", "UPDATE contact_merge SET target_id = ?3 WHERE tenant = ?1 AND target_id = ?2"),
];

/// The rows of `?2` that could not move, since the target has its own.
const LEFT_BEHIND: [&str; 4] = [
    "DELETE FROM segment_member WHERE tenant = ?1 AND record_id = ?2",
    "DELETE FROM event_entity WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    "DELETE FROM ownership WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id = ?2",
    "DELETE FROM property_value WHERE tenant = ?1 AND record_id = ?2",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    source_contact_id: String,
    target_contact_id: String,
    reason: Option<String>,
}

/// Merges the source into the target, which keeps its own fields and takes those it lacks.
pub(super) fn merge(change: &Change<'_>, call: &Call) -> Answer {
    let given: Merge = call.input()?;
    let view = change.view();
    let reason = given.reason.filter(|reason| !reason.trim().is_empty());
    let source = existing(view, "source_contact_id", &given.source_contact_id)?;
    let target = existing(view, "target_contact_id", &given.target_contact_id)?;
    if source.id == target.id {
        let message = format!("source_contact_id and target_contact_id are the same contact {}", target.id);
        return Err(Failure::Meaningless(message));
    }
    if source.id != given.source_contact_id {
        let message = format!("{} was merged into {} already", given.source_contact_id, source.id);
        return Err(Failure::Conflict(message));
    }
    let properties = properties(change, &source.id, &target.id)?;
    let associations = associations(change, &source.id, &target.id)?;
    let mut moved = Map::new();
    moved.insert("associations".to_owned(), json!(associations));
    for (name, sql) in POINTERS {
        moved.insert(name.to_owned(), json!(change.execute(sql, &[&source.id, &target.id])?));
    }
    for sql in LEFT_BEHIND {
        change.execute(sql, &[&source.id])?;
    }
    change.execute("DELETE FROM contact WHERE tenant = ?1 AND id = ?2", &[&source.id])?;
    let filled = target.fill_from(change, &source)?;
    change.execute(
        "INSERT INTO contact_merge (tenant, source_id, target_id, reason, merged_by, merged_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[&source.id, &target.id, &reason, &change.actor(), &change.now()],
    )?;
    let merged = existing(view, "target_contact_id", &target.id)?;
    change.record(&Event {
        kind: "contact.merged",
        subject: EntityKind::Contact.with_id(&merged.id),
        concerns: companies(&source, &target),
        summary: format!("Contact {} merged into {}", source.name(), merged.name()),
        // All that the source was, so that nothing is lost with it.
        details: json!({
            "source": source.show(),
            "target_id": merged.id,
            "reason": reason,
            "filled": filled,
            "properties": properties,
            "moved": moved,
        }),
    })?;
    let shown = shown::with(merged.show(), "merged_ids", json!(merged_ids(view, &merged.id)?));
    let shown = shown::with(shown, "filled", json!(filled));
    Ok(shown::with(shown, "moved", Json::Object(moved)))
}

/// The ids that are other names of this contact now, in the order of the merges.
pub(super) fn merged_ids(view: &View<'_>, id: &str) -> Result<Vec<String>, Failure> {
    let sql = "SELECT source_id FROM contact_merge WHERE tenant = ?1 AND target_id = ?2 ORDER BY seq";
    view.all(sql, &[&id], |row| row.get(0))
}

fn existing(view: &View<'_>, field: &str, id: &str) -> Result<Contact, Failure> {
    let absent = || Failure::NotFound(format!("there is no contact {id:?} ({field})"));
    contact::by_id(view, id)?.ok_or_else(absent)
}

fn companies<'c>(source: &'c Contact, target: &'c Contact) -> Vec<Entity<'c>> {
    let ids = [source.company_id.as_deref(), target.company_id.as_deref()];
    ids.into_iter().flatten().map(|id| EntityKind::Company.with_id(id)).collect()
}

/// Gives the target the property values that only the source has, and returns all that the source had.
fn properties(change: &Change<'_>, source: &str, target: &str) -> Result<Json, Failure> {
    let values = property::of_records(change.view(), &ObjectType::Contact, &[source])?.remove(source);
    change.execute(
        "UPDATE OR IGNORE property_value SET record_id = ?3 WHERE tenant = ?1 AND record_id = ?2",
        &[&source, &target],
    )?;
    Ok(Json::Object(values.unwrap_or_default()))
}

/// Re-points associations. One between the two would lead from the target to itself and goes, and so does
/// one that the target has already.
fn associations(change: &Change<'_>, source: &str, target: &str) -> Result<usize, Failure> {
    change.execute(
        "DELETE FROM association
         WHERE tenant = ?1 AND from_type = 'contact' AND to_type = 'contact'
               AND ((from_id = ?2 AND to_id = ?3) OR (from_id = ?3 AND to_id = ?2))",
        &[&source, &target],
    )?;
    let mut moved = 0;
    for side in ["from", "to"] {
        moved += change.execute(
            &format!(
                "UPDATE OR IGNORE association SET {side}_id = ?3
                 WHERE tenant = ?1 AND {side}_type = 'contact' AND {side}_id = ?2"
            ),
            &[&source, &target],
        )?;
        change.execute(
            &format!(
                "DELETE FROM association WHERE tenant = ?1 AND {side}_type = 'contact' AND {side}_id = ?2"
            ),
            &[&source],
        )?;
    }
    Ok(moved)
}
