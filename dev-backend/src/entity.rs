//! The kinds of things that are stored, their names on the wire and their ids.

use crate::failure::Failure;
use crate::suggestion;

/// A kind of stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityKind {
    Memory,
    Contact,
    Company,
    Deal,
    Note,
    Pipeline,
    Stage,
}

/// One stored thing, by kind and id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entity<'e> {
    pub(crate) kind: EntityKind,
    pub(crate) id: &'e str,
}

// === impl EntityKind ===

impl EntityKind {
    /// The kinds a caller may ask about by `entity_type`.
    const ADDRESSABLE: [Self; 4] = [Self::Contact, Self::Company, Self::Deal, Self::Pipeline];

    /// The name on the wire, which is the table's name too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Deal => "deal",
            Self::Note => "note",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
        }
    }

    /// A new id: the kind's prefix and a UUID v7, so that ids sort by the time of their making.
    pub(crate) fn new_id(self) -> String {
        let prefix = match self {
            Self::Memory => "mem",
            Self::Contact => "con",
            Self::Company => "cmp",
            Self::Deal => "deal",
            Self::Note => "note",
            Self::Pipeline => "pipe",
            Self::Stage => "stg",
        };
        format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
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
    pub(crate) const fn with_id(self, id: &str) -> Entity<'_> {
        Entity { kind: self, id }
    }
}
