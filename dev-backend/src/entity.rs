//! The kinds of things that are stored, their names on the wire and their ids.

use crate::failure::Failure;
use crate::suggestion;

/// A kind of stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityKind<'k> {
    Memory,
    Contact,
    Company,
    Deal,
    Note,
    Pipeline,
    Stage,
    Task,
    Call,
    Meeting,
    Association,
    Property,
    Segment,
    User,
    Team,
    ApiKey,
    Email,
    Import,
    BlocklistEntry,
    Webhook,
    ObjectType,
    /// A conversation with one of the workflow services.
    Conversation,
    AutomationRun,
    MailThread,
    MailMessage,
    /// A record of a tenant's own object type, by that type's key.
    Custom(&'k str),
}

/// One stored thing, by kind and id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entity<'e> {
    pub(crate) kind: EntityKind<'e>,
    pub(crate) id: &'e str,
}

// === impl EntityKind ===

impl<'k> EntityKind<'k> {
    /// The kinds a caller may ask about by `entity_type`.
    const ADDRESSABLE: [Self; 4] = [Self::Contact, Self::Company, Self::Deal, Self::Pipeline];

    /// The name on the wire; but for records of a tenant's own types it is the table's name too.
    pub(crate) const fn name(self) -> &'k str {
        match self {
            Self::Memory => "memory",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Deal => "deal",
            Self::Note => "note",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::Task => "task",
            Self::Call => "call",
            Self::Meeting => "meeting",
            Self::Association => "association",
            Self::Property => "property",
            Self::Segment => "segment",
            Self::User => "user",
            Self::Team => "team",
            Self::ApiKey => "api_key",
            Self::Email => "email",
            Self::Import => "import",
            Self::BlocklistEntry => "blocklist_entry",
            Self::Webhook => "webhook",
            Self::ObjectType => "object_type",
            Self::Conversation => "conversation",
            Self::AutomationRun => "automation_run",
            Self::MailThread => "mail_thread",
            Self::MailMessage => "mail_message",
            Self::Custom(object_type) => object_type,
        }
    }

    /// What the kind's ids begin with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Memory => "mem",
            Self::Contact => "con",
            Self::Company => "cmp",
            Self::Deal => "deal",
            Self::Note => "note",
            Self::Pipeline => "pipe",
            Self::Stage => "stg",
            Self::Task => "task",
            Self::Call => "call",
            Self::Meeting => "meet",
            Self::Association => "assoc",
            Self::Property => "prop",
            Self::Segment => "seg",
            Self::User => "user",
            Self::Team => "team",
            Self::ApiKey => "key",
            Self::Email => "mail",
            Self::Import => "imp",
            Self::BlocklistEntry => "blk",
            Self::Webhook => "hook",
            Self::ObjectType => "type",
            Self::Conversation => "thr",
            Self::AutomationRun => "run",
            Self::MailThread => "mthr",
            Self::MailMessage => "msg",
            Self::Custom(_) => "rec",
        }
    }

    /// The kind that a caller names as `entity_type`.
    ///
    /// # Errors
    /// An unknown name, with the valid ones.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        Self::ADDRESSABLE.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let known = Self::ADDRESSABLE.map(Self::name);
            let hint = suggestion::hint(name, known);
            let known = known.join(", ");
            Failure::Meaningless(format!(
                "there is no entity_type {name:?}{hint}; the valid ones are {known}"
            ))
        })
    }

    /// This thing of this kind.
    pub(crate) const fn with_id<'e>(self, id: &'e str) -> Entity<'e>
    where
        'k: 'e,
    {
        Entity { kind: self, id }
    }
}
