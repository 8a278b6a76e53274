//! The messages of a person. Those between us and the person alone go; of those that others got too the others
//! keep what does not give the person away.

use serde_json::json;

use super::person::Person;
use super::text_column::{Rows, TextColumn};
use super::trace::Trace;
use crate::database::Change;
use crate::failure::Failure;

/// A person as the sender of a message; `?2` are the person's ids, `?3` the addresses.
const FROM: &str = "(sender_contact_id IN (SELECT value FROM json_each(?2))
     OR (direction = 'inbound' AND folded(sender) IN (SELECT value FROM json_each(?3))))";

/// A person as a recipient; the same.
const TO: &str = "(coalesce(contact_id, '') IN (SELECT value FROM json_each(?2))
     OR address_key IN (SELECT value FROM json_each(?3)))";

/// Forgets the messages of a person, and returns how many went.
pub(super) fn forget(change: &Change<'_>, person: &Person, close: &Trace) -> Result<usize, Failure> {
    let (ids, addresses) = (person.ids_json(), person.addresses_json());
    let messages: Vec<(String, String, bool)> = change.view().all(
        &format!(
            "SELECT id, thread_id, NOT EXISTS (
                 SELECT 1 FROM mail_recipient
                 WHERE tenant = ?1 AND message_id = mail_message.id AND NOT {TO})
             FROM mail_message
             WHERE tenant = ?1 AND ({FROM} OR id IN (
                 SELECT message_id FROM mail_recipient WHERE tenant = ?1 AND {TO}))"
        ),
        &[&ids, &addresses],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let of = |alone: bool| {
        let ids = messages.iter().filter(|(.., is_alone)| *is_alone == alone).map(|(id, ..)| id);
        json!(ids.collect::<Vec<_>>()).to_string()
    };
    let all = json!(messages.iter().map(|(id, ..)| id).collect::<Vec<_>>()).to_string();
    let threads = json!(messages.iter().map(|(_, thread, _)| thread).collect::<Vec<_>>()).to_string();
    let forgotten = change.execute(
        "DELETE FROM mail_message WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))",
        &[&of(true)],
    )?;
    change.execute(&format!("DELETE FROM mail_recipient WHERE tenant = ?1 AND {TO}"), &[&ids, &addresses])?;
    change.execute(
        "DELETE FROM event WHERE tenant = ?1 AND entity_type = 'mail_message'
               AND entity_id IN (SELECT value FROM json_each(?2))",
        &[&all],
    )?;
    change.execute(
        "DELETE FROM mail_thread WHERE tenant = ?1 AND id IN (SELECT value FROM json_each(?2))
               AND NOT EXISTS (SELECT 1 FROM mail_message WHERE tenant = ?1 AND thread_id = mail_thread.id)",
        &[&threads],
    )?;
    let shared = of(false);
    for (table, columns, meant) in [
        ("mail_message", &["subject", "body"][..], &shared),
        ("mail_thread", &["subject", "subject_key"], &threads),
    ] {
        let rows = Rows { condition: "id IN (SELECT value FROM json_each(?2))", parameter: meant };
        for column in columns {
            TextColumn::new(table, column).erase(change, close, &rows)?;
        }
    }
    Ok(forgotten)
}
