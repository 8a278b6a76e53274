//! The types of records that properties, segments, searches, tasks and associations are about: contacts,
//! companies, deals, and the types that a tenant defines itself. This is the only place that tells them
//! apart.

use super::{company, contact, deal};
use crate::database::{Change, View};
use crate::entity::{Entity, EntityKind};
use crate::failure::Failure;
use crate::suggestion;

/// A type of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ObjectType {
    Contact,
    Company,
    Deal,
    /// A tenant's own type, by its key.
    Custom(String),
}

/// A stored record of any type, as much as others need to know of it.
pub(super) struct Record<'r> {
    pub(super) kind: EntityKind<'r>,
    pub(super) id: String,
    /// What to call it.
    pub(super) name: String,
}

// === impl ObjectType ===

impl ObjectType {
    const BUILT_IN: [Self; 3] = [Self::Contact, Self::Company, Self::Deal];

    /// The type that a caller names.
    ///
    /// # Errors
    /// An unknown name, with the valid ones.
    pub(super) fn named(view: &View<'_>, name: &str) -> Result<Self, Failure> {
        match Self::find(view, name)? {
            Some(found) => Ok(found),
            None => Err(unknown("object_type", name, &Self::names(view)?)),
        }
    }

    /// The type of this name, where there is one.
    pub(super) fn find(view: &View<'_>, name: &str) -> Result<Option<Self>, Failure> {
        if let Some(built_in) = Self::BUILT_IN.into_iter().find(|built_in| built_in.name() == name) {
            return Ok(Some(built_in));
        }
        let sql = "SELECT key FROM object_type WHERE tenant = ?1 AND key = ?2";
        Ok(view.one(sql, &[&name], |row| row.get(0))?.map(Self::Custom))
    }

    /// The names of all types.
    pub(super) fn names(view: &View<'_>) -> Result<Vec<String>, Failure> {
        let own: Vec<String> =
            view.all("SELECT key FROM object_type WHERE tenant = ?1 ORDER BY seq", &[], |row| row.get(0))?;
        Ok(Self::BUILT_IN.iter().map(|built_in| built_in.name().to_owned()).chain(own).collect())
    }

    /// The name on the wire.
    pub(super) const fn name(&self) -> &str {
        self.kind().name()
    }

    /// What a record of this type is.
    pub(super) const fn kind(&self) -> EntityKind<'_> {
        match self {
            Self::Contact => EntityKind::Contact,
            Self::Company => EntityKind::Company,
            Self::Deal => EntityKind::Deal,
            Self::Custom(key) => EntityKind::Custom(key.as_str()),
        }
    }

    /// The table that records of this type are in.
    pub(super) const fn table(&self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Deal => "deal",
            Self::Custom(_) => "object_record",
        }
    }

    /// The record of this type with this id; for the id of a merged contact the one that stayed.
    ///
    /// # Errors
    /// No such record.
    pub(super) fn record<'r>(&'r self, view: &View<'_>, id: &str) -> Result<Record<'r>, Failure> {
        let found = match self {
            Self::Contact => contact::by_id(view, id)?.map(|contact| (contact.name(), contact.id)),
            Self::Company => company::by_id(view, id)?.map(|company| (company.name, company.id)),
            Self::Deal => deal::by_id(view, id)?.map(|deal| (deal.name, deal.id)),
            Self::Custom(key) => custom(view, key, id)?,
        };
        let (name, id) =
            found.ok_or_else(|| Failure::NotFound(format!("there is no {} {id:?}", self.name())))?;
        Ok(Record { kind: self.kind(), id, name })
    }

    /// Notes that the record has changed.
    pub(super) fn touch(&self, change: &Change<'_>, id: &str) -> Result<(), Failure> {
        let sql = format!("UPDATE {} SET updated_at = ?3 WHERE tenant = ?1 AND id = ?2", self.table());
        change.execute(&sql, &[&id, &change.now()])?;
        Ok(())
    }
}

// === impl Record ===

impl Record<'_> {
    /// The record as an entity.
    pub(super) fn entity(&self) -> Entity<'_> {
        self.kind.with_id(&self.id)
    }
}

/// The name and id of a record of a tenant's own type. Such a record is called by its property `name` where
/// its type has one.
fn custom(view: &View<'_>, object_type: &str, id: &str) -> Result<Option<(String, String)>, Failure> {
    view.one(
        "SELECT coalesce(
                    (SELECT held.value FROM property_value AS held
                     JOIN property ON property.tenant = held.tenant AND property.id = held.property_id
                     WHERE held.tenant = ?1 AND held.record_id = ?3 AND property.object_type = ?2
                           AND property.name = 'name' AND property.data_type = 'string'),
                    cast(fields ->> '$.name' AS TEXT), id), id
         FROM object_record WHERE tenant = ?1 AND object_type = ?2 AND id = ?3",
        &[&object_type, &id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The failure that names what there is instead of the name given.
pub(super) fn unknown(what: &str, given: &str, known: &[impl AsRef<str>]) -> Failure {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let hint = suggestion::hint(given, known.iter().copied());
    let known = known.join(", ");
    Failure::Meaningless(format!("there is no {what} {given:?}{hint}; the valid ones are {known}"))
}
