//! Erasing a person. What was about them goes; what was about others stays, without what gives them away.
//! All of it happens in one change, and the file and its log are rewritten before the answer is given.

use serde_json::{Map, Value as Json, json};

use super::mail;
use super::person::{LINKED, MINE, Person, Subject};
use super::run;
use super::text_column::{Rows, TextColumn};
use crate::call::Call;
use crate::database::{Change, View, json_column};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;
use crate::service::Answer;
use crate::shown;

/// What is about a person: its name in the answer, table and rows; `?2` are the person's ids. Events that also
/// concern others go with it, but for those of deals.
const OWN: [(&str, &str, &str); 14] = [
    ("notes", "note", MINE),
    ("tasks", "task", MINE),
    ("calls", "call", MINE),
    ("meetings", "meeting", MINE),
    ("emails", "email", MINE),
    // What came of a conversation with the person before the person was recognised in it.
    (
        "conversation_tasks",
        "task",
        "entity_type = 'conversation' AND entity_id IN (
         SELECT id FROM conversation
         WHERE tenant = ?1 AND contact_id IN (SELECT value FROM json_each(?2)))",
    ),
    (
        "conversation_events",
        "event",
        "seq IN (
         SELECT event_seq FROM event_entity JOIN conversation
             ON conversation.tenant = event_entity.tenant AND conversation.id = event_entity.entity_id
         WHERE event_entity.tenant = ?1 AND event_entity.entity_type = 'conversation'
               AND conversation.contact_id IN (SELECT value FROM json_each(?2)))",
    ),
    // Its messages go with each.
    ("conversations", "conversation", "contact_id IN (SELECT value FROM json_each(?2))"),
    ("associations", "association", LINKED),
    ("properties", "property_value", "record_id IN (SELECT value FROM json_each(?2))"),
    ("segments", "segment_member", "record_id IN (SELECT value FROM json_each(?2))"),
    ("ownerships", "ownership", MINE),
    ("merges", "contact_merge", "target_id IN (SELECT value FROM json_each(?2))"),
    (
        "events",
        "event",
        "entity_type <> 'deal' AND seq IN (
         SELECT event_seq FROM event_entity
         WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id IN (SELECT value FROM json_each(?2)))",
    ),
];

/// The texts about deals with the person, which stay: table, columns and rows; `?2` are the deals' ids.
const CLOSE: [(&str, &[&str], &str); 8] = [
    ("deal", &["name"], "id IN (SELECT value FROM json_each(?2))"),
    ("note", &["text"], ABOUT_DEALS),
    ("task", &["subject", "description"], ABOUT_DEALS),
    ("call", &["subject", "summary"], ABOUT_DEALS),
    ("meeting", &["subject", "summary"], ABOUT_DEALS),
    ("email", &["subject", "body"], ABOUT_DEALS),
    (
        "event",
        &["summary", "details"],
        "seq IN (SELECT event_seq FROM event_entity WHERE tenant = ?1 AND entity_type = 'deal'
                 AND entity_id IN (SELECT value FROM json_each(?2)))",
    ),
    (
        "memory",
        &["content"],
        "id IN (SELECT memory_id FROM call WHERE tenant = ?1 AND entity_type = 'deal'
                AND entity_id IN (SELECT value FROM json_each(?2))
                UNION SELECT memory_id FROM meeting WHERE tenant = ?1 AND entity_type = 'deal'
                AND entity_id IN (SELECT value FROM json_each(?2)))",
    ),
];
const ABOUT_DEALS: &str = "entity_type = 'deal' AND entity_id IN (SELECT value FROM json_each(?2))";

/// Erases a person. Whoever was erased already stays so, and an address that nobody has is no error: nothing
/// is kept from which to tell whether anybody ever had it.
pub(in crate::crm) fn erase(change: &Change<'_>, call: &Call) -> Answer {
    match Subject::read(change.view(), call)? {
        Subject::Known(person) => forget(change, &person),
        Subject::AbsentAddress => {
            Ok(json!({"status": "absent", "contact_id": null, "erased_at": null, "erased": {}}))
        }
        Subject::AbsentId(id) => tombstone(change.view(), &id)?
            .map(|tombstone| shown::with(tombstone, "status", json!("already_erased")))
            .ok_or_else(|| Failure::NotFound(format!("there is no contact {id:?}"))),
    }
}

/// That a contact was erased, where it was.
fn tombstone(view: &View<'_>, id: &str) -> Result<Option<Json>, Failure> {
    view.one(
        "SELECT contact_id, erased_at, erased FROM erasure WHERE tenant = ?1 AND contact_id = ?2",
        &[&id],
        |row| {
            Ok(json!({
                "status": "erased",
                "contact_id": row.get::<_, String>(0)?,
                "erased_at": row.get::<_, String>(1)?,
                "erased": json_column(row, 2)?,
            }))
        },
    )
}

fn forget(change: &Change<'_>, person: &Person) -> Answer {
    let columns = TextColumn::all(change.view())?;
    let trace = person.trace(change.view())?;
    let close = person.close_trace(change.view())?;
    let (ids, deals) = (person.ids_json(), person.deals_json(change.view())?);
    let mut erased = Map::new();
    erased.insert("memories".to_owned(), json!(forget_memories(change, person)?));
    erased.insert("messages".to_owned(), json!(mail::forget(change, person, &close)?));
    erased.insert("runs".to_owned(), json!(run::forget(change, &trace)?));
    // The index of files is made anew at the next search, from the files as they are then.
    change.execute("DELETE FROM file_entry WHERE tenant = ?1", &[])?;
    for (name, table, rows) in OWN {
        let sql = format!("DELETE FROM {table} WHERE tenant = ?1 AND {rows}");
        erased.insert(name.to_owned(), json!(change.execute(&sql, &[&ids])?));
    }
    for sql in [
        "UPDATE deal SET primary_contact_id = NULL
         WHERE tenant = ?1 AND primary_contact_id IN (SELECT value FROM json_each(?2))",
        "DELETE FROM event_entity
         WHERE tenant = ?1 AND entity_type = 'contact' AND entity_id IN (SELECT value FROM json_each(?2))",
        "DELETE FROM contact WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))",
    ] {
        change.execute(sql, &[&ids])?;
    }
    let mut texts = 0;
    for (table, names, condition) in CLOSE {
        for name in names {
            let column = TextColumn::new(table, name);
            texts += column.erase(change, &close, &Rows { condition, parameter: &deals })?;
        }
    }
    for column in &columns {
        texts += column.erase(change, &trace, &Rows::ALL)?;
    }
    erased.insert("texts".to_owned(), json!(texts));
    bury(change, person, &Json::Object(erased))?;
    tombstone(change.view(), &person.contact.id)?
        .ok_or_else(|| Failure::Broken("an erasure without its tombstone".to_owned()))
}

/// Deletes the memories that are linked to the person or name them, with their events.
fn forget_memories(change: &Change<'_>, person: &Person) -> Result<usize, Failure> {
    let found = json!(person.memories(change.view())?).to_string();
    change.execute(
        "DELETE FROM event WHERE tenant = ?1 AND seq IN (
             SELECT event_seq FROM event_entity
             WHERE tenant = ?1 AND entity_type = 'memory' AND entity_id IN (SELECT value FROM json_each(?2)))",
        &[&found],
    )?;
    change.execute(
        "DELETE FROM memory WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))",
        &[&found],
    )
}

/// Leaves a tombstone for each of the person's ids, which are random and lead to nothing any more.
fn bury(change: &Change<'_>, person: &Person, erased: &Json) -> Result<(), Failure> {
    for id in &person.ids {
        change.execute(
            "INSERT INTO erasure (tenant, contact_id, erased_at, erased) VALUES (?1, ?2, ?3, ?4)",
            &[&id, &change.now(), &erased.to_string()],
        )?;
    }
    change.record(&Event {
        kind: "contact.erased",
        subject: EntityKind::Contact.with_id(&person.contact.id),
        concerns: Vec::new(),
        summary: "A contact was erased".to_owned(),
        details: json!({"erased": erased}),
    })
}
