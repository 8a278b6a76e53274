//! What happened, as the timeline, the audit query and the outbox tell it. An event is written in the
//! transaction of the change it tells of, through [`crate::database::Change::record`] and nowhere else.

use serde_json::Value as Json;

use crate::entity::Entity;

/// Something that happened to one entity and concerns others.
pub(crate) struct Event<'e> {
    /// What happened, as `entity.verb`.
    pub(crate) kind: &'static str,
    /// What it happened to.
    pub(crate) subject: Entity<'e>,
    /// In whose timelines it shows too.
    pub(crate) concerns: Vec<Entity<'e>>,
    /// One line for a reader.
    pub(crate) summary: String,
    /// The particulars.
    pub(crate) details: Json,
}
