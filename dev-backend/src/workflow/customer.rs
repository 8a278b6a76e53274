//! Whom a message is about. An address or a whole name decides; a single name only leads to a question, since
//! a note on the wrong person is worse than one more turn.

use super::conversation::Conversation;
use super::message::{Message, spaced};
use crate::crm::contact::{self, Contact};
use crate::crm::customer;
use crate::database::{View, Words};
use crate::failure::Failure;

/// The most contacts that are looked at for their names.
const LOOKED_AT: u32 = 50;

/// Whom a message is about.
pub(super) enum Recognised {
    /// This contact.
    Contact(Box<Contact>),
    /// Nobody who is known, by an address.
    UnknownAddress(String),
    /// One of several who have the same name.
    Several(Vec<Contact>),
    /// Perhaps this contact, who alone has a name that is in the message.
    Perhaps(Box<Contact>),
    /// Nobody.
    Nobody,
}

/// Finds out whom a message is about: by an address in it, else by first and last name, else whom the
/// conversation has been about.
pub(super) fn recognise(
    view: &View<'_>,
    conversation: &Conversation,
    message: &Message,
) -> Result<Recognised, Failure> {
    let addresses = message.addresses();
    for address in &addresses {
        if let Some(found) = contact::by_email(view, address)? {
            return Ok(Recognised::Contact(Box::new(found)));
        }
    }
    if let Some(address) = addresses.into_iter().next() {
        return Ok(Recognised::UnknownAddress(address));
    }
    let words = Words::of(&message.keywords("").join(" "));
    let candidates = customer::contacts_with(view, &words, LOOKED_AT)?;
    let (mut named, others): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|contact| names(contact).is_some_and(|name| message.has(&name)));
    if named.len() > 1 {
        return Ok(Recognised::Several(named));
    }
    if let Some(found) = named.pop() {
        return Ok(Recognised::Contact(Box::new(found)));
    }
    if let Some(id) = &conversation.contact_id
        && let Some(known) = contact::by_id(view, id)?
    {
        return Ok(Recognised::Contact(Box::new(known)));
    }
    let mut possible = others.into_iter().filter(|contact| has_a_name_of(message, contact));
    Ok(match (possible.next(), possible.next()) {
        (Some(one), None) => Recognised::Perhaps(Box::new(one)),
        _ => Recognised::Nobody,
    })
}

/// First and last name, where both are known.
fn names(contact: &Contact) -> Option<String> {
    Some(format!("{} {}", contact.first_name.as_deref()?, contact.last_name.as_deref()?))
}

/// Whether one of the contact's names is in the message. Those of one or two letters are words too often.
fn has_a_name_of(message: &Message, contact: &Contact) -> bool {
    let names = [&contact.first_name, &contact.last_name].into_iter().flatten();
    names.into_iter().any(|name| spaced(name).trim().chars().count() > 2 && message.has(name))
}
