//! Which column of a file holds which field of a contact, by the names that other programs give them.

use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;
use crate::suggestion;

/// A field of a contact that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Email,
    FirstName,
    LastName,
    Phone,
    CompanyName,
}

/// The fields with their names: our own first, then others' in lower case without spaces and signs.
const NAMES: [(Field, &str, &[&str]); 5] = [
    (
        Field::Email,
        "email",
        &["email", "emailaddress", "mail", "mailaddress", "emailadresse", "primaryemail", "workemail"],
    ),
    (Field::FirstName, "first_name", &["firstname", "first", "givenname", "forename", "fname", "vorname"]),
    (
        Field::LastName,
        "last_name",
        &["lastname", "last", "familyname", "surname", "lname", "nachname", "familienname"],
    ),
    (
        Field::Phone,
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "workphone",
            "telefon",
            "telefonnummer",
        ],
    ),
    (
        Field::CompanyName,
        "company_name",
        &[
            "companyname",
            "company",
            "organization",
            "organisation",
            "organizationname",
            "employer",
            "account",
            "accountname",
            "firma",
            "unternehmen",
        ],
    ),
];

/// What a file's columns hold.
pub(super) struct Columns {
    /// Each column's title and field.
    held: Vec<(String, Option<Field>)>,
    /// The titles of columns that hold nothing known.
    pub(super) ignored: Vec<String>,
}

// === impl Columns ===

impl Columns {
    /// Reads a header row.
    ///
    /// # Errors
    /// No column to know people by, or two columns for the same field.
    pub(super) fn read(header: &[String]) -> Result<Self, Failure> {
        let mut held: Vec<(String, Option<Field>)> = Vec::new();
        for title in header {
            let title = title.trim();
            let field = Field::titled(title);
            let twin = held.iter().find(|(_, other)| field.is_some() && *other == field);
            if let (Some((other, _)), Some(field)) = (twin, field) {
                let message = format!(
                    "the columns {other:?} and {title:?} both hold {}; keep one of them",
                    field.name()
                );
                return Err(Failure::Meaningless(message));
            }
            held.push((title.to_owned(), field));
        }
        let knows = |field: Field| held.iter().any(|(_, held)| *held == Some(field));
        if !knows(Field::Email) && !knows(Field::Phone) {
            let hint = held
                .iter()
                .map(|(title, _)| suggestion::hint(title, ["email", "phone"]))
                .find(|hint| !hint.is_empty());
            let titles: Vec<&str> = held.iter().map(|(title, _)| title.as_str()).collect();
            return Err(Failure::Meaningless(format!(
                "the header row has neither an email nor a phone column{}; it has {}",
                hint.unwrap_or_default(),
                titles.join(", ")
            )));
        }
        let unknown = held.iter().filter(|(_, field)| field.is_none()).map(|(title, _)| title.clone());
        let ignored = unknown.collect();
        Ok(Self { held, ignored })
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.held.len()
    }

    /// The cell of a row that holds the field.
    pub(super) fn cell<'c>(&self, cells: &'c [String], field: Field) -> Option<&'c str> {
        let index = self.held.iter().position(|(_, held)| *held == Some(field))?;
        cells.get(index).map(String::as_str)
    }

    /// Which of our fields was read from which column.
    pub(super) fn show(&self) -> Json {
        let known = self.held.iter().filter_map(|(title, field)| Some((field.as_ref()?.name(), title)));
        Json::Object(known.map(|(name, title)| (name.to_owned(), json!(title))).collect::<Map<_, _>>())
    }
}

// === impl Field ===

impl Field {
    fn titled(title: &str) -> Option<Self> {
        let key: String = title.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        NAMES.iter().find(|(_, _, names)| names.contains(&key.as_str())).map(|(field, ..)| *field)
    }

    fn name(self) -> &'static str {
        NAMES.iter().find(|(field, ..)| *field == self).map_or("", |(_, name, _)| name)
    }
}
