//! What arrives: an e-mail that the CRM logs as received from a contact, and the message that every inbox
//! begins with.

use serde_json::json;

use super::message::Message;
use super::thread::{Thread, key_of};
use crate::crm::Correspondent;
use crate::database::Change;
use crate::entity::EntityKind;
use crate::event::Event;
use crate::failure::Failure;

/// The thread that every inbox begins with. Its id is the same for all tenants, so that documents can name it.
const WELCOME: &str = "mthr_welcome";
const WELCOME_FROM: &str = "welcome@dev-backend.example";
const WELCOME_SUBJECT: &str = "Welcome to your development inbox";
const WELCOME_BODY: &str = "This inbox belongs to the development backend. Messages that you send are written down and leave \
     this machine by no way. E-mails that the CRM logs as received arrive here.\n\nAnswer this message to try it.";

/// Puts an e-mail from somebody into the inbox: into the newest thread with them about the same, or into a
/// thread of its own. Whoever logs the e-mail records that it happened.
pub(crate) fn receive(
    change: &Change<'_>,
    from: &Correspondent,
    subject: &str,
    body: &str,
    received_at: &str,
) -> Result<(), Failure> {
    let known: Option<String> = change.view().one(
        "SELECT id FROM mail_thread
         WHERE tenant = ?1 AND subject_key = ?2 AND id IN (
             SELECT thread_id FROM mail_message WHERE tenant = ?1 AND sender_contact_id = ?3
             UNION SELECT message.thread_id FROM mail_recipient AS recipient
             JOIN mail_message AS message ON message.tenant = recipient.tenant AND message.id = recipient.message_id
             WHERE recipient.tenant = ?1 AND recipient.contact_id = ?3 AND recipient.field <> 'bcc')
         ORDER BY seq DESC LIMIT 1",
        &[&key_of(subject), &from.contact_id],
        |row| row.get(0),
    )?;
    let thread_id = match known {
        Some(id) => id,
        None => Thread::start(change, subject)?,
    };
    Message::receive(change, &thread_id, from, subject, body, received_at)?;
    Ok(())
}

/// Puts the first message into an inbox that nobody has looked into yet.
pub(super) fn welcome(change: &Change<'_>) -> Result<(), Failure> {
    let sql = "SELECT count(*) FROM mail_thread WHERE tenant = ?1 AND id = ?2";
    if change.view().count(sql, &[&WELCOME])? > 0 {
        return Ok(());
    }
    Thread::start_as(change, WELCOME, WELCOME_SUBJECT)?;
    let from = Correspondent { address: WELCOME_FROM.to_owned(), contact_id: None };
    let now = change.now().to_owned();
    let message = Message::receive(change, WELCOME, &from, WELCOME_SUBJECT, WELCOME_BODY, &now)?;
    change.record(&Event {
        kind: "message.received",
        subject: EntityKind::MailMessage.with_id(&message.id),
        concerns: Vec::new(),
        summary: format!("Message from {WELCOME_FROM}: {WELCOME_SUBJECT}"),
        details: json!({"message_id": message.id, "thread_id": WELCOME}),
    })
}
