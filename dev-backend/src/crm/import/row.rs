//! One row of an import: whom it means, and what it says about them.

use std::collections::HashSet;

use super::columns::{Columns, Field};
use crate::crm::cell;
use crate::crm::contact::{self, Contact, Said, Saved};
use crate::crm::gdpr::refuse_blocked;
use crate::database::{Change, View, folded};
use crate::failure::Failure;

/// The fewest digits by which a phone number means somebody.
const DISTINCT_DIGITS: usize = 7;

/// What became of a row.
pub(super) struct Taken {
    pub(super) outcome: &'static str,
    pub(super) contact_id: String,
    /// What the row said and was not taken.
    pub(super) note: Option<String>,
}

/// What a row says; an empty cell says nothing.
struct Given<'c> {
    email: Option<String>,
    first_name: Option<&'c str>,
    last_name: Option<&'c str>,
    phone: Option<&'c str>,
    company_name: Option<&'c str>,
}

/// Creates or updates the contact that the row means. `created` are the contacts that this import made.
///
/// # Errors
/// What is wrong with the row.
pub(super) fn take(
    change: &Change<'_>,
    columns: &Columns,
    cells: &[String],
    created: &mut HashSet<String>,
) -> Result<Taken, Failure> {
    let given = Given::read(columns, cells)?;
    if let Some(email) = &given.email {
        refuse_blocked(change.view(), email)?;
    }
    let known = match &given.email {
        Some(email) => match contact::by_email(change.view(), email)? {
            Some(contact) => Some(contact),
            None => given.by_phone(change.view(), created)?,
        },
        None => Some(given.by_phone_alone(change.view())?),
    };
    let other_address = known.as_ref().zip(given.email.as_ref()).and_then(|(contact, email)| {
        let same = folded(&contact.email) == folded(email);
        (!same).then(|| format!("recognised by phone; the address stays {}, not {email}", contact.email))
    });
    // The number that somebody is recognised by stays as it is written.
    let same_number =
        |contact: &Contact| contact::digits(contact.phone.as_deref()) == contact::digits(given.phone);
    let phone = given.phone.filter(|_| !known.as_ref().is_some_and(same_number));
    let said = Said::read(given.first_name, given.last_name, phone, given.company_name)?;
    let email = given.email.unwrap_or_default();
    let Saved { contact, created: is_new, changed } = contact::save(change, known, email, said)?;
    let outcome = match (is_new, changed.is_empty()) {
        (true, _) => "created",
        (false, true) => "unchanged",
        (false, false) => "updated",
    };
    if is_new {
        created.insert(contact.id.clone());
    }
    Ok(Taken { outcome, contact_id: contact.id, note: other_address })
}

// === impl Given ===

impl<'c> Given<'c> {
    fn read(columns: &Columns, cells: &'c [String]) -> Result<Self, Failure> {
        let said =
            |field| columns.cell(cells, field).map(cell::restored).filter(|text| !text.trim().is_empty());
        Ok(Self {
            email: said(Field::Email).map(contact::address).transpose()?,
            first_name: said(Field::FirstName),
            last_name: said(Field::LastName),
            phone: said(Field::Phone),
            company_name: said(Field::CompanyName),
        })
    }

    /// The one contact of the phone number that was there before this import.
    fn by_phone(&self, view: &View<'_>, created: &HashSet<String>) -> Result<Option<Contact>, Failure> {
        let mut candidates = self.with_phone(view)?;
        candidates.retain(|contact| self.may_be(contact) && !created.contains(&contact.id));
        Ok(if candidates.len() == 1 { candidates.pop() } else { None })
    }

    /// The one contact of the phone number.
    fn by_phone_alone(&self, view: &View<'_>) -> Result<Contact, Failure> {
        let refused = |reason: &str| Err(Failure::Meaningless(reason.to_owned()));
        let mut candidates = self.with_phone(view)?;
        let all = candidates.len();
        candidates.retain(|contact| self.may_be(contact));
        match (candidates.pop(), candidates.len(), all) {
            (Some(contact), 0, _) => Ok(contact),
            (Some(_), _, _) => refused("email is missing, and several contacts have this phone"),
            (None, _, 0) => refused("email is missing, and no contact has this phone"),
            (None, _, _) => refused("email is missing, and the contact with this phone has another name"),
        }
    }

    fn with_phone(&self, view: &View<'_>) -> Result<Vec<Contact>, Failure> {
        match contact::digits(self.phone).filter(|digits| digits.len() >= DISTINCT_DIGITS) {
            Some(digits) => contact::by_phone(view, &digits),
            None => Ok(Vec::new()),
        }
    }

    /// Whether no name that both have speaks against it.
    fn may_be(&self, contact: &Contact) -> bool {
        let agree = |one: Option<&str>, other: Option<&str>| match (one, other) {
            (Some(one), Some(other)) => folded(one.trim()) == folded(other),
            _ => true,
        };
        agree(self.first_name, contact.first_name.as_deref())
            && agree(self.last_name, contact.last_name.as_deref())
    }
}
