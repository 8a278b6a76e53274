//! The person a request is about: a contact, with all the ids, addresses and numbers it has had.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::text_column::{Rows, TextColumn};
use super::trace::Trace;
use crate::call::Call;
use crate::crm::contact::{self, Contact};
use crate::crm::merge;
use crate::database::{View, folded, json_column};
use crate::failure::Failure;

/// The rows about a person in tables that say what each row is about; `?2` are the person's ids.
pub(super) const MINE: &str = "entity_type = 'contact' AND entity_id IN (SELECT value FROM json_each(?2))";

/// The associations of a person; `?2` are the person's ids.
pub(super) const LINKED: &str = "((from_type = 'contact' AND from_id IN (SELECT value FROM json_each(?2)))
     OR (to_type = 'contact' AND to_id IN (SELECT value FROM json_each(?2))))";

/// The memories that calls and meetings with the person were told to; `?2` are the person's ids.
const LINKED_MEMORIES: &str = "SELECT memory_id FROM call WHERE tenant = ?1 AND entity_type = 'contact'
         AND entity_id IN (SELECT value FROM json_each(?2))
     UNION SELECT memory_id FROM meeting WHERE tenant = ?1 AND entity_type = 'contact'
         AND entity_id IN (SELECT value FROM json_each(?2))";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    contact_id: Option<String>,
    email: Option<String>,
}

/// Whom a request names.
pub(super) enum Subject {
    /// Somebody who is there.
    Known(Box<Person>),
    /// Nobody who is there, by this id.
    AbsentId(String),
    /// Nobody who is there, by an address.
    AbsentAddress,
}

/// A contact and what it is or was known by.
pub(super) struct Person {
    pub(super) contact: Contact,
    /// The contact's id, and the ids of contacts that were merged into it.
    pub(super) ids: Vec<String>,
    addresses: BTreeSet<String>,
    phones: BTreeSet<String>,
}

// === impl Subject ===

impl Subject {
    /// Whom the call's `contact_id` or `email` means.
    ///
    /// # Errors
    /// None of them given, or two that mean different people.
    pub(super) fn read(view: &View<'_>, call: &Call) -> Result<Self, Failure> {
        let Named { contact_id, email } = call.input()?;
        let by_email = match &email {
            Some(email) => Some(contact::by_email(view, &contact::address(email)?)?),
            None => None,
        };
        let found = match (contact_id, by_email) {
            (None, None) => return Err(Failure::Meaningless("give contact_id or email".to_owned())),
            (None, Some(found)) => found,
            (Some(id), by_email) => {
                let Some(found) = contact::by_id(view, &id)? else { return Ok(Self::AbsentId(id)) };
                if by_email.is_some_and(|other| other.is_none_or(|other| other.id != found.id)) {
                    let message = "contact_id and email mean different people; give one of them".to_owned();
                    return Err(Failure::Meaningless(message));
                }
                Some(found)
            }
        };
        found.map_or(Ok(Self::AbsentAddress), |contact| {
            Person::new(view, contact).map(|person| Self::Known(Box::new(person)))
        })
    }
}

// === impl Person ===

impl Person {
    fn new(view: &View<'_>, contact: Contact) -> Result<Self, Failure> {
        let mut ids = vec![contact.id.clone()];
        ids.extend(merge::merged_ids(view, &contact.id)?);
        let addresses = BTreeSet::from([folded(&contact.email)]);
        let phones = contact.phone.iter().cloned().collect();
        let mut person = Self { contact, ids, addresses, phones };
        let told = view.all(
            "SELECT event.details FROM event_entity JOIN event ON event.seq = event_entity.event_seq
             WHERE event_entity.tenant = ?1 AND event_entity.entity_type = 'contact'
                   AND event_entity.entity_id IN (SELECT value FROM json_each(?2))
                   AND event.entity_type = 'contact'",
            &[&person.ids_json()],
            |row| json_column(row, 0),
        )?;
        told.iter().for_each(|details| person.learn(details));
        Ok(person)
    }

    /// The ids as a JSON list, for `json_each`.
    pub(super) fn ids_json(&self) -> String {
        json!(self.ids).to_string()
    }

    /// The addresses, in lower case, as a JSON list.
    pub(super) fn addresses_json(&self) -> String {
        json!(self.addresses).to_string()
    }

    /// The deals that are about this person, as a JSON list of ids.
    pub(super) fn deals_json(&self, view: &View<'_>) -> Result<String, Failure> {
        let sql = "SELECT id FROM deal WHERE tenant = ?1 AND primary_contact_id = ?2";
        let ids: Vec<String> = view.all(sql, &[&self.contact.id], |row| row.get(0))?;
        Ok(json!(ids).to_string())
    }

    /// The ids of the memories that are linked to the person or name them.
    pub(super) fn memories(&self, view: &View<'_>) -> Result<BTreeSet<String>, Failure> {
        let trace = self.trace(view)?;
        let linked: Vec<String> = view.all(LINKED_MEMORIES, &[&self.ids_json()], |row| row.get(0))?;
        let mut found = BTreeSet::from_iter(linked);
        for name in ["kind", "content", "tags"] {
            let sql = format!("SELECT id FROM memory WHERE tenant = ?1 AND {name} = ?2");
            for text in TextColumn::new("memory", name).texts(view, &trace, &Rows::ALL)? {
                found.extend(view.all(&sql, &[&text], |row| row.get::<_, String>(0))?);
            }
        }
        Ok(found)
    }

    /// What gives the person away in any text: ids, addresses, and the name and numbers that nobody else
    /// has.
    pub(super) fn trace(&self, view: &View<'_>) -> Result<Trace, Failure> {
        let mut trace = Trace::default();
        self.ids.iter().for_each(|id| trace.add_word(id));
        self.trace_without_ids(view, &mut trace)?;
        Ok(trace)
    }

    /// Like [`Person::trace`], for looking where ids are no news.
    pub(super) fn trace_without_ids(&self, view: &View<'_>, trace: &mut Trace) -> Result<(), Failure> {
        self.addresses.iter().for_each(|address| trace.add_address(address));
        for phone in &self.phones {
            let digits = contact::digits(Some(phone)).unwrap_or_default();
            let shared = contact::by_phone(view, &digits)?.iter().any(|other| other.id != self.contact.id);
            if digits.len() >= 5 && !shared {
                trace.add_number(phone);
                trace.add_number(&digits);
            }
        }
        if let (Some(first), Some(last)) = (&self.contact.first_name, &self.contact.last_name)
            && !self.has_namesake(view, first, last)?
        {
            trace.add_word(&format!("{first} {last}"));
            trace.add_word(&format!("{last}, {first}"));
            trace.add_word(&format!("{last} {first}"));
        }
        Ok(())
    }

    /// What gives the person away in texts that are about them anyway: each name alone too.
    pub(super) fn close_trace(&self, view: &View<'_>) -> Result<Trace, Failure> {
        let mut trace = self.trace(view)?;
        for name in [&self.contact.first_name, &self.contact.last_name].into_iter().flatten() {
            trace.add_word(name);
        }
        Ok(trace)
    }

    fn has_namesake(&self, view: &View<'_>, first: &str, last: &str) -> Result<bool, Failure> {
        let namesakes = view.count(
            "SELECT count(*) FROM contact
             WHERE tenant = ?1 AND first_name_key = ?2 AND last_name_key = ?3 AND id <> ?4",
            &[&folded(first), &folded(last), &self.contact.id],
        )?;
        Ok(namesakes > 0)
    }

    /// Remembers the addresses and numbers that an event tells of.
    fn learn(&mut self, details: &Json) {
        let Some(fields) = details.as_object() else { return };
        for (name, value) in fields {
            let texts: Vec<&str> = match value {
                Json::String(text) => vec![text],
                Json::Object(change) => {
                    ["from", "to"].iter().filter_map(|side| change.get(*side)?.as_str()).collect()
                }
                _ => Vec::new(),
            };
            match name.as_str() {
                "email" => self.addresses.extend(texts.iter().map(|text| folded(text))),
                "phone" => self.phones.extend(texts.iter().map(|text| (*text).to_owned())),
                _ => self.learn(value),
            }
        }
    }
}
