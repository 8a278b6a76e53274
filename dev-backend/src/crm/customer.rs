//! Customers: contacts and companies, as those who search and look up see them together.

use rusqlite::Row;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::company::{self, Company};
use super::contact::{self, Contact};
use super::deal::{self, Deal};
use super::object::ObjectType;
use super::{merge, property};
use crate::call::Call;
use crate::database::{Index, View, Words};
use crate::entity::{Entity, EntityKind};
use crate::failure::Failure;
use crate::list::Page;
use crate::service::Answer;

/// The most deals that a lookup shows.
const DEALS_SHOWN: u32 = 100;

/// A hit in the name says more than one in an address; the scope column says nothing.
const INDEX: Index =
    Index { name: "customer_search", columns: "name email phone domain", weights: "0.0, 2.0, 1.0, 1.0, 1.0" };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    limit: Option<i64>,
    offset: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    customer_id: String,
}

/// A customer by id.
pub(super) enum Customer {
    Contact(Contact),
    Company(Company),
}

/// A row of the index: contacts have the even entries, companies the odd ones.
struct Hit {
    entry: i64,
    score: f64,
}

/// Lists the customers whose name, e-mail, phone or domain has every word of the query, or any of them
/// where none has all; the newest ones where the query has no words.
pub(super) fn search(view: &View<'_>, call: &Call) -> Answer {
    let Search { query, limit, offset } = call.input()?;
    let page = Page::new(limit, 20, offset)?;
    let words = Words::of(&query);
    if words.is_empty() {
        return newest(view, page);
    }
    let hits = INDEX.find(view, "", &words, page)?;
    let rows: Vec<Hit> = hits.rows.into_iter().map(|(entry, score)| Hit { entry, score }).collect();
    Ok(page.answer(show(view, &rows)?, hits.total))
}

/// The contacts whose name, address or phone number has any of these words, the likeliest first.
pub(crate) fn contacts_with(view: &View<'_>, words: &Words, most: u32) -> Result<Vec<Contact>, Failure> {
    let sql = format!(
        "SELECT {} FROM {} WHERE contact.tenant = ?1 AND contact.seq = ?2",
        contact::COLUMNS,
        contact::SOURCE
    );
    let mut contacts = Vec::new();
    if words.is_empty() {
        return Ok(contacts);
    }
    for (entry, _) in INDEX.find(view, "", words, Page { limit: most, offset: 0 })?.rows {
        if entry % 2 == 0 {
            contacts.extend(view.one(&sql, &[&(entry / 2)], Contact::read)?);
        }
    }
    Ok(contacts)
}

fn newest(view: &View<'_>, page: Page) -> Answer {
    let total = view.count(
        "SELECT (SELECT count(*) FROM contact WHERE tenant = ?1) + (SELECT count(*) FROM company WHERE tenant = ?1)",
        &[],
    )?;
    let hits = view.all(
        // Ids sort by the time of their making, so each side gives its newest from its index of ids.
        "SELECT entry, 0.0 FROM (
             SELECT * FROM (SELECT seq * 2 AS entry, created_at FROM contact WHERE tenant = ?1
                            ORDER BY id DESC LIMIT ?2 + ?3)
             UNION ALL
             SELECT * FROM (SELECT seq * 2 + 1, created_at FROM company WHERE tenant = ?1
                            ORDER BY id DESC LIMIT ?2 + ?3))
         ORDER BY created_at DESC, entry DESC LIMIT ?2 OFFSET ?3",
        &[&page.limit, &page.offset],
        Hit::read,
    )?;
    Ok(page.answer(show(view, &hits)?, total))
}

/// Shows one customer with its properties, its deals and how many notes it has.
pub(super) fn lookup(view: &View<'_>, call: &Call) -> Answer {
    let Lookup { customer_id } = call.input()?;
    let customer = Customer::find(view, &customer_id)?;
    let entity = customer.entity();
    let (mut shown, related, deals_of) = match &customer {
        Customer::Contact(contact) => {
            let company = match &contact.company_id {
                Some(id) => company::by_id(view, id)?.map(|company| company.show()),
                None => None,
            };
            (contact.show(), ("company", json!(company)), "deal.primary_contact_id")
        }
        Customer::Company(company) => {
            let contacts = view.count(
                "SELECT count(*) FROM contact WHERE tenant = ?1 AND company_id = ?2",
                &[&company.id],
            )?;
            (company.show(), ("contacts_count", json!(contacts)), "deal.company_id")
        }
    };
    let object_type = match &customer {
        Customer::Contact(_) => ObjectType::Contact,
        Customer::Company(_) => ObjectType::Company,
    };
    let properties = property::of_records(view, &object_type, &[entity.id])?.remove(entity.id);
    let notes = "SELECT count(*) FROM note WHERE tenant = ?1 AND entity_type = ?2 AND entity_id = ?3";
    let deals = format!("{} AND {deals_of} = ?2 ORDER BY deal.seq DESC LIMIT {DEALS_SHOWN}", deal::select());
    let deals_count = format!("SELECT count(*) FROM deal WHERE tenant = ?1 AND {deals_of} = ?2");
    if let Some(fields) = shown.as_object_mut() {
        fields.insert(related.0.to_owned(), related.1);
        let deals: Vec<Json> = view.all(&deals, &[&entity.id], Deal::read)?.iter().map(Deal::show).collect();
        fields.insert("deals".to_owned(), json!(deals));
        fields.insert("deals_count".to_owned(), json!(view.count(&deals_count, &[&entity.id])?));
        fields
            .insert("notes_count".to_owned(), json!(view.count(notes, &[&entity.kind.name(), &entity.id])?));
        fields.insert("properties".to_owned(), Json::Object(properties.unwrap_or_default()));
        if let Customer::Contact(contact) = &customer {
            fields.insert("merged_ids".to_owned(), json!(merge::merged_ids(view, &contact.id)?));
        }
    }
    Ok(shown)
}

fn show(view: &View<'_>, hits: &[Hit]) -> Result<Vec<Json>, Failure> {
    let contacts = format!(
        "SELECT {} FROM {} WHERE contact.tenant = ?1 AND contact.seq = ?2",
        contact::COLUMNS,
        contact::SOURCE
    );
    let companies = format!("SELECT {} FROM company WHERE tenant = ?1 AND seq = ?2", company::COLUMNS);
    let mut items = Vec::with_capacity(hits.len());
    for Hit { entry, score } in hits {
        let seq = entry / 2;
        let shown = if entry % 2 == 0 {
            view.one(&contacts, &[&seq], Contact::read)?.map(|contact| contact.show())
        } else {
            view.one(&companies, &[&seq], Company::read)?.map(|company| company.show())
        };
        let mut shown =
            shown.ok_or_else(|| Failure::Broken(format!("entry {entry} of the index without its row")))?;
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("score".to_owned(), json!(score));
        }
        items.push(shown);
    }
    Ok(items)
}

// === impl Customer ===

impl Customer {
    /// The contact or company with this id.
    ///
    /// # Errors
    /// No such customer.
    pub(super) fn find(view: &View<'_>, id: &str) -> Result<Self, Failure> {
        if let Some(contact) = contact::by_id(view, id)? {
            return Ok(Self::Contact(contact));
        }
        match company::by_id(view, id)? {
            Some(company) => Ok(Self::Company(company)),
            None => {
                Err(Failure::NotFound(format!("there is no customer {id:?}, neither contact nor company")))
            }
        }
    }

    /// The customer as an entity.
    pub(super) fn entity(&self) -> Entity<'_> {
        match self {
            Self::Contact(contact) => EntityKind::Contact.with_id(&contact.id),
            Self::Company(company) => EntityKind::Company.with_id(&company.id),
        }
    }

    /// What to call the customer.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Contact(contact) => contact.name(),
            Self::Company(company) => company.name.clone(),
        }
    }
}

// === impl Hit ===

impl Hit {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { entry: row.get(0)?, score: row.get(1)? })
    }
}
