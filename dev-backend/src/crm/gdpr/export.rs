//! Everything that is known about a person, for the person.

use rusqlite::Row;
use serde_json::{Map, Value as Json, json};

use super::person::{LINKED, MINE, Person, Subject};
use super::text_column::{Rows, TextColumn};
use super::trace::Trace;
use crate::call::Call;
use crate::crm::admin::Ownership;
use crate::crm::deal::{self, Deal};
use crate::crm::object::ObjectType;
use crate::crm::property;
use crate::database::{View, json_column};
use crate::failure::Failure;
use crate::moment;
use crate::service::Answer;

/// The most rows of one kind; what is left out is said.
const MOST: usize = 10_000;

/// The rows of a person's conversations.
const MY_CONVERSATION: &str = "conversation_id IN (
     SELECT id FROM conversation
     WHERE tenant = ?1 AND contact_id IN (SELECT value FROM json_each(?2)))";

/// What hangs on a contact: its name in the answer, what is shown of each row, table and rows; `?2` are the
/// person's ids.
const LISTS: [(&str, &str, &str, &str); 10] = [
    ("notes", "'id', id, 'text', text, 'author', author, 'created_at', created_at", "note", MINE),
    (
        "tasks",
        "'id', id, 'subject', subject, 'description', description, 'due_at', due_at, 'created_by', created_by,
         'created_at', created_at, 'completed_by', completed_by, 'completed_at', completed_at",
        "task",
        MINE,
    ),
    (
        "calls",
        "'id', id, 'subject', subject, 'summary', summary, 'duration_seconds', duration_seconds,
         'occurred_at', occurred_at, 'logged_by', logged_by",
        "call",
        MINE,
    ),
    (
        "meetings",
        "'id', id, 'subject', subject, 'summary', summary, 'start_at', start_at, 'end_at', end_at,
         'logged_by', logged_by",
        "meeting",
        MINE,
    ),
    (
        "emails",
        "'id', id, 'subject', subject, 'body', body, 'direction', direction, 'occurred_at', occurred_at,
         'logged_by', logged_by",
        "email",
        MINE,
    ),
    (
        "conversations",
        "'thread_id', conversation_id, 'turn', turn, 'role', role, 'author', author, 'text', text,
         'created_at', created_at",
        "conversation_message",
        MY_CONVERSATION,
    ),
    (
        "messages",
        "'id', id, 'thread_id', thread_id, 'direction', direction, 'folder', folder, 'subject', subject,
         'body', body, 'created_at', created_at, 'sent_at', sent_at",
        "mail_message",
        "(sender_contact_id IN (SELECT value FROM json_each(?2)) OR id IN (
            SELECT message_id FROM mail_recipient
            WHERE tenant = ?1 AND contact_id IN (SELECT value FROM json_each(?2))))",
    ),
    (
        "associations",
        "'id', id, 'association_type', association_type, 'from_type', from_type, 'from_id', from_id,
         'to_type', to_type, 'to_id', to_id, 'created_at', created_at",
        "association",
        LINKED,
    ),
    (
        "segments",
        "'id', id, 'name', name",
        "segment",
        "id IN (SELECT segment_id FROM segment_member
                WHERE tenant = ?1 AND record_id IN (SELECT value FROM json_each(?2)))",
    ),
    (
        "events",
        "'id', id, 'at', at, 'kind', kind, 'summary', summary, 'actor', actor, 'details', json(details)",
        "event",
        "seq IN (SELECT event_seq FROM event_entity
                 WHERE tenant = ?1 AND entity_type = 'contact'
                       AND entity_id IN (SELECT value FROM json_each(?2)))",
    ),
];

/// Collects all that is known about a person.
pub(in crate::crm) fn export(view: &View<'_>, call: &Call) -> Answer {
    let person = match Subject::read(view, call)? {
        Subject::Known(person) => person,
        Subject::AbsentId(id) => return Err(Failure::NotFound(format!("there is no contact {id:?}"))),
        Subject::AbsentAddress => {
            return Err(Failure::NotFound("there is no contact with this e-mail address".to_owned()));
        }
    };
    let mut data = Map::new();
    let mut left_out = Vec::new();
    let ids = person.ids_json();
    for (name, shown, table, which) in LISTS {
        let sql =
            format!("SELECT json_object({shown}) FROM {table} WHERE tenant = ?1 AND {which} ORDER BY seq");
        let rows = view.all(&sql, &[&ids], |row: &Row<'_>| json_column(row, 0))?;
        put(&mut data, &mut left_out, name, rows);
    }
    let deals = format!("{} AND deal.primary_contact_id = ?2 ORDER BY deal.seq", deal::select());
    let deals = view.all(&deals, &[&person.contact.id], Deal::read)?;
    put(&mut data, &mut left_out, "deals", deals.iter().map(Deal::show).collect());
    put(&mut data, &mut left_out, "memories", memories(view, &person)?);
    put(&mut data, &mut left_out, "mentions", mentions(view, &person)?);
    let values = property::of_records(view, &ObjectType::Contact, &[&person.contact.id])?;
    let properties: Map<String, Json> = values.into_values().flatten().collect();
    let mut answer = json!({
        "exported_at": moment::text(call.clock.now()),
        "contact": person.contact.show(),
        "merged_ids": person.ids.iter().skip(1).collect::<Vec<_>>(),
        "ownership": Ownership::of(view, "contact", &person.contact.id)?.show(),
        "properties": properties,
        "incomplete": left_out,
    });
    if let Some(fields) = answer.as_object_mut() {
        fields.extend(data);
    }
    Ok(answer)
}

fn put(data: &mut Map<String, Json>, left_out: &mut Vec<String>, name: &str, mut rows: Vec<Json>) {
    if rows.len() > MOST {
        rows.truncate(MOST);
        left_out.push(name.to_owned());
    }
    data.insert(name.to_owned(), Json::Array(rows));
}

fn memories(view: &View<'_>, person: &Person) -> Result<Vec<Json>, Failure> {
    view.all(
        "SELECT json_object('id', id, 'kind', kind, 'content', content, 'tags', json(tags), 'status', status,
                            'created_at', created_at)
         FROM memory WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY seq",
        &[&json!(person.memories(view)?).to_string()],
        |row| json_column(row, 0),
    )
}

/// Texts about others that name the person.
fn mentions(view: &View<'_>, person: &Person) -> Result<Vec<Json>, Failure> {
    let mut trace = Trace::default();
    person.trace_without_ids(view, &mut trace)?;
    let ids = person.ids_json();
    let others_conversation = format!("NOT {MY_CONVERSATION}");
    let columns = TextColumn::all(view)?;
    let has =
        |table: &str, name: &str| columns.iter().any(|column| column.table == table && column.name == name);
    let mut mentions = Vec::new();
    for column in &columns {
        // Files are no part of the data, and their index is as large as they are.
        if ["contact", "event", "memory", "file_entry"].contains(&column.table.as_str()) {
            continue;
        }
        let own = if has(&column.table, "entity_type") && has(&column.table, "entity_id") {
            "NOT (entity_type = 'contact' AND entity_id IN (SELECT value FROM json_each(?2)))"
        } else if has(&column.table, "record_id") {
            "record_id NOT IN (SELECT value FROM json_each(?2))"
        } else if has(&column.table, "conversation_id") {
            &others_conversation
        } else if has(&column.table, "contact_id") {
            "coalesce(contact_id, '') NOT IN (SELECT value FROM json_each(?2))"
        } else if has(&column.table, "sender_contact_id") {
            "coalesce(sender_contact_id, '') NOT IN (SELECT value FROM json_each(?2))"
        } else {
            "?2 IS NOT NULL"
        };
        for text in column.texts(view, &trace, &Rows { condition: own, parameter: &ids })? {
            mentions.push(json!({"in": format!("{}.{}", column.table, column.name), "text": text}));
        }
    }
    Ok(mentions)
}
