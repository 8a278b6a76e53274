//! One message as it is stored and shown.

use rusqlite::Row;
use serde_json::{Value as Json, json};

use super::folder::Folder;
use super::recipient::Recipients;
use crate::crm::Correspondent;
use crate::database::{Change, View};
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;

/// The most messages of a thread that are shown, the newest ones.
const SHOWN: u32 = 200;

/// A stored message.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) thread_id: String,
    folder: String,
    pub(super) direction: String,
    pub(super) sender: String,
    subject: String,
    body: String,
    is_read: bool,
    created_by: String,
    created_at: String,
    sent_at: Option<String>,
}

const COLUMNS: &str =
    "id, thread_id, folder, direction, sender, subject, body, is_read, created_by, created_at, sent_at";

/// What somebody writes.
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) recipients: Recipients,
}

// === impl Message ===

impl Message {
    /// Puts what an actor writes into a thread: as a draft, or as sent.
    pub(super) fn write(
        change: &Change<'_>,
        thread_id: &str,
        written: &Written,
        folder: Folder,
    ) -> Result<Self, Failure> {
        let message = Self {
            id: change.new_id(EntityKind::MailMessage),
            thread_id: thread_id.to_owned(),
            folder: folder.name().to_owned(),
            direction: "outbound".to_owned(),
            sender: change.actor().to_owned(),
            subject: written.subject.clone(),
            body: written.body.clone(),
            is_read: true,
            created_by: change.actor().to_owned(),
            created_at: change.now().to_owned(),
            sent_at: (folder == Folder::Sent).then(|| change.now().to_owned()),
        };
        message.insert(change, None)?;
        written.recipients.store(change, &message.id)?;
        let to = written.recipients.addresses("to");
        let (kind, concerns, summary) = match folder {
            Folder::Drafts => {
                ("message.drafted", Vec::new(), format!("Message drafted: {}", message.subject))
            }
            _ => (
                "message.sent",
                written.recipients.contacts(),
                format!("Message to {}: {}", to.join(", "), message.subject),
            ),
        };
        change.record(&Event {
            kind,
            subject: EntityKind::MailMessage.with_id(&message.id),
            concerns,
            summary,
            // Without the blind copies, since all contacts that got one read the same event.
            details: json!({
                "message_id": message.id,
                "thread_id": message.thread_id,
                "subject": message.subject,
                "body": message.body,
                "to": to,
                "cc": written.recipients.addresses("cc"),
            }),
        })?;
        Ok(message)
    }

    /// Puts a message that came from somebody into a thread.
    pub(super) fn receive(
        change: &Change<'_>,
        thread_id: &str,
        from: &Correspondent,
        subject: &str,
        body: &str,
        received_at: &str,
    ) -> Result<Self, Failure> {
        let message = Self {
            id: change.new_id(EntityKind::MailMessage),
            thread_id: thread_id.to_owned(),
            folder: Folder::Inbox.name().to_owned(),
            direction: "inbound".to_owned(),
            sender: from.address.clone(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            is_read: false,
            created_by: change.actor().to_owned(),
            created_at: change.now().to_owned(),
            sent_at: Some(received_at.to_owned()),
        };
        message.insert(change, from.contact_id.as_deref())?;
        Ok(message)
    }

    fn insert(&self, change: &Change<'_>, sender_contact_id: Option<&str>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO mail_message (tenant, id, thread_id, folder, direction, sender, sender_contact_id, subject,
                                       body, is_read, created_by, created_at, sent_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            &[
                &self.id,
                &self.thread_id,
                &self.folder,
                &self.direction,
                &self.sender,
                &sender_contact_id,
                &self.subject,
                &self.body,
                &self.is_read,
                &self.created_by,
                &self.created_at,
                &self.sent_at,
            ],
        )?;
        change.execute(
            "UPDATE mail_thread SET updated_at = ?3 WHERE tenant = ?1 AND id = ?2",
            &[&self.thread_id, &change.now()],
        )?;
        Ok(())
    }

    /// The newest messages of a thread, the oldest of them first.
    pub(super) fn of_thread(view: &View<'_>, thread_id: &str) -> Result<Vec<Self>, Failure> {
        let sql = format!(
            "SELECT {COLUMNS} FROM mail_message WHERE tenant = ?1 AND thread_id = ?2 ORDER BY seq DESC LIMIT ?3"
        );
        let mut messages = view.all(&sql, &[&thread_id, &SHOWN], Self::read)?;
        messages.reverse();
        Ok(messages)
    }

    /// The message that a reply in this thread answers: the last one that is no draft, or the last draft.
    pub(super) fn last_of_thread(view: &View<'_>, thread_id: &str) -> Result<Option<Self>, Failure> {
        let sql = format!(
            "SELECT {COLUMNS} FROM mail_message WHERE tenant = ?1 AND thread_id = ?2
             ORDER BY folder = 'drafts', seq DESC LIMIT 1"
        );
        view.one(&sql, &[&thread_id], Self::read)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            thread_id: row.get(1)?,
            folder: row.get(2)?,
            direction: row.get(3)?,
            sender: row.get(4)?,
            subject: row.get(5)?,
            body: row.get(6)?,
            is_read: row.get(7)?,
            created_by: row.get(8)?,
            created_at: row.get(9)?,
            sent_at: row.get(10)?,
        })
    }

    /// The message as it is shown to somebody.
    pub(super) fn show(&self, view: &View<'_>, reader: &str) -> Result<Json, Failure> {
        let mut shown = json!({
            "type": "message",
            "id": self.id,
            "thread_id": self.thread_id,
            "folder": self.folder,
            "direction": self.direction,
            "from": self.sender,
            "subject": self.subject,
            "body": self.body,
            "is_read": self.is_read,
            "created_by": self.created_by,
            "created_at": self.created_at,
            "sent_at": self.sent_at,
        });
        let recipients = Recipients::of(view, &self.id)?.show(self.created_by == reader);
        if let Some(fields) = shown.as_object_mut() {
            fields.extend(recipients.map(|(field, addresses)| (field.to_owned(), addresses)));
        }
        Ok(shown)
    }
}
