//! Contacts: one per e-mail address, whatever its case.

mod said;

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::company;
use super::gdpr::refuse_blocked;
use crate::call::Call;
use crate::database::{Change, View, folded};
use crate::entity::{Entity, EntityKind};
use crate::event::Event;
use crate::failure::Failure;
use crate::input::{self, Differences};
use crate::service::Answer;

use said::Employer;
pub(crate) use said::Said;

/// The longest e-mail address that can be delivered to.
const LONGEST_EMAIL: usize = 254;

/// A stored contact.
#[derive(Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) company_id: Option<String>,
    pub(crate) company_name: Option<String>,
    created_at: String,
    updated_at: String,
}

/// The columns that [`Contact::read`] reads, of [`SOURCE`].
pub(super) const COLUMNS: &str = "contact.id, contact.email, contact.first_name, contact.last_name, contact.phone, \
                                  contact.company_id, employer.name, contact.created_at, contact.updated_at";

/// Contacts with the companies they belong to.
pub(super) const SOURCE: &str = "contact LEFT JOIN company AS employer \
                                 ON employer.tenant = contact.tenant AND employer.id = contact.company_id";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upsert {
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    company_name: Option<String>,
}

/// A contact as it was saved.
pub(crate) struct Saved {
    pub(crate) contact: Contact,
    pub(crate) created: bool,
    /// The fields that an update changed.
    pub(super) changed: Vec<String>,
}

/// Creates the contact or changes the given fields of the one that is there.
pub(super) fn upsert(change: &Change<'_>, call: &Call) -> Answer {
    let given: Upsert = call.input()?;
    let email = address(&given.email)?;
    let said = Said::read(
        given.first_name.as_deref(),
        given.last_name.as_deref(),
        given.phone.as_deref(),
        given.company_name.as_deref(),
    )?;
    let known = by_email(change.view(), &email)?;
    let Saved { contact, created, changed } = save(change, known, email, said)?;
    let mut shown = contact.show();
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("created".to_owned(), json!(created));
        fields.insert("changed".to_owned(), json!(changed));
    }
    Ok(shown)
}

/// Creates the contact of this address, or changes the one that is known. Nothing is changed where this
/// fails for a reason that a caller can mend.
pub(crate) fn save(
    change: &Change<'_>,
    known: Option<Contact>,
    email: String,
    said: Said,
) -> Result<Saved, Failure> {
    refuse_blocked(change.view(), known.as_ref().map_or(&email, |contact| &contact.email))?;
    let company = match said.employer {
        Some(Some(Employer::Called(name))) => {
            let company = company::named(change, &name)?;
            Some(Some((company.id, company.name)))
        }
        Some(Some(Employer::Known { id, name })) => Some(Some((id, name))),
        Some(None) => Some(None),
        None => None,
    };
    let created = known.is_none();
    let mut contact = known.unwrap_or_else(|| Contact::new(change, email));
    let former_company = contact.company_id.clone();
    let mut differences = Differences::default();
    differences.set("first_name", &mut contact.first_name, said.first_name);
    differences.set("last_name", &mut contact.last_name, said.last_name);
    differences.set("phone", &mut contact.phone, said.phone);
    if let Some(company) = company {
        let (id, name) = company.unzip();
        differences.set("company_id", &mut contact.company_id, Some(id));
        contact.company_name = name;
    }
    let changed = if created { Vec::new() } else { differences.fields() };
    if created {
        contact.insert(change)?;
    } else if !differences.is_empty() {
        contact.update(change, differences, former_company.as_deref())?;
    }
    Ok(Saved { contact, created, changed })
}

/// The contact with this id; for the id of a merged contact the one that stayed.
pub(crate) fn by_id(view: &View<'_>, id: &str) -> Result<Option<Contact>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {SOURCE} WHERE contact.tenant = ?1 AND contact.id = coalesce(
             (SELECT target_id FROM contact_merge WHERE tenant = ?1 AND source_id = ?2), ?2)"
    );
    view.one(&sql, &[&id], Contact::read)
}

/// The id of the contact that stayed, where the contact with this id was merged into another.
pub(super) fn current_id(view: &View<'_>, id: &str) -> Result<Option<String>, Failure> {
    let sql = "SELECT target_id FROM contact_merge WHERE tenant = ?1 AND source_id = ?2";
    view.one(sql, &[&id], |row| row.get(0))
}

/// How many contacts there are.
pub(crate) fn count(view: &View<'_>) -> Result<i64, Failure> {
    view.count("SELECT count(*) FROM contact WHERE tenant = ?1", &[])
}

/// The contact with this address, whatever its case.
pub(crate) fn by_email(view: &View<'_>, email: &str) -> Result<Option<Contact>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM {SOURCE} WHERE contact.tenant = ?1 AND contact.email_key = ?2");
    view.one(&sql, &[&folded(email)], Contact::read)
}

/// The contacts with a phone number of these digits, the oldest first; of many, the first few.
pub(super) fn by_phone(view: &View<'_>, digits: &str) -> Result<Vec<Contact>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {SOURCE} WHERE contact.tenant = ?1 AND contact.phone_digits = ?2
         ORDER BY contact.seq LIMIT 100"
    );
    view.all(&sql, &[&digits], Contact::read)
}

/// An e-mail address that could be one; whether it takes mail only mail can tell.
pub(crate) fn address(given: &str) -> Result<String, Failure> {
    let email = input::line("email", given)?;
    let usable =
        email.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
            && !email.chars().any(|letter| letter.is_whitespace() || letter.is_control())
            && email.chars().count() <= LONGEST_EMAIL;
    if usable {
        Ok(email)
    } else {
        Err(Failure::Meaningless(format!("email {given:?} is no e-mail address")))
    }
}

/// A phone number's digits, by which it is found and recognised however it is written.
pub(super) fn digits(phone: Option<&str>) -> Option<String> {
    phone.map(|phone| phone.chars().filter(char::is_ascii_digit).collect())
}

/// What a text is found and sorted by.
fn key(text: Option<&str>) -> Option<String> {
    text.map(folded)
}

// === impl Contact ===

impl Contact {
    fn new(change: &Change<'_>, email: String) -> Self {
        Self {
            id: change.new_id(EntityKind::Contact),
            email,
            first_name: None,
            last_name: None,
            phone: None,
            company_id: None,
            company_name: None,
            created_at: change.now().to_owned(),
            updated_at: change.now().to_owned(),
        }
    }

    /// The contact in a row that starts with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            first_name: row.get(2)?,
            last_name: row.get(3)?,
            phone: row.get(4)?,
            company_id: row.get(5)?,
            company_name: row.get(6)?,
            created_at: row.get(7)?,
            updated_at: row.get(8)?,
        })
    }

    /// The contact as answers show it.
    pub(super) fn show(&self) -> Json {
        json!({
            "type": "contact",
            "id": self.id,
            "name": self.name(),
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "phone": self.phone,
            "company_id": self.company_id,
            "company_name": self.company_name,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    /// What to call the contact: the name, or the address where there is none.
    pub(crate) fn name(&self) -> String {
        let names: Vec<&str> =
            [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        if names.is_empty() { self.email.clone() } else { names.join(" ") }
    }

    /// Takes from another contact the fields that this one lacks, and returns their names.
    pub(super) fn fill_from(&self, change: &Change<'_>, other: &Self) -> Result<Vec<String>, Failure> {
        let mut names = Vec::new();
        let mut fill = |name: &str, own: &mut Option<String>, others: &Option<String>| {
            if own.is_none() && others.is_some() {
                names.push(name.to_owned());
                own.clone_from(others);
            }
        };
        let mut filled = self.clone();
        fill("phone", &mut filled.phone, &other.phone);
        fill("first_name", &mut filled.first_name, &other.first_name);
        fill("last_name", &mut filled.last_name, &other.last_name);
        fill("company_id", &mut filled.company_id, &other.company_id);
        filled.store(change)?;
        Ok(names)
    }

    /// Writes the fields that can change to the contact's row.
    fn store(&mut self, change: &Change<'_>) -> Result<(), Failure> {
        change.now().clone_into(&mut self.updated_at);
        change.execute(
            "UPDATE contact SET first_name = ?3, first_name_key = ?4, last_name = ?5, last_name_key = ?6,
                                phone = ?7, phone_key = ?8, phone_digits = ?9, company_id = ?10, updated_at = ?11
             WHERE tenant = ?1 AND id = ?2",
            &[
                &self.id,
                &self.first_name,
                &key(self.first_name.as_deref()),
                &self.last_name,
                &key(self.last_name.as_deref()),
                &self.phone,
                &key(self.phone.as_deref()),
                &digits(self.phone.as_deref()),
                &self.company_id,
                &self.updated_at,
            ],
        )?;
        Ok(())
    }

    fn insert(&self, change: &Change<'_>) -> Result<(), Failure> {
        change.execute(
            "INSERT INTO contact (tenant, id, email, email_key, first_name, first_name_key, last_name,
                                  last_name_key, phone, phone_key, phone_digits, company_id, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)",
            &[
                &self.id,
                &self.email,
                &folded(&self.email),
                &self.first_name,
                &key(self.first_name.as_deref()),
                &self.last_name,
                &key(self.last_name.as_deref()),
                &self.phone,
                &key(self.phone.as_deref()),
                &digits(self.phone.as_deref()),
                &self.company_id,
                &self.created_at,
            ],
        )?;
        change.record(&Event {
            kind: "contact.created",
            subject: EntityKind::Contact.with_id(&self.id),
            concerns: companies(&[self.company_id.as_deref()]),
            summary: format!("Contact {} created", self.name()),
            details: json!({"email": self.email, "company_id": self.company_id}),
        })
    }

    fn update(
        &mut self,
        change: &Change<'_>,
        differences: Differences,
        former_company: Option<&str>,
    ) -> Result<(), Failure> {
        self.store(change)?;
        // A change of employer is news to both; any other change is the contact's own.
        let moved = former_company != self.company_id.as_deref();
        let employers = [former_company, self.company_id.as_deref()];
        change.record(&Event {
            kind: "contact.updated",
            subject: EntityKind::Contact.with_id(&self.id),
            concerns: if moved { companies(&employers) } else { Vec::new() },
            summary: format!("Contact {} updated: {}", self.name(), differences.fields().join(", ")),
            details: differences.into_details(),
        })
    }
}

fn companies<'e>(ids: &[Option<&'e str>]) -> Vec<Entity<'e>> {
    ids.iter().flatten().map(|id| EntityKind::Company.with_id(id)).collect()
}
