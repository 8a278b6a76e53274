//! Whom a message is for. Who got a blind copy is told to nobody but whoever wrote the message.

use serde_json::{Value as Json, json};

use crate::crm::{Correspondent, correspondent};
use crate::database::{Change, View, folded};
use crate::entity::{Entity, EntityKind};
use crate::failure::Failure;

/// The most recipients of one message.
const MOST: usize = 100;

/// The recipients of one message, each of them once.
#[derive(Default)]
pub(super) struct Recipients(Vec<Recipient>);

struct Recipient {
    field: String,
    correspondent: Correspondent,
}

// === impl Recipients ===

impl Recipients {
    /// The recipients that these fields name; who is named twice counts where he is named first.
    ///
    /// # Errors
    /// A text that is no address, an address that is blocked, too many of them.
    pub(super) fn named(
        view: &View<'_>,
        to: &[String],
        cc: &[String],
        bcc: &[String],
    ) -> Result<Self, Failure> {
        let given = to.len() + cc.len() + bcc.len();
        if given > MOST {
            return Err(Failure::Meaningless(format!(
                "a message has at most {MOST} recipients, not {given}"
            )));
        }
        let mut recipients: Vec<Recipient> = Vec::new();
        for (field, addresses) in [("to", to), ("cc", cc), ("bcc", bcc)] {
            for address in addresses {
                let correspondent = correspondent(view, field, address)?;
                let key = folded(&correspondent.address);
                if !recipients.iter().any(|known| folded(&known.correspondent.address) == key) {
                    recipients.push(Recipient { field: field.to_owned(), correspondent });
                }
            }
        }
        Ok(Self(recipients))
    }

    /// The recipients of a stored message.
    pub(super) fn of(view: &View<'_>, message_id: &str) -> Result<Self, Failure> {
        let sql = "SELECT field, address, contact_id FROM mail_recipient
                   WHERE tenant = ?1 AND message_id = ?2 ORDER BY seq";
        let recipients = view.all(sql, &[&message_id], |row| {
            let correspondent = Correspondent { address: row.get(1)?, contact_id: row.get(2)? };
            Ok(Recipient { field: row.get(0)?, correspondent })
        })?;
        Ok(Self(recipients))
    }

    /// Writes them down as those of a message.
    pub(super) fn store(&self, change: &Change<'_>, message_id: &str) -> Result<(), Failure> {
        for Recipient { field, correspondent } in &self.0 {
            change.execute(
                "INSERT INTO mail_recipient (tenant, message_id, field, address, address_key, contact_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    &message_id,
                    field,
                    &correspondent.address,
                    &folded(&correspondent.address),
                    &correspondent.contact_id,
                ],
            )?;
        }
        Ok(())
    }

    /// The addresses in a field.
    pub(super) fn addresses(&self, field: &str) -> Vec<String> {
        let named = self.0.iter().filter(|recipient| recipient.field == field);
        named.map(|recipient| recipient.correspondent.address.clone()).collect()
    }

    /// The contacts among them, blind copies included, in whose timelines the message shows.
    pub(super) fn contacts(&self) -> Vec<Entity<'_>> {
        let ids = self.0.iter().filter_map(|recipient| recipient.correspondent.contact_id.as_deref());
        ids.map(|id| EntityKind::Contact.with_id(id)).collect()
    }

    /// The fields as they are shown to the message's author, or to anybody else.
    pub(super) fn show(&self, to_author: bool) -> [(&'static str, Json); 3] {
        let blind = if to_author { self.addresses("bcc") } else { Vec::new() };
        [("to", json!(self.addresses("to"))), ("cc", json!(self.addresses("cc"))), ("bcc", json!(blind))]
    }
}
