//! Conversations as they are stored: which service they are with, whom they are about, and every message.

use serde_json::{Value as Json, json};

use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::failure::Failure;

/// The author of the replies.
const RULES: &str = "rules";

/// A conversation with one of the services.
pub(super) struct Conversation {
    pub(super) id: String,
    service: &'static str,
    /// The first contact that was recognised in it.
    pub(super) contact_id: Option<String>,
    turns: i64,
}

// === impl Conversation ===

impl Conversation {
    /// The service's conversation with this id.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn find(view: &View<'_>, service: &'static str, id: &str) -> Result<Self, Failure> {
        let sql = "SELECT contact_id, turns FROM conversation WHERE tenant = ?1 AND service = ?2 AND id = ?3";
        let found = view.one(sql, &[&service, &id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (contact_id, turns) =
            found.ok_or_else(|| Failure::NotFound(format!("there is no {service} thread {id:?}")))?;
        Ok(Self { id: id.to_owned(), service, contact_id, turns })
    }

    /// A new conversation with the service.
    pub(super) fn begin(change: &Change<'_>, service: &'static str) -> Result<Self, Failure> {
        let id = change.new_id(EntityKind::Conversation);
        change.execute(
            "INSERT INTO conversation (tenant, id, service, turns, created_by, created_at, updated_at)
             VALUES (?1, ?2, ?3, 0, ?4, ?5, ?5)",
            &[&id, &service, &change.actor(), &change.now()],
        )?;
        Ok(Self { id, service, contact_id: None, turns: 0 })
    }

    /// The conversation as an entity.
    pub(super) fn entity(&self) -> Entity<'_> {
        EntityKind::Conversation.with_id(&self.id)
    }

    /// What to call it.
    pub(super) fn name(&self) -> String {
        format!("the {} thread", self.service)
    }

    /// Notes whom the conversation is about. Whoever was recognised first stays so.
    pub(super) fn is_about(&mut self, change: &Change<'_>, contact_id: &str) -> Result<(), Failure> {
        if self.contact_id.is_some() {
            return Ok(());
        }
        change.execute(
            "UPDATE conversation SET contact_id = ?3 WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &contact_id],
        )?;
        self.contact_id = Some(contact_id.to_owned());
        Ok(())
    }

    /// Stores a turn and returns its number. The event tells that it happened and what was done, and leaves
    /// the words to the messages, where they can be erased with the conversation.
    pub(super) fn store_turn(
        &self,
        change: &Change<'_>,
        said: &str,
        reply: &str,
        actions: &[Json],
    ) -> Result<i64, Failure> {
        let turn = self.turns + 1;
        for (role, author, text) in [("caller", change.actor(), said), ("service", RULES, reply)] {
            change.execute(
                "INSERT INTO conversation_message (tenant, conversation_id, turn, role, author, text, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                &[&self.id, &turn, &role, &author, &text, &change.now()],
            )?;
        }
        change.execute(
            "UPDATE conversation SET turns = ?3, updated_at = ?4 WHERE tenant = ?1 AND id = ?2",
            &[&self.id, &turn, &change.now()],
        )?;
        let contact = self.contact_id.as_deref().map(|id| EntityKind::Contact.with_id(id));
        let done: Vec<&Json> = actions.iter().filter_map(|action| action.get("type")).collect();
        change.record(&Event {
            kind: if turn == 1 { "conversation.started" } else { "conversation.continued" },
            subject: self.entity(),
            concerns: contact.into_iter().collect(),
            summary: format!("Turn {turn} of {}", self.name()),
            details: json!({"thread_id": self.id, "service": self.service, "turn": turn, "actions": done}),
        })?;
        Ok(turn)
    }
}
