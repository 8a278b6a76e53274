//! Threads: messages that answer one another.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::message::Message;
use super::receive;
use crate::call::Call;
use crate::database::{Change, View, folded};
use crate::entity::EntityKind;
use crate::failure::Failure;
use crate::service::Answer;

/// What stands before the subject of an answer, in lower case.
const PREFIXES: [&str; 5] = ["re:", "aw:", "fwd:", "fw:", "wg:"];

/// A stored thread.
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) subject: String,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    thread_id: String,
}

/// Shows a thread with its messages, which are read by that.
pub(super) fn open(change: &Change<'_>, call: &Call) -> Answer {
    let Open { thread_id } = call.input()?;
    receive::welcome(change)?;
    let thread = Thread::find(change.view(), &thread_id)?;
    let shown = thread.show(change.view(), &call.context.actor)?;
    change.mark(
        "UPDATE mail_message SET is_read = 1 WHERE tenant = ?1 AND thread_id = ?2 AND is_read = 0",
        &[&thread.id],
    )?;
    Ok(shown)
}

/// The subject without what marks it as an answer, by which a thread is recognised.
pub(super) fn key_of(subject: &str) -> String {
    let mut key = folded(subject.trim());
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)) {
        key = rest.trim_start().to_owned();
    }
    key
}

// === impl Thread ===

impl Thread {
    /// Starts a thread and returns its id.
    pub(super) fn start(change: &Change<'_>, subject: &str) -> Result<String, Failure> {
        let id = change.new_id(EntityKind::MailThread);
        Self::start_as(change, &id, subject)?;
        Ok(id)
    }

    /// Starts a thread by an id of its own.
    pub(super) fn start_as(change: &Change<'_>, id: &str, subject: &str) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO mail_thread (tenant, id, subject, subject_key, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            &[&id, &subject, &key_of(subject), &change.now()],
        )?;
        Ok(())
    }

    /// The thread with this id.
    ///
    /// # Errors
    /// No such thread.
    pub(super) fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        let sql = "SELECT id, subject, created_at, updated_at FROM mail_thread WHERE tenant = ?1 AND id = ?2";
        let absent = || Failure::NotFound(format!("there is no thread {id:?}"));
        view.one(sql, &[&id], Self::read)?.ok_or_else(absent)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, subject: row.get(1)?, created_at: row.get(2)?, updated_at: row.get(3)? })
    }

    /// The thread as it is shown to somebody.
    fn show(&self, view: &View<'_>, reader: &str) -> Answer {
        let messages = Message::of_thread(view, &self.id)?;
        let messages: Vec<Json> =
            messages.iter().map(|message| message.show(view, reader)).collect::<Result<_, _>>()?;
        let total = view
            .count("SELECT count(*) FROM mail_message WHERE tenant = ?1 AND thread_id = ?2", &[&self.id])?;
        let folders: Vec<String> = view.all(
            "SELECT DISTINCT folder FROM mail_message WHERE tenant = ?1 AND thread_id = ?2 ORDER BY folder",
            &[&self.id],
            |row| row.get(0),
        )?;
        Ok(json!({
            "type": "thread",
            "id": self.id,
            "subject": self.subject,
            "participants": participants(view, &self.id)?,
            "contact_ids": contacts(view, &self.id)?,
            "folders": folders,
            "messages": messages,
            "total": total,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }))
    }
}

/// The addresses that a thread is between, but for blind copies.
pub(super) fn participants(view: &View<'_>, thread_id: &str) -> Result<Vec<String>, Failure> {
    view.all(
        "SELECT min(address) FROM (
             SELECT sender AS address, folded(sender) AS key FROM mail_message
             WHERE tenant = ?1 AND thread_id = ?2 AND direction = 'inbound'
             UNION ALL
             SELECT address, address_key FROM mail_recipient
             WHERE tenant = ?1 AND field <> 'bcc' AND message_id IN (
                 SELECT id FROM mail_message WHERE tenant = ?1 AND thread_id = ?2))
         GROUP BY key ORDER BY key",
        &[&thread_id],
        |row| row.get(0),
    )
}

/// The contacts among them.
fn contacts(view: &View<'_>, thread_id: &str) -> Result<Vec<String>, Failure> {
    view.all(
        "SELECT sender_contact_id FROM mail_message
         WHERE tenant = ?1 AND thread_id = ?2 AND sender_contact_id IS NOT NULL
         UNION
         SELECT contact_id FROM mail_recipient
         WHERE tenant = ?1 AND contact_id IS NOT NULL AND field <> 'bcc' AND message_id IN (
             SELECT id FROM mail_message WHERE tenant = ?1 AND thread_id = ?2)
         ORDER BY 1",
        &[&thread_id],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_key_of_what_it_answers() {
        let cases = [
            ("Your quote", "your quote"),
            ("Re: Your quote ", "your quote"),
            ("RE:re: AW: your quote", "your quote"),
            ("Regarding: x", "regarding: x"),
            ("", ""),
            ("Re:", ""),
        ];
        for (subject, expected) in cases {
            assert_eq!(key_of(subject), expected, "{subject:?}");
        }
    }
}
