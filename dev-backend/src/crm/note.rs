//! Notes on customers.

use serde::Deserialize;
use serde_json::json;

use super::customer::Customer;
use crate::call::Call;
use crate::database::Change;
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::input;
use crate::service::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    customer_id: String,
    text: String,
}

/// Adds a note to a contact or company.
pub(super) fn create(change: &Change<'_>, call: &Call) -> Answer {
    let Create { customer_id, text } = call.input()?;
    let text = input::prose("text", text)?;
    let customer = Customer::find(change.view(), &customer_id)?;
    add(change, customer.entity(), &customer.name(), &text)
}

/// Adds a note to the customer of this name.
pub(crate) fn add(change: &Change<'_>, customer: Entity<'_>, name: &str, text: &str) -> Answer {
    let id = change.new_id(EntityKind::Note);
    change.execute(
        "INSERT INTO note (tenant, id, entity_type, entity_id, text, author, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[&id, &customer.kind.name(), &customer.id, &text, &change.actor(), &change.now()],
    )?;
    change.record(&Event {
        kind: "note.created",
        subject: EntityKind::Note.with_id(&id),
        concerns: vec![customer],
        summary: format!("Note added to {name}"),
        details: json!({"note_id": id, "text": text}),
    })?;
    Ok(json!({
        "type": "note",
        "id": id,
        "entity_type": customer.kind.name(),
        "entity_id": customer.id,
        "text": text,
        "author": change.actor(),
        "created_at": change.now(),
    }))
}
