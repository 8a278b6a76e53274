//! The fields of each type of records that filters and sorting can name: those that every such record has,
//! and the type's custom properties.

use super::object::{self, ObjectType};
use super::property::{self, DataType};
use crate::database::View;
use crate::failure::Failure;

/// What the values of a field are, which decides how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// Compared without regard to case.
    Text,
    /// The same, of texts that are stored in one case.
    Folded,
    /// Ids and codes, compared as they are.
    Key,
    Number,
    Flag,
    Day,
    Moment,
}

/// A field of a type of records.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: FieldKind,
    pub(super) source: Source,
}

/// Where a field's value is.
#[derive(Clone)]
pub(super) enum Source {
    /// A column of the tables that a type's records are read from.
    Column(&'static str),
    /// The values of the property with this id, of records whose id is in this column.
    Property { id: String, record: &'static str },
}

// === impl Field ===

impl Field {
    /// The column of the index of parts of texts that has this field's, where there is one.
    pub(super) fn part_column(&self) -> Option<&'static str> {
        match self.source {
            Source::Column("contact.email_key") => Some("email_key"),
            Source::Column("contact.first_name_key") => Some("first_name_key"),
            Source::Column("contact.last_name_key") => Some("last_name_key"),
            Source::Column("contact.phone_key") => Some("phone_key"),
            Source::Column(_) | Source::Property { .. } => None,
        }
    }
}

/// A field that every record of a type has: name, kind, SQL.
type BuiltIn = (&'static str, FieldKind, &'static str);

const CONTACT: &[BuiltIn] = &[
    ("id", FieldKind::Key, "contact.id"),
    ("email", FieldKind::Folded, "contact.email_key"),
    ("first_name", FieldKind::Folded, "contact.first_name_key"),
    ("last_name", FieldKind::Folded, "contact.last_name_key"),
    ("phone", FieldKind::Folded, "contact.phone_key"),
    ("company_id", FieldKind::Key, "contact.company_id"),
    ("company_name", FieldKind::Text, "employer.name"),
    ("created_at", FieldKind::Moment, "contact.created_at"),
    ("updated_at", FieldKind::Moment, "contact.updated_at"),
];

const COMPANY: &[BuiltIn] = &[
    ("id", FieldKind::Key, "company.id"),
    ("name", FieldKind::Text, "company.name"),
    ("domain", FieldKind::Folded, "company.domain"),
    ("industry", FieldKind::Text, "company.industry"),
    ("company_size", FieldKind::Text, "company.company_size"),
    ("lifecycle_stage", FieldKind::Text, "company.lifecycle_stage"),
    ("created_at", FieldKind::Moment, "company.created_at"),
    ("updated_at", FieldKind::Moment, "company.updated_at"),
];

const DEAL: &[BuiltIn] = &[
    ("id", FieldKind::Key, "deal.id"),
    ("name", FieldKind::Text, "deal.name"),
    ("amount", FieldKind::Number, "deal.amount"),
    ("currency", FieldKind::Text, "deal.currency"),
    ("pipeline", FieldKind::Folded, "pipeline.key"),
    ("stage", FieldKind::Folded, "stage.key"),
    ("stage_name", FieldKind::Text, "stage.name"),
    ("probability", FieldKind::Number, "stage.probability"),
    ("status", FieldKind::Folded, "deal.status"),
    ("company_id", FieldKind::Key, "deal.company_id"),
    ("primary_contact_id", FieldKind::Key, "deal.primary_contact_id"),
    ("expected_close_date", FieldKind::Day, "deal.expected_close_date"),
    ("closed_at", FieldKind::Moment, "deal.closed_at"),
    ("created_at", FieldKind::Moment, "deal.created_at"),
    ("updated_at", FieldKind::Moment, "deal.updated_at"),
];

const CUSTOM: &[BuiltIn] = &[
    ("id", FieldKind::Key, "object_record.id"),
    ("created_by", FieldKind::Text, "object_record.created_by"),
    ("created_at", FieldKind::Moment, "object_record.created_at"),
    ("updated_at", FieldKind::Moment, "object_record.updated_at"),
];

/// Whether every record of the type has a field of this name.
pub(super) fn is_built_in(object_type: &ObjectType, name: &str) -> bool {
    built_in(object_type).iter().any(|(known, ..)| *known == name)
}

/// The field of this name, among all that the type has.
///
/// # Errors
/// An unknown name, with the valid ones.
pub(super) fn named<'f>(
    fields: &'f [Field],
    object_type: &ObjectType,
    name: &str,
) -> Result<&'f Field, Failure> {
    fields.iter().find(|field| field.name == name).ok_or_else(|| {
        let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        object::unknown(&format!("field of {}", object_type.name()), name, &known)
    })
}

/// All fields of the type.
pub(super) fn all(view: &View<'_>, object_type: &ObjectType) -> Result<Vec<Field>, Failure> {
    let built_in = built_in(object_type).iter().map(|(name, kind, sql)| Field {
        name: (*name).to_owned(),
        kind: *kind,
        source: Source::Column(sql),
    });
    let record = id_column(object_type);
    let properties = property::all(view, object_type)?.into_iter().map(|property| Field {
        name: property.name,
        kind: match property.data_type {
            DataType::String | DataType::Enum => FieldKind::Folded,
            DataType::Number => FieldKind::Number,
            DataType::Boolean => FieldKind::Flag,
            DataType::Date => FieldKind::Day,
        },
        source: Source::Property { id: property.id, record },
    });
    Ok(built_in.chain(properties).collect())
}

/// The SQL column of the records' ids.
pub(super) const fn id_column(object_type: &ObjectType) -> &'static str {
    match object_type {
        ObjectType::Contact => "contact.id",
        ObjectType::Company => "company.id",
        ObjectType::Deal => "deal.id",
        ObjectType::Custom(_) => "object_record.id",
    }
}

const fn built_in(object_type: &ObjectType) -> &'static [BuiltIn] {
    match object_type {
        ObjectType::Contact => CONTACT,
        ObjectType::Company => COMPANY,
        ObjectType::Deal => DEAL,
        ObjectType::Custom(_) => CUSTOM,
    }
}
